"""The rule by which a note and its file in a linked folder are kept in step.

Three states decide: what both said when they were last in step, what the file says now, and what the note says now.
Each is the hash of a file's bytes (for the note: of those it would be written as), None for what is not there. No step
loses a text that was changed on either side since then.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path, PurePosixPath

import msgspec

from desktop_app.domain.vanished_files import HeldFiles


class Step(StrEnum):
    """What is to be done with a note and its file."""

    NOTHING = "nothing"
    AGREE = "agree"
    """Both changed to the same: only what is remembered changes."""
    TAKE_FILE = "take_file"
    WRITE_FILE = "write_file"
    CONFLICT = "conflict"
    """Both changed to different things: both are kept."""
    NEW_FILE = "new_file"
    """A file that is no note yet, or whose note was deleted before the file was changed."""
    NEW_NOTE = "new_note"
    """A note without a file, or whose file was deleted before the note was changed."""
    FILE_GONE = "file_gone"
    """The file was deleted: the note goes to the trash."""
    NOTE_GONE = "note_gone"
    """The note was deleted: the file goes to the folder's trash."""
    FORGET = "forget"
    """Both were deleted."""


def step_for(base: str | None, file: str | None, note: str | None) -> Step:
    """What brings the two in step. A change is stronger than a deletion: what was changed after the other side was
    deleted comes back.
    """
    if file is None and note is None:
        return Step.NOTHING if base is None else Step.FORGET
    if note is None:
        return Step.NOTE_GONE if file == base else Step.NEW_FILE
    if file is None:
        return Step.FILE_GONE if note == base else Step.NEW_NOTE
    if file == note:
        return Step.NOTHING if file == base else Step.AGREE
    if base is None:
        return Step.CONFLICT
    if note == base:
        return Step.TAKE_FILE
    return Step.WRITE_FILE if file == base else Step.CONFLICT


class FolderState(StrEnum):
    """How a linked folder is."""

    IN_STEP = "in step"
    WRITING = "writing"
    """Some notes are not yet written to their files."""
    NOT_THERE = "not there"
    EMPTY = "empty"
    """It has nothing in it any more, as the place of a disk that is away: its notes wait."""
    HELD = "files gone"
    """Many files are gone at once: their notes wait."""
    CONFLICTS = "conflicts"


class LinkedFolder(msgspec.Struct, frozen=True):
    """A folder whose files are notes.

    Attributes:
        path: on the disk, absolute.
        top: the folder of the notes, below which its folders are.
    """

    id: int
    path: Path
    top: str


class SyncProblem(msgspec.Struct, frozen=True):
    """A file, or a note's file, that is not in step, and why, in a person's words. `path` is relative to the folder."""

    path: str
    reason: str
    note_id: int | None = None


class Conflict(msgspec.Struct, frozen=True):
    """Two texts of one note: the file's is the note's now, ours the one of another note.

    Attributes:
        note_id: the note that holds our text.
        of: the note that has the file's text now (only where the conflict was just found).
    """

    note_id: int
    path: str
    title: str
    of: int | None = None


class FolderStatus(msgspec.Struct, frozen=True):
    """How a linked folder was when it was last looked at.

    Attributes:
        notes: notes with a file.
        unwritten: notes that are not yet written to their files, with the reason.
        unread: files that could not be read as notes.
        conflicts: notes that hold our text of a conflict, until they are deleted or told to be settled.
        held: files that are gone at once and whose notes wait for a word; None where there are none.
        empty: it is not `there` because its place has nothing in it.
    """

    folder: LinkedFolder
    there: bool
    notes: int
    unwritten: tuple[SyncProblem, ...] = ()
    unread: tuple[SyncProblem, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    held: HeldFiles | None = None
    empty: bool = False

    @property
    def state(self) -> FolderState:
        """The one word for it, what matters most first."""
        if not self.there:
            return FolderState.EMPTY if self.empty else FolderState.NOT_THERE
        if self.held is not None:
            return FolderState.HELD
        if self.unwritten:
            return FolderState.WRITING
        return FolderState.CONFLICTS if self.conflicts else FolderState.IN_STEP


class SyncReport(msgspec.Struct, frozen=True):
    """What one look at linked folders changed. Counts are of notes.

    Attributes:
        there: whether the folder was there; where it was not, nothing else was done.
        taken, added, trashed: notes whose text came from their file, that are new, whose file is gone.
        written, created, removed: files that were written, made, moved to the folder's trash.
        moved: notes or files that followed the other side to another place or name.
        held: files that are gone at once, of which nothing was concluded.
    """

    there: bool = True
    taken: int = 0
    added: int = 0
    trashed: int = 0
    written: int = 0
    created: int = 0
    removed: int = 0
    moved: int = 0
    conflicts: tuple[Conflict, ...] = ()
    problems: tuple[SyncProblem, ...] = ()
    held: HeldFiles | None = None
    stopped: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything was done."""
        counts = (self.taken, self.added, self.trashed, self.written, self.created, self.removed, self.moved)
        return any(counts) or bool(self.conflicts)


def conflict_title(title: str, day: date) -> str:
    """What a note is called that holds our text of a conflict."""
    return f"{title} (conflict {day.isoformat()})"


def is_passed_over(name: str) -> bool:
    """Names that are never synchronised: those of other programs' own files (.obsidian, .git, .trash), and ours."""
    return name.startswith(".")


def note_folder(top: str, path: str) -> str:
    """The folder of the note whose file is at `path`, relative to the linked folder."""
    parent = str(PurePosixPath(path).parent)
    return top if parent == "." else f"{top}/{parent}"
