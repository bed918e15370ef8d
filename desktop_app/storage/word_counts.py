"""In how many notes words stand, remembered until the word index changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, TextClause, text

from desktop_app.domain.surface_forms import SurfaceForm
from desktop_app.domain.vocabulary import Vocabulary
from desktop_app.storage.surface_search import notes_with_form

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

_MOST_KEPT = 10_000
_MOST_FORMS_KEPT = 200
_MOST_POSTINGS_KEPT = 2_000_000
"""Of 8 bytes each."""

_READ_AT_ONCE_SECONDS = 0.05
_SERVES_TIMES_READING = 30.0
_NOTES_READ_AT_ONCE = 1_000
_NOTES = text("SELECT count(*) FROM notes WHERE trashed_at IS NULL")
_WITH_TOKEN = text("SELECT doc FROM notes_vocabulary WHERE term = :value")
_ALL_TERMS = text("SELECT term, doc FROM notes_vocabulary")
_HAS_TAILS = text("SELECT EXISTS (SELECT 1 FROM note_tails)")
_NOTES_WITH_TAILS = text("SELECT count(DISTINCT note_id) FROM note_tails")
_PIECES_WITH_TOKEN = text("SELECT doc FROM tails_vocabulary WHERE term = :value")
_TERMS_OF_TAILS = text("SELECT term FROM tails_vocabulary")
_MATCHING = text("SELECT count(*) FROM notes_words WHERE notes_words MATCH :value")
# As one text: a row for each would take five times as long to bring over.
_NOTES_MATCHING = text("SELECT group_concat(rowid) FROM notes_words WHERE notes_words MATCH :value")
# FTS5's own records of its totals and of its segments: every change of the index writes a segment more, and counts it
# (https://sqlite.org/fts5.html#fts5_data_structures).
_STAMP = text(
    "SELECT (SELECT group_concat(hex(block)) FROM (SELECT block FROM notes_words_data WHERE id IN (1, 10) ORDER BY id))"
    " || (SELECT group_concat(hex(block)) FROM (SELECT block FROM tails_words_data WHERE id IN (1, 10) ORDER BY id))"
)

_Known = dict[tuple[TextClause, str], int]
_Written = dict[SurfaceForm, Sequence[int]]


def ascending(listed: str | None) -> Integers:
    """The numbers of a `group_concat`, ascending; none of NULL."""
    import numpy as np

    return np.sort(np.fromstring(listed, np.int64, sep=",")) if listed else np.zeros(0, np.int64)


class Postings:
    """The notes in which words stand, as many as fit into the memory that they may take. Thread-safe."""

    def __init__(self, most: int = _MOST_POSTINGS_KEPT) -> None:
        self._most = most
        self._kept: dict[str, Integers] = {}
        self._count = 0
        self._lock = threading.Lock()

    def get(self, expression: str) -> Integers | None:
        """Those of that FTS5 MATCH expression, where they are kept."""
        with self._lock:
            return self._kept.get(expression)

    def put(self, expression: str, notes: Integers) -> None:
        """Keep them; all others go where there is no room."""
        with self._lock:
            if self._count + len(notes) > self._most:
                self._kept, self._count = {}, 0
            if expression not in self._kept and len(notes) <= self._most:
                self._kept[expression] = notes
                self._count += len(notes)


class WordCounts:
    """The counts of the index as it was last seen. Thread-safe.

    While a question is typed, all its words but the last stay the same, and a common word costs a walk over all its
    notes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp = ""
        self._known: _Known = {}
        self._written: _Written = {}
        self._postings = Postings()
        self._terms = Terms()

    def at(self, connection: Connection) -> CountsSeen:
        """The counts as this connection's transaction sees the index, which must hold nothing uncommitted."""
        stamp = str(connection.execute(_STAMP).scalar_one())
        with self._lock:
            if stamp != self._stamp or len(self._known) > _MOST_KEPT or len(self._written) > _MOST_FORMS_KEPT:
                self._stamp, self._known, self._written, self._postings = stamp, {}, {}, Postings()
            return CountsSeen(connection, self._known, self._terms, self._written, stamp, self._postings)


class Terms:
    """The terms of the index, once they were read. Thread-safe.

    All are read in 10 ms where there are 500 notes, and in half a second where there are 25,000: after that they serve
    for a while, however often the index changes, and then until they are read again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._vocabulary: Vocabulary | None = None
        self._stamp = ""
        self._serves_on = False
        self._good_until = 0.0

    def at(self, stamp: str) -> Vocabulary | None:
        """Those of that state of the index, or of an earlier one that took long to read; None where there are none."""
        with self._lock:
            return self._vocabulary if stamp == self._stamp or self._serves_on else None

    def are_due(self, stamp: str) -> bool:
        """Whether to read them again."""
        with self._lock:
            return self._vocabulary is None or (stamp != self._stamp and time.monotonic() >= self._good_until)

    def read(self, connection: Connection, stamp: str) -> Vocabulary:
        """All terms, as the connection sees them."""
        started = time.monotonic()
        terms = dict.fromkeys(connection.execute(_TERMS_OF_TAILS).scalars(), 1)
        terms.update((row[0], row[1]) for row in connection.execute(_ALL_TERMS))
        vocabulary = Vocabulary(terms)
        now = time.monotonic()
        seconds = now - started
        with self._lock:
            self._vocabulary, self._stamp = vocabulary, stamp
            self._serves_on = seconds > _READ_AT_ONCE_SECONDS
            self._good_until = now + (_SERVES_TIMES_READING * seconds if self._serves_on else 0.0)
        return vocabulary


class CountsSeen:
    """Counts for one transaction; what `known`, `written`, `terms` and `postings` have is not looked up again."""

    def __init__(
        self,
        connection: Connection,
        known: _Known | None = None,
        terms: Terms | None = None,
        written: _Written | None = None,
        stamp: str = "",
        postings: Postings | None = None,
    ) -> None:
        self.stamp = stamp
        """Says which state of the index this is; empty where it is not committed."""
        self._connection = connection
        self._written: _Written = {} if written is None else written
        self._known: _Known = {} if known is None else known
        self._terms = terms or Terms()
        self._postings = postings or Postings()

    def notes(self) -> int:
        """Notes in the index."""
        return self._count(_NOTES)

    def has_tails(self) -> bool:
        """Whether the index has tails of long notes; most notebooks have none."""
        return bool(self._count(_HAS_TAILS))

    def with_token(self, token: str) -> int:
        """Notes that have this term of the index; those that have it in the head and in the tail count twice."""
        tails = min(self._count(_PIECES_WITH_TOKEN, token), self._count(_NOTES_WITH_TAILS)) if self.has_tails() else 0
        return self._count(_WITH_TOKEN, token) + tails

    def matching(self, expression: str) -> int:
        """Notes that an FTS5 MATCH expression finds in their own rows, which is all but the tails of long notes."""
        return self._count(_MATCHING, expression)

    def notes_matching(self, expression: str) -> Integers:
        """The same notes, by id, ascending."""
        notes = self._postings.get(expression)
        if notes is None:
            notes = ascending(self._connection.execute(_NOTES_MATCHING, {"value": expression}).scalar())
            self._postings.put(expression, notes)
        return notes

    def with_form(self, form: SurfaceForm) -> Sequence[int]:
        """Notes in which a word stands with its signs (storage/surface_search.py)."""
        if form not in self._written:
            self._written[form] = notes_with_form(self._connection, form)
        return self._written[form]

    def vocabulary(self) -> Vocabulary:
        """All terms of the index, or those of a while ago."""
        return self._terms.at(self.stamp) or self._terms.read(self._connection, self.stamp)

    def has_vocabulary(self) -> bool:
        """Whether `vocabulary` takes no time to speak of."""
        few = self.notes() <= _NOTES_READ_AT_ONCE and not self.has_tails()
        return few or self._terms.at(self.stamp) is not None

    def read_vocabulary(self) -> None:
        """Read the terms where they are not at hand, or are those of too long ago."""
        if self._terms.are_due(self.stamp):
            self._terms.read(self._connection, self.stamp)

    def _count(self, statement: TextClause, value: str = "") -> int:
        key = (statement, value)
        if key not in self._known:
            values = {"value": value} if value else {}
            self._known[key] = int(self._connection.execute(statement, values).scalar() or 0)
        return self._known[key]
