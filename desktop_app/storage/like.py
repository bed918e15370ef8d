"""Narrowing titles by what a person types."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import ColumnElement, func


def contains(column: ColumnElement[Any], typed: str) -> ColumnElement[bool]:
    """Each word typed stands somewhere in the column, whatever the case of its letters."""
    result: ColumnElement[bool] = column.is_not(None)
    for word in typed.split():
        # LIKE folds ASCII letters only; the function of `register` folds all, at a call for each row.
        folded = column if word.isascii() else func.casefold(column)
        result = result & folded.like(f"%{_escaped(word.casefold())}%", escape="\\")
    return result


def begins_with(column: ColumnElement[Any], typed: str) -> ColumnElement[bool]:
    """The column, which holds folded text, begins with what is typed."""
    return column.like(f"{_escaped(typed)}%", escape="\\")


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the SQL function `casefold`."""
    connection.create_function(
        "casefold", 1, lambda value: value.casefold() if isinstance(value, str) else value, deterministic=True
    )


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
