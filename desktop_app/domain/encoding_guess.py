"""Which of the encodings before Unicode a text was written in, where it is no UTF-8.

Only those that notes are found in are weighed: a guess among dozens is wrong more often than right on a short text.
Each reading is judged by how much of what is not ASCII one language's own letters account for.
"""

from __future__ import annotations

import re
import unicodedata

_LOOKED_AT = 65_536
_GOOD = 0.9
_CYRILLIC = (
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
)
_BY_FREQUENCY = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_CYRILLIC_WORD = re.compile(r"\w*[\u0400-\u04ff]\w*")
_LATIN = re.compile(r"[A-Za-z]")
_FEWEST_LETTERS = 3
_WESTERN = (
    "àâæçéèêëîïôœùûüÿ",  # French
    "äöüß",  # German
    "áéíóúüñ¿¡ªº",  # Spanish
    "áâãàçéêíóôõúüªº",  # Portuguese
    "àèéìíîòóùú",  # Italian
    "åäöæøéü",  # the Nordic languages
    "áðéíóúýþæö",  # Icelandic
    "éëïóöü",  # Dutch
    "àçèéíïòóúü·",  # Catalan
)
_CENTRAL = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "čćđšž",  # Croatian, Slovene
    "ăâîşţ",  # Romanian
    "äöüß",
)
_PUNCTUATION = frozenset("«»„“”‚‘’‹›–—…•§°№€£©®™\xa0\xad")
_LINE_WITH_OTHERS = re.compile(rb"[^\n]*[\x80-\xff][^\n]*\n?")


def guess_encoding(data: bytes) -> str:
    """The codec's name in Python: one of cp932, gb18030, cp1251, koi8_r, cp1250 and cp1252, all of `data` decodes with
    it; "" where none of them reads as a language.
    """
    sample = _sample(data)
    if not sample:
        return ""
    for encoding, judge in (("cp932", _japanese), ("gb18030", _chinese)):
        text = _decoded(sample, encoding)
        if text is not None and judge(sample, text) and _decoded(data, encoding) is not None:
            return encoding
    return next((name for name in _single_bytes(sample) if _decoded(data, name) is not None), "")


def _sample(data: bytes) -> bytes:
    """The lines that hold more than ASCII, as many as are looked at."""
    parts: list[bytes] = []
    length = 0
    for found in _LINE_WITH_OTHERS.finditer(data):
        parts.append(found[0])
        length += len(found[0])
        if length >= _LOOKED_AT:
            break
    return b"".join(parts)


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _others(text: str) -> list[str]:
    return [letter for letter in text if letter > "\x7f"]


def _share(count: int, of: int) -> float:
    return count / of if of else 0.0


def _japanese(_sample: bytes, text: str) -> bool:
    """Kana stand in every Japanese sentence, and half-width ones hardly anywhere."""
    others = _others(text)
    kana = sum("\u3041" <= letter <= "\u30fc" for letter in others)
    half = sum("\uff61" <= letter <= "\uff9f" for letter in others)
    known = sum(_is_east_asian(letter) for letter in others)
    if _share(known, len(others)) < _GOOD or _share(half, len(others)) > 0.1:
        return False
    return _share(kana, len(others)) >= 0.1


def _chinese(sample: bytes, text: str) -> bool:
    """Nearly all of it is in the two levels of GB 2312, most of that in the first, of everyday use."""
    others = _others(text)
    pairs = [pair for letter in others if len(pair := letter.encode("gb18030")) == 2]
    common = sum(0xB0 <= pair[0] <= 0xD7 and pair[1] >= 0xA1 for pair in pairs)
    marks = sum(0xA1 <= pair[0] <= 0xA3 and pair[1] >= 0xA1 for pair in pairs)
    known = sum(_is_east_asian(letter) for letter in others)
    if _share(known, len(others)) < _GOOD or _share(common + marks, len(others)) < 0.85:
        return False
    return len(others) > 1 and common > marks and not _reads_as_cyrillic(sample)


def _is_east_asian(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in ("W", "F") or letter in _PUNCTUATION or letter == "·"


def _reads_as_cyrillic(sample: bytes) -> bool:
    """Words of an even number of letters can be read as Chinese, too; then blanks tell them apart."""
    return b" " in sample.strip() and any(_cyrillic_worth(sample, name) >= 1.6 for name in ("cp1251", "koi8_r"))


def _single_bytes(sample: bytes) -> list[str]:
    """Candidates, the likeliest first; only those that read as a language."""
    worth = {name: _cyrillic_worth(sample, name) for name in ("cp1251", "koi8_r")}
    worth["cp1252"] = _latin_worth(sample, "cp1252", _WESTERN)
    worth["cp1250"] = _latin_worth(sample, "cp1250", _CENTRAL)
    good = [name for name, value in worth.items() if value >= _GOOD]
    # Where both alphabets account for everything, the more widespread one does.
    return sorted(good, key=lambda name: (worth[name], name == "cp1252"), reverse=True)


def _cyrillic_worth(sample: bytes, encoding: str) -> float:
    """1 where it reads as Cyrillic, and up to 1 more for how usual its letters and capitals are: what one of the two
    encodings writes small the other reads as capitals.
    """
    text = _decoded(sample, encoding)
    if text is None:
        return 0.0
    others = [letter for letter in _others(text) if letter not in _PUNCTUATION]
    words = _CYRILLIC_WORD.findall(text)
    mixed = sum(_LATIN.search(word) is not None for word in words)
    if len(others) < _FEWEST_LETTERS or mixed > 0.2 * len(words) or _covered(others, _CYRILLIC) < _GOOD:
        return 0.0
    usual = sum(_usual(letter.lower()) for letter in others) / len(others)
    shaped = sum(_is_shaped(word) for word in words)
    small = sum(letter.islower() for letter in others)
    return 1.0 + 0.6 * usual + 0.3 * _share(shaped, len(words)) + 0.1 * _share(small, len(others))


def _usual(letter: str) -> float:
    """1 for the commonest letter of Russian, 0 for the rarest."""
    place = _BY_FREQUENCY.find(letter)
    return 1.0 - place / len(_BY_FREQUENCY) if place >= 0 else 0.2


def _is_shaped(word: str) -> bool:
    return word.islower() or word.istitle() or word.isupper()


def _latin_worth(sample: bytes, encoding: str, languages: tuple[str, ...]) -> float:
    text = _decoded(sample, encoding)
    if text is None:
        return 0.0
    others = [letter for letter in _others(text) if letter not in _PUNCTUATION]
    if not others:
        return 1.0
    return _covered(others, languages)


def _covered(letters: list[str], languages: tuple[str, ...]) -> float:
    """The share of `letters` that the best fitting language has."""
    lowered = [letter.lower() for letter in letters]
    return max(_share(sum(letter in language for letter in lowered), len(lowered)) for language in languages)
