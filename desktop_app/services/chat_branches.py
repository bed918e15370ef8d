"""The tree of a chat: which of its paths is shown, and what is made of its branches without asking the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from desktop_app.domain.conversation import EDITED, DeletedBranch, Role
from desktop_app.domain.generation import StopReason

if TYPE_CHECKING:
    from desktop_app.domain.conversation import Conversation, DeletedBranchSummary, Message
    from desktop_app.services.ports import ConversationStore

_PAGE = 200
_BRANCH = re.compile(r" \(branch(?: (\d{1,9}))?\)$")


class ChatBranches:
    """Use cases on the tree of messages. All methods block and raise NotFoundError for what is not there any more."""

    def __init__(self, conversations: ConversationStore, forget_states: Callable[[], None] = lambda: None) -> None:
        """`forget_states()` removes what the decoder keeps of chats on disk."""
        self._conversations = conversations
        self._forget_states = forget_states

    def versions(self, message_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """The messages that have siblings, each with the ids of all of them and its own, in order."""
        return self._conversations.versions(message_ids)

    def show(self, conversation_id: int, message_id: int) -> None:
        """Show the newest path through this message."""
        self._conversations.set_active_leaf(conversation_id, self._conversations.newest_leaf(message_id))

    def path_from(self, conversation_id: int, message_id: int | None) -> list[Message]:
        """The shown path below `message_id`, oldest first; the whole path for None, or where it is not on it."""
        path: list[Message] = []
        before: int | None = None
        while True:
            page = self._conversations.path(conversation_id, before_id=before, limit=_PAGE)
            for at, message in enumerate(page):
                if message.id == message_id:
                    return page[at + 1 :] + path
            path = page + path
            if len(page) < _PAGE:
                return path
            before = page[0].id

    def edit_answer(self, conversation_id: int, message_id: int, text: str) -> Message:
        """Put the person's text beside an answer, as another version of it. Its token ids are unknown."""
        old = self._conversations.get_message(message_id)
        edited = self._conversations.add_message(
            conversation_id,
            old.parent_id,
            Role.ASSISTANT,
            text,
            model_name=old.model_name,
            settings_used={**old.settings_used, EDITED: True},
        )
        return self._conversations.finish_message(edited.id, text, [], StopReason.END, None)

    def delete(self, conversation_id: int, message_id: int) -> DeletedBranch:
        """Take a message with all below it out of view; `restore` brings it back as long as the chat is there."""
        leaf = self._conversations.get(conversation_id).active_leaf_id
        parent = self._conversations.get_message(message_id).parent_id
        self._conversations.delete_branch(message_id)
        return DeletedBranch(conversation_id, message_id, parent, leaf)

    def restore(self, deleted: DeletedBranch) -> None:
        """Undo `delete`: the branch is there again, and shown."""
        self._conversations.restore_branch(deleted.message_id, deleted.leaf_id)

    def deleted(self, conversation_id: int) -> list[DeletedBranchSummary]:
        """What was deleted in a chat and can come back, the branch deleted last first."""
        return self._conversations.deleted_branches(conversation_id)

    def remove(self, deleted: DeletedBranch) -> None:
        """Remove a deleted branch for good, and what the decoder kept of any chat."""
        self._conversations.remove_branch(deleted.message_id)
        self._forget_states()

    def branch_off(self, conversation_id: int, message_id: int) -> Conversation:
        """A new chat that begins with the path up to this message."""
        title = self._conversations.get(conversation_id).title
        return self._conversations.add_copy(
            self._conversations.copy_of(conversation_id, message_id), branch_title(title)
        )


def branch_title(title: str) -> str:
    """The title of a chat made from another: "Ink (branch)", and of one made from that "Ink (branch 2)"."""
    found = _BRANCH.search(title)
    if found is None:
        return f"{title} (branch)".strip()
    return f"{title[: found.start()]} (branch {int(found[1] or 1) + 1})"
