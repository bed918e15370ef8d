"""BM25 of the notes that can be among the best, and of no others.

FTS5 finds 20,000 notes in 2 ms and takes 30 to rank them: for each it reads where the words stand and how long the note
is. Most of them only have the question's commonest word. What a word can add to a score is bounded, so often those with
rarer words are known to be better before one of the others is looked at (MaxScore: Turtle and Flood, "Query Evaluation:
Strategies and Optimizations", 1995).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from desktop_app.domain.query import POSTING_BUDGET, any_of
from desktop_app.storage.word_counts import CountsSeen

WEIGHTS = "2.0, 1.0, 2.0, 1.0"
"""BM25 weights of title, text, tags and the front matter's other properties."""

_MOST_OF_A_WORD = 2.2
_LEAST_IDF = 1e-6
# FTS5's own figures (its function fts5Bm25Function): a word adds at most its idf times k1 + 1, and where it stands in
# more than half of all notes its idf is next to nothing.

TAIL = 2_000
"""Of the notes that have such words alone, the newest are ranked: they only fill up a list that others lead."""

_SPARE = 2
"""Times as many notes as are wanted must have the rarer words before the others are left out unseen."""

_RANKED = (
    f"SELECT rowid, -bm25(notes_words, {WEIGHTS}) AS score FROM notes_words WHERE notes_words MATCH :match "
    "{those} ORDER BY score DESC, rowid LIMIT :limit"
)
# A unary plus keeps SQLite from looking each note up in the index anew (https://sqlite.org/optoverview.html).
_WITH_ANY = "+rowid IN (SELECT rowid FROM notes_words WHERE notes_words MATCH :leading)"
_ALL = text(_RANKED.format(those=""))
_LEADING = text(_RANKED.format(those=f"AND {_WITH_ANY}"))
_NEWEST = text(_RANKED.format(those="AND +rowid >= :first"))
_LEADING_AND_NEWEST = text(_RANKED.format(those=f"AND (+rowid >= :first OR {_WITH_ANY})"))
_FIRST_OF_NEWEST = text(
    "SELECT rowid FROM notes_words WHERE notes_words MATCH :match ORDER BY rowid DESC LIMIT 1 OFFSET :newest"
)

Ranked = list[tuple[int, float]]


class _Word(msgspec.Struct, frozen=True):
    """One alternative of a question, and what it can tell."""

    expression: str
    notes: int
    idf: float

    @property
    def tells_nothing(self) -> bool:
        return self.idf <= _LEAST_IDF


def best_of(
    connection: Connection,
    counts: CountsSeen,
    alternatives: Sequence[str],
    limit: int,
    budget: int = POSTING_BUDGET,
    tail: int = TAIL,
) -> Ranked:
    """(note id, BM25 score, higher is better), best first, of the notes that any of the alternatives finds.

    Exactly what ranking them all would give, up to the order of equals, but for two things: of notes that only have
    words of more than half of all notes, the newest `tail` come in where others lead the list; and where more than
    `budget` notes would have to be ranked, those with the rarest words are, and the newest of the others.
    """
    words = _counted(counts, alternatives)
    if not words:
        return []
    match = any_of(alternatives)
    leading = _leading(words, limit)
    if leading:
        found = _rows(connection, _LEADING, limit, match=match, leading=_any(words[:leading]))
        if len(found) == limit and found[-1][1] > _bound(words[leading:]):
            return found
    rare, others = _within(words, budget)
    fills_up = bool(rare) and all(word.tells_nothing for word in others)
    newest = tail if fills_up else budget - sum(word.notes for word in rare)
    return _with_newest(connection, match, rare, others, limit, newest)


def _counted(counts: CountsSeen, alternatives: Sequence[str]) -> list[_Word]:
    """What stands anywhere, the rarest first."""
    total = counts.notes()
    found = ((each, counts.matching(each)) for each in alternatives)
    words = [_Word(each, notes, idf(notes, total)) for each, notes in found if notes]
    return sorted(words, key=lambda word: word.notes)


def idf(notes: int, total: int) -> float:
    """What a word tells that stands in `notes` of `total` notes, as FTS5 has it."""
    if 2 * notes >= total:
        return _LEAST_IDF
    return max(_LEAST_IDF, math.log((total - notes + 0.5) / (notes + 0.5)))


def _bound(words: Sequence[_Word]) -> float:
    """What these words can give a note at most."""
    return _MOST_OF_A_WORD * sum(word.idf for word in words)


def _leading(words: Sequence[_Word], limit: int) -> int:
    """How many of the rarest words probably lead the whole list; 0 where none do. Whether they did is seen after.

    A note of middling length that has a word once gets about its idf.
    """
    notes = 0
    for place, word in enumerate(words[:-1], start=1):
        notes += word.notes
        if notes >= _SPARE * limit and 2.0 * _bound(words[place:]) <= word.idf:
            return place
    return 0


def _within(words: Sequence[_Word], budget: int) -> tuple[Sequence[_Word], Sequence[_Word]]:
    """(the rarest words that tell something, as long as their notes fit the budget; the others)."""
    for place, word in enumerate(words):
        budget -= word.notes
        if budget < 0 or word.tells_nothing:
            return words[:place], words[place:]
    return words, ()


def _with_newest(
    connection: Connection, match: str, rare: Sequence[_Word], others: Sequence[_Word], limit: int, newest: int
) -> Ranked:
    """The best of all notes with `rare` words, and of the `newest` that any word finds."""
    first = None
    if sum(word.notes for word in others) > newest:
        first = connection.execute(_FIRST_OF_NEWEST, {"match": match, "newest": newest}).scalar()
    if first is None:
        return _rows(connection, _ALL, limit, match=match)
    if rare:
        return _rows(connection, _LEADING_AND_NEWEST, limit, match=match, first=first, leading=_any(rare))
    return _rows(connection, _NEWEST, limit, match=match, first=first)


def _any(words: Sequence[_Word]) -> str:
    return any_of([word.expression for word in words])


def _rows(connection: Connection, statement: Any, limit: int, **values: object) -> Ranked:
    given: Mapping[str, object] = {"limit": limit, **values}
    return [(row[0], row[1]) for row in connection.execute(statement, given)]
