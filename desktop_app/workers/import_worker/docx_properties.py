"""What a DOCX file says of itself beside its text: who wrote it, when, and its keywords."""

from __future__ import annotations

import re
from datetime import datetime

from desktop_app.workers.import_worker.found_note import matter_line, moment
from desktop_app.workers.import_worker.safe_xml import Attributes

PART = "docProps/core.xml"
_NAMES = frozenset({"creator", "created", "modified", "keywords"})
_MOST_PARTS, _MOST_TAGS = 1_000, 50
_BETWEEN_KEYWORDS = re.compile(r"[,;]")


class DocxProperties:
    """Feed it the elements of the part."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._name = ""
        self._parts: list[str] = []

    def start(self, name: str, _attributes: Attributes) -> None:
        if name in _NAMES:
            self._name, self._parts = name, []

    def text(self, text: str) -> None:
        if self._name and len(self._parts) < _MOST_PARTS:
            self._parts.append(text[:_MOST_PARTS])

    def end(self, name: str) -> None:
        if name == self._name:
            self._values.setdefault(name, "".join(self._parts))
            self._name = ""

    @property
    def front_matter(self) -> str:
        """The author, as a line of front matter."""
        return matter_line("author", self._values.get("creator", ""))

    @property
    def tags(self) -> tuple[str, ...]:
        """The keywords."""
        words = (word.strip() for word in _BETWEEN_KEYWORDS.split(self._values.get("keywords", "")))
        return tuple(word for word in words if word)[:_MOST_TAGS]

    @property
    def created(self) -> datetime | None:
        """When it was begun; None where it does not say."""
        return moment(self._values.get("created", ""))

    @property
    def edited(self) -> datetime | None:
        """When it was saved last; None where it does not say."""
        return moment(self._values.get("modified", ""))
