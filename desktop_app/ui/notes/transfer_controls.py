"""Import and export on the notes screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from desktop_app.domain.notes import ImportReport
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.import_dialog import ImportReportDialog, TransferBar
from desktop_app.ui.notes.notes_pane import NotesPane
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.notes.side_by_side import SideBySide
from desktop_app.ui.theme.theme import Theme


class TransferControls(QObject):
    """Asks for files and folders, shows what is under way in `bar`, and what came in."""

    def __init__(
        self,
        presenter: NotesPresenter,
        pane: NotesPane,
        desk: SideBySide,
        questions: Questions,
        theme: Theme,
        actions: Actions,
        over: QWidget,
    ) -> None:
        super().__init__(over)
        self._presenter = presenter
        self._pane = pane
        self._desk = desk
        self._questions = questions
        self._theme = theme
        self._actions = actions
        self._over = over
        self.bar = TransferBar(theme)
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
        self._presenter.import_paths(self._questions.files())

    def import_folder(self) -> None:
        """Ask which, then read it."""
        folder = self._questions.folder(self.tr("Import a folder of notes"))
        if folder is not None:
            self.bring_in([folder])

    def export(self) -> None:
        """Ask where to, then write everything there."""
        folder = self._questions.folder(self.tr("Export notes and chats to a folder"))
        if folder is not None:
            self._desk.save_now()
            self._presenter.export_to(folder)

    def _show_import_menu(self) -> None:
        menu = QMenu(self._over)
        menu.addAction(self._actions["note.import_files"])
        menu.addAction(self._actions["note.import_folder"])
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        button = self._pane.import_button
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _on_busy(self, kind: str) -> None:
        self.bar.show_kind(kind)
        for button in (self._pane.import_button, self._pane.export_button):
            button.setEnabled(not kind)

    def _show_report(self, report: ImportReport) -> None:
        dialog = ImportReportDialog(self._theme, report, self._over)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
