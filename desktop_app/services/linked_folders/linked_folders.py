"""Folders that stay on the disk and are notes: linked, unlinked, and kept in step."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken, held
from desktop_app.domain.errors import CancelledError, ImportFileError, LinkedFolderError, NotFoundError
from desktop_app.domain.folder_sync import Conflict, FolderStatus, LinkedFolder, SyncProblem, SyncReport, note_folder
from desktop_app.domain.folders import clean_folder
from desktop_app.domain.note_file import follows_title
from desktop_app.domain.note_text import read_text
from desktop_app.domain.notes import ImportSource
from desktop_app.domain.source_folders import FolderKind, SourceFile, SourceFolder
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.domain.vanished_files import HeldFiles
from desktop_app.services.bounded_commits import commit_in_batches
from desktop_app.services.import_files import content_hash, file_key, read_bytes
from desktop_app.services.known_notes import Known
from desktop_app.services.lease_keeper import LeaseKeeper
from desktop_app.services.linked_folders.disk_files import remove_half_written
from desktop_app.services.linked_folders.files_beside import FilesBeside
from desktop_app.services.linked_folders.folder_places import FolderPlaces
from desktop_app.services.linked_folders.folder_scan import (
    FolderEmptyError,
    FolderGoneError,
    Scan,
    require_there,
    scan,
    stamp_inside,
)
from desktop_app.services.linked_folders.gathered_changes import GatheredChanges
from desktop_app.services.linked_folders.held_files import LostLately, hold_back
from desktop_app.services.linked_folders.look import Look, Tally
from desktop_app.services.linked_folders.put_beside import PutBeside
from desktop_app.services.linked_folders.sync_round import Progress, SyncRound, moved_rows
from desktop_app.services.linked_folders.sync_steps import SyncedStores, SyncSteps
from desktop_app.services.model_ports import Unsubscribe
from desktop_app.services.note_attachment_ports import AttachmentFileStore
from desktop_app.services.notes import NoteService
from desktop_app.services.ports import StorePort

_LEASE = "linked-folders"
_LEASE_SECONDS = 120.0
_MOST_ROUNDS = 4
_WAIT_SECONDS = 0.2


class LinkedFolders:
    """What screens and the command line do with linked folders. One look at a time, over all processes.

    Args:
        owner: the name of this process as a holder of leases.
        attachments: the files of notes; with `beside` those that a note was given here come to lie beside its file.
    """

    def __init__(
        self,
        store: StorePort,
        notes: NoteService,
        owner: str,
        clock: Callable[[], datetime] | None = None,
        attachments: AttachmentFileStore | None = None,
        beside: FilesBeside | None = None,
    ) -> None:
        self._store = store
        self._folders = store.source_folders
        self._notes = notes
        self._owner = owner
        self._clock = clock or (lambda: datetime.now(UTC))
        self._put_beside = (
            PutBeside(store.note_attachments, attachments, beside) if attachments is not None and beside else None
        )
        self._lock = threading.Lock()
        self._here = threading.local()
        self._directories: dict[int, list[str]] = {}
        self._held: dict[int, tuple[HeldFiles, set[str]]] = {}
        self._lost: dict[int, LostLately] = {}
        self._listeners: list[Callable[[], None]] = []

    # Which folders ------------------------------------------------------------------------------

    def linked(self) -> list[LinkedFolder]:
        """All linked folders, the oldest first."""
        return [_linked(one) for one in self._folders.folders() if one.kind is FolderKind.LINKED]

    def kind_of(self, path: Path) -> FolderKind | None:
        """What was chosen for a folder, None where nobody was asked yet. What is below a linked folder is linked."""
        path = _absolute(path)
        for one in self._folders.folders():
            if one.path == path or (one.kind is FolderKind.LINKED and path.is_relative_to(one.path)):
                return one.kind
        return None

    def remember_copied(self, path: Path) -> None:
        """The person chose to copy this folder's texts."""
        path = _absolute(path)
        if self.kind_of(path) is None:
            self._folders.put_folder(path, FolderKind.COPIED, "")

    def find(self, path: Path) -> LinkedFolder:
        """The linked folder at `path`. Raises NotFoundError."""
        path = _absolute(path)
        for one in self.linked():
            if one.path == path:
                return one
        raise NotFoundError(
            "This folder is not linked.",
            "",
            "“inkwell notes link FOLDER” links it; give the folder it was linked with.",
        )

    # Linking ------------------------------------------------------------------------------------

    def link(self, path: Path, progress: Progress, cancel: CancelToken) -> tuple[LinkedFolder, SyncReport]:
        """Make a folder's files notes that stay in step with them. Notes that were copied out of it are those notes.

        A linked folder is only looked at. Stopped, the folder is linked, and what is left comes with the next look.

        Raises LinkedFolderError where it cannot be linked; nothing is changed then.
        """
        path = _absolute(path)
        folder = next((one for one in self.linked() if one.path == path), None)
        if folder is None:
            self._refuse_impossible(path)
            earlier = next((one for one in self._folders.folders() if one.path == path), None)
            if earlier is not None:
                self._folders.remove_all_files(earlier.id)
            # Linked before, it stands for the same folder of notes again.
            top = earlier.top if earlier is not None and earlier.top else self._free_top(path)
            folder = _linked(self._folders.put_folder(path, FolderKind.LINKED, top))
        return folder, self.look(folder, cancel, progress)

    def unlink(self, folder: LinkedFolder) -> None:
        """Leave the files alone from now on; the notes stay as copies."""
        with self._alone(CancelToken()):
            self._folders.put_folder(folder.path, FolderKind.COPIED, folder.top)
            self._folders.remove_all_files(folder.id)
            self._held.pop(folder.id, None)
        self._tell()

    def _refuse_impossible(self, path: Path) -> None:
        todo = "Choose another folder, or copy its texts in."
        if without_lone_surrogates(str(path)) != str(path):
            raise LinkedFolderError("This folder cannot be linked.", "Its name is no valid Unicode.", todo)
        if not path.is_dir():
            raise LinkedFolderError("This folder cannot be linked.", "It is not there, or is no folder.", todo)
        if not os.access(path, os.R_OK | os.X_OK):
            raise LinkedFolderError("This folder cannot be linked.", "It may not be read.", todo)
        data = self._store.path.resolve().parent
        if _lies_in(data, path) or _lies_in(path, data):
            raise LinkedFolderError("This folder cannot be linked.", "Inkwell keeps its own data there.", todo)
        for other in self.linked():
            if _lies_in(path, other.path) or _lies_in(other.path, path):
                why = f"“{other.path.name}” is linked, and one lies inside the other."
                raise LinkedFolderError("This folder cannot be linked.", why, todo)

    def _free_top(self, path: Path) -> str:
        """A folder for the notes that no other note is in: those would become files."""
        name = clean_folder(path.name.replace("/", " ")) or "Linked folder"
        taken = {folder.casefold() for folder, _count in self._notes.folders()}
        taken |= {one.top.casefold() for one in self._folders.folders()}
        top, count = name, 1
        while top.casefold() in taken:
            count += 1
            top = f"{name} ({count})"
        return top

    # Keeping in step ----------------------------------------------------------------------------

    def look_at_all(self, cancel: CancelToken) -> list[tuple[LinkedFolder, SyncReport]]:
        """Bring all linked folders in step."""
        return [(folder, self.look(folder, cancel)) for folder in self.linked()]

    def look(
        self, folder: LinkedFolder, cancel: CancelToken, progress: Progress = lambda _done, _total, _name: None
    ) -> SyncReport:
        """Look at a whole folder and bring it in step. A folder that is not there changes nothing.

        Raises StoreError and its kin; what was done before stays done. The next look goes on.
        """
        return self._look(folder, cancel, progress)

    def trash_held(self, folder: LinkedFolder, held: HeldFiles, cancel: CancelToken) -> SyncReport:
        """A look that moves the notes of the `held` files to the trash, as was agreed to; where more files are gone by
        now than were told of, all of them go on waiting.
        """
        return self._look(folder, cancel, lambda _done, _total, _name: None, held.gone)

    def put_back(self, note_ids: Sequence[int]) -> None:
        """Take back what `trash_held` did; the notes get files again."""
        self._notes.restore(note_ids)

    def _look(
        self, folder: LinkedFolder, cancel: CancelToken, progress: Progress, most_to_trash: int = 0
    ) -> SyncReport:
        tally = Tally()
        try:
            with self._alone(cancel) as own:
                if self._is_linked(folder):
                    report = self._rounds(folder, tally, own, progress, most_to_trash)
                else:
                    report = tally.report()  # unlinked while this look waited for its turn
        except CancelledError:
            report = tally.report(stopped=True)
        self._tell()
        return report

    def look_at_notes(self, note_ids: Sequence[int], cancel: CancelToken) -> list[Conflict]:
        """These notes were changed here: bring their files in step, without looking through the folders. The conflicts
        that were found.
        """
        conflicts: list[Conflict] = []
        if self._store.read_only or not self.linked():
            return conflicts
        changed = False
        with self._alone(cancel) as own:
            folders = self.linked()  # asked only now: one may have been unlinked while this waited
            files = self._folders.files_of_notes(note_ids)
            states = self._folders.states_of(note_ids)
            for folder in folders:
                rows = {file.path: file for folder_id, file in files if folder_id == folder.id}
                below = any(_is_below(state.folder, folder.top) for state in states.values())
                if rows or below:
                    changed |= self._look_at_some(folder, rows, note_ids, own, conflicts)
        if changed:
            self._tell()
        return conflicts

    def _is_linked(self, folder: LinkedFolder) -> bool:
        return any(one.id == folder.id for one in self.linked())

    def _look_at_some(
        self,
        folder: LinkedFolder,
        rows: dict[str, SourceFile],
        note_ids: Sequence[int],
        cancel: CancelToken,
        conflicts: list[Conflict],
    ) -> bool:
        if self._why_gone(folder, self._folders.notable_files(folder.id)[0]) is not None:
            return True
        found = Scan(vanished=self._held[folder.id][1] if folder.id in self._held else set())
        for path, row in rows.items():
            stamp = stamp_inside(folder.path, path)
            if stamp is not None:
                found.files[path] = stamp
            elif row.hash:
                found.unsure.add(path)  # whether it is gone or was moved only a look at the whole folder can say
        others = {id_ for folder_id, file in self._folders.files_of_notes(note_ids) if (id_ := file.note_id)}
        others -= {row.note_id for row in rows.values() if row.note_id}
        states = {id_: state for id_, state in self._folders.states_of(note_ids).items() if id_ not in others}
        tally = Tally()
        self._round(Look(folder, found, rows, states, tally)).run(cancel, lambda _done, _total, _name: None)
        if tally.again:
            self._rounds(folder, tally, cancel, lambda _done, _total, _name: None)
        conflicts += tally.conflicts
        return tally.report().changed or bool(tally.problems) or any(row.problem for row in rows.values())

    def _rounds(
        self, folder: LinkedFolder, tally: Tally, cancel: CancelToken, progress: Progress, most_to_trash: int = 0
    ) -> SyncReport:
        for _ in range(_MOST_ROUNDS):
            tally.again = False
            tally.problems.clear()
            try:
                found = scan(folder.path, cancel)
            except FolderGoneError:
                return SyncReport(there=False)
            rows = self._folders.files(folder.id)
            if self._why_gone(folder, sum(row.note_id is not None for row in rows.values())) is not None:
                return SyncReport(there=False)
            self._directories[folder.id] = found.folders
            remove_half_written(folder.path, found.half_written)
            tally.problems += found.problems
            if self._follow_moves(folder, found, rows, tally):
                rows = self._folders.files(folder.id)
            states = self._folders.note_states(folder.id, folder.top)
            lost = self._lost.setdefault(folder.id, LostLately(self._clock))
            tally.held = hold_back(found, rows, states, most_to_trash, lost.paths(found.files.keys()))
            self._held.pop(folder.id, None)
            if tally.held is not None:
                self._held[folder.id] = (tally.held, found.vanished)
            tally.lost.clear()
            try:
                self._round(Look(folder, found, rows, states, tally)).run(cancel, progress)
            finally:
                lost.add(tally.lost)
            if most_to_trash:
                lost.forget()
            if not tally.again:
                break
        return tally.report()

    def _round(self, look: Look) -> SyncRound:
        known: dict[str, Known] = {}
        asked = False

        def known_files() -> dict[str, Known]:
            nonlocal known, asked
            if not asked:
                known = {source.file: (id_, source) for id_, source in self._notes.import_sources().items()}
                asked = True
            return known

        places = FolderPlaces(look.folder)
        changes = GatheredChanges(look, self._folders, self._notes)
        stores = SyncedStores(self._folders, self._store.notes, self._notes)
        steps = SyncSteps(look, places, changes, stores, known_files, self._clock, self._put_beside)
        return SyncRound(look, places, changes, steps, self._notes)

    def _follow_moves(self, folder: LinkedFolder, found: Scan, rows: dict[str, SourceFile], tally: Tally) -> bool:
        """Notes whose files were moved or renamed on the disk follow them; whether there were any."""

        def hash_of(path: str) -> str:
            try:
                return content_hash(read_bytes(folder.path / path, follow_links=False))
            except ImportFileError:
                return ""

        moves = moved_rows(rows, found, hash_of)
        jobs = [partial(self._follow_move, folder, rows[old], new) for old, new in moves.items()]
        for followed in commit_in_batches(self._notes.at_once, jobs, self._notes.others_wait):
            told = [note_id for note_id in followed if note_id is not None]
            tally.moved += len(told)
            self._notes.tell(told)
        return bool(moves)

    def _follow_move(self, folder: LinkedFolder, row: SourceFile, new: str) -> int | None:
        """The id of the note; None where it was deleted meanwhile."""
        assert row.note_id is not None
        try:
            note = self._notes.get(row.note_id)
        except NotFoundError:
            return None
        if clean_folder(note_folder(folder.top, row.path)) == note.folder:
            self._store.notes.move([note.id], clean_folder(note_folder(folder.top, new)))
        changed = row
        named = follows_title(row.path, note.title) and not follows_title(new, note.title)
        if named and note.revision == row.revision and not read_text(note.text).title:
            retitled = self._notes.retitle(note, Path(new).stem)
            changed = replace(row, title=retitled.title, revision=retitled.revision)
        self._notes.relocate(note.id, ImportSource(path=new, file=file_key(folder.path / new), hash=row.hash))
        self._folders.remove_files(folder.id, [row.path])
        self._folders.put_files(folder.id, [replace(changed, path=new)])
        return note.id

    # How they are -------------------------------------------------------------------------------

    def statuses(self) -> list[FolderStatus]:
        """How each linked folder was when it was last looked at."""
        return [self._status(folder) for folder in self.linked()]

    def _status(self, folder: LinkedFolder) -> FolderStatus:
        count, rows = self._folders.notable_files(folder.id)
        with_note = [row for row in rows if row.note_id is not None]
        gone = self._why_gone(folder, count)
        return FolderStatus(
            folder,
            there=gone is None,
            notes=count,
            unwritten=tuple(SyncProblem(row.path, row.problem, row.note_id) for row in with_note if row.problem),
            unread=tuple(SyncProblem(row.path, row.problem) for row in rows if row.note_id is None),
            conflicts=tuple(
                Conflict(row.note_id, row.path, row.title)
                for row in with_note
                if row.is_conflict and row.note_id is not None
            ),
            held=self._held[folder.id][0] if folder.id in self._held else None,
            empty=isinstance(gone, FolderEmptyError),
        )

    @staticmethod
    def _why_gone(folder: LinkedFolder, notes: int) -> FolderGoneError | None:
        """What keeps a folder that has so many notes from being looked at; None where nothing does."""
        try:
            require_there(folder.path, had_notes=notes > 0)
        except FolderGoneError as error:
            return error
        return None

    def directories(self, most: int) -> list[Path]:
        """The folders on the disk that were found at the last look, at most so many, the outermost first."""
        found = [
            folder.path / name
            for folder in self.linked()
            for name in sorted(self._directories.get(folder.id, []), key=lambda name: name.count("/"))
        ]
        return found[:most]

    @property
    def is_at_work_here(self) -> bool:
        """Whether this thread is bringing something in step just now: what it tells of needs no look."""
        return bool(getattr(self._here, "at_work", False))

    def settle(self, note_id: int) -> None:
        """A conflict was looked at: the note with our text is one like others."""
        self._folders.settle_conflict(note_id)
        self._tell()

    def subscribe(self, callback: Callable[[], None]) -> Unsubscribe:
        """Call `callback` whenever `statuses` may say something else, in the thread that made the change."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback) if callback in self._listeners else None

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()

    @contextmanager
    def _alone(self, cancel: CancelToken) -> Iterator[CancelToken]:
        """Nobody else works on linked folders meanwhile, in this process or another. What it gives is cancelled with
        `cancel`, and when another process took over.
        """
        with held(self._lock, cancel):
            while not self._store.leases.acquire(_LEASE, self._owner, _LEASE_SECONDS):
                if cancel.wait(_WAIT_SECONDS):
                    raise CancelledError("Stopped.")
            own = CancelToken()
            keeper = LeaseKeeper(self._store.leases, _LEASE, self._owner, _LEASE_SECONDS, own.cancel)
            self._here.at_work = True
            try:
                with cancel.telling(own.cancel):
                    yield own
            finally:
                self._here.at_work = False
                keeper.close()
                self._store.leases.release(_LEASE, self._owner)


def _linked(folder: SourceFolder) -> LinkedFolder:
    return LinkedFolder(folder.id, folder.path, folder.top)


def _lies_in(inner: Path, outer: Path) -> bool:
    """Whether a folder is the other or lies in it, whatever links and cases their paths are written with."""
    inner, outer = inner.resolve(), outer.resolve()
    if inner.is_relative_to(outer):
        return True
    with suppress(OSError):
        return any(one.samefile(outer) for one in (inner, *inner.parents))
    return False


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path.expanduser()))


def _is_below(folder: str, top: str) -> bool:
    return folder == top or folder.startswith(f"{top}/")
