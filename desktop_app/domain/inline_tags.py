"""Tags written in a text as #tag."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from desktop_app.domain.folders import clean_tags

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


def tag_places(words: str) -> list[tuple[int, int]]:
    """Where tags stand in words without code, from their "#" to their end."""
    return [found.span() for found in _TAG.finditer(words)] if "#" in words else []


def tags_following_text(tags: Sequence[str], before: str, after: str, kept: Collection[str] = ()) -> tuple[str, ...]:
    """A note's `tags` once its text is `after` in place of `before`: what the text says more comes to them, what it
    does not say any more leaves, but for those `kept`, as its front matter says them.

    One that was taken off by hand stays away as long as the text says it in both.
    """
    said, says = set(clean_tags(inline_tags(before))), set(clean_tags(inline_tags(after)))
    if said == says:
        return tuple(tags)
    gone = said - says - set(clean_tags(kept))
    return clean_tags((*(tag for tag in tags if tag not in gone), *(says - said)))
