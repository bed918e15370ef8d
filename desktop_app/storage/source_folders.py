"""Folders on the disk that notes came from, and their files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Text, bindparam, delete, func, insert, literal, or_, select, update
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as upsert

from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.source_folders import FolderKind, NoteState, SourceFile, SourceFolder
from desktop_app.storage.database import Database, inserted_id
from desktop_app.storage.tables import note_files, notes, source_files, source_folders

_STATE = (notes.c.id, notes.c.revision, notes.c.title, notes.c.folder, notes.c.tags, notes.c.trashed_at)


def _put_files() -> Insert:
    statement = upsert(source_files)
    values = {column.name: column for column in statement.excluded if column.name not in ("folder_id", "path")}
    return statement.on_conflict_do_update(index_elements=["folder_id", "path"], set_=values)


_REMOVED_AT_ONCE = 2_000
_PUT_FILES = _put_files()
"""Made once: that costs as much as what it does to one row."""


class SourceFolders:
    """Implements SourceFolderStore."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def folders(self) -> list[SourceFolder]:
        """All of them, oldest first."""
        statement = select(source_folders).order_by(source_folders.c.id)
        rows = self._database.read(lambda connection: connection.execute(statement).all())
        return [SourceFolder(row.id, Path(row.path), row.top, FolderKind(row.kind)) for row in rows]

    def find(self, path: Path) -> SourceFolder | None:
        """The folder at this path, None where nothing came from it."""
        return next((one for one in self.folders() if one.path == path), None)

    def put_folder(self, path: Path, kind: FolderKind, top: str) -> SourceFolder:
        """Know a folder, or know it as something else than before; its files stay known."""
        values = {"path": str(path), "top": top, "kind": kind.value}
        known = select(source_folders.c.id).where(source_folders.c.path == str(path))

        def work(connection: Connection) -> int:
            found = connection.execute(known).scalar()
            if found is None:
                return inserted_id(connection, insert(source_folders).values(**values, added_at=self._clock()))
            connection.execute(update(source_folders).where(source_folders.c.id == found).values(**values))
            return int(found)

        return SourceFolder(self._database.write(work), path, top, kind)

    def files(self, folder_id: int) -> dict[str, SourceFile]:
        """The folder's files by path."""
        statement = select(source_files).where(source_files.c.folder_id == folder_id)
        return self._database.read(
            lambda connection: {row.path: _as_file(row) for row in connection.execute(statement)}
        )

    def notable_files(self, folder_id: int) -> tuple[int, list[SourceFile]]:
        """How many files are notes, and those that want a look: with a problem, of a conflict, or no notes."""
        own = source_files.c.folder_id == folder_id
        count = select(func.count()).select_from(source_files).where(own, source_files.c.note_id.is_not(None))
        notable = (source_files.c.problem != "") | (source_files.c.is_conflict == 1) | source_files.c.note_id.is_(None)
        statement = select(source_files).where(own, notable).order_by(source_files.c.path)

        def work(connection: Connection) -> tuple[int, list[SourceFile]]:
            rows = connection.execute(statement).all()
            return int(connection.execute(count).scalar_one()), [_as_file(row) for row in rows]

        return self._database.read(work)

    def files_of_notes(self, note_ids: Sequence[int]) -> list[tuple[int, SourceFile]]:
        """(folder id, file) for each of these notes that has a file."""
        statement = select(source_files).where(source_files.c.note_id.in_(_listed(note_ids)))
        rows = self._database.read(lambda connection: connection.execute(statement).all())
        return [(row.folder_id, _as_file(row)) for row in rows]

    def put_files(self, folder_id: int, files: Sequence[SourceFile]) -> None:
        """Know these files, in place of what was known under their paths."""
        if not files:
            return
        rows = [_as_row(folder_id, file) for file in files]
        self._database.write(lambda connection: connection.execute(_PUT_FILES, rows))

    def put_stored(self, folder_id: int, files: Sequence[tuple[SourceFile, StoredFile]]) -> None:
        """`put_files` for files that are no notes and whose bytes the store keeps."""
        if not files:
            return
        now = self._clock()
        known = [
            {"hash": one.hash, "name": one.name, "media_type": one.media_type, "size": one.size, "added_at": now}
            for _file, one in files
        ]
        with self._database.transaction():
            self._database.write(
                lambda connection: connection.execute(upsert(note_files).on_conflict_do_nothing(), known)
            )
            self.put_files(folder_id, [file for file, _stored in files])

    def remove_files(self, folder_id: int, paths: Sequence[str]) -> None:
        """Forget files."""
        if not paths:
            return
        statement = delete(source_files).where(
            source_files.c.folder_id == folder_id, source_files.c.path == bindparam("gone")
        )
        rows = [{"gone": path} for path in paths]
        self._database.write(lambda connection: connection.execute(statement, rows))

    def remove_all_files(self, folder_id: int) -> None:
        """Forget all of a folder, in commits so short that saves in between do not wait."""
        own = source_files.c.folder_id == folder_id
        some = select(source_files.c.path).where(own).limit(_REMOVED_AT_ONCE)
        statement = delete(source_files).where(own, source_files.c.path.in_(some))
        while self._database.write(lambda connection: connection.execute(statement).rowcount) == _REMOVED_AT_ONCE:
            continue

    def settle_conflict(self, note_id: int) -> None:
        """The note holds our text of a conflict no more: it is a note like others."""
        statement = update(source_files).where(source_files.c.note_id == note_id).values(is_conflict=0)
        self._database.write(lambda connection: connection.execute(statement))

    def note_states(self, folder_id: int, top: str) -> dict[int, NoteState]:
        """The notes that have files in the folder, and those below the notes' folder `top`, by id."""
        own = select(source_files.c.note_id).where(source_files.c.folder_id == folder_id)
        below = (notes.c.folder > f"{top}/") & (notes.c.folder < f"{top}0")  # "0" comes after "/"
        return self._states(select(*_STATE).where(or_(notes.c.id.in_(own), notes.c.folder == top, below)))

    def states_of(self, note_ids: Sequence[int]) -> dict[int, NoteState]:
        """These notes, where they exist."""
        return self._states(select(*_STATE).where(notes.c.id.in_(_listed(note_ids))))

    def _states(self, statement: Select[Any]) -> dict[int, NoteState]:
        return self._database.read(lambda connection: {row.id: _as_state(row) for row in connection.execute(statement)})


def _listed(ids: Sequence[int]) -> Select[Any]:
    """Ids as one JSON parameter, so that lists of any length use one statement."""
    return select(func.json_each(literal(str(list(ids)), Text)).table_valued("value").c.value)


def _split(tags: str) -> tuple[str, ...]:
    return tuple(tags.split("\n")) if tags else ()


def _as_file(row: Any) -> SourceFile:
    return SourceFile(
        path=row.path,
        note_id=row.note_id,
        hash=row.hash,
        size=row.size,
        mtime_ns=row.mtime_ns,
        inode=row.inode,
        revision=row.revision,
        title=row.title,
        tags=_split(row.tags),
        problem=row.problem,
        is_conflict=bool(row.is_conflict),
        writing=row.writing,
    )


def _as_state(row: Any) -> NoteState:
    return NoteState(row.id, row.revision, row.title, row.folder, _split(row.tags), row.trashed_at is not None)


def _as_row(folder_id: int, file: SourceFile) -> dict[str, Any]:
    return {
        "folder_id": folder_id,
        "path": file.path,
        "note_id": file.note_id,
        "hash": file.hash,
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        # Some file systems number beyond what SQLite's integers hold.
        "inode": file.inode & 0x7FFF_FFFF_FFFF_FFFF,
        "revision": file.revision,
        "title": file.title,
        "tags": "\n".join(file.tags),
        "problem": file.problem,
        "is_conflict": int(file.is_conflict),
        "writing": file.writing,
    }
