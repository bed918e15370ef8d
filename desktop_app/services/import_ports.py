"""What the import of notes needs from the outside; as `ports`, for it alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.foreign_notes import ForeignFile


class NoteReader(Protocol):
    """Reads other programs' files in throw-away processes (engines/importer.py)."""

    def read_notes(self, path: Path, cancel: CancelToken, progress: Callable[[int, int], None] = ...) -> ForeignFile:
        """The notes in a file; `progress` gets (parts read, parts).

        Raises ImportFileError, ImportLimitError, NoTextError, WorkerError, CancelledError: then the file gave nothing.
        """
        ...
