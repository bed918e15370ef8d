"""What the page of the data folder does, without a data folder."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.domain.errors import BackupError
from desktop_app.presenters.data_folder import DataActions


@dataclass(frozen=True)
class FakeBackup:
    """A backup as the dialog lists it."""

    path: Path
    made_at: datetime
    size_bytes: int
    reason: str


class FakeDataActions:
    """Data actions that do as the test says."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.states_bytes = 123_000_000
        self.error: BackupError | None = None
        self.list_error: BackupError | None = None
        self.go_on = threading.Event()
        self.go_on.set()

    def back_up(self) -> Path:
        self.go_on.wait(10)
        if self.error:
            raise self.error
        self.done.append("backup")
        return Path("inkwell-1.sqlite3")

    def backups(self) -> list[FakeBackup]:
        if self.list_error:
            raise self.list_error
        return [FakeBackup(Path(f"/b/{day}"), datetime(2026, 5, day, tzinfo=UTC), 1_000_000, "daily") for day in (4, 3)]

    def restore(self, path: Path) -> str:
        self.done.append(f"restore {path}")
        return "Restored."

    def actions(self) -> DataActions:
        return DataActions(
            self.back_up,
            self.backups,
            self.restore,
            lambda folder, _progress, _cancel: f"To {folder}",
            lambda: self.states_bytes,
            self.clear_states,
        )

    def clear_states(self) -> None:
        self.states_bytes = 0
