"""Who does background work just now, over all processes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from desktop_app.storage.database import Database
from desktop_app.storage.tables import leases


class Leases:
    """Implements LeaseStore. A lease ends by itself, so that a killed process blocks nobody for longer than its
    seconds.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def acquire(self, name: str, owner: str, seconds: float) -> bool:
        """Take or renew the lease; false while another owner holds it."""
        now = self._clock()
        values = {"owner": owner, "taken_at": now, "expires_at": now + timedelta(seconds=seconds)}

        def work(connection: Connection) -> bool:
            held = connection.execute(select(leases).where(leases.c.name == name)).first()
            # Taken in the future: the clock was set back since, and the end of the lease says nothing.
            if held is not None and held.owner != owner and held.taken_at <= now < held.expires_at:
                return False
            statement = insert(leases).values(name=name, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=[leases.c.name], set_=values))
            return True

        return self._database.write(work)

    def release(self, name: str, owner: str) -> None:
        """Give the lease back; nothing happens when another owner has it."""
        statement = delete(leases).where(leases.c.name == name, leases.c.owner == owner)
        self._database.write(lambda connection: connection.execute(statement))
