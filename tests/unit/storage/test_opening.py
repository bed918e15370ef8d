from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import StoreError, StoreLockedError, StoreReadOnlyError
from desktop_app.domain.notes import NoteFilter
from desktop_app.storage import opening
from desktop_app.storage.store import Store


def test_a_new_store_says_so_and_an_old_one_is_quiet(database: Path, backups_folder: Path) -> None:
    first = Store.open(database, backups=backups_folder)
    assert first.open_report.created
    assert first.open_report.notices == ()
    note = first.notes.create("t", "x")
    first.close()
    second = Store.open(database, backups=backups_folder)
    assert second.open_report == opening.StoreOpenReport()
    assert second.notes.get(note.id) == note
    second.close()


def test_two_processes_may_have_the_store_open(database: Path, backups_folder: Path) -> None:
    first = Store.open(database, backups=backups_folder)
    second = Store.open(database, backups=backups_folder)
    note = first.notes.create("t", "x")
    assert second.notes.get(note.id) == note
    second.notes.save(note.id, title="t", text="y")
    assert first.notes.get(note.id).text == "y"
    second.close()
    assert first.notes.create("u", "z").id
    first.close()


def test_opening_needs_no_alembic(store: Store, backups_folder: Path) -> None:
    store.notes.create("t", "x")
    code = (
        "import sys; from pathlib import Path; from desktop_app.storage.store import Store\n"
        "store = Store.open(Path(sys.argv[1]), backups=Path(sys.argv[2]))\n"
        "assert store.notes.all_ids() == [1]; store.close()\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('alembic', 'mako')]\n"
    )
    subprocess.run([sys.executable, "-c", code, str(store.path), str(backups_folder)], check=True, timeout=60)


def test_a_new_store_needs_no_alembic(database: Path, backups_folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from desktop_app.storage.store import Store\n"
        "store = Store.open(Path(sys.argv[1]), backups=Path(sys.argv[2]))\n"
        "assert store.open_report.created; store.notes.create('t', 'x'); store.close()\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('alembic', 'mako')]\n"
    )
    subprocess.run([sys.executable, "-c", code, str(database), str(backups_folder)], check=True, timeout=60)


def test_a_large_store_opens_quickly(store: Store, backups_folder: Path) -> None:
    with store.transaction():
        for number in range(300):
            store.notes.create(f"note {number}", "text " * 400)
    store.close()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        again = Store.open(store.path, backups=backups_folder)
        again.notes.list_notes(NoteFilter(), limit=50)
        times.append(time.perf_counter() - start)
        again.close()
    assert min(times) < 0.06


def test_a_newer_store_is_opened_for_reading(store: Store, backups_folder: Path) -> None:
    note = store.notes.create("t", "x")
    store.close()
    connection = sqlite3.connect(store.path)
    connection.execute("PRAGMA user_version=99")
    connection.execute("UPDATE alembic_version SET version_num = '0099'")
    connection.commit()
    connection.close()
    newer = Store.open(store.path, backups=backups_folder)
    assert newer.read_only
    assert "newer version" in newer.open_report.notices[0]
    assert newer.notes.get(note.id) == note
    with pytest.raises(StoreReadOnlyError, match="newer") as caught:
        newer.notes.create("u", "y")
    assert caught.value.todo.startswith("Update")
    assert newer.integrity_check() == []
    newer.close()


def test_a_read_only_folder_is_opened_for_reading(
    store: Store, backups_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = store.notes.create("t", "x")
    store.close()
    monkeypatch.setattr(opening, "_writable", lambda database: False)
    real = opening._stamp
    for _ in range(2):
        reading = Store.open(store.path, backups=backups_folder)
        assert reading.read_only
        assert "read-only" in reading.open_report.notices[0]
        assert reading.notes.get(note.id) == note
        with pytest.raises(StoreReadOnlyError):
            reading.conversations.create()
        with reading.transaction(), pytest.raises(StoreReadOnlyError):
            reading.ui_state.set("a", 1)
        reading.close()
        # The second time not even the shared-memory file could be made.
        monkeypatch.setattr(
            opening, "_stamp", lambda path, access: _refuse() if access is opening.Access.READ else real(path, access)
        )


def _refuse() -> opening._Stamp:
    raise StoreReadOnlyError("no shared memory")


def _can_mount() -> bool:
    if os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    probe = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    return probe.returncode == 0


def _in_own_mounts(tmp_path: Path, mount: str, code: str) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "inside.py"
    script.write_text(code)
    command = f'{mount} && exec "{sys.executable}" "{script}" "{tmp_path}"'
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", command], capture_output=True, text=True, timeout=60, check=False, env=environment
    )


@pytest.mark.skipif(not _can_mount(), reason="needs root and mount namespaces")
def test_a_mount_that_really_is_read_only(store: Store, tmp_path: Path) -> None:
    store.notes.create("t", "x")
    store.close()
    data = store.path.parent
    done = _in_own_mounts(
        tmp_path,
        f'mount --bind "{data}" "{data}" && mount -o remount,ro,bind "{data}"',
        "import sys; from pathlib import Path; from desktop_app.storage.store import Store\n"
        "from desktop_app.domain.errors import StoreReadOnlyError\n"
        "data = Path(sys.argv[1]) / 'data'\n"
        "store = Store.open(data / 'inkwell.sqlite3', backups=data / 'backups')\n"
        "assert store.read_only and store.notes.get(1).text == 'x', store.open_report\n"
        "try: store.notes.create('u', 'y')\n"
        "except StoreReadOnlyError: print('refused')\n"
        "try: Store.open(data / 'none' / 'inkwell.sqlite3', backups=data / 'backups')\n"
        "except StoreReadOnlyError: print('none made')\n",
    )
    assert done.stdout.split("\n")[:2] == ["refused", "none made"], done.stderr


@pytest.mark.skipif(not _can_mount(), reason="needs root and mount namespaces")
def test_a_disk_of_one_megabyte_fills_up_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    done = _in_own_mounts(
        tmp_path,
        f'mount -t tmpfs -o size=1m none "{tmp_path}/disk"',
        "import sys; from pathlib import Path; from desktop_app.storage.store import Store\n"
        "from desktop_app.domain.errors import DiskFullError\n"
        "disk = Path(sys.argv[1]) / 'disk'\n"
        "store = Store.open(disk / 'inkwell.sqlite3', backups=disk / 'backups')\n"
        "saved, refused = [], 0\n"
        "for number in range(60):\n"
        "    try: saved.append(store.notes.create(str(number), str(number) * 15_000).id)\n"
        "    except DiskFullError: refused += 1\n"
        "assert refused and saved, (refused, saved)\n"
        "assert store.notes.all_ids() == saved\n"
        "store.close()\n"
        "store = Store.open(disk / 'inkwell.sqlite3', backups=disk / 'backups')\n"
        "assert store.notes.all_ids() == saved and store.integrity_check() == []\n"
        "print('kept')\n",
    )
    assert done.stdout == "kept\n", done.stderr


def test_another_programs_database_is_left_alone(database: Path, backups_folder: Path) -> None:
    database.parent.mkdir()
    other = sqlite3.connect(database)
    other.execute("CREATE TABLE theirs(x)")
    other.commit()
    other.close()
    with pytest.raises(StoreError, match="another program"):
        Store.open(database, backups=backups_folder)
    again = sqlite3.connect(database)
    assert again.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
    again.close()


def test_a_database_locked_by_another_program_is_said(
    store: Store, backups_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.close()
    monkeypatch.setattr("desktop_app.storage.connection.BUSY_TIMEOUT_MS", 30)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("PRAGMA journal_mode=DELETE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreLockedError):
        Store.open(store.path, backups=backups_folder)
    other.close()
    Store.open(store.path, backups=backups_folder).close()


def test_a_process_killed_while_writing_leaves_a_store_that_opens(store: Store, backups_folder: Path) -> None:
    chat = store.conversations.create("kept")
    store.conversations.add_message(chat.id, None, Role.USER, "x")
    # As after a kill: the log was never brought in.
    copy = store.path.parent.parent / "copy" / "inkwell.sqlite3"
    copy.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{store.path}{suffix}", f"{copy}{suffix}")
    again = Store.open(copy, backups=backups_folder)
    assert [row.title for row in again.conversations.list_conversations()] == ["kept"]
    again.close()
