"""What files that are dropped on an open note can mean, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

NOTE_ENDINGS = frozenset(
    {".md", ".markdown", ".mdown", ".mkd", ".txt", ".text", ".enex", ".jex", ".zip", ".textpack", ".bear2bk", ".bearbk"}
)
"""Of files that are notes, or exports of notes."""

DOCUMENT_ENDINGS = frozenset({".html", ".htm", ".xhtml", ".pdf", ".docx", ".epub"})
"""Of files that a note may have as they are, or whose text may become a note."""

_MODEL = ".gguf"


class DropMeaning(Enum):
    """What is done with dropped files."""

    IMPORT = auto()
    ATTACH_OR_IMPORT = auto()  # into the note on which they are dropped, an import beside it
    ATTACH = auto()


def meaning_of(names: Sequence[str]) -> DropMeaning:
    """What files of these names mean together: where one of them is a note, all of them are an import."""
    endings = {f".{name.rpartition('.')[2].lower()}" if "." in name else "" for name in names}
    if not endings or endings & (NOTE_ENDINGS | {_MODEL}):
        return DropMeaning.IMPORT
    return DropMeaning.ATTACH_OR_IMPORT if endings & DOCUMENT_ENDINGS else DropMeaning.ATTACH
