"""Rows of the flat lists (chats, notes, sections): what they say, and a model that changes as little as it can."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt


class RowRole(IntEnum):
    """Data roles beside Qt's DisplayRole (the title)."""

    ID = Qt.ItemDataRole.UserRole + 1
    SECOND_LINE = Qt.ItemDataRole.UserRole + 2
    SECTION = Qt.ItemDataRole.UserRole + 3  # bool: a heading between rows, not selectable
    AT_RIGHT = Qt.ItemDataRole.UserRole + 4
    MARKS = Qt.ItemDataRole.UserRole + 5  # (start, end) pairs of what to mark in the second line
    NEEDS_ENTER = Qt.ItemDataRole.UserRole + 6  # bool: walking over it by keys does not choose it
    ICON = Qt.ItemDataRole.UserRole + 7  # name of the icon in front of the title; empty for none


class Row(msgspec.Struct, frozen=True):
    """One row. `id` is what the list reports when it is chosen; a section's id is any unique value.

    `marks` are the stretches [start, end) of the second line that stand out. A row that `needs_enter` is not chosen
    when the arrow keys come to it.
    """

    id: object
    title: str
    second_line: str = ""
    at_right: str = ""
    is_section: bool = False
    marks: tuple[tuple[int, int], ...] = ()
    needs_enter: bool = False
    icon: str = ""


class RowListModel(QAbstractListModel):
    """A list of rows. `set_rows` replaces them and keeps what stayed (and so the selection on it)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    @property
    def rows(self) -> Sequence[Row]:
        """What the list shows now."""
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show `rows`: equal ids at both ends stay, what lies between is exchanged."""
        new = list(rows)
        old = self._rows
        shared = min(len(old), len(new))
        head = 0
        while head < shared and old[head].id == new[head].id:
            head += 1
        tail = 0
        while tail < shared - head and old[-1 - tail].id == new[-1 - tail].id:
            tail += 1
        if head + tail < len(old):
            self.beginRemoveRows(QModelIndex(), head, len(old) - tail - 1)
            del old[head : len(old) - tail]
            self.endRemoveRows()
        if head + tail < len(new):
            self.beginInsertRows(QModelIndex(), head, len(new) - tail - 1)
            old[head:head] = new[head : len(new) - tail]
            self.endInsertRows()
        changed = [number for number, row in enumerate(new) if old[number] != row]
        self._rows = new
        if changed:
            self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))

    def insert_rows(self, at: int, rows: Sequence[Row]) -> None:
        """Show `rows` in front of the row that stands at `at` now."""
        if rows:
            self.beginInsertRows(QModelIndex(), at, at + len(rows) - 1)
            self._rows[at:at] = rows
            self.endInsertRows()

    def row_of(self, row_id: object) -> int:
        """The place of a row, -1 where there is none."""
        return next((number for number, row in enumerate(self._rows) if row.id == row_id), -1)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(part for part in (row.title, row.second_line, row.at_right) if part)
            case RowRole.ID:
                return row.id
            case RowRole.SECOND_LINE:
                return row.second_line
            case RowRole.SECTION:
                return row.is_section
            case RowRole.AT_RIGHT:
                return row.at_right
            case RowRole.MARKS:
                return row.marks
            case RowRole.NEEDS_ENTER:
                return row.needs_enter
            case RowRole.ICON:
                return row.icon
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        if index.isValid() and self._rows[index.row()].is_section:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
