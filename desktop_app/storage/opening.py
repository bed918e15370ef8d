"""Opening a store: made when it is missing, brought to the newest schema, and its state found out before anything is
read.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec

from desktop_app.domain.errors import StoreDamagedError, StoreError, StoreReadOnlyError
from desktop_app.storage import failures
from desktop_app.storage.connection import APPLICATION_ID, Access, connect, writing_engine
from desktop_app.storage.database import lock_path, suspect_path
from desktop_app.storage.file_lock import FileLock
from desktop_app.storage.new_store import make_tables
from desktop_app.storage.schema import HEAD_REVISION, SCHEMA_NUMBER, WORD_TABLES


class StoreOpenReport(msgspec.Struct, frozen=True):
    """What happened while the store was opened.

    Attributes:
        notices: sentences for the person, in order; empty when all is well.
        created: a new store was made.
        migrated_from: revision before the migrations, None when none ran.
        damaged_copy: where the damaged file was kept.
        restored_from: the backup that took a damaged store's place or gave it its missing rows.
        read_only: why nothing can be saved, empty when it can.
    """

    notices: tuple[str, ...] = ()
    created: bool = False
    migrated_from: str | None = None
    damaged_copy: Path | None = None
    restored_from: Path | None = None
    read_only: str = ""


class _Stamp(msgspec.Struct, frozen=True):
    """What a database says of itself. `revision` is "" for an empty database."""

    application: int
    number: int
    revision: str


def prepare(
    database: Path,
    back_up: Callable[[str], Path],
    recover: Callable[[], StoreOpenReport],
    bring_back: Callable[[], StoreOpenReport | None],
) -> tuple[Access, StoreOpenReport]:
    """Make `database` ready to be opened; how it may be opened, and what happened.

    Args:
        back_up: makes a verified backup, before a migration.
        recover: puts a readable store in the place of a damaged one, under the lock.
        bring_back: puts the newest backup in the place of an empty database, under the lock; None without a backup.

    Raises:
        StoreReadOnlyError: there is no database and none can be made.
        StoreLockedError: another program holds it.
        StoreError: it belongs to another program.
    """
    if not database.exists():
        _make_file(database)
    if not _writable(database):
        return _read_only(database)
    report = StoreOpenReport()
    with FileLock(lock_path(database)) as lock:
        try:
            stamp = _stamp(database, Access.WRITE)
            if suspect_path(database).exists():
                check_whole(database)
                check_words(database)
                suspect_path(database).unlink(missing_ok=True)
        except StoreReadOnlyError:
            return _read_only(database)
        except StoreDamagedError:
            report = recover()
            stamp = _stamp(database, Access.WRITE)
        if not stamp.revision and (brought := bring_back()) is not None:
            report = brought
            stamp = _stamp(database, Access.WRITE)
        if _is_newer(stamp):
            return Access.READ, _newer(report)
        if stamp.revision != HEAD_REVISION:
            report = _migrate(database, stamp, back_up, report)
        lock.release()
        lock.close()
    return Access.WRITE, report


def _make_file(database: Path) -> None:
    """An empty file that only its owner may read; SQLite gives its log the same permissions."""
    with failures.typed_failures():
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(database, os.O_CREAT | os.O_RDWR, 0o600))


def _writable(database: Path) -> bool:
    return os.access(database, os.W_OK) and os.access(database.parent, os.W_OK)


def _stamp(database: Path, access: Access) -> _Stamp:
    """Read what the database says of itself. Raises StoreDamagedError, and StoreError for another program's
    database.
    """
    with failures.typed_failures(), closing(connect(database, access)) as connection:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (number,) = connection.execute("PRAGMA user_version").fetchone()
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        revision = ""
        if "alembic_version" in names:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            revision = str(row[0]) if row is not None else ""
    if names and application != APPLICATION_ID:
        raise StoreError(
            "This database belongs to another program.",
            f"{database.name} in the data folder was not made by Inkwell.",
            "Choose another data folder (--data-dir).",
        )
    if names and not revision:
        raise failures.damaged("It does not say which schema it has.")
    return _Stamp(application, number, revision)


def _is_newer(stamp: _Stamp) -> bool:
    return stamp.number > SCHEMA_NUMBER


def _newer(report: StoreOpenReport) -> StoreOpenReport:
    why = failures.NEWER
    notice = f"{why} You can read everything; nothing is saved until you update this one."
    return StoreOpenReport(
        notices=(*report.notices, notice),
        damaged_copy=report.damaged_copy,
        restored_from=report.restored_from,
        read_only=why,
    )


def _read_only(database: Path) -> tuple[Access, StoreOpenReport]:
    why = "Inkwell may read the data folder but not write to it."
    access = Access.READ
    stale = ""
    try:
        stamp = _stamp(database, access)
    except StoreReadOnlyError:
        # Not even the shared-memory file can be made: read the file alone.
        access = Access.IMMUTABLE
        stamp = _stamp(database, access)
        log = database.with_name(database.name + "-wal")
        if log.exists() and log.stat().st_size:
            stale = " The newest changes may not be shown."
    if _is_newer(stamp):
        return access, _newer(StoreOpenReport())
    if stamp.revision != HEAD_REVISION:
        raise failures.read_only("The database would have to be brought to the newest schema, and cannot be written.")
    notice = f"The data folder is read-only: you can read everything, but nothing is saved.{stale}"
    return access, StoreOpenReport(notices=(notice,), read_only=why)


def _migrate(database: Path, stamp: _Stamp, back_up: Callable[[str], Path], report: StoreOpenReport) -> StoreOpenReport:
    if stamp.revision:
        back_up("before-migration")
        with failures.typed_failures():
            _run_migrations(database)
    else:
        with failures.typed_failures(), closing(connect(database, Access.WRITE)) as connection:
            make_tables(connection)
    return StoreOpenReport(
        notices=report.notices,
        created=not stamp.revision,
        migrated_from=stamp.revision or None,
        damaged_copy=report.damaged_copy,
        restored_from=report.restored_from,
    )


def _run_migrations(database: Path) -> None:
    from desktop_app.storage.migrations.run import migrate

    engine = writing_engine(database)
    try:
        with engine.connect() as connection, connection.begin():
            migrate(connection)
    finally:
        engine.dispose()


def check_whole(database: Path, access: Access = Access.READ) -> None:
    """Read every page of the database. Raises StoreDamagedError with the first problem found."""
    with failures.typed_failures(), closing(connect(database, access)) as connection:
        problems = integrity_problems(connection)
    if problems:
        raise failures.damaged(problems[0])


def check_words(database: Path) -> None:
    """Compare the full-text index with the texts. Raises StoreDamagedError where they differ."""
    with failures.typed_failures(), closing(connect(database, Access.WRITE)) as connection:
        for table in WORD_TABLES:
            connection.execute(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")


def integrity_problems(connection: sqlite3.Connection) -> list[str]:
    """What SQLite's integrity check and the check of foreign keys find, at most 20 lines; it can raise as well."""
    lines = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
    problems = [line for line in lines if line != "ok"]
    for row in connection.execute("PRAGMA foreign_key_check").fetchmany(20):
        problems.append(f"A row of {row[0]} belongs to a row of {row[2]} that is not there.")
    return problems


def is_about_words(problem: str) -> bool:
    """Whether a line of the integrity check is about a full-text index, which can be made again from the texts.

    SQLite looks at them from 3.44 on. A connection that has not searched since another one made the index again may
    find fault with one that is whole; `check_words` and `FullText.integrity_check` tell for sure.
    """
    return "FTS5 table" in problem


def now_stamp(now: datetime) -> str:
    """A time as it stands in file names."""
    return now.strftime("%Y%m%dT%H%M%SZ")
