"""Telling lines of Markdown from lines of fenced code, without a look at every line."""

from __future__ import annotations

import re
from collections.abc import Iterator

FENCE = r"^ {0,3}(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)"
"""A line that opens or closes fenced code; the first choice of a pattern for `outside_fences`."""


def outside_fences(lines: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The places of `lines`, which holds FENCE and other choices, that are no fence and stand in no fenced code."""
    fence = ""
    for line in lines.finditer(text):
        if (mark := line["fence"]) is not None:
            if not fence:
                fence = "" if mark[0] == "`" and "`" in line["info"] else mark
            elif mark[0] == fence[0] and len(mark) >= len(fence) and not line["info"].strip():
                fence = ""
        elif not fence:
            yield line
