"""Reads a stranger's file to text in a process of its own, which is thrown away after that one file."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from desktop_app.domain.attachments import FileFormat, ImportedText
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import (
    CancelledError,
    ImportFileError,
    ImportLimitError,
    InkwellError,
    OutOfMemoryError,
    WorkerError,
)
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import Request, RequestTable
from desktop_app.engines.worker_process import WorkerProcess
from desktop_app.protocol.framing import Message
from desktop_app.protocol.import_messages import (
    MOST_MEMORY,
    MOST_SECONDS,
    MOST_TEXT_BYTES,
    FileRead,
    ImportFromWorker,
    PartsRead,
    ReadFile,
    TextPart,
)

TITLE = "file reader"
_LOOK_SECONDS = 0.1
"""How often time, memory and the person's wish to stop are looked at."""
_NICENESS = 5
_TODO = "Attach a smaller file, or only the part that matters."


class ImportProcess:
    """Implements services.attachment_ports.ImporterPort. Thread-safe; each file has a process of its own.

    Args:
        launcher: starts the processes.
        worker: name of the worker.
        most_seconds: how long one file may take before its process is ended.
        most_memory: bytes of resident memory its process may have; the worker limits itself where the system can.
    """

    def __init__(
        self,
        launcher: WorkerLauncher,
        *,
        worker: str = "import",
        most_seconds: float = MOST_SECONDS,
        most_memory: int = MOST_MEMORY,
    ) -> None:
        self._launcher = launcher
        self._worker = worker
        self._most_seconds = most_seconds
        self._most_memory = most_memory
        self._lock = threading.Lock()
        self._running: set[WorkerProcess] = set()
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the readers at work."""
        with self._lock:
            return tuple(process.pid for process in self._running if process.pid is not None)

    def read(
        self, path: Path, cancel: CancelToken, progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> ImportedText:
        """The text of the file at `path`; `progress` gets (pages read, pages). Blocks for at most `most_seconds`.

        Raises ImportFileError (no text, damaged, locked), ImportLimitError (too large, too slow, a bomb), NoTextError,
        WorkerError where no process starts, and CancelledError: the process is ended at once.
        """
        requests = RequestTable(FileRead)
        process = WorkerProcess(
            self._worker,
            TITLE,
            self._launcher,
            ImportFromWorker,
            on_message=requests.deliver,
            on_end=lambda error: requests.fail_all(error or CancelledError("Stopped.")),
            niceness=_NICENESS,
        )
        with self._lock:
            if self._closed:
                raise CancelledError("Inkwell is closing.")
            self._running.add(process)
        try:
            process.start(cancel)
            try:
                with requests.new() as request:
                    process.send(ReadFile(request.id, os.fsencode(path.absolute())))
                    return self._collect(process, request, cancel, progress)
            except (WorkerError, OutOfMemoryError) as error:
                raise _of_the_file(error) from error
        finally:
            process.kill()
            process.stop()
            with self._lock:
                self._running.discard(process)

    def close(self) -> None:
        """End the readers at work, for good (program exit)."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            process.kill()

    def _collect(
        self, process: WorkerProcess, request: Request, cancel: CancelToken, progress: Callable[[int, int], None]
    ) -> ImportedText:
        deadline = time.monotonic() + self._most_seconds
        memory = _MemoryWatch(process, self._most_memory)
        parts: list[str] = []
        size = 0
        while True:
            cancel.raise_if_cancelled()  # leaving ends the process
            if time.monotonic() > deadline:
                raise ImportLimitError(
                    "The file takes too long to be read.", f"It was given {self._most_seconds:.0f} seconds.", _TODO
                )
            memory.look()
            message = _next(request)
            if isinstance(message, TextPart):
                parts.append(message.text)
                size += len(message.text.encode("utf-8", "surrogatepass"))
                if size > MOST_TEXT_BYTES:
                    raise ImportLimitError("The file has too much text.", "", _TODO)
            elif isinstance(message, PartsRead):
                progress(message.done, message.total)
            elif isinstance(message, FileRead):
                return ImportedText("".join(parts), FileFormat(message.format), message.size, message.remark)


class _MemoryWatch:
    """Looks at the resident memory of a process from outside: not every system lets a process limit itself."""

    def __init__(self, process: WorkerProcess, most: int) -> None:
        self._pid = process.pid
        self._most = most
        self._next = 0.0

    def look(self) -> None:
        """Raise ImportLimitError where it has more than it may."""
        now = time.monotonic()
        if self._pid is None or now < self._next:
            return
        self._next = now + _LOOK_SECONDS
        if _resident_bytes(self._pid) > self._most:
            raise ImportLimitError(
                "The file needs too much memory to be read.", f"It is given {self._most // 1024**2:,} MB.", _TODO
            )


def _resident_bytes(pid: int) -> int:
    import psutil  # type: ignore[import-untyped]

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0  # it is gone, and its end is told elsewhere


def _next(request: Request) -> Message | None:
    try:
        return request.next_message(timeout=_LOOK_SECONDS)
    except queue.Empty:
        return None


def _of_the_file(error: InkwellError) -> InkwellError:
    """What the end of the process means for the file it was reading."""
    if isinstance(error, OutOfMemoryError):
        return ImportLimitError(
            "The file needs too much memory to be read.", f"It is given {MOST_MEMORY // 1024**2:,} MB.", _TODO
        )
    return ImportFileError(
        "The file could not be read: its reader stopped.",
        "The file may be damaged, or made to do harm. Nothing else was affected.",
        "Attach another copy of it, or paste its text.",
    )
