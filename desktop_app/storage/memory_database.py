"""A database that is never on the disk: temporary chats are in it, and go with the program."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from desktop_app.domain.conversation import FIRST_TEMPORARY_ID
from desktop_app.storage import failures, like
from desktop_app.storage.conversations import Conversations
from desktop_app.storage.new_store import make_tables

T = TypeVar("T")

_NUMBERED = ("conversations", "messages", "attachments")


class MemoryDatabase:
    """What the repositories need of a database, over one connection that threads take in turn. Its tables are those of
    the store; ids begin where no store gets to, so that an id alone says where a chat is.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._engine = create_engine("sqlite+pysqlite://", creator=_connect, poolclass=StaticPool)
        event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        self._connection = self._engine.connect()

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work`; inside this thread's `transaction()` it sees its changes."""
        return self.write(work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction; an error leaves nothing of it."""
        with self._lock, failures.typed_failures():
            if self._connection.in_transaction():
                return work(self._connection)
            with self._connection.begin():
                return work(self._connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Group this thread's changes; other threads wait."""
        with self._lock:
            if self._connection.in_transaction():
                yield
                return
            with self._connection.begin():
                yield

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._connection.close()
            self._engine.dispose()


def temporary_conversations(clock: Callable[[], datetime]) -> Conversations:
    """Chats that are never on the disk. Implements ConversationStore."""
    return Conversations(MemoryDatabase(), clock)


def _connect() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA temp_store=MEMORY")  # a large sort would go into a file otherwise
    like.register(connection)
    make_tables(connection)
    for table in _NUMBERED:
        connection.execute("INSERT INTO sqlite_sequence(name, seq) VALUES (?, ?)", (table, FIRST_TEMPORARY_ID - 1))
    return connection
