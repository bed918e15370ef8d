"""What is kept of a folder that was copied in, so that an export can give every unedited file back byte for byte."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import AttachmentTooLargeError, ImportFileError
from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.note_file import rebuilt
from desktop_app.domain.notes import ImportFailure, ImportSource, Note
from desktop_app.domain.source_folders import FolderKind, SourceFile, SourceFolder
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.services.import_files import content_hash, file_key, is_whole_export, read_bytes
from desktop_app.services.linked_folders.folder_scan import MAKING
from desktop_app.services.note_attachment_ports import AttachmentFileStore, NoteAttachmentStore
from desktop_app.services.notes import IncomingNote
from desktop_app.services.source_folder_ports import SourceFolderStore

MOST_BYTES = 1024**3
"""Of all files of a folder that are no notes, together."""
_PASSED_OVER = frozenset({".git", ".hg", ".svn", ".trash", ".DS_Store", "Thumbs.db", "desktop.ini"})
_AT_ONCE = 50


class VaultOriginals:
    """Remembers which note came from which file of the folders of one import, and keeps the bytes that the notes cannot
    give back. A linked folder keeps its own files.
    """

    def __init__(
        self, folders: SourceFolderStore, attachments: NoteAttachmentStore, files: AttachmentFileStore
    ) -> None:
        self._folders = folders
        self._attachments = attachments
        self._files = files.batch()
        self._known: dict[Path, SourceFolder] = {}

    def begin(self, paths: Sequence[Path]) -> None:
        """These files and folders come in."""
        there = {one.path: one for one in self._folders.folders()}
        roots = [root for path in paths if (root := Path(os.path.abspath(path))).is_dir() and not is_whole_export(root)]
        known = {root: there.get(root) or self._folders.put_folder(root, FolderKind.COPIED, "") for root in roots}
        self._known = {root: folder for root, folder in known.items() if folder.kind is FolderKind.COPIED}

    def with_original(self, incoming: IncomingNote, data: bytes | None) -> IncomingNote:
        """The note, with its file stored where text and front matter cannot give it back; `data` are the file's bytes
        where they were read already. Raises StoreError and its kin.
        """
        if incoming.in_archive or self._folder_of(incoming.source) is None:
            return incoming
        if data is None:
            return replace(incoming, original=self._store(Path(incoming.source.file)))
        if rebuilt(incoming.text, incoming.source.front_matter) == data:
            return incoming
        return replace(incoming, original=self._files.put_bytes(data, PurePosixPath(incoming.source.path).name))

    def settle(self) -> None:
        """All bytes kept so far are on the disk: notes that have them may be committed. Raises StoreError."""
        self._files.settle()

    def close(self) -> None:
        """Nothing more is committed."""
        self._files.discard()

    def keep(self, incoming: IncomingNote, note: Note) -> None:
        """The note is what came of the file, as part of the commit that stores it."""
        if incoming.in_archive:
            return
        folder = self._folder_of(incoming.source)
        if folder is None:
            return
        if incoming.original is not None:
            self._attachments.keep_original(note.id, incoming.original)
        source = incoming.source
        row = SourceFile(source.path, note.id, source.hash, revision=note.revision, title=note.title, tags=note.tags)
        self._folders.put_files(folder.id, [row])

    def keep_same(self, source: ImportSource, note_id: int) -> None:
        """A copy of the file that the note came from came in, as part of the commit at hand: it comes out again with
        its own folder, too.
        """
        folder = self._folder_of(source)
        rows = self._folders.files_of_notes([note_id]) if folder is not None else []
        first = next((row for _folder, row in rows if row.hash == source.hash), None)
        if folder is not None and first is not None:
            row = SourceFile(source.path, note_id, source.hash, revision=first.revision, title=first.title)
            self._folders.put_files(folder.id, [replace(row, tags=first.tags)])

    def keep_other_files(self, cancel: CancelToken, tell: Callable[[str], object]) -> list[ImportFailure]:
        """Keep all files of the folders that are no notes; for each folder how many could not be kept. `tell` gets the
        name of the file at hand.
        """
        failed: list[ImportFailure] = []
        for root, folder in self._known.items():
            if left_out := self._keep_others_of(root, folder, cancel, tell):
                which, them = ("A file of it is", "it") if left_out == 1 else (f"{left_out:,} files of it are", "them")
                reason = f"{which} too large to be kept, so an export of this folder will lack {them}."
                failed.append(ImportFailure(file_key(root), reason))
        return failed

    def _keep_others_of(
        self, root: Path, folder: SourceFolder, cancel: CancelToken, tell: Callable[[str], object]
    ) -> int:
        """How many were too large, alone or all together."""
        known = self._folders.files(folder.id)
        others = {path for path, row in known.items() if row.note_id is None}
        total = left_out = 0
        batch: list[tuple[SourceFile, StoredFile]] = []
        for path, entry in all_files(root, ""):
            if cancel.cancelled:
                break
            if path in known and path not in others:
                continue
            others.discard(path)
            try:
                state = os.lstat(entry.path)  # Windows tells from memory what a folder listed, and no inode
            except OSError:
                continue  # removed since it was listed
            row = SourceFile(path, None, "", state.st_size, state.st_mtime_ns, state.st_ino & 0x7FFF_FFFF_FFFF_FFFF)
            if path in known and replace(known[path], hash="") == row:
                total += row.size
                continue
            stored = self._store(Path(entry.path)) if total + row.size <= MOST_BYTES else None
            if stored is None:
                left_out += 1
                continue
            total += row.size
            tell(path)
            batch.append((replace(row, hash=stored.hash), stored))
            if len(batch) >= _AT_ONCE:
                self._put_stored(folder, batch)
                batch = []
        self._put_stored(folder, batch)
        if not cancel.cancelled:
            self._folders.remove_files(folder.id, sorted(others))
        return left_out

    def _put_stored(self, folder: SourceFolder, batch: list[tuple[SourceFile, StoredFile]]) -> None:
        self._files.settle()
        self._folders.put_stored(folder.id, batch)

    def _folder_of(self, source: ImportSource) -> SourceFolder | None:
        for root, folder in self._known.items():
            if file_key(root / source.path) == source.file:
                return folder
        return None

    def _store(self, path: Path) -> StoredFile | None:
        try:
            return self._files.put_bytes(read_bytes(path), path.name)
        except (ImportFileError, AttachmentTooLargeError):
            return None


def original_bytes(
    note: Note, row: SourceFile, attachments: NoteAttachmentStore, files: AttachmentFileStore
) -> bytes | None:
    """The bytes of the file that the note was read from. None where they cannot be given back any more: the note was
    edited, and its first text would have given them back. Raises AttachmentMissingError.
    """
    data = rebuilt(note.text, note.front_matter)
    if content_hash(data) == row.hash:
        return data
    stored = attachments.original_of(note.id)
    return files.read(stored.hash) if stored is not None and stored.hash == row.hash else None


def all_files(folder: Path, relative: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """All ordinary files with their paths; links and version control are left out, as is what cannot be read."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = str(PurePosixPath(relative, entry.name))
        if (
            entry.name in _PASSED_OVER
            or MAKING.fullmatch(entry.name)
            or entry.is_symlink()
            or without_lone_surrogates(path) != path
        ):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from all_files(Path(entry.path), path)
        elif entry.is_file(follow_symlinks=False):
            yield path, entry
