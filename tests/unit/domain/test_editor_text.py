"""Text goes through an editor and comes back byte for byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.editor_text import (
    LIMIT,
    MARKS,
    RUN_LIMIT,
    SOFT_BREAK,
    character_at,
    decode,
    display_position,
    encode,
    encode_paste,
    unit_count,
)

_AWKWARD = "\0\r\n\u2028\u2029\ufdd0\ufdd1\ufffc\ufeff\u206a\u206b\u206c\u206d␀␍⓪①②③ ab\U0001f642\u05d0\u00a0"
_FORBIDDEN = re.compile("[\0\r\u2028\u2029\ufdd0\ufdd1\ufffc\ufeff\ufffe]")


@given(st.text(alphabet=_AWKWARD, max_size=60) | st.text(max_size=200), st.integers(1, 12))
def test_a_text_comes_back_byte_for_byte(text: str, limit: int) -> None:
    encoded = encode(text, limit)
    assert decode(encoded.display, encoded.line_end) == text
    assert not _FORBIDDEN.search(encoded.display)


@given(st.text(alphabet=_AWKWARD, max_size=60) | st.text(max_size=200), st.integers(0, 200))
def test_units_and_characters_are_told_from_each_other(text: str, place: int) -> None:
    assert unit_count(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2
    place = min(place, len(text))
    assert character_at(text, unit_count(text[:place])) == place


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_are_kept_and_new_lines_take_the_usual_one(line_end: str) -> None:
    encoded = encode(line_end.join(("one", "two", "three")))
    assert encoded.display == "one\ntwo\nthree"
    assert decode(encoded.display + "\nfour", encoded.line_end) == line_end.join(("one", "two", "three", "four"))


def test_a_line_that_ends_otherwise_keeps_its_end() -> None:
    text = "a\r\nb\r\nc\nd"
    encoded = encode(text)
    assert encoded.line_end == "\r\n"
    assert encoded.display.replace("\u206b", "") == "a\nb\nc\nd"
    assert decode(encoded.display, encoded.line_end) == text


def test_an_unbroken_word_is_broken_softly_and_joined_again() -> None:
    word = "x" * 200_000
    encoded = encode(word)
    assert max(len(line) for line in encoded.display.split("\n")) <= RUN_LIMIT + 2
    assert decode(encoded.display) == word


def test_a_long_word_within_a_line_is_broken_softly_too() -> None:
    text = "before " * 100 + "x" * 9_000 + " after" * 100
    encoded = encode(text)
    word = text.index("x")
    assert encoded.breaks[0] <= word + RUN_LIMIT
    assert len(encoded.breaks) >= 3
    assert decode(encoded.display) == text


def test_a_long_line_breaks_after_a_blank() -> None:
    text = "word " * 4_000
    encoded = encode(text)
    assert encoded.breaks
    assert all(text[cut - 1] == " " for cut in encoded.breaks)
    assert all(LIMIT * 0.7 < len(line) <= LIMIT + 2 for line in encoded.display.split("\n")[:-1])


def test_short_text_carries_no_marks() -> None:
    assert not MARKS & set(encode("# Title\n\nText").display)


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        (f"aaa{SOFT_BREAK}bbb\nc", "aaabbb\nc"),
        (f"aaa{SOFT_BREAK[0]}typed{SOFT_BREAK[1:]}bbb\nc", "aaatypedbbb\nc"),
        (f"aaa{SOFT_BREAK[:2]}typed{SOFT_BREAK[2]}bbb\nc", "aaatypedbbb\nc"),
        (f"aaa{SOFT_BREAK[0]}\n\n{SOFT_BREAK[2]}bbb", "aaa\nbbb"),
        (f"aaa{SOFT_BREAK[0]}{SOFT_BREAK[2]}bbb\nc", "aaabbb\nc"),
        (f"aaa\n{SOFT_BREAK[2]}bbb", "aaa\nbbb"),
        ("a\u206a", "a"),
    ],
    ids=["untouched", "typed before", "typed after", "Enter at the break", "Backspace at the break", "cut", "escape"],
)
def test_edits_around_a_soft_break_mean_what_was_seen(edited: str, expected: str) -> None:
    assert decode(edited) == expected


def test_a_position_counts_utf16_marks_and_soft_breaks() -> None:
    text = "\U0001f642" + "x" * 30 + "here"
    encoded = encode(text, limit=10)
    position = display_position(text, encoded, text.index("here"))
    units = encoded.display.encode("utf-16-le")
    assert units[2 * position :].decode("utf-16-le").replace(SOFT_BREAK, "") == "here"


def test_pasted_line_ends_become_the_notes_own() -> None:
    assert encode_paste("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
