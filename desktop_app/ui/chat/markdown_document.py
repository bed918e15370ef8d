"""Markdown to QTextDocument, by our own hand.

Qt's Markdown and HTML imports read local files that a text names; this builder writes characters and formats only, so
nothing a model or a note says can load, run or link anywhere but http, https and mailto.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QBrush,
    QFont,
    QFontMetricsF,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextLength,
    QTextList,
    QTextListFormat,
    QTextTable,
    QTextTableFormat,
)

from desktop_app.domain.formulas import Formula
from desktop_app.domain.markdown_blocks import soft_broken
from desktop_app.domain.wiki_links import as_markdown
from desktop_app.services.formula_rules import DISPLAY_TOKENS, INLINE_TOKENS, closing_of
from desktop_app.services.markdown_parser import note_parser, parser
from desktop_app.ui.chat.block_marks import (
    BEGINS_CALLOUT,
    CALLOUT,
    CIRCLE,
    DISC,
    EMBEDDED,
    FOLD_KEY,
    FOLDED,
    FOLDS,
    HIDDEN_TASKS,
    MARK,
    NUMBER,
    QUOTE_LEVEL,
    RULE,
    SQUARE,
    TASK_DONE,
    TASK_OPEN,
    TONES,
    UNFOLDED,
)
from desktop_app.ui.chat.code_colours import LONGEST_LEXED, code_spans
from desktop_app.ui.chat.code_colours import warm_up as warm_up_lexers
from desktop_app.ui.chat.link_targets import MISSING_NOTE, NOTE_LINK
from desktop_app.ui.chat.markdown_inline import InlineWriter

if TYPE_CHECKING:
    from markdown_it.token import Token

    from desktop_app.services.note_links import EmbeddedNote
    from desktop_app.ui.chat.callout_folds import CalloutFolds
    from desktop_app.ui.chat.formula_objects import FormulaObjects
    from desktop_app.ui.chat.picture_objects import PictureObjects
    from desktop_app.ui.theme.theme import Theme

READING_LINE_HEIGHT = 1.6
_INTER_HEIGHT = 1.21
"""Ascent and descent of Inter in units of its size."""

_HEADING_SIZES = {1: 1.32, 2: 1.18, 3: 1.07}
_TASK = re.compile(r"^\[([ xX])\] ")
_FOOTNOTE_SIZE = 0.88
_BULLETS = (DISC, CIRCLE, SQUARE)
_ALIGN = {
    "right": Qt.AlignmentFlag.AlignRight,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "left": Qt.AlignmentFlag.AlignLeft,
}


def em_of(font: QFont) -> float:
    """The font's size in pixels of the screen, whatever unit it was given in."""
    return QFontMetricsF(font).height() / _INTER_HEIGHT


class TablePart(Enum):
    """A table, or the part of a long one that a block holds: (with its head, with its foot)."""

    WHOLE = (True, True)
    FIRST = (True, False)
    MIDDLE = (False, False)
    LAST = (False, True)

    @property
    def has_head(self) -> bool:
        """Its first row is the head."""
        return self.value[0]

    @property
    def has_foot(self) -> bool:
        """The table ends in it."""
        return self.value[1]


class WrittenTo(msgspec.Struct, frozen=True):
    """Where writing ended; hand it back to write on, or to take away what was written after it."""

    position: int = 0
    block_is_free: bool = True


class MarkdownWriter:
    """Writes Markdown at the end of documents, in the theme's fonts and colours."""

    def __init__(
        self,
        theme: Theme,
        formulas: FormulaObjects,
        pictures: PictureObjects | None = None,
        *,
        links_to_notes: bool = False,
        keeps_lines: bool = False,
        callouts: CalloutFolds | None = None,
    ) -> None:
        """`links_to_notes`: targets of `NOTE_LINK` and `MISSING_NOTE` are links; elsewhere they are refused.

        `keeps_lines`: lines of a paragraph end where they do in the source; else they are joined, as CommonMark does.
        `pictures` are those of a note; without them pictures are only mentioned. Without `callouts` none is folded.
        """
        self._theme = theme
        self._formulas = formulas
        self._pictures = pictures
        self._links_to_notes = links_to_notes
        self._keeps_lines = keeps_lines
        self._callouts = callouts
        self.citable: frozenset[int] = frozenset()
        """Numbers of passages: where they stand in brackets they are links."""

    def write(
        self,
        cursor: QTextCursor,
        source: str,
        start: WrittenTo,
        *,
        last_formula_is_open: bool = False,
        table: TablePart = TablePart.WHOLE,
    ) -> WrittenTo:
        """Replace everything behind `start` by `source`, rendered; where it ended.

        `table`: which part of a table it is, where it is one.
        `last_formula_is_open`: the last formula is still being written, and stands there as its source.
        """
        cursor.setPosition(start.position)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        run = _Run(cursor, self._theme, self._formulas, block_is_free=start.block_is_free)
        run.links_to_notes = self._links_to_notes
        run.keeps_lines = self._keeps_lines
        run.pictures = self._pictures
        run.callouts = self._callouts
        run.citable = self.citable
        tokens = (note_parser if self._links_to_notes else parser)().parse(soft_broken(source))
        run.table_part = table
        run.open_formula = _last_formula(tokens) if last_formula_is_open else None
        run.walk(tokens)
        run.settle()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return WrittenTo(cursor.position(), run.block_is_free)

    def write_mark(self, cursor: QTextCursor, mark: str, colour_role: str) -> None:
        """Append a coloured character (the block that moves while an answer is written)."""
        form = QTextCharFormat()
        form.setFont(self._theme.reading_font())
        form.setBackground(self._theme.color(colour_role))
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText("\u200a", QTextCharFormat())
        cursor.insertText(mark, form)


def warm_up() -> None:
    """Import the parser and the highlighter; from any thread, so that the first answer is no hitch."""
    parser().parse("**x** `y` $z$[^1]\n\n| a |\n|---|\n")
    warm_up_lexers()


def _last_formula(tokens: Sequence[Token]) -> Token | None:
    last: Token | None = None
    for token in tokens:
        for each in (token, *(token.children or ())):
            if each.type in DISPLAY_TOKENS or each.type in INLINE_TOKENS:
                last = each
    return last


class _Run(InlineWriter):
    """One walk over the tokens of one piece of Markdown."""

    def __init__(self, cursor: QTextCursor, theme: Theme, formulas: FormulaObjects, *, block_is_free: bool) -> None:
        super().__init__(cursor, theme, formulas)
        self.table_part = TablePart.WHOLE
        self.callouts: CalloutFolds | None = None
        self._title_properties: dict[int, int | str] = {}  # of the title of a callout that can be folded
        self._footnote = ""
        self.block_is_free = block_is_free
        self._em = em_of(self._reading)
        self._quotes: list[str] = []  # the colour's role of each that is a callout, else ""
        self._lists: list[tuple[QTextListFormat | None, QTextList | None]] = []
        self._item_pending = False
        self._number = ""  # of an item of an ordered list

    # Blocks -------------------------------------------------------------------------------------

    def walk(self, tokens: Sequence[Token]) -> None:
        """Write the tokens. Tables are taken as a whole; everything else in order."""
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "table_open":
                end = next(i for i in range(at, len(tokens)) if tokens[i].type == "table_close")
                self._table(tokens[at : end + 1])
                at = end
            elif token.meta.get("folds") and self.callouts is not None:
                closes = ("blockquote_close", token.level)
                end = next(i for i in range(at, len(tokens)) if (tokens[i].type, tokens[i].level) == closes)
                self._folding_callout(tokens[at : end + 1], self.callouts)
                at = end
            else:
                self._token(token, tokens[at + 1] if at + 1 < len(tokens) else None)
            at += 1

    def _folding_callout(self, tokens: Sequence[Token], callouts: CalloutFolds) -> None:
        """Title, and below it what it hides where it is folded."""
        title, hides = tokens[1:4], tokens[4:-1]
        self._token(tokens[0], None)
        folded = False
        if hides:
            key = "\n".join(_TASK.sub("", token.content) for token in tokens if token.content)  # ticked or not
            folded = callouts.is_folded(key, at_first=tokens[0].meta["folds"] == "-")
            tasks = 0 if self._is_embedding or not folded else _tasks_in(hides)
            self._title_properties = {FOLDS: FOLDED if folded else UNFOLDED, FOLD_KEY: key, HIDDEN_TASKS: tasks}
        self.walk(title)
        if not folded:
            self.walk(hides)
        self._token(tokens[-1], None)

    def _token(self, token: Token, following: Token | None) -> None:
        kind = token.type
        if kind == "paragraph_open":
            is_title = "callout" in token.meta
            tight = token.hidden or is_title or bool(self._footnote)
            if is_title:
                self._formats.append(self._callout_title(str(token.meta["callout"])))
            form = self._block(tight=tight, task=_task_of(following))
            if is_title:
                form.setProperty(BEGINS_CALLOUT, True)
                for name, value in self._title_properties.items():
                    form.setProperty(name, value)
                self._title_properties = {}
            self._begin(form)
            self._footnote_label()
        elif kind == "paragraph_close" and "callout" in token.meta:
            self._formats.pop()
        elif kind == "heading_open":
            self._heading(int(token.tag[1]))
        elif kind == "heading_close":
            self._formats.pop()
        elif kind == "inline":
            self._inline(token.children or [])
            self._mirror_margin()
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self._open_list(token, ordered=kind.startswith("ordered"))
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._close_list()
        elif kind == "list_item_open":
            self._item_pending = True
            self._number = f"{token.info}{token.markup}"
        elif kind == "list_item_close" and self._item_pending:
            self._begin(self._block(tight=True))
        elif kind == "blockquote_open":
            self._quotes.append(TONES.get(str(token.meta.get("callout", "")), ""))
        elif kind == "blockquote_close":
            self._quotes.pop()
        elif kind in DISPLAY_TOKENS:
            self._display_formula(token)
        elif kind == "footnote_reference_open":
            self._open_footnote(str(token.meta["label"]))
        elif kind == "footnote_reference_close":
            self._formats.pop()
        elif kind in ("fence", "code_block"):
            self._code(token.content, token.info.split()[0].lower() if token.info.strip() else "")
        elif kind == "hr":
            self._rule()

    def settle(self) -> None:
        """A free block behind a table is as good as invisible until something is written into it."""
        if self.block_is_free and self._cursor.position() > 0:
            form = QTextBlockFormat()
            form.setLineHeight(1, int(QTextBlockFormat.LineHeightTypes.FixedHeight.value))
            self._cursor.setBlockFormat(form)

    @property
    def _is_in_list(self) -> bool:
        return bool(self._lists)

    def _begin_paragraph(self) -> None:
        self._begin(self._block())

    def _begin(self, form: QTextBlockFormat, character: QTextCharFormat | None = None) -> None:
        character = character or self._formats[-1]
        if self.block_is_free:
            if self._cursor.position() > 0:  # behind a table, whose own margin Qt leaves out
                form.setTopMargin(max(form.topMargin(), self._em * 0.65))
            current = self._cursor.currentList()
            if current is not None:
                current.remove(self._cursor.block())
            self._cursor.setBlockFormat(form)
            self._cursor.setBlockCharFormat(character)
            self.block_is_free = False
        else:
            self._cursor.insertBlock(form, character)
        if self._item_pending and self._lists:
            self._item_pending = False
            list_format, made = self._lists[-1]
            if list_format is None:
                return
            if form.hasProperty(MARK):
                self._go_on_behind_task(list_format)
                return
            if made is None:
                self._lists[-1] = (list_format, self._cursor.createList(list_format))
            else:
                made.add(self._cursor.block())

    def _go_on_behind_task(self, list_format: QTextListFormat) -> None:
        """Qt numbers the items of a list by itself: those behind a task, which has its own number, are a new list."""
        following = QTextListFormat(list_format)
        following.setStart(int(self._number.rstrip(".)") or 0) + 1)
        self._lists[-1] = (following, None)

    def _block(self, *, tight: bool = False, task: str = "") -> QTextBlockFormat:
        form = QTextBlockFormat()
        natural = QFontMetricsF(self._reading).height()
        percent = 100.0 * READING_LINE_HEIGHT * self._em / natural
        form.setLineHeight(percent, int(QTextBlockFormat.LineHeightTypes.ProportionalHeight.value))
        form.setBottomMargin(self._em * (0.15 if tight else 0.65))
        if self._quotes:
            form.setLeftMargin(self._em * 1.1 * len(self._quotes))
            form.setProperty(QUOTE_LEVEL, len(self._quotes))
            if self._quotes[-1]:
                form.setProperty(CALLOUT, self._quotes[-1])
        if self._is_embedding:
            form.setProperty(EMBEDDED, True)
        if self._lists:
            self._itemise(form, task)
        return form

    def _mirror_margin(self) -> None:
        """Of a quote that is written from right to left, the bar stands at the right."""
        if not self._quotes or self._cursor.block().textDirection() is not Qt.LayoutDirection.RightToLeft:
            return
        form = QTextBlockFormat()
        form.setRightMargin(self._cursor.blockFormat().leftMargin())
        form.setLeftMargin(0.0)
        self._cursor.mergeBlockFormat(form)

    def _itemise(self, form: QTextBlockFormat, task: str) -> None:
        """Indent a block of a list; the first one of an item of a bullet list, or of a task, carries the mark."""
        is_ordered = self._lists[-1][0] is not None
        if not (self._item_pending and is_ordered and not task):
            form.setIndent(len(self._lists))
        if not self._item_pending:
            return
        if task:
            form.setProperty(MARK, TASK_DONE if task in "xX" else TASK_OPEN)
            if is_ordered:
                form.setProperty(NUMBER, self._number)
                form.setLeftMargin(form.leftMargin() + self._em * (0.7 + 0.3 * len(self._number)))  # room for both
        elif not is_ordered:
            form.setProperty(MARK, _BULLETS[(len(self._lists) - 1) % len(_BULLETS)])

    def _heading(self, level: int) -> None:
        form = self._block()
        form.setHeadingLevel(level)
        form.setTopMargin(self._em * (0.9 if level < 3 else 0.6))
        form.setBottomMargin(self._em * 0.4)
        character = self._plain()
        font = QFont(self._reading)
        font.setPointSizeF(font.pointSizeF() * _HEADING_SIZES.get(level, 1.0))
        font.setWeight(QFont.Weight.DemiBold)
        character.setFont(font)
        self._formats.append(character)
        self._begin(form)

    def _callout_title(self, tone: str) -> QTextCharFormat:
        form = self._plain()
        form.setFontWeight(QFont.Weight.DemiBold)
        form.setForeground(self._theme.color(TONES[tone]))
        return form

    def _write_embedded(self, words: str, source: str, embedded: EmbeddedNote) -> None:
        before = (self._lists, self._item_pending, self._number)
        self._lists, self._item_pending = [], False
        self._quotes.append("line_strong")
        title = self._plain()
        title.setFontWeight(QFont.Weight.DemiBold)
        self._formats.append(title)
        self._cursor.setBlockFormat(self._block(tight=True))
        self._linked(words, source)
        self._formats[-1] = self._plain()
        text = as_markdown(embedded.text + ("\n\n…" if embedded.is_cut else ""), frozenset(), NOTE_LINK, MISSING_NOTE)
        self.walk(note_parser().parse(soft_broken(text)))
        self._formats.pop()
        self._quotes.pop()
        self._lists, self._item_pending, self._number = before

    def _open_list(self, token: Token, *, ordered: bool) -> None:
        if self._item_pending:  # a list as the first thing in an item
            self._begin(self._block(tight=True))
        if not ordered:
            self._lists.append((None, None))
            return
        form = QTextListFormat()
        form.setIndent(len(self._lists) + 1)
        form.setStyle(QTextListFormat.Style.ListDecimal)
        form.setNumberSuffix(token.markup or ".")
        start = token.attrGet("start")
        form.setStart(int(start) if start is not None else 1)
        self._lists.append((form, None))

    def _close_list(self) -> None:
        self._lists.pop()
        self._item_pending = False
        if not self._lists and not self.block_is_free:
            form = QTextBlockFormat()
            form.setBottomMargin(self._em * 0.65)
            self._cursor.mergeBlockFormat(form)

    def _code(self, code: str, language: str) -> None:
        """Code that stands inside a quote or is indented: lines on the code colour, without a widget of their own."""
        form = self._block(tight=True)
        form.setBackground(self._theme.color("code_block"))
        form.setBottomMargin(0)
        # With room between lines, that room would be without the colour.
        form.setLineHeight(0, int(QTextBlockFormat.LineHeightTypes.SingleHeight.value))
        form.setNonBreakableLines(False)
        plain = self._monospaced("code_text")
        code = code.rstrip("\n")
        offset = 0
        roles = list(code_spans(code, language)) if len(code) <= LONGEST_LEXED else []
        for line in code.split("\n"):
            self._begin(QTextBlockFormat(form), plain)
            self._coloured_line(line, offset, roles, plain)
            offset += len(line) + 1
        last = QTextBlockFormat(form)
        last.setBottomMargin(self._em * 0.65)
        self._cursor.setBlockFormat(last)

    def _coloured_line(self, line: str, offset: int, roles: list[tuple[int, int, str]], plain: QTextCharFormat) -> None:
        at = 0
        for start, length, role in roles:
            first, last = max(start - offset, at), min(start + length - offset, len(line))
            if last <= first:
                continue
            self._cursor.insertText(line[at:first], plain)
            self._cursor.insertText(line[first:last], self._monospaced(role))
            at = last
        self._cursor.insertText(line[at:], plain)

    def _display_formula(self, token: Token) -> None:
        """A formula on a line of its own, or its source in code style."""
        source = token.content.strip("\n")
        form = self._block()
        form.setLineHeight(0, int(QTextBlockFormat.LineHeightTypes.SingleHeight.value))
        form.setTopMargin(self._em * 0.2)
        if not source.strip():
            return
        if not self._lists and not self._quotes:
            form.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        closing = closing_of(token.markup)
        written = f"{token.markup}\n{source}\n{closing}" if token.markup else source
        formula = Formula(source, display=True)
        if token is self.open_formula:
            self._code(f"{token.markup}\n{source}" if token.markup else source.rpartition("\n")[0], "")
            return
        if not self._formula_objects.is_there(formula):
            self._code(written, "")
            return
        self._begin(form)
        self._formula_objects.insert(self._cursor, formula, written, self._formats[-1])

    def _open_footnote(self, label: str) -> None:
        character = QTextCharFormat(self._formats[-1])
        font = QFont(character.font())
        font.setPointSizeF(font.pointSizeF() * _FOOTNOTE_SIZE)
        character.setFont(font)
        character.setForeground(self._theme.color("muted_text"))
        self._formats.append(character)
        self._footnote = label

    def _footnote_label(self) -> None:
        """The number in front of a footnote's first paragraph."""
        if self._footnote:
            self._raised(self._footnote)
            self._cursor.insertText(" ", self._formats[-1])
            self._footnote = ""

    def _rule(self) -> None:
        form = self._block()
        form.setLineHeight(self._em, int(QTextBlockFormat.LineHeightTypes.FixedHeight.value))
        form.setProperty(MARK, RULE)
        self._begin(form)

    # Tables -------------------------------------------------------------------------------------

    def _table(self, tokens: Sequence[Token]) -> None:
        rows = _table_rows(tokens)[0 if self.table_part.has_head else 1 :]
        columns = max((len(row) for row in rows), default=0)
        if not columns:
            return
        form = QTextTableFormat()
        form.setBorder(1)
        form.setBorderCollapse(True)
        form.setBorderBrush(QBrush(self._theme.color("line")))
        form.setBorderStyle(QTextTableFormat.BorderStyle.BorderStyle_Solid)
        form.setCellPadding(self._em * 0.4)
        form.setCellSpacing(0)
        form.setLeftMargin(self._em * 1.1 * len(self._quotes))
        form.setTopMargin(self._em * 0.2 if self.table_part.has_head else 0)
        form.setBottomMargin(self._em * 0.65 if self.table_part.has_foot else 0)
        if self.table_part is not TablePart.WHOLE:  # the same columns in each part, whatever stands in them
            form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
            share = QTextLength(QTextLength.Type.PercentageLength, 100 / columns)
            form.setColumnWidthConstraints([share] * columns)
        form.setHeaderRowCount(1 if self.table_part.has_head else 0)
        if not self.block_is_free or self._item_pending:
            self._begin(self._hairline())
        table = self._cursor.insertTable(len(rows), columns, form)
        for row_number, row in enumerate(rows):
            for column, (cell, align) in enumerate(row):
                self._cell(table, row_number, column, cell, align)
        self._cursor.setPosition(table.lastPosition() + 1)
        self.block_is_free = True

    def _cell(self, table: QTextTable, row: int, column: int, cell: Token | None, align: str) -> None:
        cell_cursor = table.cellAt(row, column).firstCursorPosition()
        block = QTextBlockFormat()
        block.setAlignment(_ALIGN.get(align, Qt.AlignmentFlag.AlignLeft))
        cell_cursor.setBlockFormat(block)
        character = self._plain()
        if row == 0 and self.table_part.has_head:
            character.setFontWeight(QFont.Weight.DemiBold)
            cell_format = table.cellAt(row, column).format()
            cell_format.setBackground(self._theme.color("code_block"))
            table.cellAt(row, column).setFormat(cell_format)
        outer, self._cursor = self._cursor, cell_cursor
        self._formats.append(character)
        self._inline((cell.children if cell is not None else None) or [])
        self._formats.pop()
        self._cursor = outer

    def _hairline(self) -> QTextBlockFormat:
        form = QTextBlockFormat()
        form.setLineHeight(1, int(QTextBlockFormat.LineHeightTypes.FixedHeight.value))
        return form


def _task_of(following: Token | None) -> str:
    match = _TASK.match(following.content) if following is not None and following.type == "inline" else None
    return match.group(1) if match is not None else ""


def _table_rows(tokens: Sequence[Token]) -> list[list[tuple[Token | None, str]]]:
    rows: list[list[tuple[Token | None, str]]] = []
    align = ""
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            align = str(token.attrGet("style") or "").removeprefix("text-align:")
            rows[-1].append((None, align))
        elif token.type == "inline" and rows and rows[-1]:
            rows[-1][-1] = (token, align)
    return rows


def _tasks_in(tokens: Sequence[Token]) -> int:
    """How many items of these are tasks."""
    return sum(
        opening.type == "list_item_open" and words.type == "inline" and bool(_task_of(words))
        for opening, words in zip(tokens, tokens[2:], strict=False)
    )
