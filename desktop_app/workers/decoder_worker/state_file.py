"""One kept KV state as a file: a header of ours, the token ids, and llama.cpp's own bytes.

    magic · header's length (4 bytes) · header (msgpack) · token ids (4 bytes each) · data

A file is worth nothing but time, so nothing in it is believed: one that is damaged, cut, too long, of another format or
written by another version of llama.cpp is an `UnusableStateError`, and llama.cpp never sees it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import zlib
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.file_renaming import replace_file

MAGIC = b"InkwellKV\r\n\0"
FORMAT = 1
_LONGEST_HEADER = 4096
_TOKEN_BYTES = 4

StateBytes = NDArray[np.uint8]


class UnusableStateError(Exception):
    """The file is no kept state that could be used here."""


class StateOrigin(msgspec.Struct, frozen=True):
    """What a state belongs to; it fits nothing else.

    Attributes:
        model: fingerprint of the model, and when its file was changed last.
        context: parameters of the context that shape the state.
        library: version of llama.cpp's bindings and of its format.
        vocabulary_size: token ids are below it.
    """

    model: str
    context: str
    library: str
    vocabulary_size: int

    @property
    def key(self) -> str:
        """Begins the names of this model's files."""
        return hashlib.sha256(f"{self.model}\0{self.context}".encode()).hexdigest()[:16]


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    model: str
    context: str
    library: str
    token_count: int
    tokens_sha256: str
    data_bytes: int
    data_crc32: int


def file_name(origin: StateOrigin, tokens: Sequence[int]) -> str:
    """The name of the file for the state of `tokens`."""
    return f"{origin.key}-{_tokens_hash(_packed(tokens))[:24]}.state"


def write_state(path: Path, origin: StateOrigin, tokens: Sequence[int], data: StateBytes) -> None:
    """Write the file (0600) beside its place, then put it there. Raises OSError, and leaves nothing then.

    It is not forced to the disk: a file cut by a power failure is found out by its length or its checksum.
    """
    packed = _packed(tokens)
    header = msgspec.msgpack.encode(
        _Header(
            FORMAT,
            origin.model,
            origin.context,
            origin.library,
            len(tokens),
            _tokens_hash(packed),
            data.nbytes,
            zlib.crc32(data.data),
        )
    )
    temporary = path.with_name(f"{path.stem}.{os.getpid()}.tmp")
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            for part in (MAGIC, len(header).to_bytes(4, "little"), header, packed, data.data):
                _write_whole(file, part)
        replace_file(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def read_tokens(path: Path, origin: StateOrigin, longest: int) -> tuple[int, ...]:
    """The tokens whose state the file holds, at most `longest`. Raises UnusableStateError, OSError."""
    with _opened(path) as file:
        return _read_head(file, origin, longest)[1]


def read_state(path: Path, origin: StateOrigin, longest: int) -> tuple[tuple[int, ...], StateBytes]:
    """The tokens and llama.cpp's bytes, whole by length and checksum. Raises UnusableStateError, OSError."""
    with _opened(path) as file:
        header, tokens = _read_head(file, origin, longest)
        data = np.empty(header.data_bytes, np.uint8)
        if _read_into(file, data) != header.data_bytes or zlib.crc32(data.data) != header.data_crc32:
            raise UnusableStateError("the data are damaged")
        return tokens, data


def _read_head(file: BinaryIO, origin: StateOrigin, longest: int) -> tuple[_Header, tuple[int, ...]]:
    size = os.fstat(file.fileno()).st_size
    if file.read(len(MAGIC)) != MAGIC:
        raise UnusableStateError("it is no kept state")
    length = int.from_bytes(file.read(4), "little")
    if length > _LONGEST_HEADER:
        raise UnusableStateError("the header is too long")
    try:
        header = msgspec.msgpack.decode(file.read(length), type=_Header)
    except (msgspec.MsgspecError, ValueError) as error:  # the latter for text that is not UTF-8
        raise UnusableStateError("the header cannot be read") from error
    known = (header.format, header.model, header.context, header.library)
    if known != (FORMAT, origin.model, origin.context, origin.library):
        raise UnusableStateError("it is of another model or version")
    if not 0 < header.token_count <= longest or header.data_bytes <= 0:
        raise UnusableStateError("its lengths make no sense")
    if size != len(MAGIC) + 4 + length + _TOKEN_BYTES * header.token_count + header.data_bytes:
        raise UnusableStateError("its length is wrong")
    packed = file.read(_TOKEN_BYTES * header.token_count)
    if _tokens_hash(packed) != header.tokens_sha256:
        raise UnusableStateError("the tokens are damaged")
    tokens = tuple(np.frombuffer(packed, "<i4").tolist())
    if not all(0 <= token < origin.vocabulary_size for token in tokens):
        raise UnusableStateError("it holds tokens that the model does not have")
    return header, tokens


def _opened(path: Path) -> BinaryIO:
    """The file, which must be one of its own, no link and no pipe. Raises UnusableStateError, OSError."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if path.is_symlink():
        raise UnusableStateError("it is a link")
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnusableStateError("it is no file")
    return os.fdopen(descriptor, "rb")


def _write_whole(file: BinaryIO, part: bytes | memoryview) -> None:
    """Write all of it: a raw file may take less at a time."""
    left = memoryview(part)
    while left:
        left = left[file.write(left) :]


def _read_into(file: BinaryIO, data: StateBytes) -> int:
    done = 0
    view = data.data
    while done < len(view) and (count := file.readinto(view[done:])):  # type: ignore[attr-defined]
        done += count
    return done


def _packed(tokens: Sequence[int]) -> bytes:
    packed = array("i", tokens)
    return np.asarray(packed, "<i4").tobytes()


def _tokens_hash(packed: bytes) -> str:
    return hashlib.sha256(packed).hexdigest()
