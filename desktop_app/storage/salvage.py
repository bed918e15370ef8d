"""Reads a damaged database row by row into a fresh one.

One damaged page makes a plain SELECT end there; asking for the rows behind it one at a time goes on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from desktop_app.storage.connection import Access, connect
from desktop_app.storage.link_rows import fill_links
from desktop_app.storage.properties import fill_properties

# Parents before children. Chunks and vectors can be made again, but it takes long.
TABLES = (
    "conversations",
    "messages",
    "attachments",
    "presets",
    "notes",
    "note_tags",
    "note_versions",
    "note_files",
    "note_attachments",
    "source_folders",
    "source_files",
    "chunks",
    "vectors",
    "message_passages",
    "ui_state",
)
_MOST_PROBES = 2_000_000
# Not a database at all, or no such table: asking for single rows leads nowhere.
_HOPELESS = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


class SalvageReport(msgspec.Struct):
    """Rows by table: read from the damaged file, filled in from the backup, and known to be lost."""

    read: dict[str, int] = msgspec.field(default_factory=dict)
    filled: dict[str, int] = msgspec.field(default_factory=dict)
    broken: dict[str, bool] = msgspec.field(default_factory=dict)

    @property
    def rows(self) -> int:
        """All rows in the fresh store."""
        return sum(self.read.values()) + sum(self.filled.values())


def salvage(damaged: Path, fresh: Path, backup: Path | None) -> SalvageReport:
    """Copy what can be read of `damaged` into `fresh`, an empty store; rows that cannot, from `backup` where it has
    them.

    A table that was read without an error is not filled from the backup: what is missing there was deleted by the
    person. Raises sqlite3.Error where `fresh` cannot be written: that is not to be taken for damage.
    """
    report = SalvageReport()
    with closing(connect(fresh, Access.WRITE)) as target:
        target.execute("PRAGMA foreign_keys=OFF")
        target.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            _salvage_table(table, damaged, target, report)
            if report.broken[table] and backup is not None:
                _fill(table, backup, target, report)
        _mend_references(target)
        target.execute("COMMIT")
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return report


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    # A flipped bit can make text that is no UTF-8: the rest of it is still worth having.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.execute("PRAGMA query_only=ON")
    return connection


def _salvage_table(table: str, damaged: Path, target: sqlite3.Connection, report: SalvageReport) -> None:
    report.read[table] = 0
    report.broken[table] = False
    with closing(_open(damaged)) as source:
        # An older store lacks newer columns, and SQLite would read their names as texts.
        known = _columns(source, table)
        names = [row[1] for row in target.execute(f"PRAGMA table_info({table})") if row[1] in known]
        if not names:
            report.broken[table] = True
            return
        reader = _RowReader(source, table, names)
        for row in reader.rows():
            report.read[table] += _put(target, table, names, row)
        report.broken[table] = reader.broken


def _columns(source: sqlite3.Connection, table: str) -> set[str]:
    """The table's columns; none where not one page of it can be found."""
    try:
        return {row[1] for row in source.execute(f"PRAGMA table_info({table})")}
    except sqlite3.DatabaseError:
        return set()


class _RowReader:
    """The readable rows of one table, in ascending order of rowid, then those found one at a time."""

    def __init__(self, source: sqlite3.Connection, table: str, names: Sequence[str]) -> None:
        self._source = source
        columns = ", ".join(f'"{name}"' for name in names)
        self._select = f"SELECT rowid, {columns} FROM {table} NOT INDEXED"
        self._table = table
        self.broken = False
        self._hopeless = False

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Each row once."""
        last = 0
        for rowid, row in self._scan("rowid > ? ORDER BY rowid", 0):
            last = rowid
            yield row
        if not self.broken or self._hopeless:
            return
        from_above = list(self._scan("rowid > ? ORDER BY rowid DESC", last))
        end = from_above[-1][0] if from_above else self._highest_known(last)
        yield from (row for _, row in from_above)
        for rowid in range(last + 1, min(end, last + _MOST_PROBES)):
            yield from (row for _, row in self._scan("rowid = ?", rowid))

    def _scan(self, condition: str, value: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
        try:
            for row in self._source.execute(f"{self._select} WHERE {condition}", (value,)):
                yield row[0], row[1:]
        except sqlite3.DatabaseError as error:
            self.broken = True
            self._hopeless = self._hopeless or error.sqlite_errorcode in _HOPELESS

    def _highest_known(self, last: int) -> int:
        try:
            row = self._source.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (self._table,)).fetchone()
        except sqlite3.DatabaseError:
            row = None
        return (int(row[0]) if row is not None else last + 10_000) + 1


def _put(target: sqlite3.Connection, table: str, names: Sequence[str], row: tuple[Any, ...]) -> int:
    """Insert one row; 0 when the fresh store refuses it (a key that is there already, a value missing)."""
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" for _ in names)
    try:
        return target.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})", row).rowcount
    except sqlite3.DataError:
        return 0


def _fill(table: str, backup: Path, target: sqlite3.Connection, report: SalvageReport) -> None:
    names = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]
    with closing(sqlite3.connect(f"{backup.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as source:
        known = {row[1] for row in source.execute(f"PRAGMA table_info({table})")}
        shared = [name for name in names if name in known]
        columns = ", ".join(f'"{name}"' for name in shared)
        filled = 0
        for row in source.execute(f"SELECT {columns} FROM {table}"):
            filled += _put(target, table, shared, row)
    report.filled[table] = filled


def _mend_references(target: sqlite3.Connection) -> None:
    """Give rows whose parent is lost a place where they are seen, and drop those that mean nothing alone."""
    target.execute(
        "INSERT OR IGNORE INTO conversations"
        "(id, title, created_at, changed_at, change_order, draft, preview, settings)"
        " SELECT conversation_id, 'Recovered chat', min(created_at), max(created_at), 0, '', '', '{}' FROM messages"
        " WHERE conversation_id NOT IN (SELECT id FROM conversations) GROUP BY conversation_id"
    )
    # An answer whose question is lost hangs on the message before it in its chat.
    target.execute(
        "UPDATE messages SET parent_id = (SELECT max(m.id) FROM messages AS m"
        " WHERE m.conversation_id = messages.conversation_id AND m.id < messages.id)"
        " WHERE parent_id IS NOT NULL AND parent_id NOT IN (SELECT id FROM messages)"
    )
    target.execute(
        "UPDATE conversations SET active_leaf_id ="
        " (SELECT max(id) FROM messages WHERE conversation_id = conversations.id)"
        " WHERE active_leaf_id IS NULL OR active_leaf_id NOT IN (SELECT id FROM messages)"
    )
    target.execute(
        "UPDATE conversations SET memory_start_id = NULL WHERE memory_start_id NOT IN (SELECT id FROM messages)"
    )
    for table in ("note_tags", "note_versions", "note_attachments", "chunks"):
        target.execute(f"DELETE FROM {table} WHERE note_id NOT IN (SELECT id FROM notes)")
    target.execute("DELETE FROM message_passages WHERE message_id NOT IN (SELECT id FROM messages)")
    target.execute("DELETE FROM note_attachments WHERE hash NOT IN (SELECT hash FROM note_files)")
    target.execute(
        "DELETE FROM source_files WHERE folder_id NOT IN (SELECT id FROM source_folders WHERE kind = 'copied')"
    )
    # What a linked folder's files were in step with may be another text than the one that was saved: the notes' own
    # rows say which file they are of, and the next look decides by these.
    # The tags column repeats the tags table; whichever survived mends the other.
    target.execute(
        "UPDATE notes SET tags = (SELECT group_concat(tag, char(10)) FROM note_tags WHERE note_id = notes.id)"
        " WHERE tags = '' AND id IN (SELECT note_id FROM note_tags)"
    )
    fill_properties(target)
    fill_links(target)
    # Which vectors are there is found out anew, and every note chunked again: unchanged chunks keep their vectors. So
    # do passages of messages, all of which are due in a fresh store.
    target.execute("UPDATE chunks SET embedded_by = NULL")
    target.execute("UPDATE notes SET chunked_revision = NULL")
