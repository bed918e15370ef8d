"""Saved searches: kept in order, replaced by name, and a stored list that makes no sense is no error."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_app.domain.saved_search import SavedSearch
from desktop_app.domain.search import SearchMode, SearchOrder
from desktop_app.services.saved_searches import MOST_SAVED, SavedSearches
from desktop_app.storage.store import Store

INK = SavedSearch("Ink", "ink in:chats", SearchMode.WORDS, SearchOrder.DATE)
TEA = SavedSearch("Tea", "tag:tea")


def test_they_come_back_as_they_were(real_store: Store) -> None:
    saved = SavedSearches(real_store.ui_state)
    assert saved.all() == []
    assert saved.save(INK) == [INK]
    assert saved.save(TEA) == [INK, TEA]
    changed = SavedSearch("Ink", "ink after:2026")
    assert saved.save(changed) == [changed, TEA]
    assert SavedSearches(real_store.ui_state).all() == [changed, TEA]
    assert saved.forget("Ink") == [TEA]


def test_one_that_was_forgotten_comes_back_in_its_place_and_costs_nothing_that_was_saved_since(
    real_store: Store,
) -> None:
    saved = SavedSearches(real_store.ui_state)
    for search in (INK, TEA):
        saved.save(search)
    saved.forget("Ink")
    later = SavedSearch("Bread", "rye")
    saved.save(later)
    assert saved.put_back(INK, 0) == saved.all() == [INK, TEA, later]
    saved.forget("Tea")
    again = saved.save(SavedSearch("Tea", "green"))
    assert saved.put_back(TEA, 1) == again


class State:
    def __init__(self, value: Any) -> None:
        self.value = value

    def get(self, key: str, default: Any = None) -> Any:
        return self.value

    def set(self, key: str, value: Any) -> None:
        self.value = value


@pytest.mark.parametrize("value", [None, {}, 3, [None, 3, {}, {"name": "x"}, {"name": 1, "text": "x"}]])
def test_what_makes_no_sense_is_passed_over(value: Any) -> None:
    assert SavedSearches(State(value)).all() == []


def test_another_mode_or_order_is_taken_as_the_usual_one() -> None:
    stored = [{"name": "x", "text": "y", "mode": "psychic", "order": "date"}]
    assert SavedSearches(State(stored)).all() == [SavedSearch("x", "y")]


def test_the_list_has_an_end() -> None:
    saved = SavedSearches(State([]))
    for number in range(MOST_SAVED + 3):
        saved.save(SavedSearch(str(number), "x"))
    assert [each.name for each in saved.all()][:1] == ["3"]
    assert len(saved.all()) == MOST_SAVED
