"""What the chat presenters need; `services.chat.ChatService` and `services.model_ports.DecoderPort` provide it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import (
    CHAT,
    WRITING,
    is_temporary,
)

if TYPE_CHECKING:
    from desktop_app.domain.chat_events import ChatEvent, ContextMeter
    from desktop_app.domain.chat_list import ChatFilter
    from desktop_app.domain.chat_search import FoundInMessage, MessageHit
    from desktop_app.domain.context_budget import WhenFull
    from desktop_app.domain.conversation import (
        Conversation,
        DeletedBranch,
        DeletedBranchSummary,
        Message,
    )
    from desktop_app.domain.generation import LoadedDecoder, WorkerStatus
    from desktop_app.domain.presets import Preset
    from desktop_app.domain.quotes import Passage
    from desktop_app.domain.token_alternatives import TokenPlace


class BranchUseCases(Protocol):
    """`services.chat_branches.ChatBranches`. Every method blocks."""

    def versions(self, message_ids: Sequence[int]) -> dict[int, tuple[int, ...]]: ...
    def show(self, conversation_id: int, message_id: int) -> None: ...
    def path_from(self, conversation_id: int, message_id: int | None) -> list[Message]: ...
    def edit_answer(self, conversation_id: int, message_id: int, text: str) -> Message: ...
    def delete(self, conversation_id: int, message_id: int) -> DeletedBranch: ...
    def restore(self, deleted: DeletedBranch) -> None: ...
    def deleted(self, conversation_id: int) -> list[DeletedBranchSummary]: ...
    def remove(self, deleted: DeletedBranch) -> None: ...
    def branch_off(self, conversation_id: int, message_id: int) -> Conversation: ...


class TokenUseCases(Protocol):
    """`services.token_view.TokenViews`. Blocks."""

    def places(self, message_id: int, cancel: CancelToken) -> list[TokenPlace]: ...
    def check(self, message_id: int, position: int, token_id: int, cancel: CancelToken) -> None: ...


class ChatUseCases(Protocol):
    """`services.chat.ChatService`, as far as the chat screen uses it. Every method blocks."""

    @property
    def branches(self) -> BranchUseCases: ...
    def list_chats(self, filter: ChatFilter, limit: int, offset: int = 0) -> list[Conversation]: ...
    def folders(self) -> list[tuple[str, int]]: ...
    def set_pinned(self, conversation_id: int, pinned: bool) -> None: ...
    def set_archived(self, conversation_id: int, archived: bool) -> None: ...
    def move(self, conversation_id: int, folder: str) -> None: ...
    def delete_forever(self, conversation_id: int) -> None: ...
    def empty_trash(self) -> int: ...
    def create(self, temporary: bool = False, kind: str = CHAT) -> Conversation: ...
    def keep(self, conversation_id: int) -> Conversation: ...
    def end(self, conversation_id: int) -> None: ...
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
    def read_prompt_ahead(self, conversation_id: int | None, certain_draft: str, cancel: CancelToken) -> bool: ...
    def send(self, conversation_id: int, text: str, cancel: CancelToken) -> Iterator[ChatEvent]: ...
    def edit(self, conversation_id: int, message_id: int, text: str, cancel: CancelToken) -> Iterator[ChatEvent]: ...
    def regenerate(
        self, conversation_id: int, message_id: int, cancel: CancelToken, preset: Preset | None = None
    ) -> Iterator[ChatEvent]: ...
    def retry(self, conversation_id: int, message_id: int, cancel: CancelToken) -> Iterator[ChatEvent]: ...
    def continue_answer(self, conversation_id: int, message_id: int, cancel: CancelToken) -> Iterator[ChatEvent]: ...
    @property
    def tokens(self) -> TokenUseCases: ...
    def branch_at_token(
        self, conversation_id: int, message_id: int, position: int, token_id: int, cancel: CancelToken
    ) -> Iterator[ChatEvent]: ...
    @property
    def window(self) -> WindowUseCases: ...


class WindowUseCases(Protocol):
    """`services.context_window.ContextWindow`, as far as the chat screen uses it. All but `choose_once` block."""

    def choose_when_full(self, conversation_id: int, choice: WhenFull | None) -> None: ...
    def choose_once(self, conversation_id: int, choice: WhenFull) -> None: ...
    def set_pinned(self, message_id: int, pinned: bool) -> Message: ...
    def summary(self, conversation_id: int) -> Message | None: ...
    def edit_summary(self, message_id: int, text: str) -> Message: ...
    def recalled(self, message_id: int) -> list[Passage]: ...
    def learn_left_out(self, conversation_id: int, cancel: CancelToken) -> None: ...


class RereadingCost(Protocol):
    """`services.other_models.RereadingCost`."""

    @property
    def tokens(self) -> int: ...
    @property
    def seconds(self) -> float | None: ...


class ModelChoice(Protocol):
    """`services.other_models.ModelChoice`."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def size_bytes(self) -> int: ...


class OtherModelUseCases(Protocol):
    """`services.other_models.OtherModels`. Every method blocks."""

    def choices(self, cancel: CancelToken) -> list[Any]: ...
    def better(self, cancel: CancelToken) -> Any | None: ...
    def cost(self, conversation_id: int, choice: Any) -> RereadingCost: ...
    def change_to(self, choice: Any, cancel: CancelToken) -> None: ...


class OtherPresetUseCases(Protocol):
    """`services.other_presets.OtherPresets`. Every method blocks."""

    def choices(self, conversation_id: int) -> Sequence[Preset]: ...
    def cost(self, conversation_id: int, preset: Preset) -> RereadingCost | None: ...


class ChatSearching(Protocol):
    """`services.chat_search.ChatSearch`, as far as the chat screen uses it. Every method blocks."""

    def find(self, text: str, *, folder: str | None = None, typing: bool = False) -> list[MessageHit]: ...
    def in_chat(self, conversation_id: int, text: str, cancel: CancelToken) -> list[FoundInMessage]: ...
    def reveal(self, conversation_id: int, message_id: int) -> bool: ...


class Meter(Protocol):
    """`services.free_writing.WritingMeter`."""

    @property
    def tokens(self) -> int: ...
    @property
    def context_length(self) -> int: ...
    @property
    def reads_from(self) -> int: ...
    @property
    def used_fraction(self) -> float: ...
    @property
    def seconds_to_first_token(self) -> float | None: ...


class WritingUseCases(Protocol):
    """`services.free_writing.FreeWriting`. Every method blocks."""

    def pieces(self, conversation_id: int) -> list[Message]: ...
    def save(self, conversation_id: int, text: str, taken_over: int | None = None) -> str: ...
    def go_on(self, conversation_id: int, text: str, cancel: CancelToken) -> Iterator[ChatEvent]: ...
    def meter(self, conversation_id: int | None, text: str) -> Meter | None: ...


class DecoderState(Protocol):
    """Where the decoder's process stands; `DecoderPort` has all of it."""

    @property
    def status(self) -> WorkerStatus: ...
    @property
    def loaded(self) -> LoadedDecoder | None: ...
    def subscribe(self, listener: Callable[[WorkerStatus], None]) -> Callable[[], None]: ...
    def forgive(self) -> None: ...


class ChatModel(msgspec.Struct, frozen=True):
    """The chat model as the chat screen shows and starts it.

    Attributes:
        decoder: its process.
        ensure_loaded: blocks until the chosen model is loaded; raises ModelError, WorkerError, CancelledError.
        pill: short name for the header, "SmolLM2 135M · starter"; may block.
        is_starter: true while the weak starter model is the chosen one.
        others: the models that can be changed to; None where that is not offered.
        choose_template: uses a built-in template in place of the chosen model's own from its next load on; blocks.
    """

    decoder: DecoderState
    ensure_loaded: Callable[[CancelToken], object]
    pill: Callable[[], str]
    is_starter: Callable[[], bool]
    others: OtherModelUseCases | None = None
    choose_template: Callable[[BuiltInTemplate], None] = lambda _template: None


class ChatSlot(msgspec.Struct, eq=False):
    """The chat on the screen. A new one gets its row in the store when its first word is kept, not before; a temporary
    one in memory.
    """

    id: int | None = None
    temporary: bool = False
    kind: str = CHAT
    on_made: Callable[[int], object] | None = None
    """Told the id of the row before anything else knows it; blocks. Where it raises the row is left, and not taken."""
    _lock: threading.Lock = msgspec.field(default_factory=threading.Lock)

    def ensure(self, service: ChatUseCases) -> int:
        """The chat's id, creating the chat where there is none yet. Blocks; from any thread."""
        with self._lock:
            if self.id is None:
                made = self._made(service).id
                if self.on_made is not None:
                    self.on_made(made)
                self.id = made
            return self.id

    def _made(self, service: ChatUseCases) -> Conversation:
        if self.temporary:
            return service.create(temporary=True, kind=self.kind)
        return service.create(kind=WRITING) if self.is_writing else service.create()

    @property
    def is_writing(self) -> bool:
        """True for a page of free writing."""
        return self.kind == WRITING

    @property
    def is_temporary(self) -> bool:
        """True for a chat that is never on the disk."""
        return self.temporary or (self.id is not None and is_temporary(self.id))
