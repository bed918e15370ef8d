"""The database as the repositories use it: reads on this thread, writes on the writer's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, Insert

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import StoreDamagedError
from desktop_app.storage import failures
from desktop_app.storage.connection import Access, reading_engine, writing_engine
from desktop_app.storage.file_lock import FileLock
from desktop_app.storage.interruption import interrupted_by
from desktop_app.storage.writer import Writer

T = TypeVar("T")


def lock_path(database: Path) -> Path:
    """The lock file of a database."""
    return database.with_name(database.name + "-lock")


def inserted_id(connection: Connection, statement: Insert, values: Mapping[str, Any] | None = None) -> int:
    """Insert one row and return its id."""
    key = connection.execute(statement, values).inserted_primary_key
    assert key is not None  # every single-row insert has one
    return int(key[0])


def suspect_path(database: Path) -> Path:
    """A mark left when damage was met; the next start then checks the whole database."""
    return database.with_name(database.name + "-suspect")


def mark_suspect(database: Path) -> None:
    """Leave the mark where that can be; the damage itself is told by whoever met it."""
    with suppress(OSError):
        suspect_path(database).touch(mode=0o600)


class ReadsAndWrites(Protocol):
    """What a repository needs of a database."""

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work`, which changes nothing."""
        ...

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return after the commit."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Group this thread's writes into one commit."""
        ...


class _ReadsTogether:
    """Reads of one thread over one connection, in one transaction: to take a connection and to begin costs as much as
    a small read itself.
    """

    def __init__(self, engine: Engine, cancel: CancelToken) -> None:
        self._engine = engine
        self._cancel = cancel
        self.connection: Connection | None = None

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work`. Raises CancelledError. After a failure the next read begins anew."""
        self._cancel.raise_if_cancelled()
        if self.connection is None:
            self.connection = self._engine.connect()
        try:
            with interrupted_by(self._cancel, self.connection):
                return work(self.connection)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Give the connection back."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


class Database:
    """Read-only connections for readers, one writer. `access` other than WRITE means that every write is refused."""

    def __init__(self, path: Path, access: Access = Access.WRITE, why_read_only: str = "") -> None:
        self.path = path
        self.read_only = access is not Access.WRITE
        self.why_read_only = why_read_only
        self._reading: Engine = reading_engine(path, Access.READ if access is Access.WRITE else access)
        self._reads_of_thread = threading.local()
        self._writer: Writer | None = None
        if not self.read_only:
            self._writer = Writer(writing_engine(path), FileLock(lock_path(path)), path)

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is inside its own `transaction()`."""
        return self._writer is not None and self._writer.in_transaction

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a read-only connection; inside this thread's `transaction()` on the writer's, which sees its
        changes.
        """
        with self._damage_noted():
            if self._writer is not None and self._writer.in_transaction:
                return self._writer.read(work)
            together = self._reads_together
            with failures.typed_failures():
                if together is not None:
                    return together.read(work)
                with self._reading.connect() as connection:
                    return work(connection)

    @contextmanager
    def interruptible(self, cancel: CancelToken) -> Iterator[None]:
        """Inside, this thread's reads see one moment of the store together; they end in the middle of a statement when
        `cancel` is raised, and raise CancelledError.
        """
        before = self._reads_together
        self._reads_of_thread.together = together = _ReadsTogether(self._reading, cancel)
        try:
            yield
        finally:
            self._reads_of_thread.together = before
            together.end()

    @property
    def moment(self) -> object | None:
        """What stands for the moment that this thread's reads see together, None where each sees its own."""
        together = self._reads_together
        return together.connection if together is not None else None

    @property
    def _reads_together(self) -> _ReadsTogether | None:
        together: _ReadsTogether | None = getattr(self._reads_of_thread, "together", None)
        return together

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return after the commit. Raises StoreReadOnlyError, DiskFullError,
        StoreLockedError.
        """
        with self._damage_noted():
            return self._writing().write(work)

    def at_once(self, work: Callable[[], T]) -> T:
        """Run `work`, which reads and writes as ever, in one transaction and return after the commit.

        Unlike in `transaction()`, no other thread has to be waited for at each step, since all of it runs on the
        writer's: for many small changes, which must call nobody who waits for another thread that writes. A step that
        fails leaves nothing behind, and where `work` catches that the others stay. Raises as `write`.
        """
        return self.write(lambda _connection: work())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Group this thread's writes into one commit."""
        with self._damage_noted(), self._writer.transaction() if self._writer is not None else nullcontext():
            yield

    def others_wait(self) -> bool:
        """Whether changes of other threads wait for this thread's `transaction()`."""
        return self._writer is not None and self._writer.others_wait

    def data_version(self) -> int | None:
        """Changes when another process committed; None before it was known."""
        return self._writer.data_version() if self._writer is not None else 0

    def close(self) -> None:
        """Close all connections; the writer's last, since it brings the log in."""
        self._reading.dispose()
        if self._writer is not None:
            self._writer.close()

    @contextmanager
    def _damage_noted(self) -> Iterator[None]:
        """Leave a mark when damage is met, so that the next start checks and mends the whole database."""
        try:
            yield
        except StoreDamagedError:
            if not self.read_only:
                mark_suspect(self.path)
            raise

    def _writing(self) -> Writer:
        if self._writer is None:
            raise failures.read_only(self.why_read_only)
        return self._writer
