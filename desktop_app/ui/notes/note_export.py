"""Chosen notes as files of their own, as one document or on paper: asked where to, written, reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.notes import ExportReport, Note
from desktop_app.presenters.note_export import NoteExportPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.services.note_export import NoteExport, Progress, with_kind
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.import_dialog import TransferBar
from desktop_app.ui.notes.note_documents import DOCX, HTML, KINDS, PDF, NoteDocuments
from desktop_app.ui.notes.note_pdf import PrintTheme
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.widgets import PlainLabel, TextButton, breakable
from desktop_app.ui.widgets.labels import at_font_size, least_width


class ExportReportDialog(QDialog):
    """What was written, and where."""

    def __init__(self, report: ExportReport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export"))
        self.setMinimumWidth(least_width(460, parent))
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
        shown = PlainLabel(breakable(path), "code", wrap=True)
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
    """Wires the actions to the export: each note as a file, all in one document, or on paper."""

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
        as_shown: Callable[[], Note | None] = lambda: None,
    ) -> None:
        """`targets()` are the notes that are meant; `save()` keeps what was typed last and gives what could not be;
        `as_shown()` is the note that is worked in, or what is selected in it.
        """
        super().__init__(screen)
        self._presenter = presenter
        self._export = export
        self._make_theme = theme
        self._print_theme: PrintTheme | None = None
        self._notes = notes
        self._screen = screen
        self._targets = targets
        self._save = save
        self._as_shown = as_shown
        self._questions = questions or Questions(screen)
        self.report: ExportReportDialog | None = None
        self._copied = ""  # the words of what was put on the clipboard
        actions["note.export_markdown"].triggered.connect(self._write_markdown)
        for action_id, kind in (("note.export_html", HTML), ("note.export_pdf", PDF), ("note.export_docx", DOCX)):
            actions[action_id].triggered.connect(lambda _=False, kind=kind: self._write_each(kind))
        actions["note.export_one"].triggered.connect(self._write_together)
        actions["note.print"].triggered.connect(self._print)
        actions["note.copy_formatted"].triggered.connect(lambda _=False: self._format(as_shown()))
        presenter.formatted.connect(self._copy)
        application = QGuiApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.leave_plain_words)
        presenter.running_changed.connect(lambda running: bar.show_kind("export" if running else ""))
        presenter.progress.connect(bar.show_progress)
        presenter.exported.connect(self._tell)
        presenter.failed.connect(notes.failed)
        bar.stop_wanted.connect(presenter.stop)

    @property
    def _can_begin(self) -> bool:
        return bool(self._targets()) and not self._presenter.running and not self._notes.transferring

    def _folder(self, ids: Sequence[int]) -> Path | None:
        """Where to, once what was typed last is kept."""
        if not self._can_begin:
            return None
        if len(ids) == 1:
            words = self.tr("Export “{title}” to a folder").replace("{title}", self._title_of(ids[0]))
        else:
            words = self.tr("Export {n} notes to a folder").replace("{n}", f"{len(ids):,}")
        folder = self._questions.folder(words)
        return folder if folder is not None and not self._save() else None

    def _title_of(self, note_id: int) -> str:
        """As it is typed, where the note is open."""
        shown = self._as_shown()
        if shown is not None and shown.id == note_id and shown.title:
            return shown.title
        return next((row.title for row in self._notes.chosen_rows([note_id])), "") or self.tr("Untitled")

    def _write_markdown(self) -> None:
        ids, name = list(self._targets()), self.tr("Notes")
        folder = self._folder(ids)
        if folder is not None:
            self._presenter.export(lambda progress, cancel: self._export.markdown(ids, folder, name, progress, cancel))

    def _write_each(self, kind: str) -> None:
        ids, name = list(self._targets()), self.tr("Notes")
        if len(ids) == 1:
            self._write_one(ids[0], kind)
            return
        folder = self._folder(ids)
        if folder is None:
            return
        documents = self._documents()

        def write(progress: Progress, cancel: CancelToken) -> ExportReport:
            report = self._export.each(
                ids, folder, name, kind, lambda note: documents.make(kind, note.title, [note]), progress, cancel
            )
            return _with_files(report, documents)

        self._presenter.export(write)

    def _write_one(self, note_id: int, kind: str) -> None:
        """The one note that is meant, into a file that is asked for."""
        if not self._can_begin:
            return
        title = self._title_of(note_id)
        words = next(words for words, suffix in self._kinds() if suffix == kind)
        caption = self.tr("Export “{title}” as {kind}").replace("{kind}", words).replace("{title}", title)
        path = self._questions.document(title, [(words, kind)], caption)
        if path is None or self._save():
            return
        documents = self._documents()

        def made(notes: Iterable[Note]) -> bytes:
            one = list(notes)
            return documents.make(kind, one[0].title, one)

        def write(progress: Progress, cancel: CancelToken) -> ExportReport:
            return _with_files(self._export.together([note_id], path, made, progress, cancel), documents)

        self._presenter.export(write)

    def _write_together(self) -> None:
        """The chosen notes, else all that the list shows, in its order."""
        if not self._can_begin:
            return
        chosen, shown = list(self._targets()), self._notes.filter
        title = (shown.folder or "").rpartition("/")[2] or shown.tag or self.tr("Notes")
        path = self._questions.document(title, self._kinds())
        if path is None or self._save():
            return
        documents = self._documents()
        kind = path.suffix.casefold() if path.suffix.casefold() in KINDS else PDF
        path = path if path.suffix.casefold() in KINDS else with_kind(path, kind)

        def write(progress: Progress, cancel: CancelToken) -> ExportReport:
            ids = chosen if len(chosen) > 1 else self._export.listed(shown)
            report = self._export.together(
                ids, path, lambda notes: documents.make(kind, path.stem, notes), progress, cancel
            )
            return _with_files(report, documents)

        self._presenter.export(write)

    def _print(self) -> None:
        ids = list(self._targets())
        printer = self._questions.printer() if self._can_begin else None
        if printer is None or self._save():
            return
        documents = self._documents()

        def write(progress: Progress, cancel: CancelToken) -> None:
            notes = self._export.read_notes(ids, progress, cancel)
            first = next(notes)
            printer.setDocName(first.title)  # what the printer's queue calls it
            documents.print_on(printer, chain((first,), notes))

        self._presenter.export(write)

    def _format(self, note: Note | None) -> None:
        if note is not None:
            self._presenter.format(note, self._export.formatted)

    def _copy(self, html: str, markdown: str) -> None:
        """For a mail or a document as it reads, for a text field as it is written."""
        self._copied = markdown
        data = QMimeData()
        data.setHtml(html)
        data.setText(markdown)
        QGuiApplication.clipboard().setMimeData(data)
        self._notes.notice.emit(self.tr("Copied, to be pasted with its formatting."), None)

    def leave_plain_words(self) -> None:
        """At the end of the program: what Python made must not be on the clipboard when Python is gone."""
        clipboard = QGuiApplication.clipboard()
        if self._copied and clipboard.text() == self._copied:
            clipboard.setText(self._copied)
        self._copied = ""

    def _documents(self) -> NoteDocuments:
        self._print_theme = self._print_theme or self._make_theme()
        return NoteDocuments(self._export, self._print_theme)

    def _kinds(self) -> list[tuple[str, str]]:
        words = {PDF: self.tr("PDF"), DOCX: self.tr("Word document"), HTML: self.tr("HTML")}
        return [(words[kind], kind) for kind in KINDS]

    def _tell(self, report: ExportReport | None) -> None:
        if report is None:  # on paper: there is nothing to be found in a folder
            self._notes.notice.emit(self.tr("Sent to the printer."), None)
            return
        dialog = ExportReportDialog(report, self._screen)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda _: setattr(self, "report", None))
        self.report = dialog
        dialog.open()


def _with_files(report: ExportReport, documents: NoteDocuments) -> ExportReport:
    return replace(report, attachments=len(documents.drawn), missing=tuple(documents.missing))
