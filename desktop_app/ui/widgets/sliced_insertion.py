"""Puts a large text into a document piece by piece, so that the window goes on meanwhile."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextCursor

#: A piece takes about this long; Qt lays out what is inserted before it returns.
_BUDGET_S = 0.012
_FIRST = 6_000
_LEAST, _MOST = 2_000, 200_000


class SlicedInsertion(QObject):
    """Inserts `text` at `cursor`, in place of its selection, as one step of the undo history.

    What fits into one piece is inserted before `start` returns. `finished` is sent once, with the last piece. Until
    then nothing else may change the document.
    """

    finished = Signal()

    def __init__(self, cursor: QTextCursor, text: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cursor = cursor
        self._text = text
        self._position = 0
        self._size = _FIRST
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._insert_piece)

    @property
    def position(self) -> int:
        """Where the next piece goes, in the document's UTF-16 units; at last the end of what was inserted."""
        return self._cursor.position()

    def start(self) -> None:
        """Insert the first piece now, the others between turns of the event loop."""
        self._cursor.beginEditBlock()
        self._insert(_end_of_piece(self._text, 0, self._size))
        self._cursor.endEditBlock()
        if self._position < len(self._text):
            self._timer.start()
        else:
            self.finished.emit()

    def complete(self) -> None:
        """Insert all the rest now."""
        if self._timer.isActive():
            self._join(len(self._text))

    def drop(self) -> None:
        """Insert no more: the document is no longer shown."""
        self._timer.stop()

    def _insert_piece(self) -> None:
        started = time.perf_counter()
        self._join(_end_of_piece(self._text, self._position, self._size))
        taken = time.perf_counter() - started
        if taken > _BUDGET_S:
            self._size = max(_LEAST, self._size // 2)
        elif taken < _BUDGET_S / 2:
            self._size = min(_MOST, self._size * 2)

    def _join(self, end: int) -> None:
        self._cursor.joinPreviousEditBlock()
        self._insert(end)
        self._cursor.endEditBlock()
        if self._position >= len(self._text):
            self._timer.stop()
            self.finished.emit()

    def _insert(self, end: int) -> None:
        self._cursor.insertText(self._text[self._position : end])
        self._position = end


def _end_of_piece(text: str, start: int, size: int) -> int:
    """A piece ends with a line: a line that is inserted in two parts is laid out twice."""
    if start + size >= len(text):
        return len(text)
    line_end = text.rfind("\n", start, start + size)
    if line_end < 0:
        line_end = text.find("\n", start + size)
    return len(text) if line_end < 0 else line_end + 1
