"""Renews a lease while its holder works or waits: both can outlast it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from desktop_app.domain.errors import StoreError
from desktop_app.services.ports import LeaseStore

_log = logging.getLogger(__name__)


class LeaseKeeper:
    """Renews from a thread of its own, four times in the lease's time, until it is closed.

    Args:
        seconds: how long the lease holds.
        on_lost: called in that thread, once, when another owner has the lease (the computer slept).
    """

    def __init__(
        self, leases: LeaseStore, name: str, owner: str, seconds: float, on_lost: Callable[[], None] = lambda: None
    ) -> None:
        self._leases = leases
        self._name = name
        self._owner = owner
        self._seconds = seconds
        self._on_lost = on_lost
        self._over = threading.Event()
        self.lost = False
        self._thread = threading.Thread(target=self._keep, name=f"{name} lease", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Renew no more."""
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self.lost and not self._over.wait(self._seconds / 4):
            try:
                self.lost = not self._leases.acquire(self._name, self._owner, self._seconds)
            except StoreError as error:
                # The work itself meets the same failure and reports it; here there is another try.
                _log.warning("the lease %s was not renewed: %s", self._name, error.code)
        if self.lost:
            self._on_lost()
