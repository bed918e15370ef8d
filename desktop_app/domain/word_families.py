"""Other forms of a word among the terms of an index: inflected, with other accents, with a particle in front.

The index itself has the stems of English alone. Stems of other languages (Snowball) are looked up among its terms when
a question is asked, so that a notebook in several languages needs no second index and nothing is written anew
(docs/decisions/languages.md).
"""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from desktop_app.domain.plain_letters import plain_letters
from desktop_app.domain.stemming import stem, word_of

MOST_FORMS_OF_A_WORD = 16

_SNOWBALL = {
    "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese", "nl": "dutch",
    "sv": "swedish", "da": "danish", "no": "norwegian", "fi": "finnish", "hu": "hungarian", "ro": "romanian",
    "ca": "catalan", "pl": "polish", "cs": "czech", "ru": "russian", "el": "greek", "tr": "turkish", "ar": "arabic",
    "fa": "persian",
}  # fmt: skip
_PARTICLES = {
    "ar": ("و", "ف", "ب", "ل", "ك", "ال", "وال", "بال", "فال", "كال", "لل", "ولل"),
    "he": ("ה", "ו", "ב", "ל", "מ", "ש", "כ", "וה", "שה", "מה", "כש", "וב", "ול", "ומ", "וש", "שב", "של"),
}
"""Of languages that write them together with the word."""

_ENDINGS = {
    "cs": (
        "atech", "etem", "atum", "ovych", "ovymi", "oveho", "ech", "ich", "iho", "emi", "imi", "emu", "eho", "ete",
        "eti", "imu", "ach", "ata", "aty", "ych", "ama", "ami", "ove", "ovi", "ymi", "ymu", "em", "es", "im", "um",
        "at", "am", "os", "us", "ym", "mi", "ou", "a", "e", "i", "o", "u", "y",
    ),
    "uk": (
        "ування", "уванням", "увань", "ями", "ами", "ого", "ому", "ими", "їми", "ові", "еві", "ення", "ій", "ої", "ою",
        "ею",
        "єю", "ів", "їв", "ах", "ях", "ам", "ям", "ом", "ем", "єм", "им", "их", "їх", "ти", "ть", "ла", "ло", "ли",
        "и", "і", "ї", "а", "я", "о", "у", "ю", "е", "є", "ь", "й", "в",
    ),
}  # fmt: skip
"""Of Ukrainian there are no rules of Snowball's, and those of Czech go by accents, which the index has not (endings
after Dolamic and Savoy: "Indexing and stemming approaches for the Czech language", 2009).
"""

_PERSIAN = str.maketrans("يك", "یک")
"""Its rules know the letters as Persians type them; plain letters are those of Arabic."""

_SHORTEST_ROOT = 3
_LONGEST_ENDING = 8
_MOST_LOOKED_AT = 3_000
_MOST_REMEMBERED = 1_000

_StemsOf = Callable[[Sequence[str]], Sequence[str]]


class WordFamilies:
    """The terms of an index (lower case, English stems) with the number of notes that have them, by their letters."""

    def __init__(self, terms: Mapping[str, int]) -> None:
        self._terms = terms
        self._spelled: dict[str, list[str]] = {}
        plain_terms: set[str] = set()
        for term in terms:
            plain = plain_letters(term)
            plain_terms.add(plain)
            if plain != term:
                self._spelled.setdefault(plain, []).append(term)
        self._plain = sorted(plain_terms)
        self._known: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}

    def forms(self, word: str, languages: Sequence[str]) -> tuple[str, ...]:
        """The terms for forms of a lower-case word in any of the languages, its own among them, the commonest first."""
        asked = word, tuple(languages)
        known = self._known.get(asked)
        if known is None:  # with each letter of a question that is typed, the words before it are asked again
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            known = self._known[asked] = self._looked_up(word, languages)
        return known

    def _looked_up(self, word: str, languages: Sequence[str]) -> tuple[str, ...]:
        plain = plain_letters(word)
        own = stem(plain)
        found = self._spelled_as((plain, own))
        for code in languages:
            for stems_of in _stemmers(code):
                found |= self._spelled_as(self._of_family({plain, *stems_of((plain, own))}, stems_of, code))
        told = [term for term in found if word_of(term)]
        return tuple(sorted(told, key=lambda term: (-self._terms[term], term))[:MOST_FORMS_OF_A_WORD])

    def _spelled_as(self, keys: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for key in keys:
            found.update(self._spelled.get(key, ()))
            if key in self._terms:
                found.add(key)
        return found

    def _of_family(self, stems: set[str], stems_of: _StemsOf, code: str) -> Iterator[str]:
        """The terms in plain letters that have one of the stems."""
        if min(map(len, stems)) < _SHORTEST_ROOT:
            return
        # Rules change the last letter of a root at most, and take away what may stand in front of it.
        roots: list[str] = []
        for root in sorted(stems, key=len):
            beginning = root[: max(_SHORTEST_ROOT, len(root) - 1)]
            if not root.startswith(tuple(roots)):
                roots.append(beginning)
        beginnings = [particle + root for particle in ("", *_PARTICLES.get(code, ())) for root in roots]
        if code == "de":  # Mueller is Müller
            beginnings += [root[: at + 1] + "e" + root[at + 1 : -1] for root in roots for at in _places_of(root, "aou")]
        longest = max(map(len, (*stems, *beginnings))) + _LONGEST_ENDING
        for each in dict.fromkeys(beginnings):
            terms = [term for term in self._from(each) if len(term) <= longest]
            # Of many words that end in s, English rules took it away: Haus is "hau" in the index.
            for term, *both in zip(terms, stems_of(terms), stems_of([f"{term}s" for term in terms]), strict=True):
                if not stems.isdisjoint(both):
                    yield term

    def _from(self, beginning: str) -> Iterator[str]:
        at = bisect_left(self._plain, beginning)
        for key in self._plain[at : at + _MOST_LOOKED_AT]:
            if not key.startswith(beginning):
                return
            yield key


@functools.cache
def _stemmers(code: str) -> tuple[_StemsOf, ...]:
    """What gives the stems of words in plain letters, one or the other."""
    found: list[_StemsOf] = []
    if code in _SNOWBALL:
        rules = _snowball(_SNOWBALL[code])
        found.append((lambda words: rules([word.translate(_PERSIAN) for word in words])) if code == "fa" else rules)
    if code in _PARTICLES:
        found.append(_each(functools.partial(_without_particle, particles=_PARTICLES[code])))
    if code in _ENDINGS:
        found.append(_each(functools.partial(_without_ending, endings=_ENDINGS[code])))
    return tuple(found)


def _snowball(name: str) -> _StemsOf:
    import Stemmer  # 5 ms and 3 MB: only where there are notes in another language than English

    # What it would remember of the words costs more than it saves where each is asked once.
    found: _StemsOf = Stemmer.Stemmer(name, 0).stemWords
    return found


def _each(stemmed: Callable[[str], str]) -> _StemsOf:
    return lambda words: [stemmed(word) for word in words]


def _places_of(word: str, letters: str) -> list[int]:
    return [at for at, letter in enumerate(word) if letter in letters]


def _without_particle(word: str, particles: Sequence[str]) -> str:
    longest = max((each for each in particles if word.startswith(each)), key=len, default="")
    return word[len(longest) :] if len(word) - len(longest) >= _SHORTEST_ROOT else word


def _without_ending(word: str, endings: Sequence[str]) -> str:
    longest = max((each for each in endings if word.endswith(each)), key=len, default="")
    return word[: -len(longest)] if longest and len(word) - len(longest) >= _SHORTEST_ROOT else word
