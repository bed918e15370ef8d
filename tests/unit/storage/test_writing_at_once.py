"""Many changes on the writer's thread: one commit, each whole or not there, and nobody waited for in between."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from sqlalchemy import Connection

from desktop_app.domain.errors import DiskFullError, NotFoundError, StoreError
from desktop_app.storage.connection import bare
from desktop_app.storage.store import Store


def test_all_is_one_commit_on_one_thread_and_sees_itself(store: Store) -> None:
    other = sqlite3.connect(store.path, check_same_thread=False)
    threads: set[int] = set()

    def work() -> int:
        note = store.notes.create("inside", "x")
        store._database.write(lambda _: threads.add(threading.get_ident()))
        assert store.notes.get(note.id).title == "inside"
        with store.transaction():
            store.notes.create("nested", "y")
        assert other.execute("SELECT count(*) FROM notes").fetchone()[0] == 0
        threads.add(threading.get_ident())
        return note.id

    assert store.at_once(work) > 0
    assert len(threads) == 1
    assert threading.get_ident() not in threads
    assert other.execute("SELECT count(*) FROM notes").fetchone()[0] == 2
    other.close()


def test_it_can_be_part_of_a_transaction(store: Store) -> None:
    def both() -> None:
        with store.transaction():
            store.at_once(lambda: store.notes.create("gone", "x"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        both()
    assert store.notes.all_ids() == []


def test_an_error_leaves_none_of_it(store: Store) -> None:
    def half() -> None:
        store.notes.create("gone", "x")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.at_once(half)
    assert store.notes.all_ids() == []
    assert store.notes.create("after", "x").title == "after"


def test_a_caught_failure_costs_only_what_failed(store: Store) -> None:
    def fails_late(connection: Connection) -> None:
        bare(connection).execute("UPDATE notes SET title = 'half'")
        raise NotFoundError("stop")

    def work() -> None:
        store.notes.create("one", "x")
        with pytest.raises(NotFoundError):
            store._database.write(fails_late)
        store.notes.create("two", "y")

    store.at_once(work)
    assert [store.notes.get(note_id).title for note_id in store.notes.all_ids()] == ["one", "two"]


@pytest.mark.parametrize("is_last", [True, False])
def test_what_sqlite_gave_up_is_never_called_saved(store: Store, is_last: bool) -> None:
    def give_up(connection: Connection) -> None:
        bare(connection).execute("ROLLBACK")  # as SQLite does when it finds no room for what it had in memory
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    def work() -> None:
        store.notes.create("before", "a")
        with pytest.raises(DiskFullError):
            store._database.write(give_up)
        if not is_last:
            store.notes.create("after", "a")

    with pytest.raises(DiskFullError):
        store.at_once(work)
    assert store.notes.all_ids() == []
    assert store.notes.create("later", "a").id
    with pytest.raises(StoreError, match="given up"):  # the next one is not called a full disk
        store._database.write(lambda connection: bare(connection).execute("ROLLBACK"))
