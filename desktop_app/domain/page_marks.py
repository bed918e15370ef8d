"""Pages of an imported PDF, which stand in its note as lines such as `[page 3]`."""

from __future__ import annotations

import re

_MARK = re.compile(r"\[page ([0-9]{1,6})\](?=\s|\Z)")
_BEGINNING = "[page "


def page_at(text: str, position: int) -> int:
    """The page on which character `position` stands; 0 where no page begins at it or before."""
    at = text.rfind(_BEGINNING, 0, position + len(_BEGINNING))
    while at >= 0:
        mark = _MARK.match(text, at)
        if mark is not None and (at == 0 or text[at - 1] == "\n"):
            return int(mark[1])
        at = text.rfind(_BEGINNING, 0, at)
    return 0


def page_within(passage: str, position: int, page: int) -> int:
    """The page of character `position` of a passage that begins on `page`."""
    return page_at(passage, position) or page
