"""Folders on the disk that notes came from, and their files as they were when both were last in step."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import msgspec


class FolderKind(StrEnum):
    """What a person chose for a folder."""

    LINKED = "linked"
    """Its files stay notes and notes stay its files, in step both ways."""
    COPIED = "copied"
    """Its texts were copied; the files are left alone."""


class SourceFolder(msgspec.Struct, frozen=True):
    """A folder that notes came from.

    Attributes:
        path: absolute.
        top: the notes' folder that stands for it, or did while it was linked; "" where it never was.
    """

    id: int
    path: Path
    top: str
    kind: FolderKind


class SourceFile(msgspec.Struct, frozen=True, gc=False):
    """A file of such a folder.

    Attributes:
        path: relative to the folder, with "/" between names.
        note_id: None for one that is no note (`problem` says why).
        hash: sha256 hex of its bytes when it and its note were last in step, "" where they never were.
        size, mtime_ns, inode: of the file then; all 0 where it has to be looked into in any case.
        revision, title, tags: of the note then.
        problem: why it could not be read, or its note not be written; "" where nothing is wrong.
        is_conflict: the note holds our text of a conflict.
        writing: sha256 hex of the bytes that were about to be written to it for its note, "" once that is known to be
            done: a file of these bytes is our own writing, whatever the note says by then.
    """

    path: str
    note_id: int | None
    hash: str = ""
    size: int = 0
    mtime_ns: int = 0
    inode: int = 0
    revision: int = 0
    title: str = ""
    tags: tuple[str, ...] = ()
    problem: str = ""
    is_conflict: bool = False
    writing: str = ""


class NoteState(msgspec.Struct, frozen=True, gc=False):
    """A note as far as it matters for its file, without its text."""

    id: int
    revision: int
    title: str
    folder: str
    tags: tuple[str, ...]
    trashed: bool
