"""What the pictures and other files of notes need from the outside; as `ports`, for these alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from desktop_app.domain.note_attachments import NoteAttachment, Readable, StoredFile


class FileBatch(Protocol):
    """Many files that are stored together, so that the disk is waited for once."""

    def put(self, source: Readable, name: str) -> StoredFile:
        """As `AttachmentFileStore.put`, but stored only once the batch is settled: until then no row may name it."""
        ...

    def put_bytes(self, data: bytes, name: str) -> StoredFile:
        """`put` for what is in memory."""
        ...

    def settle(self) -> None:
        """All that was put is on the disk when this returns, and the batch is empty and can be used again.

        Raises DiskFullError, StoreReadOnlyError, StoreError: then what was put is not to be named.
        """
        ...

    def discard(self) -> None:
        """Leave nothing of what was put and not settled."""
        ...


class AttachmentFileStore(Protocol):
    """Files under the hash of their bytes (storage/attachment_files.py). One that is stored never changes."""

    def put(self, source: Readable, name: str) -> StoredFile:
        """Store what `source` reads, under `name`. Bytes that are there already are not stored twice.

        It is on the disk when this returns, and stays as long as the store, a version of a note or a backup may name
        it; a file that nothing names within a day of its storing may go.

        Raises AttachmentTooLargeError, DiskFullError, StoreReadOnlyError, StoreError: then nothing is stored.
        """
        ...

    def put_bytes(self, data: bytes, name: str) -> StoredFile:
        """`put` for what is in memory."""
        ...

    def batch(self) -> FileBatch:
        """For many files."""
        ...

    def read(self, file_hash: str) -> bytes:
        """The bytes of a file. Raises AttachmentMissingError where it is not there, or is not what it was."""
        ...

    def path(self, file_hash: str) -> Path:
        """Where the file lies, to be read only; it need not be there."""
        ...


class FilesElsewhere(Protocol):
    """Files that notes name and that are kept by others (services/linked_folders/files_beside.py)."""

    def find(self, note_id: int, targets: Sequence[str]) -> dict[str, StoredFile]:
        """The file that each name means in a note; those that mean none are left out."""
        ...

    def read(self, file_hash: str) -> bytes | None:
        """The bytes of a file that was found; None for one that was not. Raises AttachmentMissingError."""
        ...


class NoteAttachmentStore(Protocol):
    """Which note names which file how (storage/note_attachments.py)."""

    def attach(self, note_id: int, target: str, file: StoredFile) -> None:
        """From now on `target`, as the note's text writes it, means `file` in this note. Raises NotFoundError."""
        ...

    def attach_all(self, note_id: int, files: Mapping[str, StoredFile]) -> None:
        """`attach` for several names, in one commit."""
        ...

    def of_note(self, note_id: int) -> list[NoteAttachment]:
        """All that the note ever named and no other file took the name of, sorted by name."""
        ...

    def resolve(self, note_id: int | None, targets: Sequence[str]) -> dict[str, StoredFile]:
        """What each name means in a note: its own file of that name, else another note's, the newest where there are
        several. Names that mean none are left out.
        """
        ...

    def is_name_used(self, name: str) -> bool:
        """Whether some note has a file of this name, in any folder and in any case."""
        ...

    def keep_original(self, note_id: int, file: StoredFile) -> None:
        """Keep the bytes of the file that the note was imported from, in place of those kept before. Raises
        NotFoundError.
        """
        ...

    def original_of(self, note_id: int) -> StoredFile | None:
        """The file that the note was imported from, byte for byte, where it was kept."""
        ...

    def all_files(self) -> list[StoredFile]:
        """Every file that a note names or was imported from, or that came with a folder, each once."""
        ...
