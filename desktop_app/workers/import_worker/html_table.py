"""A table of HTML while it is read, and as Markdown."""

from __future__ import annotations

from desktop_app.workers.import_worker.html_inline import Attributes, paragraph, plain


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

    def begin_row(self) -> None:
        """The cells that come stand in a row of their own."""
        self._rows.append([])

    def begin_cell(self) -> None:
        """What comes stands in a cell of its own."""
        self._cell = []

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
        self._rows[-1].append("\n\n".join(self._cell))
        self._cell = None

    def properties(self) -> dict[str, str]:
        """What a table of properties says, by names in lower case; nothing for another table."""
        pairs = [row for row in self._filled() if len(row) == 2] if self._is_properties else []
        return {plain(name).strip().lower(): plain(value).strip() for name, value in pairs}

    def blocks(self) -> list[str]:
        """The table as Markdown, below what it is called; one of a single column, made to place things and not to list
        them, as paragraphs.
        """
        rows = self._filled()
        if all(len(row) < 2 for row in rows):
            return [*self._caption, *(paragraph(row[0]) for row in rows)]
        return [*self._caption, markdown_table(rows)]

    def _filled(self) -> list[list[str]]:
        return [row for row in self._rows if any(cell.strip() for cell in row)]


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
