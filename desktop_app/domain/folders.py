"""Names of folders, tags and exported files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_MOST_NAME_CHARACTERS = 100
_MOST_DEPTH = 12
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Last those that turn the direction of what follows: a name would be shown with another ending than it has.
_NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]')
_RESERVED = re.compile(r"^(con|conin\$|conout\$|prn|aux|nul|(com|lpt)[0-9¹²³])(\.|$)", re.IGNORECASE)


def is_windows_device(name: str) -> bool:
    """Whether Windows keeps the name of a file for a device, with or without an extension."""
    return _RESERVED.match(name) is not None


def fits_windows(path: str) -> bool:
    """Whether Windows can hold a file under each of the names of a path with "/" between them, as they are."""
    return not any(
        _NOT_IN_FILE_NAMES.search(name) or name.endswith((" ", ".")) or is_windows_device(name)
        for name in path.split("/")
    )


def clean_folder(path: str) -> str:
    """A folder path as it is stored: names joined by "/", no empty, "." or ".." names, no control characters."""
    names = (_clean_name(name) for name in path.replace("\\", "/").split("/"))
    return "/".join([name for name in names if name not in ("", ".", "..")][:_MOST_DEPTH])


def _clean_name(name: str) -> str:
    return " ".join(_CONTROL.sub(" ", name).split())[:_MOST_NAME_CHARACTERS].strip()


def clean_tag(tag: str) -> str:
    """A tag as it is stored: lower case, without leading "#", words joined by "-"; "/" between levels stays."""
    text = _CONTROL.sub(" ", unicodedata.normalize("NFC", tag)).strip().lstrip("#").strip().casefold()
    return "-".join(text.split())[:_MOST_NAME_CHARACTERS].strip("-/,;")


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Cleaned tags, each once, sorted."""
    return tuple(sorted({cleaned for tag in tags if (cleaned := clean_tag(tag))}))


def parents(folder: str) -> list[str]:
    """The folder and all folders above it, innermost first; nothing for the top."""
    names = folder.split("/") if folder else []
    return ["/".join(names[:count]) for count in range(len(names), 0, -1)]


def is_within(folder: str, top: str) -> bool:
    """Whether a folder is `top` or lies below it."""
    return folder == top or folder.startswith(f"{top}/")


def counted_with_below(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Each folder with what it and those below it hold, sorted by name: a folder's own ones follow it at once.

    `counts` says what each folder holds itself; a folder above that holds nothing need not be in it.
    """
    found: dict[str, int] = {}
    for folder, count in counts:
        for name in parents(folder):
            found[name] = found.get(name, 0) + count
    if not found:
        return []
    from desktop_app.domain.folding import fold  # the window's start needs none

    return sorted(found.items(), key=lambda item: fold(item[0].casefold()).split("/"))


def safe_file_name(name: str, fallback: str = "untitled", limit: int = 80) -> str:
    """`name` as a file name that Linux, Windows and macOS take, without extension; at most `limit` characters and 200
    bytes.
    """
    cleaned = " ".join(_NOT_IN_FILE_NAMES.sub(" ", unicodedata.normalize("NFC", name)).split())
    cleaned = cleaned.encode("utf-8", "ignore").decode("utf-8")[:limit]
    while len(cleaned.encode("utf-8")) > 200:
        cleaned = cleaned[:-1]
    cleaned = cleaned.strip(" .")
    if not cleaned:
        return fallback
    return f"_{cleaned}" if is_windows_device(cleaned) else cleaned
