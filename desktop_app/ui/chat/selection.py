"""Selecting text over the widgets of one message: dragging on from a paragraph into code and beyond."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

TextEdit = QTextEdit | QPlainTextEdit


class MessageSelection:
    """The one selection of a message. Its text widgets hand their mouse and key events here first."""

    def __init__(
        self, edits: Callable[[], Sequence[TextEdit]], text: Callable[[], str], began: Callable[[], None]
    ) -> None:
        """`edits()` names the text widgets from the top, `text()` what is selected; `began` is told of each new one."""
        self._edits = edits
        self._text = text
        self._began = began
        self._origin: TextEdit | None = None
        self._anchor = 0

    def press(self, edit: TextEdit, event: QMouseEvent) -> None:
        """A selection may begin here; what was selected elsewhere goes."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._began()
        for each in self._edits():
            if each is not edit:
                select(each, 0, 0)
        self._origin = edit
        self._anchor = edit.cursorForPosition(event.position().toPoint()).position()

    def drag(self, edit: TextEdit, event: QMouseEvent) -> bool:
        """Go on to where the pointer is; false while it is in the widget where the drag began."""
        edits = list(self._edits())
        if self._origin is not edit or edit not in edits or not event.buttons() & Qt.MouseButton.LeftButton:
            return False
        point = event.globalPosition().toPoint()
        begin = edits.index(edit)
        end = _edit_at(edits, point)
        if end == begin:
            for each in edits:
                if each is not edit:
                    select(each, 0, 0)
            return False
        self._select_range(edits, begin, end, point)
        return True

    def key(self, event: QKeyEvent) -> bool:
        """Copy and Select all mean the whole message; true when the key was one of them."""
        if event.matches(QKeySequence.StandardKey.Copy):
            text = self._text()
            if text:
                QGuiApplication.clipboard().setText(text)
            return bool(text)
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
            return True
        return False

    def select_all(self) -> None:
        """The whole message."""
        self._began()
        for each in self._edits():
            select(each, 0, _end(each))

    def _select_range(self, edits: list[TextEdit], begin: int, end: int, point: QPoint) -> None:
        down = end > begin
        for number, each in enumerate(edits):
            if number == begin:
                select(each, self._anchor, _end(each) if down else 0)
            elif number == end:
                at = each.cursorForPosition(each.viewport().mapFromGlobal(point)).position()
                select(each, 0 if down else _end(each), at)
            elif min(begin, end) < number < max(begin, end):
                select(each, 0, _end(each))
            else:
                select(each, 0, 0)


def select(edit: TextEdit, start: int, end: int) -> None:
    """Select from `start` to `end` (either may come first); equal ends select nothing."""
    cursor = edit.textCursor()
    if start == end and not cursor.hasSelection():
        return
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    edit.setTextCursor(cursor)


def _end(edit: TextEdit) -> int:
    return max(0, edit.document().characterCount() - 1)


def _edit_at(edits: Sequence[TextEdit], point: QPoint) -> int:
    """The text under the pointer, or the nearest above it."""
    found = 0
    for number, each in enumerate(edits):
        if point.y() >= each.mapToGlobal(QPoint(0, 0)).y():
            found = number
    return found
