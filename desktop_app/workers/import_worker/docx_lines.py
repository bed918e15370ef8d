"""Paragraphs, lists, quotes, code and tables of a DOCX file, put under each other as Markdown writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from desktop_app.workers.import_worker.docx_line import Piece, marked_line, plain_line
from desktop_app.workers.import_worker.docx_styles import Numbering, Style
from desktop_app.workers.import_worker.html_inline import BACKTICKS, paragraph

_BOX = re.compile(r"([☐☑☒])\s+")
_Kind = Literal["other", "list", "quote", "code"]


class DocxLines:
    """Takes blocks in order, and gives them as text."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        self._parts: list[str] = []
        self._kind: _Kind = "other"
        self._code: list[str] = []
        self._counts: dict[tuple[str, int], int] = {}
        self._widths: dict[int, int] = {}

    def text(self) -> str:
        """All that was written."""
        self._begin("other")
        return "".join(self._parts)

    def add_paragraph(self, pieces: Sequence[Piece], style: Style, list_id: str = "", level: int = 0) -> None:
        """A paragraph, in a list where `list_id` is neither "" nor "0"."""
        if style.is_code:
            self._begin("code")
            self._code.append(plain_line(pieces))
        elif style.heading:
            self._begin("other")
            words = " ".join(marked_line(pieces, may_be_bold=False).split())
            self._parts.append(f"{'#' * style.heading} {words}\n\n")
        elif list_id not in ("", "0"):
            self._add_item(_lines_of(pieces), list_id, level)
        elif style.is_quote:
            self._add_quote(_lines_of(pieces))
        else:
            self._add_plain(_lines_of(pieces))

    def add_formula(self, latex: str) -> None:
        """A formula that stands in lines of its own."""
        self._begin("other")
        self._parts.append(f"$$\n{latex}\n$$\n\n")

    def add_table(self, rows: Sequence[Sequence[str]]) -> None:
        """A table, whose first row is its head; all rows are made as wide as the widest."""
        self._begin("other")
        width = max((len(row) for row in rows), default=0)
        for number, row in enumerate(rows):
            cells = [" ".join(cell.split()).replace("|", "\\|") for cell in row]
            self._parts.append(f"| {' | '.join(cells + [''] * (width - len(cells)))} |\n")
            if number == 0:
                self._parts.append("|" + "---|" * width + "\n")
        self._parts.append("\n")

    def _begin(self, kind: _Kind) -> None:
        if self._kind in ("list", "quote") and kind != self._kind:
            self._parts.append("\n")
            self._widths.clear()
        elif self._kind == "code" and kind != "code":
            self._end_code()
        self._kind = kind

    def _end_code(self) -> None:
        text, self._code = "\n".join(self._code).strip("\n"), []
        fence = "`" * max(3, 1 + max((len(run) for run in BACKTICKS.findall(text)), default=0))
        self._parts.append(f"{fence}\n{text}\n{fence}\n\n")

    def _add_plain(self, text: str) -> None:
        if (box := _BOX.match(text)) is not None:
            self._begin("list")
            self._parts.append(f"- {_tick(box)}{text[box.end() :]}\n")
            return
        self._begin("other")
        self._parts.append(f"{text}\n\n")

    def _add_quote(self, text: str) -> None:
        if self._kind == "quote":
            self._parts.append(">\n")
        self._begin("quote")
        self._parts.append("".join(f"> {line}".rstrip() + "\n" for line in text.split("\n")))

    def _add_item(self, text: str, list_id: str, level: int) -> None:
        if self._numbering.has_no_sign(list_id, level):
            self._go_on(text, level)
            return
        self._begin("list")
        for deeper in [each for each in self._widths if each >= level]:
            del self._widths[deeper]
        indent = " " * sum(self._widths.values())
        mark = self._mark(list_id, level) + " "
        self._widths[level] = len(mark)
        if (box := _BOX.match(text)) is not None:
            text = _tick(box) + text[box.end() :]
        below = "\n" + indent + " " * len(mark)
        self._parts.append(f"{indent}{mark}{text.replace(chr(10), below)}\n")

    def _go_on(self, text: str, level: int) -> None:
        """A paragraph of the list without a mark of its own: it belongs to the item above."""
        if self._kind != "list":
            self._add_plain(text)
            return
        indent = " " * sum(width for each, width in self._widths.items() if each <= level)
        self._parts.append("\n" + "".join(f"{indent}{line}\n" for line in text.split("\n")))

    def _mark(self, list_id: str, level: int) -> str:
        for deeper in [key for key in self._counts if key[0] == list_id and key[1] > level]:
            del self._counts[deeper]
        if not self._numbering.is_numbered(list_id, level):
            return "-"
        first = self._numbering.first_number(list_id, level)
        number = self._counts[list_id, level] = self._counts.get((list_id, level), first - 1) + 1
        return f"{number}."


def _lines_of(pieces: Sequence[Piece]) -> str:
    return paragraph("\n".join(line.strip() for line in marked_line(pieces).strip().split("\n")))


def _tick(box: re.Match[str]) -> str:
    return "[ ] " if box[1] == "☐" else "[x] "
