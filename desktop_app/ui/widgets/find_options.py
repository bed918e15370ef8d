"""How a text is found: case, whole words, regular expression."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.ui.widgets.buttons import ChipButton
from desktop_app.ui.widgets.labels import plain_tool_tip


class FindOptions(QWidget):
    """Three switches, which Alt and a letter turn from the line as well."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.case = self._made(self.tr("Aa"), self.tr("Match case"), "C")
        self.words = self._made(self.tr("Word"), self.tr("Whole words only"), "W")
        self.pattern = self._made(".*", self.tr("Regular expression"), "R")
        self._by_key = {Qt.Key.Key_C: self.case, Qt.Key.Key_W: self.words, Qt.Key.Key_R: self.pattern}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button in (self.case, self.words, self.pattern):
            row.addWidget(button)
            button.toggled.connect(self.changed)

    def take_key(self, event: QKeyEvent) -> bool:
        """Turn a switch by its key; false for every other key."""
        button = self._by_key.get(Qt.Key(event.key()))
        if button is None or event.modifiers() != Qt.KeyboardModifier.AltModifier:
            return False
        button.toggle()
        return True

    def _made(self, text: str, name: str, letter: str) -> ChipButton:
        button = ChipButton(text, checkable=True)
        button.setAccessibleName(name)
        button.setToolTip(plain_tool_tip(f"{name} (Alt+{letter})"))
        return button
