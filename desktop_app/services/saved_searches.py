"""Searches that a person keeps, by name."""

from __future__ import annotations

import threading

from desktop_app.domain.saved_search import SavedSearch, saved_search_from
from desktop_app.services.ports import UiStateStore

MOST_SAVED = 200
_KEY = "search.saved"


class SavedSearches:
    """A short list in the window's state. All methods block; StoreError where nothing can be written."""

    def __init__(self, state: UiStateStore) -> None:
        self._state = state
        self._lock = threading.Lock()

    def all(self) -> list[SavedSearch]:
        """In the order they were first saved."""
        stored = self._state.get(_KEY, [])
        found = map(saved_search_from, stored if isinstance(stored, list) else [])
        return [search for search in found if search is not None]

    def save(self, search: SavedSearch) -> list[SavedSearch]:
        """Keep it, in place of one of the same name; the list as it is then. Of too many the oldest goes."""
        with self._lock:
            kept = self.all()
            names = [each.name for each in kept]
            if search.name in names:
                kept[names.index(search.name)] = search
            else:
                kept = [*kept, search][-MOST_SAVED:]
            return self._store(kept)

    def forget(self, name: str) -> list[SavedSearch]:
        """Remove it; the list as it is then."""
        with self._lock:
            return self._store([each for each in self.all() if each.name != name])

    def put_back(self, search: SavedSearch, place: int) -> list[SavedSearch]:
        """Keep one that was forgotten, where it stood; one that has its name by now stays. The list as it is then."""
        with self._lock:
            kept = self.all()
            if any(each.name == search.name for each in kept):
                return kept
            return self._store([*kept[:place], search, *kept[place:]])

    def _store(self, kept: list[SavedSearch]) -> list[SavedSearch]:
        self._state.set(_KEY, [each.as_json() for each in kept])
        return kept
