"""Linked folders on the screen: when they are looked at, how they are, and what a person chooses for a folder."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, InkwellError
from desktop_app.domain.folder_sync import Conflict, FolderStatus, LinkedFolder, SyncReport
from desktop_app.domain.source_folders import FolderKind
from desktop_app.domain.vanished_files import HeldFiles
from desktop_app.presenters.single_shot import single_shot
from desktop_app.presenters.tasks import Task, TaskRunner

#: Changes on the disk, and changes of notes, within this time cost one look, in milliseconds.
SETTLE_MS = 400
#: A look at all folders comes by itself this often at most, and seldom enough to take a fiftieth of a processor.
_SHORTEST_MS = 5_000
_LONGEST_MS = 300_000
_SHARE = 50
#: While the system tells of changes all the time, looks may take a tenth of a processor.
_SHARE_WHEN_TOLD = 10
#: How long the end of the program waits for a look that is under way.
_END_WAITS_S = 2.0
#: Folders watched by the system; changes in others are seen at the next look.
MOST_WATCHED = 2_000
#: Windows lets nobody rename a folder while one inside it is watched: there linked folders are, and none inside them.
_HOLDS_WHAT_IT_WATCHES = os.name == "nt"

_Statuses = tuple[int, list[FolderStatus]]
"""With a number that says what was asked later."""


class FolderLinking(Protocol):
    """What the presenter needs of the service."""

    def linked(self) -> list[LinkedFolder]: ...
    def kind_of(self, path: Path) -> FolderKind | None: ...
    def remember_copied(self, path: Path) -> None: ...
    def link(
        self, path: Path, progress: Callable[[float, int, str], None], cancel: CancelToken
    ) -> tuple[LinkedFolder, SyncReport]: ...
    def unlink(self, folder: LinkedFolder) -> None: ...
    def look_at_all(self, cancel: CancelToken) -> list[tuple[LinkedFolder, SyncReport]]: ...
    def look_at_notes(self, note_ids: Sequence[int], cancel: CancelToken) -> list[Conflict]: ...
    def statuses(self) -> list[FolderStatus]: ...
    def trash_held(self, folder: LinkedFolder, held: HeldFiles, cancel: CancelToken) -> SyncReport: ...
    def put_back(self, note_ids: Sequence[int]) -> None: ...
    def settle(self, note_id: int) -> None: ...
    def directories(self, most: int) -> list[Path]: ...
    @property
    def is_at_work_here(self) -> bool: ...


class LinkedFoldersPresenter(QObject):
    """A look at the whole of a folder is the truth; the system's watching and a save only make it come soon."""

    statuses_changed = Signal(object)  # list[FolderStatus]
    choice_wanted = Signal(object)  # list[Path]: how are these folders to come in? `choose` answers
    import_wanted = Signal(object)  # list[Path]: copy these in
    linking_changed = Signal(bool)
    progress = Signal(float, int, str)
    linked = Signal(object)  # LinkedFolder, once its files are notes
    conflicts_found = Signal(object)  # list[Conflict]
    failed = Signal(object)  # InkwellError
    notice = Signal(str, object)  # text, undo (a callable or None)
    _note_changed = Signal()

    def __init__(
        self,
        folders: FolderLinking,
        tasks: TaskRunner,
        subscribe: Callable[[Callable[[Sequence[int]], None]], Callable[[], None]],
        parent: QObject | None = None,
        *,
        read_only: bool = False,
    ) -> None:
        super().__init__(parent)
        self._folders = folders
        self._tasks = tasks
        self._read_only = read_only
        self._statuses: list[FolderStatus] = []
        self._asking = threading.Lock()
        self._asked_last = self._shown = 0
        self._changed: set[int] = set()
        self._lock = threading.Lock()
        self._asked: tuple[list[Path], list[Path]] = ([], [])
        self._looking = self._look_again = self._writing = self._closed = False
        self._linking: Task | None = None
        self._linking_now: Path | None = None
        self._to_link: list[Path] = []
        self._soon = single_shot(self, SETTLE_MS, self.look)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(lambda _path: self._soon_enough())
        self._last_look_s = 0.0
        self._next = single_shot(self, _SHORTEST_MS, self.look)
        self._write_soon = single_shot(self, SETTLE_MS, self._look_at_changed)
        self._note_changed.connect(self._write_soon.start)
        self._unsubscribe = subscribe(self._on_notes)

    # How they are -------------------------------------------------------------------------------

    @property
    def statuses(self) -> list[FolderStatus]:
        """The linked folders as they were when last looked at."""
        return self._statuses

    @property
    def can_link(self) -> bool:
        """Whether folders can be linked: nothing can while nothing may be saved."""
        return not self._read_only

    def start(self) -> None:
        """Look for the first time; from then on by itself."""
        self.look()

    def look_soon(self) -> None:
        """The window was gone to, or something changed on the disk."""
        if self._statuses and not self._closed:
            self._soon_enough()

    def look(self) -> None:
        """Bring all linked folders in step; one look at a time."""
        if self._closed or self._read_only:
            return
        if self._looking:
            self._look_again = True
            return
        self._looking = True
        self._next.stop()

        def work(token: CancelToken) -> tuple[list[Conflict], _Statuses, list[Path], float]:
            began = time.monotonic()
            reports = self._folders.look_at_all(token)
            conflicts = [one for _folder, report in reports for one in report.conflicts]
            taken = time.monotonic() - began
            return conflicts, self._ask(), self._folders.directories(MOST_WATCHED), taken

        def done(result: tuple[list[Conflict], _Statuses, list[Path], float]) -> None:
            conflicts, statuses, directories, seconds = result
            self._show(statuses)
            self._watch(directories if self._statuses else [])
            if conflicts:
                self.conflicts_found.emit(conflicts)
            self._ended(seconds)

        def failed(error: InkwellError) -> None:
            self._ended(_LONGEST_MS / _SHARE / 1000)
            self.failed.emit(error)

        self._tasks.run(work, done=done, failed=failed, cancelled=lambda: self._ended(0.0))

    # Choosing -----------------------------------------------------------------------------------

    def bring_in(self, paths: Sequence[Path]) -> None:
        """Files and folders are to come in: a folder that nobody was asked about is asked about first."""
        given = list(paths)
        if not given:
            return

        def work(token: CancelToken) -> dict[Path, FolderKind | None]:
            return {path: self._folders.kind_of(path) for path in given if path.is_dir()}

        def done(kinds: dict[Path, FolderKind | None]) -> None:
            unknown = [path for path, kind in kinds.items() if kind is None]
            rest = [path for path in given if path not in kinds or kinds[path] is FolderKind.COPIED]
            if FolderKind.LINKED in kinds.values():
                self.look()
            if unknown and self.can_link:
                self._asked = (unknown, rest)
                self.choice_wanted.emit(unknown)
            elif unknown or rest:
                self.import_wanted.emit([*unknown, *rest])

        self._tasks.run(work, done=done, failed=self.failed.emit)

    def choose(self, kind: FolderKind | None) -> None:
        """The answer to `choice_wanted`; None brings nothing in, of what came together with these folders either."""
        (folders, rest), self._asked = self._asked, ([], [])
        if kind is None:
            return
        if kind is FolderKind.LINKED:
            self.link(folders)
        elif kind is FolderKind.COPIED:

            def remember(_token: CancelToken) -> None:
                for folder in folders:
                    self._folders.remember_copied(folder)

            self._tasks.run(
                remember,
                done=lambda _none: self.import_wanted.emit([*folders, *rest]),
                failed=self.failed.emit,
            )
            return
        if rest:
            self.import_wanted.emit(rest)

    def link(self, paths: Sequence[Path]) -> None:
        """Make the files of these folders notes that stay in step with them."""
        if not paths or not self.can_link:
            return
        if self._linking is not None:
            self._to_link += [path for path in paths if path not in (self._linking_now, *self._to_link)]
            return
        first, *others = paths

        def work(token: CancelToken) -> tuple[LinkedFolder, SyncReport]:
            return self._folders.link(first, self.progress.emit, token)

        def done(result: tuple[LinkedFolder, SyncReport]) -> None:
            folder, report = result
            self._end_linking()
            one, more = self.tr("“{folder}” is linked: 1 note."), self.tr("“{folder}” is linked: {n} notes.")
            words = (one if report.added == 1 else more).replace("{n}", f"{report.added:,}")
            self.notice.emit(words.replace("{folder}", folder.top), lambda: self.unlink(folder))
            self.linked.emit(folder)
            if others and not report.stopped:
                self.link(others)

        def failed(error: InkwellError) -> None:
            self._end_linking()
            self.failed.emit(error)
            if not self._closed:
                self.link(others)

        self.linking_changed.emit(True)
        self._linking_now = first
        self._linking = self._tasks.run(work, done=done, failed=failed, cancelled=self._end_linking)

    def stop_linking(self) -> None:
        """Stop; the folder is linked, and what is left comes with the next look. Those that wait are not linked."""
        self._to_link.clear()
        if self._linking is not None:
            self._linking.cancel()

    def unlink(self, folder: LinkedFolder) -> None:
        """Leave the files alone; the notes stay. The notice takes it back."""
        words = self.tr("“{folder}” is linked no more. Its notes stay as copies.").replace("{folder}", folder.top)

        def done(statuses: _Statuses) -> None:
            self._show(statuses)
            self.notice.emit(words, lambda: self.link([folder.path]))

        def work(_token: CancelToken) -> _Statuses:
            self._folders.unlink(folder)
            return self._ask()

        self._tasks.run(work, done=done, failed=self.failed.emit)

    def settle(self, note_ids: Sequence[int]) -> None:
        """These conflicts were looked at: their notes are notes like others."""

        def work(_token: CancelToken) -> _Statuses:
            for note_id in note_ids:
                self._folders.settle(note_id)
            return self._ask()

        self._tasks.run(work, done=self._show, failed=self.failed.emit)

    def trash_held(self, folder: LinkedFolder, held: HeldFiles) -> None:
        """Files that are gone at once were deleted: their notes go to the trash. The notice takes it back."""

        def work(token: CancelToken) -> tuple[SyncReport, _Statuses]:
            return self._folders.trash_held(folder, held, token), self._ask()

        def done(result: tuple[SyncReport, _Statuses]) -> None:
            report, statuses = result
            self._show(statuses)
            if report.held is None:
                one, more = self.tr("Moved 1 note to the trash."), self.tr("Moved {n} notes to the trash.")
                words = (one if report.trashed == 1 else more).replace("{n}", f"{report.trashed:,}")
                self.notice.emit(words, lambda: self._put_back(held.note_ids))

        self._tasks.run(work, done=done, failed=self.failed.emit)

    def _put_back(self, note_ids: Sequence[int]) -> None:
        self._tasks.run(
            lambda _token: self._folders.put_back(note_ids), done=lambda _none: self.look(), failed=self.failed.emit
        )

    # Notes that change --------------------------------------------------------------------------

    def flush(self) -> None:
        """Before the program ends: what was written last goes to its files, in this thread."""
        ids = self._take_changed()
        if ids and self._statuses and not self._read_only:
            token = CancelToken()
            patience = threading.Timer(_END_WAITS_S, token.cancel)
            patience.start()
            try:
                self._folders.look_at_notes(ids, token)
            except CancelledError:
                return  # the first look of the next start goes on
            finally:
                patience.cancel()

    def close(self) -> None:
        """Listen no more, and start no more work by itself."""
        self._closed = True
        for timer in (self._soon, self._next, self._write_soon):
            timer.stop()
        self._unsubscribe()
        if watched := self._watcher.directories():
            self._watcher.removePaths(watched)

    def _on_notes(self, note_ids: Sequence[int]) -> None:
        """In any thread."""
        if self._folders.is_at_work_here:
            return  # it came from a file, or goes to one within the same look
        with self._lock:
            self._changed.update(note_ids)
        self._note_changed.emit()

    def _take_changed(self) -> list[int]:
        with self._lock:
            ids = sorted(self._changed)
            self._changed.clear()
        return ids

    def _look_at_changed(self) -> None:
        if self._closed or self._read_only:
            return
        if self._writing:
            self._write_soon.start()
            return
        ids = self._take_changed()
        if not ids or not self._statuses:
            return
        self._writing = True

        def work(token: CancelToken) -> tuple[list[Conflict], _Statuses]:
            return self._folders.look_at_notes(ids, token), self._ask()

        def done(result: tuple[list[Conflict], _Statuses]) -> None:
            conflicts, statuses = result
            self._writing = False
            self._show(statuses)
            if conflicts:
                self.conflicts_found.emit(conflicts)

        def failed(error: InkwellError) -> None:
            self._writing = False
            self.failed.emit(error)

        self._tasks.run(work, done=done, failed=failed)

    # Inside -------------------------------------------------------------------------------------

    def _ended(self, seconds: float) -> None:
        self._looking = False
        self._last_look_s = seconds
        if self._closed:
            return
        if self._look_again:
            self._look_again = False
            self._soon_enough()
        if self._statuses:
            self._next.start(int(min(_LONGEST_MS, max(_SHORTEST_MS, seconds * 1000 * _SHARE))))

    def _soon_enough(self) -> None:
        """Look after a short while, which does not begin anew as long as changes go on."""
        if not self._soon.isActive():
            self._soon.start(int(max(SETTLE_MS, self._last_look_s * 1000 * _SHARE_WHEN_TOLD)))

    def _end_linking(self) -> None:
        self._linking = None
        self.linking_changed.emit(False)
        self.look()
        waiting, self._to_link = self._to_link, []
        if not self._closed:
            self.link(waiting)

    def _watch(self, directories: list[Path]) -> None:
        if _HOLDS_WHAT_IT_WATCHES:
            directories = [status.folder.path for status in self._statuses]
        wanted, watched = {str(path) for path in directories}, set(self._watcher.directories())
        if gone := sorted(watched - wanted):
            self._watcher.removePaths(gone)
        if new := sorted(wanted - watched):
            self._watcher.addPaths(new)

    def _ask(self) -> _Statuses:
        """In any thread."""
        with self._asking:
            self._asked_last += 1
            return self._asked_last, self._folders.statuses()

    def _show(self, asked: _Statuses) -> None:
        number, statuses = asked
        if number < self._shown:
            return  # what was asked later arrived before it
        self._shown = number
        if statuses != self._statuses:
            self._statuses = statuses
            self.statuses_changed.emit(statuses)
