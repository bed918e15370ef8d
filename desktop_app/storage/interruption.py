"""Reads that nobody waits for any more end in the middle of a statement."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from desktop_app.domain.cancellation import CancelToken
from desktop_app.storage.connection import bare


class _Interruption:
    """Interrupts a connection for as long as one read has it: the next one belongs to somebody else."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._lock = threading.RLock()  # a signal's handler may cancel in the middle of `end`
        self._connection: sqlite3.Connection | None = connection

    def interrupt(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.interrupt()

    def end(self) -> None:
        with self._lock:
            self._connection = None


@contextmanager
def interrupted_by(cancel: CancelToken | None, connection: Connection) -> Iterator[None]:
    """A read over `connection`, ended by `cancel`, where there is one. Raises CancelledError."""
    if cancel is None:
        yield
        return
    cancel.raise_if_cancelled()
    interruption = _Interruption(bare(connection))
    try:
        with cancel.telling(interruption.interrupt):
            yield
    except DBAPIError:
        cancel.raise_if_cancelled()
        raise
    finally:
        interruption.end()
    cancel.raise_if_cancelled()
