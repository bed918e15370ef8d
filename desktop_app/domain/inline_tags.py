"""Tags written in a text as #tag."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_CODE = re.compile(r"`[^`\n]*`")
_TAG = re.compile(r"(?<![^\s(])#([^\W\d_][\w/-]*)(?![\w/#-])")
_MOST_CHARACTERS = 1_000_000


def inline_tags(text: str) -> tuple[str, ...]:
    """The tags of `text` as written, each once, in order of their first place: "#" and a letter, after a blank or at
    a line's start.

    Code, fenced, indented or inline, holds none.
    """
    found: dict[str, None] = {}
    fence = ""
    for line in text[:_MOST_CHARACTERS].splitlines() if "#" in text else ():
        mark = _FENCE.match(line)
        if mark is not None and (not fence or mark.group(1).startswith(fence)):
            fence = "" if fence else mark.group(1)
        elif not fence and "#" in line and not line.startswith(("    ", "\t")):
            found.update(dict.fromkeys(_TAG.findall(_CODE.sub("", line))))
    return tuple(found)
