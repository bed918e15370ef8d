"""Files of notes in a folder beside the database, each under the sha256 of its bytes.

A file is written once and never changed, so the backups of the database need no copies of them: whichever backup is
restored, the files that it names lie here.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from desktop_app.domain.errors import AttachmentMissingError, StoreError
from desktop_app.domain.note_attachments import MOST_BYTES, Readable, StoredFile
from desktop_app.storage import failures
from desktop_app.storage.attachment_batch import FileBatch, is_whole, path_in


class AttachmentFiles:
    """Implements AttachmentFileStore over one folder, made when first written to."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self._most_bytes = most_bytes

    def put(self, source: Readable, name: str) -> StoredFile:
        """Store what `source` reads; the file is on the disk under its final name, whole, or nothing is."""
        with self.batch() as batch:
            file = batch.put(source, name)
            batch.settle()
        return file

    def put_bytes(self, data: bytes, name: str) -> StoredFile:
        """`put` for what is in memory."""
        return self.put(io.BytesIO(data), name)

    def batch(self) -> FileBatch:
        """For many files: they are stored when it is settled."""
        return FileBatch(self.folder, self._most_bytes)

    def read(self, file_hash: str) -> bytes:
        """The bytes, compared with their hash. Raises AttachmentMissingError where they are not what was stored."""
        try:
            with failures.typed_failures():
                data = self.path(file_hash).read_bytes()
        except StoreError as error:
            raise _missing("A file of this note cannot be read.", error.why) from error
        except ValueError as error:
            raise _missing("A file of this note cannot be read.", "Its place in the store is damaged.") from error
        if hashlib.sha256(data).hexdigest() != file_hash:
            raise _missing("A file of this note is damaged.", "It is not what was stored any more.")
        return data

    def path(self, file_hash: str) -> Path:
        """Where the file lies. Raises ValueError for what is no hash, such as a path out of a damaged row."""
        return path_in(self.folder, file_hash)

    def is_whole(self, file_hash: str) -> bool:
        """Whether the file is there and is what was stored. It is read to its end."""
        try:
            return is_whole(self.path(file_hash))
        except ValueError:
            return False


def _missing(what: str, why: str) -> AttachmentMissingError:
    return AttachmentMissingError(what, why, "Add it to the note again, or import the note again.")
