"""Changes to files of a linked folder, so that a file is always whole and nothing of another program is overwritten."""

from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.folder_sync import is_passed_over
from desktop_app.services.linked_folders.folder_scan import Stamp, stamp_of

TRASH = ".trash"
"""Where deleted files go, as in Obsidian: inside the folder, so that they stay on its disk."""


_ABANDONED_S = 600
"""Nobody writes a file of 50 MB for so long."""


class FileChangedError(InkwellError):
    """The file is not as it was looked at a moment ago: the next look decides anew."""

    code = "file_changed"


def write_file(root: Path, path: str, data: bytes, expected: Stamp | None) -> Stamp:
    """Put `data` in place of the file at `path`, atomically; with `expected` None make a file where none is.

    The mode of a file that is replaced is kept. Raises FileChangedError where the file is not the expected one, and
    OSError (full disk, no right to write): then the file is as it was.
    """
    target = _inside(root, path)
    _make_folders(root, target.parent)
    making = _private_name(target)
    try:
        with open(making, "xb") as file:
            if expected is not None:
                with suppress(OSError):  # a file system without modes
                    making.chmod(stat.S_IMODE(target.stat().st_mode))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if stamp_of(target) != expected or (expected is None and os.path.lexists(target)):
            raise FileChangedError("The file was changed by another program just now.")
        if expected is None:
            _rename_to_free(making, target)
        else:
            os.replace(making, target)
    finally:
        with suppress(FileNotFoundError):
            making.unlink()
    _sync_folder(target.parent)
    written = stamp_of(target)
    if written is None:
        raise FileChangedError("The file was removed by another program just now.")
    return written


def move_file(root: Path, path: str, new_path: str) -> None:
    """Move a file inside the folder. Raises FileChangedError where the new place is taken, OSError."""
    source, target = _inside(root, path), _inside(root, new_path)
    _make_folders(root, target.parent)
    if path_key(path) == path_key(new_path):
        _rename_in_place(source, target)
    else:
        _rename_to_free(source, target)
    _sync_folder(target.parent)
    _sync_folder(source.parent)


def remove_file(root: Path, path: str, expected: Stamp) -> None:
    """Move a file to the folder's trash; nothing is ever unlinked. Raises FileChangedError, OSError."""
    source = _inside(root, path)
    if stamp_of(source) != expected:
        raise FileChangedError("The file was changed by another program just now.")
    place = PurePosixPath(TRASH, path)
    target = _inside(root, str(place))
    _make_folders(root, target.parent)
    count = 1
    while os.path.lexists(target):
        count += 1
        target = _inside(root, str(place.with_name(f"{place.stem} ({count}){place.suffix}")))
    _rename_to_free(source, target)
    _sync_folder(target.parent)
    _sync_folder(source.parent)


def remove_half_written(root: Path, paths: Sequence[str]) -> None:
    """Remove what an Inkwell that was ended in the middle of writing left behind."""
    for path in paths:
        with suppress(OSError):
            if time.time() - (root / path).lstat().st_mtime > _ABANDONED_S:
                (root / path).unlink()


class FreePaths:
    """Paths that no file has, on disks that do not tell upper from lower case, too. Each is given once.

    A folder is listed once: what another program makes there meanwhile is not replaced by who writes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._taken: dict[str, set[str]] = {}

    def take(self, folder: str, name: str) -> str:
        """A path in `folder`, `name` unless that is taken."""
        wanted = PurePosixPath(folder, name.lstrip(".") if is_passed_over(name) else name)
        taken = self._names_in(folder)
        path, count = wanted, 1
        while (key := path_key(path.name)) in taken:
            count += 1
            path = wanted.with_name(f"{wanted.stem} ({count}){wanted.suffix}")
        taken.add(key)
        return str(path)

    def leave(self, path: str) -> None:
        """The file at `path` was moved away."""
        place = PurePosixPath(path)
        self._names_in("" if str(place.parent) == "." else str(place.parent)).discard(path_key(place.name))

    def _names_in(self, folder: str) -> set[str]:
        key = path_key(folder)
        if key not in self._taken:
            try:
                self._taken[key] = {path_key(one) for one in os.listdir(self._root / folder)}
            except OSError:
                self._taken[key] = set()  # not made yet
        return self._taken[key]


def is_same_file(root: Path, path: str, wanted: str) -> bool:
    """Whether the file at `path` can have the name `wanted`, that differs in case or Unicode form alone: no other file
    has it, on a disk that tells the two apart.
    """
    if path_key(path) != path_key(wanted):
        return False
    try:
        return not os.path.lexists(root / wanted) or os.path.samefile(root / path, root / wanted)
    except OSError:
        return False


def folders_in(root: Path, folder: str) -> list[str]:
    """The names of the folders in `folder`, those of other programs left out; none where it is not there."""
    try:
        with os.scandir(root / folder) as entries:
            named = [one.name for one in entries if one.is_dir(follow_symlinks=False) and not is_passed_over(one.name)]
    except OSError:
        return []
    return sorted(named)


def path_key(path: str) -> str:
    """What two paths have in common that some disks do not tell apart: case and Unicode form."""
    import unicodedata

    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _inside(root: Path, path: str) -> Path:
    """The file's place; neither a path from elsewhere nor a link on the way may lead out of the folder."""
    target = root / path
    if ".." in Path(path).parts or not target.is_relative_to(root):
        raise FileChangedError("The path leads out of the folder.")
    parent = target.parent
    while not parent.exists() and parent != root:
        parent = parent.parent
    if not parent.resolve().is_relative_to(root.resolve()):
        raise FileChangedError("A link leads out of the folder there.")
    return target


def _make_folders(root: Path, folder: Path) -> None:
    """Make `folder` below the root, which is never made itself: where a vault vanished, what is written to that place
    would not be in it when it is back.
    """
    if not root.is_dir():
        raise FileChangedError("The folder is not there any more.")
    made = root
    for name in folder.relative_to(root).parts:
        made /= name
        made.mkdir(exist_ok=True)


def _rename_to_free(source: Path, target: Path) -> None:
    """Rename without replacing what another program put there meanwhile, where the disk can do that in one step."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError as error:
        raise FileChangedError("Another program made a file of that name just now.") from error
    except (OSError, NotImplementedError):
        # FAT and the like know no links.
        if os.path.lexists(target):
            raise FileChangedError("Another program made a file of that name just now.") from None
        os.rename(source, target)
    else:
        _drop_old_name(source, target)


def _rename_in_place(source: Path, target: Path) -> None:
    """Give a file a name that some disks do not tell from its old one; they take it by way of a third."""
    aside = _private_name(source)
    os.rename(source, aside)
    try:
        _rename_to_free(aside, target)
    except OSError:
        with suppress(OSError):
            _rename_to_free(aside, source)
        raise


def _drop_old_name(source: Path, target: Path) -> None:
    """Take the first of a file's two names away. What another program saved under it meanwhile stays there, and the
    second goes: raises FileChangedError then.
    """
    moved = stamp_of(target)
    aside = _private_name(source)
    os.rename(source, aside)
    if moved is None or stamp_of(aside) == moved:
        aside.unlink()
        return
    with suppress(FileExistsError):  # saved once more, by whom the one aside is from
        os.link(aside, source, follow_symlinks=False)
    aside.unlink()
    if stamp_of(target) == moved:
        target.unlink()
    raise FileChangedError("The file was changed by another program just now.")


def _private_name(beside: Path) -> Path:
    """A name that nobody else has: process ids are the same in two sandboxes, and on two computers with one share."""
    return beside.with_name(f".new.inkwell-{secrets.randbits(63)}")


def _sync_folder(folder: Path) -> None:
    """Names are on the disk, too, where the system can be asked for that."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
