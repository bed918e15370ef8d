"""The right to index, which one process at a time has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from desktop_app.domain.cancellation import CancelToken
from desktop_app.services.lease_keeper import LeaseKeeper
from desktop_app.services.ports import LeaseStore

LEASE = "indexing"
LEASE_SECONDS = 60.0
"""A holder of which nobody can tell that it was killed (on another machine) blocks the others for so long."""

_POLL_SECONDS = 0.5


class IndexingLease:
    """Waits for the lease, renews it while it is held, and gives it back.

    Args:
        owner: names this process (storage.lease_owner).
    """

    def __init__(self, leases: LeaseStore, owner: str) -> None:
        self._leases = leases
        self._owner = owner

    @contextmanager
    def held(self, cancel: CancelToken, waits: Callable[[], object]) -> Iterator[LeaseKeeper]:
        """The lease, once no other process has it; whose `lost` says when one took it (the computer slept).

        `waits` is called at each try that fails. Raises CancelledError, StoreError.
        """
        while not self._leases.acquire(LEASE, self._owner, LEASE_SECONDS):
            waits()
            cancel.wait(_POLL_SECONDS)
            cancel.raise_if_cancelled()
        keeper = LeaseKeeper(self._leases, LEASE, self._owner, LEASE_SECONDS)
        try:
            yield keeper
        finally:
            keeper.close()
            self._leases.release(LEASE, self._owner)
