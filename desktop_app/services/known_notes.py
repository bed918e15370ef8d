"""Which note came from which file, so that an import updates and never doubles."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

from desktop_app.domain.notes import ImportSource

_ID = re.compile(r"(?:^|[/ ])([0-9a-f]{32})(?:_all)?(?:\.[a-z]{1,8})?$")
"""What Joplin and Notion call a note, in every export alike."""

Known = tuple[int, ImportSource]


class KnownNotes:
    """The notes that were imported earlier.

    A file is known again by its absolute path, or by its path in the import where the earlier file is gone (a vault
    that was moved) or has the very same content (an export of it). What came out of an archive is known by its id, too:
    exports are called differently each time.
    """

    def __init__(self, sources: dict[int, ImportSource]) -> None:
        self._by_file: dict[str, Known] = {}
        self._by_path: dict[str, list[Known]] = {}
        self._by_id: dict[str, Known] = {}
        self._taken_by: dict[int, str] = {}
        self._sources = dict(sources)
        for note_id, source in sources.items():
            self.add(note_id, source)

    def add(self, note_id: int, source: ImportSource) -> None:
        """Know one more note."""
        self._sources[note_id] = source
        self._by_file[source.file] = (note_id, source)
        self._by_path.setdefault(_form(source.path), []).append((note_id, source))
        if (key := _id(source.path)) is not None:
            self._by_id[key] = (note_id, source)

    def of_file(self, file: str) -> Known | None:
        """The note of the file with this very path."""
        return self._by_file.get(file)

    def source_of(self, note_id: int) -> ImportSource | None:
        """The file that a note came from."""
        return self._sources.get(note_id)

    def beside(self, file: str, path: str) -> list[Known]:
        """Notes whose files have the same path in another folder, and are given to no other file."""
        same_path = sorted(self._by_path.get(_form(path), []), key=lambda known: known[1].path != path)
        return [known for known in same_path if self._taken_by.get(known[0], file) == file]

    def take(self, known: Known, file: str) -> Known:
        """The note is this file's for the rest of the import: one file each."""
        self._taken_by[known[0]] = file
        return known

    def find(self, file: str, path: str, *, in_archive: bool = False, content: str = "") -> Known | None:
        """The note of the file with this absolute path, path in the import, and content hash; None for a new one."""
        if (exact := self._by_file.get(file)) is not None:
            return exact
        if in_archive and (key := _id(path)) is not None and key in self._by_id:
            return self._by_id[key]
        for candidate in self.beside(file, path):
            if (content and candidate[1].hash == content) or not is_there(candidate[1].file):
                return self.take(candidate, file)
        return None


def _id(path: str) -> str | None:
    found = _ID.search(path)
    return found[1] if found else None


def _form(path: str) -> str:
    """One spelling of a name that systems write differently: a disk of a Mac takes letters and accents apart."""
    return unicodedata.normalize("NFC", path)


def is_there(file: str) -> bool:
    """Whether the file is there, or the archive that holds it."""
    path = Path(file)
    while not os.path.lexists(path):
        if path.parent == path:
            return False
        path = path.parent
    return path == Path(file) or not path.is_dir()
