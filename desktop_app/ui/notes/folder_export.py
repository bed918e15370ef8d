"""*Export folder as Markdown…* on the notes screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from desktop_app.domain.notes import FolderExportReport
from desktop_app.presenters.folder_export import FolderExportPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.import_dialog import TransferBar
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.widgets import LineDialog


class FolderExportControls(QObject):
    """The folder that the list shows is exported; where it shows all, one is asked for."""

    def __init__(
        self,
        exports: FolderExportPresenter,
        notes: NotesPresenter,
        bar: TransferBar,
        actions: Actions,
        screen: QWidget,
        questions: Questions | None = None,
        save: Callable[[], object] = lambda: None,
    ) -> None:
        """`save` keeps what was typed last before anything is written."""
        super().__init__(screen)
        self._exports = exports
        self._notes = notes
        self._bar = bar
        self._screen = screen
        self._questions = questions or Questions(screen)
        self._save = save
        self.question: LineDialog | None = None
        actions["note.export_folder"].triggered.connect(lambda _=False: self.ask())
        exports.sources_found.connect(self._choose)
        exports.running_changed.connect(lambda running: bar.show_kind("export" if running else ""))
        exports.progress.connect(bar.show_progress)
        exports.exported.connect(self._tell)
        exports.failed.connect(notes.failed)
        bar.stop_wanted.connect(exports.stop)

    def ask(self) -> None:
        """Ask what is not clear yet, then export."""
        if self._notes.transferring:
            return
        folder = self._notes.filter.folder
        if folder:
            self._export(folder)
        else:
            self._exports.ask()

    def _choose(self, sources: list[Path]) -> None:
        known = [*(str(path) for path in sources), *(name for name, _count in self._notes.facets.folders if name)]
        dialog = LineDialog(
            self.tr("Export folder as Markdown"),
            self.tr(
                "A folder of notes, or one on the disk that you imported: what was not edited is written as it came in."
            ),
            known[0] if known else "",
            known,
            act=self.tr("Choose where to…"),
            cancel=self.tr("Cancel"),
            parent=self._screen,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.answered.connect(lambda name: self._export(Path(name) if Path(name) in sources else name))
        dialog.finished.connect(lambda _: setattr(self, "question", None))
        self.question = dialog
        dialog.open()

    def _export(self, source: str | Path) -> None:
        target = self._questions.folder(self.tr("Export to a folder"))
        if target is not None:
            self._save()
            self._exports.export(source, target)

    def _tell(self, report: FolderExportReport) -> None:
        words = self._exported_words(report).replace("{n}", f"{report.notes:,}")
        words = words.replace("{same}", f"{report.unchanged:,}").replace("{folder}", str(report.folder))
        missing = len(report.missing)
        if missing == 1:
            words += " " + self.tr("1 file was not there or damaged.")
        elif missing:
            words += " " + self.tr("{n} files were not there or damaged.").replace("{n}", f"{missing:,}")
        self._notes.notice.emit(words, None)

    def _exported_words(self, report: FolderExportReport) -> str:
        if report.notes == 1:
            if report.unchanged:
                return self.tr("1 note was exported to {folder}, as it came in.")
            return self.tr("1 note was exported to {folder}.")
        if report.unchanged:
            return self.tr("{n} notes were exported to {folder}, {same} of them as they came in.")
        return self.tr("{n} notes were exported to {folder}.")
