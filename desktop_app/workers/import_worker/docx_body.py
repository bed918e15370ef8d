"""The paragraphs, lists and tables of one part of a DOCX file, as Markdown writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import msgspec
from msgspec.structs import replace as with_fields

from desktop_app.workers.import_worker.docx_formulas import STARTS, DocxFormula
from desktop_app.workers.import_worker.docx_line import NO_MARKS, Marks, Piece, is_on, marked_line
from desktop_app.workers.import_worker.docx_lines import DocxLines
from desktop_app.workers.import_worker.docx_styles import Numbering, Style, Styles, number_of
from desktop_app.workers.import_worker.html_inline import written_target
from desktop_app.workers.import_worker.limits import TextBudget
from desktop_app.workers.import_worker.safe_xml import Attributes

_DEEPEST_HEADING = 6
# A text box is there twice, the second time for old programs; the others are what tracked changes took away.
_NOT_READ = frozenset({"Fallback", "del", "moveFrom", "pPrChange", "rPrChange"})
_PAGE_FIELD = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)
_LINK_FIELD = re.compile(r'\s*HYPERLINK\s+"([^"\s]+)"', re.IGNORECASE)
_LONGEST_INSTRUCTION = 2_000
_DEEPEST_FIELD = 8
_WIDEST_CELL = 63
_NOTE_MARKS = {"footnoteReference": "footnote", "endnoteReference": "endnote", "commentReference": "comment"}
_SWITCHES = frozenset({"b", "i", "strike", "dstrike"})
_LIFTS = {"superscript": "sup", "subscript": "sub"}
_LINKS = frozenset({"hyperlink", "fldSimple"})


class Relations(msgspec.Struct, frozen=True):
    """What the ids in a part mean: `pictures` are parts of the file, `links` addresses outside of it."""

    pictures: dict[str, str] = msgspec.field(default_factory=dict)
    links: dict[str, str] = msgspec.field(default_factory=dict)


@dataclass
class _Paragraph:
    pieces: list[Piece] = field(default_factory=list)
    marks: Marks = NO_MARKS
    formula: str = ""
    style: str = ""
    list_id: str | None = None
    level: int | None = None
    outline: int = 0


@dataclass
class _Field:
    instruction: str = ""
    is_hidden: bool = False
    target: str = ""


@dataclass
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)
    columns: int = 1


def _is_page(instruction: str) -> bool:
    return _PAGE_FIELD.match(instruction) is not None


def _address(instruction: str) -> str:
    found = _LINK_FIELD.match(instruction)
    return found[1] if found is not None else ""


class Body:
    """Turns the elements of one part of the document into text.

    Args:
        note_mark: what stands in the text for the note of a kind and id; empty for none.
        relations: of this part.
    """

    def __init__(
        self,
        styles: Styles,
        numbering: Numbering,
        budget: TextBudget,
        note_mark: Callable[[str, str], str] = lambda _kind, _id: "",
        relations: Relations | None = None,
    ) -> None:
        self._relations = relations or Relations()
        self._note_mark = note_mark
        self._styles = styles
        self._budget = budget
        self._lines = DocxLines(numbering)
        self._fields: list[_Field] = []
        self._links: list[str] = []
        self._paragraphs: list[_Paragraph] = []
        self._table = _Table()
        self._tables = 0
        self._formula: DocxFormula | None = None
        self._picture_words = ""
        self._skipped = 0
        self._in_text = self._in_instruction = self._in_paragraph_properties = False

    def written(self) -> str:
        """All that was read, as Markdown."""
        return self._lines.text()

    def start(self, name: str, attributes: Attributes) -> None:
        if self._skipped or name in _NOT_READ or (name == "fldSimple" and _is_page(attributes.get("instr", ""))):
            self._skipped += 1
        elif self._formula is not None:
            self._formula.start(name, attributes)
        elif name == "p":
            self._paragraphs.append(_Paragraph())
        elif name == "tbl":
            self._tables += 1
            self._table = _Table() if self._tables == 1 else self._table
        elif name in ("tr", "tc", "gridSpan") and self._tables == 1:
            self._start_part_of_table(name, attributes)
        elif name in _LINKS:
            target = self._relations.links.get(attributes.get("id", ""), "")
            self._links.append(target or _address(attributes.get("instr", "")))
        elif self._paragraphs and name in STARTS:
            self._formula = DocxFormula(name)
        elif self._paragraphs:
            self._start_in_paragraph(name, attributes, self._paragraphs[-1])

    def _start_part_of_table(self, name: str, attributes: Attributes) -> None:
        if name == "tr":
            self._table.rows.append([])
        elif name == "tc":
            self._table.cell, self._table.columns = [], 1
        else:
            self._table.columns = min(max(number_of(attributes.get("val"), 1), 1), _WIDEST_CELL)

    def _start_in_paragraph(self, name: str, attributes: Attributes, paragraph: _Paragraph) -> None:
        value = attributes.get("val", "")
        if name == "pPr":
            self._in_paragraph_properties = True
        elif self._in_paragraph_properties:
            self._of_paragraph(name, value, paragraph)
        elif name == "r":
            paragraph.marks = NO_MARKS
        elif name == "t":
            self._in_text = True
        elif name == "tab":
            self._add("\t")
        elif name in ("br", "cr"):
            self._add("\n")
        elif name == "noBreakHyphen":
            self._add("-")
        elif name in _NOTE_MARKS:
            self._add(self._note_mark(_NOTE_MARKS[name], attributes.get("id", "")), is_made=True)
        elif name == "instrText":
            self._in_instruction = True
        elif name == "fldChar":
            self._turn_field(attributes.get("fldCharType", ""))
        elif name in ("docPr", "blip", "imagedata"):
            self._picture(name, attributes)
        else:
            self._of_letters(name, attributes, paragraph)

    def _of_paragraph(self, name: str, value: str, paragraph: _Paragraph) -> None:
        if name == "pStyle":
            paragraph.style = value
        elif name == "numId":
            paragraph.list_id = value
        elif name == "ilvl":
            paragraph.level = min(number_of(value), 8)
        elif name == "outlineLvl":
            paragraph.outline = number_of(value, 9) + 1

    def _of_letters(self, name: str, attributes: Attributes, paragraph: _Paragraph) -> None:
        value = attributes.get("val", "")
        if name in _SWITCHES:
            paragraph.marks = paragraph.marks.changed(name, is_on(attributes))
        elif name == "vertAlign":
            paragraph.marks = with_fields(paragraph.marks, lift=_LIFTS.get(value, ""))
        elif name == "rStyle" and value in self._styles.by_id:
            paragraph.marks = paragraph.marks.joined(self._styles.by_id[value].marks)

    def _picture(self, name: str, attributes: Attributes) -> None:
        """A drawing tells its words first, and then which picture it shows."""
        if name == "docPr":
            words = attributes.get("descr", "")
            self._picture_words = " ".join(words.split()).replace("[", "(").replace("]", ")")
            return
        part = self._relations.pictures.get(attributes.get("embed" if name == "blip" else "id", ""), "")
        if part:
            self._add(f"![{self._picture_words}]({written_target(part)})", is_made=True)
            self._picture_words = ""

    def _turn_field(self, kind: str) -> None:
        """A field is an instruction and then what it gave when the document was saved: of a page, some number."""
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            instruction = self._fields[-1].instruction
            self._fields[-1] = replace(self._fields[-1], is_hidden=_is_page(instruction), target=_address(instruction))
        elif kind == "end" and self._fields:
            self._fields.pop()

    def text(self, text: str) -> None:
        if self._skipped:
            return
        if self._formula is not None:
            self._formula.text(self._budget.take(text))
            return
        if self._in_instruction and self._fields:
            self._fields[-1].instruction = (self._fields[-1].instruction + text)[:_LONGEST_INSTRUCTION]
        if any(each.is_hidden for each in self._fields[-_DEEPEST_FIELD:]):
            return
        if self._in_text and self._paragraphs:
            self._add(text)

    def _add(self, text: str, *, is_made: bool = False) -> None:
        if not text:
            return
        targets = (*self._links[-1:], *(each.target for each in self._fields[-_DEEPEST_FIELD:]))
        paragraph = self._paragraphs[-1]
        target = next((each for each in targets if each), "")
        paragraph.pieces.append(Piece(self._budget.take(text), paragraph.marks, target, is_made))

    def end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif self._formula is not None:
            if self._formula.end():
                self._end_formula(self._formula)
        elif name == "t":
            self._in_text = False
        elif name == "pPr":
            self._in_paragraph_properties = False
        elif name == "instrText":
            self._in_instruction = False
        elif name in _LINKS and self._links:
            self._links.pop()
        elif name == "p" and self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        elif name == "tc" and self._tables == 1 and self._table.rows:
            self._table.rows[-1] += [" ".join(self._table.cell), *[""] * (self._table.columns - 1)]
        elif name == "tbl":
            self._tables -= 1
            if not self._tables:
                self._lines.add_table(self._table.rows)

    def _end_formula(self, formula: DocxFormula) -> None:
        self._formula = None
        if not (latex := formula.latex):
            self._add(formula.words.strip())
            return
        if formula.is_display and not self._paragraphs[-1].pieces:
            self._paragraphs[-1].formula = latex
        self._add(f"${latex}$", is_made=True)

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        if self._tables:
            self._table.cell.append(marked_line(paragraph.pieces))
            return
        style = self._styles.by_id.get(paragraph.style, Style())
        is_empty = not any(piece.text.strip() for piece in paragraph.pieces)
        if style.is_contents or (is_empty and not style.is_code):
            return
        if paragraph.formula and len(paragraph.pieces) == 1:
            self._lines.add_formula(paragraph.formula)
            return
        if not style.heading and paragraph.outline <= _DEEPEST_HEADING:
            style = replace(style, heading=paragraph.outline)
        list_id = paragraph.list_id if paragraph.list_id is not None else style.list_id
        level = paragraph.level if paragraph.level is not None else style.level
        self._lines.add_paragraph(paragraph.pieces, style, list_id, level)
