"""A translator into a language that can be told from English at a glance: every text in double brackets."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QTranslator


class PseudoTranslator(QTranslator):
    """Translates the texts of a template, and only those, so that what the template lacks stays English."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        """`texts`: context and text of each."""
        super().__init__()
        self._texts = frozenset(texts)

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:  # type: ignore[override]
        """The text in brackets; None where the template has no such text."""
        return f"⟦{text}⟧" if (context, text) in self._texts else None
