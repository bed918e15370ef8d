"""Linked folders while a look takes long."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from desktop_app.domain.cancellation import CancelToken
from desktop_app.services.linked_folders import folder_scan, linked_folders, sync_round
from desktop_app.services.linked_folders.pace import Pace
from desktop_app.services.notes import NoteService
from desktop_app.storage import source_folders
from desktop_app.storage.database import Database
from desktop_app.storage.leases import Leases
from desktop_app.storage.store import Store
from tests.unit.services.test_linked_folders import Desk


@pytest.fixture
def desk(real_store: Store, note_service: NoteService, tmp_path: Path) -> Desk:
    desk = Desk(real_store, note_service, tmp_path / "vault")
    desk.write("Alpha.md", "first text")
    desk.link()
    return desk


def test_the_lease_is_renewed_while_the_folder_is_still_looked_through(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linked_folders, "_LEASE_SECONDS", 0.04)
    renewed = threading.Semaphore(0)
    acquire = Leases.acquire

    def counted(self: Leases, name: str, owner: str, seconds: float) -> bool:
        renewed.release()
        return acquire(self, name, owner, seconds)

    def long(root: Path, cancel: CancelToken) -> folder_scan.Scan:
        assert all(renewed.acquire(timeout=5) for _ in range(4))
        return folder_scan.scan(root, cancel)

    monkeypatch.setattr(Leases, "acquire", counted)
    monkeypatch.setattr(linked_folders, "scan", long)
    desk.write("Alpha.md", "second text")
    assert desk.look().taken == 1


def test_a_look_whose_lease_was_taken_stops_and_the_next_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linked_folders, "_LEASE_SECONDS", 0.04)

    def taken(root: Path, cancel: CancelToken) -> folder_scan.Scan:
        monkeypatch.setattr(Leases, "acquire", lambda *_: False)
        assert cancel.wait(5)
        cancel.raise_if_cancelled()
        raise AssertionError

    monkeypatch.setattr(linked_folders, "scan", taken)
    desk.write("Alpha.md", "second text")
    report = desk.look()
    assert (report.stopped, report.changed) == (True, False)
    monkeypatch.undo()
    assert desk.look().taken == 1


def test_a_look_rests_while_it_looks_through_the_folder_and_while_it_compares(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[str] = []

    class Counted(Pace):
        def breathe(self) -> None:
            rests.append(type(self).__qualname__)

    monkeypatch.setattr(folder_scan, "_BREATH_EVERY", 1)
    monkeypatch.setattr(folder_scan, "Pace", type("InScan", (Counted,), {"__qualname__": "scan"}))
    monkeypatch.setattr(sync_round, "Pace", type("InRound", (Counted,), {"__qualname__": "round"}))
    desk.look()
    assert set(rests) == {"scan", "round"}


def test_unlinking_forgets_files_in_several_commits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_folders, "_REMOVED_AT_ONCE", 2)
    for number in range(5):
        desk.write(f"{number}.md", f"text {number}")
    desk.look()
    commits: list[int] = []
    write = Database.write

    def counted(self: Database, work: Callable[[Connection], Any]) -> Any:
        commits.append(1)
        return write(self, work)

    monkeypatch.setattr(Database, "write", counted)
    desk.store.source_folders.remove_all_files(desk.linked.id)
    assert desk.store.source_folders.files(desk.linked.id) == {}
    assert len(commits) == 4


def test_what_a_look_holds_by_the_thousand_is_nothing_to_the_garbage_collector(desk: Desk) -> None:
    folder = desk.folders.linked()[0]
    (row,) = desk.store.source_folders.files(folder.id).values()
    (state,) = desk.store.source_folders.note_states(folder.id, folder.top).values()
    found = folder_scan.scan(folder.path, CancelToken()).files["Alpha.md"]
    (source,) = desk.notes.import_sources().values()
    # A full collection over those of 100,000 files stops all threads for a tenth of a second.
    assert not any(gc.is_tracked(one) for one in (row, state, found, source))
