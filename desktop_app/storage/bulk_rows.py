"""Many rows at once, their ids given out beforehand, so that rows that name each other go in by the hundred."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, insert, text

_ROWS_AT_ONCE = 500


def next_id(connection: Connection, table: str) -> int:
    """The id that the next row of an AUTOINCREMENT table would get; no other writer is at work."""
    used = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :table"), {"table": table}).scalar()
    return int(used or 0) + 1


def insert_rows(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns, in the order they come."""
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS_AT_ONCE:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
