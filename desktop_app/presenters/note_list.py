"""What the notes list shows: its rows, its state, and the folders and tags to narrow it by."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.notes import NoteSummary
from desktop_app.presenters.rows import RowRole

_Index = QModelIndex | QPersistentModelIndex


class NoteListModel(QAbstractListModel):
    """Rows of the notes list, fetched page by page as the view scrolls."""

    more_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[NoteSummary] = []
        self._complete = True
        self._asked = False

    @property
    def rows(self) -> list[NoteSummary]:
        """What is fetched so far."""
        return self._rows

    def row_of(self, note_id: int) -> int:
        """Row of a note, -1 where it is not among the fetched ones."""
        return next((row for row, summary in enumerate(self._rows) if summary.id == note_id), -1)

    def replace(self, rows: list[NoteSummary], *, complete: bool) -> None:
        """Show these rows; rows that stayed in place only change."""
        self._complete = complete
        self._asked = False
        if [row.id for row in rows] != [row.id for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        before, self._rows = self._rows, rows
        for position, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(position), self.index(position))

    def append(self, rows: list[NoteSummary], *, complete: bool) -> None:
        """Show one page more; notes that moved down from an earlier page are not shown twice."""
        self._complete = complete
        self._asked = False
        known = {row.id for row in self._rows}
        fresh = [row for row in rows if row.id not in known]
        if fresh:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(fresh) - 1)
            self._rows = self._rows + fresh
            self.endInsertRows()

    def ask_again(self) -> None:
        """The page that was asked for could not be read: the next look at the end of the list asks anew."""
        self._asked = False

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title or self.tr("Untitled")
        if role == RowRole.SECOND_LINE:
            return row.snippet
        if role == RowRole.ID:
            return row.id
        if role == RowRole.ICON:
            return "pin" if row.pinned else ""
        if role == Qt.ItemDataRole.AccessibleTextRole:
            pinned = self.tr("Pinned. ") if row.pinned else ""
            return f"{pinned}{row.title or self.tr('Untitled')}. {row.snippet}"
        return None

    def canFetchMore(self, parent: _Index) -> bool:
        return not parent.isValid() and not self._complete and not self._asked

    def fetchMore(self, parent: _Index) -> None:
        if self.canFetchMore(parent):
            self._asked = True
            self.more_wanted.emit()


class ListState(msgspec.Struct, frozen=True):
    """What the list shows.

    Attributes:
        loading: the first page of this filter is not there yet.
        error: the list could not be read.
        empty: nothing to show; `narrowed` says whether a filter is why.
        welcome: the welcome notes are among the notes.
        trashed: what is listed lies in the trash.
    """

    loading: bool = False
    error: InkwellError | None = None
    empty: bool = False
    narrowed: bool = False
    welcome: bool = False
    trashed: bool = False


class Facets(msgspec.Struct, frozen=True):
    """Folders and tags with the number of notes in each."""

    folders: tuple[tuple[str, int], ...] = ()
    tags: tuple[tuple[str, int], ...] = ()
