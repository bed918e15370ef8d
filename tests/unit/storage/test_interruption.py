"""Reads that nobody waits for end in the middle of a statement, and no other read does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.storage.connection import bare
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
