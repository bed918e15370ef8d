"""A folder of notes as Markdown files. What came from a folder on the disk and was not edited is as it was there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import msgspec

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import AttachmentMissingError, ImportFileError, NotFoundError
from desktop_app.domain.folders import clean_folder, safe_file_name
from desktop_app.domain.note_file import EXTENSIONS, WrittenNote, file_bytes
from desktop_app.domain.notes import FolderExportReport, Note, NoteFilter
from desktop_app.domain.notion_names import without_ids
from desktop_app.domain.source_folders import FolderKind, SourceFile, SourceFolder
from desktop_app.services.import_files import content_hash, read_bytes
from desktop_app.services.markdown_folder import MarkdownFolder
from desktop_app.services.note_attachment_ports import AttachmentFileStore
from desktop_app.services.notes import NoteService
from desktop_app.services.ports import StorePort
from desktop_app.services.vault_originals import all_files, original_bytes
from desktop_app.services.whole_folder import write_whole

Progress = Callable[[int, int, str], None]

_NOTES_AT_ONCE = 50


class _Known(msgspec.Struct, frozen=True):
    """Where a note came from."""

    folder: SourceFolder
    row: SourceFile


class _Run(msgspec.Struct):
    """One export under way."""

    markdown: MarkdownFolder
    progress: Progress
    cancel: CancelToken
    total: int
    done: int = 0
    unchanged: int = 0
    others: set[tuple[int, str]] = msgspec.field(default_factory=set)

    def step(self, name: str) -> None:
        self.cancel.raise_if_cancelled()
        self.progress(self.done, self.total, name)
        self.done += 1


class FolderExport:
    """Exports a folder of notes, or all that came from one folder on the disk."""

    def __init__(
        self,
        store: StorePort,
        notes: NoteService,
        files: AttachmentFileStore,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._store = store
        self._folders = store.source_folders
        self._notes = notes
        self._files = files
        self._clock = clock or (lambda: datetime.now(UTC))

    def sources(self) -> list[Path]:
        """The folders on the disk that notes came from."""
        return [one.path for one in self._folders.folders()]

    def run(self, source: str | Path, folder: Path, progress: Progress, cancel: CancelToken) -> FolderExportReport:
        """Export into `folder`, or into a new folder inside it when it is not empty; nothing is overwritten.

        Args:
            source: a folder of notes ("" for all), or a folder on the disk that notes came from.

        Raises:
            NotFoundError: there is no such folder.
            ExportError: the files could not be written; nothing is left behind.
            CancelledError: stopped; nothing is left behind.
        """
        notes, known = self._of_source(source) if isinstance(source, Path) else self._of_folder(clean_folder(source))
        base = None if isinstance(source, Path) else _depth(clean_folder(source))

        def write(making: Path) -> tuple[_Run, MarkdownFolder]:
            markdown = MarkdownFolder(making, self._store.note_attachments, self._files)
            run = _Run(markdown, progress, cancel, len(notes))
            self._write(run, notes, known, base)
            if isinstance(source, Path) and (origin := self._folders.find(source)) is not None:
                self._write_others(run, origin, {PurePosixPath()})
            return run, markdown

        target, (run, markdown) = write_whole(folder, self._clock(), write)
        progress(run.total, run.total, "")
        files = markdown.files_written + len(run.others)
        return FolderExportReport(target, len(notes), run.unchanged, files, tuple(markdown.missing))

    # What is exported ---------------------------------------------------------------------------

    def _of_source(self, path: Path) -> tuple[list[int], dict[int, _Known]]:
        folder = self._folders.find(path)
        if folder is None:
            raise NotFoundError(
                "No notes came from this folder.", str(path), "Give a folder that was imported or linked."
            )
        rows = self._folders.files(folder.id).values()
        states = self._folders.states_of([row.note_id for row in rows if row.note_id is not None])
        known = {
            row.note_id: _Known(folder, row)
            for row in rows
            if row.note_id is not None and row.note_id in states and not states[row.note_id].trashed
        }
        return sorted(known), known

    def _of_folder(self, name: str) -> tuple[list[int], dict[int, _Known]]:
        listed = self._notes.list_notes(NoteFilter(folder=name or None))
        if name and not listed:
            raise NotFoundError(
                "There is no such folder of notes.",
                f"“{name}” has no notes.",
                "Give a folder that the list of notes shows, or the path of the one that was imported or linked.",
            )
        ids = sorted(one.id for one in listed)
        folders = {one.id: one for one in self._folders.folders()}
        known = {
            row.note_id: _Known(folders[folder_id], row)
            for folder_id, row in self._folders.files_of_notes(ids)
            if row.note_id is not None
        }
        return ids, known

    # Writing ------------------------------------------------------------------------------------

    def _write(self, run: _Run, ids: list[int], known: dict[int, _Known], base: int | None) -> None:
        """First what has a name of its own, then the rest, which takes what names are left.

        `base` is how many folders lie above the export's top among the notes; None for a folder on the disk as it was.
        """
        beside: dict[int, set[PurePosixPath]] = {}
        changed: list[tuple[Note, _Known, PurePosixPath]] = []
        for note in self._each(run, [note_id for note_id in ids if note_id in known]):
            came = known[note.id]
            place, above = self._place(note, came, base)
            if above is not None:
                beside.setdefault(came.folder.id, set()).add(above)
            data = self._as_it_was(note, came, run)
            if data is None:
                changed.append((note, came, place))
                continue
            run.markdown.write_exactly(str(place), data)
            run.unchanged += 1
        folders = {came.folder.id: came.folder for came in known.values()}
        for folder_id, tops in beside.items():
            self._write_others(run, folders[folder_id], tops)
        for note, came, place in changed:
            self._write_changed(run, note, came, place)
        for note in self._each(run, [note_id for note_id in ids if note_id not in known]):
            run.markdown.write_note(note, folder="/".join(note.folder.split("/")[base or 0 :]))

    def _each(self, run: _Run, ids: list[int]) -> Iterator[Note]:
        for start in range(0, len(ids), _NOTES_AT_ONCE):
            for note in self._store.notes.get_many(ids[start : start + _NOTES_AT_ONCE]):
                run.step(note.title)
                yield note

    def _place(self, note: Note, came: _Known, base: int | None) -> tuple[PurePosixPath, PurePosixPath | None]:
        """Where the note's file lies in the export, and the folder at the disk that the export's top stands for; None
        where the note was moved to another folder.
        """
        path = PurePosixPath(came.row.path)
        parent = "" if str(path.parent) == "." else str(path.parent)
        imported = "/".join(part for part in (came.folder.top, parent) if part)
        if note.folder not in (clean_folder(imported), clean_folder(without_ids(imported))):
            names = [safe_file_name(name, "folder") for name in note.folder.split("/")[base or 0 :] if name]
            return PurePosixPath(*names, path.name), None
        if base is None:
            return path, PurePosixPath()
        kept = max(0, _depth(note.folder) - max(base, _depth(came.folder.top))) + 1
        parts = path.parts
        kept = min(kept, len(parts))
        return PurePosixPath(*parts[len(parts) - kept :]), PurePosixPath(*parts[: len(parts) - kept])

    def _as_it_was(self, note: Note, came: _Known, run: _Run) -> bytes | None:
        """The file's bytes where the note says what it said when it was last in step with it."""
        row = came.row
        if (note.revision, note.title, note.tags) != (row.revision, row.title, row.tags):
            return None
        return self._original(note, came, run)

    def _original(self, note: Note, came: _Known, run: _Run) -> bytes | None:
        if came.folder.kind is FolderKind.LINKED:
            try:
                data = read_bytes(came.folder.path / came.row.path)
            except ImportFileError:
                data = b""
            if content_hash(data) == came.row.hash:
                return data
        try:
            return original_bytes(note, came.row, self._store.note_attachments, self._files)
        except AttachmentMissingError:
            run.markdown.missing.append(came.row.path)
            return None

    def _write_changed(self, run: _Run, note: Note, came: _Known, place: PurePosixPath) -> None:
        original = self._original(note, came, run)
        if place.suffix.lower() not in EXTENSIONS:
            # A document of another program stays what it is; beside it lies what the note says.
            if original is not None:
                run.markdown.write_exactly(str(place), original)
                original = None
            place = place.with_suffix(".md")
        own_folder = "" if str(place.parent) == "." else str(place.parent)
        text = run.markdown.text_with_files(note, own_folder)
        row = came.row
        written = WrittenNote(note.title, text, note.tags, note.front_matter, row.tags, row.title or None)
        run.markdown.write_exactly(str(place), file_bytes(written, str(place), original))

    def _write_others(self, run: _Run, folder: SourceFolder, tops: set[PurePosixPath]) -> None:
        """The files that are no notes, below the folders at the disk that the export's top stands for."""
        if folder.kind is FolderKind.LINKED:
            notes = {path for path, row in self._folders.files(folder.id).items() if row.note_id is not None}
            others = [(path, "") for path, _entry in all_files(folder.path, "") if path not in notes]
        else:
            rows = self._folders.files(folder.id)
            others = [(path, row.hash) for path, row in rows.items() if row.note_id is None and row.hash]
        for path, file_hash in sorted(others):
            top = next((one for one in tops if PurePosixPath(path).is_relative_to(one)), None)
            if top is None or (folder.id, path) in run.others:
                continue
            run.cancel.raise_if_cancelled()
            try:
                data = self._files.read(file_hash) if file_hash else read_bytes(folder.path / path)
            except (AttachmentMissingError, ImportFileError):
                run.markdown.missing.append(path)
                continue
            relative = str(PurePosixPath(path).relative_to(top))
            run.markdown.write_exactly(relative, data, file_hash or content_hash(data))
            run.others.add((folder.id, path))


def _depth(folder: str) -> int:
    return len(folder.split("/")) if folder else 0
