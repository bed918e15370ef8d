"""Lines in the order of their words."""

from __future__ import annotations

import pytest

from desktop_app.domain.sorted_lines import sorted_lines


@pytest.mark.parametrize(
    ("lines", "ordered"),
    [
        (["b", "A", "ä", "c"], ["A", "ä", "b", "c"]),
        (["part 10", "part 9"], ["part 9", "part 10"]),
        (["- [ ] b", "- [x] a"], ["- [x] a", "- [ ] b"]),
        (["- b", "  - under b", "  words", "- a"], ["- a", "- b", "  - under b", "  words"]),
        (["b", "", "a"], ["a", "b", ""]),
        (["- b", "", "  of b", "", "- a", "", "  of a"], ["- a", "", "  of a", "- b", "", "  of b", ""]),
        (["a", "b", "c"], ["c", "b", "a"]),
        (["| z |", "|---|", "| b |", "| a |"], ["| z |", "|---|", "| a |", "| b |"]),
        (["---", "b", "a"], ["---", "a", "b"]),
        (["2. b", "1. a"], ["1. a", "2. b"]),
        (["a 2", "a", "2"], ["2", "a", "a 2"]),
        ([], []),
    ],
)
def test_lines_are_sorted_and_turned_round_where_they_were(lines: list[str], ordered: list[str]) -> None:
    assert sorted_lines(lines) == ordered
