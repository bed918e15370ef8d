"""A search that nobody waits for any more ends inside the store."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, text

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.domain.search import SearchMode
from desktop_app.storage.connection import bare
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_search

_ENDLESS = text("WITH RECURSIVE up(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM up) SELECT sum(seen(x)) FROM up")


@pytest.mark.parametrize(
    ("typed", "part", "method"),
    [
        ("heron", "words", "best_notes"),
        ("tag:birds", "filtered_notes", "newest"),
        ("heron", "notes", "get_many"),
    ],
)
def test_the_statement_under_way_ends_with_its_search(
    real_store: Store, monkeypatch: pytest.MonkeyPatch, typed: str, part: str, method: str
) -> None:
    real_store.notes.create("Heron", "The heron waits.", tags=("birds",))
    search = fake_search(real_store, FakeEncoder())
    under_way, cancel = threading.Event(), CancelToken()

    def endless(connection: Connection) -> object:
        bare(connection).create_function("seen", 1, lambda value: under_way.set() or value)
        return connection.execute(_ENDLESS).scalar()

    asked = getattr(real_store, part)
    monkeypatch.setattr(asked, method, lambda *_arguments, **_named: asked._database.read(endless))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(lambda: list(search.search(typed, SearchMode.WORDS, cancel=cancel)))
        assert under_way.wait(30)
        cancel.cancel()
        with pytest.raises(CancelledError):
            answer.result(30)
