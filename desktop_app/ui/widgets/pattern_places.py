"""Places of a text in a document, found line by line by a regular expression."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec
from PySide6.QtCore import QRegularExpression
from PySide6.QtGui import QTextBlock, QTextDocument

_COUNTING_S = 0.25
_LOOKING_S = 1.0
"""So long places are counted, and looked for, at most: an expression can take a tenth of a second for each line."""


class TakesTooLongError(Exception):
    """An expression needs so many steps that looking on would hold the window up."""


class WantedText(msgspec.Struct, frozen=True):
    """What is looked for.

    Attributes:
        case: capital and small letters are told apart.
        words: only as a whole word, or whole words.
        pattern: `text` is a regular expression (PCRE); `^` and `$` are a line's beginning and end.
    """

    text: str
    case: bool = False
    words: bool = False
    pattern: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the editor's own search finds it."""
        return not (self.case or self.words or self.pattern)


class PatternPlaces:
    """The places of what is wanted in one document. Those without a letter, as `x*` finds between all others, are none.

    Places are in UTF-16 units, as the document counts. The library gives up on an expression that takes too many steps
    for one line; what takes too long for all of them raises TakesTooLongError.
    """

    def __init__(self, wanted: WantedText, document: QTextDocument) -> None:
        text = wanted.text if wanted.pattern else QRegularExpression.escape(wanted.text)
        if wanted.words:
            text = rf"(?<!\w)(?:{text})(?!\w)"
        options = QRegularExpression.PatternOption.UseUnicodePropertiesOption
        if not wanted.case:
            options |= QRegularExpression.PatternOption.CaseInsensitiveOption
        self._expression = QRegularExpression(text, options)
        self._document = document

    @property
    def error(self) -> str:
        """What is wrong with the expression, in the library's words; "" where it is right."""
        return "" if self._expression.isValid() else self._expression.errorString()

    def following(self, position: int) -> tuple[int, int] | None:
        """Start and end of the first place from `position` on; None where none follows."""
        for block in self._lines(self._document.findBlock(position)):
            for start, end, _groups in self._in_line(block):
                if start >= position:
                    return start, end
        return None

    def preceding(self, position: int) -> tuple[int, int] | None:
        """Start and end of the last place that ends at `position` or before; None where none does."""
        for block in self._lines(self._document.findBlock(position), back=True):
            found = [(start, end) for start, end, _groups in self._in_line(block) if end <= position]
            if found:
                return found[-1]
        return None

    def groups_at(self, start: int, end: int) -> list[str] | None:
        """What was found at exactly this place, and its groups; None where that is no place."""
        here = self._in_line(self._document.findBlock(start))
        return next((groups for first, last, groups in here if (first, last) == (start, end)), None)

    def everywhere(self) -> Iterator[tuple[int, int, list[str]]]:
        """All places in order: start, end, what was found with its groups."""
        for block in self._lines(self._document.begin()):
            yield from self._in_line(block)

    def count(self, position: int) -> tuple[int, int, bool]:
        """How many places begin before `position`, how many there are, and whether all of them were counted."""
        before = total = 0
        try:
            for block in self._lines(self._document.begin(), seconds=_COUNTING_S):
                for start, _end, _groups in self._in_line(block):
                    before += start < position
                    total += 1
        except TakesTooLongError:
            return before, total, False
        return before, total, True

    def _lines(self, block: QTextBlock, *, back: bool = False, seconds: float = _LOOKING_S) -> Iterator[QTextBlock]:
        latest = time.monotonic() + seconds
        while block.isValid():
            yield block
            if time.monotonic() > latest:
                raise TakesTooLongError
            block = block.previous() if back else block.next()

    def _in_line(self, block: QTextBlock) -> Iterator[tuple[int, int, list[str]]]:
        if self.error or not self._expression.pattern():
            return
        matches = self._expression.globalMatch(block.text())
        while matches.hasNext():
            match = matches.next()
            if match.capturedLength() > 0:
                groups = [match.captured(number) for number in range(self._expression.captureCount() + 1)]
                yield block.position() + match.capturedStart(), block.position() + match.capturedEnd(), groups
