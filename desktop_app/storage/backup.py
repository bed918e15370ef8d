"""Verified copies of the database."""

from __future__ import annotations

import logging
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from desktop_app.domain.backup_thinning import BEFORE_RESTORE, backups_to_delete
from desktop_app.domain.errors import BackupError, DiskFullError, StoreDamagedError, StoreError
from desktop_app.domain.file_renaming import replace_file
from desktop_app.storage import failures
from desktop_app.storage.connection import APPLICATION_ID, Access, connect, writing_engine
from desktop_app.storage.database import lock_path, mark_suspect, suspect_path
from desktop_app.storage.file_lock import FileLock
from desktop_app.storage.opening import check_whole, integrity_problems, now_stamp
from desktop_app.storage.schema import HEAD_REVISION, SCHEMA_NUMBER

_log = logging.getLogger(__name__)

_NAME = re.compile(r"^inkwell-(\d{8}T\d{6}Z)(?:-(\d+))?-([a-z0-9-]+)\.sqlite3$")
_DAILY = "daily"


class BackupFile(msgspec.Struct, frozen=True):
    """One backup; time and reason stand in its name. Implements BackupInfo."""

    path: Path
    made_at: datetime
    size_bytes: int
    reason: str


class Backups:
    """Implements BackupPort. Works while stores are open on the database, in this process or others."""

    def __init__(self, database: Path, folder: Path, clock: Callable[[], datetime] | None = None) -> None:
        self._database = database
        self._folder = folder
        self._clock = clock or (lambda: datetime.now(UTC))

    def back_up(self, reason: str) -> Path:
        """Copy, verify, thin old ones. A bad copy never takes a name, so that it cannot push a good one out.

        Raises BackupError, DiskFullError.
        """
        now = self._clock()
        temporary = self._folder / f".making-{os.getpid()}-{now_stamp(now)}"
        try:
            with failures.typed_failures():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _copy(self._database, temporary)
                _verify(temporary)
                path = self._free_name(now, reason)
                _into_place(temporary, path)
        except DiskFullError as error:
            raise DiskFullError(
                "No backup was made: the disk is full.",
                "There is no space left for a copy of the database. The database itself and the earlier backups are "
                "as they were.",
                "Free some space, then make the backup again.",
            ) from error
        except StoreDamagedError as error:
            mark_suspect(self._database)
            raise BackupError(
                "No backup was made: the database is damaged.",
                error.why,
                "Start Inkwell again: it keeps the damaged file aside and recovers what can be read.",
            ) from error
        except StoreError as error:
            raise BackupError("No backup was made.", f"{error.what} {error.why}".strip(), error.todo) from error
        finally:
            remove(temporary)
        self._thin(now)
        return path

    def back_up_if_due(self, now: datetime) -> Path | None:
        """The daily backup; None when today's exists."""
        today = now.astimezone(UTC).date()
        if any(one.made_at.date() == today and one.reason == _DAILY for one in self.list_backups()):
            return None
        return self.back_up(_DAILY)

    def list_backups(self) -> list[BackupFile]:
        """All backups, newest first. Files with other names are none of ours."""
        found: list[tuple[datetime, int, BackupFile]] = []
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            name = _NAME.match(path.name)
            if name is None or path.is_symlink() or not path.is_file():
                continue
            made_at = _time_of(name.group(1))
            if made_at is not None:
                backup = BackupFile(path, made_at, path.stat().st_size, name.group(3))
                found.append((made_at, int(name.group(2) or 0), backup))
        return [backup for _, _, backup in sorted(found, key=lambda one: one[:2], reverse=True)]

    def newest_verified(self) -> BackupFile | None:
        """The newest backup whose every page can be read."""
        for backup in self.list_backups():
            try:
                with failures.typed_failures():
                    _verify(backup.path)
            except StoreError:
                continue
            return backup
        return None

    def restore(self, path: Path) -> None:
        """Put a verified backup in place of the database; the present one is backed up first.

        The pages are written in one transaction, so open stores see the restored content at their next read, and a
        kill leaves the old or the new content, whole. A backup with an older schema is brought to the newest one first.

        Raises BackupError, DiskFullError, StoreLockedError; the present database is then unchanged.
        """
        with failures.typed_failures():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        prepared = self._folder / f".restoring-{os.getpid()}-{now_stamp(self._clock())}"
        try:
            self._prepare(path, prepared)
            present = self._keep_present()
            with failures.typed_failures(), FileLock(lock_path(self._database)):
                if present:
                    _copy_into(prepared, self._database)
                else:
                    _into_place(prepared, self._database)
        finally:
            remove(prepared)

    def _prepare(self, path: Path, prepared: Path) -> None:
        """A private, verified copy of the backup, with the newest schema."""
        if not path.is_file():
            why = f"{path.name} is a folder." if path.is_dir() else f"{path.name} cannot be found."
            raise BackupError("This backup is not there.", why, "Choose another backup.")
        try:
            with failures.typed_failures():
                shutil.copyfile(path, prepared)
                os.chmod(prepared, 0o600)
                _verify(prepared)
                _to_newest_schema(prepared)
        except DiskFullError as error:
            raise DiskFullError(
                "The backup was not brought back: the disk is full.",
                "There is no space left for a copy of it. Your notes and chats are as they were.",
                "Free some space, then try again.",
            ) from error
        except StoreDamagedError as error:
            raise BackupError(
                "This backup cannot be used: it is damaged.", error.why, "Choose another backup."
            ) from error

    def _keep_present(self) -> bool:
        """Back the present database up, or keep a damaged one aside; false when there is nothing to write into."""
        if not self._database.exists():
            return False
        try:
            self.back_up(BEFORE_RESTORE)
        except BackupError as error:
            if not isinstance(error.__cause__, StoreDamagedError):
                raise
            with failures.typed_failures():
                set_aside(self._database, self._clock())
            return False
        return True

    def _free_name(self, now: datetime, reason: str) -> Path:
        word = re.sub(r"[^a-z0-9]+", "-", reason.lower()).strip("-")[:40] or "by-hand"
        path = self._folder / f"inkwell-{now_stamp(now)}-{word}.sqlite3"
        count = 1
        while path.exists():
            count += 1
            path = self._folder / f"inkwell-{now_stamp(now)}-{count}-{word}.sqlite3"
        return path

    def _thin(self, now: datetime) -> None:
        """Delete what is not needed any more. One that cannot be deleted costs nothing but room."""
        backups = self.list_backups()
        deleted = backups_to_delete([backup.made_at for backup in backups], now)
        for backup in backups:
            if backup.made_at in deleted:
                try:
                    backup.path.unlink(missing_ok=True)
                except OSError as error:
                    _log.warning("an old backup was not deleted: %s", error.strerror)


def set_aside(database: Path, now: datetime) -> Path:
    """Rename a damaged database, its log with it, to `.damaged-<time>`; the new path."""
    kept = database.with_name(f"{database.name}.damaged-{now_stamp(now)}")
    count = 1
    while kept.exists():
        count += 1
        kept = database.with_name(f"{database.name}.damaged-{now_stamp(now)}-{count}")
    for suffix in ("-wal", "-shm", ""):
        old = database.with_name(database.name + suffix)
        if old.exists():
            replace_file(old, kept.with_name(kept.name + suffix))
    suspect_path(database).unlink(missing_ok=True)
    return kept


def sync_file(path: Path) -> None:
    """Make sure that the file's content is on the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make sure that a rename in `folder` is on the disk; nothing to do on systems that cannot open folders."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(source: Path, target: Path) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with closing(connect(source, Access.READ)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")


def _copy_into(source: Path, database: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as reading,
        closing(connect(database, Access.WRITE)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _verify(copy: Path) -> None:
    with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        connection.execute("PRAGMA cell_size_check=ON")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID:
            raise failures.damaged("It is not a database of Inkwell.")
        problems = integrity_problems(connection)
    if problems:
        raise failures.damaged(problems[0])


def _to_newest_schema(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as plain:
        (number,) = plain.execute("PRAGMA user_version").fetchone()
        row = plain.execute("SELECT version_num FROM alembic_version").fetchone()
        revision = "" if row is None else str(row[0])
    if number > SCHEMA_NUMBER:
        raise BackupError("This backup was made by a newer Inkwell.", "", "Update Inkwell, then restore it.")
    if revision != HEAD_REVISION:
        from desktop_app.storage.migrations.run import migrate

        engine = writing_engine(copy)
        try:
            with engine.connect() as connection, connection.begin():
                migrate(connection)
        finally:
            engine.dispose()
        check_whole(copy, Access.WRITE)
        with closing(sqlite3.connect(copy)) as plain:
            plain.execute("PRAGMA journal_mode=DELETE")


def _into_place(temporary: Path, path: Path) -> None:
    sync_file(temporary)
    replace_file(temporary, path)
    sync_folder(path.parent)


def remove(temporary: Path) -> None:
    """Delete a half-made copy with SQLite's files beside it; one that is not there is no error."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        path = temporary.with_name(temporary.name + suffix)
        if path.exists():
            path.unlink()


def _time_of(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
