"""The matrix: exact, by note, fresh when the store changed, and quick with 100,000 passages."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from desktop_app.domain.errors import StoreError
from desktop_app.domain.search import SimilarityMeasure
from desktop_app.services import similarity, vector_matrix, vector_signs
from desktop_app.services.similarity import cosines_among, cosines_of, similarities
from desktop_app.services.vector_matrix import ShortlistedSimilarities, VectorMatrix
from desktop_app.services.vector_signs import Shortlist, Signs


class _Vectors:
    """The two methods of PassageStore that a matrix reads."""

    def __init__(self, rows: list[tuple[int, int, list[float]]]) -> None:
        self.rows = rows
        self.version = 1
        self.reads = 0

    def vectors_version(self) -> int:
        return self.version

    def vectors(self, fingerprint: str) -> Iterator[tuple[int, int, bytes]]:
        self.reads += 1
        for chunk, note, vector in self.rows:
            yield chunk, note, _bytes(vector)


def _bytes(vector: list[float]) -> bytes:
    return np.asarray(vector, "<f4").tobytes()


def _matrix(rows: list[tuple[int, int, list[float]]]) -> tuple[VectorMatrix, _Vectors]:
    store = _Vectors(rows)
    return VectorMatrix(store), store  # type: ignore[arg-type]


def test_a_note_is_as_near_as_its_nearest_passage() -> None:
    matrix, _ = _matrix([(1, 20, [1, 0]), (2, 10, [0, 1]), (3, 20, [0.6, 0.8]), (4, 30, [-1, 0])])
    found = matrix.similarities("f", _bytes([1, 0]))
    assert found.top(2) == pytest.approx({20: 1.0, 10: 0.0})
    assert list(found.top(9)) == [20, 10, 30]
    assert found.of([30, 10, 99]) == pytest.approx({30: -1.0, 10: 0.0})
    assert found.passages(20) == pytest.approx({1: 1.0, 3: 0.6})
    assert found.passages(99) == {}
    assert found.background == pytest.approx(0.0)


def test_an_empty_store_has_no_similarities() -> None:
    matrix, _ = _matrix([])
    found = matrix.similarities("f", _bytes([1, 0]))
    assert (found.top(5), found.of([1]), found.passages(1), found.background) == ({}, {}, {}, 0.0)


def test_it_is_built_again_when_the_store_changed_and_only_then() -> None:
    matrix, store = _matrix([(1, 1, [1, 0])])
    for _ in range(3):
        matrix.similarities("f", _bytes([1, 0]))
    assert store.reads == 1
    store.rows.append((2, 2, [1, 0]))
    store.version += 1
    assert list(matrix.similarities("f", _bytes([1, 0])).top(5)) == [1, 2]
    matrix.similarities("other encoder", _bytes([1, 0]))
    assert store.reads == 3


def test_a_slow_matrix_is_built_beside_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_matrix, "_AT_ONCE_SECONDS", -1.0)
    monkeypatch.setattr(vector_matrix, "_PAUSE_FACTOR", 0.0)
    matrix, store = _matrix([(1, 1, [1, 0])])
    matrix.similarities("f", _bytes([1, 0]))
    store.rows.append((2, 2, [1, 0]))
    store.version += 1
    assert list(matrix.similarities("f", _bytes([1, 0])).top(5)) == [1]
    matrix.wait()
    assert list(matrix.similarities("f", _bytes([1, 0])).top(5)) == [1, 2]


def test_a_slow_matrix_is_built_once_at_a_time_and_not_without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_matrix, "_AT_ONCE_SECONDS", -1.0)
    monkeypatch.setattr(vector_matrix, "_PAUSE_FACTOR", 1e9)
    matrix, store = _matrix([(1, 1, [1, 0])])
    matrix.wait()
    matrix.similarities("f", _bytes([1, 0]))
    store.version += 1
    matrix.similarities("f", _bytes([1, 0]))
    matrix.wait()
    assert store.reads == 1
    monkeypatch.setattr(vector_matrix, "_PAUSE_FACTOR", 0.0)
    go_on = threading.Event()
    started: list[str] = []
    read = store.vectors

    def slow(fingerprint: str) -> Iterator[tuple[int, int, bytes]]:
        started.append(fingerprint)
        go_on.wait(10)
        return read(fingerprint)

    monkeypatch.setattr(store, "vectors", slow)
    store.rows.append((2, 2, [1, 0]))
    for _ in range(3):
        assert list(matrix.similarities("f", _bytes([1, 0])).top(5)) == [1]
    threading.Timer(0.05, go_on.set).start()
    matrix.wait()
    assert started == ["f"]
    assert list(matrix.similarities("f", _bytes([1, 0])).top(5)) == [1, 2]
    store.version += 1
    matrix.similarities("f", _bytes([1, 0]))
    matrix.wait()
    assert started == ["f", "f"]


def test_vectors_of_another_length_are_passed_over() -> None:
    matrix, _ = _matrix([(1, 1, [1, 0]), (2, 2, [1, 0, 0]), (3, 3, [0, 1])])
    assert matrix.similarities("f", _bytes([1, 0])).top(5) == {1: 1.0, 3: 0.0}


def test_a_note_without_vectors_has_none_of_its_neighbours() -> None:
    matrix, _ = _matrix([(1, 10, [1, 0]), (2, 20, [0, 1])])
    found = matrix.similarities("f", _bytes([1, 0]))
    assert found.passages(15) == found.passages(5) == {}
    assert found.of([5, 15, 20]) == {20: 0.0}
    assert matrix.similarities_to_note("f", 15) is None


def test_a_matrix_that_is_done_after_the_encoder_changed_takes_no_other_s_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vector_matrix, "_AT_ONCE_SECONDS", -1.0)
    monkeypatch.setattr(vector_matrix, "_PAUSE_FACTOR", 0.0)
    matrix, store = _matrix([(1, 1, [1, 0])])
    matrix.similarities("former", _bytes([1, 0]))
    go_on = threading.Event()
    read = store.vectors

    def slow_for_the_former(fingerprint: str) -> Iterator[tuple[int, int, bytes]]:
        if fingerprint == "former":
            go_on.wait(10)
        return read(fingerprint)

    monkeypatch.setattr(store, "vectors", slow_for_the_former)
    store.version += 1
    matrix.similarities("former", _bytes([1, 0]))
    matrix.similarities("new", _bytes([1, 0]))
    go_on.set()
    matrix.wait()
    reads = store.reads
    matrix.similarities("new", _bytes([1, 0]))
    assert store.reads == reads


def test_a_matrix_that_cannot_be_read_anew_serves_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(vector_matrix, "_AT_ONCE_SECONDS", -1.0)
    monkeypatch.setattr(vector_matrix, "_PAUSE_FACTOR", 0.0)
    matrix, store = _matrix([(1, 1, [1, 0])])
    matrix.similarities("f", _bytes([1, 0]))

    def fail(_fingerprint: str) -> Iterator[tuple[int, int, bytes]]:
        raise StoreError("The database is closed.")

    monkeypatch.setattr(store, "vectors", fail)
    store.version += 1
    assert list(matrix.similarities("f", _bytes([1, 0])).top(5)) == [1]
    matrix.wait()
    assert list(matrix.similarities("f", _bytes([1, 0])).top(5)) == [1]
    matrix.wait()
    assert caplog.messages[0] == "the vectors in memory were not brought up to date: store"


def test_a_hundred_thousand_passages_are_quick() -> None:
    rows = np.random.default_rng(1).standard_normal((100_000, 384)).astype(np.float32)
    matrix = VectorMatrix(_Vectors([]))  # type: ignore[arg-type]
    matrix._matrix = vector_matrix._Matrix("f", 1, rows, np.arange(100_000), np.arange(100_000), np.arange(100_000))
    question = rows[7].tobytes()
    seconds, bare = [], []
    for _ in range(20):
        started = time.perf_counter()
        np.einsum("ij,j->i", rows, rows[7])
        bare.append(time.perf_counter() - started)
        started = time.perf_counter()
        top = matrix.similarities("f", question).top(200)
        seconds.append(time.perf_counter() - started)
    assert next(iter(top)) == 7
    # The promise is 15 ms; a slow machine gets some room here, the benchmark has the figure.
    assert min(seconds) < max(0.03, 3 * min(bare))


def test_distance_and_dot_product() -> None:
    rows = np.asarray([[3.0, 4.0], [0.0, 0.0], [1.0, 0.0]], np.float32)
    asked = np.asarray([1.0, 0.0], np.float32)
    assert similarities(rows, asked, SimilarityMeasure.DOT).tolist() == [3.0, 0.0, 1.0]
    distances = similarities(rows, asked, SimilarityMeasure.EUCLIDEAN)
    assert distances == pytest.approx([-(20**0.5), -1.0, 0.0], abs=1e-6)
    both = similarities(rows, np.stack([asked, asked], axis=1), SimilarityMeasure.EUCLIDEAN)
    assert both[:, 0].tolist() == both[:, 1].tolist() == distances.tolist()


def test_the_like_of_a_note_is_near_in_all_its_parts() -> None:
    matrix, _ = _matrix([(1, 1, [1, 0]), (2, 1, [0, 1]), (3, 2, [1, 0]), (4, 3, [1, 0]), (5, 3, [0, 1])])
    found = matrix.similarities_to_note("f", 1)
    assert found is not None
    assert found.top(5) == {3: 1.0, 2: 0.5}
    assert found.passages(3) == {4: 1.0, 5: 1.0}
    assert found.within([2, 1]).top(5) == {2: 0.5}
    assert matrix.similarities_to_note("f", 9) is None


def test_the_beginning_of_a_note_tells_how_its_nearest_passage_is_meant() -> None:
    near, half, away = [1.0, 0.0], [0.6, 0.8], [0.0, 1.0]
    matrix, _ = _matrix(
        [
            *((number, 10, vector) for number, vector in enumerate((away, near), 1)),
            *((number, 20, vector) for number, vector in enumerate((half, near), 11)),
            (21, 30, near),
            *((number, 40, vector) for number, vector in enumerate((away, *[half] * 6, near), 31)),
        ]
    )
    found = matrix.similarities("f", _bytes([1, 0]))
    nearest = found.top(9)
    assert nearest == pytest.approx(dict.fromkeys((10, 20, 30, 40), 1.0))
    ordering = found.with_beginnings(nearest)
    # 0.3 of the first passage's in a note of up to four, half as much in one of eight.
    assert ordering == pytest.approx({10: 0.7, 20: 0.88, 30: 1.0, 40: 0.85})
    assert found.within([20, 40]).with_beginnings({20: 1.0}) == pytest.approx({20: 0.88})
    assert found.with_beginnings({}) == {}


def test_the_like_of_a_note_is_compared_as_a_whole() -> None:
    matrix, _ = _matrix([(1, 10, [1, 0]), (2, 20, [0, 1]), (3, 20, [1, 0])])
    found = matrix.similarities_to_note("f", 10)
    assert found is not None
    assert found.with_beginnings(found.top(5)) == pytest.approx({20: 1.0})
    assert found.within([20]).with_beginnings(found.top(5)) == pytest.approx({20: 1.0})


def test_within_some_notes_the_background_stays() -> None:
    matrix, _ = _matrix([(1, 1, [1, 0]), (2, 2, [0.5, 0]), (3, 3, [0, 1])])
    found = matrix.similarities("f", _bytes([1, 0]))
    assert found.within([2, 3, 77]).top(1) == {2: 0.5}
    assert found.within([]).top(3) == {}
    assert found.within([2]).background == found.background


_NEAREST = 20
"""A cluster of the vectors below has some 40 members; behind these all are about equally far."""

Leaning = tuple[np.ndarray[Any, Any], VectorMatrix, VectorMatrix]


@pytest.fixture
def leaning(monkeypatch: pytest.MonkeyPatch) -> Leaning:
    """12,000 unit vectors of 4,000 notes, a matrix that looks at all, and one that chooses 600 by their signs."""
    draw = np.random.default_rng(3)
    centres = draw.standard_normal((300, 96)) + 1.5  # all vectors lean one way, as those of some encoders do
    rows = centres[draw.integers(0, 300, 12_000)] + 0.7 * draw.standard_normal((12_000, 96))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    stored = [(number + 1, number // 3 + 1, list(row)) for number, row in enumerate(rows)]
    exact, _ = _matrix(stored)
    exact.similarities("f", _bytes(list(rows[0])))
    monkeypatch.setattr(vector_matrix, "_SIGNS_ROWS", 1_000)
    monkeypatch.setattr(vector_signs, "SHORTLISTS", (Shortlist(60, 20), Shortlist(2_400, 600)))
    monkeypatch.setattr(vector_signs, "_NEAREST_TRIED", _NEAREST)
    quick, _ = _matrix(stored)
    return rows, exact, quick


def questions(rows: np.ndarray[Any, Any]) -> list[bytes]:
    draw = np.random.default_rng(4)
    near = [rows[asked] + 0.3 * draw.standard_normal(96) / np.sqrt(96) for asked in range(0, 12_000, 1_500)]
    return [_bytes(list(each / np.linalg.norm(each))) for each in near]


def test_many_passages_are_chosen_by_their_signs(leaning: Leaning) -> None:
    """The same answers as from all cosines: top notes, passages, background."""
    rows, exact, quick = leaning
    for vector in questions(rows):
        all_of, some = exact.similarities("f", vector), quick.similarities("f", vector)
        wanted, found = all_of.top(_NEAREST), some.top(_NEAREST)
        assert len(found) == _NEAREST
        assert len(wanted.keys() & found.keys()) >= _NEAREST - 1
        first = next(iter(wanted))
        assert next(iter(found)) == first
        assert found[first] == pytest.approx(wanted[first], abs=1e-3)
        assert list(found.values()) == sorted(found.values(), reverse=True)
        assert isinstance(some, ShortlistedSimilarities)
        assert some.background == pytest.approx(all_of.background, abs=0.01)
        assert some.spread == pytest.approx(all_of.spread, rel=0.1)
        assert some.of([first, 77, 99_999]) == pytest.approx(all_of.of([first, 77, 99_999]), abs=1e-3)
        assert some.passages(77) == pytest.approx(all_of.passages(77), abs=1e-3)
        assert some.with_beginnings(wanted) == pytest.approx(all_of.with_beginnings(wanted), abs=1e-3)
    assert some.passages(99_999) == {}
    assert some.of([99_999]) == {}
    distances = quick.similarities("f", vector, SimilarityMeasure.EUCLIDEAN)
    assert distances.top(3) == pytest.approx(exact.similarities("f", vector, SimilarityMeasure.EUCLIDEAN).top(3))
    assert max(distances.top(3).values()) < 0


def test_a_filter_among_many_passages_looks_at_few_of_them(leaning: Leaning, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, exact, quick = leaning
    looked_at: list[int] = []

    def counted(these: Any, chosen: Any, question: Any) -> Any:
        looked_at.append(len(chosen))
        return cosines_among(these, chosen, question)

    for vector in questions(rows):
        all_of, some = exact.similarities("f", vector), quick.similarities("f", vector)
        with monkeypatch.context() as patched:
            patched.setattr(vector_matrix, "cosines_among", counted)
            half = some.within(range(1, 2_001)).top(_NEAREST // 2)
            few = some.within(range(1, 2_001)).within(range(1_950, 2_100)).top(60)
            assert some.within([]).top(5) == {}
            assert some.within([7, 99_999]).background == some.background
        assert len(all_of.within(range(1, 2_001)).top(_NEAREST // 2).keys() & half.keys()) >= _NEAREST // 2 - 1
        assert few == pytest.approx(all_of.within(range(1_950, 2_001)).top(60), abs=1e-3)
    assert max(looked_at) < 1_500  # of 6,000 that the filter lets through


def test_a_long_note_near_the_question_hides_no_others(leaning: Leaning) -> None:
    """All passages on the list may be those of one note."""
    rows = leaning[0]
    question = _bytes(list(rows[0]))
    in_order = np.argsort(-(rows @ rows[0]))
    note_of = {int(row): 1 if place < 3_000 else place for place, row in enumerate(in_order)}
    long, _ = _matrix([(number + 1, note_of[number], list(row)) for number, row in enumerate(rows)])
    found = long.similarities("f", question)
    assert isinstance(found, ShortlistedSimilarities)
    by_cosine = {note_of[int(row)]: float(rows[row] @ rows[0]) for row in (in_order[0], *in_order[3_000:3_199])}
    assert found.top(200) == pytest.approx(by_cosine, abs=1e-3)
    assert found.within([1, 3_001, 11_000, 99_999]).top(200).keys() == {1, 3_001, 11_000}


def test_signs_that_miss_the_nearest_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors without any order, whose nearest are hardly nearer than all others."""
    monkeypatch.setattr(vector_matrix, "_SIGNS_ROWS", 1_000)
    monkeypatch.setattr(vector_signs, "SHORTLISTS", (Shortlist(800, 300),))
    monkeypatch.setattr(vector_matrix, "LONGEST", Shortlist(800, 300))
    draw = np.random.default_rng(3)
    rows = draw.standard_normal((3_000, 96))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    stored = [(number + 1, number + 1, list(row)) for number, row in enumerate(rows)]
    question = _bytes(list(rows[5]))
    assert not isinstance(_matrix(stored)[0].similarities("f", question), ShortlistedSimilarities)
    monkeypatch.setattr(vector_matrix, "_EXACT_ROWS", 2_000)
    matrix, _ = _matrix(stored)
    assert isinstance(matrix.similarities("f", question), ShortlistedSimilarities), "too many for all their cosines"


def test_what_was_found_out_of_an_encoder_s_signs_serves_until_there_are_far_more(
    leaning: Leaning, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = leaning[0]
    tried: list[int] = []
    fitting = Signs.fitting

    def counted(signs: Signs) -> Shortlist | None:
        tried.append(len(signs._rows))
        return fitting(signs)

    monkeypatch.setattr(Signs, "fitting", counted)
    monkeypatch.setattr(vector_signs, "_LEAST_RECALL", 0.5)  # a third of the vectors are a third of each cluster
    stored = [(number + 1, number // 3 + 1, list(row)) for number, row in enumerate(rows)]
    monkeypatch.setattr(vector_matrix, "_AT_ONCE_SECONDS", 60.0)
    matrix, vectors = _matrix(stored[:4_000])
    for count, fingerprint in ((4_000, "f"), (5_000, "f"), (9_000, "f"), (9_000, "g")):
        vectors.rows = stored[:count]
        vectors.version += 1
        assert isinstance(matrix.similarities(fingerprint, _bytes(list(rows[0]))), ShortlistedSimilarities)
    assert tried == [4_000, 9_000, 9_000]


def _many_rows() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(8)
    rows = draw.standard_normal((similarity._WORTH_A_HELPER + 77, 24)).astype(np.float32)
    return rows, rows[5].copy()


def test_two_threads_give_the_cosines_of_one() -> None:
    rows, question = _many_rows()
    for _ in range(20):
        assert np.allclose(cosines_of(rows, question), np.einsum("ij,j->i", rows, question), atol=1e-5)


def test_a_product_does_not_wait_for_a_helper_that_is_kept_from_computing(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, go_on = threading.Event(), threading.Event()
    compute = similarity._Product._compute

    def held(product: similarity._Product, start: int) -> None:
        if threading.current_thread() is not threading.main_thread():
            taken.set()
            go_on.wait(10.0)
        elif product._starts:
            taken.wait(10.0)
        compute(product, start)

    monkeypatch.setattr(similarity._Product, "_compute", held)
    rows, question = _many_rows()
    found = cosines_of(rows, question)
    assert taken.is_set()
    assert np.allclose(found, np.einsum("ij,j->i", rows, question), atol=1e-5)
    go_on.set()
