"""A map of notes: places on a plane, and regions with names of their own words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from desktop_app.domain.query import is_unspaced, without_stop_words
from desktop_app.domain.stemming import stem

LEAST_NOTES = 3
"""Fewer notes make no map."""

_IN_TITLE = 3
"""A word of a title says as much as one that stands in three texts."""

_FENCE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_TELL_NOTHING = frozenset(("use", "used", "uses", "using", "note", "notes"))
_WORD = re.compile(r"[^\W\d_]{3,}")
_HAN = re.compile("[\u3005\u3400-\u4dbf\u4e00-\u9fff]{2,}")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]{2,}")
_LONGEST_HAN_WORD = 4
_ADDRESS = re.compile(r"\w+://\S+|[\w./-]*/[\w./-]*")
_LABEL_WORDS = 2
_LONGEST_WORD = 24


class NoteMap(msgspec.Struct, frozen=True):
    """All parallel: note `note_ids[i]` with `titles[i]` lies at (`x[i]`, `y[i]`) in region `regions[i]`.

    Attributes:
        names: a region's words, by its number; where its notes share none, the title of the one in its middle.
    """

    note_ids: tuple[int, ...]
    titles: tuple[str, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]
    regions: tuple[int, ...]
    names: tuple[str, ...]


def words_for_names(title: str, text: str) -> dict[str, int]:
    """The words of a note that could name a region, and how much each counts: more in the title, but not more the
    oftener it stands there. Code is left out, whose words are those of its language.
    """
    prose = _CODE.sub(" ", _FENCE.sub(" ", text))
    found = dict.fromkeys(_telling(prose), 1)
    return found | dict.fromkeys(_telling(title), _IN_TITLE)


def _telling(text: str) -> list[str]:
    prose = _ADDRESS.sub(" ", text)
    words = [match[0].lower() for match in _WORD.finditer(prose) if not is_unspaced(match[0])]
    telling = without_stop_words(words)
    spaced = [word for word in telling if word not in _TELL_NOTHING and len(word) <= _LONGEST_WORD]
    return spaced if prose.isascii() else [*spaced, *_of_scripts_without_blanks(prose)]


def _of_scripts_without_blanks(text: str) -> Iterator[str]:
    """Words written in katakana, and of Chinese characters short runs and all pairs, since nothing parts their words.
    Hiragana alone are mostly endings.
    """
    yield from (match[0] for match in _KATAKANA.finditer(text) if len(match[0]) <= _LONGEST_WORD)
    for match in _HAN.finditer(text):
        run = match[0]
        if 2 < len(run) <= _LONGEST_HAN_WORD:
            yield run
        yield from (run[at : at + 2] for at in range(len(run) - 1))


def region_names(words: Sequence[Mapping[str, int]], regions: Sequence[int], count: int) -> tuple[str, ...]:
    """A name for each of `count` regions: the words that stand in many of its notes and in few of the others.

    Class-based tf-idf (Grootendorst: *BERTopic*, 2022) over the notes that have a word, each counted by what the word
    counts there: the region's sum over its notes, times log(1 + mean sum of a region / sum of the word in all).
    Forms of one stem are one word, and one that a single note has names nothing.

    Args:
        words: the words of each note, and what they count.
        regions: the region of each note.
    """
    roots: dict[str, str] = {}
    by_region: list[Counter[str]] = [Counter() for _ in range(count)]
    notes: list[Counter[str]] = [Counter() for _ in range(count)]
    forms: list[Counter[tuple[str, str]]] = [Counter() for _ in range(count)]
    sizes = Counter(regions)
    for of_note, region in zip(words, regions, strict=True):
        heaviest: dict[str, int] = {}
        for word, weight in of_note.items():
            root = roots[word] if word in roots else roots.setdefault(word, stem(word))
            heaviest[root] = max(heaviest.get(root, 0), weight)
            forms[region][root, word] += weight
        by_region[region].update(heaviest)
        notes[region].update(heaviest.keys())
    total: Counter[str] = Counter()
    for counted in by_region:
        total.update(counted)
    average = sum(total.values()) / max(1, count)
    names = []
    for region, counted in enumerate(by_region):
        scores = {
            root: weight / sizes[region] * math.log(1.0 + average / total[root])
            for root, weight in counted.items()
            if notes[region][root] > 1
        }
        # Of pieces of one word that are as frequent, the longest is the word.
        best = sorted(scores, key=lambda root: (-round(scores[root], 9), -len(root) if is_unspaced(root) else 0, root))
        names.append(" · ".join(_likeliest_form(root, forms[region]) for root in _apart(best)))
    return tuple(names)


def _apart(roots: Sequence[str]) -> list[str]:
    """The first ones that are no pieces of one another."""
    chosen: list[str] = []
    for root in roots:
        shares = is_unspaced(root) and any(set(root) & set(other) for other in chosen)
        if not shares:
            chosen.append(root)
        if len(chosen) == _LABEL_WORDS:
            break
    return chosen


def _likeliest_form(root: str, forms: Mapping[tuple[str, str], int]) -> str:
    """The word of that stem that counts most."""
    counts = {word: count for (of_root, word), count in forms.items() if of_root == root}
    return min(counts, key=lambda word: (-counts[word], word))
