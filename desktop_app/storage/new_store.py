"""Making the tables of a new store from the one recorded newest schema, so that Alembic is not imported for it.

The migrations stay the truth: `python -m desktop_app.storage.migrations.record` writes what they make into
`newest_schema.sql`, and a test compares both databases.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

RECORDED = Path(__file__).with_name("newest_schema.sql")
"""Statements that make an empty store at the newest revision, its stamps included."""


def make_tables(connection: sqlite3.Connection) -> None:
    """Make everything in one transaction of a bare connection that has none open; all of it or nothing takes effect.

    Raises sqlite3.Error.
    """
    try:
        connection.executescript(f"BEGIN IMMEDIATE;\n{RECORDED.read_text(encoding='utf-8')}\nCOMMIT;")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
