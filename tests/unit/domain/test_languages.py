"""Which languages notes and questions are in."""

from __future__ import annotations

import pytest

from desktop_app.domain.languages import MARKERS, all_markers, languages_of, stop_words, stop_words_of
from desktop_app.domain.query import ENGLISH_STOP_WORDS, parse_query, without_stop_words


def test_a_language_is_known_by_most_of_its_markers_in_some_notes() -> None:
    german = {"und": 40, "nicht": 12, "ist": 30, "auch": 1}
    assert languages_of(german, 100) == ("de",)
    assert languages_of(german | {"dans": 2, "avec": 50, "cette": 2, "aux": 0}, 100) == ("de", "fr")
    assert languages_of(german, 10_000) == (), "a handful of quotations is no language of the notebook"
    assert languages_of({"und": 90, "ist": 90}, 100) == ()
    assert languages_of({}, 0) == ()


def test_no_marker_is_an_english_stop_word() -> None:
    assert not ENGLISH_STOP_WORDS.intersection(all_markers())
    assert all(len(words) == 4 for words in MARKERS.values())


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("wie backe ich ein brot", ("backe", "brot")),
        ("comment faire du pain", ("comment", "faire", "pain")),
        ("¿cómo se hace el pan?", ("pan",)),
        ("come si fa il pane con la farina", ("fa", "pane", "farina")),
        ("jak upiec chleb i co do tego", ("upiec", "chleb")),
        ("как испечь хлеб и что для этого", ("испечь", "хлеб")),
        ("πως να ψησω ψωμι", ("ψησω", "ψωμι")),
        ("how do I bake a bread", ("bake", "bread")),
        ("die casting", ("die", "casting")),
        ("man in the middle", ("man", "middle")),
    ],
)
def test_a_question_is_left_without_the_stop_words_of_its_language(question: str, words: tuple[str, ...]) -> None:
    assert parse_query(question).words == words


def test_the_notebook_says_which_languages_a_question_can_be_in() -> None:
    assert parse_query("im ofen", languages=("de",)).words == ("ofen",)
    assert parse_query("wo ist die form", languages=("de",)).words == ("form",)
    assert parse_query("die form", languages=()).words == ("die", "form")
    assert parse_query("what die is it", languages=("de", "nl")).words == ("die",)
    assert parse_query("der die das", languages=("de",)).words == ("der", "die", "das"), "there is nothing else"


def test_an_english_notebook_has_no_small_words_of_other_languages() -> None:
    assert parse_query("theodore von karman", languages=()).small == ()
    assert parse_query("von der Form", languages=("de",)).small == ("von", "der")


@pytest.mark.parametrize("question", ["world war", "die casting", "sin city", "bin folder", "van hire", "want list"])
def test_a_word_that_is_english_too_is_no_sign_of_another_language(question: str) -> None:
    languages = ("de", "fr", "es", "it", "nl", "sv", "da", "ro", "tr")
    assert parse_query(question, languages=languages).words == tuple(question.split())


def test_stop_words_are_known_without_their_accents() -> None:
    assert {"fur", "uber", "dass"} <= stop_words("de")
    assert without_stop_words(["fur", "und", "brot"], ("de",)) == ["brot"]
    assert stop_words("xx") == frozenset() == stop_words_of(["und"], ENGLISH_STOP_WORDS, ())
