"""The search box's grammar: filters are found, everything else stays words, and no text is an error."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.query import parse_query
from desktop_app.domain.search_dates import ENGLISH_DAYS, Period, first_day, start_of
from desktop_app.domain.search_question import (
    MOST_CHARACTERS,
    MOST_FILTERS,
    FilterKind,
    ProblemKind,
    Question,
    Scope,
    parse_question,
    with_filter,
    written,
)

TODAY = date(2026, 11, 5)  # a Thursday


def parse(text: str, *, typing: bool = False) -> Question:
    return parse_question(text, today=TODAY, typing=typing)


def filters_of(text: str, *, typing: bool = False) -> list[tuple[str, str]]:
    return [
        (("-" if each.excluded else "") + each.kind.value, each.value) for each in parse(text, typing=typing).filters
    ]


def problems_of(text: str) -> list[tuple[ProblemKind, str]]:
    return [(each.kind, each.text) for each in parse(text).problems]


@pytest.mark.parametrize(
    ("text", "words", "filters"),
    [
        ("how do I bake bread", "how do I bake bread", []),
        ("bread tag:kitchen", "bread", [("tag", "kitchen")]),
        ("TAG:#Kitchen bread", "bread", [("tag", "kitchen")]),
        ('folder:"Gen AI" attention', "attention", [("folder", "Gen AI")]),
        ("a folder:/Work/Ideas/ b", "a b", [("folder", "Work/Ideas")]),
        ("folder:/", "", [("folder", "")]),
        ("path:til/sql.md", "", [("path", "til/sql.md")]),
        ("title:“two words” x", "x", [("title", "two words")]),
        ("car -automobile", "car", [("-words", "automobile")]),
        ('car -"second hand"', "car", [("-words", '"second hand"')]),
        ("-tag:old -folder:Work x", "x", [("-tag", "old"), ("-folder", "Work")]),
        ("tag:a tag:a tag:b", "", [("tag", "a"), ("tag", "b")]),
        ("in:chats ink", "ink", [("in", "chats")]),
        ("similar:12", "", [("similar", "12")]),
        ("among:12,3 ink", "ink", [("among", "12,3")]),
        ('"tag:a is quoted" b', '"tag:a is quoted" b', []),
        ("5-6 lb_try -- - x", "5-6 lb_try -- - x", []),
        ("http://x C:\\y std::vector 12:30 localhost:8080", "http://x C:\\y std::vector 12:30 localhost:8080", []),
    ],
)
def test_filters_are_taken_out_of_the_words(text: str, words: str, filters: list[tuple[str, str]]) -> None:
    question = parse(text)
    assert (question.words, filters_of(text)) == (words, filters)
    assert question.problems == ()


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-03", date(2026, 11, 3)),
        ("2026-1-3", date(2026, 1, 3)),
        ("2026-11", date(2026, 11, 1)),
        ("2026", date(2026, 1, 1)),
        ("today", TODAY),
        ("Yesterday", date(2026, 11, 4)),
        ("this-week", date(2026, 11, 2)),
        ("last week", date(2026, 10, 26)),
        ("last month", date(2026, 10, 1)),
        ("this year", date(2026, 1, 1)),
        ("last year", date(2025, 1, 1)),
        ("2026-13", None),
        ("2026-02-30", None),
        ("0000", None),
        ("3.11.2026", None),
        ("soon", None),
    ],
)
def test_dates(typed: str, day: date | None) -> None:
    assert first_day(typed, TODAY) == day


def test_the_last_day_of_february_has_a_last_year() -> None:
    assert first_day("last year", date(2028, 2, 29)) == date(2027, 1, 1)


def test_a_day_begins_on_this_computers_clock() -> None:
    assert start_of(date(2026, 11, 3)).tzinfo is not None
    for day in (date.min, date.max):
        assert start_of(day).tzinfo is not None


def test_two_words_of_a_date_need_no_quotes() -> None:
    for text in ("ink after:last week", 'ink after:"last week"', "after:last-week ink"):
        question = parse(text)
        assert question.words == "ink"
        assert [each.day for each in question.filters] == [date(2026, 10, 26)]
    assert parse("after:today week").words == "week"


def test_other_languages_stand_beside_the_english_words() -> None:
    words = {**ENGLISH_DAYS, "letzte woche": Period.LAST_WEEK}
    question = parse_question("nach after:letzte Woche", today=TODAY, days=words)
    assert question.words == "nach"
    assert question.filters[0].day == date(2026, 10, 26)


def test_not_before_is_from_that_day_on() -> None:
    assert [each.kind for each in parse("-before:2026 -after:2027").filters] == [FilterKind.AFTER, FilterKind.BEFORE]
    assert filters_of("-in:chats") == [("in", "notes")]


@pytest.mark.parametrize(
    ("text", "words", "problems"),
    [
        ("lable:x y", "lable:x y", [(ProblemKind.UNKNOWN_OPERATOR, "lable:")]),
        ("date:2026 y", "date:2026 y", [(ProblemKind.UNKNOWN_OPERATOR, "date:")]),
        ("tags:2026 y", "tags:2026 y", [(ProblemKind.UNKNOWN_OPERATOR, "tags:")]),
        ('a "b c', 'a "b c', [(ProblemKind.UNCLOSED_QUOTE, '"b c')]),
        ("after:soon ink", "ink", [(ProblemKind.NO_DATE, "after:soon")]),
        ("in:attic ink", "ink", [(ProblemKind.NO_PLACE, "in:attic")]),
        ("similar:me ink", "ink", [(ProblemKind.NO_NUMBER, "similar:me")]),
        ("among:1,,2 ink", "ink", [(ProblemKind.NO_NUMBER, "among:1,,2")]),
        ("ink tag:", "ink", [(ProblemKind.NO_VALUE, "tag:")]),
        ("title: The ink", "title: The ink", [(ProblemKind.NO_VALUE, "title:")]),
        ('tag:"" ink', "ink", [(ProblemKind.NO_VALUE, 'tag:""')]),
        ('-"" ink', "ink", [(ProblemKind.NO_VALUE, '-""')]),
        ('folder:"Gen AI', "", [(ProblemKind.UNCLOSED_QUOTE, '"Gen AI')]),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, words: str, problems: list[tuple[ProblemKind, str]]) -> None:
    assert (parse(text).words, problems_of(text)) == (words, problems)


def test_what_was_probably_meant() -> None:
    assert [each.meant for each in parse("tags:x foldr:y since:z zzz:z").problems] == ["tag", "folder", "after", ""]


def test_scope_and_kind_of_question() -> None:
    assert parse("ink").scope is None
    assert parse("in:chat ink").scope is Scope.CHATS
    assert parse("in:notes in:messages").scope is Scope.ALL
    assert parse("tag:a").is_list
    assert not parse("tag:a ink").is_list
    assert not parse("similar:3").is_list
    assert parse("similar:3").similar_to == 3
    assert parse("  ").asks_nothing
    assert [each.kind for each in parse("in:notes similar:3 tag:a").conditions] == [FilterKind.TAG]


def test_only_what_stands_at_the_end_still_grows() -> None:
    assert parse("ink tag:ki", typing=True).filters[0].growing
    assert not parse("ink tag:ki ", typing=True).filters[0].growing
    assert not parse('tag:"ki"', typing=True).filters[0].growing
    assert not parse("ink tag:ki").filters[0].growing
    assert not parse("ink tag:ki", typing=True).open_ended
    assert parse("tag:ki ink", typing=True).open_ended


def test_a_part_is_taken_out_whole() -> None:
    for text, rest in (("tag:a ink", "ink"), ("ink tag:a", "ink"), ("black tag:a ink", "black ink"), ("tag:a", "")):
        question = parse(text)
        part = question.filters[0]
        assert question.without(part.start, part.end) == rest


def test_filters_are_written_as_they_are_read() -> None:
    for kind, value in ((FilterKind.FOLDER, "Gen AI"), (FilterKind.TAG, "a/b"), (FilterKind.WORDS, "ink")):
        excluded = kind is FilterKind.WORDS
        found = parse(with_filter("bread", written(kind, value, excluded=excluded)))
        assert found.words == "bread"
        assert [(each.kind, each.value, each.excluded) for each in found.filters] == [(kind, value, excluded)]
    assert with_filter("ink tag:a", "tag:a") == "ink tag:a "
    for text, before in (
        ('"iron ink', '"iron ink"'),
        ('ink after:yesterday folder:"AI', 'ink after:yesterday folder:"AI"'),
    ):
        assert with_filter(text, "tag:a") == f"{before} tag:a "
        assert not parse(with_filter(text, "tag:a")).problems


def test_long_questions_are_cut_and_many_filters_counted() -> None:
    assert len(parse("word " * 4_000).text) == MOST_CHARACTERS
    assert [kind for kind, _ in problems_of("x" * (MOST_CHARACTERS + 1))] == [ProblemKind.TOO_LONG]
    assert problems_of("x" * MOST_CHARACTERS) == []
    many = parse(" ".join(f"tag:t{number}" for number in range(900)))
    assert len(many.filters) == MOST_FILTERS
    assert [each.kind for each in many.problems] == [ProblemKind.TOO_MANY]
    assert many.words == ""


_PARTS = st.sampled_from(
    ["tag:", "folder:", "after:", "in:", "title:", "-", "similar:", "zz:", " ", '"', "“", "»", ":", "/", "\\", "a", "é",
     "2026", "-11", "last", "week", "notes", "\x00", "\u2028", "\ud800", "😀", "9" * 30]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(text=st.lists(_PARTS, max_size=25).map("".join), typing=st.booleans())
def test_any_text_is_a_question(text: str, typing: bool) -> None:
    question = parse(text, typing=typing)
    for part in (*question.filters, *question.problems):
        assert 0 <= part.start < part.end <= len(question.text)
    for each in question.filters:
        again = parse(question.without(each.start, each.end))
        assert len(again.text) < len(question.text)
    assert len(question.filters) <= MOST_FILTERS
    parse_query(question.words, typing=typing)


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_characters=":-", exclude_categories=("Cs",)), max_size=60))
def test_without_operators_nothing_changes(text: str) -> None:
    question = parse(text)
    assert question.words == text
    assert question.filters == ()
