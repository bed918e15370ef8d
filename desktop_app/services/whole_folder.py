"""A folder that is there whole or not at all, however its writing ends."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from desktop_app.domain.errors import ExportError, system_reason
from desktop_app.domain.file_renaming import rename_path

T = TypeVar("T")
_AT_ONCE = 8


def write_whole(folder: Path, now: datetime, write: Callable[[Path], T]) -> tuple[Path, T]:
    """Let `write` fill a folder under another name first, then give it the name `folder`; a folder that is not empty
    gets a new one inside. Nothing is overwritten, and all of it is on the disk at the end.
    Returns where it lies and what `write` returned.

    Raises ExportError where it could not be written, and what `write` raises: then nothing is left behind.
    """
    try:
        target = _target(folder, now)
        target.parent.mkdir(parents=True, exist_ok=True)
        making = target.with_name(f".{target.name}.making-{os.getpid()}")
        making.mkdir(mode=0o700)
        try:
            result = write(making)
            _sync(making)
            if target.is_dir():
                target.rmdir()  # it is empty: `_target` looked
            rename_path(making, target)
            _sync_folder(target.parent)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    except OSError as error:
        raise ExportError(
            "The export was not written.",
            system_reason(error),
            "Choose another folder, or free some space, and try again.",
        ) from error
    return target, result


def _sync(folder: Path) -> None:
    """All that was written is on the disk, or this raises: a power cut after the end must leave no empty files."""
    folders, files = [], []
    for place, _, names in os.walk(folder):
        folders.append(Path(place))
        files += [Path(place, name) for name in names]
    # Several at a time share the disk's waiting: 100,000 files take some ten seconds in place of minutes.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(_sync_file, files):
            pass
    for one in folders:
        _sync_folder(one)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # Windows opens no folders, and keeps their entries by itself
    try:
        with suppress(OSError):  # a file system that cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _target(folder: Path, now: datetime) -> Path:
    if not folder.exists():
        return folder
    if not folder.is_dir():
        raise ExportError("The export was not written.", f"{folder.name} is a file.", "Choose a folder.")
    if not any(folder.iterdir()):
        return folder
    name = f"Inkwell export {now.astimezone():%Y-%m-%d %H.%M}"
    target, count = folder / name, 1
    while target.exists():
        count += 1
        target = folder / f"{name} ({count})"
    return target
