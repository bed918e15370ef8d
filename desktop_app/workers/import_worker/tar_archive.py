"""A tar file of strangers, read from its beginning to its end: names and bytes of its ordinary files.

Python's own module takes an archive that was cut off between two members for a whole one, so headers are read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from desktop_app.domain.errors import ImportFileError
from desktop_app.domain.whole_numbers import whole_number
from desktop_app.workers.import_worker.archive import MOST_UNPACKED, damaged
from desktop_app.workers.import_worker.limits import too_many

_BLOCK = 512
_CHUNK = 1024**2
_LONGEST_HEADER = 1024**2
_ORDINARY = frozenset({b"0", b"\0", b"7"})
_FOLDER = b"5"
MOST_MEMBERS = 200_000
"""A tar file is read from its beginning to its end and has no directory to lie: its size bounds what its members cost,
so it may have more of them than a zip file. Joplin writes one for each note, picture, tag, and tie between them."""
_LONG_NAME = b"L"
_LONG_LINK = b"K"
_EXTENDED = b"x"
_GLOBAL = b"g"


class TarMember(msgspec.Struct, frozen=True):
    """One member; `is_file` is false for links, devices and what else is no ordinary file. Folders are not given."""

    name: str
    size: int
    is_file: bool


class TarReader:
    """Goes through the archive once; of each member the bytes can be read before the next is asked for."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._left = 0
        self._padding = 0

    def members(self) -> Iterator[TarMember]:
        """All members. Raises ImportFileError where the archive is damaged or cut off, ImportLimitError for too many
        or too large ones.
        """
        if self._size > MOST_UNPACKED:
            raise too_many(
                f"It has {self._size / 1024**3:,.1f} GB; 1 GB is read at most. Export your notebooks one by one."
            )
        count = 0
        extended: dict[str, str] = {}
        long_name = ""
        while True:
            header = self._exactly(_BLOCK)
            if not any(header):
                return
            count += 1
            if count > 3 * MOST_MEMBERS:  # headers of names come before their members
                raise too_many(f"It has more than {MOST_MEMBERS:,} parts. Export your notebooks one by one.")
            _check(header)
            kind = header[156:157]
            size = _number(extended["size"].encode() if "size" in extended else header[124:136])
            if size > self._size:
                raise damaged()
            self._left, self._padding = size, -size % _BLOCK
            if kind in (_LONG_NAME, _LONG_LINK, _EXTENDED, _GLOBAL):
                if size > _LONGEST_HEADER:
                    raise damaged()
                data = self.read()
                if kind == _EXTENDED:
                    extended = _records(data)
                elif kind == _LONG_NAME:
                    long_name = _text(data)
            else:
                if kind != _FOLDER:
                    name = extended.get("path") or long_name or _short_name(header)
                    yield TarMember(name, size, kind in _ORDINARY and "GNU.sparse.major" not in extended)
                extended, long_name = {}, ""
            self._skip()

    def read(self) -> bytes:
        """All bytes of the member at hand."""
        data = self._exactly(self._left)
        self._left = 0
        return data

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the member at hand, in pieces; all of them are to be taken before the next member."""
        while self._left:
            data = self._exactly(min(self._left, _CHUNK))
            self._left -= len(data)
            yield data

    def _skip(self) -> None:
        left = self._left + self._padding
        while left:
            left -= len(self._exactly(min(left, _CHUNK)))
        self._left = self._padding = 0

    def _exactly(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise cut_off()
        return data


def cut_off() -> ImportFileError:
    """The error for an archive without its end."""
    return ImportFileError("The archive is cut off: its end is missing.", "", "Export it again.")


def _check(header: bytes) -> None:
    """Raise where the header's sum is not what it says."""
    counted = sum(header[:148]) + sum(header[156:]) + 8 * 32
    if _number(header[148:156]) != counted:
        raise damaged()


def _number(field: bytes) -> int:
    """A size as tar writes it: octal digits, a big binary number after 0x80, or decimal from an extended header."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0").split(b"\0")[0].strip()
    if digits.strip(b"01234567"):  # a sign, too: behind a size below nothing there is no end
        raise damaged()
    return int(digits or b"0", 8)


def _records(data: bytes) -> dict[str, str]:
    """The records "length key=value" of an extended header; its size in octal, as a header has it."""
    found: dict[str, str] = {}
    while data:
        length, _, _rest = data.partition(b" ")
        if not length.isdigit() or len(length) > 7 or not 0 < int(length) <= len(data):
            raise damaged()
        key, _, value = data[len(length) + 1 : int(length)].rstrip(b"\n").partition(b"=")
        found[_text(key)] = _text(value)
        data = data[int(length) :]
    if "size" in found:
        size = whole_number(found["size"], most_digits=19)
        if size is None:
            raise damaged()
        found["size"] = f"{size:o}"
    return found


def _short_name(header: bytes) -> str:
    prefix, name = _text(header[345:500]), _text(header[:100])
    return f"{prefix}/{name}" if prefix and header[257:263] == b"ustar\0" else name


def _text(data: bytes) -> str:
    return data.split(b"\0")[0].decode("utf-8", "replace")
