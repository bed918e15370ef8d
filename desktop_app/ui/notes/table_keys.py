"""Keys in a table that is written: Tab goes from cell to cell, Enter adds a row, leaving brings columns into line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QTextBlock, QTextCursor

from desktop_app.domain.editor_text import character_at
from desktop_app.domain.markdown_tables import (
    aligned,
    cells,
    delimiter_row,
    empty_row,
    is_delimiter,
    is_row,
    table_around,
    texts,
)
from desktop_app.domain.table_edits import EditedTable, TableEdit, column_at, edited
from desktop_app.ui.notes.markdown_lines import LineState
from desktop_app.ui.notes.text_blocks import lines_between

if TYPE_CHECKING:
    from desktop_app.ui.notes.markdown_editor import MarkdownEditor

#: So many lines up and down belong to one table at most.
_REACH = 500
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TableKeys(QObject):
    """Watches one editor. A table is brought into line only after it was written in, as one step of the history."""

    def __init__(self, editor: MarkdownEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._written: QTextCursor | None = None  # selects the table that was written in
        editor.cursorPositionChanged.connect(self._on_cursor)

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what the key means in a table; false where it means nothing there."""
        key = Qt.Key(event.key())
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        back = key == Qt.Key.Key_Backtab or (key == Qt.Key.Key_Tab and not plain)
        if key not in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, *_ENTER) or self._editor.textCursor().hasSelection():
            return False
        if key in _ENTER and not plain:
            return False
        block = self._editor.textCursor().block()
        table = self._table_of(block)
        if table is None:
            return key in _ENTER and self._begin_table(block)
        if key in _ENTER:
            self._add_row(block, table)
        else:
            self._go_on(block, table, back=back)
        return True

    def note_typing(self) -> None:
        """Something was typed: if it was in a table, that is to be brought into line once it is left."""
        table = self._table_of(self._editor.textCursor().block())
        if table is not None:
            self._written = self._select(*table)

    @property
    def is_in_table(self) -> bool:
        """Whether the cursor is in a table."""
        return self._table_of(self._editor.textCursor().block()) is not None

    def edit(self, edit: TableEdit) -> bool:
        """Do something to the cursor's row or column, in one step of the history; false where it is in no table."""
        cursor = self._editor.textCursor()
        block = cursor.block()
        table = self._table_of(block)
        if table is None:
            return False
        row = block.blockNumber() - table[0].blockNumber()
        column = column_at(block.text(), character_at(block.text(), cursor.positionInBlock()))
        after = edited(lines_between(*table), row, column, edit)
        start = table[0].position()
        change = self._select(*table)
        change.insertText("\n".join(after.lines))
        self._written = None
        self._go_to_cell(start, after)
        return True

    def insert(self) -> None:
        """Put a new table of two columns below the cursor's line, table or code, in place of the line where that is
        empty.
        """
        cursor = self._editor.textCursor()
        table = self._table_of(cursor.block())
        cursor.beginEditBlock()
        cursor.clearSelection()
        if table is not None:  # in the midst of it, the rows below would belong to none
            cursor.setPosition(table[1].position())
        cursor.setPosition(self._code_end(cursor.block()).position())
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        if cursor.block().text().strip():
            cursor.insertText("\n\n")
        start = cursor.position()
        following = cursor.block().next()
        lines = [empty_row(2), delimiter_row(2), empty_row(2)]
        cursor.insertText(
            "\n".join(aligned(lines)) + ("\n" if following.isValid() and following.text().strip() else "")
        )
        cursor.endEditBlock()
        self._go_to_cell(start, EditedTable(lines, 0, 0))

    def _code_end(self, block: QTextBlock) -> QTextBlock:
        """The last line of the code that a line stands in, where no table can be; else the line itself."""
        while self._editor.state_after(block) is not LineState.TEXT and block.next().isValid():
            block = block.next()
        return block

    def _go_to_cell(self, start: int, table: EditedTable) -> None:
        cursor = self._editor.textCursor()
        cursor.setPosition(start)
        if table.lines:
            block = self._editor.document().findBlockByNumber(cursor.blockNumber() + table.row)
            cursor.setPosition(block.position() + _in_units(block.text())[table.column][1])
            first = self._editor.document().findBlock(start)
            last = self._editor.document().findBlockByNumber(first.blockNumber() + len(table.lines) - 1)
            self._written = self._select(first, last)
        self._editor.setTextCursor(cursor)
        self._editor.ensureCursorVisible()

    # Inside -------------------------------------------------------------------------------------

    def _table_of(self, block: QTextBlock) -> tuple[QTextBlock, QTextBlock] | None:
        """First and last line of the table that a line is in."""
        if "|" not in block.text() or self._editor.state_before(block) is not LineState.TEXT:
            return None
        first = last = block
        above = below = 0
        while above < _REACH and (previous := first.previous()).isValid() and "|" in previous.text():
            first, above = previous, above + 1
        while below < _REACH and (following := last.next()).isValid() and "|" in following.text():
            last, below = following, below + 1
        lines = lines_between(first, last)
        found = table_around(lines, above)
        if found is None:
            return None
        document = block.document()
        return tuple(document.findBlockByNumber(first.blockNumber() + at) for at in (found[0], found[1] - 1))  # type: ignore[return-value]

    def _go_on(self, block: QTextBlock, table: tuple[QTextBlock, QTextBlock], *, back: bool) -> None:
        """To the end of the next cell's words, or of those of the one before; behind the last one comes a new row."""
        cursor = self._editor.textCursor()
        places = []
        line = table[0]
        while line.isValid() and line.position() <= table[1].position():
            if not is_delimiter(line.text()):
                places += [line.position() + end for _start, end in _in_units(line.text())]
            line = line.next()
        here = self._cell_end(block, cursor.positionInBlock())
        if back:
            place = max((each for each in places if each < here), default=places[0])
        else:
            following = min((each for each in places if each > here), default=None)
            if following is None:
                self._add_row(table[1], table)
                return
            place = following
        cursor.setPosition(place)
        self._editor.setTextCursor(cursor)
        self._editor.ensureCursorVisible()

    def _cell_end(self, block: QTextBlock, column: int) -> int:
        """Where the words of the cell end that the cursor is in."""
        spans = _in_units(block.text())
        bars = [at for at, letter in enumerate(_units(block.text())) if letter == "|"]
        for start, end in spans:
            closing = next((bar for bar in bars if bar >= end), block.length())
            if column <= closing or (start, end) == spans[-1]:
                return block.position() + end
        return block.position() + column

    def _add_row(self, block: QTextBlock, table: tuple[QTextBlock, QTextBlock]) -> None:
        """Below the cursor's row. An empty last row goes, and with it the cursor leaves the table."""
        document = block.document()
        cursor = self._editor.textCursor()
        columns = len(texts(table[0].text()))
        head = block.blockNumber() <= table[0].blockNumber() + 1
        below = document.findBlockByNumber(table[0].blockNumber() + 1) if head else block
        cursor.beginEditBlock()
        if not head and block == table[1] and not any(texts(block.text())):
            cursor.setPosition(block.position())
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            # A line right below a table is a row of it: an empty one lies between.
            cursor.insertText("\n")
        else:
            cursor.setPosition(below.position() + below.length() - 1)
            cursor.insertText("\n" + empty_row(columns))
            self._written = self._select(table[0], cursor.block())
            cursor.setPosition(cursor.block().position() + 2)
        cursor.endEditBlock()
        self._editor.setTextCursor(cursor)
        self._editor.ensureCursorVisible()

    def _begin_table(self, block: QTextBlock) -> bool:
        """Enter behind a first row of several cells makes a table of it."""
        cursor = self._editor.textCursor()
        columns = len(texts(block.text()))
        if not is_row(block.text()) or columns < 2 or not cursor.atBlockEnd():
            return False
        if self._editor.state_before(block) is not LineState.TEXT:
            return False
        first = block.position()
        above = block.previous().text() if block.previous().isValid() else ""
        cursor.beginEditBlock()
        if above.strip() and not _HEADING.match(above):
            # Right below an item or a quote it would be read as words of that.
            top = QTextCursor(block)
            top.insertText("\n")
            first += 1
        cursor.insertText(f"\n{delimiter_row(columns)}\n{empty_row(columns)}")
        cursor.endEditBlock()
        self._written = self._select(block.document().findBlock(first), cursor.block())
        cursor.setPosition(cursor.block().position() + 2)
        self._editor.setTextCursor(cursor)
        self._editor.ensureCursorVisible()
        return True

    def _select(self, first: QTextBlock, last: QTextBlock) -> QTextCursor:
        selected = QTextCursor(first)
        selected.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        return selected

    def _on_cursor(self) -> None:
        written = self._written
        if written is None:
            return
        if not written.hasSelection() or written.document() is not self._editor.document():
            self._written = None
        elif not written.selectionStart() <= self._editor.textCursor().position() <= written.selectionEnd():
            self._written = None
            # The document may be in the middle of the change that moved the cursor.
            QTimer.singleShot(0, self, lambda: self._align(written))

    def _align(self, written: QTextCursor) -> None:
        document = self._editor.document()
        if written.document() is not document or self._editor.isReadOnly():
            return
        table = self._table_of(document.findBlock(written.selectionStart()))
        if table is None or document.findBlock(self._editor.textCursor().position()) in table:
            return
        lines = lines_between(*table)
        edit = QTextCursor(document)
        edit.beginEditBlock()
        for number, (before, after) in enumerate(zip(lines, aligned(lines), strict=True)):
            if before != after:
                block = document.findBlockByNumber(table[0].blockNumber() + number)
                edit.setPosition(block.position())
                edit.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
                edit.insertText(after)
        edit.endEditBlock()


def _in_units(line: str) -> list[tuple[int, int]]:
    """The cells of a line in UTF-16 units, as Qt counts."""
    found = cells(line)
    if line.isascii():
        return found
    return [(len(_units(line[:start])), len(_units(line[:end]))) for start, end in found]


def _units(text: str) -> str:
    """One character for each UTF-16 unit."""
    return "".join(letter if letter <= "\uffff" else letter + " " for letter in text)
