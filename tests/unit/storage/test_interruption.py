"""Reads that nobody waits for end in the middle of a statement, and no other read does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, StoreError
from desktop_app.storage.connection import Access, bare
from desktop_app.storage.database import Database
from desktop_app.storage.store import Store

_ENDLESS = text("WITH RECURSIVE up(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM up) SELECT sum(seen(x)) FROM up")
_ONE = text("SELECT 1")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    Store.open(tmp_path / "store.sqlite3", backups=tmp_path / "backups").close()
    database = Database(tmp_path / "store.sqlite3")
    yield database
    database.close()


def one(database: Database) -> int:
    return database.read(lambda connection: int(connection.execute(_ONE).scalar_one()))


def test_a_statement_under_way_ends_when_it_is_cancelled(database: Database) -> None:
    cancel, under_way = CancelToken(), threading.Event()

    def endless(connection: Connection) -> object:
        bare(connection).create_function("seen", 1, lambda value: under_way.set() or value)
        return connection.execute(_ENDLESS).scalar()

    def reading() -> object:
        with database.interruptible(cancel):
            return database.read(endless)

    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(reading)
        assert under_way.wait(30)
        cancel.cancel()
        with pytest.raises(CancelledError):
            read.result(30)
        assert pool.submit(one, database).result(30) == 1, "the thread's next read is nobody's business"


def test_what_is_cancelled_already_is_not_begun(database: Database) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with database.interruptible(cancel), pytest.raises(CancelledError):
        one(database)
    assert one(database) == 1


def test_a_token_raised_late_interrupts_no_read_of_others(database: Database) -> None:
    cancel = CancelToken()
    with database.interruptible(cancel):
        assert one(database) == 1

    def late(connection: Connection) -> int:
        bare(connection).create_function("late", 1, lambda value: cancel.cancel() or value)
        return int(connection.execute(text("SELECT late(5) + (SELECT count(*) FROM notes)")).scalar_one())

    # The pool gives the connection that the first read had.
    assert database.read(late) == 5


def test_errors_that_are_none_of_the_tokens_stay_what_they_are(database: Database) -> None:
    with database.interruptible(CancelToken()), pytest.raises(Exception, match="refused") as raised:
        database.read(lambda connection: connection.execute(text("SELECT nothing FROM nowhere")))
    assert not isinstance(raised.value, CancelledError)


def _notes(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM notes")).scalar_one())


def test_reads_inside_see_one_moment_together(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.sqlite3", backups=tmp_path / "backups")
    database = Database(tmp_path / "store.sqlite3", Access.READ)
    try:
        store.notes.create("First", "ink")
        with database.interruptible(CancelToken()):
            assert database.moment is None, "nothing was read yet"
            assert database.read(_notes) == 1
            moment = database.moment
            store.notes.create("Second", "ink")
            assert database.read(_notes) == 1
            assert database.moment is moment
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(database.read, _notes).result() == 2, "another thread's reads are its own"
        assert database.moment is None
        assert database.read(_notes) == 2
    finally:
        database.close()
        store.close()


def test_after_a_failure_reads_begin_anew(database: Database) -> None:
    with database.interruptible(CancelToken()):
        one(database)
        moment = database.moment
        with pytest.raises(StoreError):
            database.read(lambda connection: connection.execute(text("SELECT nothing FROM nowhere")))
        assert database.moment is None
        assert one(database) == 1
        assert database.moment is not moment


def test_words_that_come_meanwhile_are_found_by_the_next_search(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.sqlite3", backups=tmp_path / "backups")
    try:
        store.notes.create("First", "ink")
        for expected in (1, 2):
            with store.words.interruptible(CancelToken()):
                assert store.words.document_frequencies(["ink"]) == {"ink": expected}
                assert store.words.note_count() == expected
                store.notes.create("Another", "ink")
                assert store.words.document_frequencies(["ink"]) == {"ink": expected}
        assert store.words.document_frequencies(["ink"]) == {"ink": 3}
    finally:
        store.close()
