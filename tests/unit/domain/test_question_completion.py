"""What a half-typed question may become."""

from __future__ import annotations

from datetime import date

import pytest

from desktop_app.domain.question_completion import QuestionPart, part_before, suggestions
from desktop_app.domain.search_question import FilterKind, parse_question

TAGS = [("garden", 3), ("regarding", 1), ("work/ink", 2)]
FOLDERS = [("Gen AI", 4), ("Home", 2)]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("tyres ta", QuestionPart("ta")),
        ("-ta", QuestionPart("ta")),
        ("t", None),
        ("tyres tag:", QuestionPart("", FilterKind.TAG)),
        ("-TAG:gar", QuestionPart("gar", FilterKind.TAG)),
        ('folder:"Gen A', QuestionPart('"Gen A', FilterKind.FOLDER)),
        ('folder:"Gen AI" ', None),
        ("folder:Home ink", QuestionPart("ink")),
        ("see http:x", None),
        ("tag:garden ", None),
    ],
)
def test_the_part_before_the_cursor(text: str, part: QuestionPart | None) -> None:
    assert part_before(text) == part


def offered(text: str) -> list[str]:
    part = part_before(text)
    return [] if part is None else [each.written for each in suggestions(part, TAGS, FOLDERS)]


def test_operators_and_values_are_offered() -> None:
    assert offered("ta") == ["tag:"]
    assert offered("table") == []
    assert offered("tag:") == ["garden ", "regarding ", "work/ink "]
    assert offered("tag:ard") == ["garden ", "regarding "]
    assert offered("tag:RE") == ["regarding "]
    assert offered("tag:garden") == []
    assert offered("folder:g") == ['"Gen AI" ']
    assert offered('folder:"gen') == ['"Gen AI" ']
    assert offered("in:") == ["notes ", "chats ", "all "]
    assert "yesterday " in offered("after:")
    assert offered("title:x") == []


def test_what_is_taken_is_understood() -> None:
    for beginning in ("tag:", "folder:", "in:", "after:", "before:"):
        for value in offered(beginning):
            question = parse_question(beginning + value, today=date(2026, 3, 1))
            assert question.problems == ()
            assert len(question.filters) == 1
