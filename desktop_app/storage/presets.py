"""A person's own presets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.presets import Preset
from desktop_app.storage.database import Database, inserted_id
from desktop_app.storage.tables import presets

_OWN = "own:"


class Presets:
    """Implements PresetStore."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def all(self) -> list[Preset]:
        """A person's presets, oldest first."""
        statement = select(presets).order_by(presets.c.id)
        return self._database.read(lambda connection: [_as_preset(row) for row in connection.execute(statement)])

    def add(self, name: str, description: str, values: Mapping[str, Any]) -> Preset:
        """Keep a new one."""
        statement = insert(presets).values(
            name=name, description=description, created_at=self._clock(), values=dict(values)
        )

        def work(connection: Connection) -> Preset:
            return Preset(f"{_OWN}{inserted_id(connection, statement)}", name, description, dict(values))

        return self._database.write(work)

    def change(self, preset: Preset) -> None:
        """Replace name, description and values of the preset with that ref. Raises NotFoundError."""
        statement = (
            update(presets)
            .where(presets.c.id == _id_of(preset.ref))
            .values({"name": preset.name, "description": preset.description, "values": dict(preset.values)})
        )
        self._must_find(statement)

    def delete(self, ref: str) -> None:
        """Remove it for good; chats that took its values over keep them. Raises NotFoundError."""
        self._must_find(delete(presets).where(presets.c.id == _id_of(ref)))

    def _must_find(self, statement: Any) -> None:
        def work(connection: Connection) -> None:
            if not connection.execute(statement).rowcount:
                raise _missing()

        self._database.write(work)


def _id_of(ref: str) -> int:
    number = ref.removeprefix(_OWN)
    if number == ref or not number.isdecimal():
        raise _missing()
    return int(number)


def _as_preset(row: Row[Any]) -> Preset:
    values = row._mapping["values"]
    return Preset(f"{_OWN}{row.id}", row.name, row.description, values if isinstance(values, dict) else {})


def _missing() -> NotFoundError:
    return NotFoundError("This preset is not there any more.", "It was deleted.", "Choose another preset.")
