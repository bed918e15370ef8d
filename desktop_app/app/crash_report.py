"""What is kept of a failure nobody expected: kind and place, versions, and nothing the person wrote."""

from __future__ import annotations

import faulthandler
import logging
import os
import platform
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from desktop_app import __version__
from desktop_app.domain.errors import InkwellError

_log = logging.getLogger(__name__)
_KEPT_REPORTS = 20


def describe_failure(error: BaseException) -> str:
    """Kind, place and causes of an exception, without its text.

    Texts of exceptions may quote a note or a question; the system's own words for an OSError and the code of our own
    errors cannot.
    """
    parts = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        place = "".join(traceback.format_list(traceback.extract_tb(current.__traceback__)))
        parts.append(f"{place}{type(current).__module__}.{type(current).__qualname__}{_safe_words(current)}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\ncaused by:\n".join(parts)


def _safe_words(error: BaseException) -> str:
    if isinstance(error, InkwellError):
        return f": {error.code}"
    if isinstance(error, OSError) and error.errno is not None:
        return f": [{error.errno}] {os.strerror(error.errno)}"
    return ""


class CrashReports:
    """Writes a report for each unexpected exception and for crashes below Python.

    Args:
        folder: where reports go (0700, made when needed).
        tell: called with the report's path, in the thread that failed; None where nobody is to be told.
    """

    def __init__(self, folder: Path, tell: Callable[[Path], None] | None = None) -> None:
        self._folder = folder
        self._tell = tell
        self._native: IO[str] | None = None
        self._before = (sys.excepthook, threading.excepthook)

    def install(self) -> None:
        """Take over the hooks for uncaught exceptions, and let fatal signals leave a traceback."""
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread
        try:
            self._native = self._open("native-crash.txt", "a")
        except OSError as error:
            _log.warning("no file for native crashes: %s", error.strerror)
            return
        faulthandler.enable(self._native)

    def uninstall(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._before
        if self._native is not None:
            faulthandler.disable()
            self._native.close()
            self._native = None

    def write(self, error: BaseException) -> Path | None:
        """Write one report; None where even that fails, which the log then says."""
        _log.error("unexpected failure", exc_info=error)
        name = f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
        try:
            with self._open(name, "a") as file:
                file.write(f"{_versions()}\n\n{describe_failure(error)}\n")
            self._thin()
        except OSError as problem:
            _log.warning("no crash report: %s", problem.strerror)
            return None
        return self._folder / name

    def _open(self, name: str, mode: str) -> IO[str]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open(  # the caller closes it
            self._folder / name, mode, encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)
        )

    def _thin(self) -> None:
        reports = sorted(self._folder.glob("crash-*.txt"))
        for old in reports[:-_KEPT_REPORTS]:
            old.unlink(missing_ok=True)

    def _uncaught(self, _kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            self._before[0](_kind, error, place)
            return
        path = self.write(error)
        if path is not None and self._tell is not None:
            self._tell(path)

    def _uncaught_in_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
            self._uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


def _versions() -> str:
    return (
        f"Inkwell {__version__}\nPython {platform.python_version()}\n"
        f"{platform.system()} {platform.release()} {platform.machine()}\n{time.strftime('%Y-%m-%d %H:%M:%S %z')}"
    )
