"""Who does background work just now, over all processes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from desktop_app.storage.database import Database
from desktop_app.storage.lease_owner import has_ended
from desktop_app.storage.tables import leases

_log = logging.getLogger(__name__)


class Leases:
    """Implements LeaseStore. A killed process blocks nobody: its lease is free at once where `has_ended` can tell that
    it is gone, and ends by itself elsewhere.
    """

    def __init__(
        self, database: Database, clock: Callable[[], datetime], has_ended: Callable[[str], bool] = has_ended
    ) -> None:
        self._database = database
        self._clock = clock
        self._has_ended = has_ended

    def acquire(self, name: str, owner: str, seconds: float) -> bool:
        """Take or renew the lease; false while another owner holds it."""

        def work(connection: Connection) -> bool:
            # Asked when it is this one's turn: a time from before would make a lease taken meanwhile one of the future.
            now = self._clock()
            values = {"owner": owner, "taken_at": now, "expires_at": now + timedelta(seconds=seconds)}
            held = connection.execute(select(leases).where(leases.c.name == name)).first()
            # Taken in the future: the clock was set back since, and the end of the lease says nothing.
            if held is not None and held.owner != owner and held.taken_at <= now < held.expires_at:
                if not self._has_ended(held.owner):
                    return False
                _log.info("the lease %s was taken over from a process that is gone", name)
            statement = insert(leases).values(name=name, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=[leases.c.name], set_=values))
            return True

        return self._database.write(work)

    def release(self, name: str, owner: str) -> None:
        """Give the lease back; nothing happens when another owner has it."""
        statement = delete(leases).where(leases.c.name == name, leases.c.owner == owner)
        self._database.write(lambda connection: connection.execute(statement))
