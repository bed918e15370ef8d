"""Above a note's text: its properties behind one quiet line, as names and values."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.ui.theme.theme import READING_COLUMN, Theme
from desktop_app.ui.widgets import PlainLabel, TextButton

#: So many are shown; the sheet has all of them.
_MOST_ROWS = 12
_MOST_VALUE = 240


class PropertiesFold(QWidget):
    """Hidden for a note without properties; folded until a person unfolds it, which then holds for other notes, too."""

    edit_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[tuple[str, str]] = []
        self._unfolded = False
        self._column = QVBoxLayout(self)
        self._column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(12)
        self.toggle = TextButton("", "small_link")
        self.toggle.clicked.connect(self._turn)
        self.edit_button = TextButton(self.tr("Edit…"), "small_link")
        self.edit_button.setAccessibleName(self.tr("Edit the properties"))
        self.edit_button.clicked.connect(self.edit_wanted)
        head.addWidget(self.toggle)
        head.addWidget(self.edit_button)
        head.addStretch()
        self._column.addLayout(head)
        self._table = QWidget()
        self._grid = QGridLayout(self._table)
        self._grid.setContentsMargins(3, 0, 0, 4)
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._column.addWidget(self._table)
        self.setMinimumWidth(1)
        self.setAccessibleName(self.tr("Properties"))
        theme.changed.connect(self._fit)
        self.hide()

    def show_rows(self, rows: Sequence[tuple[str, str]], *, editable: bool) -> None:
        """Show these names and values."""
        self.edit_button.setVisible(editable)
        if list(rows) != self._rows:
            self._rows = list(rows)
            self._fill()
        self.setVisible(bool(rows))

    def _turn(self) -> None:
        self._unfolded = not self._unfolded
        self._fill()

    def _fill(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            label = item.widget()
            if label is not None:
                label.hide()
                label.deleteLater()
        mark = "▾" if self._unfolded else "▸"
        count = sum(bool(name) for name, _value in self._rows)
        words = self.tr("Properties ({n})").replace("{n}", str(count)) if count else self.tr("Properties")
        self.toggle.setText(f"{mark} {words}")
        name = self.tr("Hide the properties") if self._unfolded else self.tr("Show the properties")
        self.toggle.setAccessibleName(name)
        if self._unfolded:
            self._add_rows()
        self._table.setVisible(self._unfolded)
        self._fit()

    def _add_rows(self) -> None:
        for row, (name, value) in enumerate(self._rows[:_MOST_ROWS]):
            shown = value if len(value) <= _MOST_VALUE else value[: _MOST_VALUE - 1] + "…"
            said = PlainLabel(shown, "small", wrap=True, selectable=True)
            said.setAccessibleName(f"{name}: {shown}" if name else shown)
            if name:
                self._grid.addWidget(PlainLabel(name, "small"), row, 0, Qt.AlignmentFlag.AlignTop)
                self._grid.addWidget(said, row, 1)
            else:
                self._grid.addWidget(said, row, 0, 1, 2)
        more = len(self._rows) - _MOST_ROWS
        if more > 0:
            words = self.tr("{n} more").replace("{n}", str(more))
            self._grid.addWidget(PlainLabel(words, "small"), _MOST_ROWS, 0, 1, 2)

    def _fit(self) -> None:
        """Keep to the reading column."""
        side = max(24, (self.width() - 10 - self._theme.px(READING_COLUMN)) // 2)
        self._column.setContentsMargins(side - 3, 8, side, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
