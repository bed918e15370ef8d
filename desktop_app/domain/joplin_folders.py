"""Joplin's RAW export: a folder with one file for each note, notebook and tag, called by its id."""

from __future__ import annotations

import re
from collections.abc import Iterable

RESOURCES = "resources"
_ITEM = re.compile(r"[0-9a-f]{32}\.md")
_LAST_LINE = re.compile(rb"\ntype_: ?\d{1,3}\s*\Z")


def item_names(names: Iterable[str]) -> list[str]:
    """The files that are called as Joplin calls its items, in order."""
    return sorted(name for name in names if _ITEM.fullmatch(name))


def ends_like_item(tail: bytes) -> bool:
    """Whether the last bytes of a file are those of an item."""
    return _LAST_LINE.search(tail) is not None
