"""Formulas in pages: of what a typesetter made of one, the source that it keeps beside it."""

from __future__ import annotations

from desktop_app.workers.import_worker.html_inline import Attributes, code, escaped

_INLINE = frozenset({"katex", "mwe-math-element"})
_DISPLAY = frozenset({"katex-display", "katex-block"})
_MOST_CHARACTERS = 100_000


class Formula:
    """A formula while it is read. Feed it what stands in its element.

    Attributes:
        is_display: whether it stands in a line of its own.
    """

    def __init__(self, tag: str, *, is_display: bool) -> None:
        self.is_display = is_display
        self._tag = tag
        self._depth = 1
        self._source: list[str] = []
        self._words: list[str] = []
        self._in_source = False

    def start(self, tag: str, attributes: Attributes) -> None:
        """An element begins in it."""
        self._depth += tag == self._tag
        if tag == "annotation":
            self._in_source = "tex" in attributes.get("encoding", "").lower() and not self._source

    def end(self, tag: str) -> bool:
        """An element ends; true where it was the formula's own."""
        if tag == "annotation":
            self._in_source = False
        self._depth -= tag == self._tag
        return self._depth <= 0

    def text(self, text: str) -> None:
        """Text in it."""
        (self._source if self._in_source else self._words).append(text)

    @property
    def markdown(self) -> str:
        """The formula; where it keeps no source, its text as it is shown."""
        source = " ".join("".join(self._source).split()) if not self.is_display else "".join(self._source).strip()
        if not source:
            return escaped(" ".join("".join(self._words).split()))
        if "$" in source.replace("\\$", "") or len(source) > _MOST_CHARACTERS:
            return code(source)
        if not self.is_display:
            return f"${source}$"
        return "$$\n" + "\n".join(line for line in source.splitlines() if line.strip()) + "\n$$"


def formula_at(tag: str, attributes: Attributes) -> Formula | None:
    """A formula, where one begins."""
    kinds = frozenset(attributes.get("class", "").split())
    if kinds & _DISPLAY:
        return Formula(tag, is_display=True)
    if kinds & _INLINE:
        return Formula(tag, is_display=False)
    if tag == "math":
        return Formula(tag, is_display=attributes.get("display") == "block")
    return None
