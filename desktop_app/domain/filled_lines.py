"""Lines of a paragraph joined, as CommonMark reads them, in a text that is shown without being rendered."""

from __future__ import annotations

import re

_BEGINS = re.compile(r"[ \t]*(?:[#>|]|[-*+][ \t]|\d{1,9}[.)][ \t]|```|~~~|\$\$|$)")
_STANDS_ALONE = re.compile(r"[ \t]*(?:#|\||```|~~~|\$\$|$)")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")


def filled_lines(text: str) -> str:
    """`text` with the lines of each paragraph and item joined; headings, tables, code and hard breaks stay."""
    filled: list[list[str]] = []
    in_code = False
    for line in text.split("\n"):
        before = filled[-1][-1] if filled else ""
        hard = before.endswith(("  ", "\\"))
        if in_code or not filled or hard or _BEGINS.match(line) or _STANDS_ALONE.match(before):
            filled.append([line])
        else:
            filled[-1][-1] = before.rstrip()
            filled[-1].append(line.lstrip())
        in_code ^= _FENCE.match(line) is not None
    return "\n".join(map(" ".join, filled))
