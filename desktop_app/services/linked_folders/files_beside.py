"""Pictures and other files that lie in a linked folder beside its notes: shown from there, no copy is kept."""

from __future__ import annotations

import hashlib
import os
import posixpath
import threading
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from desktop_app.domain.errors import AttachmentMissingError, ImportFileError
from desktop_app.domain.folder_sync import is_passed_over
from desktop_app.domain.note_attachments import StoredFile, media_type_of, reference_key, tail_key
from desktop_app.domain.source_folders import FolderKind, SourceFolder
from desktop_app.services.import_files import read_bytes
from desktop_app.services.linked_folders.folder_scan import Stamp, stamp_of
from desktop_app.services.source_folder_ports import SourceFolderStore

_LISTING_LASTS_S = 30.0
_HEAD = 16


class FilesBeside:
    """Finds what a linked note names as the programs of its folder do: beside the note, from the folder's top, else by
    its name alone. Links are not followed.
    """

    def __init__(self, folders: SourceFolderStore) -> None:
        self._folders = folders
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[Stamp, StoredFile]] = {}
        self._paths: dict[str, Path] = {}
        self._listings: dict[Path, tuple[float, dict[str, list[str]]]] = {}

    def find(self, note_id: int, targets: Sequence[str]) -> dict[str, StoredFile]:
        """The file that each name means; those that mean none are left out."""
        place = self._place_of(note_id)
        if place is None:
            return {}
        found: dict[str, StoredFile] = {}
        for target in targets:
            path = self.path_for(*place, target)
            file = None if path is None else self._described(path)
            if file is not None:
                found[target] = file
        return found

    def read(self, file_hash: str) -> bytes | None:
        """The bytes of a file that was found here; None for one that was not. Raises AttachmentMissingError where it is
        gone, or is another by now.
        """
        path = self._paths.get(file_hash)
        if path is None:
            return None
        try:
            data = read_bytes(path, follow_links=False)
        except ImportFileError as error:
            raise AttachmentMissingError("A file of this note cannot be read.", error.what) from error
        if hashlib.sha256(data).hexdigest() != file_hash:
            raise AttachmentMissingError("A file of this note was changed just now.", "", "Open the note again.")
        return data

    def path_for(self, root: Path, note: str, target: str) -> Path | None:
        """The file that a name in the note at `note`, relative to the linked folder `root`, means."""
        key = reference_key(target)
        for relative in (posixpath.join(posixpath.dirname(note), key), key.lstrip("/")):
            path = _inside(root, posixpath.normpath(relative))
            if path is not None:
                return path
        same = self._listing(root).get(tail_key(key), [])
        if "/" in key:
            same = [path for path in same if path.endswith(f"/{key}")]
        near = min(same, key=lambda path: (path.count("/"), path), default=None)
        return None if near is None else _inside(root, near)

    def _place_of(self, note_id: int) -> tuple[Path, str] | None:
        files = self._folders.files_of_notes([note_id])
        linked: dict[int, SourceFolder] = {
            one.id: one for one in (self._folders.folders() if files else []) if one.kind is FolderKind.LINKED
        }
        return next(((linked[id_].path, file.path) for id_, file in files if id_ in linked), None)

    def _described(self, path: Path) -> StoredFile | None:
        stamp = stamp_of(path)
        if stamp is None:
            return None
        with self._lock:
            known = self._known.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        try:
            data = read_bytes(path, follow_links=False)
        except ImportFileError:
            return None
        digest = hashlib.sha256(data).hexdigest()
        file = StoredFile(digest, path.name, media_type_of(path.name, data[:_HEAD]), len(data))
        with self._lock:
            self._known[path] = (stamp, file)
            self._paths[digest] = path
        return file

    def _listing(self, root: Path) -> dict[str, list[str]]:
        """All files of the folder by the last part of their names."""
        with self._lock:
            known = self._listings.get(root)
        if known is not None and time.monotonic() - known[0] < _LISTING_LASTS_S:
            return known[1]
        found: dict[str, list[str]] = {}
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if not is_passed_over(name)]
            above = PurePosixPath(Path(folder).relative_to(root).as_posix())
            for name in names:
                if not is_passed_over(name):
                    found.setdefault(tail_key(name), []).append(str(above / name))
        with self._lock:
            self._listings[root] = (time.monotonic(), found)
        return found


def _inside(root: Path, relative: str) -> Path | None:
    """An ordinary file inside the folder, none behind a link."""
    path = root / relative
    if not path.parent.resolve().is_relative_to(root.resolve()) or stamp_of(path) is None:
        return None
    return path
