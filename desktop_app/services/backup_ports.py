"""What the services need for backups; `storage/backup.py` provides it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol


class BackupPort(Protocol):
    """Verified copies of the database (storage/backup.py)."""

    def back_up(self, reason: str) -> Path:
        """Copy, verify, thin old ones. Raises BackupError, DiskFullError."""
        ...

    def back_up_if_due(self, now: datetime) -> Path | None:
        """The daily backup; None when today's exists."""
        ...

    def list_backups(self) -> Sequence[BackupInfo]:
        """All of them, newest first."""
        ...

    def restore(self, path: Path) -> None:
        """Put a verified backup in place of the database, open or not; the present one is backed up first.

        Raises BackupError, DiskFullError, StoreLockedError; nothing is changed then.
        """
        ...


class BackupInfo(Protocol):
    """One backup file."""

    @property
    def path(self) -> Path:
        """The file."""
        ...

    @property
    def made_at(self) -> datetime:
        """When it was made, in UTC."""
        ...

    @property
    def size_bytes(self) -> int:
        """Its size."""
        ...

    @property
    def reason(self) -> str:
        """Why it was made: "daily", "by-hand", "before-migration" and the like."""
        ...
