"""What a DOCX file says of its styles and its lists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from desktop_app.domain.whole_numbers import whole_number
from desktop_app.workers.import_worker.docx_line import NO_MARKS, Marks, is_on
from desktop_app.workers.import_worker.safe_xml import Attributes

_HEADING = re.compile(r"heading ([1-6])")
_LIST_LEVEL = re.compile(r"list (?:bullet|number) ([2-5])")
_CONTENTS = re.compile(r"toc (?:\d|heading)")
_QUOTES = frozenset({"quote", "intense quote", "block text", "block quotation", "quotations"})
_CODE = frozenset({"source code", "code", "code block", "html preformatted", "preformatted text", "macro"})
_CODE_INSIDE = frozenset(
    {"verbatim char", "html code", "source text", "source_text", "code char", "html keyboard", "inline code"}
)


def number_of(text: str | None, otherwise: int = 0) -> int:
    """A number of at most five digits; `otherwise` for anything else."""
    number = whole_number(text or "", most_digits=5)
    return otherwise if number is None else number


@dataclass
class Style:
    """What a style says of its paragraphs or its letters.

    Attributes:
        heading: its level, 0 for none.
        list_id: of the list that it puts its paragraphs in; "" for none.
        level: how deep in that list, from 0.
        is_contents: whether it is a line of the table of contents, which Word writes from the headings.
        marks: of letters.
    """

    heading: int = 0
    list_id: str = ""
    level: int = 0
    is_quote: bool = False
    is_code: bool = False
    is_contents: bool = False
    marks: Marks = NO_MARKS


class Styles:
    """The document's styles by their ids. Feed it the part of the styles."""

    def __init__(self) -> None:
        self.by_id: dict[str, Style] = {}
        self._now = Style()
        self._is_of_letters = False

    def start(self, name: str, attributes: Attributes) -> None:
        value = attributes.get("val", "")
        if name == "style":
            self._now = self.by_id.setdefault(attributes.get("styleId", ""), Style())
            self._is_of_letters = attributes.get("type") == "character"
        elif name == "name":
            self._named(value.lower())
        elif name == "basedOn" and self._is_of_letters and value in self.by_id:
            self._now.marks = self._now.marks.joined(self.by_id[value].marks)
        elif name == "numId":
            self._now.list_id = value
        elif self._is_of_letters and name in ("b", "i", "strike"):
            self._now.marks = self._now.marks.changed(name, is_on(attributes))

    def _named(self, name: str) -> None:
        if (found := _HEADING.fullmatch(name)) is not None:
            self._now.heading = int(found[1])
        elif name == "title":
            self._now.heading = 1
        elif (found := _LIST_LEVEL.fullmatch(name)) is not None:
            self._now.level = int(found[1]) - 1
        elif _CONTENTS.fullmatch(name):
            self._now.is_contents = True
        elif self._is_of_letters and name in _CODE_INSIDE:
            self._now.marks = self._now.marks.changed("code", True)
        self._now.is_quote = name in _QUOTES
        self._now.is_code = not self._is_of_letters and name in _CODE

    def end(self, name: str) -> None:
        if name == "style":
            self._now, self._is_of_letters = Style(), False


class Numbering:
    """Which lists are numbered, from where, and which have bullets. Feed it the part of the numbering.

    What a list says of a level is under its own id; the rest is under that of the kind that it is of.
    """

    def __init__(self) -> None:
        self._formats: dict[tuple[str, int], str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._blank: dict[tuple[str, int], bool] = {}
        self._kind_of: dict[str, str] = {}
        self._now = ""
        self._level = 0

    def start(self, name: str, attributes: Attributes) -> None:
        value = attributes.get("val", "")
        key = self._now, self._level
        if name == "abstractNum":
            self._now = _kind(attributes.get("abstractNumId", ""))
        elif name == "num":
            self._now = attributes.get("numId", "")
        elif name == "abstractNumId":
            self._kind_of[self._now] = _kind(value)
        elif name in ("lvl", "lvlOverride"):
            self._level = number_of(attributes.get("ilvl"))
        elif name == "numFmt":
            self._formats[key] = value
        elif name in ("start", "startOverride"):
            self._starts[key] = number_of(value, 1)
        elif name == "lvlText":
            self._blank[key] = not value.strip()

    def is_numbered(self, list_id: str, level: int) -> bool:
        """False for bullets, and for what the document does not say."""
        return _said(self._formats, self._keys(list_id, level), "bullet") not in ("bullet", "none")

    def first_number(self, list_id: str, level: int) -> int:
        """Where the list begins to count."""
        return _said(self._starts, self._keys(list_id, level), 1)

    def has_no_sign(self, list_id: str, level: int) -> bool:
        """Whether its paragraphs have an empty bullet: they go on with the item above them."""
        keys = self._keys(list_id, level)
        return _said(self._blank, keys, False) and not self.is_numbered(list_id, level)

    def _keys(self, list_id: str, level: int) -> list[tuple[str, int]]:
        return [(list_id, level), (self._kind_of.get(list_id, ""), level)]


_Said = TypeVar("_Said")


def _kind(kind_id: str) -> str:
    return f"kind {kind_id}"


def _said(known: Mapping[tuple[str, int], _Said], keys: Sequence[tuple[str, int]], otherwise: _Said) -> _Said:
    return next((known[key] for key in keys if key in known), otherwise)
