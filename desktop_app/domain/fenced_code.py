"""Telling lines of Markdown from lines of fenced code, without a look at every line."""

from __future__ import annotations

import re
from collections.abc import Iterator

FENCE = r"^(?P<lead> {0,60}(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)"
"""A line that opens or closes fenced code; the first choice of a pattern for `outside_fences`."""

_MOST_BEFORE = 3
"""Blanks in front of a fence, which is a line of indented code with more."""


def outside_fences(lines: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The places of `lines`, which holds FENCE and other choices, that are no fence and stand in no fenced code."""
    fence, in_item = "", False
    for line in lines.finditer(text):
        if (mark := line["fence"]) is None:
            if not fence:
                yield line
            continue
        lead = line["lead"]
        has_sign = bool(lead.strip())
        if fence and (has_sign or lead or not in_item):
            may_close = not has_sign and (in_item or len(lead) <= _MOST_BEFORE)
            if may_close and mark[0] == fence[0] and len(mark) >= len(fence) and not line["info"].strip():
                fence = ""
        elif (has_sign or len(lead) <= _MOST_BEFORE) and not (mark[0] == "`" and "`" in line["info"]):
            # (At the very edge, the item and its code have ended.)
            fence, in_item = mark, has_sign
