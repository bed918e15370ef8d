"""Chats of two stores as if they were of one: those that are kept, and temporary ones that never reach the disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from desktop_app.domain.conversation import CHAT, is_temporary

if TYPE_CHECKING:
    from desktop_app.domain.conversation import Conversation
    from desktop_app.services.ports import ConversationStore


class _BothStores:
    """Passes each call on to the store that has the chat or message whose id is its first argument.

    What has no id as its first argument (lists, folders, new chats, copies to be written) is about kept chats: nothing
    that searches, lists or exports ever meets a temporary one.
    """

    def __init__(self, kept: Any, temporary: Callable[[], Any]) -> None:
        self._kept = kept
        self._temporary = temporary

    @property
    def attachments(self) -> _BothStores:
        """What the drafts of both carry."""
        return _BothStores(self._kept.attachments, lambda: self._temporary().attachments)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            first = arguments[0] if arguments else next(iter(named.values()), None)
            if isinstance(first, Sequence) and not isinstance(first, str):
                first = first[0] if first else None
            inside = isinstance(first, int) and not isinstance(first, bool) and is_temporary(first)
            return getattr(self._temporary() if inside else self._kept, name)(*arguments, **named)

        return call


def both_stores(kept: ConversationStore, temporary: Callable[[], ConversationStore]) -> ConversationStore:
    """One store over both; `temporary()` is made when the first temporary chat is."""
    return cast("ConversationStore", _BothStores(kept, temporary))


class TemporaryChats:
    """Use cases of temporary chats. All methods block."""

    def __init__(self, kept: ConversationStore, temporary: Callable[[], ConversationStore]) -> None:
        self._kept = kept
        self._temporary = temporary

    def create(self, kind: str = CHAT) -> Conversation:
        """A new, empty chat or page of free writing that is never on the disk."""
        return self._temporary().create(kind=kind)

    def keep(self, conversation_id: int) -> Conversation:
        """Move a temporary chat, all its branches and its draft, into the store. Raises StoreError; it then stays."""
        store = self._temporary()
        chat = store.get(conversation_id)
        kept = self._kept.add_copy(store.copy_of(conversation_id), chat.title)
        if chat.draft:
            self._kept.set_draft(kept.id, chat.draft)
        store.delete_forever(conversation_id)
        return kept

    def end(self, conversation_id: int) -> None:
        """Forget a temporary chat."""
        self._temporary().delete_forever(conversation_id)
