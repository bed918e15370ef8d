"""What a search finds in the tails of long notes, beside what it finds in the notes' own rows of the word index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

from desktop_app.storage.word_counts import CountsSeen
from desktop_app.storage.word_ranking import Ranked, idf

SHARE = 0.1
"""Of what a word tells (its idf) that much counts: about what BM25 gives for one that stands once in a note thirty
times as long as others. Far down in 50 MB nearly every word stands somewhere.
"""

_PIECES = text(
    "SELECT t.id, t.note_id FROM note_tails AS t JOIN notes AS n ON n.id = t.note_id "
    "WHERE n.trashed_at IS NULL AND t.id IN (SELECT rowid FROM tails_words WHERE tails_words MATCH :match)"
)
_HEADS = text(
    "SELECT rowid FROM notes_words WHERE notes_words MATCH :match AND rowid IN (SELECT note_id FROM note_tails)"
)


def with_tails(connection: Connection, counts: CountsSeen, found: Ranked, alternatives: Sequence[str]) -> Ranked:
    """`found`, and what any of the FTS5 MATCH expressions finds in tails: a note counts by its best piece."""
    if not counts.has_tails():
        return found
    by_piece: dict[tuple[int, int], float] = defaultdict(float)
    for each in alternatives:
        pieces = [(row[0], row[1]) for row in connection.execute(_PIECES, {"match": each})]
        telling = SHARE * idf(counts.matching(each) + len({note for _, note in pieces}), counts.notes())
        for piece in pieces:
            by_piece[piece] += telling
    best: dict[int, float] = {}
    for (_, note), score in by_piece.items():
        best[note] = max(score, best.get(note, 0.0))
    scores = dict(found)
    for note, score in best.items():
        scores[note] = scores.get(note, 0.0) + score
    return sorted(scores.items(), key=lambda one: (-one[1], one[0])) if best else found


def long_notes_with_all(connection: Connection, counts: CountsSeen, expressions: Sequence[str]) -> Ranked:
    """Long notes that have all of it, wherever: of two phrases one may stand in the head and the other in the tail."""
    if not counts.has_tails() or not expressions:
        return []
    sets = [long_notes_with(connection, each) for each in expressions]
    telling = SHARE * sum(idf(len(each), counts.notes()) for each in sets)
    return [(note, telling) for note in sorted(set.intersection(*sets))]


def long_notes_with(connection: Connection, expression: str) -> set[int]:
    """Long notes with it in head or tail."""
    heads: Iterable[int] = connection.execute(_HEADS, {"match": expression}).scalars()
    return {*heads, *(row[1] for row in connection.execute(_PIECES, {"match": expression}))}


def in_tails(connection: Connection, expression: str) -> list[int]:
    """Notes with it in their tail."""
    return sorted({row[1] for row in connection.execute(_PIECES, {"match": expression})})
