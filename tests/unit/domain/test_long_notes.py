"""The tail of a long text in pieces: always the whole of it, and few new ones after an edit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain import long_notes
from desktop_app.domain.long_notes import TailChange, change_of_tail, tail_start


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_notes, "HEAD_BYTES", 20)
    monkeypatch.setattr(long_notes, "PIECE_CHARACTERS", 8)


def applied(pieces: list[str], change: TailChange) -> list[str]:
    return [*pieces[: change.front], *change.pieces, *pieces[len(pieces) - change.back :]]


def test_a_text_that_fits_has_no_tail() -> None:
    assert tail_start("a" * 20) == 20
    assert change_of_tail([], "ä" * 10) == TailChange(0, 0, ())
    assert tail_start("ä" * 11) < 11


def test_the_tail_begins_in_front_of_the_word_that_the_head_cuts() -> None:
    text = "one two three four fivesix seven"
    assert text[tail_start(text) :] == "fivesix seven"


def test_the_heads_end_may_lie_within_a_character() -> None:
    text = "a" * 19 + "ä" + " more"
    assert text[tail_start(text) :] == "ä more"


_TEXTS = st.lists(st.sampled_from(("a", "bc ", "\n", "ü", "word ", "longword", "\0")), max_size=60).map("".join)


@given(_TEXTS, _TEXTS)
def test_the_pieces_are_the_tail_whatever_it_was_before(first: str, second: str) -> None:
    pieces = applied([], change_of_tail([], first))
    assert "".join(pieces) == first[tail_start(first) :]
    change = change_of_tail(pieces, second)
    assert "".join(applied(pieces, change)) == second[tail_start(second) :]
    assert all(change.pieces)


def test_an_edit_makes_few_pieces_new() -> None:
    text = " ".join(f"w{number}" for number in range(200))
    pieces = applied([], change_of_tail([], text))
    assert len(pieces) > 50
    for edited in ("x" + text, text[:300] + "new " + text[300:], text + " end", text[:300] + text[310:]):
        assert len(change_of_tail(pieces, edited).pieces) <= 3


def test_many_edits_at_one_place_leave_no_crumbs() -> None:
    text = " ".join(f"w{number}" for number in range(200))
    pieces = applied([], change_of_tail([], text))
    count = len(pieces)
    for number in range(100):
        text = text[:300] + chr(ord("A") + number % 26) + text[300:]
        pieces = applied(pieces, change_of_tail(pieces, text))
    assert len(pieces) <= count + 100 // 4
