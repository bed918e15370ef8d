"""Names of files inside archives of strangers. Nothing is ever written under them; odd ones are told and not read."""

from __future__ import annotations

import re

from desktop_app.domain.folders import is_windows_device

_LONGEST = 1_000
NOT_NOTES = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


def fault_of_name(name: str) -> str:
    """Why the member is not read, in a person's words; "" where nothing is wrong with its name."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "Its name says where on the disk it should lie, and it was not read."
    if ".." in parts:
        return "Its name leads out of the archive, and it was not read."
    if any(is_windows_device(part.strip()) for part in parts):
        return "Its name is one that Windows keeps for devices, and it was not read."
    if len(name) > _LONGEST or any(ord(letter) < 32 for letter in name):
        return "Its name is no name of a file, and it was not read."
    return ""


def is_hidden(name: str) -> bool:
    """True for what programs put beside a person's files: names that begin with "." and the like, at any level."""
    return any(part.startswith(".") or part in NOT_NOTES for part in name.split("/"))


def zip_name(name: str, says_utf8: bool) -> str:
    """The name of a zip file's member: older programs write UTF-8 without saying so, and read it comes as CP437."""
    if says_utf8:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name
