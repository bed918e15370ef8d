"""How wide a picture of a note is shown, as Obsidian writes it: `![words|300](name)`, `![[name|300]]`."""

from __future__ import annotations

import re

_PICTURE = re.compile(
    r"!\[\[(?P<name>[^\[\]|\n]+)(?:\|(?P<behind>[^\[\]\n]*))?\]\]"
    r"|!\[(?P<words>[^\[\]\n]*)\](?=\([^\n)]+\))"
)
_WIDTH = re.compile(r"(?:^|\|)\s*\d{1,4}\s*(?:x\s*\d{1,4}\s*)?$")


def picture_at(line: str, place: int) -> tuple[int, int] | None:
    """(start, end) of what says the picture that the character `place` of a line is in or beside; None where it is in
    none. Of a Markdown picture this is what stands in front of its address.
    """
    for found in _PICTURE.finditer(line):
        end = found.end()
        if found["words"] is not None:
            end = line.index(")", end) + 1
        if found.start() <= place <= end:
            return found.span()
    return None


def with_width(picture: str, width: int) -> str:
    """What `picture_at` found, with this width in pixels in place of the one it says; 0 for as wide as it is."""
    found = _PICTURE.match(picture) or _PICTURE.match(f"{picture}(x)")
    assert found is not None, "not a picture"
    told = f"|{width}" if width else ""
    if found["words"] is not None:
        return f"![{_WIDTH.sub('', found['words'])}{told}]"
    behind = _WIDTH.sub("", found["behind"] or "")
    return f"![[{found['name']}{f'|{behind}' if behind else ''}{told}]]"
