"""One note out of two: what it would be is shown first, and one step takes it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.note_merging import MergeWay
from desktop_app.domain.notes import Note
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_merging import Merged, MergePreview


class Merging(Protocol):
    """What this needs of the service."""

    def preview(self, kept_id: int, other_id: int, way: MergeWay) -> MergePreview: ...
    def merge(self, preview: MergePreview) -> Merged: ...
    def take_back(self, merged: Merged) -> list[Note]: ...


class NoteMergingPresenter(QObject):
    """Works off the GUI thread."""

    notice = Signal(str, object)  # text, undo
    failed = Signal(object)  # InkwellError: of taking it back
    merged = Signal(int, int)  # id of the note that is left, id of the one in the trash
    taken_back = Signal()

    def __init__(self, merging: Merging, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._merging = merging
        self._tasks = tasks

    def look(
        self,
        kept_id: int,
        other_id: int,
        way: MergeWay,
        done: Callable[[MergePreview], None],
        failed: Callable[[InkwellError], None],
    ) -> None:
        """What merging them would make."""
        self._tasks.run(
            lambda token: self._merging.preview(kept_id, other_id, way),
            done=done,
            failed=failed,
            channel="note.merge.preview",
        )

    def merge(self, preview: MergePreview, done: Callable[[], None], failed: Callable[[InkwellError], None]) -> None:
        """Do what was shown; the notice takes it back."""

        def finish(merged: Merged) -> None:
            done()
            self.merged.emit(merged.kept.id, merged.other.id)
            untitled = self.tr("Untitled")
            text = self.tr("Merged “{other}” into “{kept}”.")
            text = text.replace("{other}", merged.other.title or untitled)
            self.notice.emit(text.replace("{kept}", merged.kept.title or untitled), lambda: self._take_back(merged))

        self._tasks.run(lambda token: self._merging.merge(preview), done=finish, failed=failed)

    def _take_back(self, merged: Merged) -> None:
        def done(changed: list[Note]) -> None:
            self.taken_back.emit()
            if changed:
                titles = ", ".join(f"“{note.title or self.tr('Untitled')}”" for note in changed)
                words = self.tr("Both notes are back. What was changed since stays as it is: {titles}.")
                self.notice.emit(words.replace("{titles}", titles), None)

        self._tasks.run(lambda token: self._merging.take_back(merged), done=done, failed=self.failed.emit)
