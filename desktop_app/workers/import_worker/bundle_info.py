"""What the program that wrote a TextBundle says of its note."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import msgspec

from desktop_app.workers.import_worker.found_note import matter_line, moment

MOST_BYTES = 64 * 1024
_BEAR = "net.shinyfrog.bear"
_NO_ID = re.compile(r"[^0-9a-f]")


class BundleInfo(msgspec.Struct, frozen=True):
    """What `info.json` says.

    Attributes:
        id: what Bear calls the note in all its backups, 32 hexadecimal digits; "" where it says none.
    """

    id: str = ""
    created: datetime | None = None
    edited: datetime | None = None
    trashed: bool = False
    front_matter: str = ""


def read_info(data: bytes) -> BundleInfo:
    """What the file says; nothing where it is damaged."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return BundleInfo()
    if not isinstance(said, dict):
        return BundleInfo()
    bear = said.get(_BEAR)
    own = bear if isinstance(bear, dict) else {}
    found = _NO_ID.sub("", _text(own, "uniqueIdentifier").lower())
    lines = matter_line("source", _text(said, "sourceURL"))
    lines += matter_line("archived", "true") if own.get("archived") in (1, True) else ""
    lines += matter_line("pinned", "true") if own.get("pinned") in (1, True) else ""
    return BundleInfo(
        id=found if len(found) == 32 else "",
        created=moment(_text(own, "creationDate")),
        edited=moment(_text(own, "modificationDate")),
        trashed=own.get("trashed") in (1, True),
        front_matter=lines,
    )


def _text(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""
