"""How one chat is written into a file."""

from __future__ import annotations

from enum import StrEnum


class ChatFormat(StrEnum):
    """The two kinds of files."""

    MARKDOWN = "markdown"  # what is shown, for reading
    JSON = "json"  # all of it, for importing again

    @property
    def suffix(self) -> str:
        """Of the file's name."""
        return ".md" if self is ChatFormat.MARKDOWN else ".json"
