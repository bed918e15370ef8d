"""One window for one data folder: the first holds a lock, a second asks the first to come to the front and ends."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from desktop_app.app.paths import DataPaths

if TYPE_CHECKING:  # imported where they are used: a first start needs the lock at once and the listener later
    from multiprocessing.connection import Connection, Listener

_log = logging.getLogger(__name__)
_LOCK_NAME = ".window.lock"
_LOCK_OFFSET = 1 << 20  # far behind the file's text: on Windows a locked byte cannot be read
_LARGEST_MESSAGE = 65_536
_STARTING_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.05
_LONGEST_SOCKET_PATH = 100  # of 104 (macOS) to 108 (Linux) bytes

Message = dict[str, Any]


class Claim(Enum):
    """What became of a claim to a data folder."""

    FIRST = "first"
    NOTIFIED = "notified"
    REFUSED = "refused"  # another process has it and does not answer


class SingleInstance:
    """The lock on a data folder and the door a second start knocks at.

    The lock is the operating system's, on an open file: it goes with the process, however that ends. The file's text
    says where the first one listens, and the key a caller must know; only the owner can read it. While the first one
    starts it is empty, and a caller waits.
    """

    def __init__(self, paths: DataPaths) -> None:
        self._paths = paths
        self._lock_file: IO[bytes] | None = None
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    def acquire(self) -> bool:
        """Take the lock; false where another process has it. Raises OSError where no lock file can be made."""
        file = self._open_lock_file()
        if not _lock(file):
            file.close()
            return False
        file.truncate(0)  # not where the file stands: that is behind the locked byte on Windows
        self._lock_file = file
        return True

    def acquire_or_notify(self, message: Message) -> Claim:
        """Take the lock, or hand `message` to the process that has it. One that is about to end is waited for."""
        latest = time.monotonic() + _STARTING_SECONDS
        while True:
            if self.acquire():
                return Claim.FIRST
            text = self._lock_path().read_bytes()
            if text and self.notify_first(message):
                return Claim.NOTIFIED
            time.sleep(_LOOK_AGAIN_SECONDS)
            if time.monotonic() > latest or (text and text == self._lock_path().read_bytes()):
                return Claim.FIRST if self.acquire() else Claim.REFUSED

    def serve(self, on_message: Callable[[Message], None]) -> None:
        """Listen for second starts; `on_message` is called in a thread of its own. Needs the lock."""
        if self._lock_file is None:
            raise RuntimeError("serve() without the lock")
        from multiprocessing.connection import Listener

        address, key = self._new_address(), secrets.token_hex(16)
        if sys.platform != "win32":
            Path(address).unlink(missing_ok=True)  # left by a first one that was killed
        self._listener = Listener(address, authkey=key.encode())
        self._lock_file.seek(0)
        self._lock_file.truncate()
        self._lock_file.write(json.dumps({"address": address, "key": key}).encode())
        self._lock_file.flush()
        self._thread = threading.Thread(
            target=self._answer, args=(self._listener, on_message), name="single-instance", daemon=True
        )
        self._thread.start()

    def notify_first(self, message: Message) -> bool:
        """Hand `message` to the process that holds the lock; false where it does not answer."""
        from multiprocessing import AuthenticationError
        from multiprocessing.connection import Client

        try:
            spoken = json.loads(self._text_of_first())
            with Client(spoken["address"], authkey=spoken["key"].encode()) as connection:
                connection.send_bytes(json.dumps(message).encode())
                return bool(connection.poll(3.0)) and connection.recv_bytes(16) == b"ok"
        except (OSError, EOFError, ValueError, KeyError, TypeError, AuthenticationError) as error:
            _log.warning("the first window does not answer: %s", type(error).__name__)
            return False

    def stop_serving(self) -> None:
        """Answer nobody any more, since this process is about to end: a second start waits for the lock."""
        listener, self._listener = self._listener, None
        if listener is not None and self._thread is not None:
            self.notify_first({"close": os.getpid()})  # brings the thread back from `accept`
            self._thread.join(timeout=2.0)
            listener.close()
        if self._lock_file is not None:
            self._lock_file.truncate(0)

    def close(self) -> None:
        """Stop listening and give the lock back."""
        self.stop_serving()
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def _answer(self, listener: Listener, on_message: Callable[[Message], None]) -> None:
        from multiprocessing import AuthenticationError

        while self._listener is listener:
            try:
                with listener.accept() as connection:
                    message = _received(connection)
            except (OSError, EOFError, ValueError, AuthenticationError) as error:
                if self._listener is listener:
                    _log.warning("a knock that was not understood: %s", type(error).__name__)
                continue
            if message is not None and "close" not in message:
                on_message(message)

    def _text_of_first(self) -> bytes:
        """What the first one wrote; empty where it did not get to that in time."""
        latest = time.monotonic() + _STARTING_SECONDS
        while not (text := self._lock_path().read_bytes()) and time.monotonic() < latest:
            time.sleep(_LOOK_AGAIN_SECONDS)
        return text

    def _lock_path(self) -> Path:
        """In the data folder, so that every way to it meets the same lock; beside the socket where that cannot be."""
        writable = os.access(self._paths.data, os.W_OK)
        return (self._paths.data if writable else self._paths.runtime) / _LOCK_NAME

    def _open_lock_file(self) -> IO[bytes]:
        descriptor = os.open(self._lock_path(), os.O_RDWR | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "r+b")

    def _new_address(self) -> str:
        name = hashlib.sha256(str(self._paths.data).encode()).hexdigest()[:12]
        if sys.platform == "win32":
            return rf"\\.\pipe\inkwell-{name}"
        path = self._paths.runtime / f"{name}.sock"
        if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
            folder = Path(tempfile.gettempdir()) / f"inkwell-{os.getuid()}"
            folder.mkdir(mode=0o700, exist_ok=True)
            if folder.stat().st_uid != os.getuid() or folder.is_symlink():
                raise PermissionError(f"{folder} belongs to someone else")
            path = folder / f"{name}.sock"
        return str(path)


def _received(connection: Connection) -> Message | None:
    if not connection.poll(3.0):
        return None
    message = json.loads(connection.recv_bytes(_LARGEST_MESSAGE))
    connection.send_bytes(b"ok")
    return message if isinstance(message, dict) else None


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_LOCK_OFFSET)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
