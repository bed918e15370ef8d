"""What one look at a linked folder goes by, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from desktop_app.domain.folder_sync import Conflict, LinkedFolder, SyncProblem, SyncReport
from desktop_app.domain.source_folders import NoteState, SourceFile
from desktop_app.domain.vanished_files import HeldFiles
from desktop_app.services.linked_folders.folder_scan import Scan


class Tally(msgspec.Struct):
    """A report while it grows; fields as there."""

    taken: int = 0
    added: int = 0
    trashed: int = 0
    written: int = 0
    created: int = 0
    removed: int = 0
    moved: int = 0
    conflicts: list[Conflict] = msgspec.field(default_factory=list)
    problems: list[SyncProblem] = msgspec.field(default_factory=list)
    held: HeldFiles | None = None
    again: bool = False
    lost: list[str] = msgspec.field(default_factory=list)
    """Files that are gone and whose notes went to the trash."""

    def report(self, *, stopped: bool = False) -> SyncReport:
        """What was done so far."""
        return SyncReport(
            taken=self.taken,
            added=self.added,
            trashed=self.trashed,
            written=self.written,
            created=self.created,
            removed=self.removed,
            moved=self.moved,
            conflicts=tuple(self.conflicts),
            problems=tuple(self.problems),
            held=self.held,
            stopped=stopped,
        )


class Look(msgspec.Struct):
    """One look at a folder.

    Attributes:
        found: what lies in the folder, or, of a partial look, the files of some notes.
        rows: the files as they were when last in step, by path.
        states: the notes by id.
        tally: what was done; its `again` asks for another look.
    """

    folder: LinkedFolder
    found: Scan
    rows: dict[str, SourceFile]
    states: dict[int, NoteState]
    tally: Tally

    @property
    def root(self) -> Path:
        """Where the folder lies."""
        return self.folder.path
