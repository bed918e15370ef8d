"""One text in pieces: what a change makes of them, what is pending, words, and where the model reads from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.free_writing import (
    ACCEPTED,
    Pending,
    PieceChanges,
    changed_pieces,
    end_of_next_word,
    pending_of,
    reading_start,
    whole_text,
)

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def pieces(*texts: str, accepted: int | None = None) -> list[Message]:
    """The person's and the model's in turn; ids from 1 on."""
    made = []
    for number, text in enumerate(texts):
        role = Role.ASSISTANT if number % 2 else Role.USER
        used = {ACCEPTED: accepted} if accepted is not None and number == len(texts) - 1 else {}
        made.append(Message(number + 1, 1, number or None, 0, role, text, NOON, settings_used=used))
    return made


def applied(before: list[Message], changes: PieceChanges) -> str:
    """The text after the changes."""
    kept = []
    for piece in before:
        if piece.id == changes.dropped_id:
            break
        kept.append(changes.texts.get(piece.id, piece.text))
    return "".join(kept) + changes.added


@given(st.lists(st.text("ab \n", max_size=6), max_size=5), st.text("ab \n", max_size=20))
def test_the_changes_give_the_text_whatever_it_is(texts: list[str], wanted: str) -> None:
    before = pieces(*texts)
    changes = changed_pieces(before, wanted)
    assert applied(before, changes) == wanted
    if wanted == whole_text(before):
        assert not changes


@given(st.lists(st.text("abc ", max_size=8), min_size=1, max_size=4), st.data())
def test_a_change_in_one_piece_touches_no_other(texts: list[str], data: st.DataObject) -> None:
    before = pieces(*texts)
    text = whole_text(before)
    place = data.draw(st.integers(0, len(text)))
    changes = changed_pieces(before, f"{text[:place]}Z{text[place:]}")
    assert changes.dropped_id is None
    assert len(changes.texts) + bool(changes.added) == 1


def test_what_is_written_behind_the_models_words_is_a_piece_of_its_own() -> None:
    assert changed_pieces([], "Once") == PieceChanges(added="Once")
    assert changed_pieces(pieces("Once"), "Once upon") == PieceChanges({1: "Once upon"})
    assert changed_pieces(pieces("Once", " upon"), "Once upon a") == PieceChanges(added=" a")
    assert changed_pieces(pieces("Once", " upon", " a"), "Once upon a time") == PieceChanges({3: " a time"})


def test_a_continuation_of_which_nothing_is_left_is_taken_back() -> None:
    assert changed_pieces(pieces("Once", " upon"), "Once") == PieceChanges(dropped_id=2)
    assert changed_pieces(pieces("Once", " upon", " a"), "Once") == PieceChanges(dropped_id=2)
    assert changed_pieces(pieces("Once", " upon"), "Once, more") == PieceChanges({1: "Once, more"}, 2)
    assert changed_pieces(pieces("Once", " upon"), "On") == PieceChanges({1: "On"}, 2)


def test_what_is_left_of_a_continuation_stays_its_piece() -> None:
    assert changed_pieces(pieces("Once", " upon a"), "Once upon") == PieceChanges({2: " upon"})
    assert changed_pieces(pieces("Once", " upon a", " time"), "Once upon b time") == PieceChanges({2: " upon b"})


@pytest.mark.parametrize(
    ("texts", "accepted", "wanted"),
    [
        ((), None, None),
        (("Once",), None, None),
        (("Once", " upon"), None, Pending(2, 4)),
        (("Once", " upon a"), 5, Pending(2, 9)),
        (("Once", " upon"), 5, None),
        (("Once", " upon"), -3, Pending(2, 4)),
        (("Once", " upon", " a"), None, None),
        (("Once", ""), None, None),
    ],
)
def test_what_the_model_wrote_is_pending_until_it_is_taken_over(
    texts: tuple[str, ...], accepted: int | None, wanted: Pending | None
) -> None:
    assert pending_of(pieces(*texts, accepted=accepted)) == wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" upon a time.", [" upon", " a", " time."]),
        ("\n\nThen  he ", ["\n\nThen", "  he", " "]),
        ("海の上", ["海", "の", "上"]),
        ("", [""]),
    ],
)
def test_words_are_taken_with_the_blanks_in_front_of_them(text: str, words: list[str]) -> None:
    found, at = [], 0
    while at < len(text) or not found:
        end = end_of_next_word(text, at)
        found.append(text[at:end])
        at = end
    assert found == words


def count(text: str) -> int:
    return len(text.split())


def test_a_short_text_is_read_whole() -> None:
    assert reading_start("One two three", 10, count) == (0, 3)


def test_a_long_text_is_cut_once_and_then_grows_for_long() -> None:
    line = "The keeper wrote of wind and of ships. "
    text = "\n\n".join([line * 2] * 30)
    start, tokens = reading_start(text, 200, count)
    assert text[:start].endswith("\n\n"), "at the end of a paragraph"
    assert 60 < tokens <= 120
    grown = text
    for _ in range(8):
        grown += line
        assert reading_start(grown, 200, count, start)[0] == start
    for _ in range(10):
        grown += line
    moved, tokens = reading_start(grown, 200, count, start)
    assert moved > start
    assert tokens <= 120


def test_the_beginning_comes_back_when_much_was_taken_out() -> None:
    assert reading_start("One two three. Four", 100, count, 15) == (0, 4)


def test_a_text_far_too_long_is_counted_at_its_end_alone() -> None:
    counted: list[int] = []

    def watched(text: str) -> int:
        counted.append(len(text))
        return len(text)

    start, tokens = reading_start("x" * 1_000_000, 100, watched)
    assert tokens <= 100
    assert start > 999_000
    assert max(counted) <= 1200
