"""Two notes with nearly the same text: how alike they are, and what differs."""

from __future__ import annotations

import difflib
import re
from datetime import datetime

import msgspec

from desktop_app.domain.plain_markdown import plain_markdown
from desktop_app.domain.shown_sentences import shown_sentences

LEAST_ALIKE = 0.6
"""Share of common runs of three words from which two notes are nearly the same."""

_RUN = 3
_WORD = re.compile(r"[^\W_]+")
_MOST_CHARACTERS = 40_000
_MOST_SENTENCES = 400
_MOST_DIFFERENCES = 6
_PREVIEW = 400


class Side(msgspec.Struct, frozen=True):
    """One note of a pair. `preview` is the beginning of its text without marks."""

    note_id: int
    title: str
    folder: str
    edited_at: datetime
    preview: str


class Difference(msgspec.Struct, frozen=True):
    """What stands at one place in the first note and in the second; one of them may be empty."""

    first: str
    second: str


class DuplicatePair(msgspec.Struct, frozen=True):
    """`alike` is from LEAST_ALIKE to 1; no difference where only marks and white space differ."""

    first: Side
    second: Side
    alike: float
    differences: tuple[Difference, ...]

    @property
    def key(self) -> tuple[int, int]:
        """Both note ids, the smaller one first."""
        return min(self.first.note_id, self.second.note_id), max(self.first.note_id, self.second.note_id)


class FoundPairs(msgspec.Struct, frozen=True):
    """The pairs that are listed; `more` where there are others, or may be, beyond what is listed at once."""

    pairs: tuple[DuplicatePair, ...] = ()
    more: bool = False


def likeness(first: str, second: str) -> float:
    """From 0 to 1: runs of three words that both texts have, of all that either has."""
    one, other = _runs(first), _runs(second)
    either = one | other
    return len(one & other) / len(either) if either else 0.0


def differences(first: str, second: str) -> tuple[Difference, ...]:
    """The sentences in which two texts differ, in order, at most a few."""
    one, other = _sentences(first), _sentences(second)
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    changed = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    found = (Difference(" ".join(one[a:b]), " ".join(other[c:d])) for _kind, a, b, c, d in changed[:_MOST_DIFFERENCES])
    return tuple(found)


def preview_of(text: str) -> str:
    """The beginning of a note without marks, on one line."""
    return " ".join(plain_markdown(text[: 2 * _PREVIEW]).text.split())[:_PREVIEW]


def _runs(text: str) -> set[tuple[str, ...]]:
    words = [match[0].lower() for match in _WORD.finditer(text[:_MOST_CHARACTERS])]
    if len(words) < _RUN:
        return {tuple(words)} if words else set()
    return {tuple(words[place : place + _RUN]) for place in range(len(words) - _RUN + 1)}


def _sentences(text: str) -> list[str]:
    plain = plain_markdown(text[:_MOST_CHARACTERS]).text
    return [" ".join(plain[span.start : span.end].split()) for span in shown_sentences(plain)[:_MOST_SENTENCES]]
