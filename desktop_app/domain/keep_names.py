"""Which files of a folder are notes of Google Keep: its export has each note twice, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

_FOLDER = "Keep"


def is_keep_note(path: str) -> bool:
    """Whether a file, by its path with "/" between names, is a note of Keep."""
    name = PurePosixPath(path)
    return name.parent.name == _FOLDER and name.suffix.lower() == ".json" and name.stem != "Labels"


def keep_pages(paths: Iterable[str]) -> set[str]:
    """The pages that say once more what a note beside them says."""
    there = set(paths)
    return {page for path in there if is_keep_note(path) and (page := path[: -len(".json")] + ".html") in there}
