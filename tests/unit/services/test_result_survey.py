"""How many notes a question finds in all, where they lie, and the other places in those that are shown."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.domain.page_marks import page_within
from desktop_app.domain.query import TYPED, TYPING
from desktop_app.domain.search import HitPlace, ResultSurvey, SearchHit, SearchMode
from desktop_app.services.result_survey import MOST_PLACES
from desktop_app.services.search import SearchService
from desktop_app.storage.full_text import FullText
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing, fake_search

FILLER = "Nothing of that kind stands in these lines, which only keep the others apart from one another. " * 12


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder(known=["feline", "automobile"])


@pytest.fixture
def service(real_store: Store, encoder: FakeEncoder) -> SearchService:
    return fake_search(real_store, encoder)


def surveyed(service: SearchService, question: str, mode: SearchMode = SearchMode.WORDS, limit: int = 20) -> tuple:
    result = service.search_once(question, mode, limit)
    told = service.survey(question, result, typing=False)
    assert told.survey is not None
    return told.hits, told.survey


def sections(*texts: str) -> str:
    return "\n\n".join(f"# Part {number}\n\n{text}" for number, text in enumerate(texts, start=1))


def passages(hit: SearchHit) -> list[str]:
    return [place.passage for place in hit.more_places]


@pytest.mark.parametrize("indexed", [True, False])
def test_other_places_of_a_note_are_those_that_would_be_hits_alone(
    service: SearchService, real_store: Store, encoder: FakeEncoder, indexed: bool
) -> None:
    text = sections("The heron waits.", FILLER, "A heron flew, the heron waits.", FILLER, "Herons again.")
    note = real_store.notes.create("Birds", text)
    if indexed:
        fake_indexing(real_store, encoder).run()
    (hit,), survey = surveyed(service, "heron")
    assert survey == ResultSurvey(1, True)
    others = [hit.passage, *passages(hit)]
    assert sorted(text.index(each) for each in others) == [text.index(f"# Part {n}") + 10 for n in (1, 3, 5)]
    assert [place.start for place in hit.more_places] == sorted(place.start for place in hit.more_places)
    last = hit.more_places[-1]
    assert isinstance(last, HitPlace)
    assert note.text[last.start : last.end] == last.passage
    assert [last.passage[span.start : span.end] for span in last.word_spans] == ["Herons"]
    assert last.heading_path == ("Part 5",)


def test_a_place_holds_most_of_the_question(service: SearchService, real_store: Store) -> None:
    real_store.notes.create("Birds", sections("The heron waits at the lake.", FILLER, "A lake."))
    for number in range(20):
        real_store.notes.create(f"Lake {number}", "A lake.")
    hits, _ = surveyed(service, "heron lake")
    assert (hits[0].title, hits[0].more_places) == ("Birds", ())


def test_where_one_passage_has_the_words_together_others_with_one_of_them_are_no_places(
    service: SearchService, real_store: Store
) -> None:
    text = sections("The heron and the gull.", FILLER, "A gull.", FILLER, "A heron.", FILLER, "A gull and a heron.")
    real_store.notes.create("Birds", text)
    (hit,), _ = surveyed(service, "heron gull")
    assert len(hit.more_places) == 1
    assert all("heron" in each and "gull" in each for each in (hit.passage, *passages(hit)))


def test_a_quoted_phrase_is_in_every_place(service: SearchService, real_store: Store) -> None:
    text = sections("The grey heron waits.", FILLER, "A heron, grey and old.", FILLER, "One more grey heron.")
    real_store.notes.create("Birds", text)
    (hit,), _ = surveyed(service, '"grey heron"')
    assert len(hit.more_places) == 1
    assert all("grey heron" in each for each in (hit.passage, *passages(hit)))


def test_places_are_found_by_meaning(service: SearchService, real_store: Store, encoder: FakeEncoder) -> None:
    real_store.notes.create("House", sections("The cat", FILLER, "A cat", FILLER))
    fake_indexing(real_store, encoder).run()
    (hit,), _ = surveyed(service, "feline", SearchMode.BOTH)
    assert hit.words_rank is None
    (place,) = hit.more_places
    assert "cat" in place.passage
    assert place.similarity is not None
    assert place.word_spans == ()


def test_of_a_note_that_is_about_it_only_what_is_nearest_are_places(
    service: SearchService, real_store: Store, encoder: FakeEncoder
) -> None:
    text = sections("The cat " * 60, FILLER, "A cat " * 60, FILLER, "One cat in a lake. " * 30)
    real_store.notes.create("House", text)
    fake_indexing(real_store, encoder).run()
    (hit,), _ = surveyed(service, "feline", SearchMode.BOTH)
    assert ["lake" in each for each in (hit.passage, *passages(hit))] == [False, False]


def test_of_a_note_full_of_them_some_are_told(service: SearchService, real_store: Store) -> None:
    real_store.notes.create("Birds", sections(*[f"The heron waits. {FILLER}"] * (MOST_PLACES + 8)))
    (hit,), _ = surveyed(service, "heron")
    assert len(hit.more_places) == MOST_PLACES


def test_all_that_is_found_is_counted_by_folder_and_tag(service: SearchService, real_store: Store) -> None:
    for number in range(30):
        tags = ("bird", "grey") if number % 3 == 0 else ("bird",)
        real_store.notes.create(f"{number}", "The heron waits.", folder="a" if number < 20 else "b/c", tags=tags)
    real_store.notes.create("Top", "A heron.", folder="a/d")
    real_store.notes.create("Other", "The lake.", folder="a")
    hits, survey = surveyed(service, "heron", limit=5)
    assert len(hits) == 5
    assert survey == ResultSurvey(31, True, (("a", 21), ("b/c", 10), ("a/d", 1)), (("bird", 30), ("grey", 10)))
    _, filtered = surveyed(service, "heron folder:b", limit=5)
    assert filtered == ResultSurvey(10, True, (("b/c", 10),), (("bird", 10), ("grey", 3)))
    listed_hits, listed = surveyed(service, "tag:grey", limit=5)
    assert (listed.notes, listed.folders, listed_hits[0].more_places) == (10, (("a", 7), ("b/c", 3)), ())


def test_more_than_the_legs_give_is_not_called_all(service: SearchService, real_store: Store) -> None:
    with real_store.transaction():
        for number in range(210):
            real_store.notes.create(f"{number}", "The heron waits.")
    _, survey = surveyed(service, "heron")
    assert (survey.notes, survey.complete) == (200, False)


def test_pages_of_a_pdf_are_known(service: SearchService, real_store: Store) -> None:
    pages = ["Title", FILLER, f"The heron waits. {FILLER}", FILLER, f"A heron again. {FILLER}"]
    text = "\n\n".join(f"[page {number}]\n{page}" for number, page in enumerate(pages, start=1))
    real_store.notes.create("Paper", text, source_path="paper.pdf")
    (hit,), _ = surveyed(service, "heron")
    found = [(each.passage, each.word_spans[0].start, each.page) for each in (hit, *hit.more_places)]
    assert {page_within(*each) for each in found} == {3, 5}


def test_it_can_be_cancelled(service: SearchService, real_store: Store) -> None:
    real_store.notes.create("Birds", "The heron waits.")
    result = service.search_once("heron", SearchMode.WORDS)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        service.survey("heron", result, cancel)


@pytest.mark.parametrize("typing", [True, False])
def test_what_is_counted_is_sought_as_widely_as_what_was_found(
    service: SearchService, real_store: Store, monkeypatch: pytest.MonkeyPatch, typing: bool
) -> None:
    real_store.notes.create("Birds", "The heron waits.")
    asked: list[int] = []
    best_notes = FullText.best_notes

    def noted(words: FullText, *given: Any, ranked: int, **named: Any) -> Any:
        asked.append(ranked)
        return best_notes(words, *given, ranked=ranked, **named)

    monkeypatch.setattr(FullText, "best_notes", noted)
    (*_, result) = service.search("heron", SearchMode.WORDS, typing=typing)
    service.survey("heron", result, typing=typing)
    assert asked == [(TYPING if typing else TYPED).ranked] * 2
