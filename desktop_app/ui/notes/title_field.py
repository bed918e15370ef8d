"""The title above a note's text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop_app.domain.editor_text import character_at
from desktop_app.ui.theme.theme import READING_COLUMN, Theme
from desktop_app.ui.widgets import PlainLabel, set_role
from desktop_app.ui.widgets.labels import plain_tool_tip

_INDENT = 2  # pixels, of a line edit's text
_WAVE = 3.0  # pixels between a crest and a trough of the line below a word


class TitleLine(QLineEdit):
    """One line; Enter, Down and Tab go on to the text, over the tags in between."""

    onward = Signal()
    left = Signal()  # the keyboard focus went elsewhere
    menu_wanted = Signal(object, object)  # QMenu about to be shown, to be added to; QPoint in the line

    def __init__(self) -> None:
        super().__init__()
        self._marks: list[tuple[int, int]] = []
        self._mark_colour = QColor()

    @property
    def marked(self) -> list[str]:
        """The words that are underlined."""
        return [self.text()[start:end] for start, end in self._marks]

    @property
    def character_at_cursor(self) -> int:
        """Which character the cursor stands in front of; Qt counts UTF-16 units."""
        return character_at(self.text(), self.cursorPosition())

    def mark_words(self, places: Sequence[tuple[int, int]], colour: QColor) -> None:
        """Underline these stretches of characters, in place of those before."""
        self._marks, self._mark_colour = list(places), colour
        self.update()

    def show_whole_in_tool_tip(self) -> None:
        """A title that is longer than the line is read whole in its tool tip."""
        room = self.width() - 2 * _INDENT
        cut = self.fontMetrics().horizontalAdvance(self.text()) > room
        self.setToolTip(plain_tool_tip(self.text()) if cut else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.show_whole_in_tool_tip()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The usual menu, with what others add to it."""
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        self.menu_wanted.emit(menu, event.pos() if by_mouse else self.cursorRect().center())
        menu.popup(event.globalPos() if by_mouse else self.mapToGlobal(self.cursorRect().bottomLeft()))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        text, metrics = self.text(), QFontMetricsF(self.font())
        if not self._marks or self.hasSelectedText():
            return
        cursor = self.cursorRect()
        origin = cursor.center().x() - metrics.horizontalAdvance(text[: self.character_at_cursor])
        base = cursor.center().y() + metrics.ascent() / 2 + 1
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._mark_colour, 1.2))
        for start, end in self._marks:
            if end > len(text):
                continue
            left = origin + metrics.horizontalAdvance(text[:start])
            right = origin + metrics.horizontalAdvance(text[:end])
            painter.drawPolyline(_wave(left, right, base))
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.onward.emit()
            return
        super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes where one goes on writing: the next key would press a suggested tag."""
        if forward and not self.isReadOnly():
            self.onward.emit()
            return True
        return super().focusNextPrevChild(forward)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.setCursorPosition(0)  # a long title is read from its beginning
        self.left.emit()


def _wave(left: float, right: float, base: float) -> list[QPointF]:
    count = max(2, int((right - left) / _WAVE))
    return [QPointF(left + number * _WAVE, base + (number % 2) * _WAVE / 2) for number in range(count + 1)]


class TitleField(QWidget):
    """The line at the left edge of the reading column; words that wrap while the note is read.

    It stays empty while the note's title follows its text, where the title is to be read anyway.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.line = TitleLine()
        self.line.setPlaceholderText(self.tr("Add a title"))
        self.line.setAccessibleName(self.tr("Title of the note"))
        self.line.setAccessibleDescription(self.tr("While it is empty, the first heading or line is the title."))
        self.line.setMaxLength(200)
        self.line.textChanged.connect(self._show_size)
        self._show_size()
        self.words = PlainLabel("", "note_title", wrap=True, selectable=True)
        self.words.setMinimumWidth(1)  # a long word does not make the window wider
        self.words.setIndent(2)  # as the line's text
        self.words.hide()
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.line)
        self._row.addWidget(self.words)
        self.hide()

    def show_title(self, title: str) -> None:
        """Show what is stored. Blanks that are still being typed stay as they are."""
        if " ".join(self.line.text().split()) != title:
            self.line.setText(title)
            self.line.setCursorPosition(0)
        self.words.setText(title)

    def set_reading(self, reading: bool) -> None:
        """Show the title to be read, or to be written."""
        self.line.setReadOnly(reading)
        self.line.setVisible(not reading)
        self.words.setVisible(reading)

    def _show_size(self) -> None:
        """A title is large; the hint in its place is not."""
        set_role(self.line, "note_title" if self.line.text() else "note_title_hint")
        self.line.show_whole_in_tool_tip()

    def fit(self, width: int) -> None:
        """Keep to the reading column in a view `width` pixels wide."""
        side = max(24, (width - 10 - self._theme.px(READING_COLUMN)) // 2)
        self._row.setContentsMargins(side - 2, 18, side, 0)  # a line edit indents its text by 2 pixels
