"""What the documents claim about the checkout: functions over their texts, so that each can be seen to bite."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_MODULE = re.compile(r"([\w/*-]+\.(?:py|sql|toml))(?:: *(\w+))?")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_FILE = re.compile(r"[\w-]+\.(?:bin|cfg|json|md|pdf|spec|ts|txt|zip)")
# What people and translators have, not the checkout.
_OTHER_FILES = re.compile(r"settings\.toml")
_SETTING = re.compile(r"[a-z]+\.[a-z_]+")
_CONTROL = re.compile(r"(?<![*\w])\*([^*]+?)\*(?!\*)")


def anchor(heading: str) -> str:
    """The fragment under which a heading can be linked to, as GitHub and others make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def dead_links(document: Path) -> list[str]:
    """Links that lead to no file, or to no heading of one; those of the web are not looked at."""
    dead = []
    for target in _LINK.findall(_CODE.sub("", prose(document))):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        name, _, fragment = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        if not path.exists() or (fragment and fragment not in _anchors(path)):
            dead.append(target)
    return dead


def prose(document: Path) -> str:
    """The text without its fenced code."""
    return _FENCED.sub("", document.read_text(encoding="utf-8"))


def _anchors(document: Path) -> set[str]:
    return {anchor(line.lstrip("# ")) for line in prose(document).splitlines() if line.startswith("#")}


def missing_modules(text: str, files: Iterable[str], read: Callable[[str], str]) -> list[str]:
    """Source files named in backticks that are not there, or lack the name behind a colon (`module.py: name`).

    Args:
        files: paths of the checkout, posix.
        read: the text of one of them.
    """
    known = list(files)
    missing = []
    for code in _CODE.findall(text):
        found = _MODULE.fullmatch(code)
        if found is None or "*" in found[1] or _OTHER_FILES.fullmatch(found[1]):
            continue
        places = [path for path in known if f"/{path}".endswith(f"/{found[1]}")]
        if not places or (found[2] and not any(found[2] in read(path) for path in places)):
            missing.append(code)
    return missing


def unknown_names(text: str, words: set[str]) -> list[str]:
    """Dotted names in backticks (`Class.method`) of which a part stands nowhere in the sources."""
    return [
        code
        for code in _CODE.findall(text)
        if _NAME.fullmatch(code)
        and not (_MODULE.fullmatch(code) or _FILE.fullmatch(code) or _OTHER_FILES.fullmatch(code))
        and not set(code.split(".")) <= words
    ]


def unknown_settings(text: str, tables: set[str], keys: set[str]) -> list[str]:
    """Keys in backticks whose table is one of the settings', and that are none of them."""
    return [
        code
        for code in _CODE.findall(text)
        if _SETTING.fullmatch(code) and code.split(".")[0] in tables and code not in keys
    ]


def controls(text: str) -> Iterator[str]:
    """What stands in italics outside code, each once: names of controls, and words spoken of."""
    yield from dict.fromkeys(" ".join(words.split()) for words in _CONTROL.findall(_CODE.sub("", text)))
