"""A search that is kept under a name."""

from __future__ import annotations

import msgspec

from desktop_app.domain.search import SearchMode, SearchOrder


class SavedSearch(msgspec.Struct, frozen=True):
    """What is asked again when the name is chosen."""

    name: str
    text: str
    mode: SearchMode = SearchMode.BOTH
    order: SearchOrder = SearchOrder.RELEVANCE

    def as_json(self) -> dict[str, str]:
        """As it is stored."""
        return {"name": self.name, "text": self.text, "mode": self.mode.value, "order": self.order.value}


def saved_search_from(stored: object) -> SavedSearch | None:
    """What was stored; None for anything else, such as what a newer Inkwell wrote in another form."""
    if not isinstance(stored, dict):
        return None
    name, text = stored.get("name"), stored.get("text")
    if not isinstance(name, str) or not isinstance(text, str) or not name or not text:
        return None
    try:
        return SavedSearch(name, text, SearchMode(str(stored.get("mode"))), SearchOrder(str(stored.get("order"))))
    except ValueError:
        return SavedSearch(name, text)
