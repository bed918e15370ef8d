"""`inkwell search`: operators, places, JSON, and what is said of a question that is not quite right."""

from __future__ import annotations

import re

import pytest

from desktop_app.domain.chat_search import MessagePassage
from desktop_app.domain.conversation import Role
from desktop_app.domain.search import SearchHit, SearchMode, SearchOrder, SearchResult
from desktop_app.domain.search_question import Scope
from tests.fakes.fake_container import NOW
from tests.unit.app.command_line import Line


def hit(words_rank: int | None = 9, meaning_rank: int | None = 1) -> SearchHit:
    return SearchHit(
        3, "Tea", "kitchen/tea.md", "kitchen", (), "Boil\nwater.", 4, 15, 0.75, words_rank, meaning_rank, NOW
    )


def test_search_json_has_the_agreed_keys(line: Line) -> None:
    result = SearchResult("tea", SearchMode.MEANING, (hit(None),), 0.01234567, loading_seconds=2.5)
    line.prepare = lambda container: setattr(container, "search_result", result)
    assert line.json("search", "tea", "--mode", "meaning", "--limit", "5") == {
        "hits": [
            {
                "note_id": 3,
                "title": "Tea",
                "path": "kitchen/tea.md",
                "passage": "Boil\nwater.",
                "start": 4,
                "end": 15,
                "score": 0.75,
                "words_rank": None,
                "meaning_rank": 1,
            }
        ],
        "seconds": 0.0123,
        "loading_s": 2.5,
    }
    assert line.made.searches == [("tea", SearchMode.MEANING, 5)]


def test_search_shows_ranks_and_says_what_is_missing(line: Line) -> None:
    result = SearchResult("tea", SearchMode.BOTH, (hit(),), 0.1, meaning_problem="No model.", notes_unindexed=2)
    line.prepare = lambda container: setattr(container, "search_result", result)
    assert line("search", "tea") == 0
    assert "1. Tea" in line.out
    assert "Meaning #1 · Words #9" in line.out
    assert "Boil water." in line.out
    assert "No model." in line.err
    assert "2 notes are still to index" in line.err


def test_search_that_finds_nothing_says_so(line: Line) -> None:
    assert line("search", "xyzzy") == 0
    assert line.out == "Nothing found.\n"


def test_weaker_matches_are_shown_when_asked_for_and_mentioned_where_nothing_else_is(line: Line) -> None:
    result = SearchResult("tea", SearchMode.BOTH, (), 0.1, weaker=(hit(None),))
    line.prepare = lambda container: setattr(container, "search_result", result)
    assert line("search", "tea") == 0
    assert line.out == "Nothing found.\n"
    assert "1 note came near but fell short: --weaker shows them." in line.err
    assert line("search", "tea", "--weaker") == 0
    assert "Weaker matches:" in line.out
    assert "1. Tea" in line.out
    assert "fell short" not in line.err
    assert "weaker" not in line.json("search", "tea")
    assert [each["note_id"] for each in line.json("search", "tea", "--weaker")["weaker"]] == [3]


def test_search_says_where_and_in_which_order(line: Line) -> None:
    for arguments in (["tea"], ["tea", "--in", "all", "--sort", "date"], [" -tea"]):
        assert line("search", *arguments) == 0
    as_before = (SearchOrder.RELEVANCE, Scope.NOTES)
    assert line.made.search_ways == [as_before, (SearchOrder.DATE, Scope.ALL), as_before]
    assert line.made.searches[-1][0] == " -tea"


def test_messages_are_hits_with_the_numbers_of_chat_and_message(line: Line) -> None:
    message = MessagePassage(4, 17, "Tea", "Home", Role.USER, False, NOW, "Boil\nwater.", 2, 13, 1.0, 1)
    result = SearchResult("tea", SearchMode.BOTH, (hit(),), 0.1, messages=(message,))
    line.prepare = lambda container: setattr(container, "search_result", result)
    hits = line.json("search", "tea", "--in", "all")["hits"]
    assert hits[1] == {
        "note_id": None,
        "title": "Tea",
        "path": "Home/Tea",
        "passage": "Boil\nwater.",
        "start": 2,
        "end": 13,
        "score": 1.0,
        "words_rank": 1,
        "meaning_rank": None,
        "chat_id": 4,
        "message_id": 17,
    }
    assert set(hits[0]) == set(hits[1]) - {"chat_id", "message_id"}
    assert line("search", "tea", "--in", "all") == 0
    assert "In chats:" in line.out
    assert "1. Tea   [chat 4, message 17] Home   Words #1\n   Boil water." in line.out


def test_messages_found_by_meaning_say_so(line: Line) -> None:
    message = MessagePassage(4, 17, "Tea", "", Role.USER, False, NOW, "Boil it.", 0, 8, 0.9, 2, meaning_rank=1)
    result = SearchResult("tea", SearchMode.BOTH, (), 0.1, messages=(message,), weaker_messages=(message,))
    line.prepare = lambda container: setattr(container, "search_result", result)
    assert line("search", "tea", "--in", "chats") == 0
    assert "1. Tea   [chat 4, message 17]   Meaning #1 · Words #2\n   Boil it." in line.out
    assert "Weaker matches:" not in line.out
    assert line.json("search", "tea", "--in", "chats")["hits"][0]["meaning_rank"] == 1
    (weaker,) = line.json("search", "tea", "--weaker")["weaker"]
    assert (weaker["note_id"], weaker["message_id"]) == (None, 17)


def test_messages_that_fell_short_are_mentioned_where_nothing_else_is(line: Line) -> None:
    message = MessagePassage(4, 17, "Tea", "", Role.USER, False, NOW, "Boil it.", 0, 8, 0.9, None, meaning_rank=1)
    result = SearchResult("tea", SearchMode.BOTH, (), 0.1, weaker_messages=(message,))
    line.prepare = lambda container: setattr(container, "search_result", result)
    assert line("search", "tea") == 0
    assert "1 message came near but fell short: --weaker shows them." in line.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lable:x", "“lable:” is no operator; it was sought as words."),
        ("tags:x", "Did you mean tag:?"),
        ("after:soon", "“after:soon” has no date"),
        ('"tea', "is not closed"),
        ("in:attic", "names no place"),
        ("similar:tea", "has no note's number"),
        ("tea tag:", "Nothing stands behind “tag:”"),
        ("x" * 10_001, "first 10,000 characters"),
        (" ".join(f"tag:{number}" for number in range(30)), "first 20 operators"),
    ],
)
def test_what_is_wrong_with_a_question_is_said_and_it_is_answered(line: Line, text: str, words: str) -> None:
    assert line("search", text) == 0
    assert words in line.err
    assert len(line.err) < 200
    assert line.out == "Nothing found.\n"


@pytest.mark.parametrize("text", ["--flag", "-draft", "--flag of a program", "-", "--wall=error"])
def test_a_text_may_begin_with_a_dash(line: Line, text: str) -> None:
    for words in ((text, "--limit", "5"), ("--mode=both", "--limit", "5", text), ("--limit", "5", "--", text)):
        assert line("search", *words) == 0, line.err
        assert line.made.searches[-1] == (text, SearchMode.BOTH, 5)


def test_an_option_of_the_verb_is_looked_for_behind_two_dashes(line: Line) -> None:
    assert line("search", "--", "--weaker") == 0
    assert line.made.searches[-1][0] == "--weaker"
    assert line("search", "tea", "--weakre") == 2
    assert "--weakre" in line.err
    assert line("search", "--weaker") == 2


def test_every_option_of_the_verb_is_known_as_one(line: Line) -> None:
    line("search", "--help")
    for option in re.findall(r"(?m)^  (?:-h, )?(--[a-z-]+)", line.out):
        line.container = None
        assert line("search", option, "-tea") in (0, 2)
        searches = line.container.searches if line.container is not None else []
        assert option not in [text for text, *_ in searches]
