"""Notes as one Word document: headings, lists, tables, footnotes and links are Word's own, pictures are in it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from urllib.parse import unquote

import msgspec
from markdown_it.token import Token

from desktop_app.domain.formulas import Formula, is_money
from desktop_app.domain.note_attachments import StoredFile, is_local
from desktop_app.domain.notes import Note
from desktop_app.domain.text_direction import has_right_to_left, is_right_to_left
from desktop_app.services.docx_package import UNSAYABLE, DocxContent, DocxPart, docx_bytes
from desktop_app.services.formula_rules import closing_of
from desktop_app.services.note_tokens import NOTE, SAFE_LINK, TASK, note_tokens, title_to_show, words_and_width

_POINT = 12_700  # EMU, the unit of drawings
_PIXEL = 9_525
_MOST_WIDTH = 481 * _POINT  # between the margins
_MOST_HEIGHT = 640 * _POINT
_TEXT_SIZE = 11.0
_HIGHEST_NUMBER = 32_000
"""Of an item that Word counts itself: it cannot go beyond 32,767."""

_LONGEST_LINK = 2_000
"""Word takes a file with an address of more than 2,083 characters for a damaged one."""

_PAGE_BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


class DrawnPicture(msgspec.Struct, frozen=True):
    """A picture as PNG.

    Attributes:
        width, height: as it is shown, in pixels of 1/96 inch; of a formula in em.
        below: of a formula, how far it goes below the line, in em.
    """

    png: bytes
    width: float
    height: float
    below: float = 0.0


class DocxPictures(msgspec.Struct, frozen=True):
    """What draws the pictures of a document.

    Attributes:
        picture: a file of a note; None for what is no picture or cannot be read.
        formula: one that is typeset; None for one that cannot be.
    """

    picture: Callable[[StoredFile], DrawnPicture | None]
    formula: Callable[[Formula], DrawnPicture | None]


def notes_docx(
    title: str,
    notes: Iterable[tuple[Note, Mapping[str, StoredFile]]],
    pictures: DocxPictures,
    *,
    keeps_lines: bool = False,
) -> bytes:
    """The bytes of a Word document with these notes, each on a new page, with what the names in their texts mean."""
    writer = _Writer(pictures, keeps_lines=keeps_lines)
    for number, (note, files) in enumerate(notes):
        if number:
            writer.body.append(_PAGE_BREAK)
        writer.write(note, files)
    return docx_bytes(
        DocxContent(title, "".join(writer.body), writer.footnotes, writer.links, writer.parts, writer.numbered)
    )


class _Look(msgspec.Struct):
    """How the words that come next look."""

    bold: int = 0
    italic: int = 0
    struck: int = 0
    marked: int = 0
    linked: bool = False


class _List(msgspec.Struct):
    """A list that is open.

    Attributes:
        key: its number among the document's lists.
        written: what stands in front of its next item, where Word cannot count so far.
    """

    key: int
    written: int | None = None


class _Writer:
    """Writes tokens as paragraphs. What is open around them (quotes, lists) is counted, so nothing recurses."""

    def __init__(self, pictures: DocxPictures, *, keeps_lines: bool) -> None:
        self._picture = functools.cache(pictures.picture)
        self._formula_picture = functools.cache(pictures.formula)
        self._keeps_lines = keeps_lines
        self._files: Mapping[str, StoredFile] = {}
        self._definitions: dict[str, list[Token]] = {}
        self._noted: dict[str, int] = {}
        self._drawings = 0
        self._named: dict[bytes, str] = {}
        self._lists: list[_List] = []
        self._fresh_item = False
        self._quotes = 0
        self.body: list[str] = []
        self.footnotes: list[str] = []
        self.links: dict[str, str] = {}
        self.parts: dict[str, DocxPart] = {}
        self.numbered: list[int] = []

    def write(self, note: Note, files: Mapping[str, StoredFile]) -> None:
        """A note with its title over it, unless its first heading says that."""
        self._files = files
        tokens = note_tokens(note)
        self._definitions = _definitions(tokens)
        self._noted = {}
        if title := title_to_show(note):
            self.body.append(_paragraph(_run(title), "Heading1", of=title))
        self._blocks(_without_definitions(tokens))

    # Blocks -------------------------------------------------------------------------------------

    def _blocks(self, tokens: Sequence[Token]) -> None:
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "table_open":
                self._begin_item()
                end = next(n for n in range(at, len(tokens)) if tokens[n].type == "table_close")
                self.body.append(self._table(tokens[at : end + 1]))
                at = end
            elif token.type in ("heading_open", "paragraph_open"):
                self._words(token, tokens[at + 1])
                at += 2
            else:
                self._block(token)
            at += 1

    def _block(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self._lists.append(_List(1))
            case "ordered_list_open":
                self._lists.append(self._numbered_list(token))
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._fresh_item = True
            case "list_item_close":
                self._begin_item()
            case "blockquote_open":
                self._quotes += 1
            case "blockquote_close":
                self._quotes -= 1
            case "fence" | "code_block":
                self._begin_item()
                for line in token.content.rstrip("\n").split("\n"):
                    self.body.append(_paragraph(_run(line), "Code", self._indent()))
                self.body.append(_paragraph("", ""))
            case "hr":
                self._begin_item()
                line = '<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="C8C2B8"/></w:pBdr>'
                self.body.append(_paragraph("", "", line))
            case "math_block" | "math_block_label" | "amsmath":
                self._begin_item()
                self.body.append(_paragraph(self._formula(token, display=True), "", '<w:jc w:val="center"/>'))

    def _numbered_list(self, token: Token) -> _List:
        start = token.attrGet("start")
        first = 1 if start is None else int(start)
        if first > _HIGHEST_NUMBER:
            return _List(1, written=first)
        self.numbered.append(first)
        return _List(len(self.numbered) + 1)

    def _begin_item(self) -> None:
        """Its number stands by itself where it has no words, or begins with something else."""
        if self._fresh_item and self._lists:
            number, shape = self._number()
            self.body.append(_paragraph(number, "ListParagraph", shape))
        self._fresh_item = False

    def _number(self) -> tuple[str, str]:
        """What stands in front of the words of an item, and the shape of its paragraph."""
        inside = self._lists[-1]
        if inside.written is not None:
            inside.written += 1
            return _run(f"{inside.written - 1}. "), self._indent()
        level = min(8, len(self._lists) - 1)
        return "", f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{inside.key}"/></w:numPr>'

    def _words(self, opening: Token, inline: Token) -> None:
        if opening.type == "heading_open":
            style, shape, number = f"Heading{opening.tag[1]}", "", ""
        else:
            style, shape, number = "Quote" if self._quotes else "ListParagraph" if self._lists else "", "", ""
            shape = self._indent()
        look = _Look(bold=1) if "callout" in opening.meta else _Look()
        words = self._runs(inline, look, is_item=self._fresh_item)
        if self._fresh_item and self._lists and not _is_task(inline):
            number, shape = self._number()
        self._fresh_item = False
        self.body.append(_paragraph(number + words, style, shape, of=inline.content))

    def _indent(self) -> str:
        left = 360 * (len(self._lists) + max(0, self._quotes - 1) + (1 if self._quotes else 0))
        return f'<w:ind w:left="{left}"/>' if left else ""

    def _table(self, tokens: Sequence[Token]) -> str:
        rows: list[str] = []
        cells: list[str] = []
        for at, token in enumerate(tokens):
            if token.type == "tr_open":
                cells = []
            elif token.type in ("th_open", "td_open"):
                is_head = token.type == "th_open"
                align = next((side for side in ("center", "right") if side in str(token.attrGet("style") or "")), "")
                content = tokens[at + 1].content
                words = self._runs(tokens[at + 1])
                if align == "right" and is_right_to_left(content):
                    align = "left"  # Word means by it where lines end
                shape = '<w:spacing w:after="0"/>' + (f'<w:jc w:val="{align}"/>' if align else "")
                shade = '<w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="F3F1EC"/></w:tcPr>' if is_head else ""
                cells.append(
                    f"<w:tc>{shade}{_paragraph(words, 'TableHeading' if is_head else '', shape, of=content)}</w:tc>"
                )
            elif token.type == "tr_close":
                head = "" if rows else "<w:trPr><w:tblHeader/></w:trPr>"
                rows.append(f"<w:tr>{head}{''.join(cells)}</w:tr>")
        edges = "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="C8C2B8"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        columns = "<w:gridCol/>" * len(cells)
        return (
            f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>{edges}</w:tblBorders></w:tblPr>'
            f"<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>{_paragraph('', '')}"
        )

    # Words --------------------------------------------------------------------------------------

    def _runs(self, inline: Token, look: _Look | None = None, *, is_item: bool = False) -> str:
        look = look or _Look()
        runs: list[str] = []
        open_links: list[tuple[int, str]] = []
        children = inline.children or []
        for number, child in enumerate(children):
            match child.type:
                case "text":
                    content = child.content
                    if is_item and not number and (task := TASK.match(content)) is not None:
                        content = ("☐ " if task[1] == " " else "☑ ") + content[task.end() :]
                    runs.append(_run(content, look))
                case "strong_open" | "strong_close":
                    look.bold += child.nesting
                case "em_open" | "em_close":
                    look.italic += child.nesting
                case "s_open" | "s_close":
                    look.struck += child.nesting
                case "mark_open" | "mark_close":
                    look.marked += child.nesting
                case "code_inline":
                    runs.append(_run(child.content, look, style="CodeWords"))
                case "softbreak" | "hardbreak":
                    breaks = child.type == "hardbreak" or self._keeps_lines
                    runs.append("<w:r><w:br/></w:r>" if breaks else _run(" ", look))
                case "link_open":
                    open_links.append((len(runs), str(child.attrGet("href") or "")))
                    look.linked = _can_lead_to(open_links[-1][1])
                case "link_close" if open_links:
                    look.linked = False
                    self._close_link(runs, *open_links.pop())
                case "image":
                    runs.append(self._image(child, look))
                case "footnote_ref":
                    runs.append(self._footnote(str(child.meta["label"]), look))
                case "math_inline" | "math_inline_double":
                    runs.append(self._formula(child, display=child.type != "math_inline"))
        return "".join(runs)

    def _close_link(self, runs: list[str], first: int, target: str) -> None:
        if _can_lead_to(target):
            key = f"rIdLink{len(self.links) + 1}"
            self.links[key] = UNSAYABLE.sub("", target)
            runs[first:] = [f'<w:hyperlink r:id="{key}">{"".join(runs[first:])}</w:hyperlink>']
        elif not target.startswith(NOTE) and is_local(target):
            runs.append(_run(f" ({target})"))

    def _image(self, token: Token, look: _Look) -> str:
        source = str(token.attrGet("src") or "")
        words, width = words_and_width(token.content, is_wiki=source.startswith(NOTE))
        target = unquote(source.removeprefix(NOTE)).partition("#")[0].strip()
        file = self._files.get(target) if is_local(target) else None
        drawn = self._picture(file) if file is not None else None
        if drawn is None or not drawn.width or not drawn.height:
            return _run(f"[{words or target}]", look)
        wide, high = drawn.width * _PIXEL, drawn.height * _PIXEL
        if width:
            wide, high = width * _PIXEL, drawn.height * width / drawn.width * _PIXEL
        scale = min(1.0, _MOST_WIDTH / wide, _MOST_HEIGHT / high)
        return self._drawing(drawn.png, wide * scale, high * scale, words or target)

    def _formula(self, token: Token, *, display: bool) -> str:
        written = f"{token.markup}{token.content}{closing_of(token.markup)}"
        if token.markup == "$" and is_money(token.content):
            return _run(written)
        drawn = self._formula_picture(Formula(token.content.strip("\n"), display))
        if drawn is None:
            return _run(written, style="CodeWords")
        em = _TEXT_SIZE * _POINT
        scale = min(1.0, _MOST_WIDTH / max(1.0, drawn.width * em))
        down = round(-2 * drawn.below * _TEXT_SIZE * scale)
        place = f'<w:rPr><w:position w:val="{down}"/></w:rPr>'
        size = drawn.width * em * scale, drawn.height * em * scale
        return self._drawing(drawn.png, *size, token.content.strip(), place=place)

    def _drawing(self, png: bytes, width: float, height: float, words: str, *, place: str = "") -> str:
        self._drawings += 1
        number = self._drawings
        if png not in self._named:
            of_file = len(self.parts) + 1
            self._named[png] = f"rIdPicture{of_file}"
            self.parts[self._named[png]] = DocxPart(f"picture{of_file}.png", png)
        key = self._named[png]
        name = self.parts[key].name
        size = f'cx="{max(1, round(width))}" cy="{max(1, round(height))}"'
        label = escape(UNSAYABLE.sub("", words).replace("\n", " "))
        return (
            f'<w:r>{place}<w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
            f'<wp:docPr id="{number}" name="{name}" descr="{label}"/><a:graphic>'
            '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
            f'<pic:nvPicPr><pic:cNvPr id="{number}" name="{name}"/><pic:cNvPicPr/></pic:nvPicPr>'
            f'<pic:blipFill><a:blip r:embed="{key}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
            "</wp:inline></w:drawing></w:r>"
        )

    # Footnotes ----------------------------------------------------------------------------------

    def _footnote(self, label: str, look: _Look) -> str:
        """Word numbers footnotes itself; where one is named again stands a reference to its number."""
        inside = self._definitions.get(label)
        if inside is None:
            return _run(f"[^{label}]", look)
        if label in self._noted:
            return _again(self._noted[label])
        self.footnotes.append("")  # its number is taken, whatever it names itself
        number = self._noted[label] = len(self.footnotes)
        definitions, self._definitions = self._definitions, {}  # none in a footnote: it could name itself
        mark = f"<w:r>{_NOTE_LOOK}<w:footnoteRef/></w:r>" + _run(" ")
        paragraphs = [(token.content, self._runs(token)) for token in inside if token.type == "inline"] or [("", "")]
        self._definitions = definitions
        self.footnotes[number - 1] = "".join(
            _paragraph((mark if not place else "") + words, "FootnoteText", of=content)
            for place, (content, words) in enumerate(paragraphs)
        )
        return (
            f'<w:bookmarkStart w:id="{number}" w:name="_Note{number}"/>'
            f'<w:r>{_NOTE_LOOK}<w:footnoteReference w:id="{number}"/></w:r><w:bookmarkEnd w:id="{number}"/>'
        )


_NOTE_LOOK = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'


def _again(number: int) -> str:
    """The number of a footnote that stands elsewhere, which leads there."""
    return (
        f'<w:r>{_NOTE_LOOK}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{_NOTE_LOOK}<w:instrText xml:space="preserve"> NOTEREF _Note{number} \\f \\h </w:instrText></w:r>'
        f'<w:r>{_NOTE_LOOK}<w:fldChar w:fldCharType="separate"/></w:r>'
        f'<w:r>{_NOTE_LOOK}<w:t>{number}</w:t></w:r><w:r>{_NOTE_LOOK}<w:fldChar w:fldCharType="end"/></w:r>'
    )


def _can_lead_to(target: str) -> bool:
    return SAFE_LINK.match(target) is not None and len(target) <= _LONGEST_LINK


def _definitions(tokens: Sequence[Token]) -> dict[str, list[Token]]:
    """What stands below, by label; the first of several counts."""
    found: dict[str, list[Token]] = {}
    label: str | None = None
    for token in tokens:
        if token.type == "footnote_reference_open":
            label = str(token.meta["label"])
            label = None if label in found else label
            if label is not None:
                found[label] = []
        elif token.type == "footnote_reference_close":
            label = None
        elif label is not None:
            found[label].append(token)
    return found


def _without_definitions(tokens: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    inside = False
    for token in tokens:
        if token.type == "footnote_reference_open":
            inside = True
        elif token.type == "footnote_reference_close":
            inside = False
        elif not inside:
            kept.append(token)
    return kept


def _is_task(inline: Token) -> bool:
    children = inline.children or []
    return bool(children) and children[0].type == "text" and TASK.match(children[0].content) is not None


def _paragraph(runs: str, style: str, shape: str = "", *, of: str = "") -> str:
    """`of` is the text that it has, which says from which side it is read."""
    if is_right_to_left(of):
        # In Word's order of properties: behind numbers and borders, in front of spaces and sides.
        shape = f"{shape}<w:bidi/>" if shape.startswith("<w:numPr>") else f"<w:bidi/>{shape}"
    own = (f'<w:pStyle w:val="{style}"/>' if style else "") + shape
    return f"<w:p>{f'<w:pPr>{own}</w:pPr>' if own else ''}{runs}</w:p>"


def _run(text: str, look: _Look | None = None, *, style: str = "") -> str:
    text = UNSAYABLE.sub("", text)
    if not text:
        return ""
    style = style or ("Hyperlink" if look is not None and look.linked else "")
    own = f'<w:rStyle w:val="{style}"/>' if style else ""
    if look is not None:
        own += "<w:b/><w:bCs/>" * (look.bold > 0) + "<w:i/><w:iCs/>" * (look.italic > 0)
        own += "<w:strike/>" * (look.struck > 0)
        own += '<w:shd w:val="clear" w:color="auto" w:fill="FCE9B0"/>' * (look.marked > 0)
    own += "<w:rtl/>" * has_right_to_left(text)
    parts = f"</w:t><w:tab/>{_T}".join(escape(part, quote=False) for part in text.split("\t"))
    return f"<w:r>{f'<w:rPr>{own}</w:rPr>' if own else ''}{_T}{parts}</w:t></w:r>"


_T = '<w:t xml:space="preserve">'
