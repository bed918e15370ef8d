"""Which folder of notes stands for which folder on the disk."""

from __future__ import annotations

from desktop_app.domain.folder_sync import LinkedFolder, note_folder
from desktop_app.domain.folders import clean_folder, safe_file_name
from desktop_app.services.linked_folders.disk_files import folders_in


class FolderPlaces:
    """Names in both directions, each found once a look: what is on the disk may have changed by the next one."""

    def __init__(self, folder: LinkedFolder) -> None:
        self._root = folder.path
        self._top = folder.top
        self._disk_folders: dict[str, str] = {}
        self._notes_folders: dict[str, str] = {}

    def notes_folder(self, path: str) -> str:
        """The folder of notes for the file at `path`."""
        parent = path.rpartition("/")[0]
        if parent not in self._notes_folders:
            self._notes_folders[parent] = clean_folder(note_folder(self._top, path))
        return self._notes_folders[parent]

    def is_below(self, folder: str) -> bool:
        """Whether a folder of notes stands for the linked folder or one in it."""
        return folder == self._top or folder.startswith(f"{self._top}/")

    def disk_folder(self, folder: str) -> str:
        """The folder on the disk that stands for one of notes: one that is there, else one to be made."""
        if folder not in self._disk_folders:
            self._disk_folders[folder] = self._find_disk_folder(folder)
        return self._disk_folders[folder]

    def _find_disk_folder(self, folder: str) -> str:
        names = [name for name in folder.removeprefix(self._top).split("/") if name]
        place = ""
        for name in names:
            found = next((one for one in folders_in(self._root, place) if clean_folder(one) == name), None)
            place = "/".join(part for part in (place, found or safe_file_name(name, "folder").lstrip(".")) if part)
        return place
