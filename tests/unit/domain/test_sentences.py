"""Sentences: where they end, and where a stop ends none."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.sentences import sentence_spans


def _split(text: str, *, by_line: bool = False) -> list[str]:
    return [text[span.start : span.end] for span in sentence_spans(text, by_line=by_line)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("He said “go.” She went.", ["He said “go.”", "She went."]),
        ("Use fruit, e.g. Apples. Dr. Who came.", ["Use fruit, e.g. Apples.", "Dr. Who came."]),
        ("Version 3.11 is out. yes", ["Version 3.11 is out. yes"]),
        ("the flow is slow . the end .", ["the flow is slow .", "the end ."]),
        ("你好。再见！", ["你好。", "再见！"]),
        ("a line\nwrapped here\n\nnew paragraph", ["a line\nwrapped here", "new paragraph"]),
        ("list\n- one\n- two", ["list", "- one", "- two"]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert _split(text) == expected


def test_code_goes_by_line() -> None:
    assert _split("a = 1. \n\nb.c()", by_line=True) == ["a = 1.", "b.c()"]


@given(st.text(alphabet="aB. !?\n-。\"'", max_size=200))
def test_every_visible_character_is_in_one_sentence(text: str) -> None:
    spans = sentence_spans(text)
    assert "".join(text[s.start : s.end] for s in spans).replace(" ", "").replace("\n", "") == "".join(text.split())
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
