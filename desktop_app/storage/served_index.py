"""Which encoder's vectors answer questions, and what was measured with them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from desktop_app.domain.search import NonsenseNearness, ServedIndex
from desktop_app.storage import vector_counter
from desktop_app.storage.database import Database
from desktop_app.storage.tables import ui_state

_SERVED = "index.served"
_NONSENSE = "index.nonsense."
_TEXTS = ("fingerprint", "name", "path", "precision")


class ServedIndexes:
    """Implements ServedIndexStore: one small record among those of the window, in the same file as the vectors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def served(self) -> ServedIndex | None:
        """The encoder that serves; None before the first index."""
        return _as_index(self._read(_SERVED))

    def serve(self, index: ServedIndex) -> None:
        """From this commit on, that encoder's vectors answer; what was measured with others goes."""
        value = {
            "fingerprint": index.fingerprint,
            "name": index.name,
            "path": index.path,
            "precision": index.precision,
            "dimensions": index.dimensions,
        }

        def work(connection: Connection) -> None:
            _put(connection, _SERVED, value)
            kept = _NONSENSE + index.fingerprint
            connection.execute(delete(ui_state).where(ui_state.c.key.startswith(_NONSENSE), ui_state.c.key != kept))
            vector_counter.bump(connection)

        self._database.write(work)

    def nonsense_nearness(self, fingerprint: str) -> NonsenseNearness | None:
        """What was measured with that encoder's vectors; None where nothing was."""
        value = self._read(_NONSENSE + fingerprint)
        try:
            return NonsenseNearness(
                float(value["mean"]), float(value["deviation"]), float(value["highest"]), int(value["passages"])
            )
        except (KeyError, TypeError, ValueError):
            return None

    def keep_nonsense_nearness(self, fingerprint: str, nearness: NonsenseNearness) -> None:
        """Keep what was measured."""
        value = asdict(nearness)
        self._database.write(lambda connection: _put(connection, _NONSENSE + fingerprint, value))

    def _read(self, key: str) -> Any:
        statement = select(ui_state.c.value).where(ui_state.c.key == key)
        return self._database.read(lambda connection: connection.execute(statement).scalar())


def _put(connection: Connection, key: str, value: object) -> None:
    statement = insert(ui_state).values(key=key, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[ui_state.c.key], set_={"value": statement.excluded.value})
    )


def _as_index(value: Any) -> ServedIndex | None:
    """None for what is no such record: then the index counts as not made yet, and what is there is found again."""
    if not isinstance(value, dict):
        return None
    texts = [text for name in _TEXTS if isinstance(text := value.get(name), str)]
    dimensions = value.get("dimensions")
    if len(texts) != len(_TEXTS) or type(dimensions) is not int:
        return None
    fingerprint, name, path, precision = texts
    return ServedIndex(fingerprint, name, path, precision, dimensions)
