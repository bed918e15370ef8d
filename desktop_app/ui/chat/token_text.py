"""An answer as its tokens, shaded by how much the model hesitated; one of them is the current one."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QTextEdit, QWidget

from desktop_app.domain.token_alternatives import TokenPlace
from desktop_app.ui.theme.theme import Theme

_LONGEST_RUN = 1000  # a longer run without a break is laid out in quadratic time
_BREAK = "\u200b"
_SURE = 0.98
_SLICE_SECONDS = 0.012


class TokenText(QTextEdit):
    """Read-only. Arrow keys and the mouse choose the current token. What it shows is never read as HTML."""

    current_changed = Signal(int)
    """Number of the token among those shown."""
    chosen = Signal()
    """Enter was pressed at the current one."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._places: Sequence[TokenPlace] = ()
        self._starts: list[int] = []
        self._end = 0
        self._run = 0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._fill_some)
        self.current = -1
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setProperty("role", "field")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFont(theme.reading_font())
        theme.changed.connect(self._restyle)

    def show_places(self, places: Sequence[TokenPlace]) -> None:
        """Show these tokens, many of them bit by bit; the first doubtful one becomes the current one."""
        self._places = places
        self._fill()
        there = places[: len(self._starts)]
        doubtful = next((n for n, place in enumerate(there) if (place.probability or 1.0) < 0.5), 0)
        self.set_current(doubtful if places else -1)

    def set_current(self, number: int) -> None:
        """Make that token the current one, and scroll to it; one that is not shown yet is passed over."""
        if number == self.current or not -1 <= number < len(self._starts):
            return
        self.current = number
        self._mark()
        self.current_changed.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key in steps:
            self.set_current(max(0, min(len(self._starts) - 1, self.current + steps[key])))
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move_line(QTextCursor.MoveOperation.Up if key == Qt.Key.Key_Up else QTextCursor.MoveOperation.Down)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.set_current(0 if key == Qt.Key.Key_Home else len(self._starts) - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.set_current(self._at(event.position().toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hovering says what else was likely, until a token is clicked."""
        number = self._at(event.position().toPoint())
        place = self._places[number] if 0 <= number < len(self._places) else None
        known = place is not None and place.probability is not None
        self.viewport().setToolTip(likely_words(place) if place is not None and known else "")

    # Inside -------------------------------------------------------------------------------------

    def _fill(self) -> None:
        self.clear()
        self._starts = []
        self._run = 0
        self._fill_some()

    def _fill_some(self) -> None:
        """Add tokens for as long as nobody notices, and go on when the window had its turn."""
        until = time.perf_counter() + _SLICE_SECONDS
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        while len(self._starts) < len(self._places) and time.perf_counter() < until:
            place = self._places[len(self._starts)]
            self._starts.append(cursor.position())
            cursor.insertText(place.text, self._format(place))
            self._run = 0 if any(sign.isspace() for sign in place.text) else self._run + len(place.text)
            if self._run > _LONGEST_RUN:
                cursor.insertText(_BREAK)
                self._run = 0
        cursor.endEditBlock()
        self._end = cursor.position()
        if len(self._starts) < len(self._places):
            self._later.start()

    def _format(self, place: TokenPlace) -> QTextCharFormat:
        style = QTextCharFormat()
        if place.probability is not None and place.probability < _SURE:
            style.setBackground(self._shade(1 - place.probability))
        return style

    def _shade(self, doubt: float) -> QColor:
        colour = self._theme.color("highlight")
        colour.setAlpha(round(40 + 215 * doubt))
        return colour

    def _mark(self) -> None:
        selection = QTextEdit.ExtraSelection()
        if self.current >= 0:
            cursor = self._cursor(self.current)
            selection.cursor = cursor
            style = QTextCharFormat()
            style.setBackground(self._theme.color("accent"))
            style.setForeground(self._theme.color("on_accent"))
            selection.format = style
            self.setTextCursor(_collapsed(cursor))
        self.setExtraSelections([selection] if self.current >= 0 else [])

    def _cursor(self, number: int) -> QTextCursor:
        after = self._starts[number + 1] if number + 1 < len(self._starts) else self._end
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._starts[number])
        cursor.setPosition(after, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _at(self, point: QPoint) -> int:
        return bisect_right(self._starts, self.cursorForPosition(point).position()) - 1

    def _move_line(self, direction: QTextCursor.MoveOperation) -> None:
        if self.current < 0:
            return
        cursor = _collapsed(self._cursor(self.current))
        cursor.movePosition(direction)
        self.set_current(max(0, bisect_right(self._starts, cursor.position()) - 1))

    def _restyle(self) -> None:
        self.setFont(self._theme.reading_font())
        current, self.current = self.current, -1
        self._later.stop()
        self._fill()
        self.set_current(min(current, len(self._starts) - 1))


def _collapsed(cursor: QTextCursor) -> QTextCursor:
    at = QTextCursor(cursor)
    at.setPosition(cursor.selectionStart())
    return at


def shown_token(text: str) -> str:
    """A token's text in quotes, line breaks as a sign; what ends the answer in words."""
    if not text:
        return QCoreApplication.translate("TokenText", "end of the answer")
    return f"“{text}”".replace("\n", "↵").replace("\t", "⇥")


def percent(probability: float) -> str:
    """A probability as people read it."""
    value = probability * 100
    return "< 0.1 %" if value < 0.1 else f"{value:.1f} %" if value < 10 else f"{value:.0f} %"


def likely_words(place: TokenPlace) -> str:
    """The likeliest tokens of a place, one to a line."""
    lines = [f"{shown_token(each.text)}  {percent(each.probability)}" for each in place.likeliest]
    if place.probability is not None and not any(each.chosen for each in place.likeliest):
        lines.append(f"{shown_token(place.text)}  {percent(place.probability)}")
    return "\n".join(lines)
