"""What the context window needs of the chats' store, a part of `services.ports.ConversationStore`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from desktop_app.domain.conversation import Message


class WindowMessages(Protocol):
    """Messages that left the context window, that never do, and what stands in place of them."""

    def messages_by_id(self, message_ids: Sequence[int]) -> list[Message]:
        """The messages that exist, in the order asked for."""
        ...

    def left_out(self, first_id: int) -> tuple[list[int], list[int]]:
        """(ids, those of them that are pinned) of the messages before `first_id` on its path, oldest first."""
        ...

    def memory_start_at(self, message_id: int) -> int | None:
        """The first message the decoder would see where the chat went on behind this one; None where it sees all."""
        ...

    def set_pinned_message(self, message_id: int, pinned: bool) -> Message:
        """Pin the message to the context window, or let go of it."""
        ...

    def add_summary(
        self, conversation_id: int, last_id: int, text: str, *, model_fingerprint: str, model_name: str
    ) -> Message:
        """A summary of the messages up to `last_id`. It hangs there beside the path, and no shown path leads to it."""
        ...

    def summary_of(self, message_ids: Sequence[int]) -> Message | None:
        """The summary that reaches furthest into the messages of a path, the newest one of these; None without one."""
        ...

    def set_summary_text(self, message_id: int, text: str) -> Message:
        """Replace a summary's text."""
        ...

    def add_settings_used(self, message_id: int, values: Mapping[str, Any]) -> Message:
        """Note more about how an answer was made."""
        ...
