"""A word that stands nowhere asks for all terms of the index: while it is typed, nobody waits until they are read."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.domain.search import SearchMode, SearchResult
from desktop_app.services.search import SearchService
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing, fake_search


class Reading:
    """The reading of the terms, which ends when the test says so."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.count = 0
        self._read = store.words.read_terms
        monkeypatch.setattr("desktop_app.storage.word_counts._NOTES_READ_AT_ONCE", 0)
        monkeypatch.setattr(store.words, "read_terms", self)

    def __call__(self) -> None:
        self.count += 1
        self.begun.set()
        assert self.may_end.wait(30)
        self._read()


@pytest.fixture
def reading(real_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reading]:
    slow = Reading(real_store, monkeypatch)
    yield slow
    slow.may_end.set()


@pytest.fixture
def service(real_store: Store) -> SearchService:
    real_store.notes.create("Oma", "Der Apfelkuchen braucht sechs eggs.")
    real_store.notes.create("Eggs", "Eggs are boiled.")
    encoder = FakeEncoder()
    fake_indexing(real_store, encoder).run()
    return fake_search(real_store, encoder)


def matched(result: SearchResult) -> set[str]:
    return {word for hit in result.hits for word in hit.matched_words}


@pytest.mark.parametrize("mode", [SearchMode.WORDS, SearchMode.BOTH])
def test_what_is_found_without_the_terms_is_shown_first(
    service: SearchService, reading: Reading, mode: SearchMode
) -> None:
    answers = service.search("boiled eggs kuchen ", mode)
    first = next(answers)
    assert reading.begun.wait(30)
    assert (first.hits[0].title, first.final, first.corrections) == ("Eggs", False, ())
    assert "Apfelkuchen" not in matched(first)
    reading.may_end.set()
    *_, last = answers
    assert last.final
    assert "Apfelkuchen" in matched(last)


def test_a_key_that_is_out_of_date_ends_its_search_and_not_the_reading(
    service: SearchService, reading: Reading
) -> None:
    for typed in ("kuche ", "kuchen "):
        cancel = CancelToken()
        answers = service.search(typed, SearchMode.WORDS, cancel=cancel)
        assert not next(answers).final
        cancel.cancel()
        with pytest.raises(CancelledError):
            next(answers)
    assert reading.count == 1
    reading.may_end.set()
    *_, last = service.search("kuchen ", SearchMode.WORDS)
    assert [hit.title for hit in last.hits] == ["Oma"]


def test_a_question_that_is_typed_out_waits(service: SearchService, reading: Reading) -> None:
    reading.may_end.set()
    assert [hit.title for hit in service.search_once("kuchen", SearchMode.WORDS).hits] == ["Oma"]


def test_they_are_read_ahead(service: SearchService, reading: Reading, real_store: Store) -> None:
    service.prepare()
    assert reading.begun.wait(30)
    assert not real_store.words.terms_at_hand()
    reading.may_end.set()
    *_, last = service.search("kuchen ", SearchMode.WORDS)
    assert [hit.title for hit in last.hits] == ["Oma"]


def test_a_survey_for_which_the_terms_are_not_there_does_not_claim_to_be_whole(
    service: SearchService, reading: Reading, real_store: Store
) -> None:
    reading.may_end.set()
    result = service.search_once("kuchen", SearchMode.WORDS)
    whole = service.survey("kuchen ", result).survey
    real_store.notes.create("Later", "Kuchenform")
    assert not real_store.words.terms_at_hand()
    partial = service.survey("kuchen ", result).survey
    assert whole is not None
    assert partial is not None
    assert (whole.complete, partial.complete) == (True, False)
