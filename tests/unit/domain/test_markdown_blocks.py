from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.markdown_blocks import (
    LONGEST_BLOCK,
    LONGEST_FORMULA,
    LONGEST_RUN,
    SOFT_BREAK,
    Block,
    BlockKind,
    BlockStream,
    close_inline_marks,
    open_formula_end,
    soft_broken,
    split_blocks,
    without_soft_breaks,
)


def text(source: str) -> Block:
    return Block(BlockKind.TEXT, source)


def code(source: str, language: str = "", is_open: bool = False) -> Block:
    return Block(BlockKind.CODE, source, language, is_open)


def test_paragraphs_and_headings_are_blocks() -> None:
    assert split_blocks("# Title\nfirst\nstill first\n\nsecond\n## Next\n") == [
        text("# Title"),
        text("first\nstill first"),
        text("second"),
        text("## Next"),
    ]


def test_fenced_code_is_a_block_of_its_own_with_its_language() -> None:
    source = "Before:\n```Python title=x\ndef f():\n\n    return 1\n```\nafter"
    assert split_blocks(source) == [text("Before:"), code("def f():\n\n    return 1", "python"), text("after")]


def test_a_half_open_fence_is_code_already() -> None:
    assert split_blocks("~~~\n```\nx") == [code("```\nx", is_open=True)]


def test_a_fence_closes_only_with_its_own_mark_and_at_least_its_length() -> None:
    assert split_blocks("````\n```\n~~~~\n`````\nx") == [code("```\n~~~~"), text("x")]


def test_code_inside_a_list_item_is_taken_out_and_the_list_goes_on() -> None:
    source = "1. First:\n   ```sh\n   ls\n     -l\n   ```\n   then this\n2. Second"
    assert split_blocks(source) == [text("1. First:"), code("ls\n  -l", "sh"), text("then this\n2. Second")]


def test_a_loose_list_stays_one_block_and_ends_at_a_paragraph() -> None:
    source = "- one\n\n- two\n\n  more of two\n\nA paragraph"
    assert split_blocks(source) == [text("- one\n\n- two\n\n  more of two"), text("A paragraph")]


def test_a_long_table_is_cut_between_rows_and_its_head_repeated_for_reading() -> None:
    head = "| a | b |\n|---|---|"
    rows = [f"| cell {n} | cell |" for n in range(LONGEST_BLOCK // 5)]
    blocks = split_blocks("\n".join([head, *rows, "", "after"]))
    *parts, after = blocks
    assert after == text("after")
    assert len(parts) > 2
    assert all(len(part.text) < LONGEST_BLOCK + 100 for part in parts)
    assert [part.continues for part in parts] == [False] + [True] * (len(parts) - 1)
    assert [part.goes_on for part in parts] == [True] * (len(parts) - 1) + [False]
    assert all(part.text.startswith(head + "\n") for part in parts)
    assert "\n".join(part.text.removeprefix(head + "\n") for part in parts) == "\n".join(rows)


def test_a_list_of_one_endless_item_is_cut_too() -> None:
    nested = "- outer\n" + "\n".join(f"    - inner {n} of many" for n in range(LONGEST_BLOCK // 5))
    parts = split_blocks(nested)
    assert len(parts) > 2
    assert all(len(part.text) < LONGEST_BLOCK + 100 for part in parts)
    assert parts[1].text.startswith("- inner")
    wordy = "- outer\n" + "\n".join(f"  words of line {n}" for n in range(LONGEST_BLOCK // 2))
    assert max(len(part.text) for part in split_blocks(wordy)) < 2 * LONGEST_BLOCK + 100


@pytest.mark.parametrize(
    "source",
    ["word " * 8_000, "word " * 8_000 + "\n\nend", "line of words\n" * 3_000, "- item\n" * 5_000, "x" * 60_000],
)
def test_no_block_grows_beyond_bounds(source: str) -> None:
    blocks = split_blocks(source)
    assert max(len(block.text) for block in blocks) <= LONGEST_BLOCK + LONGEST_RUN
    assert len(blocks) >= len(source) // (LONGEST_BLOCK + LONGEST_RUN)
    assert "".join("".join(block.text.split()) for block in blocks) == "".join(source.split())


def test_a_mark_that_may_become_something_is_held_back_until_the_line_goes_on() -> None:
    stream = BlockStream()
    stream.append("A line\n-")
    assert stream.blocks == [text("A line")]
    stream.append(" item")
    assert stream.blocks == [text("A line\n- item")]


def test_finish_shows_what_was_held_back() -> None:
    stream = BlockStream()
    stream.append("2 *")
    stream.append("\n*")
    stream.finish()
    assert stream.blocks == [text("2 *\n*")]


def test_append_names_the_first_changed_block() -> None:
    stream = BlockStream()
    assert stream.append("one\n\ntwo") == 0
    assert stream.append(" more") == 1
    assert stream.append("\n\nthree") == 2
    assert stream.append("") == 3


def test_the_cost_of_an_append_does_not_touch_settled_blocks() -> None:
    stream = BlockStream()
    stream.append("paragraph\n\n" * 500)
    first = stream.blocks[0]
    assert stream.append("the end") == 500
    assert stream.blocks[0] is first


PIECES = st.lists(
    st.sampled_from(
        [
            "word",
            " ",
            "\n",
            "\n\n",
            "```",
            "~~~",
            "`",
            "- ",
            "1. ",
            "> ",
            "# ",
            "---",
            "| a |",
            "  ",
            "   ",
            "**",
            "\r\n",
        ]
    ),
    max_size=40,
)


@given(PIECES)
def test_streamed_in_pieces_equals_split_at_once(pieces: list[str]) -> None:
    stream = BlockStream()
    seen: list[Block] = []
    for piece in pieces:
        changed = stream.append(piece)
        assert stream.blocks[:changed] == seen[:changed]
        seen = list(stream.blocks)
    stream.finish()
    assert stream.blocks == split_blocks("".join(pieces))


@given(PIECES)
def test_every_character_but_white_space_stays(pieces: list[str]) -> None:
    source = "".join(piece for piece in pieces if piece not in ("```", "~~~", "`"))
    shown = "".join(block.text for block in split_blocks(source))
    assert "".join(shown.split()) == "".join(source.split())


@pytest.mark.parametrize(
    ("half", "closed"),
    [
        ("a **bold", "a **bold**"),
        ("a **bold*", "a **bold**"),
        ("a **", "a "),
        ("use `code", "use `code`"),
        ("use `", "use "),
        ("done **bold** and `code`", "done **bold** and `code`"),
        ("`a ** b`", "`a ** b`"),
        ("first ** alone\n\nsecond", "first ** alone\n\nsecond"),
        ("", ""),
    ],
)
def test_half_open_marks_are_closed(half: str, closed: str) -> None:
    assert close_inline_marks(half) == closed


def test_soft_breaks_bound_each_run_and_can_be_undone() -> None:
    source = "short " + "x" * (LONGEST_RUN * 2 + 5) + " " + "y" * LONGEST_RUN
    broken = soft_broken(source)
    assert broken.count(SOFT_BREAK) == 2
    assert max(len(run) for run in broken.replace(SOFT_BREAK, " ").split()) <= LONGEST_RUN
    assert without_soft_breaks(broken) == source
    assert soft_broken("plain text") == "plain text"


@pytest.mark.parametrize(
    "formula",
    [
        "$$\na\n\n- b\n# c\n$$",
        "\\[\na\n\n= b\n\\]",
        "So:\n\\[\n+ a\n\\]",
        "It is $$\n- a\n\n- b\n$$",
        "\\begin{align}\na\n\n- b\n\\end{align}",
    ],
)
def test_a_formula_on_lines_of_its_own_is_never_cut(formula: str) -> None:
    blocks = split_blocks(f"Before\n\n{formula}\n\nAfter")
    assert blocks == [text("Before"), text(formula), text("After")]


def test_a_formula_that_is_never_closed_ends_at_code_and_at_its_longest_length() -> None:
    assert split_blocks("$$\na\n```\nx\n```") == [text("$$\na"), code("x")]
    rest = "\n\n".join(["word " * 20] * (LONGEST_FORMULA // 50))
    assert len(split_blocks(f"$$ is the process id\n\n{rest}")) > 10


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("$$\na", "\n$$"),
        ("$$\na\n$", "$"),
        ("$$\na\n$$", ""),
        ("\\[ a", "\n\\]"),
        ("\\[ a\n\\]", ""),
        ("word \\(a", "\\)"),
        ("word \\(a\\) b", ""),
        ("`\\(a", ""),
        ("\\begin{align*}\na", "\n\\end{align*}"),
        ("It costs $5", ""),
    ],
)
def test_what_closes_a_half_written_formula(source: str, missing: str) -> None:
    assert open_formula_end(source) == missing


@given(
    st.lists(
        st.sampled_from(["$$", "\\[", "\\]", "\n", "a", "- ", " ", "\\begin{align}", "\\end{align}", "```", "$", "\\"])
    )
)
def test_formulas_in_pieces_give_the_same_blocks_as_the_whole(pieces: list[str]) -> None:
    stream = BlockStream()
    for piece in pieces:
        stream.append(piece)
    stream.finish()
    assert stream.blocks == split_blocks("".join(pieces))
