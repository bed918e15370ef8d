"""A table of HTML while it is read, and as Markdown."""

from __future__ import annotations

from desktop_app.domain.whole_numbers import whole_number
from desktop_app.workers.import_worker.html_inline import Attributes, paragraph, plain

_MOST_SPAN = 100
_MOST_ADDED = 20_000
"""Places of a table that cells may cover beside their own; the others are as wide and as high as one."""


class HtmlTable:
    """Takes cells row by row. Tables inside of it are read as part of the cell that they stand in.

    Attributes:
        nested: how many tables are open inside of it.
        is_in_caption: whether what comes is what the table is called.
    """

    def __init__(self, attributes: Attributes) -> None:
        self.nested = 0
        self.is_in_caption = False
        self._caption: list[str] = []
        self._is_properties = "properties" in attributes.get("class", "").split()  # Notion's, above the text
        self._rows: list[list[str]] = []
        self._cell: list[str] | None = None
        self._columns = self._lines = 1
        self._covered: dict[int, int] = {}
        self._added = 0
        self._most_cells = self._cells = 0

    def begin_row(self) -> None:
        """The cells that come stand in a row of their own."""
        if self._rows:
            row = self._rows[-1]
            self._pass_covered(row)
            behind = [column for column in self._covered if column >= len(row)]
            for column in behind:
                self._uncover(column)
        self._rows.append([])
        self._cells = 0

    def begin_cell(self, attributes: Attributes | None = None) -> None:
        """What comes stands in a cell of its own, which may be wider and higher than others."""
        self._cell = []
        self._columns = _span(attributes, "colspan")
        self._lines = _span(attributes, "rowspan")

    def add(self, block: str) -> None:
        """A block of the open cell, or of a new one where none is open."""
        if self.is_in_caption:
            self._caption.append(paragraph(block))
            return
        if self._cell is None:
            self.begin_cell()
        assert self._cell is not None
        self._cell.append(block)

    @property
    def is_in_cell(self) -> bool:
        """Whether a cell is open."""
        return self._cell is not None

    def end_cell(self) -> None:
        """The open cell is whole."""
        if self._cell is None or self.nested:
            return
        if not self._rows:
            self.begin_row()
        row = self._rows[-1]
        self._pass_covered(row)
        if self._added + self._columns * self._lines > _MOST_ADDED:
            self._columns = self._lines = 1
        if self._lines > 1:
            self._covered |= dict.fromkeys(range(len(row), len(row) + self._columns), self._lines - 1)
        row += ["\n\n".join(self._cell), *[""] * (self._columns - 1)]
        self._added += self._columns * self._lines - 1
        self._cells += 1
        self._most_cells = max(self._most_cells, self._cells)
        self._cell = None

    def _pass_covered(self, row: list[str]) -> None:
        """Leave out the places that cells of rows above reach down to."""
        while len(row) in self._covered:
            self._uncover(len(row))
            row.append("")

    def _uncover(self, column: int) -> None:
        self._covered[column] -= 1
        if not self._covered[column]:
            del self._covered[column]

    def properties(self) -> dict[str, str]:
        """What a table of properties says, by names in lower case; nothing for another table."""
        pairs = [row for row in self._filled() if len(row) == 2] if self._is_properties else []
        return {plain(name).strip().lower(): plain(value).strip() for name, value in pairs}

    def blocks(self) -> list[str]:
        """The table as Markdown, below what it is called; one of a single column, made to place things and not to list
        them, as paragraphs.
        """
        rows = self._filled()
        if self._most_cells < 2 or not rows:
            return [*self._caption, *(paragraph("".join(row)) for row in rows)]
        return [*self._caption, markdown_table(rows)]

    def _filled(self) -> list[list[str]]:
        return [row for row in self._rows if any(cell.strip() for cell in row)]


def _span(attributes: Attributes | None, name: str) -> int:
    number = whole_number((attributes or {}).get(name, ""), most_digits=4)
    return min(max(number or 1, 1), _MOST_SPAN)


def markdown_table(rows: list[list[str]]) -> str:
    """Rows of cells as Markdown; the first is the head, and as wide as the widest. Shorter rows stay short."""
    width = max(len(row) for row in rows)
    lines = []
    for number, row in enumerate(rows):
        cells = [" ".join(cell.split()).replace("|", "\\|") for cell in row]
        if number == 0:
            cells += [""] * (width - len(row))
        lines.append(f"| {' | '.join(cells)} |")
        if number == 0:
            lines.append("|" + " --- |" * width)
    return "\n".join(lines)
