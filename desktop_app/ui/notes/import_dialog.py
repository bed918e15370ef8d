"""An import while it runs, and what came of it: new, changed, as before, and what failed and why."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePath

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.domain.notes import ImportFailure, ImportReport
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Banner, ElidedLabel, PlainLabel, TextButton, ThinProgress
from desktop_app.ui.widgets.labels import at_font_size, least_width

_ARCHIVES = frozenset({".zip", ".bear2bk", ".bearbk"})
_DOCUMENTS = frozenset(
    {".doc", ".odt", ".rtf", ".pages", ".xls", ".xlsx", ".ods", ".numbers", ".ppt", ".pptx", ".odp", ".key"}
    | {".eml", ".msg"}
)


class TransferBars(QWidget):
    """What is under way, one line each: an import and an export may run at the same time."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def add(self) -> TransferBar:
        """A line for one kind of work; it takes no room while nothing of that kind runs."""
        bar = TransferBar(self._theme)
        self._column.addWidget(bar)
        return bar


class TransferBar(QWidget):
    """One line over the note while files are read or written: what, how far, and a way to stop."""

    stop_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 8, 20, 6)
        layout.setSpacing(6)
        row = QHBoxLayout()
        self.label = ElidedLabel("", "small")
        row.addWidget(self.label, 1)
        stop = TextButton(self.tr("Stop"), "link")
        stop.clicked.connect(self.stop_wanted)
        row.addWidget(stop)
        layout.addLayout(row)
        self.progress = ThinProgress(theme, name=self.tr("Progress of the import or export"))
        layout.addWidget(self.progress)
        self._kind = ""
        self.hide()

    def show_kind(self, kind: str) -> None:
        """ "import", "export", or "" to hide."""
        self._kind = kind
        self.label.setText(self.tr("Exporting…") if kind == "export" else self.tr("Importing…"))
        self.progress.set_fraction(None)
        self.setVisible(bool(kind))

    def show_progress(self, done: float, total: int, name: str) -> None:
        """`done` of `total` files, the one at hand as a fraction; `name` is that one."""
        words = (
            self.tr("Exporting {done} of {total}") if self._kind == "export" else self.tr("Importing {done} of {total}")
        )
        words = words.replace("{done}", f"{int(done):,}").replace("{total}", f"{total:,}")
        self.label.setText(f"{words} · {name}" if name else words)
        self.progress.set_fraction(done / total if done and total else None)


class ImportReportDialog(QDialog):
    """The report of one import. Reasons can be copied, and the first of the notes be gone to."""

    note_wanted = Signal(int)

    def __init__(self, theme: Theme, report: ImportReport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import"))
        self.setMinimumWidth(least_width(520, parent))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(8)
        layout.addWidget(PlainLabel(self._title(report), "title", wrap=True))
        if report.broken_off:
            layout.addWidget(PlainLabel(report.broken_off, wrap=True))
        for count, words in self._lines(report):
            row = QHBoxLayout()
            number = PlainLabel(f"{count:,}", "strong")
            number.setMinimumWidth(at_font_size(56))
            number.setAlignment(Qt.AlignmentFlag.AlignRight)
            row.addWidget(number)
            row.addSpacing(8)
            row.addWidget(PlainLabel(words), 1)
            layout.addLayout(row)
        left = tuple(ImportFailure(path, self._why_not_taken(path)) for path in report.not_taken)
        listed = (*report.failed, *report.converted, *left)
        self._failures = self._by_reason(listed)
        buttons = QHBoxLayout()
        if listed:
            layout.addSpacing(6)
            words = self.tr("Worth a look") if report.converted or left else self.tr("Not imported")
            layout.addWidget(PlainLabel(words, "section_strong"))
            box = QPlainTextEdit(self._failures)
            box.setReadOnly(True)
            box.setProperty("role", "field")
            box.setAccessibleName(self.tr("Files worth a look, with reasons"))
            box.setFont(theme.interface_font())
            box.setMinimumHeight(at_font_size(110))
            layout.addWidget(box, 1)
            copy = TextButton(self.tr("Copy the list"))
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._failures))
            buttons.addWidget(copy)
        elif (report.imported or report.updated) and not report.broken_off:
            layout.addWidget(
                Banner(self.tr("Search finds them by their words now, and by meaning once they are indexed."))
            )
        buttons.addStretch()
        came_in = (*report.imported, *report.updated)
        if came_in:
            words = self.tr("Open the note") if len(came_in) == 1 else self.tr("Open the first one")
            first = TextButton(words)
            first.clicked.connect(self.accept)
            first.clicked.connect(lambda: self.note_wanted.emit(came_in[0]))
            buttons.addWidget(first)
        done = TextButton(self.tr("Done"), "primary")
        done.clicked.connect(self.accept)
        done.setDefault(True)
        buttons.addWidget(done)
        layout.addLayout(buttons)

    def _title(self, report: ImportReport) -> str:
        if report.broken_off:
            any_in = report.imported or report.updated or report.unchanged
            return self.tr("Broken off: a part is in your notes") if any_in else self.tr("Nothing was imported")
        if not (report.imported or report.updated or report.unchanged or report.failed):
            return self.tr("Stopped") if report.stopped else self.tr("There was nothing to import")
        if report.stopped:
            return self.tr("Stopped: what was read so far is in your notes")
        if report.failed and not (report.imported or report.updated):
            return self.tr("Nothing was imported")
        return self.tr("Imported, with some left out") if report.failed else self.tr("Imported")

    def _lines(self, report: ImportReport) -> list[tuple[int, str]]:
        lines = (
            (len(report.imported), self.tr("new note") if len(report.imported) == 1 else self.tr("new notes")),
            (len(report.updated), self.tr("note updated") if len(report.updated) == 1 else self.tr("notes updated")),
            (report.unchanged, self.tr("unchanged since the last import")),
            (len(report.converted), self.tr("of these with a remark, see below")),
            (report.attachments, self._taken(report.attachments)),
            (len(report.failed), self.tr("failed")),
            (report.skipped_attachments, self._not_taken(report.skipped_attachments)),
        )
        return [line for line in lines if line[0]]

    def _taken(self, count: int) -> str:
        return self.tr("picture or other file kept") if count == 1 else self.tr("pictures and other files kept")

    def _not_taken(self, count: int) -> str:
        return self.tr("file was not taken, see below") if count == 1 else self.tr("files were not taken, see below")

    def _why_not_taken(self, path: str) -> str:
        kind = PurePath(path).suffix.lower()
        if kind in _ARCHIVES:
            return self.tr("An archive inside a folder is passed over. Import it by itself.")
        if kind in _DOCUMENTS:
            return self.tr("Inkwell does not read this kind of file. Save it as PDF or DOCX, and import that.")
        return self.tr("Not taken: no note names it.")

    def _by_reason(self, listed: Sequence[ImportFailure]) -> str:
        """Each reason once, and below it what it holds for; what all paths begin with stands once, too."""
        common = _common_folder([one.path for one in listed])
        paths: dict[str, list[str]] = {}
        for one in listed:
            paths.setdefault(one.reason, []).append(one.path[len(common) :].lstrip("/\\") if common else one.path)
        parts = ["\n".join((reason, *(f"    {path}" for path in held))) for reason, held in paths.items()]
        return "\n".join([self.tr("In {0}").format(common), *parts] if common else parts)


def _common_folder(paths: Sequence[str]) -> str:
    """The folder that all of some paths lie in; "" where they have none in common or there is one path only."""
    if len(paths) < 2:
        return ""
    try:
        common = os.path.commonpath([os.path.dirname(path) for path in paths])
    except ValueError:
        return ""
    return common if len(PurePath(common).parts) > 1 else ""
