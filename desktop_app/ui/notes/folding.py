"""Sections and items of a note that is written, folded and unfolded. The text itself knows nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument

from desktop_app.ui.notes.fold_ranges import FoldRange, Rank, fold_ranges, hidden_below, rank_of
from desktop_app.ui.notes.markdown_lines import LineState

#: So many blank lines may stand between a heading and the first line that it hides.
_MOST_BLANK = 20


class _Closed:
    """A line that is folded. It moves with the text, as the line does: its place is behind the first character."""

    def __init__(self, header: QTextBlock, last: QTextBlock, rank: Rank) -> None:
        self.rank = rank
        self._cursor = QTextCursor(header)
        self._cursor.setPosition(header.position() + 1)
        self._cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)

    @property
    def header(self) -> QTextBlock:
        return self._cursor.document().findBlock(self._cursor.anchor())

    @property
    def end(self) -> int:
        """Behind the last character that is hidden."""
        return self._cursor.position()


class Folding(QObject):
    """Hides the lines of one document after another.

    What is gone to or written in is shown: whoever goes there says `reveal`, and a change of hidden lines opens what
    hides them, so that nobody writes in what is not seen.
    """

    changed = Signal()

    def __init__(
        self,
        state_before: Callable[[QTextBlock], LineState],
        prepare: Callable[[QTextDocument], None],
        parent: QObject | None = None,
    ) -> None:
        """`state_before` says what is open before a line. `prepare` is told before lines of a document are hidden."""
        super().__init__(parent)
        self._state_before = state_before
        self._prepare = prepare
        self._document: QTextDocument | None = None
        self._closed: list[_Closed] = []
        self._count = 0

    def set_document(self, document: QTextDocument, folded: Sequence[int] = ()) -> None:
        """This document from now on. `folded` are numbers of lines that are folded in it, as far as they can be."""
        if self._document is not None:
            self._document.contentsChange.disconnect(self._on_change)
        self._document = document
        self._closed = []
        self._count = document.blockCount()
        document.contentsChange.connect(self._on_change)
        self.fold(folded)

    @property
    def folded_lines(self) -> tuple[int, ...]:
        """The numbers of the lines that are folded."""
        return tuple(sorted({one.header.blockNumber() for one in self._closed}))

    def is_folded(self, block: QTextBlock) -> bool:
        """Whether a line hides what is below it now."""
        following = block.next()
        return bool(self._closed) and block.isVisible() and following.isValid() and not following.isVisible()

    def end_of(self, block: QTextBlock) -> QTextBlock:
        """The last line that this one hides; itself where it is not folded."""
        ends = [one.end for one in self._closed if one.header == block] if self.is_folded(block) else []
        return block.document().findBlock(max(ends)) if ends else block

    def hides_within(self, first: QTextBlock, last: QTextBlock) -> bool:
        """Whether some of these lines are hidden."""
        return any(first.position() <= one.header.position() < last.position() for one in self._closed)

    def fold(self, numbers: Sequence[int]) -> None:
        """Fold the lines with these numbers, as far as they hide something."""
        if self._document is not None:
            headers = [self._document.findBlockByNumber(number) for number in numbers]
            self._close([found for header in headers if (found := self._range_of(header)) is not None])

    def can_fold(self, block: QTextBlock) -> bool:
        """Whether a line hides something when it is folded; looks at a few lines only."""
        rank = rank_of(block.text())
        if rank is None or self._state_before(block) is not LineState.TEXT:
            return False
        near = []
        for following in _behind(block):
            near.append(following)
            if following.strip() or len(near) > _MOST_BLANK:
                break
        return hidden_below(rank, near) > 0

    def toggle(self, block: QTextBlock) -> bool:
        """Fold a line, or unfold it; false where it has nothing to hide."""
        if self.is_folded(block):
            self._open([one for one in self._closed if one.header == block])
            return True
        found = self._range_of(block)
        if found is None:
            return False
        self._close([found])
        return True

    def header_above(self, block: QTextBlock) -> QTextBlock | None:
        """The nearest line that hides this one when it is folded; the line itself where it can be folded."""
        number, header = block.blockNumber(), block
        while header.isValid():
            found = self._range_of(header) if rank_of(header.text()) is not None else None
            if found is not None and found.last >= number:
                return header
            header = header.previous()
        return None

    def close_all(self) -> None:
        """Fold all there is. The one heading that all of the note stands below, its title, stays as it is."""
        assert self._document is not None
        ranges = fold_ranges(block.text() for block in _blocks(self._document.begin()))
        tops = [one for one in ranges if not one.rank.is_item]
        highest = min((one.rank.level for one in tops), default=0)
        titles = [one for one in tops if one.rank.level == highest]
        if len(titles) == 1 and len(ranges) > 1 and titles[0] == ranges[0]:
            ranges.remove(titles[0])
        self._open(self._closed)
        self._close(ranges)

    def open_all(self) -> None:
        """Show every line."""
        self._open(self._closed)

    def reveal(self, block: QTextBlock) -> None:
        """Show a line, whatever hides it."""
        if self._closed and not block.isVisible():
            self._open(self._hiding(block))
            if not block.isVisible():  # its fold is gone, by an edit perhaps
                self._open(self._closed)

    # Inside -------------------------------------------------------------------------------------

    def _range_of(self, header: QTextBlock) -> FoldRange | None:
        rank = rank_of(header.text()) if header.isValid() else None
        if rank is None or self._state_before(header) is not LineState.TEXT:
            return None
        hidden = hidden_below(rank, _behind(header))
        number = header.blockNumber()
        return FoldRange(number, number + hidden, rank) if hidden else None

    def _hiding(self, block: QTextBlock) -> list[_Closed]:
        """The folds that a line is in."""
        place = block.position()
        return [one for one in self._closed if one.header.position() < place <= one.end]

    def _close(self, ranges: Sequence[FoldRange]) -> None:
        document = self._document
        if not ranges or document is None:
            return
        self._prepare(document)
        for one in ranges:
            header, last = document.findBlockByNumber(one.first), document.findBlockByNumber(one.last)
            self._closed.append(_Closed(header, last, one.rank))
            self._show(header.next(), last, False)
        self._say(ranges[0].first, max(one.last for one in ranges))

    def _open(self, those: Sequence[_Closed]) -> None:
        document = self._document
        if not those or document is None:
            return
        opened = {id(one) for one in those}
        self._closed = [one for one in self._closed if id(one) not in opened]
        spans = [(one.header, document.findBlock(one.end)) for one in those]
        for header, last in spans:
            self._show(header.next(), last, True)
        first = min(header.blockNumber() for header, _ in spans)
        end = max(last.blockNumber() for _, last in spans)
        for one in self._closed:  # those within stay folded
            last = document.findBlock(one.end)
            if first <= one.header.blockNumber() <= end:
                self._show(one.header.next(), last, False)
        self._say(first, end)

    def _show(self, block: QTextBlock, last: QTextBlock, visible: bool) -> None:
        end = last.blockNumber()
        number = block.blockNumber()
        while block.isValid() and number <= end:
            block.setVisible(visible)
            block = block.next()
            number += 1

    def _say(self, first: int, last: int) -> None:
        assert self._document is not None
        start = self._document.findBlockByNumber(first).position()
        end = self._document.findBlockByNumber(last)
        self._document.markContentsDirty(start, end.position() + end.length() - start)
        self.changed.emit()

    def _on_change(self, position: int, removed: int, added: int) -> None:
        """A change of hidden lines opens what hides them; one within a single line only where that hides no longer."""
        document = self._document
        if document is None or (removed == 0 and added == 0):
            return
        same_lines = self._count == document.blockCount()
        self._count = document.blockCount()
        if not self._closed:
            return
        end, first = position + added, document.findBlock(position)
        one_line = same_lines and first == document.findBlock(end)
        if one_line and not self.is_folded(first):
            return
        opened = []
        for one in self._closed:
            header = one.header
            touched = header.position() < end + one_line and position <= one.end
            still = one_line and rank_of(header.text()) == one.rank
            hides = header.next().isValid() and not header.next().isVisible()
            if (touched and not still) or not hides:
                opened.append(one)
        self._open(opened)
        for block in (first, document.findBlock(end)):
            # What is left of several lines of which the last one was hidden is hidden, too.
            if not block.isVisible() and not self._hiding(block):
                block.setVisible(True)
                document.markContentsDirty(block.position(), block.length())


def _blocks(block: QTextBlock) -> Iterator[QTextBlock]:
    while block.isValid():
        yield block
        block = block.next()


def _behind(block: QTextBlock) -> Iterator[str]:
    return (following.text() for following in _blocks(block.next()))
