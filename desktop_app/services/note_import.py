"""Brings Markdown and text files into the notes. The same files again change nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import ImportFileError
from desktop_app.domain.note_text import read_text
from desktop_app.domain.notes import ImportFailure, ImportReport, ImportSource, Note
from desktop_app.domain.snippets import title_of
from desktop_app.services.import_files import (
    FoundFile,
    content_hash,
    file_key,
    find_files,
    read_bytes,
    read_note,
)
from desktop_app.services.notes import IncomingNote, NoteService

Progress = Callable[[int, int, str], None]

_GROUP_FILES = 100
_GROUP_CHARACTERS = 16_000_000


@dataclass(slots=True)
class _Group:
    """Notes that are committed together."""

    new: list[IncomingNote] = field(default_factory=list)
    changed: list[tuple[int, IncomingNote]] = field(default_factory=list)
    brought_back: list[int] = field(default_factory=list)
    relocated: list[tuple[int, ImportSource]] = field(default_factory=list)
    characters: int = 0

    @property
    def is_full(self) -> bool:
        return (
            len(self.new) + len(self.changed) + len(self.relocated) >= _GROUP_FILES
            or self.characters >= _GROUP_CHARACTERS
        )


@dataclass(slots=True)
class _Tally:
    """The report while it grows."""

    imported: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    unchanged: int = 0
    failed: list[ImportFailure] = field(default_factory=list)
    converted: list[ImportFailure] = field(default_factory=list)

    def report(self, stopped: bool) -> ImportReport:
        return ImportReport(
            tuple(self.imported),
            tuple(self.updated),
            self.unchanged,
            tuple(self.failed),
            tuple(self.converted),
            stopped,
        )


class NoteImport:
    """Imports files and folders by the rules of `import_files`.

    A file is known again by its absolute path, or by its path in the import where the earlier file is gone (a vault
    that was moved). Unchanged content leaves the note as it is, edited or not; changed content becomes the note's
    text and its present text a version. A note in the trash stays there, unless its very file was named.
    """

    def __init__(self, notes: NoteService, clock: Callable[[], datetime] | None = None) -> None:
        self._notes = notes
        self._clock = clock or (lambda: datetime.now(UTC))

    def run(self, paths: Sequence[Path], progress: Progress, cancel: CancelToken) -> ImportReport:
        """Import; `progress` gets (files done, files in all, name of the file). Stopping keeps what is done so far.

        A file that cannot be imported is listed with its reason and does not stop the others.

        Raises:
            DiskFullError, StoreError: a group could not be committed; earlier groups are in, and the import can be
            run again.
        """
        tally = _Tally()
        found: list[FoundFile] = []
        for one in find_files(paths):
            if cancel.cancelled:
                return tally.report(stopped=True)
            if isinstance(one, ImportFailure):
                tally.failed.append(one)
            else:
                found.append(one)
        known = _KnownFiles(self._notes.import_sources())
        for group in self._groups(found, known, tally, progress, cancel):
            self._commit(group, tally)
        return tally.report(stopped=cancel.cancelled)

    def add_text(self, text: str, *, title: str = "", folder: str | None = None, file_name: str = "") -> Note:
        """One new note of a text, read as the import reads files, but tied to none.

        Args:
            title: in place of the front matter's or the first heading.
            folder: in place of the front matter's.
            file_name: the title where there is no other; without it the first line is.
        """
        read = read_text(text)
        now = self._clock()
        edited = min(read.edited or now, now)
        note = self._notes.add_imported(
            IncomingNote(
                title=" ".join(title.split()) or read.title or file_name or title_of(read.text),
                text=read.text,
                folder=read.folder if folder is None else folder,
                tags=read.tags,
                source=ImportSource(path="", file="", hash="", front_matter=read.front_matter),
                created_at=min(read.created or edited, edited),
                edited_at=edited,
            )
        )
        self._notes.tell([note.id])
        return note

    def _groups(
        self, found: list[FoundFile], known: _KnownFiles, tally: _Tally, progress: Progress, cancel: CancelToken
    ) -> Iterator[_Group]:
        group = _Group()
        for place, file in enumerate(found):
            if cancel.cancelled:
                break
            progress(place, len(found), file.relative_path)
            try:
                self._add(file, known, group, tally)
            except ImportFileError as error:
                tally.failed.append(ImportFailure(file_key(file.path), error.what))
            if group.is_full:
                yield group
                group = _Group()
        yield group
        if found and not cancel.cancelled:
            progress(len(found), len(found), "")

    def _add(self, file: FoundFile, known: _KnownFiles, group: _Group, tally: _Tally) -> None:
        data = read_bytes(file.path)
        earlier = known.find(file)
        if earlier is not None and earlier[1].hash == content_hash(data):
            if earlier[1].file != file_key(file.path):
                group.relocated.append((earlier[0], replace(earlier[1], file=file_key(file.path))))
            if earlier[1].trashed and file.named:
                group.brought_back.append(earlier[0])
            else:
                tally.unchanged += 1
            return
        read = read_note(file, data, self._clock())
        if read.remark:
            tally.converted.append(ImportFailure(file_key(file.path), read.remark))
        group.characters += len(read.note.text)
        if earlier is None:
            group.new.append(read.note)
        else:
            group.changed.append((earlier[0], read.note))
            if earlier[1].trashed and file.named:
                group.brought_back.append(earlier[0])

    def _commit(self, group: _Group, tally: _Tally) -> None:
        if not (group.new or group.changed or group.brought_back or group.relocated):
            return
        with self._notes.together():
            imported = [self._notes.add_imported(note).id for note in group.new]
            for note_id, note in group.changed:
                self._notes.update_imported(note_id, note)
            for note_id, source in group.relocated:
                self._notes.relocate(note_id, source)
            for note_id in group.brought_back:
                self._notes.bring_back(note_id)
        updated = list(dict.fromkeys([*(note_id for note_id, _ in group.changed), *group.brought_back]))
        tally.imported += imported
        tally.updated += updated
        if imported or updated:
            self._notes.tell([*imported, *updated])


class _KnownFiles:
    """Which note came from which file."""

    def __init__(self, sources: dict[int, ImportSource]) -> None:
        self._by_file = {source.file: (note_id, source) for note_id, source in sources.items()}
        self._by_path: dict[str, list[tuple[int, ImportSource]]] = {}
        for note_id, source in sources.items():
            self._by_path.setdefault(source.path, []).append((note_id, source))

    def find(self, file: FoundFile) -> tuple[int, ImportSource] | None:
        """The note of this file, None for a new one."""
        exact = self._by_file.get(file_key(file.path))
        if exact is not None:
            return exact
        same_path = self._by_path.get(file.relative_path, [])
        for candidate in same_path:
            if not os.path.lexists(candidate[1].file):
                same_path.remove(candidate)  # one file each
                return candidate
        return None
