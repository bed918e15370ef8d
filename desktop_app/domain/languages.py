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

_ENGLISH_TOO = """
    ad ah al ale all alt ate aura bar bare bile bin bis bo brave care cat col come con cum dai dan dar den des
    die dies dig din dog dos era eras est face fin fine fins fire fur go gore ham hand hans has hat hay hem hen hi hon
    ill in inn ins io kim kin kind kirk la les long lot ma main maine make mal man mar mas mate med meg men met mi mia
    might min mina mind mine mini mint mis mod moi mon more most multi na ned nell net non not note nun oh ok ole
    on one or over pa pak pal par pas past per plus pod pot pour pre prima pro proto sage said sale same san sans say
    sea sean seas sedan send sin sit soc some son song sons soy star step sub sue sum summer sur tai tale tam tan tate
    tea ten tie till tim to toe tom ton tons too turn ty un under us van var vase vet vi vice ville voice want war was
    wat wear week wet wide will wo yet
"""
_ALSO_ENGLISH = frozenset(_ENGLISH_TOO.split())
"""What is no sign of another language, as most of it is asked for in English: "world war", "bin folder", "van hire"."""

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
    signs = telling - _ALSO_ENGLISH
    hits = {code: len(signs & stop_words(code)) for code in (_stop_words() if languages is None else languages)}
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
