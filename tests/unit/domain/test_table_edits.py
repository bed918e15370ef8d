"""Rows and columns of tables as a whole."""

from __future__ import annotations

import pytest

from desktop_app.domain.table_edits import TableEdit, column_at, edited

TABLE = ["| a | b |", "|---|:-:|", "| 1 | 2 |", "| 3 |"]


@pytest.mark.parametrize(
    ("edit", "row", "column", "lines", "place"),
    [
        (
            TableEdit.ADD_COLUMN,
            2,
            0,
            ["| a   |     |  b  |", "| --- | --- | :-: |", "| 1   |     |  2  |", "| 3   |     |     |"],
            (2, 1),
        ),
        (TableEdit.DELETE_COLUMN, 2, 1, ["| a   |", "| --- |", "| 1   |", "| 3   |"], (2, 0)),
        (TableEdit.COLUMN_RIGHT, 0, 0, ["|  b  | a   |", "| :-: | --- |", "|  2  | 1   |", "|     | 3   |"], (0, 1)),
        (TableEdit.COLUMN_LEFT, 0, 0, ["| a   |  b  |", "| --- | :-: |", "| 1   |  2  |", "| 3   |     |"], (0, 0)),
        (TableEdit.ALIGN_COLUMN, 3, 1, ["| a   |   b |", "| --- | --: |", "| 1   |   2 |", "| 3   |     |"], (3, 1)),
        (TableEdit.DELETE_ROW, 3, 0, ["| a   |  b  |", "| --- | :-: |", "| 1   |  2  |"], (2, 0)),
        (TableEdit.DELETE_ROW, 0, 1, ["| 1   |  2  |", "| --- | :-: |", "| 3   |     |"], (0, 1)),
    ],
)
def test_edits(edit: TableEdit, row: int, column: int, lines: list[str], place: tuple[int, int]) -> None:
    after = edited(TABLE, row, column, edit)
    assert after.lines == lines
    assert (after.row, after.column) == place


def test_alignment_goes_round() -> None:
    lines, rules = ["| a |", "|---|"], []
    for _ in range(4):
        lines = edited(lines, 0, 0, TableEdit.ALIGN_COLUMN).lines
        rules.append(lines[1])
    assert rules == ["| :-- |", "| :-: |", "| --: |", "| --- |"]


def test_what_loses_its_last_column_or_its_head_is_gone() -> None:
    assert edited(["| a |", "|---|", "| b |"], 2, 0, TableEdit.DELETE_COLUMN).lines == []
    assert edited(["| a | b |", "|---|---|"], 0, 0, TableEdit.DELETE_ROW).lines == []


def test_bars_that_are_written_out_stay_words() -> None:
    after = edited(["| a \\| b | c |", "|---|---|"], 0, 1, TableEdit.COLUMN_LEFT)
    assert after.lines[0] == "| c   | a \\| b |"
    assert [column_at("| a \\| b | c |", place) for place in (0, 2, 7, 11, 14)] == [0, 0, 0, 1, 1]
    assert [column_at("a | b", place) for place in (0, 4)] == [0, 1]
