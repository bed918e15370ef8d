"""Below the list while several notes are chosen: how many, and what can be done to all of them."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.ui.actions import Actions
from desktop_app.ui.widgets import PlainLabel, TextButton
from desktop_app.ui.widgets.flow_row import FlowRow


class ChosenLine(QWidget):
    """Hidden unless at least two are chosen. Its buttons are the actions of Ctrl+K and the list's menu."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(2)
        self.words = PlainLabel("", "small")
        self.words.setContentsMargins(2, 0, 0, 0)
        layout.addWidget(self.words)
        self._row = FlowRow()
        layout.addWidget(self._row)
        self._of_notes = [
            self._button(self.tr("Move…"), "note.move"),
            self._button(self.tr("Tags…"), "note.tags"),
            self._button(self.tr("Pin"), "note.pin"),
            self._button(self.tr("Merge…"), "note.merge"),
            self._button(self.tr("Move to trash"), "note.delete"),
        ]
        self._of_trash = [
            self._button(self.tr("Put back"), "note.restore"),
            self._button(self.tr("Delete forever…"), "note.delete_forever"),
        ]
        self._row.set_widgets([*self._of_notes, *self._of_trash])
        self.hide()

    def show_chosen(self, count: int, *, trashed: bool) -> None:
        """So many notes are chosen in the list, or in the trash."""
        if count > 1:
            self.words.setText(self.tr("{n} notes chosen").replace("{n}", f"{count:,}"))
            for button in self._of_notes:
                button.setVisible(not trashed)
            for button in self._of_trash:
                button.setVisible(trashed)
            self._of_notes[3].setVisible(not trashed and count == 2)
        self.setVisible(count > 1)

    def _button(self, words: str, action_id: str) -> TextButton:
        button = TextButton(words, "small_link")
        button.clicked.connect(lambda _=False: self._actions[action_id].trigger())
        return button
