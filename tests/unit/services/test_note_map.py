"""The map: the same for the same vectors, groups apart, kept until something changes."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import numpy as np
import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.services import map_layout
from desktop_app.services.note_map import NoteMaps
from desktop_app.services.note_vectors import NoteVectors
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing

GROUPS, SIZE = 6, 30


def groups() -> np.ndarray:
    chance = np.random.default_rng(3)
    rows = chance.standard_normal((GROUPS, 64)).repeat(SIZE, axis=0) + 0.8 * chance.standard_normal((GROUPS * SIZE, 64))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def nothing(_share: float) -> None:
    """Nobody looks."""


def test_groups_lie_apart_and_the_same_vectors_give_the_same_map() -> None:
    rows = groups()
    shares: list[float] = []
    places = map_layout.layout(rows, CancelToken(), shares.append)
    assert places.tolist() == map_layout.layout(rows, CancelToken(), nothing).tolist()
    assert shares == sorted(shares)
    assert 0.0 < shares[-1] <= 1.0
    own = np.arange(len(rows)) // SIZE
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = np.argsort(distances, axis=1)[:, :5]
    assert (own[nearest] == own[:, None]).mean() > 0.95


@pytest.mark.parametrize("count", [3, 7, 9])
def test_few_notes_have_places_too(count: int) -> None:
    places = map_layout.layout(groups()[:count], CancelToken(), nothing)
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    assert len(map_layout.regions(places)) == count


def test_equal_vectors_do_not_break_it() -> None:
    rows = np.tile(groups()[:1], (20, 1))
    places = map_layout.layout(rows, CancelToken(), nothing)
    assert np.isfinite(places).all()
    assert map_layout.regions(places).min() == 0


@pytest.mark.parametrize("count", [5, 20, 300])
def test_equal_notes_lie_beside_each_other(count: int) -> None:
    """Each can be pointed at, and gone to by keys."""
    places = map_layout.layout(np.tile(groups()[:1], (count, 1)), CancelToken(), nothing)
    assert len({tuple(place) for place in places.round(4).tolist()}) == count


def test_a_few_equal_notes_among_others_stay_together() -> None:
    places = np.random.default_rng(1).normal(0.0, 10.0, (50, 2))
    places[1:4] = places[0]
    spread = map_layout.apart(places)
    assert (spread[4:] == places[4:]).all()
    assert len(np.unique(spread[:4], axis=0)) == 4
    assert np.abs(spread[:4] - places[0]).max() < 0.02 * np.ptp(places, axis=0).max()


def test_regions_are_numbered_by_size() -> None:
    places = np.concatenate((np.zeros((3, 2)), np.full((6, 2), 9.0))) + np.random.default_rng(1).normal(0, 0.01, (9, 2))
    sizes = np.bincount(map_layout.regions(places))
    assert sizes.tolist() == sorted(sizes.tolist(), reverse=True)


def test_it_stops() -> None:
    cancel = CancelToken()
    with pytest.raises(CancelledError):
        map_layout.layout(groups(), cancel, lambda _share: cancel.cancel())


@pytest.fixture
def filled(real_store: Store) -> Store:
    for number in range(6):
        real_store.notes.create(f"Bread {number}", f"dough oven flour {number}")
        real_store.notes.create(f"Car {number}", f"wheel brake engine {number}")
    _index(real_store)
    return real_store


def _index(store: Store) -> None:
    encoder = FakeEncoder()
    fake_indexing(store, encoder).run()


def _maps(store: Store, file: Path | None = None) -> NoteMaps:
    return NoteMaps(store.notes, NoteVectors(store.passages, lambda: None), file)


def test_the_map_is_kept_and_made_again_when_vectors_change(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cache" / "note-map.json"
    made = _maps(filled, file).make(CancelToken(), nothing)
    assert made is not None
    assert len(made.note_ids) == 12
    assert any("dough" in name or "oven" in name or "flour" in name for name in made.names)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    times: list[int] = []
    real = map_layout.layout
    monkeypatch.setattr(map_layout, "layout", lambda *arguments: times.append(1) or real(*arguments))
    assert _maps(filled, file).make(CancelToken(), nothing) == made
    assert not times
    edited = filled.notes.get(made.note_ids[0])
    filled.notes.save(edited.id, title=edited.title, text="leaves and water for tea")
    _index(filled)
    assert _maps(filled, file).make(CancelToken(), nothing) != made
    assert len(times) == 1
    filled.notes.create("Tea", "leaves and water")
    _index(filled)
    again = _maps(filled, file).make(CancelToken(), nothing)
    assert again is not None
    assert len(again.note_ids) == 13
    assert len(times) == 2


@pytest.mark.parametrize("spoil", ["{", '{"key": 1}', None])
def test_a_broken_cache_is_passed_over(filled: Store, tmp_path: Path, spoil: str | None) -> None:
    file = tmp_path / "note-map.json"
    made = _maps(filled, file).make(CancelToken(), nothing)
    if spoil is None:
        kept = json.loads(file.read_text())
        kept["regions"][0] = 99
        spoil = json.dumps(kept)
    file.write_text(spoil)
    assert _maps(filled, file).make(CancelToken(), nothing) == made


def test_too_few_notes_make_no_map(real_store: Store) -> None:
    assert _maps(real_store).make(CancelToken(), nothing) is None
    real_store.notes.create("One", "alone")
    _index(real_store)
    assert _maps(real_store).make(CancelToken(), nothing) is None


def test_a_region_whose_notes_share_no_word_bears_the_title_in_its_middle(real_store: Store) -> None:
    titles = ("Heron", "Ledger", "Sonata, and much that was said about it")
    for title, text in zip(titles, ("beak", "debt", "chord"), strict=True):
        real_store.notes.create(title, text)
    encoder = FakeEncoder()
    fake_indexing(real_store, encoder).run()
    made = _maps(real_store).make(CancelToken(), nothing)
    assert made is not None
    assert set(made.names) < {"Heron", "Ledger", "Sonata, and much that was s…"}


def test_the_middle_of_a_region_is_the_place_nearest_to_its_centre() -> None:
    places = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [9.0, 9.0]])
    assert map_layout.middles(places, [0, 0, 0, 1]) == [1, 3]
