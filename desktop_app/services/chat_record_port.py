"""What the export and import of chats need of the store; as `ports.py`, apart so that it costs nothing at start."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from desktop_app.domain.chat_record import ChatRecord, ChatSummary


class ChatRecordStore(Protocol):
    """Whole chats, read for a file and written from one (storage/chat_records.py)."""

    def summaries(self, *, trashed: bool = False, archived: bool = False) -> list[ChatSummary]:
        """The chats outside the trash and the archive, or those in one of them, newest change first."""
        ...

    def read(self, conversation_id: int) -> ChatRecord:
        """A chat with all its branches, in the trash or not. Raises NotFoundError."""
        ...

    def add(self, chats: Iterable[ChatRecord]) -> list[int]:
        """Write them all in one transaction, or none, and return their ids. They are taken one by one, in the thread
        that writes; what taking one raises is raised here.

        They take the place in the list that their last change gives them. Answers that were being written when they
        were exported are interrupted ones.
        """
        ...
