"""Narrowing titles by what a person types."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, case, cast, func


def contains(column: ColumnElement[Any], typed: str) -> ColumnElement[bool]:
    """Each word typed stands somewhere in the column, whatever the case of its letters."""
    result: ColumnElement[bool] = column.is_not(None)
    for word in typed.split():
        # LIKE folds ASCII letters only; the function of `register` folds all, at a call for each row.
        folded = column if word.isascii() else func.casefold(column)
        result = result & folded.like(f"%{_escaped(word.casefold())}%", escape="\\")
    return result


def name_contains(column: ColumnElement[Any], typed: str) -> ColumnElement[bool]:
    """The same for a short column, whatever its accents, too."""
    result: ColumnElement[bool] = column.is_not(None)
    for word in typed.split():
        result = result & plain(column).like(f"%{_escaped(_plain(word))}%", escape="\\")
    return result


def plain(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column in small letters without accents: how it is compared and sorted."""
    is_ascii = func.length(column) == func.length(cast(column, LargeBinary))
    return case((is_ascii, func.lower(column)), else_=func.plain(column))  # a call costs more than a look


def begins_with(column: ColumnElement[Any], typed: str) -> ColumnElement[bool]:
    """The column begins with what is typed, whatever case and accents."""
    return plain(column).like(f"{_escaped(_plain(typed))}%", escape="\\")


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the SQL functions `casefold` and `plain`."""
    connection.create_function(
        "casefold", 1, lambda value: value.casefold() if isinstance(value, str) else value, deterministic=True
    )

    connection.create_function(
        "plain", 1, lambda value: _plain(value) if isinstance(value, str) else value, deterministic=True
    )


def _plain(text: str) -> str:
    from desktop_app.domain.folding import fold  # the window's start needs none

    return fold(text.casefold())


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
