"""Notes as the store keeps and the screens show them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec


class Note(msgspec.Struct, frozen=True):
    """A whole note. `text` is Markdown and comes back byte for byte.

    Attributes:
        folder: path with "/" between names, "" for the top; no leading or trailing slash.
        source_path: path relative to the imported root (posix), "" for a note written here; imports update by it.
        front_matter: lines of the imported file's front matter, without its marks; kept for the export.
        pinned: it stays on top of the list.
        revision: grows by one at every saved change; `save` with an old revision is refused with a conflict.
    """

    id: int
    title: str
    text: str
    folder: str
    tags: tuple[str, ...]
    created_at: datetime
    edited_at: datetime
    trashed_at: datetime | None = None
    source_path: str = ""
    revision: int = 1
    is_welcome: bool = False
    front_matter: str = ""
    pinned: bool = False


class NoteSummary(msgspec.Struct, frozen=True):
    """A row of the notes list, pinned ones first. `snippet` is at most 120 characters of the text after the title."""

    id: int
    title: str
    folder: str
    snippet: str
    edited_at: datetime
    trashed_at: datetime | None = None
    pinned: bool = False
    tags: tuple[str, ...] = ()


class NoteVersion(msgspec.Struct, frozen=True):
    """An earlier saved text of a note.

    Attributes:
        front_matter: the lines of its properties then; None where they were not kept with it.
    """

    id: int
    note_id: int
    saved_at: datetime
    title: str
    text: str
    front_matter: str | None = None


class NoteSort(StrEnum):
    """Order of the notes list. OPENED: the last opened first, then those not opened lately, by their last edit."""

    EDITED = "edited"
    CREATED = "created"
    TITLE = "title"
    OPENED = "opened"


class NoteFilter(msgspec.Struct, frozen=True):
    """Which notes to list. `folder` includes the folders below it; None means any. `text` narrows titles."""

    folder: str | None = None
    tag: str | None = None
    text: str = ""
    trashed: bool = False
    sort: NoteSort = NoteSort.EDITED


class ImportSource(msgspec.Struct, frozen=True, gc=False):
    """The file a note was imported from.

    Attributes:
        path: relative to the imported root (posix); shown, and kept when the root moves.
        file: absolute path: the same file again is the same note.
        hash: sha256 hex of the file as it was imported.
        trashed: the note is in the trash (only where read from the store).
        front_matter: the lines between the marks at the top of the file (only where written to the store).
    """

    path: str
    file: str
    hash: str
    trashed: bool = False
    front_matter: str = ""


class CameFrom(msgspec.Struct, frozen=True):
    """A note that came from files of one kind; `has_part`: its text has what was asked for."""

    id: int
    title: str
    has_part: bool


class ImportFailure(msgspec.Struct, frozen=True):
    """A file that was not imported, and why, in a person's words."""

    path: str
    reason: str


class ImportReport(msgspec.Struct, frozen=True):
    """What an import did; ids are of notes, `failed` lists files.

    `converted` lists files that were imported though they are no valid UTF-8, and how they were read. `stopped` is true
    when the person stopped it: what is listed is in, the rest can be imported later. `skipped_attachments` counts
    pictures and other files that came with the notes and were not taken, `attachments` those that were; `not_taken` are
    paths of the former, the first thousand. `broken_off` says in sentences why the import could not go on (a full
    disk), and what to do; "" where it did.
    """

    imported: tuple[int, ...] = ()
    updated: tuple[int, ...] = ()
    unchanged: int = 0
    failed: tuple[ImportFailure, ...] = ()
    converted: tuple[ImportFailure, ...] = ()
    stopped: bool = False
    skipped_attachments: int = 0
    attachments: int = 0
    not_taken: tuple[str, ...] = ()
    broken_off: str = ""


class FolderExportReport(msgspec.Struct, frozen=True):
    """What the export of a folder of notes wrote.

    Attributes:
        folder: where it lies.
        unchanged: of the notes, those whose file is byte for byte the one they were imported from.
        files: pictures and other files.
        missing: names of files that could not be read.
    """

    folder: Path
    notes: int
    unchanged: int
    files: int
    missing: tuple[str, ...] = ()


class ExportReport(msgspec.Struct, frozen=True):
    """Where an export lies and what is in it.

    Attributes:
        attachments: pictures and other files of notes that were written.
        missing: names of those that could not be read; what is written is whole but for them.
    """

    folder: Path
    notes: int
    chats: int
    attachments: int = 0
    missing: tuple[str, ...] = ()
