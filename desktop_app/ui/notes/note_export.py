"""Chosen notes as Markdown, HTML or PDF, from the notes screen: asked where to, written, reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.notes import ExportReport, Note
from desktop_app.presenters.note_export import NoteExportPresenter, Write
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.services.note_export import NoteExport, Progress
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.import_dialog import TransferBar
from desktop_app.ui.notes.note_pdf import NotePdf, PrintTheme
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.widgets import PlainLabel, TextButton
from desktop_app.ui.widgets.labels import at_font_size


class ExportReportDialog(QDialog):
    """What was written, and where."""

    def __init__(self, report: ExportReport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export"))
        self.setMinimumWidth(at_font_size(460))
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 18)
        column.setSpacing(8)
        title = self.tr("Exported, with some left out") if report.missing else self.tr("Exported")
        column.addWidget(PlainLabel(title, "title", wrap=True))
        for count, words in self._lines(report):
            row = QHBoxLayout()
            number = PlainLabel(f"{count:,}", "strong")
            number.setMinimumWidth(at_font_size(40))
            number.setAlignment(Qt.AlignmentFlag.AlignRight)
            row.addWidget(number)
            row.addSpacing(8)
            row.addWidget(PlainLabel(words), 1)
            column.addLayout(row)
        if report.missing:
            listed = self.tr("Not there, or damaged: {names}").replace("{names}", ", ".join(report.missing[:20]))
            column.addWidget(PlainLabel(listed, "warning", wrap=True))
        path = str(report.folder)
        shown = PlainLabel("\u200b".join(path[at : at + 24] for at in range(0, len(path), 24)), "code", wrap=True)
        shown.setAccessibleName(self.tr("Where it is"))
        column.addSpacing(4)
        column.addWidget(shown)
        buttons = QHBoxLayout()
        copy = TextButton(self.tr("Copy the path"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(path))
        done = TextButton(self.tr("Done"), "primary")
        done.clicked.connect(self.accept)
        done.setDefault(True)
        buttons.addWidget(copy)
        buttons.addStretch()
        buttons.addWidget(done)
        column.addSpacing(6)
        column.addLayout(buttons)

    def _lines(self, report: ExportReport) -> list[tuple[int, str]]:
        lines = [(report.notes, self.tr("note") if report.notes == 1 else self.tr("notes"))]
        if report.attachments:
            one = report.attachments == 1
            words = self.tr("picture or other file") if one else self.tr("pictures and other files")
            lines.append((report.attachments, words))
        return lines


class NoteExportControls(QObject):
    """Wires the three actions to the export."""

    def __init__(
        self,
        presenter: NoteExportPresenter,
        export: NoteExport,
        theme: Callable[[], PrintTheme],
        notes: NotesPresenter,
        bar: TransferBar,
        actions: Actions,
        screen: QWidget,
        targets: Callable[[], Sequence[int]],
        save: Callable[[], Sequence[InkwellError]],
        questions: Questions | None = None,
    ) -> None:
        """`targets()` are the notes that are meant; `save()` keeps what was typed last and gives what could not be."""
        super().__init__(screen)
        self._presenter = presenter
        self._export = export
        self._make_theme = theme
        self._print_theme: PrintTheme | None = None
        self._notes = notes
        self._screen = screen
        self._targets = targets
        self._save = save
        self._questions = questions or Questions(screen)
        self.report: ExportReportDialog | None = None
        for action_id, write in (
            ("note.export_markdown", self._as_markdown),
            ("note.export_html", self._as_html),
            ("note.export_pdf", self._as_pdf),
        ):
            actions[action_id].triggered.connect(lambda _=False, write=write: self._begin(write))
        presenter.running_changed.connect(lambda running: bar.show_kind("export" if running else ""))
        presenter.progress.connect(bar.show_progress)
        presenter.exported.connect(self._tell)
        presenter.failed.connect(notes.failed)
        bar.stop_wanted.connect(presenter.stop)

    def _begin(self, write: Callable[[list[int], Path], Write]) -> None:
        ids = list(self._targets())
        if not ids or self._presenter.running or self._notes.transferring:
            return
        folder = self._questions.folder(self.tr("Export to a folder"))
        if folder is not None and not self._save():
            self._presenter.export(write(ids, folder))

    def _as_markdown(self, ids: list[int], folder: Path) -> Write:
        name = self.tr("Notes")
        return lambda progress, cancel: self._export.markdown(ids, folder, name, progress, cancel)

    def _as_html(self, ids: list[int], folder: Path) -> Write:
        name = self.tr("Notes")
        return lambda progress, cancel: self._export.html(ids, folder, name, progress, cancel)

    def _as_pdf(self, ids: list[int], folder: Path) -> Write:
        self._print_theme = self._print_theme or self._make_theme()
        export, name = self._export, self.tr("Notes")
        pdf = NotePdf(self._print_theme, keeps_lines=export.keeps_lines)

        def pages(note: Note) -> bytes:
            return pdf.pages(note, export.files_of(note), export.read)

        def write(progress: Progress, cancel: CancelToken) -> ExportReport:
            report = export.each(ids, folder, name, ".pdf", pages, progress, cancel)
            return ExportReport(report.folder, report.notes, 0, len(pdf.drawn), tuple(pdf.missing))

        return write

    def _tell(self, report: ExportReport) -> None:
        dialog = ExportReportDialog(report, self._screen)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda _: setattr(self, "report", None))
        self.report = dialog
        dialog.open()
