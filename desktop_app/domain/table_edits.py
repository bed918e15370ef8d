"""What a person does to rows and columns of a table as a whole. Lines go in, lines come out, brought into line."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from desktop_app.domain.markdown_tables import aligned, cells, texts

_SIDES = ("---", ":--", ":-:", "--:")


class TableEdit(StrEnum):
    """The column and the row are those that the cursor is in."""

    ADD_COLUMN = "add column"  # behind it
    DELETE_COLUMN = "delete column"
    COLUMN_LEFT = "column left"
    COLUMN_RIGHT = "column right"
    ALIGN_COLUMN = "align column"  # left, in the middle, right, as it was at first: one after the other
    DELETE_ROW = "delete row"


class EditedTable(msgspec.Struct, frozen=True):
    """The lines of the table, none where nothing of it is left, and the row and column that the cursor is in now."""

    lines: list[str]
    row: int
    column: int


def column_at(line: str, place: int) -> int:
    """The cell of a row that the character `place` is in, counted from 0."""
    found = cells(line)
    bars = sum(letter == "|" for letter in line[:place].replace("\\|", "  "))
    begins_with_bar = line.lstrip().startswith("|")
    return min(max(0, bars - begins_with_bar), max(0, len(found) - 1))


def edited(lines: Sequence[str], row: int, column: int, edit: TableEdit) -> EditedTable:
    """A table, of which line 0 is the head and line 1 the rule below it, after an edit."""
    rows = [texts(line) for line in lines]
    count = max(len(each) for each in rows)
    rows = [each + ["---" if at == 1 else ""] * (count - len(each)) for at, each in enumerate(rows)]
    match edit:
        case TableEdit.ADD_COLUMN:
            column += 1
            for at, each in enumerate(rows):
                each.insert(column, "---" if at == 1 else "")
        case TableEdit.DELETE_COLUMN:
            for each in rows:
                del each[column]
            if count == 1:
                return EditedTable([], 0, 0)
            column = min(column, count - 2)
        case TableEdit.COLUMN_LEFT | TableEdit.COLUMN_RIGHT:
            there = column + (1 if edit is TableEdit.COLUMN_RIGHT else -1)
            if 0 <= there < count:
                for each in rows:
                    each[column], each[there] = each[there], each[column]
                column = there
        case TableEdit.ALIGN_COLUMN:
            rule = rows[1][column]
            now = (":" if rule.startswith(":") else "-") + "-" + (":" if rule.endswith(":") else "-")
            rows[1][column] = _SIDES[(_SIDES.index(now) + 1) % len(_SIDES)]
        case TableEdit.DELETE_ROW:
            if row < 2:  # the head goes: the first row takes its place
                if len(rows) < 3:
                    return EditedTable([], 0, 0)
                rows[0] = rows.pop(2)
                row = 0
            else:
                del rows[row]
                row = row if row < len(rows) else (row - 1 if row > 2 else 0)
    return EditedTable(aligned(["| " + " | ".join(each) + " |" for each in rows]), row, column)
