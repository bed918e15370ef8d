"""The notes list: which notes, in what order, and what is done to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec.structs
from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.folders import clean_folder, is_within
from desktop_app.domain.notes import ImportReport, Note, NoteFilter, NoteSort, NoteSummary
from desktop_app.presenters.kept_undo import KeptUndo
from desktop_app.presenters.note_list import Facets, ListState, NoteListModel
from desktop_app.presenters.tasks import Task, TaskRunner

#: Rows fetched at a time.
PAGE = 200
#: A note further down than this is not looked for in the list when it is opened from elsewhere.
REVEAL_AT_MOST = 20_000
#: Changes of the store within this time cost one refresh, in milliseconds.
_COALESCE_MS = 60


class NoteListing(Protocol):
    """What the list needs of the note service."""

    def create(self, folder: str = "", text: str = "") -> Note: ...
    def duplicate(self, note_id: int, title: str) -> Note: ...
    def get(self, note_id: int) -> Note: ...
    def list_notes(self, filter: NoteFilter, *, limit: int | None = None, offset: int = 0) -> list[NoteSummary]: ...
    def position(self, filter: NoteFilter, note_id: int) -> int | None: ...
    def folders(self) -> list[tuple[str, int]]: ...
    def tags(self) -> list[tuple[str, int]]: ...
    def move(self, note_ids: Sequence[int], folder: str) -> None: ...
    def change_tags(
        self, tags: Mapping[int, Sequence[str]], seen: Mapping[int, Sequence[str]] | None = None
    ) -> None: ...
    def set_pinned(self, note_ids: Sequence[int], pinned: bool) -> None: ...
    def trash(self, note_ids: Sequence[int]) -> None: ...
    def restore(self, note_ids: Sequence[int]) -> None: ...
    def delete_forever(self, note_ids: Sequence[int]) -> None: ...
    def subscribe(self, callback: Callable[[Sequence[int]], None]) -> Callable[[], None]: ...


class NoteImporting(Protocol):
    """Reads files and folders into notes."""

    def run(
        self, paths: Sequence[Path], progress: Callable[[float, int, str], None], cancel: CancelToken
    ) -> ImportReport: ...


class NoteExporting(Protocol):
    """Writes everything as Markdown and JSON; what it returns is not used here."""

    def run(self, folder: Path, progress: Callable[[int, int, str], None], cancel: CancelToken) -> object: ...


class Welcoming(Protocol):
    """The welcome notes."""

    def present(self) -> bool: ...
    def remove(self) -> list[int]: ...


class NotesPresenter(QObject):
    """The notes list and the work on whole notes. Everything runs off the GUI thread; every delete can be undone."""

    filter_changed = Signal(object)  # NoteFilter
    state_changed = Signal(object)  # ListState
    facets_changed = Signal(object)  # Facets
    note_created = Signal(int)
    gone = Signal(object)  # ids that left the store or went to the trash
    revealed = Signal(int)  # a note asked for by `reveal` is among the rows now
    store_changed = Signal()  # a note was changed, by whomever
    failed = Signal(object)  # InkwellError of an action
    notice = Signal(str, object)  # text, undo (a callable or None)
    undo_changed = Signal()  # `undo_words` are others
    import_progress = Signal(float, int, str)
    import_finished = Signal(object)  # ImportReport
    export_finished = Signal(str)
    busy_changed = Signal(str)  # "" | "import" | "export"
    _changed_elsewhere = Signal(object)  # ids

    def __init__(
        self,
        notes: NoteListing,
        tasks: TaskRunner,
        importer: NoteImporting | None = None,
        exporter: NoteExporting | None = None,
        welcome: Welcoming | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._notes = notes
        self._tasks = tasks
        self._importer = importer
        self._exporter = exporter
        self._welcome = welcome
        self._filter = NoteFilter()
        self._state = ListState(loading=True)
        self._facets = Facets()
        self._transfer: Task | None = None
        self._to_reveal: int | None = None
        self.model = NoteListModel(self)
        self.model.more_wanted.connect(self._fetch_page)
        self._refresh_soon = QTimer(self)
        self._refresh_soon.setSingleShot(True)
        self._refresh_soon.setInterval(_COALESCE_MS)
        self._refresh_soon.timeout.connect(self.refresh)
        self._closed = False
        self._kept: KeptUndo | None = None
        self._linked: tuple[str, ...] = ()
        self._changed_elsewhere.connect(self._on_changed)
        self._unsubscribe = notes.subscribe(lambda ids: self._changed_elsewhere.emit(list(ids)))

    # What is shown ------------------------------------------------------------------------------

    @property
    def filter(self) -> NoteFilter:
        """Which notes are listed."""
        return self._filter

    @property
    def state(self) -> ListState:
        """What the list shows."""
        return self._state

    @property
    def facets(self) -> Facets:
        """Folders and tags as last read."""
        return self._facets

    @property
    def can_import(self) -> bool:
        """Whether an import is on offer."""
        return self._importer is not None

    @property
    def can_export(self) -> bool:
        """Whether an export is on offer."""
        return self._exporter is not None

    @property
    def transferring(self) -> bool:
        """True while an import or export runs."""
        return self._transfer is not None

    def set_text(self, text: str) -> None:
        """Narrow by title."""
        self._set_filter(msgspec.structs.replace(self._filter, text=text.strip()))

    def set_folder(self, folder: str | None) -> None:
        """Only this folder and below; None for all."""
        self._set_filter(msgspec.structs.replace(self._filter, folder=folder))

    def set_tag(self, tag: str | None) -> None:
        """Only notes with this tag; None for all."""
        self._set_filter(msgspec.structs.replace(self._filter, tag=tag))

    def narrow(self, folder: str | None, tag: str | None) -> None:
        """Only notes in this folder and below that have this tag; None for any."""
        self._set_filter(msgspec.structs.replace(self._filter, folder=folder, tag=tag, trashed=False))

    def set_sort(self, sort: NoteSort) -> None:
        """Order of the list."""
        self._set_filter(msgspec.structs.replace(self._filter, sort=sort))

    def show_trash(self, trashed: bool) -> None:
        """List the trash, or what is not in it; other filters are lifted."""
        self._set_filter(NoteFilter(trashed=trashed, sort=self._filter.sort))

    def clear_filters(self) -> None:
        """All notes outside the trash."""
        self._set_filter(NoteFilter(sort=self._filter.sort))

    def refresh(self) -> None:
        """Read the list (as far as it was fetched), the folders and the tags anew."""
        self._load_list()
        self._load_facets()

    def reveal(self, note_id: int) -> None:
        """Fetch rows as far as this note's; `revealed` follows, unless the filter or REVEAL_AT_MOST leaves it out."""
        self._to_reveal = note_id
        if not self._state.loading:
            self._reveal()

    # Single notes -------------------------------------------------------------------------------

    def new_note(self, text: str = "") -> None:
        """Make a note in the chosen folder; `note_created` follows."""
        folder = self._filter.folder or ""
        if self._filter.trashed:
            self.show_trash(False)

        def done(note: Note) -> None:
            self.refresh()
            self.note_created.emit(note.id)

        self._tasks.run(lambda token: self._notes.create(folder, text), done=done, failed=self.failed.emit)

    def duplicate(self, note_id: int, title: str) -> None:
        """Make a copy of a note; `note_created` follows, and the notice takes it back."""

        def done(note: Note) -> None:
            self.refresh()
            self.note_created.emit(note.id)
            words = self.tr("Made the copy “{title}”.").replace("{title}", title)
            self.notice.emit(words, lambda: self.trash([note.id]))

        self._tasks.run(lambda token: self._notes.duplicate(note_id, title), done=done, failed=self.failed.emit)

    def trash(self, note_ids: Sequence[int]) -> None:
        """Move notes to the trash; the notice takes it back."""
        ids = list(note_ids)
        if not ids:
            return
        text = self._about(ids, self.tr("Moved “{title}” to the trash."), self.tr("Moved {n} notes to the trash."))
        words = self._about(ids, self.tr("trashing of “{title}”"), self.tr("trashing of {n} notes"))

        def undo() -> None:
            self.restore(ids, quiet=True)

        def done(_: None) -> None:
            self.gone.emit(ids)
            self.refresh()
            self._keep(KeptUndo(words, frozenset(ids), undo, lambda note: note.trashed_at is not None))
            self.notice.emit(text, undo)

        self._tasks.run(lambda token: self._notes.trash(ids), done=done, failed=self.failed.emit)

    def restore(self, note_ids: Sequence[int], *, quiet: bool = False) -> None:
        """Take notes out of the trash."""
        ids = list(note_ids)
        if not ids:
            return
        text = self._about(ids, self.tr("Put “{title}” back."), self.tr("Put {n} notes back."))

        def done(_: None) -> None:
            self.refresh()
            if not quiet:
                self.gone.emit(ids if self._filter.trashed else [])
                self.notice.emit(text, lambda: self.trash(ids))

        self._tasks.run(lambda token: self._notes.restore(ids), done=done, failed=self.failed.emit)

    def restore_all(self) -> None:
        """Take everything out of the trash; the notice takes it back."""

        def work(token: CancelToken) -> list[int]:
            ids = [row.id for row in self._notes.list_notes(NoteFilter(trashed=True))]
            if ids:
                self._notes.restore(ids)
            return ids

        def done(ids: list[int]) -> None:
            self.refresh()
            self.gone.emit(ids if self._filter.trashed else [])
            if ids:
                one, many = self.tr("Put 1 note back."), self.tr("Put {n} notes back.")
                words = one if len(ids) == 1 else many.replace("{n}", f"{len(ids):,}")
                self.notice.emit(words, lambda: self.trash(ids))

        self._tasks.run(work, done=done, failed=self.failed.emit)

    def delete_forever(self, note_ids: Sequence[int]) -> None:
        """Delete trashed notes for good. The screen asks before."""
        ids = list(note_ids)
        if not ids:
            return

        def done(_: None) -> None:
            self.gone.emit(ids)
            self.refresh()

        self._tasks.run(lambda token: self._notes.delete_forever(ids), done=done, failed=self.failed.emit)

    def empty_trash(self) -> None:
        """Delete everything in the trash for good. The screen asks before."""

        def work(token: CancelToken) -> list[int]:
            ids = [row.id for row in self._notes.list_notes(NoteFilter(trashed=True))]
            if ids:
                self._notes.delete_forever(ids)
            return ids

        def done(ids: list[int]) -> None:
            self.gone.emit(ids)
            self.refresh()

        self._tasks.run(work, done=done, failed=self.failed.emit)

    def set_linked(self, tops: Sequence[str]) -> None:
        """These folders are kept as files on the disk."""
        self._linked = tuple(tops)

    def move(self, note_ids: Sequence[int], folder: str) -> None:
        """Move notes to a folder ("" for none); the notice takes it back."""
        wanted = set(note_ids)
        before = {row.id: row.folder for row in self.model.rows if row.id in wanted}
        ids = list(note_ids)
        if not ids:
            return
        name = folder or self.tr("no folder")
        text = self._about(ids, self.tr("Moved “{title}” to {folder}."), self.tr("Moved {n} notes to {folder}."))
        words = self._about(ids, self.tr("move of “{title}”"), self.tr("move of {n} notes"))
        stored = clean_folder(folder)

        def undo() -> None:
            for old in sorted(set(before.values())):
                self._run_move([note_id for note_id in ids if before.get(note_id) == old], old)

        def done() -> None:
            if before:
                kept = frozenset(note_id for note_id, old in before.items() if old != stored)
                self._keep(KeptUndo(words, kept, undo, lambda note: note.folder == stored and note.trashed_at is None))
            said = text.replace("{folder}", name) + self._about_files(before.values(), stored)
            self.notice.emit(said, undo if before else None)

        self._run_move(ids, folder, done)

    def _about_files(self, left: Iterable[str], folder: str) -> str:
        """Where the files of notes go that leave a linked folder for another one; "" where none does."""
        gone = [top for each in left for top in self._linked if is_within(each, top) and not is_within(folder, top)]
        if not gone:
            return ""
        one, many = self.tr("Its file goes to “.trash” in “{top}”."), self.tr("{n} files go to “.trash” in “{top}”.")
        words = (one if len(gone) == 1 else many).replace("{n}", f"{len(gone):,}")
        return " " + words.replace("{top}", "”, “".join(sorted(set(gone))))

    def toggle_pinned(self, note_ids: Sequence[int]) -> None:
        """Keep notes on top of the list; when all of them are there already, let them down again."""
        rows = self.chosen_rows(note_ids)
        ids = [row.id for row in rows]
        if ids:
            pinned = not all(row.pinned for row in rows)
            self._tasks.run(
                lambda token: self._notes.set_pinned(ids, pinned),
                done=lambda _: self.refresh(),
                failed=self.failed.emit,
            )

    def chosen_rows(self, note_ids: Sequence[int]) -> list[NoteSummary]:
        """The listed ones among these notes."""
        wanted = set(note_ids)
        return [row for row in self.model.rows if row.id in wanted]

    def change_tags(self, note_ids: Sequence[int], added: Sequence[str], removed: Sequence[str]) -> None:
        """Give several notes tags and take others from them; the notice takes it back."""
        before = {row.id: row.tags for row in self.chosen_rows(note_ids)}
        after = {note_id: [*(tag for tag in tags if tag not in removed), *added] for note_id, tags in before.items()}
        if not before or not (added or removed):
            return
        text = self._about(
            list(before), self.tr("Changed the tags of “{title}”."), self.tr("Changed the tags of {n} notes.")
        )
        words = self._about(list(before), self.tr("tags of “{title}”"), self.tr("tags of {n} notes"))
        kept = frozenset(note_id for note_id, tags in before.items() if set(tags) != set(after[note_id]))

        def run(tags: Mapping[int, Sequence[str]], seen: Mapping[int, Sequence[str]], then: Callable[[], None]) -> None:
            self._tasks.run(
                lambda token: self._notes.change_tags(tags, seen), done=lambda _: then(), failed=self.failed.emit
            )

        def undo() -> None:
            run(before, after, self.refresh)

        def stands(note: Note) -> bool:
            return note.trashed_at is None and set(note.tags) != set(before[note.id])

        def done() -> None:
            self.refresh()
            self._keep(KeptUndo(words, kept, undo, stands))
            self.notice.emit(text, undo)

        run(after, before, done)

    def remove_welcome_notes(self) -> None:
        """Move the welcome notes to the trash in one go; the notice takes it back."""
        welcome = self._welcome
        if welcome is None:
            return

        def done(ids: list[int]) -> None:
            self.gone.emit(ids)
            self.refresh()
            self.store_changed.emit()
            text = self.tr("Moved the welcome notes to the trash.")
            self.notice.emit(text, lambda: self.restore(ids, quiet=True))

        self._tasks.run(lambda token: welcome.remove(), done=done, failed=self.failed.emit)

    @property
    def undo_words(self) -> str:
        """Of the last move, tagging or trashing that can still be taken back ("move of 12 notes"); "" without one."""
        return self._kept.words if self._kept is not None else ""

    def undo_last(self) -> None:
        """Take it back."""
        if self._kept is not None:
            self._kept.undo()

    # Import and export --------------------------------------------------------------------------

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Read files and folders into notes; `import_progress`, then `import_finished` with the report."""
        importer = self._importer
        if importer is None or self._transfer is not None or not paths:
            return
        wanted = [Path(path) for path in paths]

        def work(token: CancelToken) -> ImportReport:
            return importer.run(wanted, self.import_progress.emit, token)

        def done(report: ImportReport) -> None:
            self._end_transfer()
            self.refresh()
            self.import_finished.emit(report)

        self._start_transfer(
            "import", self._tasks.run(work, done=done, failed=self._transfer_failed, cancelled=self._transfer_stopped)
        )

    def export_to(self, folder: Path) -> None:
        """Write every note and chat below `folder`; `export_finished` follows."""
        exporter = self._exporter
        if exporter is None or self._transfer is not None:
            return

        def work(token: CancelToken) -> object:
            return exporter.run(folder, self.import_progress.emit, token)

        def done(_: object) -> None:
            self._end_transfer()
            self.export_finished.emit(str(folder))
            self.notice.emit(self.tr("Everything was exported to {folder}.").replace("{folder}", str(folder)), None)

        self._start_transfer(
            "export", self._tasks.run(work, done=done, failed=self._transfer_failed, cancelled=self._transfer_stopped)
        )

    def stop_transfer(self) -> None:
        """Stop the running import or export; what was done stays."""
        if self._transfer is not None:
            self._transfer.cancel()

    def close(self) -> None:
        """Listen no more, and start no more work by itself."""
        self._closed = True
        self._refresh_soon.stop()
        self._unsubscribe()

    # Inside -------------------------------------------------------------------------------------

    def _set_filter(self, new: NoteFilter) -> None:
        if new == self._filter:
            return
        self._filter = new
        self._to_reveal = None
        self.filter_changed.emit(new)
        self._load_list(from_start=True)

    def _load_list(self, *, from_start: bool = False) -> None:
        filter_ = self._filter
        limit = PAGE if from_start else max(PAGE, len(self.model.rows))
        if not self.model.rows:
            self._set_state(msgspec.structs.replace(self._state, loading=True, error=None, empty=False))
        welcome = self._welcome

        def work(token: CancelToken) -> tuple[list[NoteSummary], bool]:
            rows = self._notes.list_notes(filter_, limit=limit)
            return rows, welcome is not None and welcome.present()

        def done(result: tuple[list[NoteSummary], bool]) -> None:
            rows, has_welcome = result
            self.model.replace(rows, complete=len(rows) < limit)
            narrowed = bool(filter_.text or filter_.tag is not None or filter_.folder is not None)
            self._set_state(ListState(empty=not rows, narrowed=narrowed, welcome=has_welcome, trashed=filter_.trashed))
            self._reveal()

        def failed(error: InkwellError) -> None:
            self._set_state(ListState(error=error))

        self._tasks.run(work, done=done, failed=failed, channel="notes.list")

    def _fetch_page(self) -> None:
        filter_, offset = self._filter, len(self.model.rows)

        def done(rows: list[NoteSummary]) -> None:
            if filter_ == self._filter and offset == len(self.model.rows):
                self.model.append(rows, complete=len(rows) < PAGE)

        def failed(error: InkwellError) -> None:
            self.model.ask_again()
            self.failed.emit(error)

        self._tasks.run(
            lambda token: self._notes.list_notes(filter_, limit=PAGE, offset=offset),
            done=done,
            failed=failed,
            channel="notes.page",
        )

    def _reveal(self) -> None:
        note_id = self._to_reveal
        if note_id is None:
            return
        if self.model.row_of(note_id) >= 0:
            self._to_reveal = None
            self.revealed.emit(note_id)
            return
        filter_, offset = self._filter, len(self.model.rows)

        def work(token: CancelToken) -> list[NoteSummary]:
            position = self._notes.position(filter_, note_id)
            if position is None or not offset <= position < REVEAL_AT_MOST:
                return []
            wanted = position + 1 - offset
            return self._notes.list_notes(filter_, limit=-(-wanted // PAGE) * PAGE, offset=offset)

        def done(rows: list[NoteSummary]) -> None:
            if self._to_reveal != note_id or filter_ != self._filter:
                return
            if offset != len(self.model.rows):
                self._reveal()  # the list was scrolled or read anew meanwhile
                return
            if rows:
                self.model.append(rows, complete=len(rows) % PAGE != 0)
            self._to_reveal = None
            if self.model.row_of(note_id) >= 0:
                self.revealed.emit(note_id)

        self._tasks.run(work, done=done, failed=self.failed.emit, channel="notes.reveal")

    def _load_facets(self) -> None:
        def done(facets: Facets) -> None:
            if facets != self._facets:
                self._facets = facets
                self.facets_changed.emit(facets)

        self._tasks.run(
            lambda token: Facets(tuple(self._notes.folders()), tuple(self._notes.tags())),
            done=done,
            failed=self.failed.emit,
            channel="notes.facets",
        )

    def _run_move(self, ids: list[int], folder: str, then: Callable[[], None] | None = None) -> None:
        def done(_: None) -> None:
            self.refresh()
            self.store_changed.emit()
            if then is not None:
                then()

        self._tasks.run(lambda token: self._notes.move(ids, folder), done=done, failed=self.failed.emit)

    def _about(self, ids: list[int], one: str, many: str) -> str:
        """`one` with the note's title, or `many` with the number of notes."""
        if len(ids) != 1:
            return many.replace("{n}", str(len(ids)))
        row = self.model.row_of(ids[0])
        title = self.model.rows[row].title if row >= 0 else ""
        return one.replace("{title}", title or self.tr("Untitled"))

    def _on_changed(self, ids: Sequence[int]) -> None:
        if self._closed:  # told by another thread before, arrived only now
            return
        self._refresh_soon.start()
        self._check_kept(ids)
        self.store_changed.emit()

    def _keep(self, kept: KeptUndo | None) -> None:
        """What can be taken back is another one, or nothing."""
        self._kept = kept if kept is not None and kept.note_ids else None
        self.undo_changed.emit()

    def _check_kept(self, changed: Sequence[int]) -> None:
        """Forget what would undo more than its own change by now; what was just taken back is among that."""
        kept = self._kept
        if kept is None or kept.note_ids.isdisjoint(changed):
            return

        def done(right: bool) -> None:
            if not right and self._kept is kept:
                self._keep(None)

        self._tasks.run(lambda token: kept.is_right(self._notes, changed), done=done, failed=self.failed.emit)

    def _start_transfer(self, kind: str, task: Task) -> None:
        self._transfer = task
        self.busy_changed.emit(kind)

    def _end_transfer(self) -> None:
        self._transfer = None
        self.busy_changed.emit("")

    def _transfer_failed(self, error: InkwellError) -> None:
        self._end_transfer()
        self.failed.emit(error)

    def _transfer_stopped(self) -> None:
        self._end_transfer()
        self.refresh()
        self.notice.emit(self.tr("Stopped. What was done so far is kept."), None)

    def _set_state(self, state: ListState) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)
