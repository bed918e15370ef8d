"""Which earlier parts of a chat matter for a question."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import msgspec

from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.query import parse_query
from desktop_app.domain.quotes import Passage, readable
from desktop_app.domain.sentences import sentence_spans
from desktop_app.domain.stemming import stem

PASSAGE_CHARACTERS = 320
"""A longer message is quoted by its passages: whole sentences of about so many characters."""

MOST_QUOTES = 8

_LOOKED_AT = 60_000
_WORD = re.compile(r"[^\W_]+")
_K1, _B = 1.2, 0.75  # Robertson and Zaragoza: "The Probabilistic Relevance Framework: BM25 and Beyond", 2009
_WEIGHT_OF_MEANING = 0.7
_LEAST_COVERED = 0.4
_LEAST_COVERED_BY_TWO = 0.25
_NEAR_THE_BEST = 0.5


def passages_of(message: Message) -> list[Passage]:
    """What can be quoted of the message, cut at sentences into passages of about PASSAGE_CHARACTERS."""
    text = readable(message)[:_LOOKED_AT]
    found: list[tuple[int, int]] = []
    for span in sentence_spans(text):
        for start in range(span.start, span.end, PASSAGE_CHARACTERS):
            end = min(span.end, start + PASSAGE_CHARACTERS)
            if found and end - found[-1][0] <= PASSAGE_CHARACTERS:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
    return [Passage(message.id, message.role, start, end, text[start:end]) for start, end in found]


class WordScore(msgspec.Struct, frozen=True):
    """How well a passage matches by words: `covered` is the share of the question's weight that stands in it."""

    score: float
    covered: float
    words: int

    @property
    def is_related(self) -> bool:
        """Whether the words alone say that the passage has to do with the question."""
        return self.covered >= _LEAST_COVERED or (self.words >= 2 and self.covered >= _LEAST_COVERED_BY_TWO)


class PassageWords:
    """BM25 over passages that are added one by one. Not thread-safe."""

    def __init__(self) -> None:
        self._postings: dict[str, dict[int, int]] = {}
        self._lengths: list[int] = []

    def add(self, text: str) -> None:
        """Add the next passage; its place is its number."""
        place = len(self._lengths)
        counts = Counter(stem(match[0].lower()) for match in _WORD.finditer(text))
        for word, count in counts.items():
            self._postings.setdefault(word, {})[place] = count
        self._lengths.append(sum(counts.values()))

    def score(self, question: str) -> dict[int, WordScore]:
        """The passages that hold a word of the question, by place; scores up to 1, the best has 1."""
        words = {stem(word.lower()) for word in parse_query(question).words}
        total = len(self._lengths)
        if not words or not total:
            return {}
        average = sum(self._lengths) / total or 1.0
        # A word that stands nowhere counts as one that stands once: it tells no more about the others.
        weights = {word: _weight(max(1, len(self._postings.get(word, ()))), total) for word in words}
        whole = sum(weights.values()) or 1.0
        sums: dict[int, float] = {}
        covered: dict[int, float] = {}
        matched: Counter[int] = Counter()
        for word, weight in weights.items():
            for place, count in self._postings.get(word, {}).items():
                spread = _K1 * (1 - _B + _B * self._lengths[place] / average)
                sums[place] = sums.get(place, 0.0) + weight * count * (_K1 + 1) / (count + spread)
                covered[place] = covered.get(place, 0.0) + weight / whole
                matched[place] += 1
        best = max(sums.values(), default=1.0)
        return {place: WordScore(each / best, covered[place], matched[place]) for place, each in sums.items()}


def _weight(passages_with_it: int, total: int) -> float:
    return math.log(1 + (total - passages_with_it + 0.5) / (passages_with_it + 0.5))


def related(
    passages: Sequence[Passage],
    words: Mapping[int, WordScore],
    similarities: Mapping[int, float],
    floor: float,
    allowed: Collection[int],
) -> list[Passage]:
    """The passages that have to do with the question, best first; MOST_QUOTES at most.

    Args:
        words: by place, those that share a word with the question.
        similarities: cosines to the question, by place, where there are vectors.
        floor: least cosine at which meaning alone says that a passage is related.
        allowed: ids of the messages that may come back.
    """
    scores: dict[int, float] = {}
    for place in words.keys() | similarities.keys():
        if passages[place].message_id not in allowed:
            continue
        by_words = words.get(place)
        cosine = similarities.get(place)
        if not (by_words is not None and by_words.is_related) and (cosine is None or cosine < floor):
            continue
        word_score = (by_words.score + by_words.covered) / 2 if by_words is not None else 0.0
        if cosine is None:
            scores[place] = word_score
        else:
            meaning = max(0.0, (cosine - floor) / (1.0 - floor)) if floor < 1.0 else 0.0
            scores[place] = _WEIGHT_OF_MEANING * meaning + (1 - _WEIGHT_OF_MEANING) * word_score
    best = max(scores.values(), default=0.0)
    chosen = [place for place, score in scores.items() if score >= best * _NEAR_THE_BEST]
    chosen.sort(key=lambda place: (-scores[place], place))
    return [passages[place] for place in chosen[:MOST_QUOTES]]


def with_answers(found: Sequence[Passage], passages: Sequence[Passage], allowed: Collection[int]) -> list[Passage]:
    """`found`, then the beginnings of the answers to those of them that a person wrote: a question without what was
    answered would be of little use.
    """
    known = {passage.message_id for passage in found}
    asked = [passage.message_id for passage in found if passage.role is Role.USER]
    first: dict[int, Passage] = {}
    ids = sorted(allowed)
    for passage in passages:
        first.setdefault(passage.message_id, passage)
    answers: list[Passage] = []
    for message_id in dict.fromkeys(asked):
        place = ids.index(message_id) + 1
        answer = first.get(ids[place]) if place < len(ids) else None
        if answer is not None and answer.role is Role.ASSISTANT and answer.message_id not in known:
            answers.append(answer)
    return [*found, *answers]
