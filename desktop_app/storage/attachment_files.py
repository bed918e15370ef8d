"""Files of notes in a folder beside the database, each under the sha256 of its bytes.

A file is written once and never changed, so the backups of the database need no copies of them: whichever backup is
restored, the files that it names lie here.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import uuid
from pathlib import Path
from typing import BinaryIO

from desktop_app.domain.errors import AttachmentMissingError, AttachmentTooLargeError, StoreError
from desktop_app.domain.note_attachments import MOST_BYTES, StoredFile, media_type_of
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.storage import failures
from desktop_app.storage.backup import sync_folder

_SLICE = 1024 * 1024
_HASH = re.compile(r"[0-9a-f]{64}")
_HEAD = 16
MAKING = ".making-"
"""What the name of a file begins with that is being written."""


class AttachmentFiles:
    """Implements AttachmentFileStore over one folder, made when first written to."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self._most_bytes = most_bytes

    def put(self, source: BinaryIO, name: str) -> StoredFile:
        """Store what `source` reads; the file is on the disk under its final name, whole, or nothing is."""
        temporary = self.folder / f"{MAKING}{os.getpid()}-{uuid.uuid4().hex}"
        with failures.typed_failures():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                file = self._write(source, temporary, name)
                if not self._freshened(file):
                    self._into_place(temporary, file)
            finally:
                temporary.unlink(missing_ok=True)
        return file

    def put_bytes(self, data: bytes, name: str) -> StoredFile:
        """`put` for what is in memory."""
        return self.put(io.BytesIO(data), name)

    def read(self, file_hash: str) -> bytes:
        """The bytes, compared with their hash."""
        try:
            with failures.typed_failures():
                data = self.path(file_hash).read_bytes()
        except StoreError as error:
            raise _missing("A file of this note cannot be read.", error.why) from error
        if hashlib.sha256(data).hexdigest() != file_hash:
            raise _missing("A file of this note is damaged.", "It is not what was stored any more.")
        return data

    def path(self, file_hash: str) -> Path:
        """Where the file lies. Raises ValueError for what is no hash, such as a path out of a damaged row."""
        if _HASH.fullmatch(file_hash) is None:
            raise ValueError("not a sha256 in lowercase hex")
        return self.folder / file_hash[:2] / file_hash

    def is_whole(self, file_hash: str) -> bool:
        """Whether the file is there and is what was stored. It is read to its end."""
        try:
            with open(self.path(file_hash), "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == file_hash
        except (OSError, ValueError):
            return False

    def _write(self, source: BinaryIO, temporary: Path, name: str) -> StoredFile:
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
            target.flush()
            os.fsync(target.fileno())
        bare = without_lone_surrogates(name.replace("\\", "/").rpartition("/")[2])
        if bare in ("", ".", ".."):
            bare = "file"
        return StoredFile(digest.hexdigest(), bare, media_type_of(bare, head), size)

    def _freshened(self, file: StoredFile) -> bool:
        """Whether the bytes are stored already; their file is then as young as one just written, and safe as one."""
        try:
            os.utime(self.path(file.hash))
        except FileNotFoundError:
            return False
        return self.is_whole(file.hash)

    def _into_place(self, temporary: Path, file: StoredFile) -> None:
        path = self.path(file.hash)
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self.folder)
        os.replace(temporary, path)
        sync_folder(path.parent)


def _missing(what: str, why: str) -> AttachmentMissingError:
    return AttachmentMissingError(what, why, "Add it to the note again, or import the note again.")
