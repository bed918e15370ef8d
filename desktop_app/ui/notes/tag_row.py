"""The tags of the open note, each a way to all notes with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.ui.theme.theme import READING_COLUMN, Theme
from desktop_app.ui.widgets import TextButton

_SHOWN = 12


class TagRow(QWidget):
    """A row of "#tag" at the left edge of the reading column; hidden without tags."""

    tag_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._row = QHBoxLayout(self)
        self._row.setSpacing(10)
        self._buttons: list[TextButton] = []
        self.setAccessibleName(self.tr("Tags"))
        theme.changed.connect(self._colour)
        self.hide()

    def show_tags(self, tags: Sequence[str]) -> None:
        """Show these tags (the first dozen)."""
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._buttons = []
        for tag in tags[:_SHOWN]:
            button = TextButton(f"#{tag}", "small_link")
            button.setAccessibleName(self.tr("All notes with the tag {tag}").replace("{tag}", tag))
            button.clicked.connect(lambda _=False, tag=tag: self.tag_chosen.emit(tag))
            self._row.addWidget(button)
            self._buttons.append(button)
        self._row.addStretch()
        self._colour()
        self.setVisible(bool(tags))
        self.fit(self.width())

    def fit(self, width: int) -> None:
        """Keep to the reading column in a view `width` pixels wide."""
        side = max(24, (width - 10 - self._theme.px(READING_COLUMN)) // 2)
        self._row.setContentsMargins(side - 3, 14, side, 0)

    def _colour(self) -> None:
        colour = self._theme.color("tag").name()
        for button in self._buttons:
            button.setStyleSheet(f"QPushButton {{ color: {colour}; }}")
