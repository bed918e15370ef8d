"""Brings a store to the newest schema. Imported only when there is something to do, since Alembic takes time to
import.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from desktop_app.storage.connection import APPLICATION_ID
from desktop_app.storage.schema import SCHEMA_NUMBER

_HERE = Path(__file__).parent


def configuration() -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("version_locations", str(_HERE / "versions").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(connection: Connection, revision: str = "head") -> None:
    """Run the missing migrations in the transaction that `connection` has open; all or none of them take effect."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    connection.execute(text(f"PRAGMA application_id={APPLICATION_ID}"))
    if revision in ("head", "heads"):
        connection.execute(text(f"PRAGMA user_version={SCHEMA_NUMBER}"))
