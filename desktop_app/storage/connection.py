"""Connections to the database: pragmas set and read back, transactions begun explicitly."""

from __future__ import annotations

import functools
import sqlite3
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool

from desktop_app.domain.errors import StoreError
from desktop_app.storage import like

APPLICATION_ID = 0x496E6B77  # "Inkw"
BUSY_TIMEOUT_MS = 5000
_JOURNAL_SIZE_LIMIT = 8 * 1024 * 1024
_FULL = 2


class Access(StrEnum):
    """What a connection may do.

    IMMUTABLE reads a file in a folder where not even the shared-memory file can be made; changes still in the log are
    not seen.
    """

    WRITE = "rw"
    READ = "ro"
    IMMUTABLE = "immutable"


@functools.cache
def trusted_schema_needed() -> bool:
    """Whether this SQLite refuses full-text tables in triggers of an untrusted schema (those before 3.41 do).

    Only the writer's connection then trusts the schema; readers never do.
    """
    probe = sqlite3.connect(":memory:", isolation_level=None)
    try:
        probe.execute("PRAGMA trusted_schema=OFF")
        probe.execute("CREATE TABLE t(x)")
        probe.execute("CREATE VIRTUAL TABLE f USING fts5(x)")
        probe.execute("CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO f(x) VALUES (new.x); END")
        probe.execute("INSERT INTO t VALUES ('a')")
    except sqlite3.OperationalError:
        return True
    finally:
        probe.close()
    return False


def pragmas(access: Access) -> dict[str, int]:
    """The pragmas of a connection, as they read back."""
    values = {
        "busy_timeout": BUSY_TIMEOUT_MS,
        "foreign_keys": 1,
        "trusted_schema": int(access is Access.WRITE and trusted_schema_needed()),
        "cell_size_check": 1,
        "mmap_size": 0,
        # Never automatic: the writer checkpoints under the lock file.
        "wal_autocheckpoint": 0,
    }
    if access is Access.WRITE:
        values |= {"synchronous": _FULL, "journal_size_limit": _JOURNAL_SIZE_LIMIT, "secure_delete": 1}
        # macOS leaves what is synced in the disk's own cache unless it is asked for more; nothing elsewhere.
        values |= {"fullfsync": 1, "checkpoint_fullfsync": 1}
    return values


def connect(path: Path, access: Access) -> sqlite3.Connection:
    """A bare connection with its pragmas set and read back. The file must exist.

    Raises sqlite3.Error, and StoreError where a pragma did not take.
    """
    mode = "mode=ro&immutable=1" if access is Access.IMMUTABLE else f"mode={access.value}"
    uri = f"file:{quote(str(path.absolute()))}?{mode}"
    connection = sqlite3.connect(
        uri,
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_TIMEOUT_MS / 1000,
        cached_statements=256,
    )
    try:
        _set_pragmas(connection, access)
        like.register(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_pragmas(connection: sqlite3.Connection, access: Access) -> None:
    if access is Access.WRITE:
        (journal,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        if journal != "wal":
            raise StoreError(
                "The database cannot use a write-ahead log here.", f"Its journal mode stays {journal!r}.", ""
            )
    for name, value in pragmas(access).items():
        connection.execute(f"PRAGMA {name}={value}")
        row = connection.execute(f"PRAGMA {name}").fetchone()
        # A library built without memory mapping answers mmap_size with no row at all.
        if row is not None and int(row[0]) != value:
            raise StoreError("The database refused a safety setting.", f"{name} reads {row[0]} and not {value}.", "")


def writing_engine(path: Path) -> Engine:
    """The engine of the one writer: each transaction is BEGIN IMMEDIATE."""
    engine = create_engine(
        "sqlite+pysqlite://", creator=lambda: connect(path, Access.WRITE), poolclass=NullPool, future=True
    )
    event.listen(engine, "begin", _begin_immediate)
    return engine


def reading_engine(path: Path, access: Access) -> Engine:
    """The engine of the readers: read-only connections, each used by one thread at a time; a transaction sees one
    moment.
    """
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: connect(path, access),
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=28,
        pool_use_lifo=True,
    )
    event.listen(engine, "begin", _begin_reading)
    return engine


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def bare(connection: Connection) -> Any:
    """SQLite's own connection under SQLAlchemy's, for pragmas outside a transaction and for backups."""
    return connection.connection.driver_connection
