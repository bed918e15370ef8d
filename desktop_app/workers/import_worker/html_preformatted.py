"""Text of HTML whose lines and blanks are kept, while it is read, and as a block of code."""

from __future__ import annotations

import re

from desktop_app.workers.import_worker.html_inline import BACKTICKS, Attributes, code

_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|highlight-source)-([\w+#.-]{1,20})")
_STYLED_LANGUAGE = re.compile(r"--en-syntaxlanguage:\s*([\w+#.-]{1,20})", re.IGNORECASE)


class Preformatted:
    """Takes what stands in one element until that ends.

    Args:
        tag: the element's.
        language: of the code; without it that which an element inside names.
    """

    def __init__(self, tag: str, language: str = "") -> None:
        self.tag = tag
        self._language = language
        self._depth = 1
        self._parts: list[str] = []

    def start(self, tag: str, attributes: Attributes) -> None:
        """An element begins inside: some of them begin a line."""
        self._depth += tag == self.tag and tag not in ("pre", "listing")
        if tag == "br":
            self._parts.append("\n")
        elif tag == "code":
            self._language = self._language or language_of(attributes)
        elif tag in ("pre", "div", "p") and self._parts and not self._parts[-1].endswith("\n"):
            self._parts.append("\n")

    def add(self, text: str) -> None:
        """Text as it stands there."""
        self._parts.append(text)

    def ends_with(self, tag: str) -> bool:
        """An element ends; true where it is this one."""
        self._depth -= tag == self.tag
        return self._depth <= 0

    @property
    def block(self) -> str:
        """A fenced block; empty where nothing was written."""
        text = self._text
        if not text.strip():
            return ""
        fence = "`" * max(3, 1 + max((len(run) for run in BACKTICKS.findall(text)), default=0))
        return f"{fence}{self._language}\n{text}\n{fence}"

    @property
    def inline(self) -> str:
        """The same on one line, for the cell of a table."""
        words = " ".join(self._text.split())
        return code(words) if words else ""

    @property
    def _text(self) -> str:
        return "".join(self._parts).replace("\r\n", "\n").strip("\n")


def language_of(attributes: Attributes) -> str:
    """The language that an element says its code is in."""
    found = _LANGUAGE.search(attributes.get("class", "")) or _STYLED_LANGUAGE.search(attributes.get("style", ""))
    return found[1] if found else ""
