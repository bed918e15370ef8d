"""Brings files into the notes: Markdown, text, and those of other programs. The same files again change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, DiskFullError, ImportFileError, NotFoundError, StoreError
from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.note_text import read_text
from desktop_app.domain.notes import ImportFailure, ImportReport, ImportSource, Note
from desktop_app.domain.snippets import title_of
from desktop_app.domain.text_decoding import decode_text
from desktop_app.services.bounded_commits import commit_in_batches
from desktop_app.services.folder_links import FolderLinks
from desktop_app.services.import_attachments import ImportedAttachments
from desktop_app.services.import_files import (
    FoundFile,
    PassedOver,
    content_hash,
    file_hash,
    file_key,
    find_files,
    foreign_note,
    read_bytes,
    read_note,
    shown_path,
)
from desktop_app.services.import_matching import ImportMatching
from desktop_app.services.import_ports import NoteReader
from desktop_app.services.known_notes import Known, KnownNotes, is_there
from desktop_app.services.note_attachment_ports import AttachmentFileStore, NoteAttachmentStore
from desktop_app.services.notebook_links import NotebookLinks
from desktop_app.services.notes import IncomingNote, NoteService
from desktop_app.services.vault_originals import VaultOriginals

Progress = Callable[[float, int, str], None]

_MOST_NAMED = 1_000
_GROUP_FILES = 100
_GROUP_CHARACTERS = 16_000_000


class _Group(msgspec.Struct):
    """Notes that are committed one after the other."""

    new: list[IncomingNote] = msgspec.field(default_factory=list)
    changed: list[tuple[int, IncomingNote]] = msgspec.field(default_factory=list)
    brought_back: list[int] = msgspec.field(default_factory=list)
    relocated: list[tuple[int, ImportSource]] = msgspec.field(default_factory=list)
    attached: list[tuple[int, Mapping[str, StoredFile]]] = msgspec.field(default_factory=list)
    same: list[tuple[int, ImportSource]] = msgspec.field(default_factory=list)
    unchanged: int = 0
    characters: int = 0

    @property
    def is_full(self) -> bool:
        return (
            len(self.new) + len(self.changed) + len(self.relocated) >= _GROUP_FILES
            or self.characters >= _GROUP_CHARACTERS
        )


class _Committed(msgspec.Struct, frozen=True):
    """What was done to one note."""

    note_id: int
    source: ImportSource | None
    files: Mapping[str, StoredFile] = msgspec.field(default_factory=dict)
    is_new: bool = False
    is_changed: bool = False


class _Tally(msgspec.Struct):
    """The report while it grows."""

    imported: list[int] = msgspec.field(default_factory=list)
    updated: list[int] = msgspec.field(default_factory=list)
    unchanged: int = 0
    failed: list[ImportFailure] = msgspec.field(default_factory=list)
    converted: list[ImportFailure] = msgspec.field(default_factory=list)
    skipped_attachments: int = 0
    attachments: int = 0
    not_taken: list[str] = msgspec.field(default_factory=list)
    broken_off: str = ""

    def report(self, stopped: bool) -> ImportReport:
        return ImportReport(
            tuple(self.imported),
            tuple(self.updated),
            self.unchanged,
            tuple(self.failed),
            tuple(self.converted),
            stopped,
            self.skipped_attachments,
            self.attachments,
            tuple(self.not_taken[:_MOST_NAMED]),
            self.broken_off,
        )


class NoteImport:
    """Imports files and folders by the rules of `import_files`.

    What `KnownNotes` knows again: unchanged content leaves the note as it is, edited or not; changed content becomes
    the note's text and its present text a version. A note in the trash stays there, unless its very file was named.

    Args:
        reader: reads files of other programs; without one they are refused.
        attachments: where pictures and other files of the notes are kept; without it they are only counted.
        originals: keeps what the export of a whole folder needs; without it that export writes notes anew.
    """

    def __init__(
        self,
        notes: NoteService,
        clock: Callable[[], datetime] | None = None,
        reader: NoteReader | None = None,
        attachments: tuple[NoteAttachmentStore, AttachmentFileStore] | None = None,
        originals: VaultOriginals | None = None,
    ) -> None:
        self._notes = notes
        self._clock = clock or (lambda: datetime.now(UTC))
        self._reader = reader
        self._stores = attachments
        self._originals = originals

    def run(self, paths: Sequence[Path], progress: Progress, cancel: CancelToken) -> ImportReport:
        """Import; `progress` gets (files done, files in all, name of the file), parts of a file as a fraction.

        A file that cannot be imported is listed with its reason and does not stop the others. A file that cannot be
        read to its end gives nothing; one that gives many notes is committed in several steps, so that saves in between
        do not wait. Stopping keeps what is committed so far, and the report says what that is; so does a store that
        takes no more (a full disk): `broken_off` says why, and the import can be run again.
        """
        tally = _Tally()
        found: list[FoundFile] = []
        beside: list[PassedOver] = []
        for one in find_files(paths):
            if cancel.cancelled:
                return tally.report(stopped=True)
            if isinstance(one, ImportFailure):
                tally.failed.append(one)
            elif isinstance(one, PassedOver):
                beside.append(one)
            else:
                found.append(one)
        known = KnownNotes(self._notes.import_sources())
        matching = ImportMatching(self._notes, known)
        kept = ImportedAttachments(*self._stores, [*found, *beside]) if self._stores is not None else None
        links, notebooks = FolderLinks(found), NotebookLinks()
        try:
            if self._originals is not None:
                self._originals.begin(paths)
            for group in self._groups(found, known, matching, tally, progress, cancel, kept, links):
                self._commit(group, known, tally, cancel, kept)
                notebooks.see([*group.new, *(note for _, note in group.changed)])
            if linked := list(notebooks.write(self._notes, known)):
                self._notes.tell(linked)
            if self._originals is not None:
                tally.failed += self._originals.keep_other_files(
                    cancel, lambda name: progress(len(found), len(found), name)
                )
        except StoreError as error:
            tally.broken_off = _broken_off(error)
        finally:
            for batch in (kept, self._originals):
                if batch is not None:
                    batch.close()
        if kept is not None:
            tally.failed += kept.failed
            tally.attachments = kept.count
        if not cancel.cancelled and not tally.broken_off:  # else a note that is still to come may name them
            left = [one.path for one in beside if one.is_usual and (kept is None or not kept.was_taken(one.path))]
            tally.skipped_attachments += len(left)
            tally.not_taken += [file_key(path) for path in left[:_MOST_NAMED]]
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
        self,
        found: list[FoundFile],
        known: KnownNotes,
        matching: ImportMatching,
        tally: _Tally,
        progress: Progress,
        cancel: CancelToken,
        kept: ImportedAttachments | None,
        links: FolderLinks,
    ) -> Iterator[_Group]:
        group = _Group()
        for place, file in enumerate(found):
            if cancel.cancelled:
                break
            progress(place, len(found), file.relative_path)
            try:
                if not file.is_foreign:
                    self._add(file, known, matching, group, tally, kept, links)
                elif not self._is_as_before(file, known, group):
                    yield group
                    group = _Group()
                    part = _Part(progress, place, len(found), file)
                    yield self._foreign(file, matching, tally, part, cancel, kept, links)
            except ImportFileError as error:
                tally.failed.append(ImportFailure(file_key(file.path), f"{error.what} {error.why}".strip()))
            except CancelledError:
                break
            if group.is_full:
                yield group
                group = _Group()
        yield group
        if found and not cancel.cancelled:
            progress(len(found), len(found), "")

    def _add(
        self,
        file: FoundFile,
        known: KnownNotes,
        matching: ImportMatching,
        group: _Group,
        tally: _Tally,
        kept: ImportedAttachments | None,
        links: FolderLinks,
    ) -> None:
        data = read_bytes(file.path)
        content = content_hash(data)
        earlier = known.find(file_key(file.path), shown_path(file), content=content)
        if earlier is not None and earlier[1].hash == content:
            _leave(earlier, earlier[1].path, file_key(file.path), file.named, group)
            if earlier[1].file != file_key(file.path):
                group.same.append((earlier[0], ImportSource(shown_path(file), file_key(file.path), content)))
            if kept is not None and (decoded := decode_text(data)) is not None:
                group.attached.append((earlier[0], kept.of_text(decoded.text, file, earlier[0])))
            return
        read = read_note(file, data, self._clock())
        match = matching.match_found(replace(read.note, text=links.converted(file, read.note.text)), earlier)
        note = match.incoming
        if match.earlier is not None and match.is_unchanged:
            _leave_beside(match.earlier, file.named, group)
            if kept is not None:
                group.attached.append((match.earlier[0], kept.of_text(note.text, file, match.earlier[0])))
            return
        if read.remark:
            tally.converted.append(ImportFailure(file_key(file.path), read.remark))
        if kept is not None:
            note = replace(note, attachments=kept.of_text(note.text, file))
        if self._originals is not None:
            note = self._originals.with_original(note, data)
        _take(note, match.earlier, file.named, group)

    def _is_as_before(self, file: FoundFile, known: KnownNotes, group: _Group) -> bool:
        """Whether the file is one note that has not changed: then nobody has to read it."""
        earlier = known.find(file_key(file.path), shown_path(file))
        if earlier is None or earlier[1].hash != file_hash(file.path):
            return False
        _leave(earlier, earlier[1].path, file_key(file.path), file.named, group)
        return True

    def _foreign(
        self,
        file: FoundFile,
        matching: ImportMatching,
        tally: _Tally,
        part: _Part,
        cancel: CancelToken,
        kept: ImportedAttachments | None,
        links: FolderLinks,
    ) -> _Group:
        """All notes of one file of another program."""
        if self._reader is None:
            raise ImportFileError("It is of a kind that cannot be imported.")
        whole = "" if file.is_folder else file_hash(file.path)
        keep = kept.keep_bytes if kept is not None else None
        read = self._reader.read_notes(file.path, cancel, part.progress, keep)
        group = _Group()
        for found in read.notes:
            note = found if found.member else replace(found, text=links.converted(file, found.text))
            files = {name: read.attachments[key] for name, key in note.attachments if key in read.attachments}
            if kept is not None and not note.member:
                files = kept.of_text(note.text, file) | files
            incoming = replace(
                foreign_note(file, note, whole, self._clock()), attachments=files, in_archive=bool(note.member)
            )
            match = matching.match(incoming)
            named = file.named and not note.member
            if match.earlier is not None and match.is_unchanged:
                _leave(match.earlier, incoming.source.path, incoming.source.file, named, group)
                group.attached.append((match.earlier[0], files))
                continue
            incoming = match.incoming
            if self._originals is not None:
                incoming = self._originals.with_original(incoming, None)
            _take(incoming, match.earlier, named, group)
        key = file_key(file.path)
        for listed, told in ((tally.failed, read.failed), (tally.converted, read.remarks)):
            listed += [replace(one, path=f"{key}/{one.path}" if one.path else key) for one in told]
        tally.skipped_attachments += read.skipped_attachments
        tally.not_taken += [f"{key}/{name}" for name in read.not_taken]
        return group

    def _commit(
        self, group: _Group, known: KnownNotes, tally: _Tally, cancel: CancelToken, kept: ImportedAttachments | None
    ) -> None:
        for batch in (kept, self._originals):
            if batch is not None:
                batch.settle()
        tally.unchanged += group.unchanged
        jobs: list[Callable[[], _Committed]] = [
            *(lambda note=note: self._add_one(note, kept) for note in group.new),
            *(
                lambda note_id=note_id, note=note: self._update_one(note_id, note, kept)
                for note_id, note in group.changed
            ),
            *(
                lambda note_id=note_id, files=files: self._attach_to_one(note_id, files, kept)
                for note_id, files in group.attached
                if files
            ),
            *(
                lambda note_id=note_id, source=source: self._relocate_one(note_id, source)
                for note_id, source in group.relocated
            ),
            *(lambda note_id=note_id: self._bring_back_one(note_id) for note_id in group.brought_back),
            *(
                lambda note_id=note_id, source=source: self._keep_same(note_id, source)
                for note_id, source in group.same
            ),
        ]
        told: dict[int, None] = {}
        try:
            for committed in commit_in_batches(self._notes.at_once, jobs, self._notes.others_wait):
                for one in committed:
                    if kept is not None:
                        kept.count_more(one.files.values())
                    if one.source is not None:
                        known.add(one.note_id, one.source)
                    if one.is_new:
                        tally.imported.append(one.note_id)
                    elif one.is_changed and one.note_id not in told:
                        tally.updated.append(one.note_id)
                    if one.is_new or one.is_changed:
                        told[one.note_id] = None
                if cancel.cancelled:
                    break
        finally:
            if told:
                self._notes.tell(list(told))

    def _add_one(self, note: IncomingNote, kept: ImportedAttachments | None) -> _Committed:
        added = self._notes.add_imported(note)
        if kept is not None:
            kept.attach(added.id, note.attachments)
        if self._originals is not None:
            self._originals.keep(note, added)
        return _Committed(added.id, note.source, note.attachments, is_new=True)

    def _update_one(self, note_id: int, note: IncomingNote, kept: ImportedAttachments | None) -> _Committed:
        try:
            updated = self._notes.update_imported(note_id, note)
        except NotFoundError:
            return self._add_one(note, kept)  # deleted for good since it was looked up: as any file without a note
        if kept is not None:
            kept.attach(note_id, note.attachments)
        if self._originals is not None:
            self._originals.keep(note, updated)
        return _Committed(note_id, note.source, note.attachments, is_changed=True)

    def _attach_to_one(
        self, note_id: int, files: Mapping[str, StoredFile], kept: ImportedAttachments | None
    ) -> _Committed:
        """Files of a note that is as it was."""
        try:
            if kept is not None:
                kept.attach(note_id, files)
        except NotFoundError:
            return _Committed(note_id, None)
        return _Committed(note_id, None, files)

    def _relocate_one(self, note_id: int, source: ImportSource) -> _Committed:
        try:
            self._notes.relocate(note_id, source)
        except NotFoundError:
            return _Committed(note_id, None)
        return _Committed(note_id, source)

    def _keep_same(self, note_id: int, source: ImportSource) -> _Committed:
        if self._originals is not None:
            self._originals.keep_same(source, note_id)
        return _Committed(note_id, None)

    def _bring_back_one(self, note_id: int) -> _Committed:
        self._notes.bring_back(note_id)
        return _Committed(note_id, None, is_changed=True)


class _Part(msgspec.Struct, frozen=True):
    """Tells how far the reading of one file is, as a part of all files."""

    tell: Progress
    place: int
    total: int
    file: FoundFile

    def progress(self, done: int, parts: int) -> None:
        """`done` of `parts` of the file are read."""
        share = min(done / parts, 1.0) if parts else 0.0
        self.tell(self.place + share, self.total, self.file.relative_path)


def _broken_off(error: StoreError) -> str:
    """Why the import ended before its time, and what to do."""
    if isinstance(error, DiskFullError):
        return (
            "The disk is full, so the import broke off. What is listed is in your notes, nothing is there by halves. "
            "Free some space and import the same again: the rest comes in."
        )
    return f"The import broke off. {error} What is listed is in your notes; import the same again for the rest."


def _leave(earlier: Known, path: str, file: str, named: bool, group: _Group) -> None:
    """A note whose file says what it said."""
    note_id, source = earlier
    if (source.path, source.file) != (path, file) and source.file and not is_there(source.file):
        group.relocated.append((note_id, replace(source, path=path, file=file)))
    _leave_beside(earlier, named, group)


def _leave_beside(earlier: Known, named: bool, group: _Group) -> None:
    """The same for a note whose own file is another, or that has none."""
    if earlier[1].trashed and named:
        group.brought_back.append(earlier[0])
    else:
        group.unchanged += 1


def _take(note: IncomingNote, earlier: Known | None, named: bool, group: _Group) -> None:
    """A note that is new, or says something else than it did."""
    group.characters += len(note.text)
    if earlier is None:
        group.new.append(note)
        return
    group.changed.append((earlier[0], note))
    if earlier[1].trashed and named:
        group.brought_back.append(earlier[0])
