"""Cells of tables, and columns in line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.markdown_tables import aligned, cells, is_delimiter, table_around, texts


def test_cells_are_what_stands_between_the_bars() -> None:
    assert texts(r"| a | b \| c |  |") == ["a", r"b \| c", ""]
    assert texts("a | b") == ["a", "b"]
    assert cells("|  |") == [(2, 2)]
    assert cells("no bar") == []


def test_a_table_is_found_around_its_rows_only() -> None:
    lines = ["text | with a bar", "| a | b |", "|---|--:|", "| 1 | 2 |", "", "| x |"]
    assert [table_around(lines, number) for number in range(6)] == [None, (1, 4), (1, 4), (1, 4), None, None]
    assert table_around(["| a |", "|---|---|"], 0) is None, "the head has as many cells as the line below"
    assert is_delimiter("| :-- | --- |")
    assert not is_delimiter("| - | x |")


def test_columns_are_brought_into_line() -> None:
    assert aligned(["|a|long words|", "|:-:|--:|", "|漢字漢|1|", "|x|"]) == [
        "|   a    | long words |",
        "| :----: | ---------: |",
        "| 漢字漢 |          1 |",
        "|   x    |            |",
    ]


@given(st.lists(st.lists(st.text("ab 漢\\"), min_size=1, max_size=4), min_size=1, max_size=5))
def test_no_word_is_changed_and_what_is_in_line_stays(rows: list[list[str]]) -> None:
    made = ["|" + "|".join(row) + "|" for row in rows]
    lines = [made[0], "|" + "---|" * len(texts(made[0])), *made[1:]]
    once = aligned(lines)
    for before, after in zip(lines, once, strict=True):
        if not is_delimiter(before):
            count = len(texts(before))
            assert texts(after)[:count] == texts(before)
            assert not any(texts(after)[count:])
    assert aligned(once) == once
