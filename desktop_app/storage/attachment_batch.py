"""Files of notes that are stored together: each is on the disk for good before any gets its final name."""

from __future__ import annotations

import hashlib
import io
import os
import re
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from desktop_app.domain.errors import AttachmentTooLargeError
from desktop_app.domain.file_renaming import replace_file
from desktop_app.domain.note_attachments import Readable, StoredFile, media_type_of
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.storage import failures
from desktop_app.storage.backup import sync_folder

_SLICE = 1024 * 1024
_HASH = re.compile(r"[0-9a-f]{64}")
_HEAD = 16
_MOST_WAITING = 500
_MOST_WAITING_BYTES = 256 * 1024 * 1024
_AT_ONCE = 8
"""Files whose writing is waited for at one time: a file system writes them in one go then, where it can."""
MAKING = ".making-"
"""What the name of a file begins with that is being written."""


def path_in(folder: Path, file_hash: str) -> Path:
    """Where a file lies. Raises ValueError for what is no hash, such as a path out of a damaged row."""
    if _HASH.fullmatch(file_hash) is None:
        raise ValueError("not a sha256 in lowercase hex")
    return folder / file_hash[:2] / file_hash


class FileBatch:
    """Implements services.note_attachment_ports.FileBatch. Waiting for the disk once for many files takes a tenth of
    the time that it takes for each of them.

    Args:
        folder: where the files lie, made when first written to.
        most_bytes: of one file.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._waiting: dict[str, Path] = {}
        self._bytes = 0

    def __enter__(self) -> FileBatch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.discard()

    def put(self, source: Readable, name: str) -> StoredFile:
        """Write what `source` reads under a name of its own; `settle` gives it the final one."""
        temporary = self._folder / f"{MAKING}{os.getpid()}-{uuid.uuid4().hex}"
        with failures.typed_failures():
            if not self._folder.is_dir():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                sync_folder(self._folder.parent)
            waits = False
            try:
                file = self._write(source, temporary, name)
                if file.hash not in self._waiting and not self._freshened(file.hash):
                    self._waiting[file.hash] = temporary
                    self._bytes += file.size
                    waits = True
            finally:
                if not waits:
                    temporary.unlink(missing_ok=True)
        if len(self._waiting) >= _MOST_WAITING or self._bytes >= _MOST_WAITING_BYTES:
            self.settle()
        return file

    def put_bytes(self, data: bytes, name: str) -> StoredFile:
        """`put` for what is in memory."""
        return self.put(io.BytesIO(data), name)

    def settle(self) -> None:
        """All that was put is on the disk, whole and under its final name, or this raises and what is not is gone."""
        if not self._waiting:
            return
        try:
            with failures.typed_failures():
                _each(_sync_file, self._waiting.values())
                targets = {path_in(self._folder, file_hash): path for file_hash, path in self._waiting.items()}
                folders = {target.parent for target in targets}
                if new := [folder for folder in folders if not folder.is_dir()]:
                    for folder in new:
                        folder.mkdir(mode=0o700, exist_ok=True)
                    sync_folder(self._folder)
                for target, path in targets.items():
                    replace_file(path, target)
                _each(sync_folder, folders)
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave nothing of what was put and not settled."""
        for path in self._waiting.values():
            path.unlink(missing_ok=True)
        self._waiting, self._bytes = {}, 0

    def _write(self, source: Readable, temporary: Path, name: str) -> StoredFile:
        digest, size, head = hashlib.sha256(), 0, b""
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as target:
            while part := source.read(_SLICE):
                size += len(part)
                if size > self._most_bytes:
                    raise AttachmentTooLargeError(
                        f"“{name}” is too large.",
                        f"A file of a note may have {self._most_bytes / 1024 / 1024:,.0f} MB.",
                        "Make it smaller, or link to it where it lies.",
                    )
                digest.update(part)
                head = head or part[:_HEAD]
                target.write(part)
        bare = without_lone_surrogates(name.replace("\\", "/").rpartition("/")[2])
        if bare in ("", ".", ".."):
            bare = "file"
        return StoredFile(digest.hexdigest(), bare, media_type_of(bare, head), size)

    def _freshened(self, file_hash: str) -> bool:
        """Whether the bytes are stored already; their file is then as young as one just written, and safe as one."""
        path = path_in(self._folder, file_hash)
        try:
            os.utime(path)
        except FileNotFoundError:
            return False
        return is_whole(path)


def is_whole(path: Path) -> bool:
    """Whether a file is there and is what was stored under its name. It is read to its end."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == path.name
    except OSError:
        return False


def _each(work: Callable[[Path], None], paths: Iterable[Path]) -> None:
    """Do the work for all, several at a time. Raises what the first one raised that failed."""
    listed = list(paths)
    if len(listed) == 1:
        work(listed[0])
        return
    with ThreadPoolExecutor(min(_AT_ONCE, len(listed))) as pool:
        for _ in pool.map(work, listed):
            pass


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
