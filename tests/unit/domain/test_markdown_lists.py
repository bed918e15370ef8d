"""Lists while they are written: in and out, numbers, tasks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.markdown_lists import (
    indented,
    item_of,
    number_after,
    outdented,
    renumbered,
    shifted_lines,
    with_tasks,
)

LINES = st.builds(
    lambda depth, sign, words: " " * 4 * depth + sign + words,
    st.integers(0, 3),
    st.sampled_from(["- ", "* ", "1. ", "2. ", "- [ ] ", "7) [x] ", ""]),
    st.sampled_from(["ink", "", "𝄞 Tinte"]),
)


@pytest.mark.parametrize(
    ("line", "lead", "box"),
    [("- ink", 2, -1), ("  12) ink", 6, -1), ("- [x] ink", 6, 3), ("-", 1, -1), ("- [ ]", 5, 3), ("\t* a", 3, -1)],
)
def test_what_an_item_begins_with(line: str, lead: int, box: int) -> None:
    item = item_of(line)
    assert item is not None
    assert (item.lead, item.box) == (lead, box)


@pytest.mark.parametrize("line", ["ink", "-ink", "1.ink", "* * *", "- - -", "", "    "])
def test_what_is_no_item(line: str) -> None:
    assert item_of(line) is None


def test_an_item_goes_in_with_all_that_is_below_it() -> None:
    lines = ["- a", "- b", "  more", "    - c", "", "    - d", "- e"]
    assert indented(lines, 1) == ["- a", "    - b", "      more", "        - c", "", "        - d", "- e"]


def test_an_item_goes_as_far_in_as_its_list_does() -> None:
    assert indented(["- a", "  - b", "- c"], 2) == ["- a", "  - b", "  - c"]
    assert indented(["- a", "\t- b", "- c", "- d"], 3) == ["- a", "\t- b", "- c", "\t- d"]
    assert indented(["- a", "        - b", "    - c", "- d"], 3)[3] == "    - d"
    # Two blanks are not deep enough below a number.
    assert indented(["- a", "  - b", "1. c", "2. d"], 3)[3] == "   2. d"


def test_the_first_item_of_a_list_stays() -> None:
    assert indented(["- a", "    - b"], 0) == ["- a", "    - b"]
    assert indented(["- a", "    - b"], 1) == ["- a", "    - b"]
    assert indented(["words", "- a"], 1) == ["words", "- a"]


def test_an_item_goes_out_beside_the_one_it_was_below() -> None:
    lines = ["- a", "    - b", "        - c", "    - d"]
    assert outdented(lines, 1) == ["- a", "- b", "    - c", "    - d"]
    assert outdented(["   - a"], 0) == ["- a"]
    assert outdented(["- a"], 0) == ["- a"]


def test_numbers_follow_to_the_end_of_the_list_and_no_further() -> None:
    lines = ["1. a", "2. b", "3. c", "words", "3. other"]
    assert renumbered(lines, indented(lines, 1), 1) == ["1. a", "    1. b", "2. c", "words", "3. other"]
    nested = ["1. a", "    1. b", "    2. c", "2. d"]
    assert renumbered(nested, outdented(nested, 1), 1) == ["1. a", "2. b", "    2. c", "3. d"]


def test_a_list_keeps_its_own_way_of_counting() -> None:
    same = ["1. a", "1. b", "1. c"]
    assert renumbered(same, ["1. a", "1. b", "1. x", "1. c"], 2) == ["1. a", "1. b", "1. x", "1. c"]
    assert number_after(same, 1) == 1
    assert number_after(["5) a"], 0) == 6
    assert number_after(["- a"], 0) is None
    assert renumbered(["01. a", "02. b"], ["01. a", "02. b"], 0) == ["01. a", "02. b"]


def test_lines_become_tasks_then_are_ticked_then_opened() -> None:
    lines = ["buy ink", "", "- pens", "    2. paper"]
    tasks = with_tasks(lines)
    assert tasks == ["- [ ] buy ink", "", "- [ ] pens", "    2. [ ] paper"]
    ticked = with_tasks(["- [ ] buy ink", "- [x] pens"])
    assert ticked == ["- [x] buy ink", "- [x] pens"]
    assert with_tasks(ticked) == ["- [ ] buy ink", "- [ ] pens"]
    assert with_tasks([""]) == ["- [ ] "]


def test_lines_go_in_and_out_together() -> None:
    assert shifted_lines(["a", "", "  b"], back=False) == ["    a", "", "      b"]
    assert shifted_lines(["    a", "\tb", " c", "d"], back=True) == ["a", "b", "c", "d"]


@given(st.lists(LINES, min_size=1, max_size=8), st.data())
def test_only_blanks_in_front_change(lines: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(lines) - 1))
    for moved in (indented(lines, at), outdented(lines, at)):
        assert [line.lstrip() for line in moved] == [line.lstrip() for line in lines]
        assert moved[:at] == lines[:at]
        counted = renumbered(lines, moved, at)
        assert [line.lstrip(" \t0123456789") for line in counted] == [line.lstrip(" \t0123456789") for line in lines]


@settings(max_examples=400)
@given(st.lists(LINES, min_size=1, max_size=8), st.data())
def test_out_is_the_way_back_from_in(lines: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(lines) - 1))
    moved = indented(lines, at)
    if moved != lines:
        assert outdented(moved, at) == lines
