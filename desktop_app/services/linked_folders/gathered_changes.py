"""Changes of the store that follow what was done on the disk, gathered so that one commit holds many of them."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from desktop_app.domain.errors import NoteConflictError, NotFoundError
from desktop_app.domain.folder_sync import SyncProblem
from desktop_app.domain.source_folders import SourceFile
from desktop_app.services.bounded_commits import commit_in_batches
from desktop_app.services.linked_folders.look import Look
from desktop_app.services.notes import NoteService
from desktop_app.services.source_folder_ports import SourceFolderStore

_HELD_JOBS = 100
_HELD_CHARACTERS = 8_000_000


class GatheredChanges:
    """The jobs of one look. Nothing of them happens before `commit`."""

    def __init__(self, look: Look, store: SourceFolderStore, notes: NoteService) -> None:
        self._folder_id = look.folder.id
        self._tally = look.tally
        self._store = store
        self._notes = notes
        self._jobs: list[Callable[[], None]] = []
        self._characters = 0
        self._on_disk = False
        self._changed: list[int] = []

    @property
    def are_many(self) -> bool:
        """Whether what is gathered should be committed: there is much of it, or a file was changed already. A file that
        the store does not know of would be taken for another program's when the note is changed once more.
        """
        return self._on_disk or len(self._jobs) >= _HELD_JOBS or self._characters >= _HELD_CHARACTERS

    def add(self, job: Callable[[], None], characters: int = 0) -> None:
        """Gather a job that holds so many characters of text. A note that it meets changed or deleted asks for another
        look.
        """

        def guarded() -> None:
            try:
                job()
            except (NoteConflictError, NotFoundError):
                self._tally.again = True  # the next round decides anew

        self._jobs.append(guarded)
        self._characters += characters

    def file_changed(self) -> None:
        """A file on the disk is ahead of the store: commit soon."""
        self._on_disk = True

    def note_changed(self, note_id: int) -> None:
        """Listeners are told of this note after the commit."""
        self._changed.append(note_id)

    def put(self, *rows: SourceFile) -> None:
        """Gather that these files are now as the rows say."""
        self.add(lambda: self._store.put_files(self._folder_id, rows))

    def forget(self, path: str) -> None:
        """Gather that there is no file at `path` any more."""
        self.add(lambda: self._store.remove_files(self._folder_id, [path]))

    def problem(self, row: SourceFile, reason: str) -> None:
        """Tell why a file and its note are not in step, and remember it with the file."""
        self._tally.problems.append(SyncProblem(row.path, reason, row.note_id))
        if row.problem != reason:
            self.put(replace(row, problem=reason))

    def commit(self) -> None:
        """Do all jobs, in commits that end when somebody waits to write, and tell of the notes. Raises StoreError."""
        jobs, self._jobs = self._jobs, []
        try:
            for _ in commit_in_batches(self._notes.at_once, jobs, self._notes.others_wait):
                continue
        finally:
            self._characters = 0
            self._on_disk = False
            changed, self._changed = list(dict.fromkeys(self._changed)), []
            if changed:
                self._notes.tell(changed)
