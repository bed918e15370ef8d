"""What branches need of the chats' store, a part of `services.ports.ConversationStore`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from desktop_app.domain.conversation import ChatCopy, Conversation, DeletedBranchSummary


class MessageBranches(Protocol):
    """The tree of a chat's messages beside the path that is shown, and copies of it."""

    def versions(self, message_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """The messages among `message_ids` that have siblings, each with the ids of all of them and its own, in order;
        deleted branches left out.
        """
        ...

    def newest_leaf(self, message_id: int) -> int:
        """The last message of the newest path below a message; itself where nothing follows. Raises NotFoundError."""
        ...

    def delete_branch(self, message_id: int) -> None:
        """Take a message with all below it out of view; the shown path falls back to a sibling, else to its parent."""
        ...

    def restore_branch(self, message_id: int, leaf_id: int | None) -> None:
        """Undo `delete_branch` and show the path to `leaf_id` again."""
        ...

    def deleted_branches(self, conversation_id: int) -> list[DeletedBranchSummary]:
        """The deleted branches of a chat, the one deleted last first; those inside another one left out."""
        ...

    def remove_branch(self, message_id: int) -> None:
        """Remove a deleted branch for good. Raises NotFoundError for one that is not deleted."""
        ...

    def copy_of(self, conversation_id: int, leaf_id: int | None = None) -> ChatCopy:
        """A chat as it is stored, to be written into another: the path to `leaf_id`, or without one the whole tree."""
        ...

    def add_copy(self, copy: ChatCopy, title: str) -> Conversation:
        """Write a copied chat as a new one, changed now."""
        ...
