from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.reasoning import (
    OPENS_REASONING,
    Reasoned,
    ReasoningStream,
    answer_of,
    opens_reasoning,
    split_reasoning,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>\nWhy?\n</think>\n\nBecause.", Reasoned("Why?", "Because.")),
        ("\n<thinking>Why?</thinking>Because.", Reasoned("Why?", "Because.")),
        ("[THINK]Why?[/THINK]Because.", Reasoned("Why?", "Because.")),
        (
            "<|channel|>analysis<|message|>Why?<|end|><|start|>assistant<|channel|>final<|message|>Because.",
            Reasoned("Why?", "Because."),
        ),
        ("<think>Why? It is", Reasoned("Why? It is", "", is_open=True)),
        ("<think>Why?</thi", Reasoned("Why?</thi", "", is_open=True)),
        ("<think>\n\n</think>\n\nBecause.", Reasoned("", "Because.")),
        ("First this.\n\n</think>\n\nBecause.", Reasoned("First this.", "Because.")),
        ("First this.\n</think>", Reasoned("First this.", "")),
    ],
)
def test_the_families_marks(text: str, expected: Reasoned) -> None:
    assert split_reasoning(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "Because.",
        "<thin",
        "Use <think> and </think> around it.\n",
        "The tag\n```\n<think>\n</think>\n```\nis closed.",
        "A text, then <think>no reasoning</think>.",
        "<b>bold</b>",
    ],
)
def test_everything_else_is_the_answer_byte_for_byte(text: str) -> None:
    assert split_reasoning(text) == Reasoned("", text)


def test_a_text_that_begins_inside_the_reasoning() -> None:
    assert split_reasoning("Why?\n</think>\nBecause.", opened=True) == Reasoned("Why?", "Because.")
    assert split_reasoning("Why? It", opened=True) == Reasoned("Why? It", "", is_open=True)
    assert answer_of("Why?</think>Because.", {OPENS_REASONING: True}) == "Because."
    assert answer_of("Why?</think>Because.", {}) == "Why?</think>Because."


def test_which_templates_open_the_reasoning() -> None:
    assert opens_reasoning("<|user|>Hi<|assistant|><think>\n")
    assert not opens_reasoning("<|user|>Hi<|assistant|>\n<think>\n\n</think>\n\n")
    assert not opens_reasoning("<|user|>Hi<|assistant|>")


def test_a_mark_in_pieces_is_never_shown() -> None:
    stream = ReasoningStream()
    shown = [stream.append(piece) for piece in ("<th", "ink>", "Why", "? </", "thi", "nk>", "\n", "\nBe")]
    assert "".join(change.reasoning for change in shown) == "Why? "
    assert [change.answer for change in shown] == ["", "", "", "", "", "", "", "Be"]


def test_text_that_turns_out_to_be_reasoning_is_said_to_have_moved() -> None:
    stream = ReasoningStream()
    assert stream.append("First this.\n</think>").answer == "First this.\n</think>"
    assert stream.append("\nBecause").moved
    assert (stream.reasoning, stream.answer) == ("First this.", "Because")
    assert stream.append(".").answer == "."


_PIECES = st.lists(
    st.sampled_from(["<think>", "</think>", "<", "/", "think>", "\n", " ", "word", "```", "[THINK]", "[/THINK]"])
)


@given(_PIECES, st.booleans())
def test_pieces_give_the_same_parts_as_the_whole(pieces: list[str], opened: bool) -> None:
    stream = ReasoningStream(opened=opened)
    reasoning = answer = ""
    for piece in [*pieces, None]:
        change = stream.finish() if piece is None else stream.append(piece)
        if change.moved:
            reasoning, answer = stream.reasoning, stream.answer
        else:
            reasoning += change.reasoning
            answer += change.answer
    assert (reasoning, answer) == (stream.reasoning, stream.answer)
    whole = split_reasoning("".join(pieces), opened=opened)
    if stream.found:
        assert (whole.reasoning.strip(), whole.answer.strip()) == (stream.reasoning.strip(), stream.answer.strip())
    else:
        assert whole.reasoning == ""


def test_the_work_for_a_piece_does_not_grow_with_the_reasoning() -> None:
    """No property that joins everything is looked at while text arrives."""
    stream = ReasoningStream()
    stream.append("<think>")
    longest = 0
    for number in range(2_000):
        stream.append(f"word {number} ")
        longest = max(longest, len(stream._held), len(stream._recent))
    assert longest < 100
    assert len(stream._reasoning) > 2_000


def test_an_answer_whose_reasoning_a_person_took_out_is_all_answer() -> None:
    used = {OPENS_REASONING: True, "edited": True}
    assert answer_of("Because.", used) == "Because."
    assert answer_of("Why?</think>Because.", used) == "Because."
