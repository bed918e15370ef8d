"""How Notion names files and folders in its exports: a page's title, then its id."""

from __future__ import annotations

import re

_EXPORT = re.compile(r"Export(?:Block)?-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:-Part-\d+)?")
_NAME = re.compile(r"(?:(?P<title>.*) )?(?P<id>[0-9a-f]{32})(?P<all>_all)?")


def name_and_id(stem: str) -> tuple[str, str]:
    """(the title in a file's or folder's name, the page's id); the name as it is and "" where it has no id."""
    found = _NAME.fullmatch(stem)
    return (stem, "") if found is None else (found["title"] or "Untitled", found["id"])


def without_ids(folder: str) -> str:
    """A folder's path without the ids in it, and without the folder that an export is put into."""
    first, *others = folder.split("/")
    names = others if _EXPORT.fullmatch(first) else [first, *others]
    return "/".join(name_and_id(name)[0] for name in names)
