"""Numbers that grow at every change of what the search's matrices are built from."""

from __future__ import annotations

from sqlalchemy import Connection, Text, bindparam, select, update

from desktop_app.storage.tables import counters

_NOTES = "vectors"

MESSAGES = "message_vectors"
"""That of messages; triggers make it grow, too, where passages go and where chats go into the trash or come back."""
_ONE_MORE = (
    update(counters).where(counters.c.name == bindparam("counter", type_=Text)).values(value=counters.c.value + 1)
)


def bump(connection: Connection, name: str = _NOTES) -> None:
    """Say that chunks, vectors or the trash changed."""
    connection.execute(_ONE_MORE, {"counter": name})


def value(connection: Connection, name: str = _NOTES) -> int:
    """The number now."""
    return int(connection.execute(select(counters.c.value).where(counters.c.name == name)).scalar_one())
