"""Places of a text in a document, found line by line by a regular expression."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec
from PySide6.QtCore import QRegularExpression, QRegularExpressionMatch
from PySide6.QtGui import QTextBlock, QTextDocument

_COUNTING_S = 0.25
_LOOKING_S = 1.0
"""So long places are counted, and looked for, at most."""

_MOST_STEPS = 100_000
"""From one letter on; the library's own limit, a hundred times as many, comes to half a minute for a long line."""


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

    Places are in UTF-16 units, as the document counts. What takes too many steps in one place, or too long in all of
    them together, raises TakesTooLongError.
    """

    def __init__(self, wanted: WantedText, document: QTextDocument) -> None:
        text = wanted.text if wanted.pattern else QRegularExpression.escape(wanted.text)
        if wanted.words:
            text = rf"(?<!\w)(?:{text})(?!\w)"
        options = QRegularExpression.PatternOption.UseUnicodePropertiesOption
        if not wanted.case:
            options |= QRegularExpression.PatternOption.CaseInsensitiveOption
        # https://www.pcre.org/current/doc/html/pcre2pattern.html#SEC3; nothing may stand before it.
        steps = f"(*LIMIT_MATCH={_MOST_STEPS})"
        self._expression = QRegularExpression(steps + text, options)
        self._beginning_here = QRegularExpression(rf"{steps}\G(?:{text})", options)
        self._is_empty = not wanted.text
        self._document = document

    @property
    def error(self) -> str:
        """What is wrong with the expression, in the library's words; "" where it is right."""
        return "" if self._expression.isValid() else self._expression.errorString()

    def following(self, position: int) -> tuple[int, int] | None:
        """Start and end of the first place from `position` on; None where none follows."""
        for start, end, _groups in self._from(self._document.findBlock(position)):
            if start >= position:
                return start, end
        return None

    def preceding(self, position: int) -> tuple[int, int] | None:
        """Start and end of the last place that ends at `position` or before; None where none does."""
        latest = time.monotonic() + _LOOKING_S
        block = self._document.findBlock(position)
        while block.isValid():
            found = [(start, end) for start, end, _groups in self._in_line(block, latest) if end <= position]
            if found:
                return found[-1]
            block = block.previous()
        return None

    def groups_at(self, start: int, end: int) -> list[str] | None:
        """What was found at exactly this place, and its groups; None where that is no place."""
        block = self._document.findBlock(start)
        if self.error or start == end:
            return None
        match = self._beginning_here.match(block.text(), start - block.position())
        return _groups(match) if match.hasMatch() and match.capturedLength() == end - start else None

    def everywhere(self) -> Iterator[tuple[int, int, list[str]]]:
        """All places in order: start, end, what was found with its groups."""
        return self._from(self._document.begin())

    def count(self, position: int) -> tuple[int, int, bool]:
        """How many places begin before `position`, how many there are, and whether all of them were counted."""
        before = total = 0
        try:
            for start, _end, _groups in self._from(self._document.begin(), _COUNTING_S):
                before += start < position
                total += 1
        except TakesTooLongError:
            return before, total, False
        return before, total, True

    def _from(self, block: QTextBlock, seconds: float = _LOOKING_S) -> Iterator[tuple[int, int, list[str]]]:
        latest = time.monotonic() + seconds
        while block.isValid():
            yield from self._in_line(block, latest)
            block = block.next()

    def _in_line(self, block: QTextBlock, latest: float) -> Iterator[tuple[int, int, list[str]]]:
        if self.error or self._is_empty:
            return
        text, behind = block.text(), 0
        matches = self._expression.globalMatch(text)
        while matches.hasNext():
            match = matches.next()
            start, end = match.capturedStart(), match.capturedEnd()
            behind = max(end, start + 1)
            if end > start:
                yield block.position() + start, block.position() + end, _groups(match)
            _look_at_clock(latest)
        # Neither is it valid where nothing at all was found at the line's end.
        if not matches.isValid() and behind < block.length() and not self._expression.match(text, behind).isValid():
            raise TakesTooLongError  # the library gave up
        _look_at_clock(latest)


def _groups(match: QRegularExpressionMatch) -> list[str]:
    """What was found, and behind it each group of the expression, empty where it took no part."""
    return [match.captured(number) for number in range(match.regularExpression().captureCount() + 1)]


def _look_at_clock(latest: float) -> None:
    if time.monotonic() > latest:
        raise TakesTooLongError
