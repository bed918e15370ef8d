"""Chats: what is sent to the decoder, and what is kept of its answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import (
    AnswerFinished,
    ChatEvent,
    ContextMeter,
    MemoryMoved,
    MessageAdded,
    Reading,
    TextAdded,
)
from desktop_app.domain.chat_markdown import chat_markdown
from desktop_app.domain.context_budget import (
    ContextPlan,
    SizedTurn,
    plan_context,
    require_room,
    reserved_for_answer,
)
from desktop_app.domain.conversation import Conversation, Message, Role, title_from_message
from desktop_app.domain.errors import InkwellError, MessageTooLongError, NotFoundError
from desktop_app.domain.generation import (
    ChatTurn,
    GenerateRequest,
    GenerationEnded,
    GenerationFigures,
    LoadedDecoder,
    PromptMeasure,
    ReadingProgress,
    StopReason,
    TokensWritten,
)
from desktop_app.services.model_session import ModelSession, Settings
from desktop_app.services.ports import ConversationStore, DecoderPort

COMMIT_SECONDS = 0.5
COMMIT_BYTES = 1024
"""How much of a running answer a crash may cost, whichever comes first."""

PAGE = 64
CHARACTERS_PER_TOKEN_AT_MOST = 12
"""A path longer than this many characters per token of the window cannot fit; no more of it is loaded."""


@dataclass(frozen=True, slots=True)
class RememberedTurn:
    """A turn of the prompt with the first stored message it came from (0: the unsent draft)."""

    message_id: int
    turn: ChatTurn


def remembered_turns(path: Sequence[Message], fingerprint: str, draft: str = "") -> list[RememberedTurn]:
    """The turns the decoder reads for `path` and an unsent draft: roles alternate, as strict templates want it.

    Answers without a word (failed, or about to be written) are left out; person's messages that then follow each
    other become one. Token ids are kept only where this very model generated them.
    """
    turns: list[RememberedTurn] = []
    for message in path:
        if message.role is Role.ASSISTANT:
            if message.text:
                ids = message.token_ids if message.model_fingerprint == fingerprint else None
                turns.append(RememberedTurn(message.id, ChatTurn(Role.ASSISTANT, message.text, ids)))
        else:
            _append_user(turns, message.id, message.text)
    if draft.strip():
        _append_user(turns, 0, draft)
    return turns


def _append_user(turns: list[RememberedTurn], message_id: int, text: str) -> None:
    if turns and turns[-1].turn.role is Role.USER:
        last = turns.pop()
        message_id, text = last.message_id, f"{last.turn.text}\n\n{text}"
    turns.append(RememberedTurn(message_id, ChatTurn(Role.USER, text)))


class ChatService:
    """Use cases of the chat screen. All methods block; the generators yield events while an answer is made."""

    def __init__(
        self,
        conversations: ConversationStore,
        decoder: DecoderPort,
        session: ModelSession,
        settings: Settings,
        *,
        while_answering: Callable[[bool], None] = lambda _busy: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`while_answering(True)` is called before and `(False)` after each answer: background work gives way."""
        self._conversations = conversations
        self._decoder = decoder
        self._session = session
        self._settings = settings
        self._while_answering = while_answering
        self._clock = clock

    # Lists and single chats ---------------------------------------------------------------------

    def conversations(self, text: str = "", trashed: bool = False) -> list[Conversation]:
        """Chats, newest change first, narrowed to titles that contain `text`."""
        return self._conversations.list_conversations(text=text, trashed=trashed)

    def create(self) -> Conversation:
        """A new, empty chat."""
        return self._conversations.create()

    def get(self, conversation_id: int) -> Conversation:
        """One chat. Raises NotFoundError."""
        return self._conversations.get(conversation_id)

    def rename(self, conversation_id: int, title: str) -> None:
        """Give the chat another title; surrounding blanks go."""
        self._conversations.rename(conversation_id, title.strip())

    def trash(self, conversation_id: int) -> None:
        """Move the chat to the trash."""
        self._conversations.trash(conversation_id)

    def restore(self, conversation_id: int) -> None:
        """Take the chat out of the trash."""
        self._conversations.restore(conversation_id)

    def delete_forever(self, conversation_id: int) -> None:
        """Delete the chat and its messages for good."""
        self._conversations.delete_forever(conversation_id)

    def messages(self, conversation_id: int, before_id: int | None = None, limit: int | None = None) -> list[Message]:
        """The last `limit` messages of the shown path, or those just before `before_id`, oldest first."""
        return self._conversations.path(conversation_id, before_id=before_id, limit=limit)

    def save_draft(self, conversation_id: int, text: str) -> None:
        """Keep unsent text."""
        self._conversations.set_draft(conversation_id, text)

    def as_markdown(self, conversation_id: int) -> str:
        """The whole shown path as Markdown."""
        return chat_markdown(self._conversations.get(conversation_id), self._conversations.path(conversation_id))

    # The context window -------------------------------------------------------------------------

    def meter(self, conversation_id: int | None, draft: str) -> ContextMeter | None:
        """How the window would be filled with `draft` sent now; None while no decoder is loaded. `None`: a new chat."""
        loaded = self._decoder.loaded
        if loaded is None:
            return None
        path = self._remembered_path(conversation_id, loaded) if conversation_id is not None else []
        turns = remembered_turns(path, loaded.fingerprint, draft)
        measure = self._measure([*self._instructions(), *(each.turn for each in turns)])
        plan = self._plan(turns, measure, loaded)
        instructions, sizes = self._split(measure, len(turns))
        stored = len(turns) - (1 if draft.strip() else 0)
        unanswered = self._unanswered_tokens(path, loaded) if stored < len(turns) else 0
        draft_tokens = sum(sizes[stored:]) - unanswered
        conversation_tokens = sum(sizes[min(plan.first_index, stored) : stored]) + unanswered
        prompt = instructions + conversation_tokens + draft_tokens
        moved = plan.first_index > 0
        to_read = prompt if moved else max(0, measure.total_tokens - measure.cached_tokens)
        speed = measure.read_tokens_per_s
        reserved = self._reserved(loaded)
        return ContextMeter(
            instructions=instructions,
            conversation=conversation_tokens,
            draft=draft_tokens,
            reserved=reserved,
            free=max(0, loaded.context_length - prompt - reserved),
            context_length=loaded.context_length,
            to_read_tokens=to_read,
            seconds_to_first_token=to_read / speed if speed > 0 else None,
            fits=plan.fits,
            will_drop=moved,
            unanswered=unanswered,
        )

    def _unanswered_tokens(self, path: Sequence[Message], loaded: LoadedDecoder) -> int:
        """Tokens of the messages at the end that have no answer: a draft after them is read as one with them."""
        turns = remembered_turns(path, loaded.fingerprint)
        if not turns or turns[-1].turn.role is not Role.USER:
            return 0
        return self._measure([*self._instructions(), *(each.turn for each in turns)]).turn_tokens[-1]

    def _reserved(self, loaded: LoadedDecoder) -> int:
        return reserved_for_answer(int(self._settings.get("decoder.max_answer_tokens")), loaded.context_length)

    def _instructions(self) -> list[ChatTurn]:
        text = str(self._settings.get("decoder.system_prompt")).strip()
        return [ChatTurn(Role.SYSTEM, text)] if text else []

    def _measure(self, turns: Sequence[ChatTurn], *, continue_last: bool = False) -> PromptMeasure:
        if not turns:
            return PromptMeasure((), 0)
        return self._decoder.measure(turns, continue_last=continue_last)

    def _split(self, measure: PromptMeasure, turn_count: int) -> tuple[int, Sequence[int]]:
        """(tokens of instructions and template, tokens of each turn after them)."""
        first = len(measure.turn_tokens) - turn_count
        return measure.overhead_tokens + sum(measure.turn_tokens[:first]), measure.turn_tokens[first:]

    def _plan(
        self, turns: Sequence[RememberedTurn], measure: PromptMeasure, loaded: LoadedDecoder, *, keep_last: int = 1
    ) -> ContextPlan:
        fixed, sizes = self._split(measure, len(turns))
        return plan_context(
            [SizedTurn(each.message_id, each.turn.role, size) for each, size in zip(turns, sizes, strict=True)],
            fixed_tokens=fixed,
            context_length=loaded.context_length,
            reserved=self._reserved(loaded),
            keep_last=keep_last,
        )

    def _remembered_path(self, conversation_id: int, loaded: LoadedDecoder) -> list[Message]:
        """The shown path from where the decoder's memory begins, no more of it than could fit."""
        start = self._conversations.get(conversation_id).memory_start_id
        most = loaded.context_length * CHARACTERS_PER_TOKEN_AT_MOST
        path: list[Message] = []
        before: int | None = None
        while True:
            page = self._conversations.path(conversation_id, before_id=before, limit=PAGE)
            path = page + path
            if len(page) < PAGE or any(message.id == start for message in page):
                break
            if sum(len(message.text) for message in path) > most:
                break
            before = page[0].id
        ids = [message.id for message in path]
        return path[ids.index(start) :] if start in ids else path

    # Answers ------------------------------------------------------------------------------------

    def send(self, conversation_id: int, text: str, cancel: CancelToken) -> Iterator[ChatEvent]:
        """Store the person's message once the model is there and has room for it, and write the answer.

        Raises MessageTooLongError, ModelError and CancelledError before anything is stored, WorkerError also after.
        """
        loaded = self._session.ensure_decoder(cancel)
        self._refuse_too_long(self._conversations.path(conversation_id, limit=PAGE), text, loaded)
        conversation = self._conversations.get(conversation_id)
        message = self._conversations.add_message(conversation_id, conversation.active_leaf_id, Role.USER, text)
        if not conversation.title:
            self._conversations.rename(conversation_id, title_from_message(text))
        if conversation.draft:
            self._conversations.set_draft(conversation_id, "")
        yield MessageAdded(message)
        yield from self._answer(conversation_id, message, loaded, cancel)

    def regenerate(self, conversation_id: int, message_id: int, cancel: CancelToken) -> Iterator[ChatEvent]:
        """Write another answer beside `message_id` (an answer); the old one stays in the tree."""
        answer = self._conversations.get_message(message_id)
        if answer.role is Role.USER:
            question = answer
        elif answer.parent_id is None:
            raise NotFoundError("There is no question to answer again.")
        else:
            question = self._conversations.get_message(answer.parent_id)
        loaded = self._session.ensure_decoder(cancel)
        self._refuse_too_long([], question.text, loaded)
        yield from self._answer(conversation_id, question, loaded, cancel)

    def retry(self, conversation_id: int, message_id: int, cancel: CancelToken) -> Iterator[ChatEvent]:
        """Answer again after a failure; `message_id` is the failed answer or the question without one."""
        yield from self.regenerate(conversation_id, message_id, cancel)

    def continue_answer(self, conversation_id: int, message_id: int, cancel: CancelToken) -> Iterator[ChatEvent]:
        """Write on from the end of an answer that stopped, was cut, or was interrupted."""
        answer = self._conversations.get_message(message_id)
        if not answer.text:
            yield from self.regenerate(conversation_id, message_id, cancel)
            return
        loaded = self._session.ensure_decoder(cancel)
        own_ids = answer.model_fingerprint == loaded.fingerprint
        kept_ids = list(answer.token_ids or ()) if own_ids else []
        yield from self._write(conversation_id, answer, loaded, cancel, kept_ids=kept_ids, continue_last=True)

    def _refuse_too_long(self, path: Sequence[Message], text: str, loaded: LoadedDecoder) -> None:
        """Refuse `text` where the turn that it becomes after `path` would not fit alone."""
        turns = remembered_turns(path, loaded.fingerprint)
        _append_user(turns, 0, text)
        turn = turns[-1].turn
        measure = self._measure([*self._instructions(), turn])
        fixed, sizes = self._split(measure, 1)
        alone = turn.text == text
        what = "This message is too long" if alone else "This message and the unanswered ones are too long together"
        require_room(
            sizes[0],
            fixed_tokens=fixed,
            context_length=loaded.context_length,
            reserved=self._reserved(loaded),
            what=what,
        )

    def _answer(
        self, conversation_id: int, question: Message, loaded: LoadedDecoder, cancel: CancelToken
    ) -> Iterator[ChatEvent]:
        answer = self._conversations.add_message(
            conversation_id,
            question.id,
            Role.ASSISTANT,
            "",
            model_fingerprint=loaded.fingerprint,
            model_name=self._session.decoder_name(),
            settings_used=self._settings_used(loaded),
        )
        yield MessageAdded(answer)
        yield from self._write(conversation_id, answer, loaded, cancel, kept_ids=[], continue_last=False)

    def _settings_used(self, loaded: LoadedDecoder) -> dict[str, Any]:
        resolved = self._session.resolved_sampling()
        return {
            **asdict(resolved.settings),
            "context_length": loaded.context_length,
            "max_answer_tokens": int(self._settings.get("decoder.max_answer_tokens")),
            "system_prompt": str(self._settings.get("decoder.system_prompt")),
        }

    def _write(
        self,
        conversation_id: int,
        answer: Message,
        loaded: LoadedDecoder,
        cancel: CancelToken,
        *,
        kept_ids: list[int],
        continue_last: bool,
    ) -> Iterator[ChatEvent]:
        """Let the decoder write into `answer`, committing as it goes; whatever happens, what came is kept."""
        record = _AnswerRecord(self._conversations, answer, kept_ids, self._clock)
        self._while_answering(True)
        try:
            request, moved_to, speed = self._request(conversation_id, loaded, continue_last=continue_last)
            if moved_to is not None:
                yield MemoryMoved(moved_to)
            read_started = self._clock()
            with closing(self._decoder.generate(request, cancel)) as events:  # type: ignore[type-var]
                for event in events:
                    if isinstance(event, ReadingProgress):
                        yield _reading(event, self._clock() - read_started, speed)
                    elif isinstance(event, TokensWritten):
                        record.add(event)
                        if event.text:
                            yield TextAdded(answer.id, event.text)
                    elif isinstance(event, GenerationEnded):
                        yield AnswerFinished(record.finish(event.stop_reason, event.figures))
        except InkwellError as error:
            record.finish(StopReason.INTERRUPTED, None, error.what)
            raise
        except GeneratorExit:
            record.finish_if_open(StopReason.STOPPED)
            raise
        finally:
            record.finish_if_open(StopReason.INTERRUPTED)
            self._while_answering(False)

    def _request(
        self, conversation_id: int, loaded: LoadedDecoder, *, continue_last: bool
    ) -> tuple[GenerateRequest, int | None, float]:
        """(the request, the new first remembered message where it moved, measured reading speed in tokens/s)."""
        path = self._remembered_path(conversation_id, loaded)
        instructions = self._instructions()
        turns = remembered_turns(path, loaded.fingerprint)
        measure = self._measure([*instructions, *(each.turn for each in turns)], continue_last=continue_last)
        plan = self._plan(turns, measure, loaded, keep_last=2 if continue_last else 1)
        if not plan.fits:
            raise MessageTooLongError(
                "There is no room left to go on.",
                "The last question and answer fill the context window alone.",
                "Start a new chat, or raise the context length in Settings.",
                tokens=plan.prompt_tokens,
                room=max(0, plan.room),
            )
        moved_to: int | None = None
        if plan.first_index > 0:
            moved_to = turns[plan.first_index].message_id
            self._conversations.set_memory_start(conversation_id, moved_to)
        request = GenerateRequest(
            turns=(*instructions, *(each.turn for each in turns[plan.first_index :])),
            sampling=self._session.resolved_sampling().settings,
            max_tokens=int(self._settings.get("decoder.max_answer_tokens")),
            continue_last=continue_last,
        )
        return request, moved_to, measure.read_tokens_per_s


def _reading(event: ReadingProgress, elapsed: float, known_speed: float) -> Reading:
    """Progress with the seconds left: by this very reading's speed once it is under way, else by the measured one."""
    read = event.done - event.cached
    speed = read / elapsed if read > 0 and elapsed > 0 else known_speed
    left = (event.total - event.done) / speed if speed > 0 else None
    return Reading(event.done, event.total, event.cached, left)


class _AnswerRecord:
    """The text and token ids of one answer on their way to the store."""

    def __init__(
        self, store: ConversationStore, answer: Message, kept_ids: list[int], clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._answer = answer
        self._earlier_tokens = len(kept_ids)
        self._ids = list(kept_ids)
        # Token ids of an earlier part that are not this model's are unknown: then none of the answer's can be kept.
        self._ids_known = bool(kept_ids) or not answer.text
        self._parts = [answer.text]
        self._clock = clock
        self._committed_at = clock()
        self._uncommitted = 0
        self._open = True

    def add(self, event: TokensWritten) -> None:
        """Append new tokens and commit when enough is at stake."""
        self._parts.append(event.text)
        self._ids.extend(event.token_ids)
        self._uncommitted += len(event.text.encode("utf-8", "surrogatepass"))
        now = self._clock()
        if self._uncommitted >= COMMIT_BYTES or (self._uncommitted and now - self._committed_at >= COMMIT_SECONDS):
            self._store.save_partial(self._answer.id, self._text(), self._known_ids())
            self._committed_at = now
            self._uncommitted = 0

    def finish(self, reason: StopReason, figures: GenerationFigures | None, error: str = "") -> Message:
        """Commit the final answer."""
        self._open = False
        if figures is not None and self._earlier_tokens:
            figures = replace(figures, generated_tokens=figures.generated_tokens + self._earlier_tokens)
        return self._store.finish_message(self._answer.id, self._text(), self._known_ids(), reason, figures, error)

    def finish_if_open(self, reason: StopReason) -> None:
        """Commit what is there unless the answer is final already."""
        if self._open:
            self.finish(reason, None)

    def _text(self) -> str:
        text = "".join(self._parts)
        self._parts = [text]
        return text

    def _known_ids(self) -> list[int]:
        return self._ids if self._ids_known else []
