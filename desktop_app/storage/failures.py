"""The one place where errors of SQLite and the file system become typed errors of the store."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from desktop_app.domain.errors import (
    DiskFullError,
    StoreDamagedError,
    StoreError,
    StoreLockedError,
    StoreReadOnlyError,
)

# Primary result codes, https://sqlite.org/rescode.html; the extended code's low byte is the primary one.
_PERM, _BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _FORMAT, _NOTADB = (
    3,
    5,
    6,
    8,
    10,
    11,
    13,
    14,
    24,
    26,
)
# Growing the shared-memory file of the log fails with this one when the disk is full.
_IOERR_SHMSIZE = _IOERR | (19 << 8)
_DAMAGE_WORDS = ("malformed", "not a database", "corrupt", "could not decode to utf-8", "database schema is corrupt")


def disk_full() -> DiskFullError:
    """The error for a change that found no room."""
    return DiskFullError(
        "Not saved: the disk is full.",
        "There is no space left where Inkwell keeps its data. What was saved before is whole.",
        "Free some space, then try again.",
    )


NEWER = "It was written by a newer version of Inkwell."
"""Why a store is opened for reading that a newer program made."""


def read_only(why: str = "") -> StoreReadOnlyError:
    """The error for a change to a store that may not be written."""
    if why == NEWER:
        return StoreReadOnlyError(
            "Not saved: the data folder can only be read.",
            why,
            "Update this Inkwell, or start it with another data folder (--data-dir).",
        )
    return StoreReadOnlyError(
        "Not saved: the data folder is read-only.",
        why or "Inkwell may read its database but not change it.",
        "Allow writing to the data folder, or start Inkwell with another one (--data-dir).",
    )


def locked() -> StoreLockedError:
    """The error for a database that another program holds."""
    return StoreLockedError(
        "Not saved: the database is in use.",
        "Another program kept it locked for more than five seconds.",
        "Close the other program, or try again in a moment.",
    )


def damaged(why: str = "") -> StoreDamagedError:
    """The error for a database that cannot be read as one."""
    return StoreDamagedError(
        "The database is damaged.",
        why or "A part of the file cannot be read.",
        "Start Inkwell again: it keeps the damaged file aside and recovers what can be read.",
    )


def typed_failure(error: BaseException) -> StoreError | None:
    """The store's error for `error`, None when it is none of the store's."""
    if isinstance(error, StoreError):
        return error
    if isinstance(error, DBAPIError) and isinstance(error.orig, BaseException):
        return typed_failure(error.orig)
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if isinstance(error, OSError):
        return _of_system(error)
    return None


def _of_sqlite(error: sqlite3.Error) -> StoreError:
    extended = int(getattr(error, "sqlite_errorcode", 0) or 0)
    primary = extended & 0xFF
    message = str(error)
    if primary == _FULL or extended == _IOERR_SHMSIZE:
        return disk_full()
    if primary in (_READONLY, _PERM, _CANTOPEN):
        return read_only(f"SQLite says: {message}.")
    if primary in (_BUSY, _LOCKED):
        return locked()
    if primary in (_CORRUPT, _NOTADB, _FORMAT) or any(words in message.lower() for words in _DAMAGE_WORDS):
        return damaged(f"SQLite says: {message}.")
    if primary == _IOERR:
        return StoreError(
            "The disk did not answer as it should.",
            f"SQLite says: {message}.",
            "Check the disk, then try again; nothing that was shown as saved is lost.",
        )
    return StoreError("The database refused the request.", f"SQLite says: {message}.", "")


def _of_system(error: OSError) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full()
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return read_only(f"The system says: {error.strerror}.")
    return StoreError("A file of the data folder could not be used.", f"The system says: {error.strerror}.", "")


@contextmanager
def typed_failures() -> Iterator[None]:
    """Raise the store's errors in place of SQLite's, SQLAlchemy's and the system's."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as error:
        typed = typed_failure(error)
        if typed is None:
            raise
        raise typed from error
