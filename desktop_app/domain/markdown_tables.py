"""Tables of Markdown as they are written: their cells, and their columns brought into line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

_BAR = re.compile(r"\\.|(\|)")
_DELIMITER = re.compile(r":?-+:?$")
_ROW = re.compile(r" {0,3}\|.*\|[ \t]*$")
_LEAST = 3
_WIDEST = 60
"""A column wider than this is left as it is beyond it, so that one long cell does not push all others away."""


def cells(line: str) -> list[tuple[int, int]]:
    """(start, end) of what stands in each cell, without the blanks around it. An empty cell is one place in it."""
    bars = [match.start(1) for match in _BAR.finditer(line) if match[1]]
    if not bars:
        return []
    first, last = line[: bars[0]].strip(), line[bars[-1] + 1 :].strip()
    edges = ([-1] if first else []) + bars + ([len(line)] if last else [])
    found = []
    for left, right in pairwise(edges):
        inside = line[left + 1 : right]
        start = left + 1 + len(inside) - len(inside.lstrip())
        if not inside.strip():
            start = min(left + 2, right)
        found.append((start, start + len(inside.strip())))
    return found


def texts(line: str) -> list[str]:
    """What stands in each cell."""
    return [line[start:end] for start, end in cells(line)]


def is_delimiter(line: str) -> bool:
    """Whether a line is the one below the head: `|---|:-:|`."""
    found = texts(line)
    return bool(found) and all(_DELIMITER.match(cell) for cell in found)


def is_row(line: str) -> bool:
    """Whether a line begins and ends with a bar, as a row does that is written with care."""
    return _ROW.match(line) is not None


def table_around(lines: Sequence[str], number: int) -> tuple[int, int] | None:
    """(first, behind the last) of the lines of the table that line `number` is in; None where it is in none."""
    if not 0 <= number < len(lines) or "|" not in lines[number]:
        return None
    first = last = number
    while first > 0 and "|" in lines[first - 1]:
        first -= 1
    while last < len(lines) - 1 and "|" in lines[last + 1]:
        last += 1
    delimiter = next((at for at in range(first + 1, last + 1) if is_delimiter(lines[at])), None)
    if delimiter is None or number < delimiter - 1:
        return None
    if len(texts(lines[delimiter])) != len(texts(lines[delimiter - 1])):
        return None
    return delimiter - 1, last + 1


def empty_row(columns: int) -> str:
    """A row without words."""
    return "|" + "  |" * columns


def delimiter_row(columns: int) -> str:
    """The line below a new table's head."""
    return "|" + " --- |" * columns


def aligned(lines: Sequence[str]) -> list[str]:
    """The lines of a table with its columns in line; rows that lack cells get them, and no word is changed."""
    rows = [texts(line) for line in lines]
    columns = max(len(row) for row in rows)
    rows = [row + [""] * (columns - len(row)) for row in rows]
    sides = [(cell.startswith(":"), cell.endswith(":")) for cell in rows[1]]
    widths = [
        max(_LEAST, *(min(_WIDEST, _width(row[column])) for at, row in enumerate(rows) if at != 1))
        for column in range(columns)
    ]
    result = []
    for at, row in enumerate(rows):
        made = [
            _rule(width, side) if at == 1 else _padded(cell, width, side)
            for cell, width, side in zip(row, widths, sides, strict=True)
        ]
        result.append("| " + " | ".join(made) + " |")
    return result


def _rule(width: int, side: tuple[bool, bool]) -> str:
    left, right = side
    return ":" * left + "-" * (width - left - right) + ":" * right


def _padded(cell: str, width: int, side: tuple[bool, bool]) -> str:
    room = max(0, width - _width(cell))
    if side == (True, True):
        return " " * (room // 2) + cell + " " * (room - room // 2)
    return " " * room + cell if side == (False, True) else cell + " " * room


def _width(text: str) -> int:
    """In columns of a font of one width; letters of East Asia take two."""
    marks = sum(unicodedata.combining(letter) > 0 for letter in text)
    return len(text) - marks + sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
