from __future__ import annotations

import random
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desktop_app.domain.errors import BackupError, DiskFullError
from desktop_app.domain.notes import NoteFilter
from desktop_app.storage import backup as backup_module
from desktop_app.storage.backup import Backups
from desktop_app.storage.store import Store


@pytest.fixture
def keeper(store: Store, backups_folder: Path, clock) -> Backups:  # type: ignore[no-untyped-def]
    return Backups(store.path, backups_folder, clock)


def test_a_backup_is_whole_private_and_named(store: Store, keeper: Backups, clock) -> None:  # type: ignore[no-untyped-def]
    note = store.notes.create("t", "x")
    path = keeper.back_up("By hand!")
    assert path.name == "inkwell-20260304T120000Z-by-hand.sqlite3"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    (listed,) = keeper.list_backups()
    assert (listed.path, listed.made_at, listed.reason) == (path, clock.now, "by-hand")
    assert listed.size_bytes == path.stat().st_size
    copy = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert copy.execute("SELECT text FROM notes WHERE id = ?", (note.id,)).fetchone() == ("x",)
    copy.close()
    assert keeper.back_up("by hand").name == "inkwell-20260304T120000Z-2-by-hand.sqlite3"
    assert sorted(one.name for one in path.parent.iterdir()) == sorted(b.path.name for b in keeper.list_backups())


def test_one_backup_a_day(store: Store, keeper: Backups, clock) -> None:  # type: ignore[no-untyped-def]
    assert keeper.back_up_if_due(clock.now) is not None
    clock.forward(hours=3)
    assert keeper.back_up_if_due(clock.now) is None
    keeper.back_up("by-hand")
    clock.forward(hours=20)
    assert keeper.back_up_if_due(clock.now) is not None


def test_backups_are_thinned(store: Store, keeper: Backups, clock) -> None:  # type: ignore[no-untyped-def]
    for _ in range(30):
        keeper.back_up("daily")
        clock.forward(days=1)
    ages = [(clock.now - backup.made_at).days for backup in keeper.list_backups()]
    assert ages[:12] == list(range(1, 13))
    assert 13 < len(ages) < 18


def test_an_old_backup_that_cannot_be_deleted_does_not_make_the_new_one_fail(
    store: Store,
    keeper: Backups,
    clock,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    old = keeper.back_up("daily")
    unlink = Path.unlink

    def held(path: Path, missing_ok: bool = False) -> None:
        if path == old:
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", held)
    clock.forward(days=500)
    assert keeper.back_up("daily").exists()
    assert caplog.messages[-1] == "an old backup was not deleted: Permission denied"


def test_damage_is_told_even_where_its_mark_cannot_be_left(
    store: Store, keeper: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.notes.create("t", "x")
    store.close()
    with store.path.open("r+b") as file:
        file.seek(100)
        file.write(b"\0" * 3000)

    def full(_path: Path, mode: int = 0o666, exist_ok: bool = True) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "touch", full)
    with pytest.raises(BackupError, match="damaged"):
        keeper.back_up("daily")


def test_a_restore_brings_the_old_content_into_open_stores_and_can_be_undone(store: Store, keeper: Backups) -> None:
    note = store.notes.create("t", "old words")
    old = keeper.back_up("by-hand")
    store.notes.save(note.id, title="t", text="new")
    store.notes.create("second", "x")
    version = store.data_version()
    keeper.restore(old)
    assert store.data_version() != version
    assert store.notes.get(note.id).text == "old words"
    assert store.notes.all_ids() == [note.id]
    assert store.words.search_notes("old", 5) != []
    assert store.integrity_check() == []
    assert store.notes.create("goes on", "x").id
    (before,) = [backup for backup in keeper.list_backups() if backup.reason == "before-restore"]
    keeper.restore(before.path)
    assert sorted(row.title for row in store.notes.list_notes(NoteFilter())) == ["second", "t"]
    assert store.notes.get(note.id).text == "new"


def test_a_restore_where_there_is_no_database(store: Store, keeper: Backups, tmp_path: Path) -> None:
    store.notes.create("t", "x")
    path = keeper.back_up("by-hand")
    elsewhere = tmp_path / "other" / "inkwell.sqlite3"
    elsewhere.parent.mkdir()
    Backups(elsewhere, tmp_path / "other" / "backups").restore(path)
    again = Store.open(elsewhere, backups=tmp_path / "other" / "backups")
    assert again.open_report.notices == ()
    assert len(again.notes.all_ids()) == 1
    again.close()


@pytest.mark.parametrize("damage", ["noise", "cut", "other", "missing"])
def test_a_bad_backup_is_refused_and_the_present_stays(store: Store, keeper: Backups, damage: str) -> None:
    for number in range(50):
        store.notes.create("t", f"{number} " * 500)
    path = keeper.back_up("by-hand")
    data = path.read_bytes()
    if damage == "noise":
        path.write_bytes(data[:40960] + random.Random(3).randbytes(8192) + data[49152:])
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "other":
        path.unlink()
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE theirs(x)")
        connection.close()
    else:
        path.unlink()
    with pytest.raises(BackupError):
        keeper.restore(path)
    assert len(store.notes.all_ids()) == 50
    assert [one for one in path.parent.iterdir() if one.name.startswith(".")] == []


def test_a_damaged_database_is_kept_aside_when_a_backup_is_restored(store: Store, keeper: Backups) -> None:
    store.notes.create("t", "x")
    path = keeper.back_up("by-hand")
    store.close()
    store.path.write_bytes(b"noise" * 10_000)
    keeper.restore(path)
    assert [kept.read_bytes()[:5] for kept in store.path.parent.glob("*.damaged-*")] == [b"noise"]
    again = Store.open(store.path, backups=path.parent)
    assert len(again.notes.all_ids()) == 1
    again.close()


def test_a_backup_that_does_not_fit_leaves_nothing_behind(
    store: Store, keeper: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_module, "_copy", full)
    with pytest.raises(DiskFullError, match="No backup was made") as raised:
        keeper.back_up("by-hand")
    assert "earlier backups are as they were" in raised.value.why
    assert list(store.path.parent.joinpath("backups").iterdir()) == []


def test_files_of_others_are_not_backups_and_never_deleted(store: Store, keeper: Backups, clock) -> None:  # type: ignore[no-untyped-def]
    path = keeper.back_up("daily")
    mine = [path.with_name("holiday.sqlite3"), path.with_name("inkwell-20990101T000000Z-daily.sqlite3.old")]
    for other in mine:
        other.write_text("x")
    clock.now = datetime(2031, 1, 1, tzinfo=UTC)
    keeper.back_up("daily")
    assert all(other.exists() for other in mine)
    assert len(keeper.list_backups()) == 1


def test_a_backup_while_others_write_is_of_one_moment(store: Store, keeper: Backups) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with store.transaction():
                store.notes.create("a", "x")
                store.notes.create("b", "x")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        paths = [keeper.back_up("by-hand") for _ in range(4)]
    finally:
        stop.set()
        thread.join()
    for path in paths:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        assert connection.execute("SELECT count(*) FROM notes").fetchone()[0] % 2 == 0
        connection.close()


def test_newest_verified_passes_over_damaged_ones(store: Store, keeper: Backups, clock) -> None:  # type: ignore[no-untyped-def]
    good = keeper.back_up("daily")
    clock.now += timedelta(hours=1)
    keeper.back_up("daily").write_bytes(b"x" * 5000)
    newest = keeper.newest_verified()
    assert newest is not None
    assert newest.path == good
