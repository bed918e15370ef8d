"""One look at a linked folder: what is found, and what is to be done by the rule of `domain.folder_sync`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import ImportFileError, NotFoundError
from desktop_app.domain.folder_sync import (
    Step,
    step_for,
)
from desktop_app.domain.note_file import file_bytes
from desktop_app.domain.notes import Note
from desktop_app.domain.source_folders import NoteState, SourceFile
from desktop_app.services.import_files import content_hash, read_bytes
from desktop_app.services.linked_folders.disk_files import (
    FileChangedError,
)
from desktop_app.services.linked_folders.folder_places import FolderPlaces
from desktop_app.services.linked_folders.folder_scan import Scan, Stamp
from desktop_app.services.linked_folders.gathered_changes import GatheredChanges
from desktop_app.services.linked_folders.look import Look
from desktop_app.services.linked_folders.pace import Pace
from desktop_app.services.linked_folders.sync_steps import Ours, SyncSteps, written_note
from desktop_app.services.notes import NoteService

Progress = Callable[[float, int, str], None]

_TOLD_EVERY = 20


class SyncRound:
    """One look at what is there; what the rule says is done by `steps`. `tally.again` asks for another one."""

    def __init__(
        self, look: Look, places: FolderPlaces, changes: GatheredChanges, steps: SyncSteps, notes: NoteService
    ) -> None:
        self._look = look
        self._found = look.found
        self._rows = look.rows
        self._states = look.states
        self._tally = look.tally
        self._places = places
        self._changes = changes
        self._steps = steps
        self._notes = notes

    def run(self, cancel: CancelToken, progress: Progress) -> None:
        """Bring everything in step that can be. Raises CancelledError between two files, StoreError and its kin."""
        with_file = {row.note_id for row in self._rows.values() if row.note_id is not None}
        fresh = [path for path in self._found.files if path not in self._rows or self._rows[path].note_id is None]
        new_notes = [
            state
            for state in self._states.values()
            if state.id not in with_file and not state.trashed and self._places.is_below(state.folder)
        ]
        total = len(self._rows) + len(fresh) + len(new_notes)
        pace = Pace(cancel)
        try:
            for done, (name, act) in enumerate(self._work(fresh, new_notes)):
                cancel.raise_if_cancelled()
                if done % _TOLD_EVERY == 0:
                    pace.breathe()
                    progress(done, total, name)
                try:
                    act()
                except FileChangedError:
                    self._tally.again = True
                except NotFoundError:
                    self._tally.again = True
                if self._changes.are_many:
                    self._changes.commit()
        finally:
            # What was written to files must be known as such, stopped or not.
            self._changes.commit()
        progress(total, total, "")

    def _work(self, fresh: list[str], new_notes: list[NoteState]) -> Iterator[tuple[str, Callable[[], None]]]:
        """A name to be told and what to do; made one by one, since 100,000 at once keep the garbage collector busy."""
        for path in sorted(self._rows):
            yield path, partial(self._known, self._rows[path])
        for path in sorted(fresh):
            yield path, partial(self._steps.fresh, path)
        for state in new_notes:
            yield state.title, partial(self._steps.new_note, state, None)

    def _known(self, row: SourceFile) -> None:
        stamp = self._found.files.get(row.path)
        if self._is_as_before(row, stamp):
            return
        if row.note_id is None:
            if stamp is None and self._found.knows(row.path):
                self._changes.forget(row.path)
            return  # a file that is there is looked at with the new ones
        if stamp is None and not self._found.knows(row.path):
            return
        state = self._states.get(row.note_id)
        data: bytes | None = None
        try:
            if stamp is not None and not stamp.is_of(row):
                data = read_bytes(self._look.root / row.path, follow_links=False)
        except ImportFileError as error:
            self._changes.problem(row, f"{error.what} {error.why}".strip())
            return
        if data is not None and content_hash(data) == row.writing:
            row = self._steps.as_written(row, data)
        base = row.hash or None
        file = None if stamp is None else (base if data is None else content_hash(data))
        if state is not None and not state.trashed and not self._places.is_below(state.folder):
            state = None  # it was moved out of the folder: its file leaves, the note stays
        ours = self._ours(row, state, data, stamp)
        note = None if state is None or state.trashed else (base if ours is None else content_hash(ours.data))
        self._do(step_for(base, file, note), row, stamp, state, data, ours)

    def _is_as_before(self, row: SourceFile, stamp: Stamp | None) -> bool:
        """Whether nothing happened to the file and its note, which is so for nearly all of them nearly always."""
        state = self._states.get(row.note_id) if row.note_id is not None else None
        return (
            stamp is not None
            and state is not None
            and not state.trashed
            and not row.problem
            and stamp.is_of(row)
            and (state.revision, state.title, state.tags) == (row.revision, row.title, row.tags)
            and state.folder == self._places.notes_folder(row.path)
        )

    def _ours(self, row: SourceFile, state: NoteState | None, data: bytes | None, stamp: Stamp | None) -> Ours | None:
        """The note as it would be written; None where it did not change since it was last in step."""
        if state is None or state.trashed:
            return None
        if row.hash and (state.revision, state.title, state.tags) == (row.revision, row.title, row.tags):
            return None
        note = self._notes.get(state.id)
        if data is None and stamp is not None:
            data = read_bytes(self._look.root / row.path, follow_links=False)
        path = str(PurePosixPath(*self._steps.place_here(row, state)))
        return Ours(note, file_bytes(written_note(note, row), path, data))

    def _do(
        self,
        step: Step,
        row: SourceFile,
        stamp: Stamp | None,
        state: NoteState | None,
        data: bytes | None,
        ours: Ours | None,
    ) -> None:
        if step in (Step.NOTHING, Step.AGREE):
            self._steps.agree(row, stamp, state, data, ours)
        elif step is Step.TAKE_FILE or (step is Step.CONFLICT and ours is not None and _only_tags(ours.note, row)):
            # Tags that were given here stay with the note, and go to the file in the next round.
            self._tally.again |= step is Step.CONFLICT
            self._steps.take(row, stamp, state, data)
        elif step is Step.WRITE_FILE:
            self._steps.write(row, stamp, ours)
        elif step is Step.CONFLICT:
            self._steps.keep_both(row, stamp, data, ours)
        elif step is Step.NEW_FILE:
            self._steps.fresh(row.path)
        elif step is Step.NEW_NOTE and state is not None:
            self._steps.new_note(state, row)
        elif step is Step.FILE_GONE:
            self._steps.trash_note(row)
        elif step is Step.NOTE_GONE and stamp is not None:
            self._steps.remove(row, stamp)
        elif step is Step.FORGET:
            self._changes.forget(row.path)


def moved_rows(rows: dict[str, SourceFile], found: Scan, hash_of: Callable[[str], str]) -> dict[str, str]:
    """Old path to new path of the files that were moved or renamed on the disk: the same file by number, size and time,
    else the same bytes under another name.
    """
    missing = [row for path, row in rows.items() if row.note_id and path not in found.files]
    missing = [row for row in missing if found.knows(row.path)]
    fresh = [path for path in found.files if path not in rows or rows[path].note_id is None]
    if not missing or not fresh:
        return {}
    moved: dict[str, str] = {}
    by_stamp = {found.files[path]: path for path in fresh}
    for row in missing:
        path = by_stamp.get(Stamp(row.size, row.mtime_ns, row.inode))
        if path is not None:
            moved[row.path] = path
    taken = set(moved.values())
    left = {hash_: row.path for row in missing if row.path not in moved for hash_ in (row.hash, row.writing) if hash_}
    for path in fresh:
        if left and path not in taken and (old := left.pop(hash_of(path), None)) is not None and old not in moved:
            moved[old] = path
    return moved


def _only_tags(note: Note, row: SourceFile) -> bool:
    return note.revision == row.revision
