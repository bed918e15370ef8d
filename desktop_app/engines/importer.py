"""Reads a stranger's file to text in a process of its own, which is thrown away after that one file."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
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
from desktop_app.domain.foreign_notes import ForeignFile, ForeignNote
from desktop_app.domain.note_attachments import MOST_BYTES, StoredFile
from desktop_app.domain.notes import ImportFailure
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import Request, RequestTable
from desktop_app.engines.worker_process import WorkerProcess
from desktop_app.protocol.framing import Message
from desktop_app.protocol.import_messages import (
    MOST_ATTACHED_BYTES,
    MOST_ATTACHMENTS,
    MOST_MEMORY,
    MOST_NOTES,
    MOST_SECONDS,
    MOST_TEXT_BYTES,
    AttachmentPart,
    AttachmentRead,
    FileRead,
    ImportFromWorker,
    MemberRemark,
    NoteRead,
    NotesRead,
    PartsRead,
    ReadFile,
    ReadHtml,
    ReadNotes,
    TextPart,
)

TITLE = "file reader"
_LOOK_SECONDS = 0.1
"""How often time, memory and the person's wish to stop are looked at."""
_NICENESS = 5
_TODO = "Attach a smaller file, or only the part that matters."


class ImportProcess:
    """Implements services.attachment_ports.ImporterPort, services.import_ports.NoteReader and HtmlReader.

    Thread-safe; each file has a process of its own.

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
        with self._reader(cancel) as reader:
            reader.ask(lambda request_id: ReadFile(request_id, os.fsencode(path.absolute())))
            return reader.text(progress)

    def read_notes(
        self,
        path: Path,
        cancel: CancelToken,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
        keep: Callable[[bytes, str], StoredFile] | None = None,
    ) -> ForeignFile:
        """The notes in the file at `path`; `progress` gets (parts read, parts). Blocks and raises as `read` does: then
        the file gave nothing. `keep` stores each picture or other file that a note names; without it none is taken.
        """
        with self._reader(cancel) as reader:
            wanted = keep is not None
            reader.ask(lambda request_id: ReadNotes(request_id, os.fsencode(path.absolute()), wanted))
            return reader.notes(progress, keep)

    def read_html(self, html: str, cancel: CancelToken) -> str:
        """HTML as Markdown. Blocks and raises as `read` does."""
        with self._reader(cancel) as reader:
            reader.ask(lambda request_id: ReadHtml(request_id, html))
            return reader.text(lambda _done, _total: None).text

    @contextmanager
    def _reader(self, cancel: CancelToken) -> Iterator[_Reader]:
        """A process for one file, ended at the end."""
        requests = RequestTable(FileRead, NotesRead)
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
                    yield _Reader(process, request, cancel, self._most_seconds, self._most_memory)
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


class _Reader:
    """One file's process at work, watched by clock and memory."""

    def __init__(
        self, process: WorkerProcess, request: Request, cancel: CancelToken, most_seconds: float, most_memory: int
    ) -> None:
        self._process = process
        self._request = request
        self._cancel = cancel
        self._most_seconds = most_seconds
        self._memory = _MemoryWatch(process, most_memory)
        self._parts: list[str] = []
        self._size = 0

    def ask(self, message: Callable[[int], Message]) -> None:
        """Send the request's message, made of its id."""
        self._process.send(message(self._request.id))

    def text(self, progress: Callable[[int, int], None]) -> ImportedText:
        """All the text, once it came."""
        for message in self._messages(progress):
            if isinstance(message, FileRead):
                return ImportedText(self._taken(), FileFormat(message.format), message.size, message.remark)
        raise AssertionError("messages end with the last one or an error")

    def notes(
        self, progress: Callable[[int, int], None], keep: Callable[[bytes, str], StoredFile] | None
    ) -> ForeignFile:
        """All the notes, once they came."""
        attached = _AttachedFiles(keep)
        notes: list[ForeignNote] = []
        failed: list[ImportFailure] = []
        remarks: list[ImportFailure] = []
        for message in self._messages(progress):
            if isinstance(message, NoteRead):
                notes.append(_note(message, self._taken()))
                self._count(message.front_matter)
            elif isinstance(message, AttachmentPart | AttachmentRead):
                attached.take(message)
            elif isinstance(message, MemberRemark):
                (failed if message.failed else remarks).append(ImportFailure(message.member, message.reason))
            elif isinstance(message, NotesRead):
                skipped, names = message.skipped_attachments, message.not_taken
                return ForeignFile(tuple(notes), tuple(failed), tuple(remarks), skipped, attached.files, names)
            if len(notes) + len(failed) + len(remarks) > MOST_NOTES:
                raise ImportLimitError("The file has too many notes.", f"{MOST_NOTES:,} are read at most.", "")
        raise AssertionError("messages end with the last one or an error")

    def _messages(self, progress: Callable[[int, int], None]) -> Iterator[Message]:
        deadline = time.monotonic() + self._most_seconds
        while True:
            self._cancel.raise_if_cancelled()  # leaving ends the process
            if time.monotonic() > deadline:
                raise ImportLimitError(
                    "The file takes too long to be read.", f"It was given {self._most_seconds:.0f} seconds.", _TODO
                )
            self._memory.look()
            message = _next(self._request)
            if isinstance(message, TextPart):
                self._parts.append(message.text)
                self._count(message.text)
            elif isinstance(message, PartsRead):
                progress(message.done, message.total)
            elif message is not None:
                yield message

    def _count(self, text: str) -> None:
        self._size += len(text.encode("utf-8", "surrogatepass"))
        if self._size > MOST_TEXT_BYTES:
            raise ImportLimitError("The file has too much text.", "", _TODO)

    def _taken(self) -> str:
        text = "".join(self._parts)
        self._parts = []
        return text


class _AttachedFiles:
    """Puts the parts of files together and stores each as soon as it is whole."""

    def __init__(self, keep: Callable[[bytes, str], StoredFile] | None) -> None:
        self.files: dict[str, StoredFile] = {}
        self._keep = keep
        self._parts: list[bytes] = []
        self._size = 0
        self._total = 0

    def take(self, message: AttachmentPart | AttachmentRead) -> None:
        """The next part, or the end of a file. Raises ImportLimitError for more than was agreed on, StoreError."""
        if isinstance(message, AttachmentPart):
            self._parts.append(message.data)
            self._size += len(message.data)
            self._total += len(message.data)
            if self._size > MOST_BYTES or self._total > MOST_ATTACHED_BYTES:
                raise ImportLimitError("The file has too large attachments.", "", "")
            return
        if self._keep is None or len(self.files) >= MOST_ATTACHMENTS:
            raise ImportLimitError("The file has too many attachments.", "", "")
        self.files[message.key] = self._keep(b"".join(self._parts), message.name)
        self._parts, self._size = [], 0


def _note(message: NoteRead, text: str) -> ForeignNote:
    return ForeignNote(
        member=message.member,
        title=message.title,
        text=text,
        folder=message.folder,
        tags=message.tags,
        front_matter=message.front_matter,
        hash=message.hash,
        created=_moment(message.created),
        edited=_moment(message.edited),
        attachments=message.attachments,
    )


def _moment(seconds: float | None) -> datetime | None:
    """The time; None for one that no calendar has."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


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
        process = psutil.Process(pid)
        # In a virtual environment on Windows python.exe does nothing but start the real one.
        parts = [process, *process.children(recursive=True)] if os.name == "nt" else [process]
        return sum(int(one.memory_info().rss) for one in parts)
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
