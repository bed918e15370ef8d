"""A zip file of strangers: its members are looked at before any is unpacked, and streamed with a limit."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

from desktop_app.domain.errors import ImportFileError
from desktop_app.workers.import_worker.limits import bomb, too_many

MOST_MEMBERS = 10_000
MOST_UNPACKED = 1024**3
MOST_RATIO = 100
_SMALL = 1024**2
"""Bytes that may be packed as tightly as they like: an empty table shrinks a hundredfold, and harms nobody."""
_CHUNK = 64 * 1024


class Archive:
    """A zip file, opened for reading. Use as a context manager. Of two members with one name `chunks` reads the last.

    Args:
        path: of the file, or an open one inside another archive.
        size: of the file, where it is an open one.

    Raises ImportFileError where it is damaged or no zip file, ImportLimitError where it would unpack to more than
    MOST_UNPACKED bytes, to more than MOST_RATIO times its size, or into more than MOST_MEMBERS members.
    """

    def __init__(self, path: Path | IO[bytes], size: int | None = None) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, OverflowError, ValueError, EOFError) as error:
            raise damaged() from error
        self._members = {member.filename: member for member in self._zip.infolist()}
        if size is None:
            assert isinstance(path, Path)
            size = path.stat().st_size
        _refuse_bombs(self._zip.infolist(), size)

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def names(self) -> list[str]:
        """The names of all members, in their natural order: part 2 before part 10."""
        return sorted(self._members, key=lambda name: (len(name), name))

    def size_of(self, name: str) -> int:
        """How many bytes the member has. Raises KeyError where it is not there."""
        return self._members[name].file_size

    @property
    def members(self) -> list[zipfile.ZipInfo]:
        """All of them but folders, in the order in which they lie in the file."""
        found = (member for member in self._zip.infolist() if not member.filename.endswith("/"))
        return sorted(found, key=lambda member: member.header_offset)

    def open(self, member: zipfile.ZipInfo) -> IO[bytes]:
        """The member as a file that can be read from any place. Raises ImportFileError where it is locked."""
        _refuse_locked(member)
        try:
            return self._zip.open(member)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, UnicodeError) as error:
            raise damaged() from error

    def chunks(self, name: str) -> Iterator[bytes]:
        """The member's bytes, in pieces. Raises DamagedMemberError, ImportFileError where it is locked, KeyError where
        it is not there.
        """
        return self.chunks_of(self._members[name])

    def chunks_of(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        """As `chunks`."""
        _refuse_locked(member)
        try:
            with self._zip.open(member) as stream:  # which gives no more than the directory says
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, UnicodeError) as error:
            fault = damaged()
            raise DamagedMemberError(
                fault.what, f"The fault is in “{member.filename}” inside it.", fault.todo
            ) from error


def damaged() -> ImportFileError:
    """The error for a zip file that cannot be read."""
    return ImportFileError(
        "The file is damaged and cannot be read.", "", "Open it with the program it is from and save it again."
    )


class DamagedMemberError(ImportFileError):
    """One member is damaged; the archive is not."""


def _refuse_locked(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 0x1:
        raise ImportFileError("The file is protected by a password.", "", "Save it without the password.")


def _refuse_bombs(members: list[zipfile.ZipInfo], size: int) -> None:
    """Judge by the directory, and by the file's own size: members may overlap, and a directory may lie."""
    if len(members) > MOST_MEMBERS:
        raise too_many(
            f"It has {len(members):,} parts; {MOST_MEMBERS:,} are read at most. Unpack it, and import the folder."
        )
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_UNPACKED:
        raise bomb(f"It would fill {unpacked / 1024**3:,.1f} GB; 1 GB is read at most.")
    packed = min(size, sum(member.compress_size for member in members))
    if unpacked > _SMALL and unpacked > MOST_RATIO * packed:
        raise bomb(f"It would grow more than {MOST_RATIO}-fold.")
