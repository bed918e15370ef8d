"""All that came of a file of notes."""

from __future__ import annotations

from pathlib import Path

from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.workers.import_worker.attached import Attachments
from desktop_app.workers.import_worker.found_note import Remark
from desktop_app.workers.import_worker.note_reading import read_notes


class Reading:
    """Notes, remarks, and how many files were left."""

    def __init__(self, path: Path) -> None:
        skipped = Attachments()
        found = list(read_notes(path, skipped, lambda done, total: None))
        self.notes = [each for each in found if isinstance(each, ForeignNote)]
        self.remarks = [each for each in found if isinstance(each, Remark)]
        self.skipped = skipped.skipped

    @property
    def by_title(self) -> dict[str, ForeignNote]:
        return {note.title: note for note in self.notes}
