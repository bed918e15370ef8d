"""The tags of the open note, each a way to all notes with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from desktop_app.ui.theme.theme import READING_COLUMN, Theme
from desktop_app.ui.widgets import TextButton, literal

_SHOWN = 12
_SPACING = 10


class TagRow(QWidget):
    """A row of "#tag" at the left edge of the reading column; hidden without tags.

    Those there is no room for are behind "+3".
    """

    tag_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._tags: tuple[str, ...] = ()
        self._width = 0
        self._row = QHBoxLayout(self)
        self._row.setSpacing(_SPACING)
        self._buttons: list[TextButton] = []
        self.more = TextButton("", "small_link")
        self.menu = QMenu(self)
        self.more.setMenu(self.menu)
        self._row.addWidget(self.more)
        self._row.addStretch()
        self.setMinimumWidth(1)  # what is shown follows the width, not the other way round
        self.setAccessibleName(self.tr("Tags"))
        theme.changed.connect(self._colour)
        self.hide()

    def show_tags(self, tags: Sequence[str]) -> None:
        """Show these tags. Where they are the same as before, the buttons stay, and with them the keyboard."""
        if tuple(tags) == self._tags:
            self.setVisible(bool(tags))
            return
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        self._tags = tuple(tags)
        for place, tag in enumerate(tags[:_SHOWN]):
            button = TextButton("", "small_link")
            button.setAccessibleName(self.tr("All notes with the tag {tag}").replace("{tag}", tag))
            button.clicked.connect(lambda _=False, tag=tag: self.tag_chosen.emit(tag))
            self._row.insertWidget(place, button)
            self._buttons.append(button)
        self._colour()
        self.setVisible(bool(tags))
        self.fit(self._width or self.width())

    def fit(self, width: int) -> None:
        """Keep to the reading column in a view `width` pixels wide."""
        self._width = width  # a part of the row's own where the note is read beside
        side = max(24, (width - 10 - self._theme.px(READING_COLUMN)) // 2)
        self._row.setContentsMargins(side - 3, 14, side, 0)
        self._show_what_fits(width - 2 * side + 3)

    def _show_what_fits(self, room: int) -> None:
        shown = 0
        for tag, button in zip(self._tags, self._buttons, strict=False):
            button.ensurePolished()
            button.setText(_words(tag))
            needed = button.sizeHint().width() + (0 if tag == self._tags[-1] else _SPACING + self._more_width())
            if needed > room:
                break
            room -= button.sizeHint().width() + _SPACING
            shown += 1
        if shown == 0 and self._buttons:
            self._elide(self._buttons[0], self._tags[0], room)
            shown = 1
        for place, button in enumerate(self._buttons):
            button.setVisible(place < shown)
        self._offer(self._tags[shown:])

    def _offer(self, rest: Sequence[str]) -> None:
        """The tags that are not shown, in the menu."""
        self.more.setVisible(bool(rest))
        self.more.setText(f"+{len(rest)}")
        words = self.tr("1 more tag") if len(rest) == 1 else self.tr("{n} more tags")
        self.more.setAccessibleName(words.replace("{n}", str(len(rest))))
        self.menu.clear()
        for tag in rest:
            action = self.menu.addAction(literal(_words(tag)))
            action.triggered.connect(lambda _=False, tag=tag: self.tag_chosen.emit(tag))

    def _elide(self, button: TextButton, tag: str, room: int) -> None:
        """One tag that is wider than the column alone."""
        beside = button.sizeHint().width() - button.fontMetrics().horizontalAdvance(f"#{tag}")
        rest = _SPACING + self._more_width() if len(self._tags) > 1 else 0
        text = button.fontMetrics().elidedText(f"#{tag}", Qt.TextElideMode.ElideRight, max(0, room - beside - rest))
        button.setText(text)

    def _more_width(self) -> int:
        self.more.ensurePolished()
        return self.more.fontMetrics().horizontalAdvance("+99") + 2 * _SPACING

    def _colour(self) -> None:
        colour = self._theme.color("tag").name()
        for button in self._buttons:
            button.setStyleSheet(f"QPushButton {{ color: {colour}; }}")


def _words(tag: str) -> str:
    return f"#{tag}"
