"""Import and export on the notes screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu

from desktop_app.domain.notes import ImportReport
from desktop_app.ui.notes.import_dialog import ImportReportDialog, TransferBars
from desktop_app.ui.notes.screen_parts import ScreenParts


class TransferControls(QObject):
    """Asks for files and folders, shows what is under way in `bar`, one of the `bars`, and what came in."""

    def __init__(self, parts: ScreenParts) -> None:
        super().__init__(parts.over)
        self._parts = parts
        presenter, pane = parts.presenter, parts.pane
        self.bars = TransferBars(parts.theme)
        self.bar = self.bars.add()
        self.bring_in: Callable[[Sequence[Path]], object] = presenter.import_paths
        """What a chosen folder is handed to."""
        pane.import_wanted.connect(self._show_import_menu)
        pane.export_wanted.connect(self.export)
        presenter.busy_changed.connect(self._on_busy)
        presenter.import_progress.connect(self.bar.show_progress)
        presenter.import_finished.connect(self._show_report)
        self.bar.stop_wanted.connect(presenter.stop_transfer)

    def import_files(self) -> None:
        """Ask which, then read them."""
        self._parts.presenter.import_paths(self._parts.questions.files())

    def import_folder(self) -> None:
        """Ask which, then read it."""
        folder = self._parts.questions.folder(self.tr("Import a folder of notes"))
        if folder is not None:
            self.bring_in([folder])

    def export(self) -> None:
        """Ask where to, then write everything there."""
        folder = self._parts.questions.folder(self.tr("Export notes and chats to a folder"))
        if folder is not None:
            self._parts.desk.save_now()
            self._parts.presenter.export_to(folder)

    def _show_import_menu(self) -> None:
        menu = QMenu(self._parts.over)
        menu.addAction(self._parts.actions["note.import_files"])
        menu.addAction(self._parts.actions["note.import_folder"])
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        button = self._parts.pane.import_button
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _on_busy(self, kind: str) -> None:
        self.bar.show_kind(kind)
        for button in (self._parts.pane.import_button, self._parts.pane.export_button):
            button.setEnabled(not kind)

    def _show_report(self, report: ImportReport) -> None:
        dialog = ImportReportDialog(self._parts.theme, report, self._parts.over)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.note_wanted.connect(self._go_to)
        dialog.open()

    def _go_to(self, note_id: int) -> None:
        """Among all notes, since the list may be narrowed to others."""
        self._parts.presenter.clear_filters()
        self._parts.pane.note_chosen.emit(note_id)
        self._parts.pane.select(note_id)
