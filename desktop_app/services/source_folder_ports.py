"""What the work with folders on the disk needs of the store; as `ports`, for it alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.source_folders import FolderKind, NoteState, SourceFile, SourceFolder


class SourceFolderStore(Protocol):
    """Folders that notes came from (storage/source_folders.py)."""

    def folders(self) -> list[SourceFolder]:
        """All of them, oldest first."""
        ...

    def put_folder(self, path: Path, kind: FolderKind, top: str) -> SourceFolder:
        """Know a folder, or know it as something else than before; its files stay known."""
        ...

    def files(self, folder_id: int) -> dict[str, SourceFile]:
        """The folder's files by path."""
        ...

    def notable_files(self, folder_id: int) -> tuple[int, list[SourceFile]]:
        """How many files are notes, and those that want a look: with a problem, of a conflict, or no notes."""
        ...

    def files_of_notes(self, note_ids: Sequence[int]) -> list[tuple[int, SourceFile]]:
        """(folder id, file) for each of these notes that has a file."""
        ...

    def put_files(self, folder_id: int, files: Sequence[SourceFile]) -> None:
        """Know these files, in place of what was known under their paths."""
        ...

    def put_stored(self, folder_id: int, files: Sequence[tuple[SourceFile, StoredFile]]) -> None:
        """`put_files` for files that are no notes and whose bytes the store keeps."""
        ...

    def remove_files(self, folder_id: int, paths: Sequence[str]) -> None:
        """Forget files."""
        ...

    def find(self, path: Path) -> SourceFolder | None:
        """The folder at this path, None where nothing came from it."""
        ...

    def remove_all_files(self, folder_id: int) -> None:
        """Forget all of a folder."""
        ...

    def settle_conflict(self, note_id: int) -> None:
        """The note holds our text of a conflict no more: it is a note like others."""
        ...

    def note_states(self, folder_id: int, top: str) -> dict[int, NoteState]:
        """The notes that have files in the folder, and those below the notes' folder `top`, by id."""
        ...

    def states_of(self, note_ids: Sequence[int]) -> dict[int, NoteState]:
        """These notes, where they exist."""
        ...
