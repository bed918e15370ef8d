"""What the window remembers between starts."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from desktop_app.storage.database import Database
from desktop_app.storage.tables import ui_state

_NOTHING = object()


class UiState:
    """Implements UiStateStore: small JSON values by key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str, default: Any = None) -> Any:
        """The value, `default` where none was set."""
        statement = select(ui_state.c.value).where(ui_state.c.key == key)
        row = self._database.read(lambda connection: connection.execute(statement).first())
        return default if row is None else row[0]

    def set(self, key: str, value: Any) -> None:
        """Remember a JSON value; an unchanged one costs no commit. Raises TypeError for what is no JSON."""
        json.dumps(value)
        if self.get(key, _NOTHING) == value:
            return
        statement = insert(ui_state).values(key=key, value=value)
        upsert = statement.on_conflict_do_update(
            index_elements=[ui_state.c.key], set_={"value": statement.excluded.value}
        )
        self._database.write(lambda connection: connection.execute(upsert))
