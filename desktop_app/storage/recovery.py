"""What happens when a damaged database is met at the start."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from desktop_app.domain.file_renaming import replace_file
from desktop_app.storage import failures
from desktop_app.storage.backup import BackupFile, Backups, remove, set_aside, sync_file, sync_folder
from desktop_app.storage.connection import Access, connect
from desktop_app.storage.database import suspect_path
from desktop_app.storage.new_store import make_tables
from desktop_app.storage.opening import StoreOpenReport, check_whole, is_about_words
from desktop_app.storage.salvage import SalvageReport, salvage
from desktop_app.storage.schema import WORD_TABLES


def recover(database: Path, backups: Backups, now: datetime) -> StoreOpenReport:
    """Keep the damaged file aside and put in its place what can be read of it, missing rows from the newest verified
    backup.

    A file of which nothing can be read, or too little to be true, is replaced by the backup whole. The caller holds
    the lock.

    Raises DiskFullError and other StoreErrors where there is no room for what was read: the damaged file is still in
    its place then, and the next start tries again.
    """
    with failures.typed_failures():
        if _only_the_index_is_damaged(database):
            suspect_path(database).unlink(missing_ok=True)
            return StoreOpenReport(notices=("The search index was damaged and has been made again. Nothing is lost.",))
        backup = backups.newest_verified()
        fresh = database.with_name(f"{database.name}.recovering")
        remove(fresh)
        try:
            _make_empty(fresh)
            report = salvage(database, fresh, backup.path if backup else None)
            check_whole(fresh, Access.WRITE)
            whole_backup = backup is not None and _content(report) < _content_of(backup.path) // 2
            if backup is not None and whole_backup:
                remove(fresh)
                _copy(backup.path, fresh)
            _finish(fresh)
            kept = set_aside(database, now)
            _put_in_place(fresh, database)
        finally:
            remove(fresh)
    used = backup if backup is not None and (whole_backup or any(report.filled.values())) else None
    return StoreOpenReport(
        notices=(_sentence(report, used, whole_backup, kept),),
        damaged_copy=kept,
        restored_from=used.path if used else None,
    )


def bring_back(database: Path, backups: Backups) -> StoreOpenReport | None:
    """Put the newest verified backup in the place of a database that is missing or empty; None where there is none.

    The caller holds the lock.
    """
    backup = backups.newest_verified()
    if backup is None:
        return None
    fresh = database.with_name(f"{database.name}.recovering")
    with failures.typed_failures():
        remove(fresh)
        try:
            _copy(backup.path, fresh)
            _finish(fresh)
            _forget_log(database)
            _put_in_place(fresh, database)
        finally:
            remove(fresh)
    notice = f"The database was missing or empty. The backup of {_day(backup)} took its place."
    return StoreOpenReport(notices=(notice,), restored_from=backup.path)


def _finish(fresh: Path) -> None:
    """Bring `fresh`, whole and closed, to the disk."""
    sync_file(fresh)
    _forget_log(fresh)


def _put_in_place(fresh: Path, database: Path) -> None:
    """Let `fresh`, finished, take the database's name; it survives a power cut from then on."""
    replace_file(fresh, database)
    sync_folder(database.parent)


def _forget_log(database: Path) -> None:
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _only_the_index_is_damaged(database: Path) -> bool:
    """Whether all rows are whole and the full-text index alone is not; it is made again then."""
    try:
        with closing(connect(database, Access.WRITE)) as connection:
            lines = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
            if any(line != "ok" and not is_about_words(line) for line in lines):
                return False
            for table in WORD_TABLES:
                connection.execute(f"INSERT INTO {table}({table}) VALUES ('rebuild')")
                connection.execute(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError:
        return False
    return True


def _make_empty(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with closing(connect(path, Access.WRITE)) as connection:
        make_tables(connection)


def _copy(source: Path, target: Path) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)


def _content(report: SalvageReport) -> int:
    """Notes and messages, the rows that a person wrote."""
    return sum(report.read.get(table, 0) + report.filled.get(table, 0) for table in ("notes", "messages"))


def _content_of(path: Path) -> int:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        row = connection.execute("SELECT (SELECT count(*) FROM notes) + (SELECT count(*) FROM messages)").fetchone()
    return int(row[0])


def _sentence(report: SalvageReport, backup: BackupFile | None, whole_backup: bool, kept: Path) -> str:
    aside = f"The damaged file is kept as {kept.name}."
    if whole_backup and backup is not None:
        return f"The database was damaged. The backup of {_day(backup)} took its place. {aside}"
    notes, messages = report.read["notes"], report.read["messages"]
    found = f"{notes:,} {_plural('note', notes)} and {messages:,} {_plural('message', messages)} were recovered."
    filled = report.filled.get("notes", 0) + report.filled.get("messages", 0)
    more = ""
    if filled and backup is not None:
        more = f" {filled:,} more came from the backup of {_day(backup)}."
    elif report.broken["notes"] or report.broken["messages"]:
        more = " Some could not be read."
    return f"The database was damaged. {found}{more} {aside}"


def _day(backup: BackupFile) -> str:
    return backup.made_at.astimezone().strftime("%Y-%m-%d %H:%M")


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
