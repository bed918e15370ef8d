"""Which notes meet the filters of a question, and in which order of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from sqlalchemy import Connection, Text, func, literal, select, text

from desktop_app.domain.search_question import Filter
from desktop_app.storage.database import Database
from desktop_app.storage.search_filters import note_conditions
from desktop_app.storage.tables import notes
from desktop_app.storage.word_counts import ascending

if TYPE_CHECKING:
    from desktop_app.storage.word_counts import Integers

_KEPT = "filtered_notes"
_MOST_KEPT = 4
# SQLite's counter of the changes that others committed, as this connection sees them in its transaction.
_VERSION = text("PRAGMA data_version")


def met_by(connection: Connection, filters: Sequence[Filter], *, is_committed: bool) -> Integers:
    """All notes outside the trash that meet every filter, by id, ascending; not to be changed.

    While words are typed behind them, filters stay the same: what met them last is remembered with the connection,
    where it sees committed changes only, until there are others.
    """
    key = tuple(replace(each, start=0, end=0) for each in filters)
    kept: dict[tuple[Filter, ...], Integers] = {}
    if is_committed:
        version = connection.execute(_VERSION).scalar_one()
        known = connection.info.get(_KEPT)
        if known is not None and known[0] == version:
            kept = known[1]
        else:
            connection.info[_KEPT] = (version, kept)
    if key not in kept:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        # As one text: of 100,000 notes a row for each would take a fifth of a second.
        listed = select(func.group_concat(notes.c.id)).where(*note_conditions(filters))
        kept[key] = ascending(connection.execute(listed).scalar())
    return kept[key]


class FilteredNotes:
    """Implements NoteSieve."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ids(self, filters: Sequence[Filter]) -> list[int]:
        """All notes outside the trash that meet every filter, by id."""
        is_committed = not self._database.in_transaction
        met = self._database.read(lambda connection: met_by(connection, filters, is_committed=is_committed))
        found: list[int] = met.tolist()
        return found

    def newest(self, filters: Sequence[Filter], limit: int) -> list[int]:
        """Those of them that were edited last, newest first."""
        statement = select(notes.c.id).where(*note_conditions(filters))
        statement = statement.order_by(notes.c.edited_at.desc(), notes.c.id.desc()).limit(limit)
        return self._database.read(lambda connection: list(connection.execute(statement).scalars()))

    def by_date(self, note_ids: Sequence[int]) -> list[int]:
        """These notes, the one edited last first."""
        listed = select(func.json_each(literal(str(list(note_ids)), Text)).table_valued("value").c.value)
        statement = select(notes.c.id).where(notes.c.id.in_(listed))
        statement = statement.order_by(notes.c.edited_at.desc(), notes.c.id.desc())
        return self._database.read(lambda connection: list(connection.execute(statement).scalars()))
