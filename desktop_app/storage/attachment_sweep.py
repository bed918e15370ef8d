"""Files of notes that nothing names any more: not the store, not a backup of it, not a damaged copy."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from desktop_app.storage import failures
from desktop_app.storage.attachment_batch import MAKING
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.backup import Backups
from desktop_app.storage.note_attachments import NoteAttachments

YOUNG_SECONDS = 24 * 3600
"""A file this young may be named by a commit that is still to come."""

_GONE = ".gone-"
_OURS = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{62}")
"""What is called otherwise was put there by somebody else."""


class AttachmentSweep:
    """Deletes such files. Whatever cannot be read, or hints at damage, makes it delete nothing."""

    def __init__(
        self,
        database: Path,
        rows: NoteAttachments,
        files: AttachmentFiles,
        backups: Backups,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` gives seconds since 1970, as the times of files do."""
        self._database = database
        self._rows = rows
        self._files = files
        self._backups = backups
        self._clock = clock

    def run(self) -> int:
        """How many files were deleted. Raises StoreError where the disk refuses."""
        if not self._files.folder.is_dir() or any(self._database.parent.glob(f"{self._database.name}.damaged-*")):
            return 0  # what a damaged copy still names can be put back by hand
        known = self._rows.forget_unused()
        for backup in self._backups.list_backups():
            named = _named_in(backup.path)
            if named is None:
                return 0
            known |= named
        with failures.typed_failures():
            return sum(self._delete(path) for path in self._unknown(known))

    def _unknown(self, known: set[str]) -> Iterator[Path]:
        for entry in list(os.scandir(self._files.folder)):
            if entry.name.startswith(MAKING):
                yield Path(entry.path)
            elif entry.is_dir(follow_symlinks=False):
                for path in Path(entry.path).iterdir():
                    named = path.name.removeprefix(_GONE)
                    if named not in known and _OURS.fullmatch(f"{entry.name}/{named}"):
                        yield path

    def _delete(self, path: Path) -> bool:
        """Delete a file unless it is young. Under another name first: storing the same bytes again makes it young, or
        finds it gone and writes it anew, at whatever moment that happens.
        """
        try:
            return not self._is_young(path) and self._delete_old(path)
        except FileNotFoundError:
            return False  # one that was being written, and has its final name by now

    def _delete_old(self, path: Path) -> bool:
        gone = path.with_name(_GONE + path.name.removeprefix(_GONE))
        os.replace(path, gone)
        if self._is_young(gone):
            os.replace(gone, gone.with_name(gone.name.removeprefix(_GONE)))
            return False
        gone.unlink()
        return True

    def _is_young(self, path: Path) -> bool:
        return path.stat().st_mtime > self._clock() - YOUNG_SECONDS


def _named_in(backup: Path) -> set[str] | None:
    """Hashes of the files that a backup may name; None where it cannot be read."""
    try:
        uri = f"{backup.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "note_files" not in tables:
                return set()
            return {str(row[0]) for row in connection.execute("SELECT hash FROM note_files")}
    except sqlite3.Error:
        return None
