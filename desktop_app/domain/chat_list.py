"""Where a chat is kept, and what a list of chats is narrowed to."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class ChatPlace(StrEnum):
    """The three lists a chat can stand in."""

    CHATS = "chats"
    ARCHIVE = "archive"
    TRASH = "trash"


class ChatFilter(msgspec.Struct, frozen=True):
    """Which chats a list shows.

    Attributes:
        text: words that the title must hold. With it, `ChatPlace.CHATS` holds archived chats, too.
        folder: only chats of this folder and of those below it; None for all.
    """

    text: str = ""
    place: ChatPlace = ChatPlace.CHATS
    folder: str | None = None

    @property
    def is_narrowed(self) -> bool:
        """True where chats of the place may be left out."""
        return bool(self.text) or self.folder is not None
