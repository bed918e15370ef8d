from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from desktop_app.domain.errors import DiskFullError, NotFoundError, StoreDamagedError, StoreError, StoreLockedError
from desktop_app.domain.notes import NoteFilter
from desktop_app.storage.connection import APPLICATION_ID, Access, bare, connect, pragmas, writing_engine
from desktop_app.storage.database import Database, lock_path, suspect_path
from desktop_app.storage.file_lock import FileLock
from desktop_app.storage.store import Store
from desktop_app.storage.writer import Writer


def test_every_connection_reads_its_pragmas_back(store: Store) -> None:
    for access in (Access.WRITE, Access.READ):
        connection = connect(store.path, access)
        for name, value in pragmas(access).items():
            row = connection.execute(f"PRAGMA {name}").fetchone()
            assert row is None or row[0] == value, name
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
        connection.close()
    writer = pragmas(Access.WRITE)
    assert (writer["synchronous"], writer["foreign_keys"], writer["mmap_size"]) == (2, 1, 0)
    assert (writer["fullfsync"], writer["checkpoint_fullfsync"]) == (1, 1)
    assert (writer["busy_timeout"], writer["cell_size_check"], writer["wal_autocheckpoint"]) == (5000, 1, 0)
    assert pragmas(Access.READ)["trusted_schema"] == 0


def test_a_pragma_that_does_not_take_is_noticed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.storage.connection.pragmas", lambda access: {"synchronous": 7})
    with pytest.raises(StoreError, match="safety setting"):
        connect(store.path, Access.WRITE)


def test_readers_cannot_write(store: Store) -> None:
    database: Database = store._database
    with pytest.raises(StoreError):
        database.read(lambda connection: connection.execute(text("DELETE FROM notes")))


def test_a_transaction_holds_the_write_lock_from_its_beginning(store: Store) -> None:
    engine = writing_engine(store.path)
    with engine.connect() as connection, connection.begin():
        assert bare(connection).in_transaction
        other = sqlite3.connect(store.path, isolation_level=None, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    engine.dispose()


def test_a_failed_change_leaves_nothing(store: Store) -> None:
    kept = store.notes.create("kept", "x")

    def half(connection):  # type: ignore[no-untyped-def]
        connection.execute(text("UPDATE notes SET text = 'changed'"))
        raise NotFoundError("stop")

    with pytest.raises(NotFoundError):
        store._database.write(half)
    assert store.notes.get(kept.id).text == "x"
    store.words.integrity_check()


def test_a_group_is_one_commit_and_sees_itself(store: Store) -> None:
    before = store.data_version()
    other = sqlite3.connect(store.path)
    with store.transaction():
        note = store.notes.create("inside", "x")
        assert store.notes.get(note.id).title == "inside"
        with store.transaction():
            store.notes.create("nested", "y")
        assert other.execute("SELECT count(*) FROM notes").fetchone()[0] == 0
    assert other.execute("SELECT count(*) FROM notes").fetchone()[0] == 2
    other.close()
    assert store.data_version() == before


def test_an_error_inside_a_group_leaves_none_of_it(store: Store) -> None:
    def half() -> None:
        with store.transaction():
            store.notes.create("gone", "x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert store.notes.all_ids() == []
    assert store.notes.create("after", "x").title == "after"


def test_a_caught_failure_inside_a_group_costs_only_itself(store: Store) -> None:
    with store.transaction():
        store.notes.create("one", "x")
        with pytest.raises(NotFoundError):
            store.notes.save(999, title="", text="")
        store.notes.create("two", "y")
    assert len(store.notes.all_ids()) == 2


def test_other_threads_wait_for_a_group_and_keep_their_own_changes(store: Store) -> None:
    inside = threading.Event()
    done: list[int] = []

    def write() -> None:
        inside.wait(5)
        done.append(store.notes.create("other thread", "x").id)

    thread = threading.Thread(target=write)
    thread.start()

    def half() -> None:
        with store.transaction():
            store.notes.create("gone", "x")
            inside.set()
            assert store.notes.list_notes(NoteFilter())[0].title == "gone"
            assert not done
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    thread.join(5)
    assert [row.title for row in store.notes.list_notes(NoteFilter())] == ["other thread"]


def test_many_threads_write_and_read(store: Store) -> None:
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(20):
                note = store.notes.create(f"{name}-{number}", "text")
                assert store.notes.get(note.id).title == f"{name}-{number}"
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(str(name),)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.notes.count(NoteFilter()) == 160


def test_a_full_disk_is_said_and_nothing_is_lost(store: Store) -> None:
    note = store.notes.create("kept", "x")
    _limit_pages(store, 5)
    with pytest.raises(DiskFullError):
        store.notes.save(note.id, title="kept", text="y" * 5_000_000)
    assert store.notes.get(note.id).text == "x"

    def group() -> None:
        with store.transaction():
            store.notes.create("in the group", "a")
            store.notes.create("too large", "z" * 5_000_000)

    with pytest.raises(DiskFullError):
        group()
    assert len(store.notes.all_ids()) == 1
    _limit_pages(store, 1_000_000)
    assert store.notes.save(note.id, title="kept", text="y" * 5_000_000).revision == 2
    assert store.integrity_check() == []


def test_a_group_whose_transaction_sqlite_gave_up_keeps_nothing(store: Store) -> None:
    def give_up(connection: Connection) -> None:
        bare(connection).execute("ROLLBACK")  # as SQLite does by itself at some errors of the disk
        raise NotFoundError("an error that the caller catches")

    def group() -> None:
        with store.transaction():
            store.notes.create("before", "a")
            with pytest.raises(StoreError):
                store._database.write(give_up)
            with pytest.raises(StoreError):
                store.notes.create("after", "a")

    with pytest.raises(StoreError):
        group()
    assert store.notes.all_ids() == []
    assert store.notes.create("later", "a").id


def test_a_full_disk_that_ends_a_group_is_called_one(store: Store) -> None:
    def give_up(connection: Connection) -> None:
        bare(connection).execute("ROLLBACK")  # as SQLite does when it finds no room for what it had in memory
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    def group() -> None:
        with store.transaction():
            store.notes.create("before", "a")
            store._database.write(give_up)

    with pytest.raises(DiskFullError):
        group()
    assert store.notes.all_ids() == []


def _limit_pages(store: Store, more: int) -> None:
    """Let the file grow by `more` pages only: SQLite then fails as it does on a full disk (SQLITE_FULL)."""

    def work(connection):  # type: ignore[no-untyped-def]
        used = bare(connection).execute("PRAGMA page_count").fetchone()[0]
        bare(connection).execute(f"PRAGMA max_page_count={used + more}")

    store._database.write(work)


def test_a_connection_that_cannot_take_a_change_back_is_used_no_more(store: Store) -> None:
    """Otherwise the half of a change would be committed with the next one, or nothing could be any more."""
    kept = store.notes.create("kept", "x")

    def half(connection):  # type: ignore[no-untyped-def]
        connection.execute(text("UPDATE notes SET title = 'half'"))
        bare(connection).set_authorizer(
            lambda action, what, *_rest: (
                sqlite3.SQLITE_DENY if (action, what) == (sqlite3.SQLITE_TRANSACTION, "ROLLBACK") else sqlite3.SQLITE_OK
            )
        )
        raise NotFoundError("stop")

    with pytest.raises((NotFoundError, StoreError)):
        store._database.write(half)
    assert store.notes.create("next", "y").id
    assert store.notes.get(kept.id).title == "kept"


def test_a_lock_held_elsewhere_is_said_and_passes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = store._database._writer
    assert writer is not None
    monkeypatch.setattr(writer._lock, "_timeout", 0.05)
    with FileLock(lock_path(store.path)), pytest.raises(StoreLockedError):
        store.notes.create("x", "y")
    assert store.notes.create("x", "y").id


def test_another_program_that_locks_the_database_is_said(store: Store) -> None:
    store._database.write(lambda connection: bare(connection).execute("PRAGMA busy_timeout=20"))
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreLockedError):
        store.notes.create("x", "y")
    other.execute("ROLLBACK")
    other.close()
    assert store.notes.create("x", "y").id


def test_foreign_changes_are_noticed(store: Store) -> None:
    before = store.data_version()
    store.notes.create("own", "x")
    assert store.data_version() == before
    other = connect(store.path, Access.WRITE)
    other.execute("UPDATE notes SET folder = 'f'")
    other.close()
    assert store.data_version() != before


def test_a_change_of_ones_own_does_not_hide_a_foreign_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wrote may ask while the writer still looks after its log."""
    monkeypatch.setattr(Writer, "_checkpoint_if_due", lambda _writer: threading.Event().wait(0.05))
    store.notes.create("first", "x")
    before = store.data_version()
    assert before is not None
    other = connect(store.path, Access.WRITE)
    other.execute("UPDATE notes SET folder = 'f'")
    other.close()
    store.notes.create("own", "x")
    assert store.data_version() != before


def test_what_was_never_known_is_no_change(store: Store) -> None:
    with store.transaction():
        assert store.data_version() is None
    assert store.data_version() is not None


def test_the_log_is_brought_in_while_writing_and_gone_after_closing(store: Store) -> None:
    log = Path(f"{store.path}-wal")
    for number in range(12):
        store.notes.create(str(number), "x" * 1_000_000)
    assert log.stat().st_size < 8_000_000
    store.close()
    assert not log.exists()
    with pytest.raises(StoreError, match="closed"):
        store.notes.create("late", "x")


@pytest.mark.timeout(30)
def test_a_log_that_cannot_be_brought_in_does_not_end_the_writer(store: Store) -> None:
    """A database that another program cut short: SQLite calls the log damaged. The next change tells it, once."""
    database: Database = store._database
    writer = database._writer
    assert writer is not None

    def change(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA user_version = 1")  # needs the first page alone

    writer._next_checkpoint = 0
    store.notes.create("long", "x" * 1_000_000)
    database.write(change)
    os.truncate(store.path, 8192)
    writer._next_checkpoint = 0
    database.write(change)
    with pytest.raises(StoreDamagedError):
        database.write(change)
    assert suspect_path(store.path).exists()  # the next start mends it
    database.write(change)


@pytest.mark.skipif(os.name == "nt", reason="files have no such permissions there")
def test_only_the_owner_may_read(store: Store) -> None:
    store.notes.create("x", "y")
    for path in store.path.parent.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name
    assert store.path.parent.stat().st_mode & 0o077 == 0


def test_a_thread_that_writes_much_hears_of_others_that_wait(store: Store) -> None:
    assert not store.others_wait()
    with store.transaction():
        store.notes.create("mine", "x")
        assert not store.others_wait()
        other = threading.Thread(target=lambda: store.notes.create("theirs", "x"))
        other.start()
        while not store.others_wait():
            assert other.is_alive()
    other.join()
    assert not store.others_wait()
