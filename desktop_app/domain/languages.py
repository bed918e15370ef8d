"""Which languages a notebook and a question are in, by the words that tell nothing else (docs/decisions/languages.md).

English needs no naming here: the word index has its stems, and `domain.query` its stop words.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from desktop_app.domain.plain_letters import plain_letters
from desktop_app.domain.resources import resource_path

MARKERS: Mapping[str, tuple[str, ...]] = {
    "de": ("und", "nicht", "ist", "auch"),
    "fr": ("dans", "avec", "cette", "aux"),
    "es": ("los", "las", "muy", "pero"),
    "it": ("della", "che", "sono", "gli"),
    "pt": ("não", "uma", "dos", "pela"),
    "nl": ("het", "een", "niet", "voor"),
    "sv": ("och", "att", "inte", "som"),
    "da": ("af", "ikke", "og", "det"),
    "no": ("av", "ikke", "og", "det"),
    "fi": ("että", "myös", "kun", "sekä"),
    "hu": ("hogy", "nem", "egy", "vagy"),
    "ro": ("este", "pentru", "sunt", "prin"),
    "ca": ("amb", "els", "aquest", "pels"),
    "pl": ("się", "jest", "oraz", "tylko"),
    "cs": ("jsou", "nebo", "které", "když"),
    "ru": ("что", "это", "или", "как"),
    "uk": ("що", "це", "або", "як"),
    "el": ("και", "να", "το", "για"),
    "tr": ("bir", "için", "ile", "olarak"),
    "ar": ("من", "في", "على", "إلى"),
    "fa": ("به", "که", "است", "این"),
    "he": ("של", "את", "על", "זה"),
    "vi": ("không", "những", "được", "trong"),
    "hi": ("और", "एक", "पर", "यह"),
}  # fmt: skip
"""Words that stand in most texts of a language, and hardly ever all in those of another one."""

_MARKERS_NEEDED = 3
_LEAST_NOTES = 2
_LEAST_SHARE = 0.005
_HITS_WITHOUT_A_NOTEBOOK = 2


def all_markers() -> list[str]:
    """The markers of all languages, each once: what to ask document frequencies for."""
    return list(dict.fromkeys(word for words in MARKERS.values() for word in words))


def languages_of(frequencies: Mapping[str, int], note_count: int) -> tuple[str, ...]:
    """The languages beside English that notes are written in.

    Args:
        frequencies: in how many notes each marker stands.
    """
    least = max(_LEAST_NOTES, _LEAST_SHARE * note_count)
    found = {}
    for code, words in MARKERS.items():
        counts = sorted((frequencies.get(word, 0) for word in words), reverse=True)
        if counts[_MARKERS_NEEDED - 1] >= least:
            found[code] = counts[_MARKERS_NEEDED - 1]
    return tuple(sorted(found, key=lambda code: (-found[code], code)))


def stop_words(code: str) -> frozenset[str]:
    """The words of a language that tell nothing, in plain letters; none of languages without a list."""
    return _stop_words().get(code, frozenset())


def stop_words_of(words: Sequence[str], english: frozenset[str], languages: Iterable[str] | None) -> frozenset[str]:
    """The stop words of the language that a question or a text is most likely in, in plain letters; none where that is
    English, or where nothing tells.

    Args:
        english: words that tell of English.
        languages: those of the notebook; None where it is not known, so that more than one word must tell.
    """
    distinct = {plain_letters(word) for word in words}
    least = 1 if languages is not None else _HITS_WITHOUT_A_NOTEBOOK
    telling = {word for word in distinct if len(word) > 1}  # letters stand for much else
    hits = {code: len(telling & stop_words(code)) for code in (_stop_words() if languages is None else languages)}
    best = max(hits, key=lambda code: hits[code], default="")
    of_english = len(telling & english)
    if not best or hits[best] < least or hits[best] <= (of_english if languages is not None else 2 * of_english):
        return frozenset()
    return stop_words(best)


@functools.cache
def _stop_words() -> Mapping[str, frozenset[str]]:
    """By language. Read when first asked for: the window's start needs none."""
    lists = msgspec.json.decode(resource_path("stop_words.json").read_bytes(), type=dict[str, str])
    return {code: frozenset(map(plain_letters, words.split())) for code, words in lists.items()}
