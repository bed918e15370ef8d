"""Backups as a person meets them: by hand, each day, and back again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.domain.backup_thinning import BEFORE_RESTORE
from desktop_app.domain.errors import BackupError
from desktop_app.services.backup_ports import BackupInfo, BackupPort

BY_HAND = "by-hand"


class BackupService:
    """Thin over the backups' port; all methods block and may take seconds on large stores."""

    def __init__(self, backups: BackupPort, clock: Callable[[], datetime] | None = None) -> None:
        self._backups = backups
        self._clock = clock or (lambda: datetime.now(UTC))

    def back_up_now(self) -> Path:
        """A verified copy, now. Raises BackupError, DiskFullError."""
        return self._backups.back_up(BY_HAND)

    def back_up_if_due(self) -> Path | None:
        """Today's backup, None when it exists. Raises BackupError, DiskFullError."""
        return self._backups.back_up_if_due(self._clock())

    def list_backups(self) -> list[BackupInfo]:
        """All backups, newest first."""
        return list(self._backups.list_backups())

    def restore(self, path: Path) -> None:
        """Put a backup in place of the database; the present one is backed up first.

        Open windows keep working on the restored content and should read everything they show again. Raises
        BackupError.
        """
        self._backups.restore(path)

    def restore_latest(self) -> BackupInfo:
        """Restore the newest backup but for those that restores made of what they replaced: doing it twice must not
        undo it. Which one it was. Raises BackupError, also where there is none.
        """
        latest = next((backup for backup in self.list_backups() if backup.reason != BEFORE_RESTORE), None)
        if latest is None:
            raise BackupError("There is no backup yet.", "", "Make one first: Settings, “Back up now”.")
        self.restore(latest.path)
        return latest
