"""The one thread that writes."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, Engine

from desktop_app.domain.errors import StoreDamagedError, StoreError
from desktop_app.storage import failures
from desktop_app.storage.connection import BUSY_TIMEOUT_MS, bare
from desktop_app.storage.file_lock import FileLock

_LOGGER = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[Connection], T]

_CHECKPOINT_BYTES = 4 * 1024 * 1024


class _Job(Generic[T]):
    """Work for the writer, and where its result goes."""

    def __init__(self, work: Work[T], *, in_transaction: bool = True) -> None:
        self.work = work
        self.in_transaction = in_transaction
        self._done = threading.Event()
        self._result: T | None = None
        self._error: BaseException | None = None

    def finish(self, result: T) -> None:
        self._result = result
        self._done.set()

    def fail(self, error: BaseException) -> None:
        self._error = error
        self._done.set()

    def wait(self) -> T:
        self._done.wait()
        if self._error is not None:
            raise self._error
        return cast("T", self._result)


class _Group:
    """A transaction that one thread fills with several pieces of work."""

    def __init__(self) -> None:
        self.jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self.started: _Job[None] = _Job(lambda _: None)
        self.ended: _Job[None] = _Job(lambda _: None)
        self.keep = True


class _GivenUpError(Exception):
    """Leaves a group's transaction without committing."""


class Writer:
    """Owns the writing connection. Every change is a function handed to `write`, which returns after the commit.

    A thread inside `transaction()` has the writer for itself: its changes are committed together at the end, others
    wait. It must not wait for another thread that writes.
    """

    def __init__(self, engine: Engine, lock: FileLock, database: Path) -> None:
        self._engine = engine
        self._lock = lock
        self._log = database.with_name(database.name + "-wal")
        self._next_checkpoint = _CHECKPOINT_BYTES
        self._queue: queue.SimpleQueue[_Job[Any] | _Group | None] = queue.SimpleQueue()
        self._own_group = threading.local()
        self._connection: Connection | None = None
        self._closed = False
        self._closing = threading.Lock()
        self._busy = False
        self._data_version: int | None = None
        self._damage: StoreDamagedError | None = None
        self._given_up: StoreError | None = None
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    # Callers' side

    def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction on the writer's thread and return its result after the commit.

        Raises what `work` raises, and StoreError and its kin; nothing of the change is kept then. Called by a change
        that is under way, on the writer's own thread, it is a part of that one.
        """
        if self._is_own_thread:
            return self._inside(work)
        job = _Job(work)
        group = self._group()
        if group is not None:
            group.jobs.put(job)
        else:
            self._put(job)
        return job.wait()

    def read(self, work: Work[T]) -> T:
        """Run `work`, which changes nothing, in the calling thread's transaction, and see what that changed."""
        if self._is_own_thread:
            with failures.typed_failures():
                return work(self._connected())
        return self.write(work)

    @property
    def in_transaction(self) -> bool:
        """Whether the calling thread has a transaction open."""
        return self._is_own_thread or self._group() is not None

    @property
    def others_wait(self) -> bool:
        """Whether changes of other threads wait for their turn."""
        return not self._queue.empty()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Group this thread's changes into one commit; an error leaves none of them. Inside another one: part of
        that.
        """
        if self.in_transaction:
            yield
            return
        group = _Group()
        self._put(group)
        group.started.wait()
        self._own_group.value = group
        try:
            yield
        except BaseException:
            group.keep = False
            raise
        finally:
            self._own_group.value = None
            group.jobs.put(None)
            if not group.keep:
                group.ended._done.wait()
        group.ended.wait()

    def data_version(self) -> int | None:
        """SQLite's counter of other connections' commits; the last known value while the writer is busy, None before
        one was known.
        """
        if not self._busy and self._queue.empty() and not self._closed:
            job: _Job[int] = _Job(
                lambda connection: int(bare(connection).execute("PRAGMA data_version").fetchone()[0]),
                in_transaction=False,
            )
            self._put(job)
            self._data_version = job.wait()
        return self._data_version

    def close(self) -> None:
        """Finish what is queued, bring the log into the database, close the connection."""
        with self._closing:
            already = self._closed
            self._closed = True
            if not already:
                self._queue.put(None)
        self._thread.join()

    @property
    def _is_own_thread(self) -> bool:
        return threading.get_ident() == self._thread.ident

    def _group(self) -> _Group | None:
        return cast("_Group | None", getattr(self._own_group, "value", None))

    def _put(self, item: _Job[Any] | _Group) -> None:
        # Under the lock nothing gets behind the end mark, where its caller would wait for ever.
        with self._closing:
            if self._closed:
                raise StoreError("The database is closed.", "Inkwell is ending.", "")
            self._queue.put(item)

    # The writer's thread

    def _run(self) -> None:
        while True:
            item = self._queue.get()
            if item is None:
                break
            self._busy = True
            if isinstance(item, _Group):
                self._run_group(item)
            else:
                self._run_job(item)
            if self._queue.empty():
                self._checkpoint_if_due()
        self._end()

    def _run_job(self, job: _Job[Any]) -> None:
        try:
            with failures.typed_failures():
                connection = self._connected()
                if job.in_transaction:
                    self._tell_damage()
                    with self._lock, connection.begin():
                        result = job.work(connection)
                        self._tell_given_up(connection)
                else:
                    result = job.work(connection)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for it
            self._recover()
            self._busy = False  # before its caller goes on, who may ask for `data_version` at once
            job.fail(error)
        else:
            self._busy = False
            job.finish(result)

    def _run_group(self, group: _Group) -> None:
        try:
            with failures.typed_failures():
                connection = self._connected()
                self._tell_damage()
                with self._lock, connection.begin():
                    group.started.finish(None)
                    self._fill(group, connection)
                    if not group.keep:
                        raise _GivenUpError
        except _GivenUpError:
            self._busy = False
            group.ended.finish(None)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for it
            self._recover()
            self._busy = False
            group.started.fail(error)
            group.ended.fail(error)
            group.jobs.put(None)
        else:
            self._busy = False
            group.ended.finish(None)

    def _fill(self, group: _Group, connection: Connection) -> None:
        broken: StoreError | None = None
        while (job := group.jobs.get()) is not None:
            if broken is not None:
                job.fail(broken)
                continue
            cause: BaseException | None = None
            try:
                with connection.begin_nested():
                    try:
                        result = job.work(connection)
                    except BaseException as error:
                        cause = error
                        raise
            except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for it
                cause = cause or error
                typed = failures.typed_failure(cause)
                if not bare(connection).in_transaction:
                    # SQLite gave the whole transaction up (disk full), and going back to its savepoint failed, too.
                    broken = typed = typed or StoreError("Not saved.", str(cause), "")
                job.fail(typed or cause)
            else:
                job.finish(result)
        if broken is not None:
            raise broken

    def _inside(self, work: Work[T]) -> T:
        """A change that is part of the one under way; after a failure that one goes on without it."""
        connection = self._connected()
        self._tell_given_up(connection)
        raw = bare(connection)
        raw.execute("SAVEPOINT part")  # SQLAlchemy's own savepoints cost as much as what is done inside
        try:
            result = work(connection)
        except BaseException as error:
            typed = failures.typed_failure(error)
            if raw.in_transaction:
                raw.execute("ROLLBACK TO part")
                raw.execute("RELEASE part")
            else:
                self._given_up = typed or StoreError("Not saved.", str(error), "")
            if typed is not None:
                raise typed from error
            raise
        raw.execute("RELEASE part")
        return result

    def _tell_given_up(self, connection: Connection) -> None:
        """Raise where SQLite gave up the whole transaction (disk full) while a part of it failed, which may have been
        passed over.
        """
        if bare(connection).in_transaction:
            return
        given_up, self._given_up = self._given_up, None
        raise given_up or StoreError("Not saved.", "The change was given up.", "")

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _recover(self) -> None:
        """After a failure: never go on with a connection that is left in a transaction."""
        self._given_up = None
        connection = self._connection
        if connection is None:
            return
        if connection.invalidated or connection.in_transaction() or bare(connection).in_transaction:
            self._connection = None
            connection.invalidate()
            connection.close()

    def _log_bytes(self) -> int:
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    def _checkpoint_if_due(self) -> None:
        if self._log_bytes() < self._next_checkpoint or self._connection is None:
            return
        try:
            with failures.typed_failures():
                if not self._lock.try_acquire():
                    return
                self._busy = True
                try:
                    self._checkpoint(self._connection)
                finally:
                    self._lock.release()
                    self._busy = False
        except StoreDamagedError as error:
            self._damage = error  # nobody waits for this work: the next change tells it
        except StoreError as error:
            _LOGGER.warning("the log was not brought in: %s", error.code)
        self._next_checkpoint = self._log_bytes() + _CHECKPOINT_BYTES

    def _tell_damage(self) -> None:
        """Raise, once, what was met while nobody waited."""
        damage, self._damage = self._damage, None
        if damage is not None:
            raise damage

    def _checkpoint(self, connection: Connection) -> None:
        """Copy the log into the database and empty it, as far as readers let it, without waiting for them."""
        raw = bare(connection)
        raw.execute("PRAGMA busy_timeout=0")
        try:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError:
            # A full disk or a reader in the way: the log stays as it is, complete, and is tried again later.
            return
        finally:
            raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def _end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            self._lock.close()
            return
        try:
            with failures.typed_failures(), self._lock:
                self._checkpoint(connection)
                connection.close()
        except StoreError:
            # Another program holds the lock: the log is brought in at the next start.
            connection.invalidate()
            connection.close()
        finally:
            self._engine.dispose()
            self._lock.close()
