"""Pictures and other files that lie beside imported notes: found as the texts name them, inside the import only."""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from collections.abc import Iterable, Mapping
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from desktop_app.domain.errors import AttachmentTooLargeError
from desktop_app.domain.note_attachments import StoredFile, find_references, reference_key, tail_key
from desktop_app.domain.note_file import EXTENSIONS
from desktop_app.domain.notes import ImportFailure
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.services.import_files import FoundFile, PassedOver, shown_path
from desktop_app.services.note_attachment_ports import AttachmentFileStore, FileBatch, NoteAttachmentStore


class ImportedAttachments:
    """Keeps the files that notes of one import name.

    Attributes:
        failed: files that could not be kept, and why.
    """

    def __init__(
        self, attachments: NoteAttachmentStore, files: AttachmentFileStore, found: Iterable[FoundFile | PassedOver]
    ) -> None:
        self._attachments = attachments
        self._files = files.batch()
        self._paths: dict[str, Path] = {}
        self._by_tail: dict[str, list[str]] = {}
        self._kept: dict[Path, StoredFile | None] = {}
        self._hashes: set[str] = set()
        self._there: set[Path] = set()
        self._digests: dict[Path, str] = {}
        self.failed: list[ImportFailure] = []
        for one in found:
            if one.path.suffix.lower() not in EXTENSIONS:
                key = reference_key(without_lone_surrogates(one.relative_path))
                self._paths.setdefault(key, one.path)
                self._by_tail.setdefault(tail_key(key), []).append(key)

    @property
    def count(self) -> int:
        """How many different files were kept."""
        return len(self._hashes)

    def was_taken(self, path: Path) -> bool:
        """Whether the file is a note's, by this import or an earlier one."""
        return self._kept.get(path) is not None or path in self._there

    def of_text(self, text: str, beside: FoundFile, note_id: int | None = None) -> dict[str, StoredFile]:
        """The files that a text names, stored, by their names in it. Those that the note `note_id` has already, and
        that did not change, are left out.
        """
        references = {reference_key(one.target) for one in find_references(text)}
        if not references:
            return {}
        own = {} if note_id is None else {each.target: each.file for each in self._attachments.of_note(note_id)}
        found: dict[str, StoredFile] = {}
        for key in sorted(references):
            path = self._find(key, beside)
            if path is None:
                continue
            if key in own and self._is_unchanged(path, own[key]):
                self._there.add(path)
                continue
            if (file := self._keep(path)) is not None:
                found[key] = file
        return found

    def count_more(self, files: Iterable[StoredFile]) -> None:
        """These are committed."""
        self._hashes.update(file.hash for file in files)

    def settle(self) -> None:
        """All files found so far are on the disk: notes that name them may be committed. Raises StoreError."""
        self._files.settle()

    def close(self) -> None:
        """Nothing more is committed: what was found for notes that did not come in goes."""
        self._files.discard()

    def keep_bytes(self, data: bytes, name: str) -> StoredFile:
        """Store a file that came out of another, with the others. Raises StoreError."""
        return self._files.put_bytes(data, name)

    def attach(self, note_id: int, files: Mapping[str, StoredFile]) -> None:
        """From now on these names mean these files in the note; joins the transaction that is open."""
        if files:
            self._attachments.attach_all(note_id, files)

    def _find(self, key: str, note: FoundFile) -> Path | None:
        if note.named:
            return _inside(note.path.parent, key)
        folder = posixpath.dirname(reference_key(shown_path(note)))
        for path in (posixpath.normpath(posixpath.join(folder, key)), posixpath.normpath(key.lstrip("/"))):
            if path in self._paths:
                return self._paths[path]
        same = self._by_tail.get(tail_key(key), [])
        if "/" in key:
            same = [path for path in same if path.endswith(f"/{key}")]
        near = min(same, key=lambda path: (not path.startswith(f"{folder}/"), path.count("/"), path), default=None)
        return None if near is None else self._paths[near]

    def _is_unchanged(self, path: Path, known: StoredFile) -> bool:
        """Whether the file has the bytes that are known; False, too, where it cannot be read, which `_keep` tells."""
        if _size(path) != known.size:
            return False
        if path not in self._digests:
            try:
                with _opened(path) as source:
                    self._digests[path] = hashlib.file_digest(source, "sha256").hexdigest()
            except (OSError, ValueError):
                return False
        return self._digests[path] == known.hash

    def _keep(self, path: Path) -> StoredFile | None:
        if path not in self._kept:
            self._kept[path] = None
            try:
                self._kept[path] = _stored(path, self._files)
            except AttachmentTooLargeError as error:
                self._fail(path, f"{error.what} {error.why}")
            except OSError as error:
                self._fail(path, f"It cannot be read: {error.strerror}.")
            except (_UnreadableError, ValueError) as error:
                self._fail(path, str(error))
        return self._kept[path]

    def _fail(self, path: Path, reason: str) -> None:
        self.failed.append(ImportFailure(without_lone_surrogates(str(path)), reason))


class _UnreadableError(Exception):
    """A file cannot be read to its end: no failure of the store."""


class _Source:
    """A file whose faults are told apart from those of the disk that it is copied to."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        try:
            return self._file.read(size)
        except OSError as error:
            raise _UnreadableError(f"It cannot be read: {error.strerror}.") from error


def _stored(path: Path, files: FileBatch) -> StoredFile:
    """Store a file. Raises OSError and _UnreadableError where it cannot be read, ValueError where it is none."""
    with _opened(path) as source:
        return files.put(_Source(source), path.name)


def _opened(path: Path) -> BufferedReader:
    """An ordinary file, none behind a link. Raises OSError, ValueError."""
    descriptor = os.open(
        path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    )
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError("It is not an ordinary file.")
    return os.fdopen(descriptor, "rb")


def _inside(folder: Path, key: str) -> Path | None:
    """A file named by a note that was chosen alone; only below the note's own folder, no link leads out of it."""
    path = Path(os.path.normpath(folder / key))
    if path.suffix.lower() in EXTENSIONS or not path.is_relative_to(folder):
        return None
    try:
        real = path.resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        return None
    return real if real.is_relative_to(folder.resolve()) and real.is_file() else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
