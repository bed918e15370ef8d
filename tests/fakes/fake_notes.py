"""Notes in memory with the rules of the note service that the screens rely on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec.structs

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError, NoteConflictError, NotFoundError
from desktop_app.domain.folders import clean_folder
from desktop_app.domain.notes import ImportReport, Note, NoteFilter, NoteSort, NoteSummary, NoteVersion

START = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)


class FakeNotes:
    """Raises `save_error` instead of saving while it is set. `saves` lists the texts that were committed."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._notes: dict[int, Note] = {}
        self._versions: list[NoteVersion] = []
        self._listeners: list[Callable[[Sequence[int]], None]] = []
        self._clock = START
        self.pinned: set[int] = set()
        self.save_error: InkwellError | None = None
        self.hold_saves: threading.Event | None = None
        self.saves: list[tuple[int, str]] = []
        self.list_calls: list[tuple[NoteFilter, int | None, int]] = []

    # As the note service ------------------------------------------------------------------------

    def create(self, folder: str = "", text: str = "") -> Note:
        with self._lock:
            note_id = max(self._notes, default=0) + 1
            now = self._tick()
            note = Note(note_id, _title(text), text, folder, (), now, now)
            self._notes[note_id] = note
        self._tell(note_id)
        return note

    def get(self, note_id: int) -> Note:
        with self._lock:
            if note_id not in self._notes:
                raise NotFoundError("This note does not exist any more.")
            return self._notes[note_id]

    def save(self, note_id: int, text: str, title: str | None = None, expected_revision: int | None = None) -> Note:
        if self.hold_saves is not None:
            self.hold_saves.wait(10)
        if self.save_error is not None:
            raise self.save_error
        with self._lock:
            note = self.get(note_id)
            if expected_revision is not None and note.revision != expected_revision:
                raise NoteConflictError("This note was changed elsewhere.")
            self._versions.append(NoteVersion(len(self._versions) + 1, note_id, note.edited_at, note.title, note.text))
            if title is None:
                title = "" if note.title == _title(note.text) else note.title
            saved = msgspec.structs.replace(
                note, text=text, title=title or _title(text), revision=note.revision + 1, edited_at=self._tick()
            )
            self._notes[note_id] = saved
            self.saves.append((note_id, text))
        self._tell(note_id)
        return saved

    def keep_apart(self, of: Note, text: str, title: str) -> Note:
        note = self.create(of.folder, text)
        with self._lock:
            kept = msgspec.structs.replace(note, title=title or note.title, tags=of.tags, front_matter=of.front_matter)
            self._notes[note.id] = kept
        self._tell(note.id)
        return kept

    def list_notes(self, filter: NoteFilter, *, limit: int | None = None, offset: int = 0) -> list[NoteSummary]:
        with self._lock:
            self.list_calls.append((filter, limit, offset))
            notes = [note for note in self._notes.values() if self._fits(note, filter)]
        if filter.sort is NoteSort.TITLE:
            notes.sort(key=lambda note: note.title.lower())
        else:
            key = "edited_at" if filter.sort is NoteSort.EDITED else "created_at"
            notes.sort(key=lambda note: getattr(note, key), reverse=True)
        rows = [
            NoteSummary(
                note.id,
                note.title,
                note.folder,
                _snippet(note.text),
                note.edited_at,
                note.trashed_at,
                note.id in self.pinned,
                note.tags,
            )
            for note in sorted(notes, key=lambda note: note.id not in self.pinned)
        ]
        return rows[offset : None if limit is None else offset + limit]

    def position(self, filter: NoteFilter, note_id: int) -> int | None:
        with self._lock:
            calls = len(self.list_calls)
            ids = [row.id for row in self.list_notes(filter)]
            del self.list_calls[calls:]
        return ids.index(note_id) if note_id in ids else None

    def folders(self) -> list[tuple[str, int]]:
        with self._lock:
            names = sorted({note.folder for note in self._notes.values() if note.folder and not note.trashed_at})
            return [(name, len(self.list_notes(NoteFilter(folder=name)))) for name in names]

    def tags(self) -> list[tuple[str, int]]:
        with self._lock:
            names = sorted({tag for note in self._notes.values() for tag in note.tags})
            return [(name, len(self.list_notes(NoteFilter(tag=name)))) for name in names]

    def move(self, note_ids: Sequence[int], folder: str) -> None:
        self._change(note_ids, folder=clean_folder(folder))

    def set_tags(self, note_id: int, tags: Sequence[str], seen: Sequence[str] | None = None) -> Note:
        self._change([note_id], tags=tuple(tags))
        return self.get(note_id)

    def change_tags(self, tags: Mapping[int, Sequence[str]], seen: Mapping[int, Sequence[str]] | None = None) -> None:
        for note_id, own in tags.items():
            self._change([note_id], tags=tuple(sorted(set(own))))

    def set_pinned(self, note_ids: Sequence[int], pinned: bool) -> None:
        self.pinned = self.pinned | set(note_ids) if pinned else self.pinned - set(note_ids)
        self._tell(*note_ids)

    def trash(self, note_ids: Sequence[int]) -> None:
        self._change(note_ids, trashed_at=self._tick())

    def restore(self, note_ids: Sequence[int]) -> None:
        self._change(note_ids, trashed_at=None)

    def delete_forever(self, note_ids: Sequence[int]) -> None:
        with self._lock:
            for note_id in note_ids:
                self._notes.pop(note_id, None)
        self._tell(*note_ids)

    def versions(self, note_id: int) -> list[NoteVersion]:
        with self._lock:
            return [version for version in reversed(self._versions) if version.note_id == note_id]

    def restore_version(self, version_id: int) -> Note:
        version = self._versions[version_id - 1]
        return self.save(version.note_id, version.text)

    def subscribe(self, callback: Callable[[Sequence[int]], None]) -> Callable[[], None]:
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    # For tests ----------------------------------------------------------------------------------

    def add(self, text: str, folder: str = "", tags: Sequence[str] = ()) -> Note:
        """A note that was there before."""
        note = self.create(folder, text)
        with self._lock:
            self._notes[note.id] = msgspec.structs.replace(note, tags=tuple(tags))
            return self._notes[note.id]

    def list_notes_all(self) -> list[Note]:
        """Every note there is."""
        with self._lock:
            return list(self._notes.values())

    def change_elsewhere(self, note_id: int, text: str) -> None:
        """Another process saves; nobody here is told."""
        with self._lock:
            note = self._notes[note_id]
            self._notes[note_id] = msgspec.structs.replace(
                note, text=text, title=_title(text), revision=note.revision + 1
            )

    def _change(self, note_ids: Sequence[int], **values: object) -> None:
        with self._lock:
            for note_id in note_ids:
                note = self._notes[note_id]
                changed = msgspec.structs.replace(note, **values, revision=note.revision + 1)  # type: ignore[arg-type]
                self._notes[note_id] = changed
        self._tell(*note_ids)

    def _fits(self, note: Note, filter: NoteFilter) -> bool:
        if (note.trashed_at is not None) != filter.trashed:
            return False
        if (
            filter.folder is not None
            and note.folder != filter.folder
            and not note.folder.startswith(filter.folder + "/")
        ):
            return False
        if filter.tag is not None and filter.tag not in note.tags:
            return False
        return filter.text.lower() in note.title.lower()

    def _tick(self) -> datetime:
        self._clock += timedelta(minutes=1)
        return self._clock

    def _tell(self, *note_ids: int) -> None:
        for listener in list(self._listeners):
            listener(note_ids)


class FakeImporter:
    """Imports what `report` says; waits at `gate` until the test opens it, or stops when cancelled."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        self.paths: list[Path] = []
        self.gate: threading.Event | None = None

    def run(
        self, paths: Sequence[Path], progress: Callable[[float, int, str], None], cancel: CancelToken
    ) -> ImportReport:
        self.paths = list(paths)
        progress(1, 3, "first.md")
        if self.gate is not None:
            with cancel.telling(self.gate.set):
                assert self.gate.wait(10)
        cancel.raise_if_cancelled()
        return self.report


class FakeWelcome:
    """The welcome notes are those of one folder."""

    def __init__(self, notes: FakeNotes, folder: str) -> None:
        self._notes = notes
        self._folder = folder

    def present(self) -> bool:
        return bool(self._notes.list_notes(NoteFilter(folder=self._folder)))

    def remove(self) -> list[int]:
        ids = [row.id for row in self._notes.list_notes(NoteFilter(folder=self._folder))]
        self._notes.trash(ids)
        return ids


def _title(text: str) -> str:
    return next((line.strip("# ").strip() for line in text.splitlines() if line.strip()), "")


def _snippet(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return (lines[1] if len(lines) > 1 else "")[:120]
