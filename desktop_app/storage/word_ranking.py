"""BM25 of the notes that can be among the best, and of no others.

FTS5 finds 20,000 notes in 2 ms and takes 30 to rank them: for each it reads where the words stand and how long the note
is. What a note has of the question is known without that: the notes of each word are found, and what the words tell
(their idf) is added up for each note. Those with the highest sums are ranked, the fewer the more words tell them apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, TextClause, text

from desktop_app.domain.query import TYPED, any_of
from desktop_app.storage.word_counts import CountsSeen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

WEIGHTS = "2.0, 1.0, 2.0, 1.0"
"""BM25 weights of title, text, tags and the front matter's other properties."""

_MOST_TELLING_APART = 5
"""Words. While it is typed, 2,000 notes are ranked for so many, ten for each one wanted: so many of Cranfield and MED,
chosen so, have the same nDCG@10 as all (benchmarks/RESULTS.md).
"""

_LEAST_IDF = 1e-6
# FTS5's own figure (its function fts5Bm25Function): what stands in more than half of all notes tells next to nothing.

_RANKED = (
    f"SELECT rowid, -bm25(notes_words, {WEIGHTS}) AS score FROM notes_words WHERE notes_words MATCH :match "
    "{those} ORDER BY score DESC, rowid LIMIT :limit"
)
_ALL = text(_RANKED.format(those=""))
# A unary plus keeps SQLite from looking each note up in the index anew (https://sqlite.org/optoverview.html).
_CHOSEN = text(_RANKED.format(those="AND +rowid IN (SELECT value FROM json_each(:chosen))"))

Ranked = list[tuple[int, float]]


class _Word(msgspec.Struct, frozen=True):
    """One alternative of a question, and what it can tell."""

    expression: str
    notes: int
    idf: float


def best_of(
    connection: Connection,
    counts: CountsSeen,
    alternatives: Sequence[str],
    limit: int,
    *,
    allowed: Integers | None = None,
    ranked: int = TYPED.ranked,
) -> Ranked:
    """(note id, BM25 score, higher is better), best first, of the notes that any of the alternatives finds.

    Where not more notes are found than are ranked, exactly what ranking them all gives. Of more, those are ranked whose
    words tell most, of equals the newest; words that stand in more than half of all notes only fill up a list that
    others leave short.

    Args:
        allowed: no other notes than these.
        ranked: how many notes of one word; for several words it is divided by their number, five at most.
    """
    words = _counted(counts, alternatives)
    if not words:
        return []
    if allowed is None and min(counts.notes(), sum(word.notes for word in words)) <= ranked:
        return _rows(connection, _ALL, limit, match=_any(words))
    telling = [word for word in words if word.idf > _LEAST_IDF] or words
    silent = [word for word in words if word not in telling]
    chosen = _most_telling(counts, telling, allowed, ranked // min(len(telling), _MOST_TELLING_APART))
    if len(chosen) < limit and silent:
        chosen, telling = _filled_up(counts, chosen, silent, allowed, limit), words
    return _rows(connection, _CHOSEN, limit, match=_any(telling), chosen=str(chosen.tolist()))


def _counted(counts: CountsSeen, alternatives: Sequence[str]) -> list[_Word]:
    """What stands anywhere."""
    total = counts.notes()
    found = ((each, counts.matching(each)) for each in alternatives)
    return [_Word(each, notes, idf(notes, total)) for each, notes in found if notes]


def idf(notes: int, total: int) -> float:
    """What a word tells that stands in `notes` of `total` notes, as FTS5 has it."""
    if 2 * notes >= total:
        return _LEAST_IDF
    return max(_LEAST_IDF, math.log((total - notes + 0.5) / (notes + 0.5)))


def _most_telling(counts: CountsSeen, words: Sequence[_Word], allowed: Integers | None, most: int) -> Integers:
    """The notes, at most so many, whose words tell most together; of equals the newest."""
    import numpy as np

    found = [counts.notes_matching(word.expression) for word in words]
    told = np.bincount(np.concatenate(found), np.repeat([word.idf for word in words], [len(each) for each in found]))
    notes = np.flatnonzero(told)
    if allowed is not None:
        notes = notes[np.isin(notes, allowed)]
    if len(notes) <= most:
        return notes
    sums = told[notes]
    least = np.partition(sums, len(sums) - most)[len(sums) - most]
    above, equal = notes[sums > least], notes[sums == least]
    return np.concatenate((above, equal[len(equal) - (most - len(above)) :]))


def _filled_up(
    counts: CountsSeen, chosen: Integers, words: Sequence[_Word], allowed: Integers | None, wanted: int
) -> Integers:
    """With the newest of the notes that have any of these words, as many as are wanted together."""
    import numpy as np

    others = np.setdiff1d(np.concatenate([counts.notes_matching(word.expression) for word in words]), chosen)
    if allowed is not None:
        others = others[np.isin(others, allowed)]
    filled: Integers = np.concatenate((chosen, others[max(0, len(others) - (wanted - len(chosen))) :]))
    return filled


def _any(words: Sequence[_Word]) -> str:
    return any_of([word.expression for word in words])


def _rows(connection: Connection, statement: TextClause, limit: int, **values: object) -> Ranked:
    given: Mapping[str, object] = {"limit": limit, **values}
    return [(row[0], row[1]) for row in connection.execute(statement, given)]
