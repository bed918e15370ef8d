"""The words of an index: those that have another one inside, and those that are spelled much like it.

Both are asked only of words that stand nowhere, and of scripts without blanks, whose words the index cannot tell apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from desktop_app.domain.folding import fold
from desktop_app.domain.query import is_unspaced
from desktop_app.domain.stemming import stem

if TYPE_CHECKING:
    from desktop_app.domain.word_families import WordFamilies

SHORTEST_PART = 5
"""Letters of a word that is sought inside others ("kuchen" in "apfelkuchen"); shorter ones stand in many by chance."""

_LEAST_BEFORE = 3
"""Letters in front of it at least, if any: there is no rust in trust."""

_MOST_WORDS = 500
_MOST_LIKE = 6
_SHORTEST_CORRECTED = 4
_TWO_MISTAKES_FROM = 7
_LONGEST_CORRECTED = 40


class Vocabulary:
    """Terms of the index (lower case, without accents, stemmed) with the number of notes that have them."""

    def __init__(self, terms: Mapping[str, int]) -> None:
        self._terms = terms
        self._joined = "\n" + "\n".join(terms) + "\n"
        # The index keeps accents of some scripts (Greek); a letter is a letter in both, so places are the same.
        self._folded = fold(self._joined)
        self._by_initial: dict[str, list[str]] = {}
        for term in terms:
            if len(term) >= _SHORTEST_CORRECTED - 1 and term.isalpha():
                self._by_initial.setdefault(fold(term[0]), []).append(term)

    @cached_property
    def families(self) -> WordFamilies:
        """The same terms by their letters; made when first asked for, in 0.15 s where there are 100,000."""
        from desktop_app.domain.word_families import WordFamilies  # the window's start needs none

        return WordFamilies(self._terms)

    def forms(self, word: str, languages: Sequence[str]) -> dict[str, int]:
        """The terms for forms of a word in any of the languages, and in how many notes each stands."""
        return {term: self._terms[term] for term in self.families.forms(word, languages)}

    def with_part(self, word: str) -> list[str]:
        """The terms that a word (lower case, without accents) is a part of: anywhere in scripts without blanks, else as
        their beginning or behind a few letters. At most 500.
        """
        unspaced = is_unspaced(word)
        if not unspaced and len(word) < SHORTEST_PART:
            return []
        found: dict[str, None] = {}
        spelled = (word, word.replace("ss", "ß"), word.replace("ß", "ss"))
        for part in dict.fromkeys((*spelled, *map(stem, spelled))):
            if unspaced or len(part) >= SHORTEST_PART:
                found.update(dict.fromkeys(self._containing(part, anywhere=unspaced)))
        return list(found)[:_MOST_WORDS]

    def spelled_like(self, word: str) -> list[str]:
        """The terms spelled most like a word that has a mistake or two, nearest and commonest first, few.

        One letter left out, put in, changed or swapped with the next is one mistake; the first letter is right. Short
        words have one mistake.
        """
        if not _SHORTEST_CORRECTED <= len(word) <= _LONGEST_CORRECTED or not word.isalpha() or is_unspaced(word):
            return []
        most = mistakes_allowed(word)
        # Endings are no mistakes, and ß is how some write ss.
        forms = [form.replace("ß", "ss") for form in dict.fromkeys((stem(word), word))]
        found: list[tuple[int, int, str]] = []
        for term in self._by_initial.get(word[0], []):
            spelled = fold(term).replace("ß", "ss")
            count = min(_mistakes_at_most(form, spelled, most) for form in forms)
            if count <= most:
                found.append((count, -self._terms[term], term))
        return [term for _, _, term in sorted(found)[:_MOST_LIKE]]

    def _containing(self, part: str, *, anywhere: bool) -> Iterable[str]:
        at = self._folded.find(part)
        while at >= 0:
            start, end = self._joined.rfind("\n", 0, at) + 1, self._joined.find("\n", at)
            if anywhere or at == start or at - start >= _LEAST_BEFORE:
                yield self._joined[start:end]
                at = self._folded.find(part, end)
            else:
                at = self._folded.find(part, at + 1)


def mistakes_allowed(word: str) -> int:
    """How many a word of that length may have."""
    return 2 if len(word) >= _TWO_MISTAKES_FROM else 1


def _mistakes_at_most(first: str, second: str, most: int) -> int:
    """As `mistakes`, with a cheap look first."""
    if abs(len(first) - len(second)) > most or len(set(first).symmetric_difference(second)) > 2 * most:
        return most + 1
    return mistakes(first, second, most)


def mistakes(first: str, second: str, most: int) -> int:
    """Letters left out, put in, changed or swapped with the next (optimal string alignment distance); more than `most`
    count as one more.
    """
    before: list[int] = []
    row = list(range(len(second) + 1))
    for place, letter in enumerate(first, start=1):
        last, before, row = before, row, [place]
        for at, other in enumerate(second, start=1):
            cost = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != other))
            if place > 1 and at > 1 and letter == second[at - 2] and first[place - 2] == other:
                cost = min(cost, last[at - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
