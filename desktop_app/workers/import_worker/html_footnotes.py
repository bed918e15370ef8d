"""Footnotes of pages and books: what refers to them, and where they stand."""

from __future__ import annotations

import posixpath
import re
from html import unescape
from urllib.parse import unquote

from desktop_app.workers.import_worker.html_inline import Attributes

_REFERENCES = frozenset({"doc-noteref", "noteref", "footnote-ref", "footnoteref"})
_WAYS_BACK = frozenset({"doc-backlink", "backlink", "referrer", "footnote-back", "footnote-backref"})
# What Wikipedia, GitHub and programs that write footnotes of Markdown call them, who say nothing else of these links.
_REFERENCE = re.compile(r"#(?:user-content-)?(?:fn|footnote|cite_note)[-:]?(?:[\w.%]*-)?\d+$")
_WAY_BACK = re.compile(r"#(?:user-content-)?(?:fnref|footnote-ref|cite_ref)[-:_]?(?:[\w.%]*[-:])?\d+(?:[-_:]\d+)*$")

_ID = re.compile(r"""\sid\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)


class Footnotes:
    """The notes of one page, or of all pages of a book, numbered in the order in which the text refers to them.

    Attributes:
        page: the name of the page that is read now.
    """

    def __init__(self) -> None:
        self.page = ""
        self._ids: set[str] = set()
        self._numbers: dict[str, int] = {}
        self._placed: set[str] = set()

    def look_ahead(self, html: str) -> None:
        """See what the page that comes has: a link to a note that it has not keeps its words."""
        self._ids.update(unescape(found[1] or found[2] or found[3] or "") for found in _ID.finditer(html))

    def reference(self, attributes: Attributes) -> str:
        """What stands in the text for a link that refers to a note; "" for another link."""
        path, hash_, name = attributes.get("href", "").partition("#")
        says_so = bool(_kinds(attributes) & _REFERENCES) or _REFERENCE.match(hash_ + name) is not None
        if not (name and says_so) or ":" in path or leads_back(attributes):
            return ""
        if not path and unquote(name) not in self._ids:
            return ""
        number = self._numbers.setdefault(self._key(path, unquote(name)), len(self._numbers) + 1)
        return f"[^{number}]"

    def beginning(self, attributes: Attributes) -> str:
        """What a note begins with, where an element is one that was referred to; "" for another element."""
        key = self._key("", attributes.get("id", ""))
        if key not in self._numbers or key in self._placed:
            return ""
        self._placed.add(key)
        return f"[^{self._numbers[key]}]: "

    def _key(self, path: str, name: str) -> str:
        folder = posixpath.dirname(self.page)
        page = posixpath.normpath(posixpath.join(folder, unquote(path))) if path else self.page
        return f"{page}#{name}"


def leads_back(attributes: Attributes) -> bool:
    """Whether a link leads from a note to where the text refers to it."""
    return bool(_kinds(attributes) & _WAYS_BACK) or _WAY_BACK.match(attributes.get("href", "")) is not None


def _kinds(attributes: Attributes) -> set[str]:
    said = (attributes.get(name, "") for name in ("role", "epub:type", "class"))
    return {kind.lower() for each in said for kind in each.split()}
