"""From tokens to text: whole characters, nothing taken back, ids that belong to the text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.workers.decoder_worker.answer_text import AnswerText

SPELLED = 1000


def spell(text: str) -> tuple[int, ...]:
    return tuple(SPELLED + ord(character) for character in text)


def feed(pieces: list[bytes], stops: tuple[str, ...] = (), before: bytes = b"") -> tuple[list[str], list[int], bool]:
    text = AnswerText(stops, before, spell)
    shown: list[str] = []
    ids: list[int] = []
    stopped = False
    for number, piece in enumerate(pieces):
        stopped = text.add(number, piece)
        new, tokens = text.take()
        shown.append(new)
        ids.extend(tokens)
        if stopped:
            break
    text.end()
    new, tokens = text.take()
    return [*shown, new], [*ids, *tokens], stopped


def test_half_a_character_waits() -> None:
    shown, ids, _ = feed([b"a", b"\xf0\x9f", b"\x99\x82!"])
    assert shown == ["a", "", "🙂!", ""]
    assert ids == [0, 1, 2]


def test_half_a_character_at_the_end_is_not_shown() -> None:
    shown, ids, _ = feed([b"a", b"\xf0\x9f"])
    assert "".join(shown) == "a"
    assert ids == [0, 1]


def test_a_continued_answer_completes_the_character() -> None:
    shown, _, _ = feed([b"\x99\x82!"], before=b"abcdefgh\xf0\x9f")
    assert "".join(shown) == "🙂!"


def test_a_long_token_is_whole() -> None:
    assert feed([b"x" * 5000])[0][0] == "x" * 5000


def test_a_stop_string_over_three_tokens_is_never_shown() -> None:
    shown, ids, stopped = feed([b"one ", b"E", b"N", b"D", b"more"], stops=("END",))
    assert stopped
    assert "".join(shown) == "one "
    assert shown[1:3] == ["", ""]
    assert ids == [0]


def test_what_only_looked_like_a_stop_string_is_shown() -> None:
    shown, ids, stopped = feed([b"E", b"N", b"T", b"er"], stops=("END",))
    assert not stopped
    assert "".join(shown) == "ENTer"
    assert ids == [0, 1, 2, 3]


def test_what_waits_at_the_end_is_shown() -> None:
    shown, ids, stopped = feed([b"the E", b"N"], stops=("END",))
    assert not stopped
    assert "".join(shown) == "the EN"
    assert ids == [0, 1]


def test_a_cut_token_is_spelled_anew() -> None:
    shown, ids, stopped = feed([b"abENDxy"], stops=("END",))
    assert stopped
    assert "".join(shown) == "ab"
    assert ids == list(spell("ab"))


@given(st.text(max_size=60), st.lists(st.integers(1, 4), max_size=60), st.sampled_from(["ab", "aab", "é", "\n\n"]))
def test_text_is_that_before_the_first_stop_string(text: str, lengths: list[int], stop: str) -> None:
    data = text.encode()
    pieces: list[bytes] = []
    for length in [*lengths, *[3] * len(data)]:
        if data:
            pieces.append(data[:length])
            data = data[length:]
    shown, _, stopped = feed(pieces, stops=(stop,))
    assert "".join(shown) == text.split(stop)[0]
    assert stopped == (stop in text)
