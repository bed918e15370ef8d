"""What the chat presenters need; `services.chat.ChatService` and `services.ports.DecoderPort` provide it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import ChatEvent, ContextMeter
from desktop_app.domain.conversation import Conversation, DeletedBranch, Message
from desktop_app.domain.generation import WorkerStatus


class BranchUseCases(Protocol):
    """`services.chat_branches.ChatBranches`. Every method blocks."""

    def versions(self, message_ids: Sequence[int]) -> dict[int, tuple[int, ...]]: ...
    def show(self, conversation_id: int, message_id: int) -> None: ...
    def path_from(self, conversation_id: int, message_id: int | None) -> list[Message]: ...
    def edit_answer(self, conversation_id: int, message_id: int, text: str) -> Message: ...
    def delete(self, conversation_id: int, message_id: int) -> DeletedBranch: ...
    def restore(self, deleted: DeletedBranch) -> None: ...
    def branch_off(self, conversation_id: int, message_id: int) -> Conversation: ...


class ChatUseCases(Protocol):
    """`services.chat.ChatService`, as far as the chat screen uses it. Every method blocks."""

    @property
    def branches(self) -> BranchUseCases: ...
    def conversations(self, text: str = "", trashed: bool = False) -> list[Conversation]: ...
    def create(self) -> Conversation: ...
    def get(self, conversation_id: int) -> Conversation: ...
    def rename(self, conversation_id: int, title: str) -> None: ...
    def trash(self, conversation_id: int) -> None: ...
    def restore(self, conversation_id: int) -> None: ...
    def messages(
        self, conversation_id: int, before_id: int | None = None, limit: int | None = None
    ) -> list[Message]: ...
    def save_draft(self, conversation_id: int, text: str) -> None: ...
    def as_markdown(self, conversation_id: int) -> str: ...
    def meter(self, conversation_id: int | None, draft: str) -> ContextMeter | None: ...
    def send(self, conversation_id: int, text: str, cancel: CancelToken) -> Iterator[ChatEvent]: ...
    def edit(self, conversation_id: int, message_id: int, text: str, cancel: CancelToken) -> Iterator[ChatEvent]: ...
    def regenerate(self, conversation_id: int, message_id: int, cancel: CancelToken) -> Iterator[ChatEvent]: ...
    def retry(self, conversation_id: int, message_id: int, cancel: CancelToken) -> Iterator[ChatEvent]: ...
    def continue_answer(self, conversation_id: int, message_id: int, cancel: CancelToken) -> Iterator[ChatEvent]: ...


class RereadingCost(Protocol):
    """`services.other_models.RereadingCost`."""

    @property
    def tokens(self) -> int: ...
    @property
    def seconds(self) -> float | None: ...


class OtherModelUseCases(Protocol):
    """`services.other_models.OtherModels`. Every method blocks."""

    def choices(self, cancel: CancelToken) -> list[Any]: ...
    def cost(self, conversation_id: int, choice: Any) -> RereadingCost: ...
    def change_to(self, choice: Any, cancel: CancelToken) -> None: ...


class DecoderState(Protocol):
    """Where the decoder's process stands; `DecoderPort` has all of it."""

    @property
    def status(self) -> WorkerStatus: ...
    def subscribe(self, listener: Callable[[WorkerStatus], None]) -> Callable[[], None]: ...
    def forgive(self) -> None: ...


@dataclass(frozen=True)
class ChatModel:
    """The chat model as the chat screen shows and starts it.

    Attributes:
        decoder: its process.
        ensure_loaded: blocks until the chosen model is loaded; raises ModelError, WorkerError, CancelledError.
        pill: short name for the header, "SmolLM2 135M · starter"; may block.
        is_starter: true while the weak starter model is the chosen one.
        others: the models that can be changed to; None where that is not offered.
    """

    decoder: DecoderState
    ensure_loaded: Callable[[CancelToken], object]
    pill: Callable[[], str]
    is_starter: Callable[[], bool]
    others: OtherModelUseCases | None = None


@dataclass(eq=False)
class ChatSlot:
    """The chat on the screen. A new one gets its row in the store when its first word is kept, not before."""

    id: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def ensure(self, service: ChatUseCases) -> int:
        """The chat's id, creating the chat where there is none yet. Blocks; from any thread."""
        with self._lock:
            if self.id is None:
                self.id = service.create().id
            return self.id
