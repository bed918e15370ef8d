"""Which candidates become hits, and what is read for it."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.notes import Note
from desktop_app.domain.query import Query, parse_query
from desktop_app.domain.ranking import Floors
from desktop_app.domain.word_matching import WordMatch, WordMatcher
from desktop_app.services import search_hits
from desktop_app.services.hit_choice import LEAST_COVERAGE, Candidate
from desktop_app.services.search_hits import HitBuilder, MeaningLeg
from desktop_app.storage.store import Store

WORDS = ("heron", "gull", "swan", "crane")
FREQUENCIES = {"heron": 4, "gull": 30, "swan": 60, "crane": 90}
LIMIT = 5


def leg() -> MeaningLeg:
    similarities: Any = SimpleNamespace(passages=lambda _note_id: {})
    return MeaningLeg(similarities, frozenset(), Floors(0.3, 0.4, 0.2, 0.6), 0, {})


def candidate(note_id: int, *, related: bool, by_words: bool) -> Candidate:
    return Candidate(note_id, 0.5, 1 if by_words else None, None, 0.1, related)


class ReadingCounted:
    """The notes, and which were read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.read: list[list[int]] = []

    def get_many(self, note_ids: Sequence[int]) -> list[Note]:
        self.read.append(list(note_ids))
        return self._store.notes.get_many(note_ids)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Sixty notes with some of the words each; every seventh in the trash."""
    folder = tmp_path_factory.mktemp("shelf")
    store = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups")
    draw = random.Random(4)
    with store.transaction():
        for number in range(60):
            text = " ".join(draw.sample(WORDS, draw.randint(0, 3))) + " herons swanlike"[: draw.choice((0, 7, 16))]
            store.notes.create(draw.choice(("note", "swan", "a heron")), text)
            if number % 7 == 0:
                store.notes.trash([store.notes.all_ids()[-1]])
    yield store
    store.close()


def built(store: Store, query: Query, candidates: list[Candidate], meaning: MeaningLeg | None) -> Any:
    builder = HitBuilder(ReadingCounted(store), store.passages)  # type: ignore[arg-type]
    hits, weaker = builder.build(query, FREQUENCIES, 100, candidates, meaning, LIMIT, CancelToken())
    return [hit.note_id for hit in hits], [hit.note_id for hit in weaker]


def plainly(store: Store, query: Query, candidates: list[Candidate], meaning: MeaningLeg | None) -> Any:
    """The same by the definition: every note is read and looked through."""
    matcher = WordMatcher(query)
    weights = {word: math.log(1.0 + 101.0 / (FREQUENCIES.get(word, 0) + 0.5)) for word in query.words}

    def covered(note: Note) -> bool:
        found: list[WordMatch] = [*matcher.matches(note.text), *matcher.matches(note.title)]
        words = {match.word for match in found}
        return sum(weights[word] for word in words if word in weights) >= LEAST_COVERAGE * sum(weights.values())

    strong, weak = [], []
    for each in candidates[: 8 * LIMIT]:
        (note,) = store.notes.get_many([each.note_id])
        if note.trashed_at is None:
            by_words = each.words_rank is not None and (meaning is None or bool(query.phrases) or covered(note))
            (strong if each.related or by_words else weak).append(note.id)
    strong = strong[:LIMIT]
    return strong, weak[: LIMIT - len(strong)]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(1, 60), st.booleans(), st.integers(0, 4)), max_size=50, unique_by=lambda one: one[0]
    ),
    st.lists(st.sampled_from([*WORDS, "swa", '"heron gull"']), min_size=1, max_size=4, unique=True),
    st.booleans(),
    st.booleans(),
)
def test_hits_are_those_that_reading_everything_gives(
    shelf: Store, drawn: list[tuple[int, bool, int]], words: list[str], typing: bool, with_meaning: bool
) -> None:
    query = parse_query(" ".join(words), typing=typing)
    candidates = [candidate(note_id, related=kind == 0, by_words=by_words) for note_id, by_words, kind in drawn]
    meaning = leg() if with_meaning else None
    assert built(shelf, query, candidates, meaning) == plainly(shelf, query, candidates, meaning)


def test_texts_of_weaker_matches_are_read_only_where_they_are_shown(shelf: Store) -> None:
    kept = shelf.notes.all_ids()
    candidates = [candidate(kept[0], related=True, by_words=False)]
    candidates += [candidate(note_id, related=False, by_words=False) for note_id in kept[1:30]]
    notes = ReadingCounted(shelf)
    builder = HitBuilder(notes, shelf.passages)  # type: ignore[arg-type]
    hits, weaker = builder.build(parse_query("x"), {}, 100, candidates, leg(), LIMIT, CancelToken())
    assert (len(hits), len(weaker)) == (1, 4)
    assert notes.read == [kept[:1], kept[1:5]]


@given(
    st.lists(st.integers(40, 52).map(lambda hundredths: hundredths / 100), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 39), st.sampled_from(WORDS)), max_size=3),
)
@settings(max_examples=200, deadline=None)
def test_passages_that_are_not_read_could_not_be_the_best(cosines: list[float], places: list[tuple[int, str]]) -> None:
    matches = [WordMatch(start, start + 3, word) for start, word in sorted(set(places))]
    known = dict(enumerate(cosines))
    found: Any = SimpleNamespace(matches=matches)
    passages = [search_hits.Passage(cosine, 10 * place, 10 * place + 10, ()) for place, cosine in known.items()]
    read = [passages[place] for place in sorted(search_hits._worth_reading(known, found, 0.05))]
    best, best_read = search_hits._best(passages, matches, 0.05), search_hits._best(read, matches, 0.05)
    if matches:
        assert best == best_read
    else:
        assert cosines[best_read.start // 10] == max(cosines)
