"""Words written with signs that the word index drops: C++, C#, .NET, node.js, f(x), 3.11, #plan, jane@example.org.

The index finds the letters and digits of them; which notes have the signs, too, is seen in the texts themselves. Long
numbers (ISBN, telephone, date) are such words as well, and are the same with and without their hyphens.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from itertools import combinations, pairwise

import msgspec

from desktop_app.domain.folding import fold

_RUN = re.compile(r"\S+")
_BEFORE = "([{<«„“\"'‘’`,;/|–—-*"
_BEHIND = ")]}>»”“\"'’‘`,;:!?./|…–—-*"
_PAIRS = {")": "(", "]": "[", "}": "{", ">": "<"}
_SIGN = re.compile(r"[^\w\s'’‘‐‑–—,;…\"“”„«»-]|_|^--(?=\w)")
_FLAG = re.compile(r"--\w")
_WORD = re.compile(r"[^\W_]+")
_ABBREVIATION = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?\.?\Z")
_NUMBER = re.compile(r"[0-9](?:-?[0-9])+(?:-?[0-9xX])")
_ISBN = re.compile(r"(?:97[89])?[0-9]{9}[0-9xX]")
_SHORTEST_NUMBER = 7
_LONGEST_NUMBER = 15
_LONGEST = 200

MOST_FORMS = 8
"""Of one question: each costs a look at the texts."""


class SurfaceForm(msgspec.Struct, frozen=True):
    """A word with its signs.

    Attributes:
        text: as it was typed, without the punctuation of the sentence around it.
        parts: its words as the index has them.
        required: it stood in quotation marks.
        growing: it is still being typed, so that anything may follow.
    """

    text: str
    parts: tuple[str, ...]
    required: bool = False
    growing: bool = False

    @property
    def number(self) -> str:
        """The digits of a long number that may be written with hyphens or without; empty for anything else."""
        digits = self.text.replace("-", "")
        is_number = _NUMBER.fullmatch(self.text) is not None and len(digits) >= _SHORTEST_NUMBER
        return digits.lower() if is_number and ("-" in self.text or len(digits) <= _LONGEST_NUMBER) else ""

    @property
    def match(self) -> str:
        """The FTS5 MATCH expression for all notes that may have it."""
        # Behind a sign begins another word: C# has the C alone, however it goes on.
        goes_on = self.growing and self.text[-1:].isalnum()
        phrase = f'"{" ".join(self.parts)}"' + ("*" if goes_on else "")
        if not self.number:
            return phrase
        whole = f'"{self.number}"' + ("*" if self.growing else "")
        grouped = [f'"{group}"' for group in _grouped(self.number)] if len(self.parts) == 1 else []
        return " OR ".join(dict.fromkeys([phrase, whole, *grouped]))

    @property
    def tag(self) -> str:
        """The tag that `#plan` names; empty where it is none."""
        found = self.text[:1] == "#" and len(self.parts) >= 1 and self.text[1:2].isalnum()
        return self.text[1:].lower() if found else ""


def surface_forms(text: str, *, required: bool = False, growing: bool = False) -> list[SurfaceForm]:
    """The words of `text` that have such signs; `growing` is the last one at its very end."""
    found: dict[str, SurfaceForm] = {}
    for run in _RUN.finditer(text):
        core = _without_punctuation(run[0])
        parts = tuple(match[0].lower() for match in _WORD.finditer(core))
        grows = growing and run.end() == len(text) and run[0].endswith(core)
        form = SurfaceForm(core, parts, required, grows)
        has_signs = _SIGN.search(core) is not None and not _ABBREVIATION.match(core)
        if parts and len(core) <= _LONGEST and (has_signs or form.number):
            found.setdefault(core.casefold(), form)
    return list(found.values())[:MOST_FORMS]


def surface_pattern(form: SurfaceForm) -> re.Pattern[str]:
    """Where it stands in folded text (domain/folding.py). A letter or digit at its ends does not go on into a longer
    word, and a sign is not doubled: no C+ in C++.
    """
    return _number_pattern(form.number, form.growing) if form.number else _pattern(fold(form.text), form.growing)


def stands_in(form: SurfaceForm, texts: Sequence[str]) -> bool:
    """Whether it stands in any of the texts."""
    pattern = surface_pattern(form)
    return any(pattern.search(fold(text)) for text in texts)


def _grouped(number: str) -> list[str]:
    """How a number without hyphens may stand in a text, as the index sees it: in two groups or three; an ISBN in its
    four, or five with what stands in front of it.
    """
    grouped = [
        " ".join(_cut(number, places)) for groups in (1, 2) for places in combinations(range(1, len(number)), groups)
    ]
    if _ISBN.fullmatch(number):
        first = number[:-10]
        for places in combinations(range(1, 9), 2):
            grouped.append(" ".join((*([first] if first else []), *_cut(number[-10:-1], places), number[-1])))
    return grouped


def _cut(number: str, places: Sequence[int]) -> list[str]:
    return [number[start:end] for start, end in pairwise((0, *places, len(number)))]


@functools.lru_cache(maxsize=64)
def _pattern(folded: str, growing: bool) -> re.Pattern[str]:
    first, last = folded[0], folded[-1]
    before = r"(?<![^\W_])" if first.isalnum() else rf"(?<!{re.escape(first)})"
    behind = r"(?![^\W_])" if last.isalnum() else rf"(?!{re.escape(last)})"
    return re.compile(before + re.escape(folded) + ("" if growing else behind))


@functools.lru_cache(maxsize=64)
def _number_pattern(digits: str, growing: bool) -> re.Pattern[str]:
    return re.compile(r"(?<![\d-])" + r"[-\u2010-\u2013 /.]?".join(digits) + ("" if growing else r"(?!\d)"))


def _without_punctuation(run: str) -> str:
    """Without what belongs to the sentence: quotes, commas, the full stop, brackets whose other half is elsewhere."""
    while run:
        first, last = run[0], run[-1]
        if last in _BEHIND and not _closes_inside(run):
            run = run[:-1]
        elif first in _BEFORE and not _opens_inside(run) and not _FLAG.match(run):
            run = run[1:]
        else:
            break
    return run


def _closes_inside(run: str) -> bool:
    """Whether its last sign closes a bracket that opens behind a letter: f(x), but not (see x)."""
    opening = _PAIRS.get(run[-1])
    return opening is not None and opening in run[1:]


def _opens_inside(run: str) -> bool:
    """Whether its first sign opens a bracket that is closed before the end: (a)b."""
    closing = next((close for close, open_ in _PAIRS.items() if open_ == run[0]), None)
    return closing is not None and closing in run[1:-1]
