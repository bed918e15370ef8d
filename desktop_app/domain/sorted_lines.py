"""Lines in the order of their words: items of a list take what stands below them along, numbers go by their size."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from desktop_app.domain.markdown_lists import depth_of, item_of
from desktop_app.domain.markdown_tables import is_delimiter, is_row

_DIGITS = re.compile(r"(\d{1,18})")
_BOX = re.compile(r"\[[ xX]\][ \t]+")

_Key = tuple[tuple[int, int, str], ...]


def sorted_lines(lines: Sequence[str]) -> list[str]:
    """The lines in order. A line further in than the first goes with the one above it, empty ones between them, too;
    other empty ones come last. The head of a table stays. Lines that are in order already are turned round.
    """
    head = next((number + 1 for number, line in enumerate(lines[:2]) if is_row(line) and is_delimiter(line)), 0)
    return [*lines[:head], *_in_order(lines[head:])]


def _in_order(lines: Sequence[str]) -> list[str]:
    words: list[list[str]] = []
    empty: list[str] = []
    since: list[str] = []  # empty ones below the last words
    top = min((depth_of(line) for line in lines if line.strip()), default=0)
    for line in lines:
        if not line.strip():
            since.append(line)
            continue
        if words and depth_of(line) > top:
            words[-1] += [*since, line]
        else:
            words.append([line])
            empty += since
        since = []
    ordered = sorted(words, key=lambda group: _key(group[0]))
    if ordered == words:
        ordered = sorted(words, key=lambda group: _key(group[0]), reverse=True)
    return [*(line for group in ordered for line in group), *empty, *since]


def _key(line: str) -> _Key:
    """Letters whatever their capitals and accents, numbers by their size; the sign of an item does not count."""
    item = item_of(line)
    said = _BOX.sub("", line[item.lead :] if item is not None else line.strip(), count=1).strip()
    plain = "".join(one for one in unicodedata.normalize("NFKD", said.casefold()) if not unicodedata.combining(one))
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _DIGITS.split(plain) if part)
