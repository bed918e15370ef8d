"""Pictures and other files of notes: put in, named, and found again."""

from __future__ import annotations

import io
import os
import shutil
import stat
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from desktop_app.domain.errors import DiskFullError, ExportError, ImportFileError, system_reason
from desktop_app.domain.file_renaming import replace_file
from desktop_app.domain.folders import safe_file_name
from desktop_app.domain.note_attachments import NoteAttachment, StoredFile, embedding, may_be_opened
from desktop_app.services.note_attachment_ports import AttachmentFileStore, FilesElsewhere, NoteAttachmentStore

_COPIES_STAY_S = 24 * 3600


class AddedAttachment(msgspec.Struct, frozen=True):
    """A file that a note has now. `markdown` is what its text has to say to show or name it; `name` is its name there,
    which may differ from the file's own where another file has that already.
    """

    file: StoredFile
    name: str
    markdown: str


class NoteAttachmentService:
    """What screens do with the files of notes. The texts say where they are shown; here only the names are known."""

    def __init__(
        self,
        attachments: NoteAttachmentStore,
        files: AttachmentFileStore,
        opened: Path | None = None,
        elsewhere: FilesElsewhere | None = None,
    ) -> None:
        """`opened` is a folder for copies that other programs show; without it nothing can be opened. `elsewhere` knows
        the files that lie beside linked notes, which go before those that are kept here.
        """
        self._attachments = attachments
        self._files = files
        self._opened = opened
        self._elsewhere = elsewhere

    def add_file(self, note_id: int, path: Path) -> AddedAttachment:
        """Keep a copy of a file for a note; its text is not touched.

        Raises ImportFileError where it cannot be read, AttachmentTooLargeError, NotFoundError, DiskFullError,
        StoreError and its kin.
        """
        try:
            # Not blocking: opening a pipe must not wait for somebody to write into it.
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
            with os.fdopen(descriptor, "rb") as source:
                if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
                    raise ImportFileError(f"“{path.name}” was not added.", "It is not an ordinary file.")
                return self._add(note_id, source, path.name)
        except OSError as error:
            raise ImportFileError(f"“{path.name}” was not added.", system_reason(error), "Choose another.") from error

    def add_bytes(self, note_id: int, data: bytes, name: str) -> AddedAttachment:
        """Keep what was pasted for a note. Raises as `add_file` does."""
        return self._add(note_id, io.BytesIO(data), name)

    def of_note(self, note_id: int) -> list[NoteAttachment]:
        """All files that the note ever named."""
        return self._attachments.of_note(note_id)

    def resolve(self, note_id: int | None, targets: Sequence[str]) -> dict[str, StoredFile]:
        """The file that each name means in a note; those that mean none are left out."""
        found = self._attachments.resolve(note_id, targets)
        if note_id is not None and self._elsewhere is not None:
            found |= self._elsewhere.find(note_id, targets)
        return found

    def read(self, file: StoredFile) -> bytes:
        """A file's bytes. Raises AttachmentMissingError."""
        return self._bytes(file.hash)

    def copy_to_open(self, file: StoredFile) -> Path:
        """A read-only copy under the file's own name, for another program to show. It is gone after a day.

        Raises AttachmentMissingError, and ExportError where there is no room for it or its kind may not be opened.
        """
        if self._opened is None or not may_be_opened(file.name):
            raise ExportError(f"“{file.name}” was not opened.", "A file of this kind could run.", "Save a copy.")
        self._remove_old_copies(self._opened)
        path = self._opened / file.hash[:16] / _clean(file.name)
        if not path.is_file():
            _write(path, self._bytes(file.hash), 0o400)
        return path

    def save_copy(self, file: StoredFile, path: Path) -> None:
        """Write a file's bytes to `path`, in place of what is there. Raises AttachmentMissingError, ExportError."""
        _write(path, self._bytes(file.hash), 0o600)

    def _bytes(self, file_hash: str) -> bytes:
        data = self._elsewhere.read(file_hash) if self._elsewhere is not None else None
        return self._files.read(file_hash) if data is None else data

    def _remove_old_copies(self, folder: Path) -> None:
        for each in folder.iterdir() if folder.is_dir() else ():
            if each.stat().st_mtime < time.time() - _COPIES_STAY_S:
                _remove_read_only(each)

    def _add(self, note_id: int, source: BinaryIO, name: str) -> AddedAttachment:
        try:
            file = self._files.put(source, _clean(name))
            free = self._free_name(note_id, file)
            self._attachments.attach(note_id, free, file)
        except DiskFullError as error:
            raise DiskFullError(
                f"“{name}” was not added: the disk is full.",
                "There is no space left where Inkwell keeps its data. The note is as it was.",
                "Free some space, then add the file again.",
            ) from error
        return AddedAttachment(file, free, embedding(free, file.media_type))

    def _free_name(self, note_id: int, file: StoredFile) -> str:
        """The file's name, with a number where another file has it: one name means the same in all notes."""
        name, count = file.name, 1
        stem, dot, suffix = file.name.rpartition(".")
        while self._attachments.is_name_used(name):
            meant = self._attachments.resolve(note_id, [name]).get(name)
            if meant is not None and meant.hash == file.hash:
                return name
            count += 1
            name = f"{stem} ({count}){dot}{suffix}" if dot and stem else f"{file.name} ({count})"
        return name


def _remove_read_only(folder: Path) -> None:
    with suppress(OSError):
        for copy in folder.iterdir():
            copy.chmod(0o600)  # Windows deletes no file that may only be read
    shutil.rmtree(folder, ignore_errors=True)


def _write(path: Path, data: bytes, mode: int) -> None:
    temporary = path.with_name(f".making-{os.getpid()}-{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(temporary, flags, mode), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            replace_file(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ExportError(f"“{path.name}” was not written.", system_reason(error), "Choose another place.") from error


def _clean(name: str) -> str:
    """A file's name as texts can say it."""
    stem, dot, suffix = name.replace("[", "(").replace("]", ")").replace("#", " ").rpartition(".")
    if not dot or not stem or len(suffix) > 10:
        return safe_file_name(name, "file")
    return f"{safe_file_name(stem, 'file')}.{safe_file_name(suffix, 'file')}"
