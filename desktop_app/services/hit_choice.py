"""Which of the notes that were found are hits: by their nearness alone, or by the words that they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from desktop_app.domain.front_matter import other_properties
from desktop_app.domain.notes import Note
from desktop_app.domain.query import Query, is_unspaced
from desktop_app.domain.ranking import word_weight
from desktop_app.domain.word_matching import WordMatch, WordMatcher

LEAST_COVERAGE = 0.5
"""What is found by words alone is a hit when its words carry at least this share of the question's weight (idf)."""

_WORTH_OF_UNKNOWN_PAIR = 0.4


class Candidate(msgspec.Struct, frozen=True):
    """A note in the fused order. `related`: its similarity alone makes it a hit."""

    note_id: int
    score: float
    words_rank: int | None
    meaning_rank: int | None
    similarity: float | None
    related: bool


class Choice:
    """Which candidates are hits, in their order; for one search.

    Args:
        words_suffice: any word that was found makes a hit.
    """

    def __init__(self, query: Query, coverage: Coverage, *, words_suffice: bool) -> None:
        self.strong: list[tuple[Candidate, Note]] = []
        self.weak: list[Candidate] = []
        self._coverage = coverage
        self._words_suffice = words_suffice or bool(query.phrases)

    def worth_reading(self, candidates: Sequence[Candidate]) -> list[int]:
        """The notes without whose text it cannot be said, and those of hits."""
        return [each.note_id for each in candidates if each.related or each.words_rank is not None]

    def look_at(self, candidates: Sequence[Candidate], notes: Mapping[int, Note]) -> None:
        """Put each where it belongs; one that had to be read and is not there is left out."""
        for each in candidates:
            if not each.related and each.words_rank is None:
                self.weak.append(each)
            elif (note := notes.get(each.note_id)) is not None:
                if each.related or self._suffices(note):
                    self.strong.append((each, note))
                else:
                    self.weak.append(each)

    def _suffices(self, note: Note) -> bool:
        if self._words_suffice:
            return not self._coverage.has_letters_only(note)
        return self._coverage.suffices(note)

    def matches(self, candidate: Candidate, note: Note) -> list[WordMatch]:
        """The words to mark in a note; none where words did not find it."""
        return self._coverage.matches(note) if candidate.words_rank is not None else []


class Coverage:
    """How much of a question a note answers in words: the share of the idf weight of the words it holds."""

    def __init__(self, query: Query, frequencies: Mapping[str, int], note_count: int) -> None:
        self._matcher = WordMatcher(query)
        self._weights = {word: word_weight(frequencies.get(word, 0), note_count) for word in query.words}
        for word in query.words:  # of what was cut in pairs, many are no words
            if is_unspaced(word) and not frequencies.get(word, 0):
                self._weights[word] *= _WORTH_OF_UNKNOWN_PAIR
        self._forms = [form.text for form in query.forms if frequencies.get(form.text, 0)]
        if self._forms:  # the letters alone are not what was asked for
            self._weights = {word: self._weights[word] for word in query.words if word not in query.form_words}
            self._weights.update((form, word_weight(frequencies[form], note_count)) for form in self._forms)
        elsewhere = {query.prefix, *query.inside, *self._forms}
        standing = [item for item in self._weights.items() if frequencies.get(item[0], 0) or item[0] in elsewhere]
        self._heaviest_first = sorted(standing, key=lambda item: -item[1])

    def suffices(self, note: Note) -> bool:
        """Whether it is LEAST_COVERAGE; title, tags and front matter count like the text."""
        if not self._weights:
            return True
        if self._forms:
            return self.share(self._found(note)) >= LEAST_COVERAGE
        found = self._matcher.words_in(_beside(note))
        wanted = LEAST_COVERAGE * sum(self._weights.values())
        missing = wanted - sum(weight for word, weight in self._weights.items() if word in found)
        return self._matcher.carries(
            note.text, {word: weight for word, weight in self._heaviest_first if word not in found}, missing
        )

    def share(self, words: Iterable[str]) -> float:
        """What share of the question's weight these words of it have, 0 to 1; 1 of a question without words."""
        found = set(words)
        total = sum(self._weights.values())
        return sum(weight for word, weight in self._weights.items() if word in found) / total if total else 1.0

    def has_letters_only(self, note: Note) -> bool:
        """Whether it has the letters of words with signs, and neither any of these nor another word."""
        return bool(self._forms) and self._found(note).isdisjoint(self._weights)

    def _found(self, note: Note) -> set[str]:
        beside = _beside(note)
        found = self._matcher.words_in(note.text) | self._matcher.words_in(beside)
        if self._forms:
            found |= self._matcher.forms_in(note.text) | self._matcher.forms_in(beside)
        return found

    def matches(self, note: Note) -> list[WordMatch]:
        """Where words of the question stand in its text."""
        return self._matcher.matches(note.text)


def _beside(note: Note) -> str:
    """What belongs to a note beside its text: title, tags and the rest of its front matter."""
    properties = other_properties(note.front_matter) if note.front_matter else ""
    return "\n".join((note.title, *(f"#{tag}" for tag in note.tags), properties))
