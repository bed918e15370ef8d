"""Notes out of other programs' files, before they are this store's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.notes import ImportFailure


class ForeignNote(msgspec.Struct, frozen=True):
    """One note of a file.

    Attributes:
        member: which one it is, with "/" between names and the same at every reading; "" where the file is one note.
        title: "" where it has none of its own.
        folder, tags: as the other program has them, not cleaned.
        front_matter: lines to keep beside the text, of the form `key: value`.
        hash: sha256 hex of what it was read from; "" where the file is one note, whose own hash says the same.
        attachments: (name in the text, key among the file's attachments) of each picture or other file that it names.
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
    attachments: tuple[tuple[str, str], ...] = ()


class ForeignFile(msgspec.Struct, frozen=True):
    """What a whole file gave.

    Attributes:
        failed: parts that could not be read, by their names inside the file.
        remarks: parts that were read with a guess.
        skipped_attachments: pictures and other files that came with the notes and were not taken.
        attachments: those that were taken, by their keys; they are stored, and no note's yet.
        not_taken: names of those that were not, the first thousand.
    """

    notes: tuple[ForeignNote, ...]
    failed: tuple[ImportFailure, ...] = ()
    remarks: tuple[ImportFailure, ...] = ()
    skipped_attachments: int = 0
    attachments: Mapping[str, StoredFile] = msgspec.field(default_factory=dict)
    not_taken: tuple[str, ...] = ()
