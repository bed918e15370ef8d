"""The best notes for some words are those that ranking all of them gives."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from desktop_app.domain.search_question import parse_question
from desktop_app.storage import word_ranking
from desktop_app.storage.store import Store
from desktop_app.storage.word_counts import CountsSeen, Postings, WordCounts

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


def best(store: Store, alternatives: Sequence[str], limit: int, **limits: Any) -> word_ranking.Ranked:
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


def test_of_many_notes_the_best_are_among_those_that_are_ranked(library: Store) -> None:
    draw = random.Random(5)
    shares = []
    for _ in range(60):
        asked = [f'"{word}"' for word in draw.sample(WORDS, draw.randint(2, 5))]
        wanted = all_ranked(library, asked)
        found = best(library, asked, 10, ranked=400)
        scores = dict(wanted)
        assert all(score == pytest.approx(scores[note_id], abs=1e-4) for note_id, score in found)
        assert found == sorted(found, key=lambda one: (-one[1], one[0]))
        shares.append(len({note_id for note_id, _ in found} & {note_id for note_id, _ in wanted[:10]}) / 10)
    assert sum(shares) / len(shares) > 0.95


def test_words_of_more_than_half_of_all_notes_are_not_even_read(
    library: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [f'"{WORDS[0]}"', f'"{WORDS[7]}"']
    read: list[str] = []
    notes_matching = CountsSeen.notes_matching

    def noted(counts: CountsSeen, expression: str) -> Any:
        read.append(expression)
        return notes_matching(counts, expression)

    monkeypatch.setattr(CountsSeen, "notes_matching", noted)
    found = best(library, asked, 10, ranked=400)
    wanted = [score for _, score in all_ranked(library, asked)[:10]]
    assert [score for _, score in found] == pytest.approx(wanted, abs=1e-4)
    assert read == [asked[1]]


def test_rarer_words_that_do_not_lead_leave_no_better_note_out(store: Store) -> None:
    long = " ".join(f"filler{number}" for number in range(400))
    with store.transaction():
        for _ in range(45):
            store.notes.create("note", f"heron {long}")
        short = [store.notes.create("gull gull", "gull gull gull", tags=("gull",)).id for _ in range(157)]
        for _ in range(198):
            store.notes.create("other", "filler")
    found = best(store, ['"heron"', '"gull"'], 20, ranked=390)
    assert [score for _, score in found] == [score for _, score in all_ranked(store, ['"heron"', '"gull"'])[:20]]
    assert {note_id for note_id, _ in found} <= set(short)


def test_where_many_are_alike_the_newest_follow_those_with_rarer_words(store: Store) -> None:
    with store.transaction():
        first = store.notes.create("first", "plain rare").id
        plain = [store.notes.create(f"note {number}", "plain").id for number in range(60)]
    found = best(store, ['"plain"', '"rare"'], 6, ranked=20)
    assert [note_id for note_id, _ in found] == [first, *plain[-5:]]
    allowed = [first, *plain[:30]]
    assert [note_id for note_id, _ in best(store, ['"plain"', '"rare"'], 6, ranked=20, allowed=allowed)] == [
        first,
        *plain[25:30],
    ]


def test_more_than_are_ranked_are_those_with_most_words_and_the_newest(store: Store) -> None:
    with store.transaction():
        both = store.notes.create("first", "some any").id
        some = [store.notes.create(f"note {number}", "some").id for number in range(40)]
        for number in range(60):
            store.notes.create(f"other {number}", "filler")
    found = best(store, ['"some"', '"any"'], 30, ranked=24)
    assert found[0][0] == both
    assert {note_id for note_id, _ in found[1:]} == set(some[-11:])
    assert best(store, ['"some"', '"any"'], 30, ranked=100) == all_ranked(store, ['"some"', '"any"'])[:30]


def test_where_every_word_is_common_the_newest_are_ranked(store: Store) -> None:
    with store.transaction():
        plain = [store.notes.create(f"note {number}", "plain").id for number in range(20)]
    assert {note_id for note_id, _ in best(store, ['"plain"'], 5, ranked=8)} <= set(plain[-8:])


def test_notes_that_filters_leave_out_make_room_for_others(store: Store) -> None:
    with store.transaction():
        old = [store.notes.create(f"note {number}", "some").id for number in range(30)]
        for number in range(40):
            store.notes.create(f"newer {number}", "some")
        for number in range(80):
            store.notes.create(f"other {number}", "filler")
    assert {note_id for note_id, _ in best(store, ['"some"'], 10, ranked=10, allowed=old)} == set(old[-10:])


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
        noted = [note_id for expression in expressions for note_id in seen.notes_matching(expression).tolist()]
        return [seen.notes(), seen.with_token("heron"), *map(seen.matching, expressions), *noted]

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


def test_postings_take_no_more_memory_than_they_may() -> None:
    kept = Postings(most=10)
    kept.put("a", np.arange(6))
    kept.put("a", np.arange(6))
    kept.put("b", np.arange(4))
    assert [kept.get(each) is not None for each in "ab"] == [True, True]
    kept.put("c", np.arange(1))
    assert [kept.get(each) is not None for each in "abc"] == [False, False, True]
    kept.put("d", np.arange(11))
    assert kept.get("d") is None


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


def test_a_filter_that_no_note_meets_finds_nothing(store: Store) -> None:
    store.notes.create("Ink", "plain words", folder="here")
    nowhere = parse_question("plain folder:nowhere", today=date(2026, 1, 1)).conditions
    beside = parse_question("plain -folder:nowhere", today=date(2026, 1, 1)).conditions
    assert store.words.best_notes(['"plain"'], 5, nowhere) == []
    assert len(store.words.best_notes(['"plain"'], 5, beside)) == 1
