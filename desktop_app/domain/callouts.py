"""Callouts: quotes that begin with `[!kind] title`, as Obsidian and GitHub write them."""

from __future__ import annotations

import re

import msgspec

HEAD = re.compile(r"\[!(?P<kind>[A-Za-z][\w-]{0,40})\](?P<folds>[+-]?)[ \t]*")
"""What opens a callout, at the beginning of a quote's first line."""

_TONES = {
    "good": "tip hint important success check done",
    "caution": "warning caution attention question help faq failure fail missing danger error bug",
    "quiet": "quote cite",
}
_TONE_OF = {kind: tone for tone, kinds in _TONES.items() for kind in kinds.split()}


class Callout(msgspec.Struct, frozen=True):
    """What a quote's first line says of it.

    Attributes:
        kind: in lower case.
        tone: "note", "good", "caution" or "quiet": kinds that look alike.
        length: characters of the line in front of the title's own words.
        folds: "-" where it is folded at first, "+" where it is not and can be; else "".
    """

    kind: str
    tone: str
    length: int
    folds: str = ""

    @property
    def name(self) -> str:
        """What stands for a title where there is none."""
        return self.kind.replace("-", " ").capitalize()


def callout_in(line: str) -> Callout | None:
    """The callout that a quote with this first line is, without the quote's own sign; None for a plain quote."""
    match = HEAD.match(line)
    if match is None:
        return None
    kind = match["kind"].lower()
    return Callout(kind, _TONE_OF.get(kind, "note"), match.end(), match["folds"])
