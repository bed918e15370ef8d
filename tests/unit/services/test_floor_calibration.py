"""Floors from a person's own notes."""

from __future__ import annotations

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.nonsense import NONSENSE
from desktop_app.domain.search import NonsenseNearness, ServedIndex
from desktop_app.services import floor_calibration
from desktop_app.services.floor_calibration import FloorCalibration
from desktop_app.services.search import SearchService
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing, fake_search


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


def _indexed(store: Store, encoder: FakeEncoder, count: int) -> FloorCalibration:
    for number in range(count):
        store.notes.create("", f"wobblefrotz ink {number}")
    fake_indexing(store, encoder).run()
    return FloorCalibration(encoder, store.passages, store.served_index)


def test_it_is_measured_once_and_again_when_there_is_much_more(
    real_store: Store, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floor_calibration, "LEAST_PASSAGES", 5)
    calibration = _indexed(real_store, encoder, 4)
    loaded = encoder.ensure()
    assert not calibration.measure_if_due(loaded, CancelToken())
    _indexed(real_store, encoder, 1)
    assert calibration.measure_if_due(loaded, CancelToken())
    assert encoder.questions == list(NONSENSE)
    measured = real_store.served_index.nonsense_nearness(loaded.fingerprint)
    assert measured is not None
    assert (measured.passages, measured.highest > 0.4) == (5, True)  # "wobblefrotz" stands in every note
    assert not calibration.measure_if_due(loaded, CancelToken())
    _indexed(real_store, encoder, 15)
    assert calibration.measure_if_due(loaded, CancelToken())


def test_an_indexing_run_measures_at_its_end(
    real_store: Store, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floor_calibration, "LEAST_PASSAGES", 2)
    for number in range(3):
        real_store.notes.create("", f"ink {number}")
    fake_indexing(real_store, encoder, calibrated=True).run()
    assert real_store.served_index.nonsense_nearness("fake") is not None
    assert len(encoder.embedded) == 3


def test_the_measure_is_kept_beside_the_index_and_goes_with_it(real_store: Store) -> None:
    index, figures = real_store.served_index, NonsenseNearness(0.1, 0.05, 0.4, 300)
    index.serve(ServedIndex("a", "A", "/a"))
    index.keep_nonsense_nearness("a", figures)
    assert (index.nonsense_nearness("a"), index.nonsense_nearness("b")) == (figures, None)
    index.serve(ServedIndex("b", "B", "/b"))
    assert index.nonsense_nearness("a") is None
    real_store.ui_state.set("index.nonsense.b", {"mean": "x"})
    assert index.nonsense_nearness("b") is None


def test_nonsense_near_ones_own_notes_finds_nothing_once_it_was_measured(
    real_store: Store, encoder: FakeEncoder
) -> None:
    for number in range(8):
        real_store.notes.create("", f"quandle ink {number}")
    fake_indexing(real_store, encoder).run()
    figures: list[NonsenseNearness | None] = [None]

    def service() -> SearchService:
        return fake_search(real_store, encoder, nonsense=lambda _fingerprint: figures[0])

    encoder.known = frozenset({"paper"})
    question = "ink paper"
    assert service().search_once(question).hits
    figures[0] = NonsenseNearness(mean=0.5, deviation=0.1, highest=0.6, passages=8)
    assert all(hit.words_rank is not None for hit in service().search_once(question).hits)
