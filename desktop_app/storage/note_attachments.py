"""Pictures and other files of notes, as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.note_attachments import NoteAttachment, StoredFile, reference_key, tail_key
from desktop_app.storage import attachment_rows
from desktop_app.storage.attachment_rows import NAMED, ORIGINAL, as_file, with_file
from desktop_app.storage.database import Database
from desktop_app.storage.tables import note_attachments, note_files, notes, source_files


class NoteAttachments:
    """Implements NoteAttachmentStore."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def attach(self, note_id: int, target: str, file: StoredFile) -> None:
        """From now on `target` means `file` in this note. Raises NotFoundError."""
        self.attach_all(note_id, {target: file})

    def attach_all(self, note_id: int, files: Mapping[str, StoredFile]) -> None:
        """`attach` for several names, in one commit."""
        self._put(note_id, NAMED, {reference_key(target): file for target, file in files.items()})

    def keep_original(self, note_id: int, file: StoredFile) -> None:
        """Keep the file that the note was imported from. Raises NotFoundError."""
        self._put(note_id, ORIGINAL, {"": file})

    def of_note(self, note_id: int) -> list[NoteAttachment]:
        """All that the note ever named, sorted by name."""
        statement = with_file(note_attachments.c.key).where(
            note_attachments.c.note_id == note_id, note_attachments.c.kind == NAMED
        )
        return self._database.read(
            lambda connection: [
                NoteAttachment(note_id, row.key, as_file(row))
                for row in connection.execute(statement.order_by(note_attachments.c.key))
            ]
        )

    def resolve(self, note_id: int | None, targets: Sequence[str]) -> dict[str, StoredFile]:
        """What each name means in a note; names that mean none are left out."""
        if not targets:
            return {}
        return self._database.read(lambda connection: attachment_rows.by_names(connection, note_id, targets))

    def is_name_used(self, name: str) -> bool:
        """Whether some note has a file of this name."""
        statement = select(note_attachments.c.note_id).where(
            note_attachments.c.kind == NAMED, note_attachments.c.tail == tail_key(name)
        )
        return self._database.read(lambda connection: connection.execute(statement.limit(1)).first() is not None)

    def original_of(self, note_id: int) -> StoredFile | None:
        """The file that the note was imported from, where it was kept."""
        statement = with_file().where(note_attachments.c.note_id == note_id, note_attachments.c.kind == ORIGINAL)
        row = self._database.read(lambda connection: connection.execute(statement).first())
        return None if row is None else as_file(row)

    def all_files(self) -> list[StoredFile]:
        """Every file that a note names or was imported from, or that came with a folder, each once."""
        named = select(note_attachments.c.hash)
        beside = select(source_files.c.hash).where(source_files.c.note_id.is_(None), source_files.c.hash != "")
        statement = (
            select(note_files.c.hash, note_files.c.name, note_files.c.media_type, note_files.c.size)
            .where(note_files.c.hash.in_(named) | note_files.c.hash.in_(beside))
            .order_by(note_files.c.hash)
        )
        return self._database.read(lambda connection: [as_file(row) for row in connection.execute(statement)])

    def forget_unused(self) -> set[str]:
        """Forget files that nothing in this store names any more; the hashes of all others."""
        named = select(note_attachments.c.hash)
        beside = select(source_files.c.hash)
        unused = delete(note_files).where(note_files.c.hash.not_in(named), note_files.c.hash.not_in(beside))

        def work(connection: Connection) -> set[str]:
            connection.execute(unused)
            return set(connection.execute(select(note_files.c.hash)).scalars())

        return self._database.write(work)

    def _put(self, note_id: int, kind: str, files: Mapping[str, StoredFile]) -> None:
        now = self._clock()

        def work(connection: Connection) -> None:
            if connection.execute(select(notes.c.id).where(notes.c.id == note_id)).first() is None:
                raise NotFoundError("This note is not there any more.", "It was deleted for good.")
            for key, file in files.items():
                attachment_rows.put(connection, note_id, kind, key, file, now)

        if files:
            self._database.write(work)
