"""Inkwell's own JSON, in which nothing of a chat is lost.

A file is one object: `format` "inkwell", `version`, `exported_at`, `conversations`, and in an export of everything
`notes` and `presets`. Messages name each other by their place in their conversation, counted from 0, also in
`settings_used` (`memory_start`, and the first number of each of `recalled`). Times are ISO 8601 in UTC, `alternatives`
Base64. Keys that a reader does not know are to be passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from desktop_app.domain.chat_record import ChatRecord, fault_of
from desktop_app.domain.errors import ImportFileError

FORMAT = "inkwell"
VERSION = 1

_PLACE = re.compile(r"at `\$\.?([^`]*)`")


def encoded(value: object) -> bytes:
    """Any value of the program as JSON; the same value always gives the same bytes."""
    return msgspec.json.encode(value, order="deterministic")


def encoded_chat(chat: ChatRecord, more: Mapping[str, Any] | None = None) -> bytes:
    """One conversation's object; `more` holds further keys, which a reader passes over."""
    values = encoded(chat)
    return values if not more else values[:-1] + b"," + encoded(more)[1:]


def file_opening(exported_at: datetime) -> bytes:
    """The beginning of a file, up to where its lists follow; the closing brace is the writer's."""
    return msgspec.json.encode({"format": FORMAT, "version": VERSION, "exported_at": exported_at})[:-1]


def file_of(chats: Sequence[ChatRecord], exported_at: datetime) -> bytes:
    """A whole file that holds these chats."""
    listed = b",\n".join(encoded_chat(chat) for chat in chats)
    return file_opening(exported_at) + b',\n"conversations": [\n' + listed + b"\n]\n}\n"


def require_known(head: Mapping[str, msgspec.Raw], name: str) -> None:
    """Raise ImportFileError for a version that this program does not read."""
    try:
        version = msgspec.json.decode(head.get("version", msgspec.Raw(b"null")), type=int)
    except msgspec.ValidationError:
        version = 0
    if version > VERSION:
        raise ImportFileError(
            f"“{name}” was written by a newer Inkwell.",
            f"It is version {version} of the format, and this Inkwell reads up to {VERSION}.",
            "Update Inkwell, then import it again.",
        )
    if version < 1:
        raise ImportFileError(f"“{name}” is damaged.", "It does not say which version of the format it is.", "")


def decoded_chat(raw: msgspec.Raw) -> ChatRecord:
    """One conversation. Raises ImportFileError that says what is wrong with it."""
    try:
        chat = msgspec.json.decode(raw, type=ChatRecord)
    except RecursionError as error:
        raise ImportFileError("It is nested too deeply.") from error
    except msgspec.DecodeError as error:
        found = _PLACE.search(str(error))
        where = f" at “{found.group(1)}”" if found is not None and found.group(1) else ""
        raise ImportFileError(f"It is damaged{where}.") from error
    fault = fault_of(chat)
    if fault:
        raise ImportFileError(fault)
    return chat
