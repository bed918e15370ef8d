"""What lies in a linked folder now, by names, sizes and times alone; no file is opened."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import msgspec

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.folder_sync import SyncProblem, is_passed_over
from desktop_app.domain.note_file import EXTENSIONS
from desktop_app.domain.source_folders import SourceFile
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.services.linked_folders.pace import Pace

MAKING = re.compile(r"\..*\.inkwell-\d+", re.DOTALL)
"""What a file is called while it is being written."""
_BREATH_EVERY = 50
#: A file changed so shortly before it was looked at may change again without another time or size.
_SETTLED_NS = 2_000_000_000


class FolderGoneError(InkwellError):
    """The linked folder is not there: a disk that was taken out, a share that is not connected."""

    code = "folder_gone"


class FolderEmptyError(FolderGoneError):
    """In the linked folder's place is one with nothing in it: the place of a disk, or all was deleted."""

    code = "folder_empty"


class Stamp(msgspec.Struct, frozen=True, gc=False):
    """What a file is known by without being opened."""

    size: int
    mtime_ns: int
    inode: int

    def is_of(self, file: SourceFile) -> bool:
        """Whether the file is surely as it was when it was last in step."""
        inode = self.inode & 0x7FFF_FFFF_FFFF_FFFF
        return bool(file.mtime_ns) and (self.size, self.mtime_ns, inode) == (file.size, file.mtime_ns, file.inode)


class Scan(msgspec.Struct):
    """The files by path, relative to the folder, with "/" between names.

    Attributes:
        unsure: paths of which nothing is known (folders that cannot be read, links): what is there is not "gone".
        problems: what a person may want to know.
        half_written: files that were being written by us, and perhaps still are.
        vanished: folders that are away with all their files: nothing is put there meanwhile, where the place is left by
            a disk and is hidden once that is back.
    """

    files: dict[str, Stamp] = msgspec.field(default_factory=dict)
    folders: list[str] = msgspec.field(default_factory=list)
    unsure: set[str] = msgspec.field(default_factory=set)
    problems: list[SyncProblem] = msgspec.field(default_factory=list)
    half_written: list[str] = msgspec.field(default_factory=list)
    vanished: set[str] = msgspec.field(default_factory=set)

    def is_away(self, folder: str) -> bool:
        """Whether a folder is one of those that vanished, or lies in one."""
        return bool(self.vanished) and any(
            str(one) in self.vanished for one in (folder, *PurePosixPath(folder).parents)
        )

    def knows(self, path: str) -> bool:
        """Whether it can be said that a file is there or not."""
        return not self.unsure or not any(str(part) in self.unsure for part in (path, *PurePosixPath(path).parents))


def scan(root: Path, cancel: CancelToken) -> Scan:
    """Walk the folder; links are not followed. Raises FolderGoneError, CancelledError."""
    result = Scan()
    waiting = [""]
    pace = Pace(cancel)
    seen = 0
    while waiting:
        relative = waiting.pop()
        for entry in sorted(_entries(root, relative, result), key=lambda one: one.name):
            seen += 1
            if seen % _BREATH_EVERY == 0:
                cancel.raise_if_cancelled()
                pace.breathe()
            if is_passed_over(entry.name):
                if MAKING.fullmatch(entry.name):
                    result.half_written.append(f"{relative}/{entry.name}" if relative else entry.name)
            else:
                _take(entry, f"{relative}/{entry.name}" if relative else entry.name, root, result, waiting)
    # Once more at the end: a disk that was taken out meanwhile has not lost its files.
    require_there(root)
    return result


def require_there(root: Path, *, had_notes: bool = False) -> None:
    """Raise FolderGoneError where the folder is not there, FolderEmptyError where one that `had_notes` may be nothing
    but an empty place for a disk, in which programs may have left hidden files. One without notes may be empty: a vault
    begins so.
    """
    name = without_lone_surrogates(str(root))
    try:
        with os.scandir(root) as entries:
            if not had_notes or any(not is_passed_over(one.name) for one in entries):
                return
    except OSError:
        pass
    else:
        raise FolderEmptyError(
            f"The folder {name} is empty; its notes are as last seen.",
            "Its disk is not connected, or its files were deleted or moved.",
            "Put the files back and Inkwell goes on by itself; or unlink the folder, which keeps its notes.",
        )
    raise FolderGoneError(
        f"The folder {name} is not there; its notes are as last seen.",
        "It was moved or renamed, or its disk is not connected.",
        "Connect the disk, or put the folder back: Inkwell goes on by itself.",
    )


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of an ordinary file; None where there is none."""
    try:
        state = path.lstat()
    except OSError:
        return None
    return Stamp(state.st_size, state.st_mtime_ns, state.st_ino) if _is_ordinary(state) else None


def stamp_inside(root: Path, path: str) -> Stamp | None:
    """The stamp of an ordinary file of the folder; None where there is none, or only behind a link."""
    if any((root / folder).is_symlink() for folder in PurePosixPath(path).parents if str(folder) != "."):
        return None
    return stamp_of(root / path)


def settled(stamp: Stamp) -> Stamp:
    """The stamp to be remembered; one that fits nothing where the file changed only just now."""
    return stamp if time.time_ns() - stamp.mtime_ns > _SETTLED_NS else Stamp(0, 0, 0)


def _entries(root: Path, relative: str, result: Scan) -> Iterable[os.DirEntry[str]]:
    try:
        with os.scandir(root / relative) as entries:
            found = list(entries)
    except OSError as error:
        if not relative:
            require_there(root)
        result.unsure.add(relative or ".")
        result.problems.append(SyncProblem(relative or ".", f"The folder cannot be read: {error.strerror}."))
        return []
    result.folders.append(relative)
    return found


def _take(entry: os.DirEntry[str], path: str, root: Path, result: Scan, waiting: list[str]) -> None:
    shown = path if path.isascii() else without_lone_surrogates(path)
    if entry.is_symlink():
        result.unsure.add(shown)
        if not Path(os.path.realpath(entry.path)).is_relative_to(root.resolve()):
            result.problems.append(SyncProblem(shown, "It is a link that leads out of the folder and is not followed."))
    elif shown != path:
        result.unsure.add(shown)
        result.problems.append(SyncProblem(shown, "Its name is no valid Unicode; rename it to have it as a note."))
    elif entry.is_dir(follow_symlinks=False):
        waiting.append(path)
    elif os.path.splitext(entry.name)[1].lower() in EXTENSIONS and entry.is_file(follow_symlinks=False):
        try:
            result.files[path] = _stamp_of_entry(entry)
        except OSError:
            return  # gone between two looks


def _stamp_of_entry(entry: os.DirEntry[str]) -> Stamp:
    """The very stamp that `stamp_of` gives. What a folder on Windows says of its files is not that: no inode, and sizes
    and times that may be old.
    """
    state = entry.stat(follow_symlinks=False)
    if not state.st_ino:
        state = os.lstat(entry.path)
    return Stamp(state.st_size, state.st_mtime_ns, state.st_ino)


def _is_ordinary(state: os.stat_result) -> bool:
    import stat

    return stat.S_ISREG(state.st_mode)
