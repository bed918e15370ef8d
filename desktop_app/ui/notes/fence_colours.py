"""The colours of fenced code while it is written."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtGui import QTextBlock

from desktop_app.ui.chat.code_colours import LONGEST_LEXED, code_spans

_REMEMBERED = 24
_STEP = 64
"""Lines that are coloured ahead of those in view, so that scrolling does not begin anew with each line."""


class FenceColours:
    """Colours one stretch of code after the other, from where it opens down to a line; what was asked is remembered."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], list[list[tuple[int, int, str]]]] = OrderedDict()

    def of_lines(self, opening: QTextBlock, last: QTextBlock) -> list[list[tuple[int, int, str]]]:
        """(start, length, colour role) in characters for each line behind `opening`, up to `last` and some more.

        Empty where the language is unknown, or the code too long to be coloured between two keystrokes.
        """
        words = opening.text().strip().lstrip("`~").split()
        language = words[0].strip("{}.").lower() if words else ""
        if not language:
            return []
        lines: list[str] = []
        length = 0
        block = opening
        mark = opening.text().strip()[:3]
        seen = block == last
        while not seen or (len(lines) % _STEP and not lines[-1].lstrip().startswith(mark)):
            block = block.next()
            if not block.isValid():
                break
            seen = seen or block == last
            lines.append(block.text())
            length += len(lines[-1]) + 1
            if length > LONGEST_LEXED:
                return []
        key = (language, "\n".join(lines))
        if key not in self._known:
            self._known[key] = _by_line(key[1], lines, language)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]


def _by_line(code: str, lines: list[str], language: str) -> list[list[tuple[int, int, str]]]:
    found: list[list[tuple[int, int, str]]] = [[] for _ in lines]
    number, start = 0, 0  # the line that is looked at, and where it begins
    for first, length, role in code_spans(code, language):
        while number < len(lines) - 1 and first > start + len(lines[number]):
            start += len(lines[number]) + 1
            number += 1
        end, line, edge = first + length, number, start
        while line < len(lines) and edge < end:
            left, right = max(first - edge, 0), min(end - edge, len(lines[line]))
            if left < right:
                found[line].append((left, right - left, role))
            edge += len(lines[line]) + 1
            line += 1
    return found
