"""Sentences: where they end, and where a stop ends none."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain import sentences
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


@given(st.text(st.sampled_from('.!?…。！ )"’\n-#|`1aZ\t'), max_size=60), st.integers(1, 9))
def test_places_are_tried_as_one_search_would_find_them(text: str, at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentences, "_AT_ONCE", at_once)
        found = [one.span() for one in sentences._boundaries(text)]
    assert found == [one.span() for one in sentences._BOUNDARY.finditer(text)]


@pytest.mark.parametrize("text", ["word and more ", "w", ".", "a line as it stands in a long log\n"])
def test_a_long_text_without_sentences_stops_nobody(text: str) -> None:
    long = text * (10_000_000 // len(text))
    started = time.process_time()
    sentence_spans(long)
    # One search over all of it took a second, in which no other thread ran.
    assert time.process_time() - started < 0.6
