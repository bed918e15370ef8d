"""The best notes for some words are those that ranking all of them gives."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from desktop_app.domain.search_question import parse_question
from desktop_app.storage import word_ranking
from desktop_app.storage.store import Store
from desktop_app.storage.word_counts import CountsSeen, WordCounts

WORDS = [f"{first}{second}o" for first in "bcdfghjklm" for second in "aeiu"]
NOTES = 700


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Notes of all lengths whose words are the rarer the later they stand in WORDS."""
    folder = tmp_path_factory.mktemp("library")
    store = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups")
    draw = random.Random(3)
    weights = [1.0 / place**1.3 for place in range(1, len(WORDS) + 1)]
    with store.transaction():
        for _ in range(NOTES):
            text = " ".join(draw.choices(WORDS, weights, k=draw.choice((2, 9, 30, 120))))
            store.notes.create(draw.choice(WORDS), text)
    yield store
    store.close()


def best(store: Store, alternatives: Sequence[str], limit: int, **limits: int) -> word_ranking.Ranked:
    def work(connection: Connection) -> word_ranking.Ranked:
        return word_ranking.best_of(connection, CountsSeen(connection), alternatives, limit, **limits)

    return store.words._database.read(work)


def all_ranked(store: Store, alternatives: Sequence[str]) -> word_ranking.Ranked:
    found = store.words.search_notes(" OR ".join(alternatives), 10_000)
    return sorted(found, key=lambda one: (-one[1], one[0]))


_ALTERNATIVES = st.lists(
    st.one_of(
        st.sampled_from(WORDS).map(lambda word: f'"{word}"'),
        st.sampled_from(WORDS).map(lambda word: f'"{word[:2]}"*'),
        st.sampled_from(WORDS).map(lambda word: f'"{word} {WORDS[0]}"'),
        st.just('"nowhere"'),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_ALTERNATIVES, st.integers(1, 60))
def test_the_best_are_those_of_ranking_all(library: Store, alternatives: list[str], limit: int) -> None:
    wanted = all_ranked(library, alternatives)
    assert best(library, alternatives, limit) == wanted[:limit]
    assert library.words.best_notes(alternatives, limit) == wanted[:limit]


def test_common_words_are_not_ranked_where_rarer_ones_lead(library: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [f'"{WORDS[0]}"', f'"{WORDS[7]}"']
    wanted = all_ranked(library, asked)[:10]
    monkeypatch.setattr(word_ranking, "_ALL", None)
    assert best(library, asked, 10) == wanted


def test_rarer_words_that_do_not_lead_leave_no_better_note_out(store: Store) -> None:
    long = " ".join(f"filler{number}" for number in range(400))
    with store.transaction():
        for _ in range(45):
            store.notes.create("note", f"heron {long}")
        short = [store.notes.create("gull gull", "gull gull gull", tags=("gull",)).id for _ in range(157)]
        for _ in range(198):
            store.notes.create("other", "filler")
    found = best(store, ['"heron"', '"gull"'], 20)
    assert found == all_ranked(store, ['"heron"', '"gull"'])[:20]
    assert {note_id for note_id, _ in found} <= set(short)


def test_where_many_are_alike_the_newest_follow_those_with_rarer_words(store: Store) -> None:
    with store.transaction():
        first = store.notes.create("first", "plain rare").id
        plain = [store.notes.create(f"note {number}", "plain").id for number in range(60)]
    found = best(store, ['"plain"', '"rare"'], 6, tail=8)
    assert [note_id for note_id, _ in found] == [first, *sorted(plain[-9:])[:5]]


def test_more_than_can_be_afforded_are_the_rarest_and_the_newest(store: Store) -> None:
    with store.transaction():
        first = store.notes.create("first", "some rare").id
        some = [store.notes.create(f"note {number}", "some").id for number in range(40)]
        for number in range(60):
            store.notes.create(f"other {number}", "filler")
    found = best(store, ['"some"', '"rare"'], 30, budget=12)
    assert found[0][0] == first
    assert {note_id for note_id, _ in found[1:]} == set(some[-12:])
    assert best(store, ['"some"', '"rare"'], 30, budget=50) == all_ranked(store, ['"some"', '"rare"'])[:30]


def test_nothing_is_found_for_words_that_stand_nowhere(store: Store) -> None:
    assert best(store, ['"nothing"'], 5) == store.words.best_notes([], 5) == []


def test_filters_leave_notes_out(library: Store) -> None:
    filters = parse_question(f"title:{WORDS[1]}", today=date(2026, 1, 1)).conditions
    asked = [f'"{WORDS[0]}"', f'"{WORDS[20]}"']
    found = library.words.best_notes(asked, 500, filters)
    assert found == library.words.search_notes(" OR ".join(asked), 500, filters)
    assert 0 < len(found) < len(all_ranked(library, asked))


_STEPS = st.lists(
    st.tuples(st.sampled_from(["create", "save", "tags", "trash", "restore", "delete"]), st.integers(0, 4)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_remembered_counts_follow_every_change(tmp_path: Path, store: Store, steps: list[tuple[str, int]]) -> None:
    notes, remembered = store.notes, WordCounts()
    expressions = ['"heron"', '"her"*', '"gull heron"']

    def counts(seen: CountsSeen) -> list[int]:
        return [seen.notes(), seen.with_token("heron"), *map(seen.matching, expressions)]

    for action, place in steps:
        ids = [*notes.all_ids(), *notes.all_ids(trashed=True)]
        if action == "create" or not ids:
            notes.create("gull", "heron")
        elif action == "save":
            notes.save(ids[place % len(ids)], title="gull", text=("heron", "swan")[place % 2])
        elif action == "tags":
            notes.set_tags(ids[place % len(ids)], [("heron", "swan")[place % 2]])
        else:
            do = {"trash": notes.trash, "restore": notes.restore, "delete": notes.delete_forever}[action]
            do([ids[place % len(ids)]])
        read = store.words._database.read
        assert read(lambda c: counts(remembered.at(c))) == read(lambda c: counts(CountsSeen(c)))


def test_counts_inside_a_transaction_are_its_own(store: Store) -> None:
    store.notes.create("a", "heron")
    assert store.words.document_frequencies(["heron"]) == {"heron": 1}
    with suppress(RuntimeError), store.transaction():
        store.notes.create("b", "heron")
        assert store.words.document_frequencies(["heron"]) == {"heron": 2}
        assert store.words.note_count() == 2
        raise RuntimeError
    store.notes.create("b", "swans")
    assert store.words.document_frequencies(["heron"]) == {"heron": 1}, "what was rolled back looked just like this"
