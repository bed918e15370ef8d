"""Where the words of a question stand in a text, as the word index sees them: stems, prefixes, without accents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum

import msgspec

from desktop_app.domain.folding import fold
from desktop_app.domain.query import Query, is_unspaced
from desktop_app.domain.search import Span
from desktop_app.domain.stemming import beginning_of, stem
from desktop_app.domain.surface_forms import surface_pattern
from desktop_app.domain.vocabulary import SHORTEST_PART

MOST_CHARACTERS = 300_000
"""Texts are looked at so far and no further."""

_WORD = re.compile(r"[^\W_]+")
_ROUNDING = 1e-9


class WordMatch(msgspec.Struct, frozen=True):
    """Characters [start, end) that match `word` of the question."""

    start: int
    end: int
    word: str


class MatchKind(Enum):
    """How a word of a note matches one of the question: the word itself, another form of it, its beginning, or any part
    of it.
    """

    WORD = "word"
    FORM = "form"
    BEGINNING = "beginning"
    PART = "part"


class WordMatcher:
    """Finds the words and phrases of one question. Not thread-safe."""

    def __init__(self, query: Query) -> None:
        others = {fold(term): word for word, terms in query.families for term in terms}
        self._stems = others | {stem(fold(word)): word for word in query.words}
        self._words_asked = {fold(word): word for word in query.terms}
        self._stems_asked = others | {stem(folded): word for folded, word in self._words_asked.items()}
        self._prefix = (fold(query.prefix), query.prefix) if query.prefix else None
        beginnings = [(beginning_of(found), word) for found, word in self._stems.items()]
        if self._prefix is not None:
            beginnings.append(self._prefix)
        self._beginnings = [(beginning, _words_from(beginning), word) for beginning, word in beginnings]
        self._inside = [(_around(fold(word)), word) for word in query.inside]
        self._asked_by_word: dict[str, str | None] = {}
        self._forms = [(surface_pattern(form), form) for form in query.forms]
        self._form_words = frozenset(query.form_words)
        self._phrases = [(tuple(stem(fold(word)) for word in phrase), " ".join(phrase)) for phrase in query.phrases]

    def matches(self, text: str) -> list[WordMatch]:
        """All matches in `text`, in order; a phrase gives one match for each of its words."""
        folded = fold(text[:MOST_CHARACTERS])
        found = {match.start: match for match in self._words(folded)}
        for match in self._phrase_matches(folded):
            found.setdefault(match.start, match)
        for part, word in self._inside:
            for each in part.finditer(folded):
                found.setdefault(each.start(), WordMatch(each.start(), each.end(), word))
        if self._forms:
            found = self._with_forms(found, folded)
        ordered = [found[start] for start in sorted(found)]
        return _joined(ordered) if self._inside else ordered

    def words_in(self, text: str) -> set[str]:
        """Which words of the question stand in `text`: those of `matches` without phrases, in a tenth of the time."""
        folded = fold(text[:MOST_CHARACTERS])
        found: set[str] = set()
        for beginning, words_from, word in self._beginnings:
            if beginning in folded and word not in found:
                for match in words_from.finditer(folded):
                    asked = self._asked(match[0])
                    if asked is not None:
                        found.add(asked)
                    if asked == word:
                        break
        found.update(word for part, word in self._inside if part.search(folded))
        return found

    def carries(self, text: str, worth: Mapping[str, float], enough: float) -> bool:
        """Whether the words of the question that stand in `text` are worth `enough` together: looks no further than
        until that is known, which is soonest where the worthiest come first.
        """
        folded = fold(text[:MOST_CHARACTERS])
        left = sum(worth.values())
        for word, worth_of_it in worth.items():
            if enough <= _ROUNDING or left < enough - _ROUNDING:
                break
            left -= worth_of_it
            if self._stands_in(folded, word):
                enough -= worth_of_it
        return enough <= _ROUNDING

    def _stands_in(self, folded: str, asked: str) -> bool:
        for beginning, words_from, word in self._beginnings:
            if (
                word == asked
                and beginning in folded
                and any(self._asked(match[0]) == asked for match in words_from.finditer(folded))
            ):
                return True
        return any(word == asked and part.search(folded) for part, word in self._inside)

    def all_within(self, text: str, reach: int) -> bool:
        """Whether somewhere in `text` all words of the question stand within so many characters."""
        words = set(self._stems.values())
        if not words or not words <= self.words_in(text):
            return False
        last: dict[str, int] = {}
        for match in self.matches(text):
            if match.word in words:
                last[match.word] = match.start
                if len(last) == len(words) and match.end - min(last.values()) <= reach:
                    return True
        return False

    def forms_in(self, text: str) -> set[str]:
        """Which words with signs (`Query.forms`) stand in `text`."""
        if not self._forms:
            return set()
        folded = fold(text[:MOST_CHARACTERS])
        return {form.text for pattern, form in self._forms if pattern.search(folded)}

    def kind_of(self, found: str) -> tuple[MatchKind, str] | None:
        """How a word that `matches` found matches, and the word of the question; None for any other word.

        Capitals and accents make no other word.
        """
        folded = fold(found)
        for pattern, form in self._forms:
            if pattern.fullmatch(folded):
                return MatchKind.WORD, form.text
        if folded in self._words_asked:
            return MatchKind.WORD, self._words_asked[folded]
        if (asked := self._stems_asked.get(stem(folded))) is not None:
            return MatchKind.FORM, asked
        if self._prefix is not None and folded.startswith(self._prefix[0]):
            return MatchKind.BEGINNING, self._prefix[1]
        for part, word in self._inside:
            if part.search(folded):
                return MatchKind.PART, word
        return None

    def _with_forms(self, found: dict[int, WordMatch], folded: str) -> dict[int, WordMatch]:
        """With words and their signs in place of the words alone, which are not marked elsewhere in such a text."""
        places = [
            WordMatch(match.start(), match.end(), form.text)
            for pattern, form in self._forms
            for match in pattern.finditer(folded)
        ]
        if not places:
            return found
        written = {place.word for place in places}
        there = [form for _, form in self._forms if form.text in written]
        parts = {part for form in there for part in form.parts} & self._form_words
        parts |= {" ".join(form.parts) for form in there if form.required}
        covered = {at for place in places for at in range(place.start, place.end)}
        kept = {at: match for at, match in found.items() if match.word not in parts and at not in covered}
        return kept | {place.start: place for place in sorted(places, key=lambda place: place.end)}

    def _words(self, folded: str) -> Iterator[WordMatch]:
        known = self._asked_by_word
        for beginning, words_from, _ in self._beginnings:
            # With a mark in it, no single word of the text begins so.
            if beginning not in folded or not beginning.isalnum():
                continue
            for match in words_from.finditer(folded):
                found = match[0]
                word = known[found] if found in known else self._asked(found)
                if word is not None:
                    yield WordMatch(match.start(), match.end(), word)

    def _asked(self, found: str) -> str | None:
        """The word of the question that a folded word of the text stands for."""
        known = self._asked_by_word
        if found not in known:
            word = self._stems.get(stem(found))
            if word is None and self._prefix is not None and found.startswith(self._prefix[0]):
                word = self._prefix[1]
            known[found] = word
        return known[found]

    def _phrase_matches(self, folded: str) -> Iterator[WordMatch]:
        if not self._phrases:
            return
        words = [(match.start(), match.end(), stem(match[0])) for match in _WORD.finditer(folded)]
        stems = [found for _, _, found in words]
        for phrase, name in self._phrases:
            for place, found in enumerate(stems):
                if found == phrase[0] and tuple(stems[place : place + len(phrase)]) == phrase:
                    for start, end, _ in words[place : place + len(phrase)]:
                        yield WordMatch(start, end, name)


def _joined(matches: list[WordMatch]) -> list[WordMatch]:
    """Pieces of one run of letters, such as two pairs that share one, as one match."""
    joined: list[WordMatch] = []
    for match in matches:
        if joined and match.start < joined[-1].end:
            last = joined[-1]
            joined[-1] = WordMatch(last.start, max(last.end, match.end), last.word)
        else:
            joined.append(match)
    return joined


def _around(part: str) -> re.Pattern[str]:
    """A part of a word with the letters around it; alone in scripts without blanks, where those are other words."""
    if is_unspaced(part):
        return re.compile(re.escape(part))
    stemmed = stem(part) if len(stem(part)) >= SHORTEST_PART else part
    spelled = re.escape(stemmed.replace("ß", "ss")).replace("ss", "(?:ss|ß)")
    return re.compile(rf"(?<![^\W_])(?:[^\W_]{{3,}})?{spelled}[^\W_]*")


def _words_from(beginning: str) -> re.Pattern[str]:
    """The words that begin so. The beginning is sought first and what stands before it afterwards, which takes a part
    of the time.
    """
    return re.compile(rf"{re.escape(beginning)}(?<![^\W_](?s:.{{{len(beginning)}}}))[^\W_]*")


def spans_within(matches: list[WordMatch], start: int, end: int) -> tuple[Span, ...]:
    """The matches inside [start, end) as spans relative to `start`."""
    return tuple(
        Span(match.start - start, match.end - start) for match in matches if start <= match.start and match.end <= end
    )
