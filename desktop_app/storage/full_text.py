"""Full text over notes and messages (FTS5, https://sqlite.org/fts5.html)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy import Connection, Float, Integer, Text, func, literal, literal_column, select, text

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import StoreDamagedError
from desktop_app.domain.folding import fold
from desktop_app.domain.query import TYPED, any_of, is_picture
from desktop_app.domain.search_question import Filter
from desktop_app.domain.surface_forms import SurfaceForm, stands_in
from desktop_app.domain.vocabulary import Vocabulary
from desktop_app.storage.database import Database
from desktop_app.storage.failures import damaged
from desktop_app.storage.file_names import FileNames
from desktop_app.storage.filtered_notes import met_by
from desktop_app.storage.schema import WORD_TABLES
from desktop_app.storage.search_filters import note_conditions
from desktop_app.storage.tables import notes
from desktop_app.storage.tail_words import in_tails, long_notes_with_all, with_tails
from desktop_app.storage.word_counts import CountsSeen, WordCounts
from desktop_app.storage.word_ranking import WEIGHTS, Ranked, best_of

# The tokenizer of the tables that the migrations made; `Tokenizer` must use the same one.
TOKENIZER = "porter unicode61 remove_diacritics 2"
_SEARCH_NOTES = (
    select(literal_column("rowid", Integer), literal_column("-rank", Float))
    .select_from(text("notes_words"))
    .where(text("notes_words MATCH :match"), text(f"rank MATCH 'bm25({WEIGHTS})'"))
    .order_by(literal_column("rank"))
)
# Of chosen notes: a bare `rowid IN` would run the whole MATCH again for each of them, which took seconds.
_AMONG = (
    select(literal_column("rowid", Integer), literal_column(f"-bm25(notes_words, {WEIGHTS})", Float).label("score"))
    .select_from(text("notes_words"))
    .where(text("notes_words MATCH :match"))
    .order_by(literal_column("score").desc(), literal_column("rowid"))
)
_NOTES_WITH = text("SELECT rowid FROM notes_words WHERE notes_words MATCH :match")
_NOTES_SHOWING = text(
    "SELECT id FROM notes WHERE trashed_at IS NULL AND (instr(text, :picture) OR instr(title, :picture))"
)
_ANY_WITH = text("SELECT rowid FROM notes_words WHERE notes_words MATCH :match LIMIT 1")
_ANY_TAIL_WITH = text("SELECT rowid FROM tails_words WHERE tails_words MATCH :match LIMIT 1")
_LANGUAGES_SEEN_AT_ONCE = 1_000
"""Of more notes the languages are looked for again when a two-hundredth came or went, which can be a new language:
common words take long.
"""
_T = TypeVar("_T")


class Tokenizer:
    """Splits and stems words exactly as the index does, by asking the same tokenizer in a table in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def tokens(self, words: Sequence[str]) -> list[list[str]]:
        """The index terms of each word, in order; none for what the tokenizer drops, several for words such as
        "e-mail".
        """
        with self._lock:
            connection = self._opened()
            connection.execute("BEGIN")
            try:
                connection.executemany("INSERT INTO words(rowid, word) VALUES (?, ?)", enumerate(words))
                rows = connection.execute("SELECT doc, term FROM terms ORDER BY doc, offset").fetchall()
            finally:
                connection.execute("ROLLBACK")
        found: list[list[str]] = [[] for _ in words]
        for place, term in rows:
            found[place].append(term)
        return found

    def close(self) -> None:
        """Give the memory back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            self._connection.execute(f"CREATE VIRTUAL TABLE words USING fts5(word, tokenize='{TOKENIZER}')")
            self._connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(words, instance)")
        return self._connection


class FullText:
    """Implements WordIndex."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tokenizer = Tokenizer()
        self._counts = WordCounts()
        self._seen = threading.local()
        self._names = FileNames()
        self._languages: tuple[str, int, tuple[str, ...]] = ("", -1, ())

    def interruptible(self, cancel: CancelToken) -> AbstractContextManager[None]:
        """Inside, this thread's reads of the store, whichever part of it is asked, end when `cancel` is raised, and
        raise CancelledError.
        """
        return self._database.interruptible(cancel)

    def search_notes(
        self, match: str, limit: int, filters: Sequence[Filter] = (), within: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """(note id, BM25 score, higher is better) for an FTS5 MATCH expression, best first, trash excluded.

        Notes that do not meet every filter, and those that are not `within`, are left out. Raises StoreError for an
        expression that FTS5 does not understand.
        """
        return self._search(match, [match], limit, filters, within)

    def best_notes(
        self,
        alternatives: Sequence[str],
        limit: int,
        filters: Sequence[Filter] = (),
        *,
        ranked: int = TYPED.ranked,
    ) -> list[tuple[int, float]]:
        """The same for notes that any of the expressions finds (storage/word_ranking.py)."""
        is_committed = not self._database.in_transaction

        def work(connection: Connection, counts: CountsSeen) -> Ranked:
            allowed = met_by(connection, filters, is_committed=is_committed) if filters else None
            found = best_of(connection, counts, alternatives, limit, allowed=allowed, ranked=ranked)
            more = with_tails(connection, counts, found, alternatives)
            return more if more is found else _allowed(connection, more, filters)[:limit]

        return self._counting(work)

    def long_notes_with_all(
        self, expressions: Sequence[str], filters: Sequence[Filter] = ()
    ) -> list[tuple[int, float]]:
        """Notes too long for one row of the index that each of the expressions finds somewhere, as `search_notes`."""

        def work(connection: Connection, counts: CountsSeen) -> Ranked:
            return _allowed(connection, long_notes_with_all(connection, counts, expressions), filters)

        return self._counting(work)

    def _search(
        self,
        match: str,
        alternatives: Sequence[str],
        limit: int,
        filters: Sequence[Filter],
        within: Sequence[int] | None = None,
    ) -> Ranked:
        statement = (_SEARCH_NOTES if within is None and not filters else _AMONG).limit(limit)
        if within is not None:
            listed = func.json_each(literal(str(list(within)), Text)).table_valued("value").c.value
            statement = statement.where(literal_column("+rowid").in_(select(listed)))
        if filters:
            allowed = select(notes.c.id).where(*note_conditions(filters))
            statement = statement.where(literal_column("+rowid").in_(allowed))

        def work(connection: Connection, counts: CountsSeen) -> Ranked:
            found = [(row[0], row[1]) for row in connection.execute(statement, {"match": match})]
            more = with_tails(connection, counts, found, alternatives)
            if within is not None:
                kept = set(within)
                more = [each for each in more if each[0] in kept]
            return found if more is found else _allowed(connection, more, filters)[:limit]

        return self._counting(work)

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many notes each (unstemmed, lower-case) term stands, by the index's own tokenizer; 0 where nowhere.

        For a term of several words ("e-mail") it is the rarest word's number, an upper bound.
        """
        tokens = self._tokenizer.tokens(terms)

        def work(_connection: Connection, counts: CountsSeen) -> dict[str, int]:
            return {
                term: min((counts.with_token(token) for token in group), default=0)
                for term, group in zip(terms, tokens, strict=True)
            }

        return self._counting(work)

    def has_beginning(self, word: str) -> bool:
        """Whether any word of the notes begins so."""
        values = {"match": f'"{word}"*'}
        return bool(self._rows(_ANY_WITH, values)) or bool(self._rows(_ANY_TAIL_WITH, values))

    def notes_with_part(self, word: str) -> list[int]:
        """Notes with words that this one is a part of (domain/vocabulary.py), by id."""
        if is_picture(word):
            return [row[0] for row in self._rows(_NOTES_SHOWING, {"picture": word})]
        terms = self._vocabulary().with_part(word)
        if not terms:
            return []
        # As prefixes: the index cuts endings of what it is asked for, and a stem may have one itself.
        match = any_of([f'"{term}"*' for term in terms])
        return self.notes_with(match)

    def notes_with_form(self, form: SurfaceForm) -> Sequence[int]:
        """Notes in which a word stands with its signs, or that have the tag or a file of the name it says."""

        def work(connection: Connection, counts: CountsSeen) -> list[int]:
            parts = [fold(part) for part in form.parts]
            named = self._names.with_words(connection, counts.stamp, parts, growing=form.growing)
            of_name = [note_id for note_id, name in named if stands_in(form, [name])]
            return list(dict.fromkeys((*counts.with_form(form), *of_name)))

        return self._counting(work)

    def notes_with_file(self, words: Sequence[str], *, growing: bool = False) -> list[int]:
        """Notes that were imported from, are linked to, or have attached a file whose name has all the words; with
        `growing` the last one may go on. Notes in the trash may be among them.
        """
        folded = [fold(word) for word in words]

        def work(connection: Connection, counts: CountsSeen) -> list[int]:
            named = self._names.with_words(connection, counts.stamp, folded, growing=growing)
            return list(dict.fromkeys(note_id for note_id, _ in named))

        return self._counting(work)

    def spelled_like(self, word: str) -> list[str]:
        """The terms spelled most like a word with a mistake or two (domain/vocabulary.py), best first, few."""
        return self._vocabulary().spelled_like(word)

    def notes_with(self, match: str) -> list[int]:
        """Notes that an FTS5 MATCH expression finds, by id."""

        def work(connection: Connection, counts: CountsSeen) -> list[int]:
            found = list(connection.execute(_NOTES_WITH, {"match": match}).scalars())
            return sorted({*found, *in_tails(connection, match)}) if counts.has_tails() else found

        return self._counting(work)

    def languages(self) -> tuple[str, ...]:
        """The languages beside English that notes are written in (domain/languages.py), the commonest first."""
        stamp, count, known = self._languages
        now, notes = self._counting(lambda _connection, counts: (counts.stamp, counts.notes()))
        few_changed = notes > _LANGUAGES_SEEN_AT_ONCE and abs(notes - count) * 200 <= notes
        if now and (now == stamp or few_changed):
            return known
        from desktop_app.domain.languages import all_markers, languages_of  # the window's start needs none

        found = languages_of(self.document_frequencies(all_markers()), notes)
        self._languages = (now, notes, found)
        return found

    def other_forms(self, words: Sequence[str], languages: Sequence[str]) -> dict[str, dict[str, int]]:
        """For each word, the terms that are other forms of it in any of the languages, and how many notes have them."""
        vocabulary = self._vocabulary()
        found: dict[str, dict[str, int]] = {}
        for word, own in zip(words, self._tokenizer.tokens(words), strict=True):
            others = {term: notes for term, notes in vocabulary.forms(word, languages).items() if term not in own}
            if others:
                found[word] = others
        return found

    def terms_at_hand(self) -> bool:
        """Whether parts of words and spellings are answered without a long reading of all terms."""
        return self._counting(lambda _connection, counts: counts.has_vocabulary())

    def read_terms(self) -> None:
        """Read all terms where they are not at hand, or have served for long; half a second where there are 25,000
        notes.
        """
        self._counting(lambda _connection, counts: counts.read_vocabulary())

    def note_count(self) -> int:
        """Notes in the index: those not in the trash."""
        return self._counting(lambda _connection, counts: counts.notes())

    def integrity_check(self) -> None:
        """Raise StoreDamagedError when the index and the text differ."""

        def work(connection: Connection) -> None:
            for table in WORD_TABLES:
                # A rank of 1 compares the index with the texts, not only with itself.
                connection.execute(text(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)"))

        try:
            self._database.write(work)
        except StoreDamagedError as error:
            raise damaged("The full-text index and the texts differ.") from error

    def rebuild(self) -> None:
        """Make the index again from the texts."""

        def work(connection: Connection) -> None:
            for table in WORD_TABLES:
                connection.execute(text(f"INSERT INTO {table}({table}) VALUES ('rebuild')"))

        self._database.write(work)

    def close(self) -> None:
        """Give the tokenizer's memory back."""
        self._tokenizer.close()

    def _vocabulary(self) -> Vocabulary:
        return self._counting(lambda _connection, counts: counts.vocabulary())

    def _counting(self, work: Callable[[Connection, CountsSeen], _T]) -> _T:
        """Run `work` with the counts that its connection sees. What is remembered holds for committed changes only."""
        uncommitted = self._database.in_transaction
        return self._database.read(
            lambda connection: work(connection, CountsSeen(connection) if uncommitted else self._counts_at(connection))
        )

    def _counts_at(self, connection: Connection) -> CountsSeen:
        """Of reads that see one moment together, the first one asks which state of the index it is."""
        moment = self._database.moment
        if moment is None:
            return self._counts.at(connection)
        known: tuple[object, CountsSeen] | None = getattr(self._seen, "counts", None)
        if known is None or known[0] is not moment:
            known = self._seen.counts = (moment, self._counts.at(connection))
        return known[1]

    def _rows(self, statement: Any, values: dict[str, Any]) -> list[Any]:
        return self._database.read(lambda connection: [tuple(row) for row in connection.execute(statement, values)])


def _allowed(connection: Connection, found: Ranked, filters: Sequence[Filter]) -> Ranked:
    """Those that meet every filter."""
    if not filters or not found:
        return found
    listed = select(literal_column("value", Integer)).select_from(text("json_each(:ids)"))
    statement = select(notes.c.id).where(*note_conditions(filters), notes.c.id.in_(listed))
    met = set(connection.execute(statement, {"ids": str([note for note, _ in found])}).scalars())
    return [one for one in found if one[0] in met]
