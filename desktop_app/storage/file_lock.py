"""A lock file beside the database, held for every write transaction and checkpoint.

SQLite before 3.51.3 can corrupt a database in write-ahead mode when two connections write and checkpoint at the same
time; with this lock they never do, in whatever processes they are. A lock dies with its process.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import TracebackType

from desktop_app.storage import failures

_POLL_S = 0.004


class FileLock:
    """An exclusive lock over processes and over instances in one process. Not re-entrant; one thread at a time.

    Raises StoreLockedError from `acquire` when the lock is held elsewhere for longer than `timeout` seconds.
    """

    def __init__(self, path: Path, timeout: float = 5.0) -> None:
        self._path = path
        self._timeout = timeout
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock."""
        if not self.try_acquire():
            deadline = time.monotonic() + self._timeout
            while not self.try_acquire():
                if time.monotonic() > deadline:
                    raise failures.locked()
                time.sleep(_POLL_S)

    def try_acquire(self) -> bool:
        """Take the lock if it is free; false when it is not."""
        if self._descriptor is None:
            with failures.typed_failures():
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        return _try_lock(self._descriptor)

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            _unlock(self._descriptor)

    def close(self) -> None:
        """Release and close the file; the lock can be acquired again later."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
