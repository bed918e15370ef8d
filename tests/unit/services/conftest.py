"""Services on a real store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store


@pytest.fixture
def real_store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "data" / "inkwell.sqlite3", backups=tmp_path / "data" / "backups")
    yield store
    store.close()


@pytest.fixture
def note_service(real_store: Store) -> NoteService:
    return NoteService(real_store)


@pytest.fixture
def notes(note_service: NoteService) -> NoteService:
    """The same, where a test is about notes alone."""
    return note_service
