"""Notes out of other programs' files, before they are this store's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desktop_app.domain.notes import ImportFailure


@dataclass(frozen=True, slots=True)
class ForeignNote:
    """One note of a file.

    Attributes:
        member: which one it is, with "/" between names and the same at every reading; "" where the file is one note.
        title: "" where it has none of its own.
        folder, tags: as the other program has them, not cleaned.
        front_matter: lines to keep beside the text, of the form `key: value`.
        hash: sha256 hex of what it was read from; "" where the file is one note, whose own hash says the same.
    """

    member: str
    title: str
    text: str
    folder: str = ""
    tags: tuple[str, ...] = ()
    front_matter: str = ""
    hash: str = ""
    created: datetime | None = None
    edited: datetime | None = None


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """What a whole file gave.

    Attributes:
        failed: parts that could not be read, by their names inside the file.
        remarks: parts that were read with a guess.
        skipped_attachments: pictures and other files that came with the notes and were not taken.
    """

    notes: tuple[ForeignNote, ...]
    failed: tuple[ImportFailure, ...] = ()
    remarks: tuple[ImportFailure, ...] = ()
    skipped_attachments: int = 0
