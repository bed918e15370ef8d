"""A store in a folder of its own, and a clock that tests turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desktop_app.storage.store import Store


class TurnedClock:
    """Says the time it was set to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "inkwell.sqlite3"


@pytest.fixture
def backups_folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "backups"


@pytest.fixture
def store(database: Path, backups_folder: Path, clock: TurnedClock) -> Iterator[Store]:
    opened = Store.open(database, backups=backups_folder, clock=clock)
    yield opened
    opened.close()
