"""The known-item test of search: a person's own sentences, each of which has one note to find.

Each question is a sentence with its rarest third of words left out: a sentence asked word for word would be found by
words always, and nobody remembers a note that way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import msgspec

from desktop_app.domain.plain_markdown import plain_markdown
from desktop_app.domain.query import without_stop_words
from desktop_app.domain.search import SearchMode
from desktop_app.domain.sentences import sentence_spans

QUESTIONS = 50
DEPTH = 10
"""A note counts as found when it is among the first so many."""

LEAST_WORDS = 8
MOST_WORDS = 40
_LEAST_TELLING = 6
_HIDDEN_SHARE = 3
WEIGHTS = (0.3, 0.5, 0.7, 0.9)
"""Weights of meaning that are tried beside the person's own."""

_LEAST_GAIN = 0.02
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NO_PROSE = re.compile(r"^(?:#{1,6}\s|\||```|~~~|\s{4,}|\t|[-*_=]{3,}\s*$)")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_ADDRESS = re.compile(r"\w+://|www\.|\S+@\S+\.\S+|[\w.~-]*/[\w./~-]+/")


class Question(msgspec.Struct, frozen=True):
    """What is asked, and the note that has the answer."""

    note_id: int
    title: str
    sentence: str
    asked: str


class LegFigures(msgspec.Struct, frozen=True):
    """How one way of searching did.

    Attributes:
        found: questions whose note was among the first DEPTH.
        first: questions whose note stood first.
        mean_reciprocal_rank: mean of 1/rank, 0 where the note was not among the first DEPTH.
    """

    asked: int
    found: int
    first: int
    mean_reciprocal_rank: float

    @property
    def recall(self) -> float:
        """Recall@10: the share of questions whose note was found."""
        return self.found / self.asked if self.asked else 0.0


class SelfCheckReport(msgspec.Struct, frozen=True):
    """What the check found.

    Attributes:
        legs: by way of searching, BOTH with the weight that was set.
        weights: BOTH by weight of meaning, the one that was set among them.
        missed: questions that BOTH did not find.
        offer: a weight that did clearly better than the one set; None where none did.
        notes_unindexed: notes that meaning did not know yet.
        meaning_problem: why meaning could not be asked; empty where it was.
    """

    weight: float
    legs: Mapping[SearchMode, LegFigures]
    weights: Mapping[float, LegFigures]
    missed: tuple[Question, ...]
    seconds: float
    offer: float | None = None
    notes_unindexed: int = 0
    meaning_problem: str = ""

    @property
    def both(self) -> LegFigures:
        """The figures of “Best of both”, which a person sees first."""
        return self.legs[SearchMode.BOTH]


class SelfCheckProgress(msgspec.Struct, frozen=True):
    """So many questions of so many were asked; `total` is 0 while sentences are chosen."""

    done: int
    total: int


def telling_sentences(text: str) -> list[str]:
    """The sentences of a note that could be asked for: prose of some length, no headings, code, tables or addresses."""
    prose = "\n\n".join(_prose_blocks(text))
    plain = plain_markdown(prose).text
    found = []
    for span in sentence_spans(plain):
        sentence = " ".join(plain[span.start : span.end].split())
        words = words_of(sentence)
        telling = {word for word in without_stop_words(words) if not word.isdigit()}
        right_length = LEAST_WORDS <= len(words) <= MOST_WORDS
        if right_length and len(telling) >= _LEAST_TELLING and not _ADDRESS.search(sentence):
            found.append(sentence)
    return found


def words_of(sentence: str) -> list[str]:
    """The words of a sentence in lower case, in order."""
    return [match[0].lower() for match in _WORD.finditer(sentence)]


def half_remembered(sentence: str, frequencies: Mapping[str, int]) -> str:
    """The sentence without the rarest third of the words that tell something.

    Args:
        frequencies: in how many notes each word stands.
    """
    telling = list(dict.fromkeys(without_stop_words(words_of(sentence))))
    by_rarity = sorted(telling, key=lambda word: frequencies.get(word, 0))
    hidden = set(by_rarity[: math.ceil(len(telling) / _HIDDEN_SHARE)])
    kept = [match[0] for match in _WORD.finditer(sentence) if match[0].lower() not in hidden]
    return " ".join(kept)


def figures_of(ranks: Sequence[int | None]) -> LegFigures:
    """Figures from the 1-based rank of each question's note, None where it was not among the first DEPTH."""
    found = [rank for rank in ranks if rank is not None and rank <= DEPTH]
    reciprocal = sum(1.0 / rank for rank in found) / len(ranks) if ranks else 0.0
    return LegFigures(len(ranks), len(found), sum(rank == 1 for rank in found), reciprocal)


def better_weight(ranks: Mapping[float, Sequence[int | None]], current: float) -> float | None:
    """The weight that did best, where it is better than `current` by more than chance would explain.

    Questions are compared one by one: the wins must outnumber the losses by two deviations of a fair coin.
    """
    figures = {weight: figures_of(found) for weight, found in ranks.items()}
    best = max(figures, key=lambda weight: (figures[weight].mean_reciprocal_rank, -abs(weight - current)))
    if best == current:
        return None
    gain = figures[best].mean_reciprocal_rank - figures[current].mean_reciprocal_rank
    wins = losses = 0
    for old, new in zip(ranks[current], ranks[best], strict=True):
        wins += (new or math.inf) < (old or math.inf)
        losses += (new or math.inf) > (old or math.inf)
    clear = wins - losses > 2.0 * math.sqrt(wins + losses)
    return best if gain >= _LEAST_GAIN and clear else None


def _prose_blocks(text: str) -> list[str]:
    """The paragraphs and list items outside code fences; a block ends at an empty line, an item begins one."""
    blocks: list[list[str]] = [[]]
    fence = ""
    for line in text.splitlines():
        mark = line.lstrip()[:3]
        if mark in ("```", "~~~") and fence in ("", mark):
            fence = "" if fence else mark
            blocks.append([])
        elif fence:
            continue
        elif not line.strip() or _NO_PROSE.match(line):
            blocks.append([])
        elif item := _ITEM.match(line):
            blocks.append([line[item.end() :]])
        else:
            blocks[-1].append(line)
    return ["\n".join(block) for block in blocks if block]
