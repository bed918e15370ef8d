"""The steps that bring a note and its file in step, each as a change on the disk and as a part of a commit."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import PurePosixPath

import msgspec
from msgspec.structs import replace

from desktop_app.domain.errors import ImportFileError, NoteConflictError, NotFoundError, system_reason
from desktop_app.domain.folder_sync import (
    Conflict,
    SyncProblem,
    conflict_title,
)
from desktop_app.domain.folders import clean_folder, clean_tags, safe_file_name
from desktop_app.domain.front_matter import split_front_matter
from desktop_app.domain.note_file import (
    WrittenNote,
    file_bytes,
    file_name,
    follows_title,
    is_called_after,
    rebuilt,
    title_after,
)
from desktop_app.domain.note_text import read_text
from desktop_app.domain.notes import ImportSource, Note
from desktop_app.domain.notion_names import name_and_id
from desktop_app.domain.source_folders import NoteState, SourceFile
from desktop_app.domain.text_bundles import bundle_of
from desktop_app.domain.text_decoding import decode_text
from desktop_app.services.import_files import content_hash, file_key, read_bytes
from desktop_app.services.known_notes import Known
from desktop_app.services.linked_folders.disk_files import (
    TRASH,
    FileChangedError,
    FreePaths,
    is_same_file,
    move_file,
    remove_file,
    write_file,
)
from desktop_app.services.linked_folders.folder_places import FolderPlaces
from desktop_app.services.linked_folders.folder_scan import Stamp, settled
from desktop_app.services.linked_folders.gathered_changes import GatheredChanges
from desktop_app.services.linked_folders.look import Look
from desktop_app.services.linked_folders.put_beside import PutBeside
from desktop_app.services.notes import IncomingNote, NoteService
from desktop_app.services.ports import NoteStore
from desktop_app.services.source_folder_ports import SourceFolderStore


class Ours(msgspec.Struct, frozen=True):
    """A changed note, and the bytes its file would have."""

    note: Note
    data: bytes


class SyncedStores(msgspec.Struct, frozen=True):
    """Where notes and what is known of their files are kept."""

    files: SourceFolderStore
    note_store: NoteStore
    notes: NoteService


class SyncSteps:
    """What one look does, on the disk at once and in the store by way of `changes`.

    Args:
        known_files: notes by the absolute path of the file they were imported from, asked for when a new file is met.
        put_beside: writes files that notes were given here; without it their texts alone are written.
    """

    def __init__(
        self,
        look: Look,
        places: FolderPlaces,
        changes: GatheredChanges,
        stores: SyncedStores,
        known_files: Callable[[], dict[str, Known]],
        clock: Callable[[], datetime],
        put_beside: PutBeside | None = None,
    ) -> None:
        self._look = look
        self._root = look.root
        self._found = look.found
        self._tally = look.tally
        self._places = places
        self._changes = changes
        self._store = stores.files
        self._note_store = stores.note_store
        self._notes = stores.notes
        self._known_files = known_files
        self._clock = clock
        self._put_beside = put_beside
        self._free = FreePaths(self._root)
        self._adopted: set[int] = set()

    def agree(
        self, row: SourceFile, stamp: Stamp | None, state: NoteState | None, data: bytes | None, ours: Ours | None
    ) -> None:
        """Both say the same: remember it. A file whose note was renamed or moved follows it."""
        if stamp is None or state is None:
            return
        moved = self._moved_here(row, state)
        if moved is None:
            return  # could not be moved; told
        hash_ = row.hash if data is None and ours is None else content_hash(data or (ours.data if ours else b""))
        if moved != row.path:
            self._tally.moved += 1
            note = ours.note if ours is not None else self._notes.get(state.id)
            self._remember(row, moved, note, hash_, note.front_matter, stamp)
        elif row.problem or data is not None or ours is not None:
            self._changes.put(self._row(row, moved, hash_, stamp, state))

    def _moved_here(self, row: SourceFile, state: NoteState) -> str | None:
        """Where the file lies after it followed its note; None where it could not."""
        wanted = self.place_here(row, state)
        if str(PurePosixPath(*wanted)) == row.path:
            return row.path
        if self._found.is_away(wanted[0]):
            return None  # when the folder is back
        there = str(PurePosixPath(*wanted))
        if not is_same_file(self._root, row.path, there):
            there = self._free.take(*wanted)
        try:
            move_file(self._root, row.path, there)
        except OSError as error:
            self._changes.problem(row, f"It could not be moved: {system_reason(error)}")
            return None
        self._free.leave(row.path)
        return there

    def place_here(self, row: SourceFile, state: NoteState) -> tuple[str, str]:
        """Folder and name that the file is to have by its note."""
        here = PurePosixPath(row.path)
        folder, name = "" if str(here.parent) == "." else str(here.parent), here.name
        if state.folder != self._places.notes_folder(row.path):
            folder = self._places.disk_folder(state.folder)
        wanted = safe_file_name(state.title) + here.suffix
        renamed = state.title != row.title and not is_called_after(row.path, state.title)
        if renamed and is_called_after(row.path, row.title):
            name = wanted
        elif state.title != row.title and follows_title(row.path, row.title):
            # The number in its name was its title's own, and is the file's no more, where the name is free.
            name = wanted if not os.path.lexists(self._root / folder / wanted) else name
        return folder, name

    def take(self, row: SourceFile, stamp: Stamp | None, state: NoteState | None, data: bytes | None) -> None:
        """The file changed: its text becomes the note's, and the note's a version."""
        if stamp is None or state is None:
            return
        note = self._notes.get(state.id)
        try:
            incoming = self._incoming(row.path, data or read_bytes(self._root / row.path), row.title)
        except ImportFileError as error:
            self._changes.problem(row, f"{error.what} {error.why}".strip())
            return

        def job() -> None:
            taken = self._notes.take_from_file(note.id, incoming, state.revision, note)
            known = self._row(row, row.path, incoming.source.hash, stamp, _state(taken))
            # Tags that were given here since then are not in step: the next round writes them.
            in_step = {*row.tags, *clean_tags(incoming.tags)}
            known = replace(known, tags=tuple(tag for tag in known.tags if tag in in_step))
            self._store.put_files(self._look.folder.id, [known])
            self._tally.taken += 1
            self._changes.note_changed(note.id)

        self._changes.add(job, len(incoming.text))

    def write(self, row: SourceFile, stamp: Stamp | None, ours: Ours | None) -> None:
        """The note changed: it is written to its file, which is moved where the note was."""
        if ours is None or stamp is None:
            return
        state = _state(ours.note)
        try:
            if self._put_beside is not None:
                self._put_beside.write(self._root, row.path, ours.note)
            self._announce(row, ours)
            written = write_file(self._root, row.path, ours.data, stamp)
        except OSError as error:
            self._changes.problem(row, _unwritten(error))
            return
        row = replace(row, problem="")
        path = self._moved_here(row, state)
        if path is None:
            path = row.path
        elif path != row.path:
            self._tally.moved += 1
        self._written(row, path, ours, written)
        self._tally.written += 1

    def _announce(self, row: SourceFile, ours: Ours) -> None:
        """Commit what is about to be written: killed right after, and the note changed once more, the file would else
        be taken for another program's.
        """
        self._store.put_files(self._look.folder.id, [replace(row, writing=content_hash(ours.data))])

    def _written(self, row: SourceFile, path: str, ours: Ours, stamp: Stamp) -> None:
        hash_ = content_hash(ours.data)
        decoded = decode_text(ours.data)
        matter = split_front_matter(decoded.text)[0].lines if decoded is not None else ours.note.front_matter
        self._remember(row, path, ours.note, hash_, matter, stamp)

    def _remember(self, row: SourceFile, path: str, note: Note, hash_: str, matter: str, stamp: Stamp) -> None:
        """The note's file lies at `path` and says what the note says."""

        def job() -> None:
            try:
                self._notes.remember_source(note, self._source(path, hash_, matter))
            except NoteConflictError:
                self._tally.again = True  # written on meanwhile: the file has what was, and is behind
            except NotFoundError:
                pass  # deleted for good meanwhile: the next look finds a file without its note
            if path != row.path:
                self._store.remove_files(self._look.folder.id, [row.path])
            self._store.put_files(self._look.folder.id, [self._row(row, path, hash_, stamp, _state(note))])

        self._changes.add(job)
        self._changes.file_changed()

    def keep_both(self, row: SourceFile, stamp: Stamp | None, data: bytes | None, ours: Ours | None) -> None:
        """The file's text wins its place; ours becomes a note, and in the next round a file, of its own."""
        if ours is None or stamp is None or data is None:
            return
        note = ours.note
        try:
            incoming = self._incoming(row.path, data, row.title)
        except ImportFileError as error:
            self._changes.problem(row, f"{error.what} {error.why}".strip())
            return
        title = conflict_title(note.title or PurePosixPath(row.path).stem, self._clock().astimezone().date())
        parent = str(PurePosixPath(row.path).parent)
        path = self._free.take("" if parent == "." else parent, file_name(title))

        def job() -> None:
            taken = self._notes.take_from_file(note.id, incoming, note.revision, note)
            copy = self._note_store.create(
                title,
                note.text,
                folder=note.folder,
                tags=note.tags,
                created_at=note.created_at,
                edited_at=note.edited_at,
                source=ImportSource(path="", file="", hash="", front_matter=note.front_matter),
            )
            rows = [
                self._row(row, row.path, incoming.source.hash, stamp, _state(taken)),
                SourceFile(path, copy.id, title=title, is_conflict=True),
            ]
            self._store.put_files(self._look.folder.id, rows)
            self._tally.conflicts.append(Conflict(copy.id, row.path, title, note.id))
            self._changes.note_changed(note.id)
            self._changes.note_changed(copy.id)
            self._tally.again = True

        self._changes.add(job, len(incoming.text) + len(note.text))

    def fresh(self, path: str) -> None:
        """A file without a note, or whose note is in the trash and was there before the file changed."""
        stamp = self._found.files[path]
        row = self._look.rows.get(path)
        if row is not None and row.note_id is None and stamp.is_of(row):
            self._tally.problems.append(SyncProblem(path, row.problem))
            return
        try:
            data = read_bytes(self._root / path, follow_links=False)
            incoming = self._incoming(path, data, "")
        except ImportFileError as error:
            reason = f"{error.what} {error.why}".strip()
            self._changes.put(
                SourceFile(path, None, size=stamp.size, mtime_ns=stamp.mtime_ns, inode=stamp.inode, problem=reason)
            )
            self._tally.problems.append(SyncProblem(path, reason))
            return
        earlier, copied_hash = row.note_id if row is not None else None, ""
        if earlier is None or not self._notes_exist(earlier):
            known = self._known_files().get(incoming.source.file)
            earlier, copied_hash = (None, "") if known is None else (known[0], known[1].hash)
            if earlier is not None:
                self._adopted.add(earlier)
        self._changes.add(lambda: self._add(path, stamp, incoming, earlier, copied_hash), len(incoming.text))

    def _add(self, path: str, stamp: Stamp, incoming: IncomingNote, earlier: int | None, copied_hash: str) -> None:
        before = None if earlier is None else self._notes.get(earlier)
        if before is None or earlier is None or _is_another(before, incoming, copied_hash):
            note = self._notes.add_imported(incoming)
        else:
            if before.trashed_at is not None:
                self._note_store.restore([earlier])
            if before.folder != incoming.folder:
                self._note_store.move([earlier], clean_folder(incoming.folder))
            if copied_hash == incoming.source.hash and _was_edited(before, incoming):
                # Edited since it was copied, and the file was not: the next round writes it.
                self._tally.again = True
                note = self._notes.get(earlier)
                said = SourceFile(path, note.id, copied_hash, title=incoming.title, tags=clean_tags(incoming.tags))
                self._store.put_files(self._look.folder.id, [replace(said, revision=note.revision - 1)])
                return
            note = self._notes.take_from_file(earlier, incoming, before.revision, before)
            note = self._notes.get(earlier)
        known = self._row(SourceFile(path, note.id), path, incoming.source.hash, stamp, _state(note))
        in_step = clean_tags(incoming.tags)
        given = [tag for tag in known.tags if tag not in in_step] if _is_read_alike(path) else []
        if given:
            self._tally.again = True  # tags that were given here go to the file in the next round
            known = replace(known, tags=tuple(tag for tag in known.tags if tag not in given))
        self._store.put_files(self._look.folder.id, [known])
        self._tally.added += 1
        self._changes.note_changed(note.id)

    def _notes_exist(self, note_id: int) -> bool:
        return note_id in self._look.states or bool(self._store.states_of([note_id]))

    def new_note(self, state: NoteState, row: SourceFile | None) -> None:
        """A note without a file: one is made, or comes back out of the folder's trash."""
        if state.id in self._adopted:
            self._tally.again = True  # a file came for it, or what came is another note: the next round knows
            return
        note = self._notes.get(state.id)
        if self._found.is_away(self._places.disk_folder(note.folder)):
            return  # when the folder is back
        if row is None and self._comes_out_of_trash(note):
            self._tally.created += 1
            self._tally.again = True  # what was written since then goes to the file in the next round
            return
        path = row.path if row is not None else self._new_path(note)
        is_new, row = row is None, row or SourceFile(path, note.id)
        ours = Ours(note, file_bytes(written_note(note, row), path, None))
        try:
            if self._put_beside is not None:
                self._put_beside.write(self._root, path, note)
            self._announce(replace(row, note_id=note.id), ours)
            stamp = write_file(self._root, path, ours.data, None)
        except FileChangedError:
            if is_new:
                self._changes.forget(path)  # another file got the name just now: it is no file of this note
            raise
        except OSError as error:
            self._changes.problem(replace(row, note_id=note.id), _unwritten(error))
            return
        self._written(row, path, ours, stamp)
        self._tally.created += 1

    def _comes_out_of_trash(self, note: Note) -> bool:
        """A note that was put back gets its own file back, byte for byte; whether that lay in the folder's trash."""
        path = note.source_path
        if not path or self._places.notes_folder(path) != note.folder or os.path.lexists(self._root / path):
            return False
        known = self._known_files().get(file_key(self._root / path))
        thrown = f"{TRASH}/{path}"
        try:
            data = read_bytes(self._root / thrown, follow_links=False)
            if known is None or known[0] != note.id or known[1].hash != content_hash(data):
                return False
            move_file(self._root, thrown, path)
        except (ImportFileError, OSError):
            return False
        row = SourceFile(path, note.id, known[1].hash, title=note.title, tags=note.tags, revision=note.revision)
        as_it_was = file_bytes(written_note(note, row), path, data) == data
        self._changes.put(row if as_it_was else replace(row, revision=note.revision - 1))
        return True

    def _new_path(self, note: Note) -> str:
        return self._free.take(self._places.disk_folder(note.folder), file_name(note.title))

    def trash_note(self, row: SourceFile) -> None:
        """The file is gone and its note was not changed since: the note goes to the trash."""
        note_id = row.note_id
        assert note_id is not None

        def job() -> None:
            if os.path.lexists(self._root / row.path):
                self._tally.again = True  # an editor that saves by renaming had it away for a moment
                return
            self._note_store.trash([note_id])
            self._store.remove_files(self._look.folder.id, [row.path])
            self._tally.trashed += 1
            self._tally.lost.append(row.path)
            self._changes.note_changed(note_id)

        self._changes.add(job)

    def remove(self, row: SourceFile, stamp: Stamp) -> None:
        """The note is gone or left the folder: its file goes to the folder's trash."""
        try:
            remove_file(self._root, row.path, stamp)
        except OSError as error:
            self._changes.problem(row, f"Its file could not be moved to the folder's trash: {system_reason(error)}")
            return
        self._changes.forget(row.path)
        self._tally.removed += 1
        state = self._look.states.get(row.note_id) if row.note_id is not None else None
        if state is not None and not state.trashed:
            # It left the folder: another file that is made there by its old name is another note.
            self._changes.add(lambda: self._notes.relocate(state.id, ImportSource(path="", file="", hash="")))

    def as_written(self, row: SourceFile, data: bytes) -> SourceFile:
        """What would be known of a file that is our own writing, had its commit happened."""
        decoded = decode_text(data)
        read = read_text("" if decoded is None else decoded.text)
        title = title_after(read, row.path, row.title)
        return replace(row, hash=row.writing, title=title, tags=clean_tags(read.tags), writing="")

    def _incoming(self, path: str, data: bytes, earlier_title: str) -> IncomingNote:
        decoded = decode_text(data)
        if decoded is None:
            raise ImportFileError("It is not a text file.")
        read = read_text(decoded.text)
        now = self._clock()
        edited = min(read.edited or _modified(self._found.files[path], now), now)
        return IncomingNote(
            title=title_after(read, path, earlier_title),
            text=read.text,
            folder=self._places.notes_folder(path),
            tags=read.tags,
            source=self._source(path, content_hash(data), read.front_matter),
            created_at=min(read.created or edited, edited),
            edited_at=edited,
        )

    def _source(self, path: str, hash_: str, matter: str) -> ImportSource:
        return ImportSource(path=path, file=file_key(self._root / path), hash=hash_, front_matter=matter)

    def _row(self, row: SourceFile, path: str, hash_: str, stamp: Stamp, state: NoteState) -> SourceFile:
        known = settled(stamp)
        return SourceFile(
            path,
            state.id,
            hash_,
            known.size,
            known.mtime_ns,
            known.inode,
            state.revision,
            state.title,
            state.tags,
            is_conflict=row.is_conflict,
        )


def _is_another(note: Note, incoming: IncomingNote, copied_hash: str) -> bool:
    """Whether both a note that came from this file once and the file were changed since, to different texts."""
    if not copied_hash or note.trashed_at is not None or copied_hash == incoming.source.hash:
        return False
    edited = content_hash(rebuilt(note.text, note.front_matter)) != copied_hash
    return edited and note.text != incoming.text


def _was_edited(note: Note, incoming: IncomingNote) -> bool:
    """Whether a note says something else than the file it was copied from."""
    if note.text != incoming.text:
        return True
    if not _is_read_alike(incoming.source.path):
        return False
    return (note.title, note.tags) != (incoming.title, clean_tags(incoming.tags))


def _is_read_alike(path: str) -> bool:
    """Whether an import takes title and tags of this file as a linked folder does: not of what Notion named, nor of
    the text in a bundle.
    """
    return bundle_of(path) is None and not name_and_id(PurePosixPath(path).stem)[1]


def written_note(note: Note, row: SourceFile) -> WrittenNote:
    """What of the note goes into the file."""
    return WrittenNote(note.title, note.text, note.tags, note.front_matter, row.tags, row.title if row.hash else None)


def _state(note: Note) -> NoteState:
    return NoteState(note.id, note.revision, note.title, note.folder, note.tags, note.trashed_at is not None)


def _modified(stamp: Stamp, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(stamp.mtime_ns / 1e9, UTC)
    except (OSError, OverflowError, ValueError):
        return now


def _unwritten(error: OSError) -> str:
    """Why a note is not in its file yet, and what becomes of it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk of the folder is full. The note is saved here; free some space there, and it is written."
    return f"It is not yet written to its file: {system_reason(error)}"
