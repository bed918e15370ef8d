"""Pieces of a note: cut where Markdown allows it, and readable each by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.source_pieces import WRITTEN, Piece, PieceCutter, code_over

WORDS = "some words of it " * 20


def cut(text: str) -> list[Piece]:
    cutter = PieceCutter()
    pieces = [piece for line in text.split("\n") if (piece := cutter.take(line)) is not None]
    rest = cutter.rest()
    return [*pieces, rest] if rest is not None else pieces


@given(st.lists(st.sampled_from(["", "```", "~~~~", "- a", "1. b", "  c", "| a |", "|---|", "$$", "# h", WORDS])))
def test_the_pieces_are_the_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    pieces = cut(text)
    assert "\n".join(piece.text for piece in pieces) == text
    assert sum(piece.lines for piece in pieces) == text.count("\n") + 1


def test_a_piece_ends_at_a_blank_line_but_not_in_a_list() -> None:
    pieces = cut("\n\n".join([WORDS] * 9))
    assert all(WRITTEN.piece <= len(piece.text) < WRITTEN.longest for piece in pieces[:-1])
    assert all(piece.text.endswith("\n") for piece in pieces[:-1])
    listed = cut("\n\n".join([f"1. {WORDS}\n\n   {WORDS}"] * 3) + "\n\nafter")
    assert len(listed) == 2
    assert listed[1].text == "after"


def test_a_long_list_goes_on_in_another_piece_at_an_item() -> None:
    tight = cut("".join(f"- {WORDS}\n  - nested\n" for _ in range(20)))
    assert len(tight) > 2
    assert all(piece.text.startswith("- ") for piece in tight)
    assert [piece.joined for piece in tight] == [False] + [True] * (len(tight) - 1)
    assert not any(piece.joined for piece in cut(f"{WORDS}\n\n" * 20))


def test_code_and_tables_that_are_too_long_go_on_with_what_began_them() -> None:
    code = cut("````python\n" + "x = 1\n```\n" * 800 + "````\nafter\n")
    assert len(code) > 2
    assert all(piece.lead == ("````python",) for piece in code[1:])
    assert code[1].source.startswith("````python\n")
    table = cut("| a | b |\n|---|:-:|\n" + "| 1 | 2 |\n" * 900 + "\n" + WORDS)
    assert table[1].lead == ("| a | b |", "|---|:-:|")
    assert cut(f"{WORDS}\n\n" * 20)[-1].lead == ()


def test_code_over_pieces_is_the_code_of_the_text() -> None:
    lines = [f"x = {number}" + "\n" * (number % 7 == 0) for number in range(1_500)]
    code = "\n".join(lines)
    pieces = cut(f"```\nother\n```\n\n```python\n{code}\n```\nafter\n\n```\nmore\n```")
    begin = next(number for number, piece in enumerate(pieces) if piece.begins_in_code) - 1
    run = [pieces[begin], *(piece for piece in pieces[begin + 1 :] if piece.begins_in_code)]
    assert len(run) > 2
    assert code_over(run) == code


def test_the_line_that_closes_code_is_no_piece_of_its_own() -> None:
    for length in range(380, 420):
        pieces = cut("```\n" + "12345678\n" * length + "```")
        assert all(piece.text.strip() != "```" for piece in pieces)


def test_formulas_stay_whole() -> None:
    formula = "$$\n" + "x + y\n\n" * 100 + "z\n$$"
    assert [piece.text for piece in cut(f"{WORDS}\n\n{WORDS}\n\n{formula}\n\nafter")][-1] == "after"
