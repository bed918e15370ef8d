"""Search as typed: debounce, staleness, the nearest sentence, previews; and what a hit says about itself."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import msgspec.structs
import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import StoreDamagedError
from desktop_app.domain.search import HitPlace, IndexingProgress, ResultSurvey, SearchMode, SearchResult, Span
from desktop_app.presenters.search import SearchPhase, SearchPresenter, SearchView
from desktop_app.presenters.search_preview import Preview
from desktop_app.presenters.search_words import excerpt, place_of, ranks_of, reasons_of
from desktop_app.presenters.tasks import TaskRunner
from tests.fakes.fake_notes import FakeNotes
from tests.fakes.fake_search import FakeSearch, hit, spans_of


@pytest.fixture
def search() -> FakeSearch:
    return FakeSearch()


@pytest.fixture
def notes() -> FakeNotes:
    return FakeNotes()


@pytest.fixture
def presenter(search: FakeSearch, notes: FakeNotes, qtbot: QtBot) -> Iterator[SearchPresenter]:
    tasks = TaskRunner()
    made = SearchPresenter(search, notes, tasks, debounce_ms=20)
    yield made
    made.close()
    tasks.close()


def answer(query: str, *titles: str, **values: object) -> SearchResult:
    hits = tuple(hit(number, title, "a passage") for number, title in enumerate(titles, 1))
    return msgspec.structs.replace(SearchResult(query, SearchMode.BOTH, hits, 0.01), **values)  # type: ignore[arg-type]


def shown(presenter: SearchPresenter) -> list[str]:
    result = presenter.view.result
    return [each.title for each in result.hits] if result else []


def test_typing_asks_once_after_a_pause(presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot) -> None:
    search.answers["cats"] = [answer("cats", "Cats")]
    for text in ("c", "ca", "cat", "cats "):
        presenter.set_query(text)
    assert presenter.view.phase is SearchPhase.SEARCHING
    qtbot.waitUntil(lambda: presenter.view.phase is SearchPhase.RESULTS)
    assert search.asked == [("cats", SearchMode.BOTH)]


def test_a_stale_answer_never_replaces_a_newer_one(
    presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot
) -> None:
    search.answers = {"old": [answer("old", "Old")], "new": [answer("new", "New")]}
    search.gates["old"] = threading.Event()
    seen: list[list[str]] = []
    presenter.view_changed.connect(lambda _: seen.append(shown(presenter)))
    presenter.set_query("old", at_once=True)
    qtbot.waitUntil(lambda: bool(search.asked))
    presenter.set_query("new", at_once=True)
    qtbot.waitUntil(lambda: shown(presenter) == ["New"])
    search.gates["old"].set()
    qtbot.waitUntil(lambda: presenter._tasks.idle)
    assert shown(presenter) == ["New"]
    assert ["Old"] not in seen


def test_words_come_first_and_meaning_follows(presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot) -> None:
    first = answer("q", "By words", final=False, meaning_ready=False)
    search.answers["q"] = [first, answer("q", "By meaning")]
    states: list[tuple[list[str], bool]] = []
    presenter.view_changed.connect(lambda view: states.append((shown(presenter), view.pending)))
    presenter.set_query("q", at_once=True)
    qtbot.waitUntil(lambda: shown(presenter) == ["By meaning"])
    assert (["By words"], True) in states
    assert not presenter.view.pending


def test_nothing_is_not_said_before_meaning_has_answered(
    presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot
) -> None:
    search.answers["q"] = [answer("q", final=False), answer("q")]
    phases: list[SearchPhase] = []
    presenter.view_changed.connect(lambda view: phases.append(view.phase))
    presenter.set_query("q", at_once=True)
    qtbot.waitUntil(lambda: presenter.view.phase is SearchPhase.NOTHING)
    assert phases[-1] is SearchPhase.NOTHING
    assert set(phases[:-1]) == {SearchPhase.SEARCHING}


def test_the_nearest_sentences_are_filled_in(presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot) -> None:
    search.answers["q"] = [answer("q", "One")]
    search.nearest[1] = Span(2, 9)
    presenter.set_query("q", at_once=True)
    qtbot.waitUntil(lambda: bool(presenter.view.result and presenter.view.result.hits[0].nearest_span == Span(2, 9)))


def test_sentences_of_an_answer_that_was_replaced_meanwhile_are_not_shown(
    presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, go_on = threading.Event(), threading.Event()
    explain = search.explain_nearest

    def held(result: SearchResult, cancel: CancelToken | None = None) -> SearchResult:
        waits.set()
        assert go_on.wait(20)
        return explain(result, cancel)

    monkeypatch.setattr(search, "explain_nearest", held)
    search.answers["cats"] = [answer("cats", "Old")]
    presenter.set_query("cats", at_once=True)
    qtbot.waitUntil(waits.is_set)
    by_words = msgspec.structs.replace(hit(2, "New", "a passage"), meaning_rank=None)
    search.answers["cats"] = [msgspec.structs.replace(answer("cats"), hits=(by_words,))]
    presenter._refresh_now()
    qtbot.waitUntil(lambda: shown(presenter) == ["New"])
    go_on.set()
    qtbot.waitUntil(lambda: presenter._tasks.idle)
    assert shown(presenter) == ["New"]


def test_an_empty_box_shows_the_start_again(presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot) -> None:
    search.answers["q"] = [answer("q", "One")]
    presenter.set_query("q", at_once=True)
    qtbot.waitUntil(lambda: shown(presenter) == ["One"])
    presenter.set_query("  ")
    assert presenter.view.phase is SearchPhase.EMPTY
    assert presenter.view.result is None


def test_another_mode_asks_again(presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot) -> None:
    presenter.set_query("q", at_once=True)
    presenter.set_mode(SearchMode.WORDS)
    qtbot.waitUntil(lambda: presenter.view.phase is SearchPhase.NOTHING)
    assert search.asked[-1] == ("q", SearchMode.WORDS)


def test_more_of_the_same_is_asked_for_until_the_next_question(
    presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot
) -> None:
    presenter.show_more()
    many = [str(number) for number in range(20)]
    search.answers = {query: [answer(query, *many)] for query in ("car", "cat")}
    search.surveys = {query: ResultSurvey(50, True) for query in ("car", "cat")}
    for query, more in (("car", 1), ("cat", 0)):
        presenter.set_query(query, at_once=True)
        qtbot.waitUntil(lambda query=query: presenter.view.query == query and not presenter.view.pending)
        if more:
            presenter.show_more()
            qtbot.waitUntil(lambda: not presenter.view.pending)
    assert search.limits == [20, 40, 20]


def test_what_a_survey_told_stays_until_the_next_one(
    presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot
) -> None:
    search.answers = {"car": [answer("car", "Car")]}
    search.places = {1: (HitPlace(0, 1, (), "a"),)}
    search.surveys = {"car": ResultSurvey(34, True)}
    presenter.set_query("car", at_once=True)
    qtbot.waitUntil(lambda: (shown := presenter.view.result) is not None and shown.survey is not None)
    seen = presenter.view.result
    views: list[SearchView] = []
    presenter.view_changed.connect(views.append)
    presenter.search_again()
    qtbot.waitUntil(lambda: len(search.asked) == 2 and not presenter.view.pending)
    assert all(view.result == seen for view in views)


def test_what_a_survey_told_does_not_stand_in_another_mode(
    presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot
) -> None:
    search.answers = {"car": [answer("car", "Car")]}
    search.surveys = {"car": ResultSurvey(34, True)}
    presenter.set_query("car", at_once=True)
    qtbot.waitUntil(lambda: (shown := presenter.view.result) is not None and shown.survey is not None)
    search.answers = {"car": [answer("car", "Car", mode=SearchMode.WORDS)]}
    search.surveys = {"car": ResultSurvey(3, True)}
    views: list[SearchView] = []
    presenter.view_changed.connect(views.append)
    presenter.set_mode(SearchMode.WORDS)
    qtbot.waitUntil(lambda: (shown := presenter.view.result) is not None and shown.survey == ResultSurvey(3, True))
    told = [view.result.survey for view in views if view.result is not None and view.result.mode is SearchMode.WORDS]
    assert told == [None, ResultSurvey(3, True)]


def test_a_failure_is_shown_and_can_be_tried_again(
    presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot
) -> None:
    search.error = StoreDamagedError("The index cannot be read.")
    presenter.set_query("q", at_once=True)
    qtbot.waitUntil(lambda: presenter.view.phase is SearchPhase.FAILED)
    search.error = None
    presenter.search_again()
    qtbot.waitUntil(lambda: presenter.view.phase is SearchPhase.NOTHING)


def test_a_finished_index_asks_again_where_notes_were_missing(
    presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot
) -> None:
    search.answers["q"] = [answer("q", "One", notes_unindexed=4)]
    presenter.set_query("q", at_once=True)
    qtbot.waitUntil(lambda: shown(presenter) == ["One"])
    search.answers["q"] = [answer("q", "One", "Two")]
    for due in (4, 0):
        presenter._progress.emit(IndexingProgress(10, due, due, 10 - due, 50.0))
    qtbot.waitUntil(lambda: shown(presenter) == ["One", "Two"])


def test_what_is_read_stays_while_a_finished_index_is_asked_again(
    presenter: SearchPresenter, search: FakeSearch, qtbot: QtBot
) -> None:
    search.answers["q"] = [answer("q", "One", notes_unindexed=4)]
    presenter.set_query("q", at_once=True)
    qtbot.waitUntil(lambda: shown(presenter) == ["One"] and not presenter.view.pending)
    told: list[list[str]] = []
    presenter.view_changed.connect(lambda _view: told.append(shown(presenter)))
    search.answers["q"] = [answer("q", "Words alone", final=False), answer("q", "One", "Two")]
    for due in (4, 0):
        presenter._progress.emit(IndexingProgress(10, due, due, 10 - due, 50.0))
    qtbot.waitUntil(lambda: shown(presenter) == ["One", "Two"])
    assert ["Words alone"] not in told


def test_a_change_while_a_search_is_under_way_is_looked_up_after_it(
    search: FakeSearch, notes: FakeNotes, qtbot: QtBot
) -> None:
    tasks = TaskRunner()
    presenter = SearchPresenter(search, notes, tasks, debounce_ms=0, refresh_ms=50)
    try:
        gate = search.gates["cats"] = threading.Event()
        search.answers["cats"] = [answer("cats", "Cats")]
        presenter.set_query("cats", at_once=True)
        qtbot.waitUntil(lambda: len(search.asked) == 1)
        presenter.refresh()
        qtbot.wait(120)  # longer than a refresh waits
        gate.set()
        qtbot.waitUntil(lambda: len(search.asked) == 2)
    finally:
        presenter.close()
        tasks.close()


def test_what_is_being_typed_is_called_a_mistake_only_after_a_while(
    search: FakeSearch, notes: FakeNotes, qtbot: QtBot
) -> None:
    tasks = TaskRunner()
    presenter = SearchPresenter(search, notes, tasks, debounce_ms=20)

    def problems() -> list[str]:
        return [chip.text for chip in presenter.chips if chip.problem]

    try:
        presenter.set_query("colour:red tag:")
        assert len(problems()) == 1, "only what was typed before"
        qtbot.waitUntil(lambda: len(problems()) == 2)
        presenter.set_query("ink tag:in")
        presenter.set_query("ink tag: ")
        assert len(problems()) == 1, "a blank ends it"
    finally:
        presenter.close()
        tasks.close()


def test_changes_elsewhere_are_looked_up_quietly_and_seldom(search: FakeSearch, notes: FakeNotes, qtbot: QtBot) -> None:
    tasks = TaskRunner()
    presenter = SearchPresenter(search, notes, tasks, debounce_ms=0, refresh_ms=300)
    try:
        search.nearest[1] = Span(0, 1)
        search.answers["cats"] = [answer("cats", "Cats")]
        presenter.set_query("cats", at_once=True)
        qtbot.waitUntil(lambda: tasks.idle and presenter.view.phase is SearchPhase.RESULTS)
        views: list[object] = []
        presenter.view_changed.connect(views.append)
        for _ in range(50):
            presenter.refresh()
            qtbot.wait(1)
        assert len(search.asked) == 1
        qtbot.waitUntil(lambda: len(search.asked) == 2 and tasks.idle)
        assert views == []
        search.answers["cats"] = [answer("cats", "Half", final=False), answer("cats", "Cats", "More cats")]
        presenter.refresh()
        qtbot.waitUntil(lambda: shown(presenter) == ["Cats", "More cats"])
        assert not any(view.pending for view in views)  # type: ignore[attr-defined]
    finally:
        presenter.close()
        tasks.close()


def test_a_preview_shows_the_section_around_the_passage(
    presenter: SearchPresenter, notes: FakeNotes, qtbot: QtBot
) -> None:
    text = "# Title\n\nbefore\n\n## Part\n\nThe passage.\n\nafter"
    note = notes.add(text)
    with qtbot.waitSignal(presenter.preview_ready) as ready:
        presenter.load_preview(hit(note.id, "Title", "The passage.", text))
    assert ready.args is not None
    preview: Preview = ready.args[0]
    assert preview.text == "The passage.\n\nafter"
    assert preview.text[preview.start : preview.end] == "The passage."
    assert not preview.cut_before


def test_a_preview_leaves_markdown_marks_out_and_keeps_its_places(
    presenter: SearchPresenter, notes: FakeNotes, qtbot: QtBot
) -> None:
    passage = "See *the* `needle` in [the hay](http://x)."
    note = notes.add("# Title\n\n**before**\n\n" + passage)
    found = hit(note.id, "Title", passage, note.text, word_spans=spans_of(passage, "needle"))
    with qtbot.waitSignal(presenter.preview_ready) as ready:
        presenter.load_preview(found)
    assert ready.args is not None
    preview: Preview = ready.args[0]
    assert preview.text == "before\n\nSee the needle in the hay."
    assert preview.text[preview.start : preview.end] == "See the needle in the hay."
    assert [preview.text[span.start : span.end] for span in preview.words] == ["needle"]


def test_a_preview_knows_the_headings_but_not_those_in_code(
    presenter: SearchPresenter, notes: FakeNotes, qtbot: QtBot
) -> None:
    text = "# Title\n\nThe passage.\n\n## *Next* steps\n\n```\n# a comment\n```\n\n### Last"
    note = notes.add(text)
    with qtbot.waitSignal(presenter.preview_ready) as ready:
        presenter.load_preview(hit(note.id, "Title", "The passage.", text))
    assert ready.args is not None
    preview: Preview = ready.args[0]
    assert [preview.text[span.start : span.end].strip() for span in preview.headings] == ["Next steps", "Last"]


def test_a_preview_that_begins_in_code_takes_no_comment_for_a_heading(
    presenter: SearchPresenter, notes: FakeNotes, qtbot: QtBot
) -> None:
    text = "```\n" + "x = 1\n" * 400 + "the passage\n# a comment\n```\n\n# Heading\n"
    note = notes.add(text)
    with qtbot.waitSignal(presenter.preview_ready) as ready:
        presenter.load_preview(hit(note.id, "T", "the passage", text))
    assert ready.args is not None
    preview: Preview = ready.args[0]
    assert preview.cut_before
    assert [preview.text[span.start : span.end].strip() for span in preview.headings] == ["Heading"]


def test_an_excerpt_leaves_markdown_marks_out() -> None:
    passage = "- *One* `needle`\n- [two](http://x)"
    part = excerpt(hit(1, "T", passage, word_spans=spans_of(passage, "needle")))
    assert part.text == "• One needle • two"
    assert [part.text[span.start : span.end] for span in part.strong] == ["needle"]


def test_a_preview_finds_a_passage_that_moved(presenter: SearchPresenter, notes: FakeNotes, qtbot: QtBot) -> None:
    found = hit(1, "Title", "The passage.", "The passage.")
    notes.add("New words in front. " * 500 + "The passage.")
    with qtbot.waitSignal(presenter.preview_ready) as ready:
        presenter.load_preview(found)
    assert ready.args is not None
    preview: Preview = ready.args[0]
    assert preview.text[preview.start : preview.end] == "The passage."
    assert preview.cut_before


def test_an_excerpt_shows_the_nearest_sentence_with_its_marks_in_place() -> None:
    passage = "Filler words go on. " * 60 + "The needle is\nhere. " + "More filler comes. " * 60
    nearest = Span(passage.index("The needle"), passage.index("here.") + 5)
    found = hit(1, "T", passage, nearest_span=nearest, word_spans=spans_of(passage, "needle"))
    part = excerpt(found, 200)
    assert len(part.text) <= 202
    assert part.text.startswith("…")
    assert part.text.endswith("…")
    assert [part.text[span.start : span.end] for span in part.marks] == ["The needle is here.", "needle"]
    assert [part.text[span.start : span.end] for span in part.strong] == ["needle"]


def test_a_nearest_sentence_of_odd_length_ends_at_a_word() -> None:
    # The address is longer than a word is, and lies where the excerpt ends.
    address = "https://example.org/" + "a" * 70
    long = "The needle lies " + "in the hay " * 27 + address + " and more hay" * 20 + "."
    passage = "Filler words go on. " * 10 + long
    start = passage.index("The needle")
    part = excerpt(hit(1, "T", passage, nearest_span=Span(start, len(passage))))
    assert part.text.startswith("…The needle")
    assert part.text.endswith(" hay…")
    fits = "The needle lies " + "in the hay " * 32 + "now."  # 372 characters: whole, to its point
    part = excerpt(hit(1, "T", "Filler words go on. " * 10 + fits + " More of it." * 30, nearest_span=Span(200, 572)))
    assert [part.text[span.start : span.end] for span in part.marks] == [fits]


def spans_of_ink(passage: str) -> tuple[Span, ...]:
    return tuple(Span(match.start(), match.end()) for match in re.finditer("(?i)iron|gall|ink", passage))


def test_an_excerpt_shows_where_most_words_stand_together() -> None:
    passage = "The ink dried. " + "Nothing of it here. " * 40 + "Iron gall ink bites."
    found = hit(1, "Ink", passage, word_spans=spans_of_ink(passage))
    assert "Iron gall ink bites." in excerpt(found, 120).text


def test_the_page_of_a_hit_is_that_of_what_was_found() -> None:
    passage = "old ink\n\n[page 3]\nIron gall ink"
    found = hit(1, "Ink", passage, word_spans=spans_of_ink(passage), page=2)
    assert place_of(found) == "Gen AI › page 3"
    assert place_of(msgspec.structs.replace(found, nearest_span=Span(0, 7))) == "Gen AI › page 2"


def test_a_short_passage_is_shown_whole() -> None:
    assert excerpt(hit(1, "T", "Short\nand sweet")).text == "Short and sweet"


def test_places_ranks_and_reasons_in_words() -> None:
    found = hit(
        1,
        "GPT",
        "a passage",
        folder="Gen AI/Models",
        heading_path=("GPT", "Context window"),
        words_rank=9,
        matched_words=("passage",),
        similarity=0.5,
    )
    assert place_of(found) == "Gen AI › Models › Context window"
    assert ranks_of(found) == "Meaning #1 · Words #9"
    assert reasons_of(found, "a passage")[0] == "These words of yours stand in it: “passage”."
    assert "close" in reasons_of(found, "a passage")[1]
    of_other_language = msgspec.structs.replace(found, matched_words=("Haus",))
    assert reasons_of(of_other_language, "ein garten häuser")[0] == "Other forms of “häuser” stand in it: “Haus”."
    only_meaning = msgspec.structs.replace(found, words_rank=None, matched_words=())
    assert ranks_of(only_meaning) == "Meaning #1"
    assert "None of your words" in reasons_of(only_meaning, "a passage")[0]
    in_the_title = msgspec.structs.replace(found, matched_words=())
    assert (
        reasons_of(in_the_title, "a passage")[0]
        == "Words of yours stand in its title, tags or properties, or in the name of its file."
    )


def test_reasons_call_forms_and_beginnings_what_they_are() -> None:
    found = hit(1, "T", "a text", matched_words=("Bread", "bread", "runs", "Running", "sourdough", "sourdoughs"))
    assert reasons_of(found, "bread running sourd")[:3] == [
        "These words of yours stand in it: “Bread”, “Running”.",
        "Other forms of “running” stand in it: “runs”.",
        "Words that begin with “sourd” stand in it: “sourdough”, “sourdoughs”.",
    ]
