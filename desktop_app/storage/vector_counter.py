"""A number that grows at every change of what the search matrix is built from."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from desktop_app.storage.tables import counters

_NAME = "vectors"


def bump(connection: Connection) -> None:
    """Say that chunks, vectors or the trash changed."""
    connection.execute(update(counters).where(counters.c.name == _NAME).values(value=counters.c.value + 1))


def value(connection: Connection) -> int:
    """The number now."""
    return int(connection.execute(select(counters.c.value).where(counters.c.name == _NAME)).scalar_one())
