"""Follows a document that is written in, and cuts anew only what an edit changed, in slices of a few milliseconds."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextBlock, QTextDocument

from desktop_app.domain.source_pieces import Piece, PieceCutter

#: Longest stretch of work between two turns of the event loop, in seconds.
_BUDGET_S = 0.008


class PieceFollower(QObject):
    """Keeps `pieces` as the document's lines are. `changed` tells which differ: (first, pieces gone, pieces new)."""

    changed = Signal(int, int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pieces: list[Piece] = []
        self._document: QTextDocument | None = None
        self._line_count = 0
        # Lines [first, end) of the pieces are now lines [first, end + more) of the document.
        self._dirty: tuple[int, int, int] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._work)
        self._run: _Run | None = None

    def follow(self, document: QTextDocument | None) -> None:
        """Follow this document from now on, None for none."""
        if self._document is not None:
            self._document.contentsChange.disconnect(self._on_contents_change)
        self._document = document
        self._timer.stop()
        self._run = None
        gone, self.pieces = len(self.pieces), []
        self._dirty = None
        if document is None:
            self.changed.emit(0, gone, 0)
            return
        document.contentsChange.connect(self._on_contents_change)
        self._line_count = document.blockCount()
        self._dirty = (0, 0, self._line_count)
        if gone:
            self.changed.emit(0, gone, 0)
        self._work()

    @property
    def is_current(self) -> bool:
        """False while edits wait to be looked at."""
        return self._dirty is None

    def _on_contents_change(self, position: int, removed: int, added: int) -> None:
        document = self._document
        if document is None or (removed == 0 and added == 0):
            return
        first = document.findBlock(position).blockNumber()
        last = document.findBlock(position + added)
        end = (last.blockNumber() if last.isValid() else document.blockCount() - 1) + 1
        more = document.blockCount() - self._line_count
        self._line_count = document.blockCount()
        end -= more  # in lines before this change
        if self._dirty is not None:
            known_first, known_end, known_more = self._dirty
            first = min(first, known_first)
            end = max(end, known_end + known_more) - known_more
            more += known_more
        self._dirty = (first, max(first, end), more)
        self._run = None
        self._timer.start()

    def _work(self) -> None:
        document = self._document
        if document is None or self._dirty is None:
            return
        if self._run is None:
            self._run = _Run(document, self.pieces, *self._dirty)
        if not self._run.go_on(time.perf_counter() + _BUDGET_S):
            self._timer.start()
            return
        run, self._run, self._dirty = self._run, None, None
        first, last = run.first, run.last
        while first < last and run.made and self.pieces[first] == run.made[0]:
            first += 1
            run.made.pop(0)
        self.pieces[first:last] = run.made
        self.changed.emit(first, last - first, len(run.made))


class _Run:
    """One cut, from the piece in front of the first changed line to where the pieces come out as before."""

    def __init__(self, document: QTextDocument, pieces: list[Piece], first: int, end: int, more: int) -> None:
        self.made: list[Piece] = []
        self._pieces = pieces
        self._end = end
        self._more = more
        self.first = 0
        line = 0
        # The line in front decides, too, where a piece may begin.
        while self.first < len(pieces) - 1 and line + pieces[self.first].lines <= max(0, first - 1):
            line += pieces[self.first].lines
            self.first += 1
        self.last = self.first
        self._old_line = line  # where the piece `last` begins, in lines before the change
        self._line = line
        self._block: QTextBlock = document.findBlockByNumber(line)
        before = pieces[self.first] if self.first < len(pieces) else Piece(0, "")
        self._cutter = PieceCutter(before.lead, joined=before.joined)

    def go_on(self, deadline: float) -> bool:
        """Cut until `deadline`; true when all is done."""
        while self._block.isValid():
            ended = self._cutter.take(self._block.text())
            if ended is not None:
                self.made.append(ended)
                if self._comes_out_as_before():
                    return True
            self._block = self._block.next()
            self._line += 1
            if self._line & 31 == 0 and time.perf_counter() > deadline:
                return False
        rest = self._cutter.rest()
        if rest is not None:
            self.made.append(rest)
        self.last = len(self._pieces)
        return True

    def _comes_out_as_before(self) -> bool:
        """A piece begins at the line that is looked at: does one of before, too, behind all that changed?"""
        old = self._line - self._more
        while self.last < len(self._pieces) and self._old_line < old:
            self._old_line += self._pieces[self.last].lines
            self.last += 1
        return (
            old >= self._end
            and self._old_line == old
            and self.last < len(self._pieces)
            and self._pieces[self.last].lead == self._cutter.lead
            and self._pieces[self.last].joined == self._cutter.joined
        )
