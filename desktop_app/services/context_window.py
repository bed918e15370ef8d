"""The decoder's context window: what of a chat is in it, what it costs, and what a request reads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from desktop_app.domain.attachments import with_attachments
from desktop_app.domain.chat_events import MemoryMoved
from desktop_app.domain.constraint import constraint_in
from desktop_app.domain.context_budget import (
    SOURCES_SHARE,
    WhenFull,
    far_too_long,
    recalled_at_most,
    require_room,
    reserved_for_answer,
    summary_at_most,
)
from desktop_app.domain.conversation import Message, Role, is_temporary
from desktop_app.domain.errors import CancelledError, ContextFullError, InkwellError, MessageTooLongError
from desktop_app.domain.generation import ChatTurn, GenerateRequest
from desktop_app.domain.presets import ChatChoices
from desktop_app.domain.quotes import passages_at
from desktop_app.domain.reading_speed import ReadingSpeed
from desktop_app.domain.recalled_places import RECALLED, recalled_places
from desktop_app.services.chat_settings import ChatSettings, choices_from
from desktop_app.services.remembered_turns import append_user, remembered_turns
from desktop_app.services.summaries import Summaries
from desktop_app.services.window_filling import LeftOut, Question, Standing, WindowFiller
from desktop_app.services.window_meter import WindowMeter, hopeless

if TYPE_CHECKING:
    from desktop_app.domain.attachments import Attachment
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.chat_events import ChatEvent, ContextMeter
    from desktop_app.domain.constraint import Constraint
    from desktop_app.domain.generation import GenerationFigures, LoadedDecoder
    from desktop_app.domain.presets import Preset
    from desktop_app.domain.quotes import Passage
    from desktop_app.services.model_ports import DecoderPort
    from desktop_app.services.model_session import ModelSession, Settings
    from desktop_app.services.ports import ConversationStore
    from desktop_app.services.recall import Recall
    from desktop_app.services.window_filling import Filling

PAGE = 64
"""Messages of a path loaded at once."""

CHARACTERS_PER_TOKEN_AT_MOST = 12
"""A path longer than this many characters per token of the window cannot fit; no more of it is loaded."""

WHEN_FULL = "when_full"
"""A chat's own choice, among its settings; the setting of the same name holds where there is none."""

_WHEN_FULL_KEY = "decoder.when_full"

SUMMARY_FAILED = "summary_failed"
"""Set in an answer's `settings_used` where the messages before it left without a summary."""

_MOST_STEPS = 4

_log = logging.getLogger(__name__)


class Prepared(msgspec.Struct, frozen=True):
    """What the decoder is asked for, about how fast it reads (tokens/s, 0.0 where unknown), whether a summary was
    written first, and how many threads will compute (0 where unknown).
    """

    request: GenerateRequest
    read_tokens_per_s: float
    summarised: bool
    threads: int = 0


class ContextWindow:
    """Fills the window for a chat. The store and the decoder say what is; here are only choices for one step."""

    def __init__(
        self,
        conversations: ConversationStore,
        decoder: DecoderPort,
        session: ModelSession,
        settings: Settings,
        recall: Recall | None = None,
        *,
        keep_state: bool = True,
        read_afresh: bool = False,
        once: Mapping[str, Any] | None = None,
    ) -> None:
        """Without `recall` no earlier message comes back.

        `keep_state`: the states of these chats may be kept on disk and restored from there.
        `read_afresh`: nothing that was read before is used, in memory or on disk.
        `once`: settings by key that stand above those of every chat; None as a value leaves one to `settings`.
        """
        self._once = dict(once or {})
        self._keep_state = keep_state and not read_afresh
        self._read_afresh = read_afresh
        self._conversations = conversations
        self._decoder = decoder
        self._session = session
        self._settings = settings
        self._recall = recall
        self._filler = WindowFiller(decoder, keep_state=self._keep_state)
        self._summaries = Summaries(conversations, decoder, session)
        self._speed = ReadingSpeed()
        self._meter = WindowMeter(self._filler, self._speed)
        self._preset: Preset | None = None
        self._lock = threading.Lock()
        self._chosen_once: dict[int, WhenFull] = {}

    @property
    def one_answer_preset(self) -> Preset | None:
        """The preset that decides here in place of what chats decide."""
        return self._preset

    def for_one_answer(self, preset: Preset | None) -> ContextWindow:
        """The same window as it is when every chat follows `preset`; what either learns, both know. None: this one."""
        if preset is None:
            return self
        other = copy(self)
        other._preset = preset
        return other

    def settings_of(self, conversation_id: int | None) -> ChatSettings:
        """The settings as that chat sees them; None: a new one. Raises NotFoundError."""
        if self._preset is not None:
            return ChatSettings(self._settings, replace(self._preset.chosen(), once=self._once))
        if conversation_id is None:
            return ChatSettings(self._settings, ChatChoices(once=self._once))
        choices = choices_from(self._conversations.settings_of(conversation_id))
        return ChatSettings(self._settings, replace(choices, once=self._once))

    # What a person chooses ----------------------------------------------------------------------

    def when_full(self, conversation_id: int | None) -> tuple[WhenFull, bool]:
        """(what happens when this chat is full, whether that was chosen for it alone)."""
        own = self._once.get(_WHEN_FULL_KEY)
        if own is None and conversation_id is not None:
            own = self._conversations.settings_of(conversation_id).get(WHEN_FULL)
        if own in list(WhenFull):
            return WhenFull(own), True
        everywhere = self._settings.get(_WHEN_FULL_KEY)
        return WhenFull(everywhere) if everywhere in list(WhenFull) else WhenFull.RECALL, False

    def choose_when_full(self, conversation_id: int, choice: WhenFull | None) -> None:
        """Choose for this chat alone; None: as in the settings. Raises NotFoundError."""
        values = {
            key: value for key, value in self._conversations.settings_of(conversation_id).items() if key != WHEN_FULL
        }
        if choice is not None:
            values[WHEN_FULL] = choice.value
        self._conversations.set_settings_of(conversation_id, values)

    def choose_once(self, conversation_id: int, choice: WhenFull) -> None:
        """The answer to ContextFullError: what to do at this chat's next step, and only then."""
        with self._lock:
            self._chosen_once[conversation_id] = choice

    def set_pinned(self, message_id: int, pinned: bool) -> Message:
        """Keep a message in the window for good, or let it leave as others do. Raises NotFoundError."""
        return self._conversations.set_pinned_message(message_id, pinned)

    def summary(self, conversation_id: int) -> Message | None:
        """What stands in place of messages of the shown path that left; None without one."""
        start = self._conversations.get(conversation_id).memory_start_id
        if start is None:
            return None
        ids, _pinned = self._conversations.left_out(start)
        return self._conversations.summary_of(ids)

    def edit_summary(self, message_id: int, text: str) -> Message:
        """Change what the decoder is told of the messages that left; an empty text tells it nothing."""
        return self._conversations.set_summary_text(message_id, text)

    def recalled(self, message_id: int) -> list[Passage]:
        """What was recalled for an answer, oldest first. Raises NotFoundError."""
        return sorted(self._recalled_for(self._conversations.get_message(message_id)), key=lambda each: each.key)

    def learn_left_out(self, conversation_id: int, cancel: CancelToken) -> None:
        """Load the encoder and get to know the messages that left, so that the next question need not wait for it.

        Raises CancelledError, WorkerError, ModelError.
        """
        start = self._conversations.get(conversation_id).memory_start_id
        if self._recall is None or start is None or self.when_full(conversation_id)[0] is WhenFull.SUMMARISE:
            return
        self._session.ensure_encoder(cancel)
        self._recall.learn(conversation_id, self._conversations.left_out(start)[0], cancel)

    def note_figures(self, figures: GenerationFigures, before_s: float, threads: int = 0) -> None:
        """Learn from an answer how long its first token takes; `before_s` seconds went by before it was asked for, and
        so many threads were to compute it.
        """
        read = figures.prompt_tokens - figures.cached_tokens
        # What restoring takes is no matter of how much is read, and what was stopped came to no token.
        if figures.generated_tokens and not figures.restored_tokens:
            loaded = self._decoder.loaded
            model = loaded.fingerprint if loaded is not None else ""
            took = before_s + figures.first_token_s
            self._speed.note(read, figures.cached_tokens, took, model, threads=threads)

    # What a message costs -----------------------------------------------------------------------

    def meter(
        self,
        conversation_id: int | None,
        text: str,
        carried: Sequence[Attachment] = (),
        *,
        awaits_passages: bool = False,
    ) -> ContextMeter | None:
        """How the window would be filled with the draft, `text` and what it carries, sent now; `awaits_passages`: with
        passages of notes that are found then.

        None while no decoder is loaded. `conversation_id` is None for a new chat.
        """
        loaded = self._decoder.loaded
        if loaded is None:
            return None
        draft = with_attachments(carried, text)
        if _cannot_fit(draft, loaded):
            return hopeless(text, carried, loaded, self._reserved(conversation_id, loaded))
        when_full, chosen = self.when_full(conversation_id)
        path, left_out = self._seen(conversation_id, loaded) if conversation_id is not None else ([], LeftOut())
        question = Question(text, draft) if draft.strip() else Question("")
        filling, first = self._settle(conversation_id, path, left_out, question, loaded, when_full)
        return self._meter.meter(
            filling,
            loaded,
            will_drop=first is not None,
            has_draft=bool(draft.strip()),
            carried=carried,
            reserved=self._reserved(conversation_id, loaded),
            when_full=when_full,
            when_full_chosen=chosen,
            awaits_passages=awaits_passages,
        )

    def read_prompt_ahead(self, conversation_id: int | None, certain_draft: str, cancel: CancelToken) -> bool:
        """Have the prompt read up to the end of `certain_draft`; true when nothing is left to be read.

        Where sending would first let messages leave, nothing is: their leaving changes what has to be read.
        """
        loaded = self._decoder.loaded
        if loaded is None:
            return False
        if _cannot_fit(certain_draft, loaded):
            return True
        when_full = self.when_full(conversation_id)[0]
        path, left_out = self._seen(conversation_id, loaded) if conversation_id is not None else ([], LeftOut())
        # What is recalled will stand in front of the question; and a model that cannot go back would have to read
        # everything again after any change of the draft.
        recalls = bool(left_out.ids) and self._recall is not None and when_full is not WhenFull.SUMMARISE
        certain = certain_draft if loaded.can_roll_back and not recalls else ""
        filling = self._fill(conversation_id, path, left_out, Question(certain, certain), loaded, when_full, ())
        if filling.plan.first_index > 0:
            return True
        prompt = list(filling.chat_turns)
        if recalls and prompt and prompt[-1].role is Role.USER:
            prompt.pop()
        if not prompt or prompt[-1].role is not Role.USER:
            prompt.append(ChatTurn(Role.USER, ""))
        # A chat that has no row yet may become a temporary one.
        keep_state = self._keep_state and conversation_id is not None and not is_temporary(conversation_id)
        return self._decoder.read_ahead(prompt, cancel, keep_state=keep_state)

    def refuse_too_long(self, conversation_id: int, path: Sequence[Message], text: str, loaded: LoadedDecoder) -> None:
        """Refuse `text` where the turn that it becomes after `path` would not fit beside what never leaves.

        Raises MessageTooLongError.
        """
        turns = remembered_turns(path, loaded.fingerprint)
        append_user(turns, 0, text)
        turn = turns[-1].turn
        if _cannot_fit(turn.text, loaded):
            raise far_too_long(turn.text, loaded.context_length)
        standing = self._never_leaving(conversation_id, path)
        bare = self._filler.count([*Standing(self._instructions(conversation_id)).turns(), turn])
        measure = self._filler.count([*standing.turns(), turn]) if standing.pinned or standing.summary else bare
        size = measure.turn_tokens[-1]
        fixed = measure.total_tokens - size
        room = loaded.context_length - self._reserved(conversation_id, loaded)
        alone = turn.text == text
        what = "This message is too long" if alone else "This message and the unanswered ones are too long together"
        todo = "Shorten the message, or raise the context length in Settings."
        if standing.pinned and bare.total_tokens <= room:
            what = "There is no room for this message beside the pinned ones"
            todo = "Unpin a message (Show what fills the context), or raise the context length in Settings."
        require_room(
            size,
            fixed_tokens=fixed,
            context_length=loaded.context_length,
            reserved=self._reserved(conversation_id, loaded),
            what=what,
            todo=todo,
        )

    def sources_that_fit(
        self,
        conversation_id: int,
        path: Sequence[Message],
        text: str,
        carried: Sequence[Attachment],
        sources: Sequence[Attachment],
        loaded: LoadedDecoder,
    ) -> list[Attachment]:
        """The first of `sources` that there is room for in front of `text`, beside what it carries anyway and what
        never leaves; SOURCES_SHARE of the window at most. Raises MessageTooLongError where there is room for none.
        """
        turns = remembered_turns(path, loaded.fingerprint)
        append_user(turns, 0, with_attachments(carried, text))
        standing = self._never_leaving(conversation_id, path).turns()
        alone = self._filler.count([*standing, turns[-1].turn]).total_tokens
        left = loaded.context_length - self._reserved(conversation_id, loaded) - alone
        share = min(left, int(loaded.context_length * SOURCES_SHARE))
        kept = list(sources)
        while kept:
            turns = remembered_turns(path, loaded.fingerprint)
            append_user(turns, 0, with_attachments([*carried, *kept], text))
            # One passage is worth more than its share: without any the model would invent.
            room = share if len(kept) > 1 else left
            if self._filler.count([*standing, turns[-1].turn]).total_tokens - alone <= room:
                return kept
            kept.pop()
        if sources:
            raise MessageTooLongError(
                "No passage of your notes fits in front of this message.",
                f"The context length is {loaded.context_length:,} tokens, and the message takes {alone:,} of them.",
                "Shorten it or remove an attachment, raise the context length in Settings, or switch My notes off.",
                tokens=alone,
                room=max(0, left),
            )
        return []

    def staying(
        self,
        conversation_id: int,
        text: str,
        carried: Sequence[Attachment],
        loaded: LoadedDecoder,
        *,
        in_place_of: Message | None = None,
    ) -> tuple[Message, ...]:
        """The messages that the decoder will read before `text`, which follows the shown path or stands in the place of
        a message on it: those that have not left, and need not leave for it.
        """
        path, left_out = self._seen(conversation_id, loaded, in_place_of)
        question = Question(text, with_attachments(carried, text))
        filling, _first = self._settle(
            conversation_id, path, left_out, question, loaded, self._step_choice(conversation_id)
        )
        return filling.path

    def ask_where_full(
        self,
        conversation_id: int,
        text: str,
        loaded: LoadedDecoder,
        carried: Sequence[Attachment] = (),
        *,
        in_place_of: Message | None = None,
    ) -> None:
        """Before anything is stored: where it was chosen to be asked, and `text` with what it carries no longer fits,
        ask. It follows the shown path, or stands in the place of a message on it.

        Raises ContextFullError.
        """
        if self._step_choice(conversation_id) is not WhenFull.ASK:
            return
        path, left_out = self._seen(conversation_id, loaded, in_place_of)
        question = Question(text, with_attachments(carried, text))
        _filling, first = self._settle(conversation_id, path, left_out, question, loaded, WhenFull.ASK)
        if first is not None:
            raise _context_full()

    def refuse_to_go_on(
        self, conversation_id: int, answer: Message, loaded: LoadedDecoder, *, beside: bool = False
    ) -> None:
        """Before anything is changed: refuse to write on at the end of `answer` where there is no room, or where it was
        chosen to be asked. It ends the shown path, or (`beside`) is to stand in the place of the answer with its id.

        Raises MessageTooLongError, ContextFullError.
        """
        path, left_out = self._seen(conversation_id, loaded, answer if beside else None)
        if beside:
            path = [*path, answer]
        choice = self._step_choice(conversation_id)
        question = _question_in(path, continue_last=True)
        filling, first = self._settle(
            conversation_id, path, left_out, question, loaded, choice, self._recalled_for(answer)
        )
        if first is not None and choice is WhenFull.ASK:
            raise _context_full(going_on=True)
        if not filling.plan.fits:
            raise _no_room(filling)

    def prepare(
        self, conversation_id: int, answer: Message, loaded: LoadedDecoder, cancel: CancelToken, *, continue_last: bool
    ) -> Generator[ChatEvent, None, Prepared | None]:
        """Make room where the window is full, and say what the decoder is asked for; None where that was cancelled.

        What was recalled is kept with the answer. Raises MessageTooLongError, ContextFullError.
        """
        path, left_out = self._seen(conversation_id, loaded)
        choice = self._step_choice(conversation_id)
        question = _question_in(path, continue_last=continue_last)
        kept = self._recalled_for(answer) if continue_last else None
        filling, first = self._settle(conversation_id, path, left_out, question, loaded, choice, kept)
        used: dict[str, Any] = {}
        summarised = False
        if first is not None:
            if choice is WhenFull.ASK:
                raise _context_full()
            if choice is WhenFull.SUMMARISE and filling.plan.fits:
                summary = yield from self._summarise(conversation_id, first, loaded, cancel)
                if cancel.cancelled:
                    return None
                summarised = True
                if summary is None:
                    used[SUMMARY_FAILED] = True
                filling, _ = self._settle(
                    conversation_id, filling.path, filling.left_out, question, loaded, choice, kept
                )
            with self._lock:
                self._chosen_once.pop(conversation_id, None)
        if not filling.plan.fits:
            raise _no_room(filling)
        if filling.left_out.ids and filling.path and self._memory_start(conversation_id) != filling.path[0].id:
            self._conversations.set_memory_start(conversation_id, filling.path[0].id)
            yield MemoryMoved(filling.path[0].id, filling.standing.summary)
        if filling.quotes and not continue_last:
            used[RECALLED] = [list(passage.key) for passage in filling.quotes]
        if used:
            self._conversations.add_settings_used(answer.id, used)
        settings = self.settings_of(conversation_id)
        request = GenerateRequest(
            turns=filling.chat_turns,
            sampling=self._session.resolved_sampling(settings).settings,
            max_tokens=int(settings.get("decoder.max_answer_tokens")),
            continue_last=continue_last,
            constraint=self.constraint_of(conversation_id),
            reuse_prefix=not self._read_afresh,
            keep_state=self._keep_state and not is_temporary(conversation_id),
            alternatives=self._settings.get("decoder.token_view") != "off",
        )
        speed = self._speed.tokens_per_s or filling.measure.read_tokens_per_s
        return Prepared(request, speed, summarised, filling.measure.threads)

    def refuse_bad_constraint(self, conversation_id: int) -> None:
        """Raise ConstraintError where the chat's own one (from an import, a preset) cannot be used."""
        constraint = self.constraint_of(conversation_id)
        if constraint is not None:
            constraint.grammar()

    def constraint_of(self, conversation_id: int) -> Constraint | None:
        """What the chat's answers must look like; None where they may be anything. Raises NotFoundError."""
        return constraint_in(self._conversations.settings_of(conversation_id))

    def _summarise(
        self, conversation_id: int, filling: Filling, loaded: LoadedDecoder, cancel: CancelToken
    ) -> Generator[ChatEvent, None, Message | None]:
        """The stored summary of what leaves `filling`; None where there is none: the messages leave without it."""
        try:
            for event in self._summaries.write(conversation_id, filling, loaded, cancel):
                if isinstance(event, Message):
                    return event
                yield event
        except CancelledError:
            return None
        except InkwellError as error:
            _log.warning("The messages that left the window were not summed up: %s", error.code)
        return None

    # Filling ------------------------------------------------------------------------------------

    def _settle(
        self,
        conversation_id: int | None,
        path: Sequence[Message],
        left_out: LeftOut,
        question: Question,
        loaded: LoadedDecoder,
        when_full: WhenFull,
        kept_quotes: Sequence[Passage] | None = None,
    ) -> tuple[Filling, Filling | None]:
        """(the prompt as it fits, the one that did not and from which messages leave, None where none do)."""
        filling = self._fill(conversation_id, path, left_out, question, loaded, when_full, kept_quotes)
        first: Filling | None = None
        for _ in range(_MOST_STEPS):
            if not filling.plan.first_index:
                break
            first = first or filling
            leaving = filling.leaving()
            path, left_out = filling.path[len(leaving) :], filling.left_out.and_(leaving)
            allowance = summary_at_most(loaded.context_length) if when_full is WhenFull.SUMMARISE else 0
            filling = self._fill(
                conversation_id, path, left_out, question, loaded, when_full, kept_quotes, allowance=allowance
            )
        return filling, first

    def _fill(
        self,
        conversation_id: int | None,
        path: Sequence[Message],
        left_out: LeftOut,
        question: Question,
        loaded: LoadedDecoder,
        when_full: WhenFull,
        kept_quotes: Sequence[Passage] | None,
        *,
        allowance: int = 0,
    ) -> Filling:
        summary = self._conversations.summary_of(left_out.ids) if left_out.ids else None
        standing = Standing(self._instructions(conversation_id), left_out.pinned, summary)
        quotes = kept_quotes
        if quotes is None:
            quotes = (
                self._related(conversation_id, path, left_out, question) if when_full is not WhenFull.SUMMARISE else ()
            )
        room = recalled_at_most(loaded.context_length)
        if allowance:
            allowance = max(0, allowance - self._filler.content_tokens(standing.summary_text))
        while True:
            filling = self._filler.fill(
                path,
                left_out,
                standing,
                question,
                quotes,
                fingerprint=loaded.fingerprint,
                context_length=loaded.context_length,
                reserved=self._reserved(conversation_id, loaded),
                allowance=allowance,
                quote_room=room,
            )
            if filling.plan.fits or not filling.quotes:
                return filling
            room = 0  # the question itself goes first

    def _related(
        self, conversation_id: int | None, path: Sequence[Message], left_out: LeftOut, question: Question
    ) -> Sequence[Passage]:
        """What is recalled for the question; nothing that the decoder sees anyway."""
        if self._recall is None or conversation_id is None or not left_out.ids or not question.text.strip():
            return ()
        pinned = {message.id for message in left_out.pinned}
        ids = [message_id for message_id in left_out.ids if message_id not in pinned]
        found = self._recall.find(conversation_id, ids, question.text)
        seen = [question.text, *(message.read_text for message in path)]
        return [passage for passage in found if not any(passage.text in text for text in seen)]

    def _recalled_for(self, answer: Message) -> list[Passage]:
        places = recalled_places(answer.settings_used)
        if not places:
            return []
        messages = self._conversations.messages_by_id(list({message_id for message_id, _, _ in places}))
        return passages_at(places, {message.id: message for message in messages})

    def _seen(
        self, conversation_id: int, loaded: LoadedDecoder, up_to: Message | None = None
    ) -> tuple[list[Message], LeftOut]:
        """(the shown path from where the decoder's memory begins, no more of it than could fit; what is before).

        `up_to`: only what stands before that message of it.
        """
        start, before = self._memory_start(conversation_id), None
        if up_to is not None:
            if up_to.parent_id is None:
                return [], LeftOut()
            start, before = self._conversations.memory_start_at(up_to.parent_id), up_to.id
        most = loaded.context_length * CHARACTERS_PER_TOKEN_AT_MOST
        path: list[Message] = []
        while True:
            page = self._conversations.path(conversation_id, before_id=before, limit=PAGE)
            path = page + path
            if len(page) < PAGE or any(message.id == start for message in page):
                break
            if sum(len(message.read_text) for message in path) > most:
                break
            before = page[0].id
        ids = [message.id for message in path]
        path = path[ids.index(start) :] if start in ids else path
        if not path or path[0].parent_id is None:
            return path, LeftOut()
        left, pinned = self._conversations.left_out(path[0].id)
        return path, LeftOut(tuple(left), tuple(self._conversations.messages_by_id(pinned)))

    def _never_leaving(self, conversation_id: int, path: Sequence[Message]) -> Standing:
        """What has to fit beside any message of this path: the instructions, all that is pinned, the summary."""
        if not path:
            return Standing(self._instructions(conversation_id))
        ids, pinned = self._conversations.left_out(path[-1].id)
        if path[-1].pinned:
            pinned = [*pinned, path[-1].id]
        summary = self.summary(path[-1].conversation_id) if ids else None
        return Standing(self._instructions(conversation_id), tuple(self._conversations.messages_by_id(pinned)), summary)

    def _step_choice(self, conversation_id: int) -> WhenFull:
        with self._lock:
            once = self._chosen_once.get(conversation_id)
        return once or self.when_full(conversation_id)[0]

    def _memory_start(self, conversation_id: int) -> int | None:
        return self._conversations.get(conversation_id).memory_start_id

    def _reserved(self, conversation_id: int | None, loaded: LoadedDecoder) -> int:
        most = int(self.settings_of(conversation_id).get("decoder.max_answer_tokens"))
        return reserved_for_answer(most, loaded.context_length)

    def _instructions(self, conversation_id: int | None) -> str:
        return str(self.settings_of(conversation_id).get("decoder.system_prompt")).strip()


def _question_in(path: Sequence[Message], *, continue_last: bool) -> Question:
    """The last question of a stored path."""
    asked = next((message for message in reversed(path) if message.role is Role.USER), None)
    return Question(asked.text if asked is not None else "", place=-2 if continue_last else -1)


def _context_full(*, going_on: bool = False) -> ContextFullError:
    return ContextFullError(
        "This chat is full.",
        "The context window has no room to write on. Nothing was changed."
        if going_on
        else "With this message it no longer fits into the context window. Nothing was sent.",
        "Let the oldest messages leave the model’s memory, have them summarised, or begin a new chat.",
    )


def _no_room(filling: Filling) -> MessageTooLongError:
    pinned = filling.standing.pinned or any(message.pinned for message in filling.path)
    return MessageTooLongError(
        "There is no room left to go on.",
        "The pinned messages and the last question fill the context window."
        if pinned
        else "The last question and answer fill the context window alone.",
        "Unpin a message, start a new chat, or raise the context length in Settings."
        if pinned
        else "Start a new chat, or raise the context length in Settings.",
        tokens=filling.plan.prompt_tokens,
        room=max(0, filling.plan.room),
    )


def _cannot_fit(text: str, loaded: LoadedDecoder) -> bool:
    """True where no tokenizer could make it fit, so that it need not be counted."""
    return len(text) > loaded.context_length * CHARACTERS_PER_TOKEN_AT_MOST
