"""Near duplicates: copies with small changes are found, other notes on the same matter are not."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.domain.near_duplicates import Difference, DuplicatePair, differences, likeness
from desktop_app.services import near_duplicates, near_passages
from desktop_app.services.near_duplicates import NearDuplicates
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing

BREAD = (
    "Feed the starter with rye flour in the evening. Mix flour, water and nine grams of salt in the morning. "
    "Let the dough rise until it has doubled. Bake it in a closed pot for fifty minutes."
)
COPY = BREAD.replace("nine", "ten")
SHUFFLED = (
    "Flour and water rise in the pot. The starter, doubled in the evening, feeds the dough. Nine minutes with salt, "
    "fifty grams of rye, closed until morning. Bake it and let it mix."
)


@pytest.fixture
def store(real_store: Store) -> Store:
    real_store.notes.create("Bread", BREAD)
    real_store.notes.create("Shuffled", SHUFFLED)
    real_store.notes.create("Bread again", COPY)
    real_store.notes.create("Car", "The wheel and the brake of the car need oil in winter and care in summer.")
    encoder = FakeEncoder()
    fake_indexing(real_store, encoder).run()
    return real_store


def finder(store: Store) -> NearDuplicates:
    return NearDuplicates(store.notes, store.passages, store.passages.newest_fingerprint, store.ui_state)


def nothing(_share: float) -> None:
    """Nobody looks."""


def pairs_of(pairs: NearDuplicates, progress: Callable[[float], None] = nothing) -> list[DuplicatePair]:
    found = pairs.find(CancelToken(), progress)
    assert found is not None
    return list(found.pairs)


@pytest.mark.parametrize("block", [2, 2_000])
def test_a_changed_copy_is_found_and_what_differs(store: Store, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(near_passages, "_BLOCK", block)
    shares: list[float] = []
    (pair,) = pairs_of(finder(store), shares.append)
    assert {pair.first.title, pair.second.title} == {"Bread", "Bread again"}
    assert 0.8 < pair.alike < 1.0
    (difference,) = pair.differences
    assert "nine grams" in difference.first + difference.second
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_kept_pairs_are_not_listed_even_by_the_next_program(store: Store) -> None:
    (pair,) = pairs_of(finder(store))
    finder(store).keep(pair.key)
    assert pairs_of(finder(store)) == []
    finder(store).forget(pair.key)
    assert len(pairs_of(finder(store))) == 1


def test_two_pairs_that_are_kept_at_once_are_both_kept() -> None:
    class SlowValues:
        """Small values that another thread gets at between a reading and a writing."""

        def __init__(self) -> None:
            self.value: list[list[int]] = []
            self.meeting = threading.Barrier(2)

        def get(self, key: str, default: Any = None) -> Any:
            value = self.value
            with contextlib.suppress(threading.BrokenBarrierError):
                self.meeting.wait(0.3)
            return value

        def set(self, key: str, value: Any) -> None:
            self.value = value

    values = SlowValues()
    pairs = NearDuplicates(cast("Any", None), cast("Any", None), lambda: None, values)
    threads = [threading.Thread(target=pairs.keep, args=(key,)) for key in ((1, 2), (3, 4))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert values.value == [[1, 2], [3, 4]]


@pytest.mark.parametrize("limit", ["_MOST_LISTED", "_MOST_COMPARED"])
def test_it_is_said_when_there_may_be_more_than_are_listed(
    store: Store, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    store.notes.create("Bread once more", COPY.replace("fifty", "sixty"))
    fake_indexing(store, FakeEncoder()).run()
    everything = finder(store).find(CancelToken(), nothing)
    assert everything is not None
    assert (len(everything.pairs), everything.more) == (3, False)
    monkeypatch.setattr(near_duplicates, limit, 2)
    some = finder(store).find(CancelToken(), nothing)
    assert some is not None
    assert (len(some.pairs), some.more) == (2, True)


def test_the_trash_is_left_out(store: Store) -> None:
    (pair,) = pairs_of(finder(store))
    store.notes.trash([pair.first.note_id])
    assert pairs_of(finder(store)) == []


def test_without_vectors_there_is_nothing_and_it_stops(store: Store, tmp_path: Path) -> None:
    assert (
        NearDuplicates(store.notes, store.passages, lambda: None, store.ui_state).find(CancelToken(), nothing) is None
    )
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        finder(store).find(cancel, nothing)


def test_likeness_and_differences() -> None:
    assert likeness(BREAD, BREAD) == 1.0
    assert likeness(BREAD, SHUFFLED) < 0.2
    assert likeness("", "") == 0.0
    assert likeness("**Same** words here", "same words, here") == 1.0
    assert differences("One stays. Two goes.", "One stays. Three comes. Four, too.") == (
        Difference("Two goes.", "Three comes. Four, too."),
    )
    assert differences("Same.", "Same.\n") == ()
