"""What stands in the place of a note while none is open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop_app.ui.notes.screen_parts import ScreenParts
from desktop_app.ui.notes.transfer_controls import TransferControls
from desktop_app.ui.widgets import EmptyState


class NoNote(QObject):
    """Words for each state of the list beside it. `new_note` begins a note."""

    def __init__(self, parts: ScreenParts, transfers: TransferControls, new_note: Callable[[], object]) -> None:
        super().__init__(parts.over)
        self._parts = parts
        self._transfers = transfers
        self._new_note = new_note

    def message(self) -> EmptyState | None:
        """What there is to say now; None keeps what stands there."""
        presenter = self._parts.presenter
        state, trashed = presenter.state, presenter.filter.trashed
        if state.empty and (state.narrowed or trashed):
            # Beside "The trash is empty" or "No note fits" there is nothing to choose.
            words = self.tr("A note you delete waits here until you put it back or empty the trash.")
            return EmptyState(None, "", words if trashed and not state.narrowed else "")
        if state.empty:
            return self._first_note()
        if state.error is not None:
            return EmptyState(None, "")  # what happened stands in the list
        if state.loading or not presenter.model.rowCount():
            return None
        return self._choose_one(trashed)

    def _first_note(self) -> EmptyState:
        actions = [(self._parts.actions["note.new"].text(), self._new_note)]
        if self._parts.presenter.can_import:
            actions += [
                (self.tr("Import a folder…"), self._transfers.import_folder),
                (self.tr("Import files…"), self._transfers.import_files),
            ]
        return EmptyState(
            self._parts.theme.icon("note", "muted_text"),
            self.tr("Write your first note"),
            self.tr("Or bring the notes you have: files, folders, exports."),
            actions,
        )

    def _choose_one(self, trashed: bool) -> EmptyState:
        keys = self._parts.actions["note.new"].shortcut().toString()
        return EmptyState(
            self._parts.theme.icon("note", "muted_text"),
            self.tr("Choose a note at the left"),
            self.tr("Then it can be put back, or deleted forever.")
            if trashed
            else self.tr("Or start a new one with {keys}.").replace("{keys}", keys),
        )
