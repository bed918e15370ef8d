"""Finds and reads the files of an import. Nothing is written here."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from desktop_app.domain.errors import ImportFileError
from desktop_app.domain.note_text import read_text
from desktop_app.domain.notes import ImportFailure, ImportSource
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.domain.text_decoding import decode_text
from desktop_app.services.notes import IncomingNote

EXTENSIONS = frozenset({".md", ".markdown", ".mdown", ".mkd", ".txt", ".text"})
MOST_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to be read.

    Attributes:
        relative_path: from the root of the import, with "/" between names.
        named: the person named this very file, not a folder above it.
    """

    path: Path
    relative_path: str
    named: bool


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file's note, and a remark where its encoding had to be guessed."""

    note: IncomingNote
    remark: str


def find_files(paths: Sequence[Path]) -> Iterator[FoundFile | ImportFailure]:
    """The Markdown and text files among and below `paths`, each once, folder by folder in order of name.

    Names that begin with "." (.git, .obsidian, .trash) are passed over, as are files of other kinds inside folders.
    Links inside folders are not followed; one that leads out of its folder is reported.
    """
    seen: set[str] = set()
    for named in paths:
        root = Path(os.path.abspath(named))
        for found in _below(root):
            if isinstance(found, ImportFailure):
                yield found
            elif str(found.path) not in seen:
                seen.add(str(found.path))
                yield found


def _below(root: Path) -> Iterator[FoundFile | ImportFailure]:
    if root.is_dir():
        yield from _walk(root, root.resolve(), PurePosixPath())
    elif not root.exists():
        yield ImportFailure(_shown(root), "It is not there.")
    elif root.suffix.lower() not in EXTENSIONS:
        yield ImportFailure(_shown(root), "It is neither a Markdown nor a text file.")
    else:
        yield FoundFile(root, root.name, named=True)


def _walk(folder: Path, real_root: Path, relative: PurePosixPath) -> Iterator[FoundFile | ImportFailure]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield ImportFailure(_shown(folder), f"The folder cannot be read: {error.strerror}.")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = Path(entry.path)
        if entry.is_symlink():
            if _leads_out(path, real_root):
                yield ImportFailure(_shown(path), "It is a link that leads out of the folder and was not followed.")
        elif entry.is_dir():
            yield from _walk(path, real_root, relative / entry.name)
        elif path.suffix.lower() in EXTENSIONS and entry.is_file():
            yield FoundFile(path, str(relative / entry.name), named=False)


def _leads_out(link: Path, real_root: Path) -> bool:
    return not Path(os.path.realpath(link)).is_relative_to(real_root)


def _shown(path: Path) -> str:
    return without_lone_surrogates(str(path))


def file_key(path: Path) -> str:
    """The absolute path as the store keeps it."""
    return without_lone_surrogates(str(path))


def read_bytes(path: Path) -> bytes:
    """The file's content. Raises ImportFileError where it is no ordinary file, too large, or unreadable."""
    try:
        # Not blocking: opening a pipe must not wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise ImportFileError("It is not an ordinary file.")
            if state.st_size > MOST_BYTES:
                size = state.st_size / (1024 * 1024)
                raise ImportFileError(f"It is too large: {size:,.0f} MB, and a note may have 50 MB.")
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ImportFileError(f"It cannot be read: {error.strerror}.") from error


def read_note(found: FoundFile, data: bytes, now: datetime) -> ReadFile:
    """The note in a file's bytes. Raises ImportFileError where they are no text.

    Its title is the front matter's, else the first heading, else the file's name; its folder is the file's folder in
    the import, and for a file that was named itself the front matter's.
    """
    decoded = decode_text(data)
    if decoded is None:
        raise ImportFileError("It is not a text file.")
    read = read_text(decoded.text)
    name = PurePosixPath(without_lone_surrogates(found.relative_path))
    edited = min(read.edited or _modified(found.path, now), now)
    note = IncomingNote(
        title=read.title or name.stem,
        text=read.text,
        folder=read.folder if found.named else "" if str(name.parent) == "." else str(name.parent),
        tags=read.tags,
        source=ImportSource(
            path=str(name), file=file_key(found.path), hash=content_hash(data), front_matter=read.front_matter
        ),
        created_at=min(read.created or edited, edited),
        edited_at=edited,
    )
    return ReadFile(note, decoded.remark)


def content_hash(data: bytes) -> str:
    """sha256 of a file's bytes, lowercase hex."""
    return hashlib.sha256(data).hexdigest()


def _modified(path: Path, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return now
