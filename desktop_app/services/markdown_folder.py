"""Notes as Markdown files in folders, with their pictures and other files where the texts look for them."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from desktop_app.domain.errors import AttachmentMissingError
from desktop_app.domain.exported_notes import exported_id
from desktop_app.domain.folders import fits_windows, safe_file_name
from desktop_app.domain.front_matter import written_front_matter
from desktop_app.domain.note_attachments import (
    Reference,
    StoredFile,
    find_references,
    reference_key,
    with_targets,
)
from desktop_app.domain.notes import Note
from desktop_app.services.note_attachment_ports import AttachmentFileStore, NoteAttachmentStore

_FILES = "attachments"
_ON_WINDOWS = os.name == "nt"


class MarkdownFolder:
    """Writes into one new folder; no file of it is written twice.

    A picture named `![](img/a.png)` lies in "img" beside its note, one named `![[a.png]]` once for all notes in
    "attachments". Where a name leads out of the folder, or lies where another file is, the written text says another.

    Attributes:
        files_written: how many pictures and other files.
        missing: names of files that could not be read.
    """

    def __init__(self, folder: Path, attachments: NoteAttachmentStore, files: AttachmentFileStore) -> None:
        self._folder = folder
        self._attachments = attachments
        self._files = files
        self._taken: set[str] = set()
        self._folders: set[str] = set()
        self._placed: dict[str, list[str]] = {}
        self._names: dict[str, str] = {}
        self.files_written = 0
        self.missing: list[str] = []

    def free_path(self, wanted: str, suffix: str) -> Path:
        """A path that no other file of this folder has, on systems that do not tell upper from lower case, too."""
        *folders, name = wanted.split("/")
        above = ""
        for folder in folders:
            above = _free(_below(above, folder), "", lambda one: one in self._taken)
            self._folders.add(above.casefold())
        path = _free(_below(above, name), suffix, lambda one: one in self._taken or one in self._folders)
        return self._take(path)

    def write_note(self, note: Note, top: str = "", folder: str | None = None) -> Path:
        """Write the note and its files, in `folder` (its own where none is given) below `top`. Raises OSError."""
        below = note.folder if folder is None else folder
        names = [top, *(safe_file_name(name, "folder") for name in below.split("/") if name)]
        own_folder = "/".join(name for name in names if name)
        path = self.free_path(_below(own_folder, safe_file_name(note.title, f"note {note.id}")), ".md")
        text = self._with_files(note, own_folder, top)
        matter = written_front_matter(
            note.title,
            note.tags,
            note.created_at,
            note.edited_at,
            note.front_matter,
            folder=note.folder,
            exported_id=exported_id(note, text),
        )
        write_text(path, matter + text)
        return path

    def write_exactly(self, wanted: str, data: bytes, file_hash: str = "") -> Path:
        """Write a file under the very name it had, whatever characters that has; only where a file of that name is
        there already it gets a number, and where the system takes no such name one like it. `file_hash` is given for
        one that notes may name. Raises OSError.
        """
        if _ON_WINDOWS and not fits_windows(wanted):
            wanted = _safe_path(wanted)
        path, count = PurePosixPath(wanted), 1
        while self._folder.joinpath(path).exists():
            count += 1
            path = PurePosixPath(wanted).with_name(
                f"{PurePosixPath(wanted).stem} ({count}){PurePosixPath(wanted).suffix}"
            )
        self._folders.update(str(one).casefold() for one in path.parents if str(one) != ".")
        target = self._take(str(path))
        with open(target, "xb") as file:
            file.write(data)
        if file_hash:
            self._placed.setdefault(file_hash, []).append(str(path))
            self._names.setdefault(path.name.casefold(), file_hash)
        return target

    def text_with_files(self, note: Note, own_folder: str) -> str:
        """The note's text as it is to be written in `own_folder`, once the files that it names are. Raises OSError."""
        return self._with_files(note, own_folder, "")

    def path_of(self, file: StoredFile) -> Path | None:
        """Where the first copy of a file was written; None where it was not."""
        placed = self._placed.get(file.hash)
        return self._folder / placed[0] if placed else None

    def _with_files(self, note: Note, own_folder: str, top: str) -> str:
        """The note's text as it is written, once the files that it names are. What earlier versions name is written,
        too.
        """
        references = find_references(note.text)
        meant = self._attachments.resolve(note.id, list(dict.fromkeys(one.target for one in references)))
        changes = []
        for reference in references:
            file = meant.get(reference.target)
            if file is None:
                continue
            place = self._place(reference, file, own_folder, top)
            if place is not None and not _finds(reference, place, own_folder):
                changes.append((reference, _name_for(reference, place, own_folder)))
        for attachment in self._attachments.of_note(note.id):
            if attachment.file.hash not in self._placed:
                self._write(attachment.file, _below(top, _FILES, attachment.file.name))
        return with_targets(note.text, changes)

    def _place(self, reference: Reference, file: StoredFile, own_folder: str, top: str) -> str | None:
        """Where the file lies that a reference means, written if it was not; None where it cannot be read."""
        placed = self._placed.get(file.hash, [])
        fitting = next((place for place in placed if _finds(reference, place, own_folder)), None)
        if fitting is not None:
            return fitting
        key = reference_key(reference.target)
        root = top if reference.is_wiki else own_folder
        wanted = posixpath.normpath(_below(root, key))
        inside = not top or wanted.startswith(f"{top}/")
        if not reference.is_wiki or "/" in key:
            fine = inside and wanted == _safe_path(wanted) and wanted.casefold() not in self._taken
            if fine or not placed:
                return self._write(file, wanted if fine else _below(top, _FILES, file.name))
            return placed[0]
        return self._write(file, _below(top, _FILES, self._only_name(key, file)))

    def _write(self, file: StoredFile, wanted: str) -> str | None:
        try:
            data = self._files.read(file.hash)
        except AttachmentMissingError:
            if file.name not in self.missing:
                self.missing.append(file.name)
            return None
        stem, suffix = posixpath.splitext(_safe_path(wanted))
        path = self.free_path(stem, suffix)
        with open(path, "xb") as target:
            target.write(data)
        self.files_written += 1
        place = path.relative_to(self._folder).as_posix()
        self._placed.setdefault(file.hash, []).append(place)
        self._names.setdefault(path.name.casefold(), file.hash)
        return place

    def _only_name(self, name: str, file: StoredFile) -> str:
        """`name`, or one like it, that no other file has in any folder: `![[name]]` says no folder."""
        stem, suffix = posixpath.splitext(name)
        count = 1
        while self._names.get(name.casefold(), file.hash) != file.hash:
            count += 1
            name = f"{stem} ({count}){suffix}"
        return name

    def _take(self, name: str) -> Path:
        self._taken.add(name.casefold())
        path = self._folder.joinpath(*name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def write_text(path: Path, text: str) -> None:
    """Write a new file; bytes, so that line ends stay as they are. Raises OSError."""
    with open(path, "xb") as file:
        file.write(text.encode("utf-8", "replace"))


def _free(wanted: str, suffix: str, is_used: Callable[[str], bool]) -> str:
    """`wanted`, with a number where it is used; `is_used` is asked without upper case."""
    name, count = wanted + suffix, 1
    while is_used(name.casefold()):
        count += 1
        name = f"{wanted} ({count}){suffix}"
    return name


def _below(*names: str) -> str:
    return "/".join(name for name in names if name)


def _safe_path(path: str) -> str:
    """`path` with names that every system takes, and none that lead anywhere else."""
    *folders, name = [part for part in path.split("/") if part not in ("", ".", "..")] or [""]
    stem, suffix = posixpath.splitext(name)
    if len(suffix) > 12 or safe_file_name(suffix) != suffix.lstrip("."):
        stem, suffix = name, ""
    return "/".join([*(safe_file_name(one, "folder") for one in folders), safe_file_name(stem, "file") + suffix])


def _finds(reference: Reference, place: str, own_folder: str) -> bool:
    """Whether a program that reads the folder comes to `place` by the reference as it is written."""
    key = reference_key(reference.target)
    if reference.is_wiki:
        return place == key or place.endswith(f"/{key}")
    return posixpath.normpath(_below(own_folder, key)) == place


def _name_for(reference: Reference, place: str, own_folder: str) -> str:
    return posixpath.basename(place) if reference.is_wiki else posixpath.relpath(place, own_folder or ".")
