"""The word leg of a search: BM25 by note, parts of words, and what was probably meant by words that stand nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

import msgspec
from msgspec.structs import replace

from desktop_app.domain.folding import fold
from desktop_app.domain.query import (
    POSTING_BUDGET,
    TYPED,
    Query,
    WordBudget,
    alternatives_of,
    any_of,
    family_expression,
    is_unspaced,
    match_expression,
    required_of,
    word_expression,
)
from desktop_app.domain.ranking import CANDIDATES, word_weight
from desktop_app.domain.search import WordCorrection
from desktop_app.domain.search_question import Filter
from desktop_app.domain.stemming import stem
from desktop_app.domain.vocabulary import mistakes, mistakes_allowed
from desktop_app.domain.word_matching import WordMatcher
from desktop_app.services.ports import NoteSieve, NoteStore, WordIndex

MOST_OF_A_WORD = 2.2
"""Times its inverse document frequency, BM25 gives a word at most (k1 + 1)."""

_WORTH_OF_SMALL_WORDS = 0.4
_WORTH_OF_OTHER_FORM = 0.8
_MOST_CORRECTED = 4
_MOST_IN_A_NAME = 8
_SHORTEST_SURE = 5
_NOTES_READ_FOR_A_WORD = 3
_READ_FOR_A_WORD = 50_000
_ONE_PLACE = 1_000
"""Characters: about a passage of the encoder's."""
_WORD = re.compile(r"[^\W\d_]+")


class Words(msgspec.Struct, frozen=True):
    """What the word leg found.

    Attributes:
        query: the question's, with the words that were sought inside others (`Query.inside`).
        scores: by note; higher is better.
        frequencies: in how many notes each word of the question stands.
        missing: words that stand nowhere, not even as a part.
        named: notes with a file that has all words of the question in its name.
        asks_terms: words were to be sought inside others.
        incomplete: they were not yet, since the terms of the index are still to be read.
        together: the first note has all words in one place, as far as that was asked.
    """

    query: Query
    scores: Mapping[int, float]
    frequencies: Mapping[str, int]
    note_count: int
    missing: tuple[str, ...] = ()
    named: frozenset[int] = frozenset()
    asks_terms: bool = False
    incomplete: bool = False
    together: bool = False


class WordLeg:
    """Asks the word index. Thread-safe."""

    def __init__(self, words: WordIndex, sieve: NoteSieve, notes: NoteStore) -> None:
        self._words = words
        self._sieve = sieve
        self._notes = notes

    def find(
        self,
        query: Query,
        conditions: Sequence[Filter],
        without: int | None = None,
        *,
        at_once: bool = False,
        budget: WordBudget = TYPED,
    ) -> Words:
        """The notes that have any of the words, and all phrases; never the note `without`. Raises StoreError.

        Args:
            at_once: leave out what a long reading of the index's terms is needed for, and say so.
        """
        frequencies = dict(self._words.document_frequencies(query.terms)) if query.terms else {}
        languages = query.languages if query.words else ()
        sought = self._sought_inside(query, frequencies)
        if languages and not self._terms_missing(at_once=at_once):
            query = self._with_families(query, languages, frequencies)
        runs = [run for phrase in query.phrases for run in phrase if is_unspaced(run)]
        asks_terms = bool(sought or runs or languages)
        incomplete = asks_terms and self._terms_missing(at_once=at_once)
        parts = {} if incomplete else {word: self._words.notes_with_part(fold(word)) for word in sought}
        frequencies.update({word: max(len(notes), frequencies.get(word, 0)) for word, notes in parts.items()})
        count = self._words.note_count()
        if runs:
            query = replace(query, inside=(*query.inside, *runs))
            found = {} if incomplete else self._with_runs(query, runs, frequencies, conditions)
        elif query.phrases:
            long = dict(self._words.long_notes_with_all(required_of(query), conditions))
            found = long | dict(self._words.search_notes(match_expression(query, frequencies), CANDIDATES, conditions))
        else:
            alternatives = alternatives_of(query, frequencies, budget.postings)
            found = dict(self._words.best_notes(alternatives, CANDIDATES, conditions, ranked=budget.ranked))
        if query.forms:
            self._add_forms(found, query, frequencies, count, conditions)
        if query.families and not query.phrases:
            self._add_families(found, query, frequencies, count, conditions, parts)
        if parts:
            self._add(found, parts, count, conditions, required=bool(query.phrases))
        if query.small and found and not query.phrases:
            self._add_small(found, query.small)
        named = self._add_named(found, query, frequencies, count, conditions)
        found.pop(without or 0, None)
        begun = query.prefix if query.prefix not in sought else ""
        missing = tuple(word for word in query.words if not frequencies.get(word, 0) and word != begun)
        inside = tuple(dict.fromkeys((*query.inside, *(word for word, notes in parts.items() if notes))))
        if named or incomplete:
            missing = ()
        return Words(replace(query, inside=inside), found, frequencies, count, missing, named, asks_terms, incomplete)

    def stand_together(self, words: Words) -> bool:
        """Whether one place of the first note has all words of the question. Raises StoreError."""
        first = max(words.scores, key=lambda note_id: (words.scores[note_id], -note_id), default=None)
        if first is None or words.missing:
            return False
        return WordMatcher(words.query).all_within(self._notes.get(first).text, _ONE_PLACE)

    def corrections(self, missing: Iterable[str], *, surely: bool = False) -> tuple[WordCorrection, ...]:
        """What was probably meant by words that stand nowhere. Raises StoreError.

        Args:
            surely: only what leaves little doubt: a single mistake in a word that is not short.
        """
        made = ((word, self._meant(word, surely=surely)) for word in islice(missing, _MOST_CORRECTED))
        return tuple(WordCorrection(word, meant) for word, meant in made if meant)

    def _with_families(self, query: Query, languages: Sequence[str], frequencies: dict[str, int]) -> Query:
        """The query with other forms of its words; `frequencies` learns in how many notes any form stands."""
        spaced = [word for word in query.words if not is_unspaced(word)]
        families = self._words.other_forms(spaced, languages)
        frequencies.update((word, frequencies.get(word, 0) + sum(terms.values())) for word, terms in families.items())
        return replace(query, families=tuple((word, tuple(terms)) for word, terms in families.items()))

    def _sought_inside(self, query: Query, frequencies: Mapping[str, int]) -> list[str]:
        """The words that are to be sought inside others: those of scripts without blanks, and those that stand nowhere
        themselves.
        """
        sought = [word for word in query.words if is_unspaced(word) or not frequencies.get(word, 0)]
        if query.prefix in sought and self._words.has_beginning(query.prefix):
            sought.remove(query.prefix)
        return sought

    def _terms_missing(self, *, at_once: bool) -> bool:
        if at_once:
            return not self._words.terms_at_hand()
        self._words.read_terms()
        return False

    def _with_runs(
        self, query: Query, runs: Sequence[str], frequencies: Mapping[str, int], conditions: Sequence[Filter]
    ) -> dict[int, float]:
        """The notes with all phrases, of which some are written without blanks: those stand inside of longer ones."""
        with_all = set.intersection(*(set(self._words.notes_with_part(fold(run))) for run in runs))
        if conditions:
            with_all &= set(self._sieve.ids(conditions))
        spaced = tuple(phrase for phrase in query.phrases if not any(map(is_unspaced, phrase)))
        if not spaced:
            return dict.fromkeys(with_all, 1.0)
        match = match_expression(replace(query, phrases=spaced), frequencies)
        found = self._words.search_notes(match, CANDIDATES, conditions)
        return {note_id: score for note_id, score in found if note_id in with_all}

    def _add_small(self, found: dict[int, float], words: Sequence[str]) -> None:
        """Of notes that other words found alike, those with the question's small words, too, come first."""
        match = any_of([word_expression(word) for word in words])
        for note_id, score in self._words.search_notes(match, CANDIDATES, within=sorted(found)):
            found[note_id] += _WORTH_OF_SMALL_WORDS * score

    def _add_families(
        self,
        found: dict[int, float],
        query: Query,
        frequencies: Mapping[str, int],
        count: int,
        conditions: Sequence[Filter],
        parts: Mapping[str, Sequence[int]],
    ) -> None:
        """A note that has another form of a word, and not the very one, gets nearly what BM25 gives a word that stands
        once in a note of middling length. As alternatives of their own, rare forms would count more than the word.
        Notes with the word as a part of others (`parts`) have what they get.
        """
        allowed = set(self._sieve.ids(conditions)) if conditions else None
        budget = POSTING_BUDGET
        for word, terms in sorted(query.families, key=lambda family: frequencies[family[0]]):
            budget -= frequencies[word]
            if budget < 0:
                break
            others = set(self._words.notes_with(family_expression(terms)))
            others.difference_update(self._words.notes_with(word_expression(word)), parts.get(word, ()))
            weight = _WORTH_OF_OTHER_FORM * word_weight(frequencies[word], count)
            for note_id in others if allowed is None else others & allowed:
                found[note_id] = found.get(note_id, 0.0) + weight
        _keep_best(found)

    def _add_forms(
        self,
        found: dict[int, float],
        query: Query,
        frequencies: dict[str, int],
        count: int,
        conditions: Sequence[Filter],
    ) -> None:
        """Lead with the notes in which words stand with the signs they were typed with; keep no others where these were
        quoted. `frequencies` learns in how many notes each stands.
        """
        written = {form: set(self._words.notes_with_form(form)) for form in query.forms}
        frequencies.update((form.text, len(notes)) for form, notes in written.items())
        exact: set[int] = set().union(*written.values())
        if exact:
            allowed = exact & set(self._sieve.ids(conditions)) if conditions else exact
            match = match_expression(query, frequencies)
            if match:
                found.update(self._words.search_notes(match, CANDIDATES, within=sorted(allowed)))
            for notes in written.values():
                # As much as BM25 can give a word, so that nothing with its letters alone comes before.
                weight = MOST_OF_A_WORD * word_weight(len(notes), count)
                for note_id in notes & allowed:
                    found[note_id] = found.get(note_id, 0.0) + weight
        for form in query.forms:
            if form.required:
                for note_id in found.keys() - written[form]:
                    del found[note_id]
        _keep_best(found)

    def _add_named(
        self,
        found: dict[int, float],
        query: Query,
        frequencies: Mapping[str, int],
        count: int,
        conditions: Sequence[Filter],
    ) -> frozenset[int]:
        """Notes with a file whose name has all the words: as much as if each stood once in the note."""
        if query.phrases or not query.words or len(query.words) > _MOST_IN_A_NAME:
            return frozenset()
        words = sorted(query.words, key=lambda word: word == query.prefix)
        named = set(self._words.notes_with_file(words, growing=bool(query.prefix)))
        if named and conditions:
            named &= set(self._sieve.ids(conditions))
        worth = sum(word_weight(frequencies.get(word, 0), count) for word in query.words)
        for note_id in named:
            found[note_id] = max(found.get(note_id, 0.0), worth)
        return frozenset(named)

    def _add(
        self,
        found: dict[int, float],
        parts: Mapping[str, Sequence[int]],
        count: int,
        conditions: Sequence[Filter],
        *,
        required: bool,
    ) -> None:
        """Each part counts as BM25 counts a word that stands once in a note of middling length."""
        allowed = set(self._sieve.ids(conditions)) if conditions else None
        for notes in parts.values():
            weight = word_weight(len(notes), count)
            for note_id in notes:
                if (allowed is None or note_id in allowed) and (not required or note_id in found):
                    found[note_id] = found.get(note_id, 0.0) + weight
        _keep_best(found)

    def _meant(self, word: str, *, surely: bool) -> str:
        """The word that is spelled most like it, as it stands in a note: the index only has stems, and words may be
        unlike whose stems are alike.
        """
        if surely and len(word) < _SHORTEST_SURE:
            return ""
        asked = fold(word).replace("ß", "ss")
        most = 1 if surely else mistakes_allowed(word) + 1  # the ending may be another one
        forms = [form for term in self._words.spelled_like(fold(word)) for form in self._forms_of(term)]
        counted = [(mistakes(asked, fold(form).replace("ß", "ss"), most), form) for form in forms]
        return min((each for each in counted if each[0] <= most), key=lambda each: each[0], default=(0, ""))[1]

    def _forms_of(self, term: str) -> dict[str, None]:
        """The words of that stem in a few notes that have it; those in small letters first."""
        forms: dict[str, None] = {}
        for note_id, _ in self._words.search_notes(f'"{term}"', _NOTES_READ_FOR_A_WORD):
            note = self._notes.get(note_id)
            texts = (note.title, *note.tags, note.text[:_READ_FOR_A_WORD])
            forms.update((_written(found), None) for found in _words_of(texts) if stem(fold(found)) == fold(term))
        return dict.fromkeys(sorted(forms, key=lambda form: not form.islower()))


def _keep_best(found: dict[int, float]) -> None:
    """No more than a leg contributes."""
    for note_id, _ in sorted(found.items(), key=lambda item: -item[1])[CANDIDATES:]:
        del found[note_id]


def _words_of(texts: Iterable[str]) -> Iterable[str]:
    find: Callable[[str], list[str]] = _WORD.findall
    return (word for text in texts for word in find(text))


def _written(word: str) -> str:
    """A name keeps its capital; a word in capitals alone needs none."""
    return word.lower() if word.isupper() else word
