"""A paragraph of a DOCX file as a line of Markdown: words with their marks, links, pictures, formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec
from msgspec.structs import replace

from desktop_app.workers.import_worker.html_inline import code, escaped, lifted, plain_link
from desktop_app.workers.import_worker.safe_xml import Attributes

_NOT_FOLLOWED = ("javascript:", "data:", "file:")


class Marks(msgspec.Struct, frozen=True):
    """How letters are written. `lift` is "sup", "sub", or "" for letters on the line."""

    bold: bool = False
    italic: bool = False
    struck: bool = False
    code: bool = False
    lift: str = ""

    def changed(self, element: str, on: bool) -> Marks:
        """With the mark that an element of that name means ("b", "i", "strike", "dstrike", "code") on or off."""
        names = {"b": "bold", "i": "italic", "strike": "struck", "dstrike": "struck", "code": "code"}
        return replace(self, **{names[element]: on})

    def joined(self, other: Marks) -> Marks:
        """With the other's marks, too."""
        return Marks(
            self.bold or other.bold,
            self.italic or other.italic,
            self.struck or other.struck,
            self.code or other.code,
            self.lift or other.lift,
        )


NO_MARKS = Marks()


def is_on(attributes: Attributes) -> bool:
    """Whether a switch such as that for bold letters is on."""
    return attributes.get("val", "1") not in ("0", "false", "off", "none")


class Piece(msgspec.Struct, frozen=True):
    """A part of a line. `is_made` is Markdown already: the mark of a note, a picture, a formula."""

    text: str
    marks: Marks = NO_MARKS
    target: str = ""
    is_made: bool = False


def plain_line(pieces: Iterable[Piece]) -> str:
    """The words alone, as code takes them."""
    return "".join(piece.text for piece in pieces)


def marked_line(pieces: Iterable[Piece], *, may_be_bold: bool = True) -> str:
    """The line with its marks; with `may_be_bold` off, as in a heading, none of it is bold."""
    return "".join(_linked(target, list(some), may_be_bold) for target, some in groupby(pieces, lambda one: one.target))


def _linked(target: str, pieces: list[Piece], may_be_bold: bool) -> str:
    written = "".join(_levels(pieces, ("bold", "struck", "italic") if may_be_bold else ("struck", "italic")))
    if not target or target.lower().startswith(_NOT_FOLLOWED):
        return written
    before, words, after = _parted(written)
    if not words:
        return written
    plain = plain_line(pieces).strip()
    return before + plain_link(plain if plain == target else " ".join(words.split()), target) + after


_STOPS = ".,:;!?…。，：；！？、」』）”"
_OPENINGS = "(（「『“„"
_SIGNS = {"bold": "**", "struck": "~~", "italic": "*"}


def _levels(pieces: list[Piece], kinds: tuple[str, ...]) -> Iterator[str]:
    """Marks around what they hold for: the first of `kinds` outside, the others in it."""
    if not kinds:
        for marks, alike in groupby(pieces, lambda piece: (piece.marks.code, piece.marks.lift, piece.is_made)):
            yield _written(*marks, "".join(piece.text for piece in alike))
        return
    groups = [(on, list(some)) for on, some in groupby(pieces, lambda piece: bool(getattr(piece.marks, kinds[0])))]
    for number, (on, some) in enumerate(groups):
        written = "".join(_levels(some, kinds[1:]))
        if on:
            before = groups[number - 1][1][-1].text if number else ""
            after = groups[number + 1][1][0].text if number + 1 < len(groups) else ""
            written = _marked(written, _SIGNS[kinds[0]], before[-1:], after[:1])
        yield written


def _marked(text: str, sign: str, before: str, after: str) -> str:
    """Text between two signs. Markdown takes a sign beside a blank, or between a stop and a letter, for itself."""
    start, words, end = _parted(text)
    if words and not end and after.isalnum():
        kept = words.rstrip(_STOPS)
        words, end = kept, words[len(kept) :]
    if words and not start and before.isalnum():
        kept = words.lstrip(_OPENINGS)
        start, words = words[: len(words) - len(kept)], kept
    return f"{start}{sign}{words}{sign}{end}" if words else text


def _written(is_code: bool, lift: str, is_made: bool, text: str) -> str:
    if is_made:
        return text
    if is_code:
        before, words, after = _parted(text)
        return f"{before}{code(words)}{after}" if words else text
    return escaped(lifted(lift, text) if lift else text)


def _parted(text: str) -> tuple[str, str, str]:
    """(blanks at the beginning, the words, blanks at the end): Markdown takes no blank beside a mark."""
    words = text.strip()
    if not words:
        return text, "", ""
    start = text.index(words)
    return text[:start], words, text[start + len(words) :]
