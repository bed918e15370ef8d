"""What the import of notes needs from the outside; as `ports`, for it alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.foreign_notes import ForeignFile
from desktop_app.domain.note_attachments import StoredFile


class NoteReader(Protocol):
    """Reads other programs' files in throw-away processes (engines/importer.py)."""

    def read_notes(
        self,
        path: Path,
        cancel: CancelToken,
        progress: Callable[[int, int], None] = ...,
        keep: Callable[[bytes, str], StoredFile] | None = None,
    ) -> ForeignFile:
        """The notes in a file; `progress` gets (parts read, parts). `keep` stores each file that a note names, given
        its bytes and its name; without it none is taken.

        Raises ImportFileError, ImportLimitError, NoTextError, WorkerError, CancelledError: then the file gave nothing.
        """
        ...


class HtmlReader(Protocol):
    """Makes Markdown of HTML of strangers in throw-away processes (engines/importer.py)."""

    def read_html(self, html: str, cancel: CancelToken) -> str:
        """The Markdown. Raises ImportFileError, ImportLimitError, WorkerError, CancelledError."""
        ...
