"""Lists a text that was kept apart from a linked file's note among the conflicts of its folder."""

from __future__ import annotations

from pathlib import PurePosixPath

from desktop_app.domain.note_file import file_name
from desktop_app.domain.notes import Note
from desktop_app.domain.source_folders import FolderKind, SourceFile
from desktop_app.services.linked_folders.disk_files import FreePaths
from desktop_app.services.source_folder_ports import SourceFolderStore


class ConflictRows:
    """Rows of files that are still to be made: the next look at the folder writes them."""

    def __init__(self, folders: SourceFolderStore) -> None:
        self._folders = folders

    def put(self, copy: Note, note_id: int) -> None:
        """`copy` holds our text of a conflict of the note `note_id`; nothing is done where that has no linked file."""
        files = self._folders.files_of_notes([note_id])
        folders = self._folders.folders() if files else []
        linked = {one.id: one.path for one in folders if one.kind is FolderKind.LINKED}
        for folder_id, file in files:
            if folder_id in linked:
                parent = str(PurePosixPath(file.path).parent)
                paths = FreePaths(linked[folder_id])
                path = paths.take("" if parent == "." else parent, file_name(copy.title))
                self._folders.put_files(folder_id, [SourceFile(path, copy.id, title=copy.title, is_conflict=True)])
                return
