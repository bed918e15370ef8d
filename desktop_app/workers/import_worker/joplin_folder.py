"""Notes of a folder that Joplin exported as RAW: the items of a JEX archive, unpacked."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from desktop_app.domain.errors import ImportFileError, system_reason
from desktop_app.domain.joplin_folders import RESOURCES, item_names
from desktop_app.domain.note_attachments import MOST_BYTES
from desktop_app.protocol.import_messages import MOST_TEXT_BYTES
from desktop_app.workers.import_worker.archive import DamagedMemberError
from desktop_app.workers.import_worker.attached import Attached, Attachments
from desktop_app.workers.import_worker.found_note import Reader, Remark
from desktop_app.workers.import_worker.joplin import JoplinItem, joplin_item, notes_of_items
from desktop_app.workers.import_worker.limits import TextBudget, too_many, too_much_text
from desktop_app.workers.import_worker.tar_archive import MOST_MEMBERS

_NO_ITEM = "It is no text as Joplin writes it."


def joplin_folder_notes(
    folder: Path, budget: TextBudget, attachments: Attachments, progress: Callable[[int, int], None]
) -> Reader:
    """The notes; members are named by their ids. Links are not followed. `progress` gets (files read, files).

    Raises ImportFileError and its kin: then none of the notes may be taken. A single file that cannot be read is told.
    """
    names = item_names(_names(folder))
    if len(names) > MOST_MEMBERS:
        raise too_many(f"It has more than {MOST_MEMBERS:,} parts. Export your notebooks one by one.")
    items: dict[str, JoplinItem] = {}
    for number, name in enumerate(names, start=1):
        progress(number, len(names))
        try:
            data = _read(folder / name, MOST_TEXT_BYTES)
        except ImportFileError as error:
            yield Remark(name, f"{error.what} {error.why}".strip())
            continue
        item = joplin_item(data, budget)
        if item is None:
            yield Remark(name, _NO_ITEM)
        else:
            items[item.get("id")] = item
    yield from notes_of_items(items, _resources(folder / RESOURCES, attachments), attachments)


def _resources(folder: Path, attachments: Attachments) -> dict[str, Attached]:
    """The files beside the notes, each handed on where a note names it."""
    found: dict[str, Attached] = {}
    for name in sorted(_names(folder)):
        path = folder / name
        state = path.lstat()
        if stat.S_ISREG(state.st_mode):
            attachments.see(path.stem, name)
            found[path.stem] = Attached(path.stem, name, state.st_size, partial(_chunks, path))
    return found


def _chunks(path: Path) -> Iterable[bytes]:
    try:
        return [_read(path, MOST_BYTES)]
    except ImportFileError as error:
        raise DamagedMemberError(error.what, error.why, error.todo) from error


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder) if not folder.is_symlink() else []
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ImportFileError("The folder cannot be read.", system_reason(error)) from error


def _read(path: Path, most: int) -> bytes:
    try:
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ImportFileError("It is not an ordinary file.")
            data = file.read(most + 1)
    except OSError as error:
        raise ImportFileError("The file cannot be read.", system_reason(error)) from error
    if len(data) > most:
        raise too_much_text(most)
    return data
