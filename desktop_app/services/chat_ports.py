"""What organising chats and finding messages needs of the store; a part of `services/ports.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from desktop_app.domain.chat_list import ChatFilter
from desktop_app.domain.chat_search import FoundMessage
from desktop_app.domain.conversation import Conversation, Role
from desktop_app.domain.search_question import Filter


class ChatShelf(Protocol):
    """The half of ConversationStore that keeps chats in order (storage/conversations.py)."""

    def list_chats(self, filter: ChatFilter, *, limit: int, offset: int = 0) -> list[Conversation]:
        """Rows of the list: pinned ones first, in the order they were pinned; then newest change first."""
        ...

    def folders(self) -> list[tuple[str, int]]:
        """Each folder with the number of chats in it and below, sorted by name; archive and trash not counted."""
        ...

    def set_pinned(self, conversation_id: int, pinned: bool) -> None:
        """Put it above all others, or back to its day."""
        ...

    def set_archived(self, conversation_id: int, archived: bool) -> None:
        """Put it out of the way, or back."""
        ...

    def set_folder(self, conversation_id: int, folder: str) -> None:
        """Put it into a folder; "" is none."""
        ...

    def empty_trash(self) -> int:
        """Delete what is in the trash for good; how many chats that were."""
        ...


class MessageIndex(Protocol):
    """Messages by their words, and as they are shown (storage/message_search.py)."""

    def find(
        self,
        match: str,
        *,
        limit: int,
        folder: str | None = None,
        filters: Sequence[Filter] = (),
        newest_first: bool = False,
    ) -> list[FoundMessage]:
        """Finished messages for an FTS5 MATCH expression, best first; chats in the trash and deleted branches left out.

        `folder` leaves only chats in it and below, `filters` what meets all of them. Of very many matches only the
        newest are ranked.
        """
        ...

    def newest(self, filters: Sequence[Filter], limit: int) -> list[FoundMessage]:
        """The newest message of each chat that meets every filter, newest first; as `find` otherwise."""
        ...

    def ids(self, filters: Sequence[Filter]) -> set[int]:
        """The messages that meet every filter, outside the trash."""
        ...

    def findable(self, message_ids: Sequence[int]) -> set[int]:
        """Those that `find` may find: finished, said by somebody, neither in the trash nor in a deleted branch."""
        ...

    def by_id(self, scores: Mapping[int, float]) -> list[FoundMessage]:
        """The messages that exist, in this order, with these scores."""
        ...

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many messages each (unstemmed, lower-case) term stands; 0 where nowhere."""
        ...

    def path_texts(self, conversation_id: int) -> list[tuple[int, Role, str]]:
        """(message id, role, text) of the whole shown path, oldest first."""
        ...

    def is_on_path(self, conversation_id: int, message_id: int) -> bool:
        """True when the message stands on the chat's shown path."""
        ...
