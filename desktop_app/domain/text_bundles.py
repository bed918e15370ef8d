"""TextBundle (http://textbundle.org): a folder `Name.textbundle` with one text, `text.md`, and its pictures.

A TextPack is a zip file of one, Bear's backup of many.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

PACK = ".textpack"
BUNDLE = ".textbundle"
INFO = "info.json"


def bundle_of(path: str) -> PurePosixPath | None:
    """The bundle whose text lies at `path`; None for any other file."""
    place = PurePosixPath(path)
    return place.parent if place.stem == "text" and place.parent.suffix.lower() == BUNDLE else None


def is_beside_text(path: str) -> bool:
    """Whether a file lies in a bundle and is not its text."""
    place = PurePosixPath(path)
    return bundle_of(path) is None and any(one.suffix.lower() == BUNDLE for one in place.parents)


def pack_prefix(file_name: str, members: Iterable[str]) -> str:
    """What goes before the members of a TextPack that holds a bundle's files without their folder; "" elsewhere."""
    name = PurePosixPath(file_name)
    if name.suffix.lower() != PACK or any(f"{BUNDLE}/" in member.lower() for member in members):
        return ""
    return f"{name.stem}{BUNDLE}/"
