"""Chats: what is sent to the decoder, and what is kept of its answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict, replace

from desktop_app.domain.attachments import with_attachments
from desktop_app.domain.chat_events import (
    AnswerFinished,
    LookingInNotes,
    MessageAdded,
    TextAdded,
)
from desktop_app.domain.chat_markdown import chat_markdown
from desktop_app.domain.constraint import ANSWER_FORMAT
from desktop_app.domain.conversation import CHAT, Role, title_from_message
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.folders import clean_folder
from desktop_app.domain.generation import (
    GenerationEnded,
    ReadingProgress,
    StopReason,
    TokensWritten,
)
from desktop_app.domain.reasoning import OPENS_REASONING, answer_of
from desktop_app.domain.recalled_places import RECALLED
from desktop_app.services.answer_record import AnswerRecord, reading_under_way
from desktop_app.services.chat_branches import ChatBranches
from desktop_app.services.chat_settings import kept_of, preset_of
from desktop_app.services.constraint_check import what_is_wrong
from desktop_app.services.context_window import PAGE, ContextWindow
from desktop_app.services.free_writing import refuse_writing
from desktop_app.services.token_view import TokenViews

if TYPE_CHECKING:
    from desktop_app.domain.attachments import Attachment
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.chat_events import (
        ChatEvent,
        ContextMeter,
    )
    from desktop_app.domain.chat_list import ChatFilter
    from desktop_app.domain.conversation import Conversation, Message
    from desktop_app.domain.generation import (
        LoadedDecoder,
    )
    from desktop_app.domain.presets import Preset
    from desktop_app.services.model_ports import DecoderPort
    from desktop_app.services.model_session import ModelSession, Settings
    from desktop_app.services.note_grounding import FoundPassage, NoteGrounding
    from desktop_app.services.ports import ConversationStore
    from desktop_app.services.temporary_chats import TemporaryChats


class ChatService:
    """Use cases of the chat screen. All methods block; the generators yield events while an answer is made."""

    def __init__(
        self,
        conversations: ConversationStore,
        decoder: DecoderPort,
        session: ModelSession,
        settings: Settings,
        *,
        window: ContextWindow | None = None,
        temporary: TemporaryChats | None = None,
        grounding: NoteGrounding | None = None,
        while_answering: Callable[[bool], None] = lambda _busy: None,
        forget_states: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`window` is what the decoder sees of a chat; None: one from which no earlier message comes back.

        `temporary` makes chats that are never on the disk; None: there are none.

        `while_answering(True)` is called before and `(False)` after each answer: background work gives way.
        `forget_states()` removes what the decoder keeps of chats on disk, which says nothing of whose it is.
        `grounding` finds the passages of notes that chats answer from; without it no chat does.
        """
        self._forget_states = forget_states
        self._conversations = conversations
        self.branches = ChatBranches(conversations, forget_states)
        self._temporary = temporary
        self._attachments = conversations.attachments
        self._grounding = grounding
        self._decoder = decoder
        self._session = session
        self._settings = settings
        self.tokens = TokenViews(conversations, decoder, session)
        self._window = window or ContextWindow(conversations, decoder, session, settings)
        self._while_answering = while_answering
        self._clock = clock

    @property
    def window(self) -> ContextWindow:
        """What the decoder sees of a chat, and what a person chooses about it."""
        return self._window

    # Lists and single chats ---------------------------------------------------------------------

    def conversations(self, text: str = "", trashed: bool = False) -> list[Conversation]:
        """Chats, newest change first, narrowed to titles that contain `text`."""
        return self._conversations.list_conversations(text=text, trashed=trashed)

    def list_chats(self, filter: ChatFilter, limit: int, offset: int = 0) -> list[Conversation]:
        """`limit` rows of a list from `offset` on: pinned chats, then newest change first."""
        return self._conversations.list_chats(filter, limit=limit, offset=offset)

    def folders(self) -> list[tuple[str, int]]:
        """Each folder of chats with how many are in it and below."""
        return self._conversations.folders()

    def set_pinned(self, conversation_id: int, pinned: bool) -> None:
        """Put the chat above all others, or back to its day."""
        self._conversations.set_pinned(conversation_id, pinned)

    def set_archived(self, conversation_id: int, archived: bool) -> None:
        """Put the chat out of the way, or back."""
        self._conversations.set_archived(conversation_id, archived)

    def move(self, conversation_id: int, folder: str) -> None:
        """Put the chat into a folder, which is there from then on; "" is none."""
        self._conversations.set_folder(conversation_id, clean_folder(folder))

    def empty_trash(self) -> int:
        """Delete all chats in the trash for good; how many."""
        return self._conversations.empty_trash()

    def create(self, temporary: bool = False, kind: str = CHAT) -> Conversation:
        """A new, empty chat, or one of free writing; a temporary one is in memory only."""
        if temporary and self._temporary is not None:
            return self._temporary.create(kind)
        return self._conversations.create(kind=kind)

    def keep(self, conversation_id: int) -> Conversation:
        """Move a temporary chat into the store, under a new id. Raises StoreError; it then stays as it was."""
        return self._temporary_chats().keep(conversation_id)

    def end(self, conversation_id: int) -> None:
        """Forget a temporary chat."""
        self._temporary_chats().end(conversation_id)

    def _temporary_chats(self) -> TemporaryChats:
        if self._temporary is None:
            raise NotFoundError("There are no temporary chats here.")
        return self._temporary

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
        """Delete the chat and its messages for good, and what the decoder kept of any chat."""
        self._conversations.delete_forever(conversation_id)
        self._forget_states()

    def messages(self, conversation_id: int, before_id: int | None = None, limit: int | None = None) -> list[Message]:
        """The last `limit` messages of the shown path, or those just before `before_id`, oldest first."""
        return self._conversations.path(conversation_id, before_id=before_id, limit=limit)

    def save_draft(self, conversation_id: int, text: str) -> None:
        """Keep unsent text."""
        self._conversations.set_draft(conversation_id, text)

    def as_markdown(self, conversation_id: int) -> str:
        """The whole shown path as Markdown."""
        return chat_markdown(self._conversations.get(conversation_id), self._conversations.path(conversation_id))

    def meter(self, conversation_id: int | None, draft: str) -> ContextMeter | None:
        """How the window would be filled with `draft` and what it carries sent now; None while no decoder is loaded.

        `conversation_id` is None for a new chat.
        """
        carried = self._attachments.of_draft(conversation_id) if conversation_id is not None else []
        awaits = self._looks_in_notes(conversation_id)
        return self._window.meter(conversation_id, draft, carried, awaits_passages=awaits)

    def read_prompt_ahead(self, conversation_id: int | None, certain_draft: str, cancel: CancelToken) -> bool:
        """Let the decoder read what is certain of the next prompt; any other work goes first.

        `certain_draft` ends with a whole word, or is empty. True when there is nothing left to be read, or that is
        switched off; false while no decoder is loaded, or it has other work. Raises ModelError, WorkerError.
        """
        if self._settings.get("decoder.read_ahead") == "off":
            return True
        carried = self._attachments.of_draft(conversation_id) if conversation_id is not None else []
        # Passages of notes will stand in front of the draft.
        certain = "" if self._looks_in_notes(conversation_id) else with_attachments(carried, certain_draft)
        return self._window.read_prompt_ahead(conversation_id, certain, cancel)

    # Answers ------------------------------------------------------------------------------------

    def send(self, conversation_id: int, text: str, cancel: CancelToken) -> Iterator[ChatEvent]:
        """Store the person's message, with what the draft carries, once the model is there and has room for it, and
        write the answer. Where the chat answers from notes, passages of them go with the message.

        Raises MessageTooLongError, ContextFullError, NothingInNotesError, ConstraintError, ModelError and
        CancelledError before anything is stored, WorkerError also after.
        """
        refuse_writing(self._conversations.get(conversation_id))
        self._window.refuse_bad_constraint(conversation_id)
        loaded = self._load(conversation_id, cancel)
        carried = self._attachments.of_draft(conversation_id)
        path = self._conversations.path(conversation_id, limit=PAGE)
        self._window.refuse_too_long(conversation_id, path, with_attachments(carried, text), loaded)
        sources = yield from self._sources(conversation_id, path, text, carried, loaded, cancel)
        self._window.ask_where_full(conversation_id, text, loaded, [*carried, *sources])
        conversation = self._conversations.get(conversation_id)
        message = self._add_question(conversation_id, conversation.active_leaf_id, text, carried, sources)
        if not conversation.title:
            title = title_from_message(text) or title_from_message(" ".join(each.name for each in carried))
            self._conversations.rename(conversation_id, title)
        if conversation.draft:
            self._conversations.set_draft(conversation_id, "")
        yield MessageAdded(message)
        yield from self._answer(conversation_id, message, loaded, cancel)

    def edit(self, conversation_id: int, message_id: int, text: str, cancel: CancelToken) -> Iterator[ChatEvent]:
        """Store another version of the person's message, carrying the same, beside it and answer that; the old one
        stays in the tree. Passages of notes are found anew.

        Raises MessageTooLongError, ContextFullError, NothingInNotesError, ConstraintError, ModelError and
        CancelledError before anything is stored, WorkerError also after.
        """
        self._window.refuse_bad_constraint(conversation_id)
        loaded = self._load(conversation_id, cancel)
        old = self._conversations.get_message(message_id)
        before = self._conversations.path(conversation_id, before_id=message_id, limit=PAGE)
        # What was found for the old words is not what the new ones are about.
        carried = [each for each in old.attachments if each.source is None]
        self._window.refuse_too_long(conversation_id, before, with_attachments(carried, text), loaded)
        sources = yield from self._sources(conversation_id, before, text, carried, loaded, cancel, in_place_of=old)
        self._window.ask_where_full(conversation_id, text, loaded, [*carried, *sources], in_place_of=old)
        message = self._add_question(conversation_id, old.parent_id, text, carried, sources)
        yield MessageAdded(message)
        yield from self._answer(conversation_id, message, loaded, cancel)

    def regenerate(
        self, conversation_id: int, message_id: int, cancel: CancelToken, preset: Preset | None = None
    ) -> Iterator[ChatEvent]:
        """Write another answer beside `message_id` (an answer); the old one stays in the tree.

        `preset` decides for this one answer in place of what the chat decides, which stays.

        Raises MessageTooLongError, ContextFullError, ModelError and CancelledError before anything is stored,
        WorkerError also after.
        """
        window = self._window.for_one_answer(preset)
        answer = self._conversations.get_message(message_id)
        if answer.role is Role.USER:
            question = answer
        elif answer.parent_id is None:
            raise NotFoundError("There is no question to answer again.")
        else:
            question = self._conversations.get_message(answer.parent_id)
        loaded = self._load(conversation_id, cancel, window)
        window.refuse_too_long(conversation_id, [], question.read_text, loaded)
        window.ask_where_full(conversation_id, question.text, loaded, question.attachments, in_place_of=question)
        yield from self._answer(conversation_id, question, loaded, cancel, window)

    def retry(self, conversation_id: int, message_id: int, cancel: CancelToken) -> Iterator[ChatEvent]:
        """Answer again after a failure; `message_id` is the failed answer or the question without one.

        A preset that decided for that answer alone decides for this one, too.
        """
        preset = preset_of(self._conversations.get_message(message_id))
        yield from self.regenerate(conversation_id, message_id, cancel, preset)

    def continue_answer(self, conversation_id: int, message_id: int, cancel: CancelToken) -> Iterator[ChatEvent]:
        """Write on from the end of an answer that stopped, was cut, or was interrupted.

        Raises MessageTooLongError, ContextFullError, ModelError and CancelledError before anything is changed,
        WorkerError also after.
        """
        answer = self._conversations.get_message(message_id)
        if not answer.text:
            yield from self.retry(conversation_id, message_id, cancel)
            return
        window = self._window.for_one_answer(preset_of(answer))
        loaded = self._load(conversation_id, cancel, window)
        window.refuse_to_go_on(conversation_id, answer, loaded)
        own_ids = answer.model_fingerprint == loaded.fingerprint
        kept_ids = list(answer.token_ids or ()) if own_ids else []
        kept = self._conversations.alternatives_of(message_id)
        yield from self._write(
            conversation_id, answer, loaded, cancel, kept_ids, kept, continue_last=True, window=window
        )

    def branch_at_token(
        self, conversation_id: int, message_id: int, position: int, token_id: int, cancel: CancelToken
    ) -> Iterator[ChatEvent]:
        """Write another answer beside `message_id` that goes the other way at `position`: `token_id` stands there.

        It reads what the old one read, what was recalled for that included.

        Raises InkwellError where the answer's tokens are not known or another model wrote them, ConstraintError where
        the chat's answer format forbids the token, and what `continue_answer` raises, before anything is stored.
        """
        old = self._conversations.get_message(message_id)
        window = self._window.for_one_answer(preset_of(old))
        loaded = self._load(conversation_id, cancel, window)
        begun = self.tokens.beginning(old, position, token_id, loaded)
        if not begun.ends:
            window.refuse_to_go_on(
                conversation_id, replace(old, text=begun.text, token_ids=begun.token_ids), loaded, beside=True
            )
        stored = self._add_answer(conversation_id, old.parent_id, loaded, window)
        recalled = old.settings_used.get(RECALLED)
        if recalled:
            self._conversations.add_settings_used(stored.id, {RECALLED: recalled})
        if begun.ends:
            answer = self._conversations.finish_message(
                stored.id, begun.text, begun.token_ids, StopReason.END, None, alternatives=begun.alternatives
            )
            yield MessageAdded(answer)
            yield AnswerFinished(answer)
            return
        self._conversations.save_partial(stored.id, begun.text, begun.token_ids)
        answer = self._conversations.get_message(stored.id)
        yield MessageAdded(answer)
        kept_ids = list(begun.token_ids)
        yield from self._write(
            conversation_id, answer, loaded, cancel, kept_ids, begun.alternatives, continue_last=True, window=window
        )

    def _looks_in_notes(self, conversation_id: int | None) -> bool:
        if self._grounding is None:
            return False
        if conversation_id is None:  # a new chat: it begins as the switch was left
            return bool(self._settings.get("chat.from_notes") == "on")
        return self._grounding.looks(conversation_id)

    def _sources(
        self,
        conversation_id: int,
        path: Sequence[Message],
        text: str,
        carried: Sequence[Attachment],
        loaded: LoadedDecoder,
        cancel: CancelToken,
        in_place_of: Message | None = None,
    ) -> Generator[ChatEvent, None, list[Attachment]]:
        """The passages that `text`, asked after `path`, is answered from, as many as there is room for; not stored yet.

        Raises NothingInNotesError, MessageTooLongError, CancelledError.
        """
        grounding = self._grounding
        if grounding is None or not text.strip() or not self._looks_in_notes(conversation_id):
            return []
        yield LookingInNotes()
        found = grounding.find(conversation_id, path, text, cancel)

        def beside(seen: Sequence[Message]) -> tuple[list[FoundPassage], list[Attachment]]:
            new = grounding.new_among(found, seen)
            numbered = grounding.numbered(conversation_id, path, new)
            return new, self._window.sources_that_fit(conversation_id, path, text, carried, numbered, loaded)

        new, sources = beside(path)
        # What messages carry that leave, or left, is read no more: it is found again.
        staying = self._window.staying(conversation_id, text, [*carried, *sources], loaded, in_place_of=in_place_of)
        if len(grounding.new_among(found, staying)) > len(new):
            _new, sources = beside(staying)
        return sources

    def _add_question(
        self,
        conversation_id: int,
        parent_id: int | None,
        text: str,
        carried: Sequence[Attachment],
        sources: Sequence[Attachment],
    ) -> Message:
        """Store the person's message with what it carries and the passages that were found for it."""
        message = self._conversations.add_message(
            conversation_id,
            parent_id,
            Role.USER,
            text,
            attachment_ids=[each.id for each in carried],
            found=sources,
        )
        if self._grounding is not None:
            self._grounding.sent(conversation_id)
        return message

    def _answer(
        self,
        conversation_id: int,
        question: Message,
        loaded: LoadedDecoder,
        cancel: CancelToken,
        window: ContextWindow | None = None,
    ) -> Iterator[ChatEvent]:
        answer = self._add_answer(conversation_id, question.id, loaded, window)
        yield MessageAdded(answer)
        yield from self._write(conversation_id, answer, loaded, cancel, window=window)

    def _add_answer(
        self, conversation_id: int, parent_id: int | None, loaded: LoadedDecoder, window: ContextWindow | None = None
    ) -> Message:
        return self._conversations.add_message(
            conversation_id,
            parent_id,
            Role.ASSISTANT,
            "",
            model_fingerprint=loaded.fingerprint,
            model_name=self._session.decoder_name(),
            settings_used=self._settings_used(conversation_id, loaded, window or self._window),
        )

    def _load(self, conversation_id: int, cancel: CancelToken, window: ContextWindow | None = None) -> LoadedDecoder:
        """The decoder with the context length this chat asks for."""
        settings = (window or self._window).settings_of(conversation_id)
        return self._session.ensure_decoder(cancel, settings.context_length)

    def _settings_used(self, conversation_id: int, loaded: LoadedDecoder, window: ContextWindow) -> dict[str, Any]:
        settings = window.settings_of(conversation_id)
        resolved = self._session.resolved_sampling(settings)
        constraint = window.constraint_of(conversation_id)
        return {
            **asdict(resolved.settings),
            **({OPENS_REASONING: True} if loaded.opens_reasoning else {}),
            **settings.used,
            **(kept_of(preset) if (preset := window.one_answer_preset) is not None else {}),
            **({ANSWER_FORMAT: constraint.kind.value} if constraint is not None else {}),
            "context_length": loaded.context_length,
            "max_answer_tokens": int(settings.get("decoder.max_answer_tokens")),
            "system_prompt": str(settings.get("decoder.system_prompt")),
        }

    def _write(
        self,
        conversation_id: int,
        answer: Message,
        loaded: LoadedDecoder,
        cancel: CancelToken,
        kept_ids: Sequence[int] = (),
        kept_alternatives: bytes = b"",
        *,
        continue_last: bool = False,
        window: ContextWindow | None = None,
    ) -> Iterator[ChatEvent]:
        """Let the decoder write into `answer`, committing as it goes; whatever happens, what came is kept."""
        record = AnswerRecord(self._conversations, answer, list(kept_ids), self._clock, kept_alternatives)
        with record.under_way(self._while_answering):
            began = self._clock()
            prepared = yield from (window or self._window).prepare(
                conversation_id, answer, loaded, cancel, continue_last=continue_last
            )
            if prepared is None:
                yield AnswerFinished(record.finish(StopReason.STOPPED, None))
                return
            read_started = self._clock()
            with closing(self._decoder.generate(prepared.request, cancel)) as events:  # type: ignore[type-var]
                for event in events:
                    if isinstance(event, ReadingProgress):
                        yield reading_under_way(event, self._clock() - read_started, prepared.read_tokens_per_s)
                    elif isinstance(event, TokensWritten):
                        record.add(event)
                        if event.text:
                            yield TextAdded(answer.id, event.text)
                    elif isinstance(event, GenerationEnded):
                        before_s = 0.0 if prepared.summarised else read_started - began
                        self._window.note_figures(event.figures, before_s, prepared.threads)
                        wrong = what_is_wrong(
                            answer_of(record.text, answer.settings_used), event.stop_reason, prepared.request.constraint
                        )
                        yield AnswerFinished(record.finish(event.stop_reason, event.figures, wrong))
