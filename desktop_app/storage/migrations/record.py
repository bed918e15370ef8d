"""Records the newest schema that the migrations make: `python -m desktop_app.storage.migrations.record`."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from desktop_app.storage.connection import writing_engine
from desktop_app.storage.migrations.run import migrate
from desktop_app.storage.new_store import RECORDED

_HEAD = "-- What the migrations make; written by desktop_app.storage.migrations.record, never by hand.\n"
# Without what SQLite makes by itself: its own tables, and those that a full-text table keeps its index in (their names
# are quoted).
_OBJECTS = """
    SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~'
    AND sql NOT LIKE 'CREATE TABLE ''%' ORDER BY rowid
"""


def newest_schema() -> str:
    """The statements, in the order in which the migrations made the tables."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "store.sqlite3")
        path.touch()
        engine = writing_engine(path)
        with engine.connect() as connection, connection.begin():
            migrate(connection)
        engine.dispose()
        with closing(sqlite3.connect(path)) as made:
            statements = [f"{sql};" for (sql,) in made.execute(_OBJECTS)]
            for table in ("alembic_version", "counters"):
                statements += [
                    f"INSERT INTO {table} VALUES ({', '.join(repr(value) for value in row)});"
                    for row in made.execute(f"SELECT * FROM {table}")
                ]
            for pragma in ("application_id", "user_version"):
                statements.append(f"PRAGMA {pragma}={made.execute(f'PRAGMA {pragma}').fetchone()[0]};")
    return _HEAD + "\n".join(statements) + "\n"


if __name__ == "__main__":
    RECORDED.write_text(newest_schema(), encoding="utf-8", newline="\n")
