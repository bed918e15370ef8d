"""The check over a real store: its own questions, the same each time, stopped when asked to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, ModelMissingError
from desktop_app.domain.search import SearchMode, SearchResult
from desktop_app.domain.self_check import SelfCheckProgress, SelfCheckReport
from desktop_app.services.search import SearchService
from desktop_app.services.self_check import SelfCheck
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing, fake_search

SENTENCES = (
    "The copper kettle needs vinegar against limescale every second Saturday morning.",
    "Grandmother planted walnut saplings behind the crooked garden fence long ago.",
    "Our bicycle brakes squeal whenever autumn leaves cover the steep harbour road.",
    "Ottoline recommended marbled endpapers for binding thick travel journals by hand.",
)
BOILERPLATE = "This document remains confidential property of the northern bookbinding guild forever."


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def check(real_store: Store, encoder: FakeEncoder) -> SelfCheck:
    store = real_store
    for number, sentence in enumerate(SENTENCES):
        store.notes.create(f"Note {number}", f"# Note {number}\n\n{sentence}\n\n{BOILERPLATE}\n")
    store.notes.create(
        "Welcome", "The welcome notes explain patiently how everything works around here.", is_welcome=True
    )
    fake_indexing(store, encoder).run()

    def searching(weight: object) -> SearchService:
        return fake_search(store, encoder, dense_weight=weight)

    return SelfCheck(store.notes, store.words, searching, lambda: 0.6)


def run(check: SelfCheck, **options: int) -> SelfCheckReport:
    *steps, report = check.run(CancelToken(), **options)
    assert all(isinstance(step, SelfCheckProgress) for step in steps)
    assert isinstance(report, SelfCheckReport)
    return report


def test_each_note_is_asked_once_and_found(check: SelfCheck, encoder: FakeEncoder) -> None:
    report = run(check)
    assert (report.both.asked, report.both.found, report.missed) == (4, 4, ())
    assert set(report.legs) == set(SearchMode)
    assert sorted(report.weights) == [0.3, 0.5, 0.6, 0.7, 0.9]
    assert report.weights[0.6] == report.both
    asked = set(encoder.questions)
    assert len(asked) == 4
    # Neither boilerplate nor welcome notes, and no sentence word for word.
    assert not any(word in question for question in asked for word in ("confidential", "patiently"))
    assert not asked & {sentence.removesuffix(".") for sentence in SENTENCES}


def test_the_same_notes_give_the_same_questions(check: SelfCheck, encoder: FakeEncoder) -> None:
    run(check, questions=2)
    first = list(encoder.questions)
    encoder.questions.clear()
    run(check, questions=2)
    assert encoder.questions == first
    encoder.questions.clear()
    asked = {run(check, questions=2, seed=seed).both.asked for seed in (2, 3, 4)}
    assert asked == {2}
    assert set(encoder.questions) - set(first)


def test_each_weight_is_asked_with_itself(real_store: Store, check: SelfCheck) -> None:
    asked: list[tuple[SearchMode, float]] = []

    class Spy:
        def __init__(self, weight: Callable[[], float]) -> None:
            self._weight = weight

        def search_once(self, query: str, mode: SearchMode, limit: int, cancel: CancelToken) -> SearchResult:
            asked.append((mode, self._weight()))
            return SearchResult(query, mode, (), 0.0)

    spied = SelfCheck(real_store.notes, real_store.words, Spy, lambda: 0.6)  # type: ignore[arg-type]
    run(spied, questions=1)
    legs, weights = asked[:3], asked[3:]
    assert legs == [(SearchMode.WORDS, 0.6), (SearchMode.MEANING, 0.6), (SearchMode.BOTH, 0.6)]
    assert weights == [(SearchMode.BOTH, weight) for weight in (0.3, 0.5, 0.7, 0.9)]


def test_it_stops_between_two_questions(check: SelfCheck) -> None:
    cancel = CancelToken()
    steps = check.run(cancel)
    next(steps)
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(steps)


def test_without_an_encoder_words_are_measured_and_no_weight_is_offered(check: SelfCheck, encoder: FakeEncoder) -> None:
    encoder.failure = ModelMissingError("There is no search model.")
    report = run(check)
    assert "no search model" in report.meaning_problem
    assert report.legs[SearchMode.WORDS].found == 4
    assert report.offer is None


def test_notes_without_sentences_give_an_empty_report(real_store: Store, check: SelfCheck) -> None:
    for note_id in real_store.notes.all_ids():
        real_store.notes.trash([note_id])
    assert run(check).both.asked == 0
