"""Places of a note that links lead to and embeds show: sections under a heading, paragraphs with a name (`^name`)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from desktop_app.domain.fenced_code import FENCE, outside_fences
from desktop_app.domain.outline import heading_named, headings

_NAMED = re.compile(FENCE + r"|(?:^|(?<=[ \t]))\^(?P<name>[A-Za-z0-9-]{1,100})[ \t\r]*$", re.MULTILINE)
_STARTS_ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]")


def is_block_name(name: str) -> bool:
    """Whether what stands behind "#" in a link is the name of a paragraph."""
    return name.startswith("^")


def block_names(text: str) -> list[str]:
    """The names of paragraphs outside fenced code, in order, without their sign."""
    return [found["name"] for found in outside_fences(_NAMED, text)]


def place_named(text: str, name: str) -> tuple[int, int] | None:
    """The characters of the heading, or of the paragraph, that a link with `name` behind "#" leads to."""
    if not is_block_name(name):
        heading = heading_named(text, name)
        return None if heading is None else (heading.start, heading.end)
    wanted = name[1:].strip().lower()
    for found in outside_fences(_NAMED, text):
        if found["name"].lower() == wanted:
            return _paragraph(text, found.start("name") - 1)
    return None


def section_named(text: str, name: str) -> str | None:
    """What an embed with `name` behind "#" shows: the section below the heading, or the paragraph."""
    place = place_named(text, name)
    if place is None:
        return None
    if is_block_name(name):
        return _NAMED.sub(lambda found: "" if found["fence"] is None else found[0], text[slice(*place)]).rstrip()
    all_headings = headings(text)
    level = next(one.level for one in all_headings if one.start == place[0])
    end = next((one.start for one in all_headings if one.start > place[0] and one.level <= level), len(text))
    return text[place[1] : end].strip()


def line_to_name(lines: Sequence[str], at: int) -> tuple[int, str]:
    """The line that ends the paragraph or list item of line `at`, and the name it bears already, "" where none."""
    last = at
    while last + 1 < len(lines) and lines[last + 1].strip() and not _STARTS_ITEM.match(lines[last + 1]):
        last += 1
    found = _NAMED.search(lines[last])
    return last, found["name"] or "" if found is not None else ""


def _paragraph(text: str, sign: int) -> tuple[int, int]:
    """The paragraph, or the item of a list, that a name at `sign` ends; where it stands alone, what is above it."""
    line = text.rfind("\n", 0, sign) + 1
    end = text.find("\n", sign)
    end = len(text) if end < 0 else end
    if not text[line:sign].strip():
        above = text[:line].rstrip()
        if not above:
            return line, end
        line = above.rfind("\n") + 1
    start = line
    while start > 0 and not _STARTS_ITEM.match(text, start):
        above_line = text.rfind("\n", 0, start - 1) + 1
        if not text[above_line : start - 1].strip():
            break
        start = above_line
    return start, end
