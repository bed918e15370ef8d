"""The paragraphs, lists and tables of one part of a DOCX file, as Markdown writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from desktop_app.domain.whole_numbers import whole_number
from desktop_app.workers.import_worker.limits import TextBudget
from desktop_app.workers.import_worker.safe_xml import Attributes

_HEADING = re.compile(r"heading ([1-6])")
_DEEPEST_HEADING = 6
# A text box is there twice, the second time for old programs; the others are what tracked changes took away.
_NOT_READ = frozenset({"Fallback", "del", "moveFrom", "pPrChange", "rPrChange"})
_PAGE_FIELD = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)
_LONGEST_INSTRUCTION = 200
_DEEPEST_FIELD = 8
_NOTE_MARKS = {"footnoteReference": "footnote", "endnoteReference": "endnote"}


def _number(text: str | None, otherwise: int = 0) -> int:
    number = whole_number(text or "", most_digits=5)
    return otherwise if number is None else number


@dataclass
class _Style:
    heading: int = 0
    list_id: str = ""


class Styles:
    """Which styles are headings, and which number their paragraphs."""

    def __init__(self) -> None:
        self.by_id: dict[str, _Style] = {}
        self._now = _Style()

    def start(self, name: str, attributes: Attributes) -> None:
        value = attributes.get("val", "")
        if name == "style":
            self._now = self.by_id.setdefault(attributes.get("styleId", ""), _Style())
        elif name == "name" and (found := _HEADING.fullmatch(value.lower())):
            self._now.heading = int(found[1])
        elif name == "name" and value.lower() == "title":
            self._now.heading = 1
        elif name == "numId":
            self._now.list_id = value

    def end(self, name: str) -> None:
        if name == "style":
            self._now = _Style()


class Numbering:
    """Which lists are numbered and which have bullets."""

    def __init__(self) -> None:
        self._formats: dict[tuple[str, int], str] = {}
        self._kind_of: dict[str, str] = {}
        self._kind = self._list = ""
        self._level = 0

    def start(self, name: str, attributes: Attributes) -> None:
        value = attributes.get("val", "")
        if name == "abstractNum":
            self._kind, self._list = attributes.get("abstractNumId", ""), ""
        elif name == "lvl":
            self._level = _number(attributes.get("ilvl"))
        elif name == "numFmt" and not self._list:
            self._formats[self._kind, self._level] = value
        elif name == "num":
            self._list = attributes.get("numId", "")
        elif name == "abstractNumId" and self._list:
            self._kind_of[self._list] = value

    def is_numbered(self, list_id: str, level: int) -> bool:
        """False for bullets, and for what the document does not say."""
        known = self._formats.get((self._kind_of.get(list_id, ""), level), "bullet")
        return known not in ("bullet", "none")


@dataclass
class _Paragraph:
    parts: list[str] = field(default_factory=list)
    style: str = ""
    list_id: str | None = None
    level: int = 0
    outline: int = 0


@dataclass
class _Field:
    instruction: str = ""
    is_hidden: bool = False


def _is_page(instruction: str) -> bool:
    return _PAGE_FIELD.match(instruction) is not None


class Body:
    """Turns the elements of one part of the document into lines.

    Args:
        note_mark: what stands in the text for the note of a kind and id; empty for none.
        pictures: the names of pictures by their ids.
    """

    def __init__(
        self,
        styles: Styles,
        numbering: Numbering,
        budget: TextBudget,
        note_mark: Callable[[str, str], str] = lambda _kind, _id: "",
        pictures: Mapping[str, str] | None = None,
    ) -> None:
        self._pictures = pictures or {}
        self.lines: list[str] = []
        self._note_mark = note_mark
        self._fields: list[_Field] = []
        self._in_instruction = False
        self._styles = styles
        self._numbering = numbering
        self._budget = budget
        self._paragraphs: list[_Paragraph] = []
        self._in_text = False
        self._skipped = 0
        self._tables = 0
        self._cell: list[str] = []
        self._row: list[str] = []
        self._rows = 0
        self._counts: dict[tuple[str, int], int] = {}
        self._was_list = False

    def start(self, name: str, attributes: Attributes) -> None:
        if self._skipped or name in _NOT_READ or (name == "fldSimple" and _is_page(attributes.get("instr", ""))):
            self._skipped += 1
            return
        if name == "p":
            self._paragraphs.append(_Paragraph())
        elif name == "tbl":
            self._tables += 1
            self._rows = 0 if self._tables == 1 else self._rows
        elif name == "tr" and self._tables == 1:
            self._row = []
        elif name == "tc" and self._tables == 1:
            self._cell = []
        elif self._paragraphs:
            self._start_in_paragraph(name, attributes, self._paragraphs[-1])

    def _start_in_paragraph(self, name: str, attributes: Attributes, paragraph: _Paragraph) -> None:
        value = attributes.get("val", "")
        if name == "t":
            self._in_text = True
        elif name == "tab" and "val" not in attributes:
            self._add("\t")
        elif name in ("br", "cr"):
            self._add("\n")
        elif name == "noBreakHyphen":
            self._add("-")
        elif name == "blip" and attributes.get("embed", "") in self._pictures:
            self._add(f"![]({self._pictures[attributes['embed']]})")
        elif name in _NOTE_MARKS:
            self._add(self._note_mark(_NOTE_MARKS[name], attributes.get("id", "")))
        elif name == "instrText":
            self._in_instruction = True
        elif name == "fldChar":
            self._turn_field(attributes.get("fldCharType", ""))
        elif name == "pStyle":
            paragraph.style = value
        elif name == "numId":
            paragraph.list_id = value
        elif name == "ilvl":
            paragraph.level = min(_number(value), 8)
        elif name == "outlineLvl":
            paragraph.outline = _number(value, 9) + 1

    def _turn_field(self, kind: str) -> None:
        """A field is an instruction and then what it gave when the document was saved: of a page, some number."""
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].is_hidden = _is_page(self._fields[-1].instruction)
        elif kind == "end" and self._fields:
            self._fields.pop()

    def text(self, text: str) -> None:
        if self._in_instruction and not self._skipped and self._fields:
            self._fields[-1].instruction = (self._fields[-1].instruction + text)[:_LONGEST_INSTRUCTION]
        if any(each.is_hidden for each in self._fields[-_DEEPEST_FIELD:]):
            return
        if self._in_text and not self._skipped and self._paragraphs:
            self._add(text)

    def _add(self, text: str) -> None:
        self._paragraphs[-1].parts.append(self._budget.take(text))

    def end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif name == "t":
            self._in_text = False
        elif name == "instrText":
            self._in_instruction = False
        elif name == "p" and self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        elif name == "tc" and self._tables == 1:
            self._row.append(" ".join(" ".join(self._cell).split()).replace("|", "\\|"))
        elif name == "tr" and self._tables == 1:
            self._end_row()
        elif name == "tbl":
            self._tables -= 1
            if not self._tables:
                self.lines.append("\n")

    def _end_row(self) -> None:
        self._rows += 1
        self.lines.append(f"| {' | '.join(self._row)} |\n")
        if self._rows == 1:
            self.lines.append("|" + "---|" * len(self._row) + "\n")

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.parts)
        if self._tables:
            self._cell.append(text)
        elif text.strip():
            self._end_line(paragraph, text)

    def _end_line(self, paragraph: _Paragraph, text: str) -> None:
        style = self._styles.by_id.get(paragraph.style, _Style())
        heading = style.heading or (paragraph.outline if paragraph.outline <= _DEEPEST_HEADING else 0)
        list_id = paragraph.list_id if paragraph.list_id is not None else style.list_id
        is_list = not heading and list_id not in ("", "0")
        if self._was_list and not is_list:
            self.lines.append("\n")
        self._was_list = is_list
        if heading:
            self.lines.append(f"{'#' * heading} {' '.join(text.split())}\n\n")
        elif is_list:
            self.lines.append(f"{'  ' * paragraph.level}{self._mark(list_id, paragraph.level)} {text}\n")
        else:
            self.lines.append(f"{text}\n\n")

    def _mark(self, list_id: str, level: int) -> str:
        if not self._numbering.is_numbered(list_id, level):
            return "-"
        for deeper in [key for key in self._counts if key[0] == list_id and key[1] > level]:
            del self._counts[deeper]
        number = self._counts[list_id, level] = self._counts.get((list_id, level), 0) + 1
        return f"{number}."
