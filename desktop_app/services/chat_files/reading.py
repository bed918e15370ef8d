"""Opens a file of chats, and tells whose it is.

The bytes of the file stay in memory while it is read, and beside them what one conversation after the other becomes.
How much that may be is bounded by the number of values in it: a few characters of JSON can become a hundred bytes.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from desktop_app.domain.chat_record import ChatRecord
from desktop_app.domain.errors import ImportFileError, system_reason
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.services.chat_files import chatgpt, inkwell_format, lm_studio, open_webui
from desktop_app.services.chat_files.foreign_tree import ForeignChat, chat_of

MOST_BYTES = 500 * 1024 * 1024
"""Of one file, and of what is read out of an archive."""

_MOST_ENTRIES = 10_000
_MOST_RATIO = 100
_PIECE = 1024 * 1024
_MOST_VALUES = 3_000_000
"""Of one conversation of another program."""
_MOST_OWN_VALUES = 20_000_000
"""Of one of ours: each token id is one."""
_IN_ARCHIVE = re.compile(r"conversations(-\d+)?\.json")
_KNOWN = "Choose a JSON export of Inkwell, ChatGPT (its conversations.json or the whole zip), Open WebUI or LM Studio."

# \ud83d\ude00 is one character in two halves; a half alone is none, though some programs write it.
_ESCAPES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)

_Read = Callable[[msgspec.Raw, datetime], ChatRecord | None]
_Keys = dict[str, msgspec.Raw]


class ChatFile(msgspec.Struct, frozen=True):
    """A file's conversations, not read yet.

    Attributes:
        source: the program it is from.
        read: makes a record of one, None where it is empty; raises ImportFileError where it is damaged.
    """

    source: str
    conversations: list[msgspec.Raw]
    read: _Read


class _Program(msgspec.Struct, frozen=True):
    name: str
    is_one: Callable[[Mapping[str, object]], bool]
    read: Callable[[Mapping[str, Any]], ForeignChat]


_PROGRAMS = (
    _Program("ChatGPT", chatgpt.is_one, chatgpt.read),
    _Program("Open WebUI", open_webui.is_one, open_webui.read),
    _Program("LM Studio", lm_studio.is_one, lm_studio.read),
)


def open_chat_file(path: Path) -> ChatFile:
    """Read a JSON file, or the ones named `conversations.json` in a zip archive.

    Raises ImportFileError, in one sentence or two, where it cannot be read, is empty, cut off, too large, or of a
    program that is not known.
    """
    name = without_lone_surrogates(path.name)
    parts = [_opened(data, name) for data in _contents(path, name)]
    filled = [part for part in parts if part.conversations]
    if not filled:
        raise ImportFileError(f"“{name}” holds no chats.", "", "Choose another file.")
    first = filled[0]
    if any(part.source != first.source for part in filled):
        raise _unknown(name)
    return ChatFile(first.source, [one for part in filled for one in part.conversations], first.read)


def title_in(raw: msgspec.Raw) -> str:
    """What a conversation that cannot be read calls itself; "" where even that is not to be had."""
    keys = _keys(raw) or {}
    for name in ("title", "name"):
        try:
            title = msgspec.json.decode(keys.get(name, msgspec.Raw(b"null")), type=str)
        except (msgspec.DecodeError, RecursionError):
            continue
        return " ".join(title.split())[:200]
    return ""


# Bytes ------------------------------------------------------------------------------------------


def _contents(path: Path, name: str) -> list[bytes]:
    try:
        # Not blocking: opening a pipe must not wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise ImportFileError(f"“{name}” is not an ordinary file.", "", _KNOWN)
            if state.st_size > MOST_BYTES:
                raise _too_large(name)
            if zipfile.is_zipfile(file):
                return _unpacked(zipfile.ZipFile(file), name)
            file.seek(0)
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ImportFileError(f"“{name}” cannot be read.", system_reason(error), "Check its name.") from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ImportFileError(f"The archive “{name}” is damaged or locked with a password.", "", _KNOWN) from error
    if len(data) > MOST_BYTES:
        raise _too_large(name)
    return [data]


def _unpacked(archive: zipfile.ZipFile, name: str) -> list[bytes]:
    """Nothing of an archive is written to the disk, and no more of it is unpacked than may be read."""
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise ImportFileError(f"The archive “{name}” holds too many files.", f"{_MOST_ENTRIES:,} are allowed.", _KNOWN)
    wanted = [entry for entry in entries if _IN_ARCHIVE.fullmatch(PurePosixPath(entry.filename).name)]
    if not wanted:
        raise ImportFileError(f"There is no conversations.json in “{name}”.", "", _KNOWN)
    wanted.sort(key=lambda entry: entry.filename)
    room = MOST_BYTES
    contents = []
    for entry in wanted:
        content = _unpacked_entry(archive, entry, room, name)
        room -= len(content)
        contents.append(content)
    return contents


def _unpacked_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int, name: str) -> bytes:
    content = bytearray()
    # What the archive says of sizes may be a lie: what comes out counts.
    most = min(room, max(entry.compress_size, 1024) * _MOST_RATIO)
    with archive.open(entry) as stream:
        while piece := stream.read(_PIECE):
            content += piece
            if len(content) > most:
                raise _too_large(name)
    return bytes(content)


def _too_large(name: str) -> ImportFileError:
    return ImportFileError(
        f"“{name}” is too large.",
        f"A file of chats may have {MOST_BYTES // (1024 * 1024)} MB, unpacked, too.",
        "Export fewer chats at once.",
    )


# JSON -------------------------------------------------------------------------------------------


def _opened(data: bytes, name: str) -> ChatFile:
    data = data.removeprefix(b"\xef\xbb\xbf")
    begins = data.lstrip()[:1]
    if not begins:
        raise ImportFileError(f"“{name}” is empty.", "", _KNOWN)
    if begins == b"[":
        listed = _decoded(data, list[msgspec.Raw], name)
        return _foreign(listed, name) if listed else ChatFile("", [], _never)
    if begins == b"{":
        keys = _decoded(data, _Keys, name)
        if _is_inkwell(keys):
            return _own(keys, name)
        return _foreign([msgspec.Raw(data)], name)
    raise ImportFileError(f"“{name}” is not a JSON file.", "", _KNOWN)


def _decoded(data: bytes, kind: Any, name: str) -> Any:
    try:
        try:
            return msgspec.json.decode(data, type=kind)
        except msgspec.DecodeError:
            mended = _ESCAPES.sub(lambda found: rb"\ufffd" if found.group(1) else found.group(0), data)
            if mended == data:
                raise
            return msgspec.json.decode(mended, type=kind)
    except RecursionError as error:
        raise ImportFileError(f"“{name}” is nested too deeply to be an export of chats.", "", _KNOWN) from error
    except msgspec.DecodeError as error:
        if "truncated" in str(error):
            raise ImportFileError(
                f"“{name}” is cut off: it ends in the middle.", "Its download may have been interrupted.", ""
            ) from error
        raise ImportFileError(f"“{name}” is not a whole JSON file.", "", _KNOWN) from error


def _is_inkwell(keys: _Keys) -> bool:
    return bytes(keys.get("format", msgspec.Raw(b""))).strip() == b'"inkwell"'


def _own(keys: _Keys, name: str) -> ChatFile:
    inkwell_format.require_known(keys, name)
    try:
        listed = msgspec.json.decode(keys.get("conversations", msgspec.Raw(b"[]")), type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        raise ImportFileError(f"“{name}” is damaged.", "Its conversations are no list.", "") from error
    return ChatFile("Inkwell", listed, _read_own)


def _read_own(raw: msgspec.Raw, _now: datetime) -> ChatRecord:
    _require_few_values(raw, _MOST_OWN_VALUES)
    return inkwell_format.decoded_chat(raw)


def _require_few_values(raw: msgspec.Raw, most: int) -> None:
    """Every value but the first of a list or an object has a comma before it."""
    if memoryview(raw).nbytes > most:
        data = bytes(raw)
        if data.count(b",") + data.count(b"[") + data.count(b"{") > most:
            raise ImportFileError("It is too large for one conversation.")


def _foreign(listed: list[msgspec.Raw], name: str) -> ChatFile:
    for raw in listed:
        keys = _keys(raw)
        for program in _PROGRAMS:
            if keys is not None and program.is_one(keys):
                return ChatFile(program.name, listed, _reader(program))
    raise _unknown(name)


def _keys(raw: msgspec.Raw) -> _Keys | None:
    try:
        return msgspec.json.decode(raw, type=_Keys)
    except (msgspec.DecodeError, RecursionError):
        return None


def _reader(program: _Program) -> _Read:
    def read(raw: msgspec.Raw, now: datetime) -> ChatRecord | None:
        _require_few_values(raw, _MOST_VALUES)
        try:
            values = msgspec.json.decode(raw)
        except RecursionError as error:
            raise ImportFileError("It is nested too deeply.") from error
        except msgspec.DecodeError as error:
            raise ImportFileError("It is no text in UTF-8.") from error
        if not isinstance(values, dict) or not program.is_one(values):
            raise ImportFileError(f"It is no conversation of {program.name}.")
        return chat_of(program.read(values), now)

    return read


def _never(_raw: msgspec.Raw, _now: datetime) -> ChatRecord | None:
    return None


def _unknown(name: str) -> ImportFileError:
    return ImportFileError(f"“{name}” is not an export of chats that Inkwell knows.", "", _KNOWN)


# A look from outside ----------------------------------------------------------------------------

_LOOK_BYTES = 256 * 1024
_MARKS = (
    re.compile(rb'"format"\s*:\s*"inkwell"'),
    re.compile(rb'"mapping"\s*:\s*\{'),
    re.compile(rb'"history"\s*:\s*\{'),
    re.compile(rb'"versions"\s*:\s*\['),
)


def looks_like_chats(path: Path) -> bool:
    """Whether a file is probably an export of chats, by its name and its beginning; false where it cannot be read."""
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                return any(_IN_ARCHIVE.fullmatch(PurePosixPath(member).name) for member in archive.namelist())
        if path.suffix.lower() != ".json" or not path.is_file():
            return False
        with open(path, "rb") as file:
            beginning = file.read(_LOOK_BYTES)
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        return False
    return any(mark.search(beginning) for mark in _MARKS)
