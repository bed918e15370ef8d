"""A chat service without store and model: chats in memory, answers that come when the test lets them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from queue import Queue

from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import (
    AnswerFinished,
    ChatEvent,
    ContextMeter,
    MessageAdded,
    TextAdded,
)
from desktop_app.domain.chat_list import ChatFilter, ChatPlace
from desktop_app.domain.context_budget import WhenFull
from desktop_app.domain.conversation import (
    CHAT,
    Conversation,
    DeletedBranch,
    DeletedBranchSummary,
    Message,
    Role,
    preview_of_message,
    title_from_message,
)
from desktop_app.domain.errors import InkwellError, NotFoundError
from desktop_app.domain.generation import GenerationFigures, LoadedDecoder, StopReason, WorkerPhase, WorkerStatus
from desktop_app.domain.presets import Preset
from desktop_app.domain.quotes import Passage
from desktop_app.domain.token_alternatives import TokenPlace

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
FIGURES = GenerationFigures(
    prompt_tokens=40,
    cached_tokens=10,
    restored_tokens=0,
    generated_tokens=212,
    read_s=0.1,
    first_token_s=0.2,
    write_s=1.2,
    tokens_per_s=170.0,
    seed=1,
)


class FakeDecoderState:
    """A decoder's process whose status the test sets."""

    def __init__(self, phase: WorkerPhase = WorkerPhase.READY) -> None:
        self._status = WorkerStatus(phase)
        self._listeners: list[Callable[[WorkerStatus], None]] = []
        self.forgiven = 0
        self.loaded: LoadedDecoder | None = None

    @property
    def status(self) -> WorkerStatus:
        return self._status

    def subscribe(self, listener: Callable[[WorkerStatus], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def forgive(self) -> None:
        self.forgiven += 1

    def become(self, status: WorkerStatus) -> None:
        self._status = status
        for listener in list(self._listeners):
            listener(status)


class FakeBranches:
    """Chats without branches; `services.chat_branches` itself stands on the real store where they are tested."""

    def __init__(self, path: Callable[[int], list[Message]]) -> None:
        self._path = path

    def versions(self, message_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
        return {}

    def path_from(self, conversation_id: int, message_id: int | None) -> list[Message]:
        return [message for message in self._path(conversation_id) if message_id is None or message.id > message_id]

    def show(self, conversation_id: int, message_id: int) -> None:
        raise NotImplementedError

    def edit_answer(self, conversation_id: int, message_id: int, text: str) -> Message:
        raise NotImplementedError

    def delete(self, conversation_id: int, message_id: int) -> DeletedBranch:
        raise NotImplementedError

    def restore(self, deleted: DeletedBranch) -> None:
        raise NotImplementedError

    def deleted(self, conversation_id: int) -> list[DeletedBranchSummary]:
        return []

    def remove(self, deleted: DeletedBranch) -> None:
        raise NotImplementedError

    def branch_off(self, conversation_id: int, message_id: int) -> Conversation:
        raise NotImplementedError


class FakeTokens:
    """Tells the places that the test put there."""

    def __init__(self) -> None:
        self.known: list[TokenPlace] | InkwellError = []
        self.refusal: InkwellError | None = None

    def check(self, message_id: int, position: int, token_id: int, cancel: CancelToken) -> None:
        if self.refusal is not None:
            raise self.refusal

    def places(self, message_id: int, cancel: CancelToken) -> list[TokenPlace]:
        if isinstance(self.known, InkwellError):
            raise self.known
        return self.known


class FakeWindow:
    """What a person chooses about the context window, remembered."""

    def __init__(self, change: Callable[..., Message]) -> None:
        self._change = change
        self.choices: list[tuple[int, WhenFull | None]] = []
        self.once: list[tuple[int, WhenFull]] = []
        self.summaries: dict[int, Message] = {}
        self.passages: dict[int, list[Passage]] = {}
        self.learned: list[int] = []

    def choose_when_full(self, conversation_id: int, choice: WhenFull | None) -> None:
        self.choices.append((conversation_id, choice))

    def choose_once(self, conversation_id: int, choice: WhenFull) -> None:
        self.once.append((conversation_id, choice))

    def set_pinned(self, message_id: int, pinned: bool) -> Message:
        return self._change(message_id, pinned=pinned)

    def summary(self, conversation_id: int) -> Message | None:
        return self.summaries.get(conversation_id)

    def edit_summary(self, message_id: int, text: str) -> Message:
        chat, summary = next((chat, each) for chat, each in self.summaries.items() if each.id == message_id)
        self.summaries[chat] = replace(summary, text=text)
        return self.summaries[chat]

    def recalled(self, message_id: int) -> list[Passage]:
        return self.passages.get(message_id, [])

    def learn_left_out(self, conversation_id: int, cancel: CancelToken) -> None:
        self.learned.append(conversation_id)


class FakeChatService:
    """Implements the chat presenters' ChatUseCases.

    An answer's pieces come from `feed(...)`: text, any ChatEvent, an exception to raise, or a StopReason to end with.
    """

    def __init__(self) -> None:
        self.tokens = FakeTokens()
        self.token_branches: list[tuple[int, int, int]] = []
        self._lock = threading.RLock()
        self._next_id = 1
        self._conversations: dict[int, Conversation] = {}
        self._trashed: set[int] = set()
        self._paths: dict[int, list[Message]] = {}
        self.branches = FakeBranches(lambda chat: self._paths[chat])
        self._feed: Queue[str | ChatEvent | InkwellError | StopReason] = Queue()
        self.meter_result: ContextMeter | None = ContextMeter(
            instructions=200,
            conversation=1500,
            draft=40,
            reserved=1024,
            free=1332,
            context_length=4096,
            to_read_tokens=60,
            seconds_to_first_token=0.2,
            fits=True,
        )
        self.window = FakeWindow(self._change_by_id)
        self.drafts_measured: list[str] = []
        self.read_ahead_of: list[tuple[int | None, str]] = []
        self.read_ahead_error: InkwellError | None = None
        self.read_ahead_is_whole = True
        self.read_ahead_may_end = threading.Event()
        self.read_ahead_may_end.set()
        self.drafts_saved: list[tuple[int, str]] = []
        self.refuse: InkwellError | None = None
        self.model_is_there = threading.Event()
        self.model_is_there.set()
        self.before_answer: InkwellError | None = None
        self.calls: list[tuple[str, int]] = []

    # The test's side ----------------------------------------------------------------------------

    def feed(self, *pieces: str | ChatEvent | InkwellError | StopReason) -> None:
        for piece in pieces:
            self._feed.put(piece)

    def add_chat(self, title: str, *texts: str, age: timedelta = timedelta(0), draft: str = "") -> int:
        """A chat whose messages are the person's and the model's in turn."""
        with self._lock:
            conversation = self.create()
            moment = datetime.now(UTC) - age
            for number, text in enumerate(texts):
                self._add(conversation.id, Role.ASSISTANT if number % 2 else Role.USER, text, done=True)
            self._conversations[conversation.id] = replace(
                conversation,
                title=title,
                changed_at=moment,
                draft=draft,
                preview=preview_of_message(texts[-1], {}) if texts else "",
            )
            return conversation.id

    def change(self, conversation_id: int, **values: object) -> None:
        self._conversations[conversation_id] = replace(self._conversations[conversation_id], **values)  # type: ignore[arg-type]

    def change_message(self, conversation_id: int, position: int, **values: object) -> Message:
        path = self._paths[conversation_id]
        path[position] = replace(path[position], **values)  # type: ignore[arg-type]
        return path[position]

    def _change_by_id(self, message_id: int, **values: object) -> Message:
        for chat, path in self._paths.items():
            for position, message in enumerate(path):
                if message.id == message_id:
                    return self.change_message(chat, position, **values)
        raise NotFoundError("This message is not there any more.")

    # ChatUseCases -------------------------------------------------------------------------------

    def conversations(self, text: str = "", trashed: bool = False) -> list[Conversation]:
        with self._lock:
            found = [
                each
                for each in self._conversations.values()
                if (each.id in self._trashed) == trashed and text.lower() in each.title.lower()
            ]
        return sorted(found, key=lambda each: (each.changed_at, each.id), reverse=True)

    def list_chats(self, filter: ChatFilter, limit: int, offset: int = 0) -> list[Conversation]:
        with self._lock:
            found = [each for each in self._conversations.values() if self._is_listed(each, filter)]
        found.sort(key=lambda each: (each.changed_at, each.id), reverse=True)
        found.sort(key=lambda each: (each.pinned_at is None, each.pinned_at or NOON))
        return found[offset : offset + limit]

    def _is_listed(self, chat: Conversation, filter: ChatFilter) -> bool:
        archived = chat.archived_at is not None
        if (chat.id in self._trashed) != (filter.place is ChatPlace.TRASH):
            return False
        if filter.place is ChatPlace.ARCHIVE and not archived:
            return False
        if filter.place is ChatPlace.CHATS and archived and not filter.text:
            return False
        if filter.folder is not None and not f"{chat.folder}/".startswith(f"{filter.folder}/"):
            return False
        return filter.text.lower() in chat.title.lower()

    def folders(self) -> list[tuple[str, int]]:
        listed = [each.folder for each in self.list_chats(ChatFilter(), 10_000) if each.folder]
        return [(folder, listed.count(folder)) for folder in sorted(set(listed))]

    def set_pinned(self, conversation_id: int, pinned: bool) -> None:
        self.change(conversation_id, pinned_at=datetime.now(UTC) if pinned else None)

    def set_archived(self, conversation_id: int, archived: bool) -> None:
        self.change(conversation_id, archived_at=datetime.now(UTC) if archived else None)

    def move(self, conversation_id: int, folder: str) -> None:
        self.change(conversation_id, folder=folder)

    def delete_forever(self, conversation_id: int) -> None:
        del self._conversations[conversation_id]
        self._trashed.discard(conversation_id)

    def empty_trash(self) -> int:
        gone = list(self._trashed)
        for each in gone:
            self.delete_forever(each)
        return len(gone)

    def keep(self, conversation_id: int) -> Conversation:
        raise NotImplementedError

    def end(self, conversation_id: int) -> None:
        raise NotImplementedError

    def create(self, temporary: bool = False, kind: str = CHAT) -> Conversation:
        with self._lock:
            now = datetime.now(UTC)
            conversation = Conversation(self._new_id(), "", now, now, kind=kind)
            self._conversations[conversation.id] = conversation
            self._paths[conversation.id] = []
            return conversation

    def get(self, conversation_id: int) -> Conversation:
        if conversation_id not in self._conversations:
            raise NotFoundError("This chat does not exist any more.")
        return self._conversations[conversation_id]

    def rename(self, conversation_id: int, title: str) -> None:
        self.change(conversation_id, title=title)

    def trash(self, conversation_id: int) -> None:
        self._trashed.add(conversation_id)
        self.change(conversation_id, trashed_at=NOON)

    def restore(self, conversation_id: int) -> None:
        self._trashed.discard(conversation_id)
        self.change(conversation_id, trashed_at=None)

    def messages(self, conversation_id: int, before_id: int | None = None, limit: int | None = None) -> list[Message]:
        with self._lock:
            path = list(self._paths[conversation_id])
        if before_id is not None:
            path = [message for message in path if message.id < before_id]
        return path if limit is None else path[-limit:]

    def save_draft(self, conversation_id: int, text: str) -> None:
        self.drafts_saved.append((conversation_id, text))
        self.change(conversation_id, draft=text)

    def as_markdown(self, conversation_id: int) -> str:
        return "\n\n".join(f"**{message.role}**\n\n{message.text}" for message in self._paths[conversation_id])

    def meter(self, conversation_id: int | None, draft: str) -> ContextMeter | None:
        self.drafts_measured.append(draft)
        return self.meter_result

    def read_prompt_ahead(self, conversation_id: int | None, certain_draft: str, cancel: CancelToken) -> bool:
        self.read_ahead_of.append((conversation_id, certain_draft))
        if self.read_ahead_error is not None:
            raise self.read_ahead_error
        with cancel.telling(self.read_ahead_may_end.set):
            assert self.read_ahead_may_end.wait(30)
        return self.read_ahead_is_whole and not cancel.cancelled

    def send(self, conversation_id: int, text: str, cancel: CancelToken) -> Iterator[ChatEvent]:
        self.calls.append(("send", conversation_id))
        if not self.model_is_there.is_set():
            with cancel.telling(self.model_is_there.set):
                assert self.model_is_there.wait(30)
            cancel.raise_if_cancelled()
        if self.refuse is not None:
            raise self.refuse
        message = self._add(conversation_id, Role.USER, text)
        if not self._conversations[conversation_id].title:
            self.change(conversation_id, title=title_from_message(text))
        self.change(conversation_id, draft="")
        yield MessageAdded(message)
        yield from self._answer(conversation_id, cancel)

    def edit(self, conversation_id: int, message_id: int, text: str, cancel: CancelToken) -> Iterator[ChatEvent]:
        raise NotImplementedError

    def regenerate(
        self, conversation_id: int, message_id: int, cancel: CancelToken, preset: Preset | None = None
    ) -> Iterator[ChatEvent]:
        self.calls.append(("regenerate", message_id))
        yield from self._again(conversation_id, cancel)

    def retry(self, conversation_id: int, message_id: int, cancel: CancelToken) -> Iterator[ChatEvent]:
        self.calls.append(("retry", message_id))
        yield from self._again(conversation_id, cancel)

    def continue_answer(self, conversation_id: int, message_id: int, cancel: CancelToken) -> Iterator[ChatEvent]:
        self.calls.append(("continue", message_id))
        if self.refuse is not None:
            raise self.refuse
        answer = next(message for message in self._paths[conversation_id] if message.id == message_id)
        yield from self._write(conversation_id, answer, cancel)

    # Inside -------------------------------------------------------------------------------------

    def branch_at_token(
        self, conversation_id: int, message_id: int, position: int, token_id: int, cancel: CancelToken
    ) -> Iterator[ChatEvent]:
        self.token_branches.append((message_id, position, token_id))
        return self._again(conversation_id, cancel)

    def _again(self, conversation_id: int, cancel: CancelToken) -> Iterator[ChatEvent]:
        path = self._paths[conversation_id]
        while path and path[-1].role is Role.ASSISTANT:
            path.pop()
        yield from self._answer(conversation_id, cancel)

    def _answer(self, conversation_id: int, cancel: CancelToken) -> Iterator[ChatEvent]:
        if self.before_answer is not None:
            raise self.before_answer
        answer = self._add(conversation_id, Role.ASSISTANT, "")
        yield MessageAdded(answer)
        yield from self._write(conversation_id, answer, cancel)

    def _write(self, conversation_id: int, answer: Message, cancel: CancelToken) -> Iterator[ChatEvent]:
        with cancel.telling(lambda: self.feed(StopReason.STOPPED)):
            yield from self._take_fed(conversation_id, answer)

    def _take_fed(self, conversation_id: int, answer: Message) -> Iterator[ChatEvent]:
        text = answer.text
        while True:
            piece = self._feed.get(timeout=30)
            if isinstance(piece, StopReason):
                figures = FIGURES if piece is not StopReason.INTERRUPTED else None
                yield AnswerFinished(self._finish(conversation_id, answer, text, piece, figures))
                return
            if isinstance(piece, InkwellError):
                self._finish(conversation_id, answer, text, StopReason.INTERRUPTED, None, piece.what)
                raise piece
            if isinstance(piece, str):
                text += piece
                yield TextAdded(answer.id, piece)
            else:
                yield piece

    def _finish(
        self,
        conversation_id: int,
        answer: Message,
        text: str,
        reason: StopReason,
        figures: GenerationFigures | None,
        error: str = "",
    ) -> Message:
        with self._lock:
            path = self._paths[conversation_id]
            at = next(number for number, message in enumerate(path) if message.id == answer.id)
            path[at] = replace(path[at], text=text, stop_reason=reason, figures=figures, error=error)
            return path[at]

    def _add(self, conversation_id: int, role: Role, text: str, *, done: bool = False) -> Message:
        with self._lock:
            path = self._paths[conversation_id]
            is_answer = role is Role.ASSISTANT
            message = Message(
                id=self._new_id(),
                conversation_id=conversation_id,
                parent_id=path[-1].id if path else None,
                sibling_order=0,
                role=role,
                text=text,
                created_at=NOON,
                model_name="SmolLM2 135M" if is_answer else None,
                stop_reason=StopReason.END if is_answer and done else None,
                figures=FIGURES if is_answer and done else None,
                settings_used={"max_answer_tokens": 1024} if is_answer else {},
            )
            path.append(message)
            return message

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id
