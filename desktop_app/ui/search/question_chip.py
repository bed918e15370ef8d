"""One filter of the question, or what is wrong with a part of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent

from desktop_app.presenters.search_chips import QuestionChip
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import TextButton, plain_tool_tip


class QuestionChipButton(TextButton):
    """A press takes a filter out, and corrects or marks what is wrong; Delete takes either out."""

    remove_wanted = Signal(object)  # QuestionChip
    mend_wanted = Signal(object)  # QuestionChip

    def __init__(self, chip: QuestionChip, theme: Theme) -> None:
        super().__init__(chip.text if chip.problem else f"{chip.text}  ×", "chip")
        self.chip = chip
        self.setProperty("state", "problem" if chip.problem else "filter")
        if chip.problem:
            self.setIcon(theme.icon("warning", "warning"))
            act = self.tr("Enter writes “{text}”.") if chip.correction else self.tr("Enter marks it in the box.")
            act = act.replace("{text}", chip.correction)
        else:
            act = self.tr("Takes the filter out.")
        self.setAccessibleName(chip.text)
        self.setAccessibleDescription(act)
        self.setToolTip(plain_tool_tip(act))
        self.clicked.connect(lambda: (self.mend_wanted if self.chip.problem else self.remove_wanted).emit(self.chip))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_wanted.emit(self.chip)
        else:
            super().keyPressEvent(event)
