"""How well search finds a person's own notes: sentences of theirs are asked, and the places of their notes are kept."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.notes import Note
from desktop_app.domain.query import match_expression, parse_query
from desktop_app.domain.search import SearchMode, SearchResult
from desktop_app.domain.self_check import (
    DEPTH,
    QUESTIONS,
    WEIGHTS,
    Question,
    SelfCheckProgress,
    SelfCheckReport,
    better_weight,
    figures_of,
    half_remembered,
    telling_sentences,
    words_of,
)
from desktop_app.services.ports import NoteStore, WordIndex

SEED = 1
"""The same notes give the same questions, so that two checks can be compared."""

_MOST_LOOKED_AT = 2_000
_SENTENCES_TRIED = 4

Ranks = list[int | None]


class Searching(Protocol):
    """A search of its own for the check."""

    def search_once(
        self, query: str, mode: SearchMode = ..., limit: int = ..., cancel: CancelToken | None = ..., /
    ) -> SearchResult:
        """The final answer."""
        ...


class SelfCheck:
    """Runs the known-item test. Holds nothing between two runs.

    Args:
        searching: makes a search that asks its argument for the weight of meaning.
        weight: the setting `search.dense_weight`.
    """

    def __init__(
        self,
        notes: NoteStore,
        words: WordIndex,
        searching: Callable[[Callable[[], float]], Searching],
        weight: Callable[[], float],
    ) -> None:
        self._notes = notes
        self._words = words
        self._searching = searching
        self._weight = weight

    def run(
        self, cancel: CancelToken, *, questions: int = QUESTIONS, seed: int = SEED
    ) -> Iterator[SelfCheckProgress | SelfCheckReport]:
        """Progress, then the report; one with no questions asked where no note has a sentence that would do.

        Raises CancelledError, StoreError. A missing encoder is no error: see `SelfCheckReport.meaning_problem`.
        """
        started = time.monotonic()
        chosen: list[Question] = []
        for question in self._questions(random.Random(seed), cancel):
            chosen.append(question)
            yield SelfCheckProgress(len(chosen), 0)
            if len(chosen) == questions:
                break
        yield from _Run(self._searching, self._weight(), cancel, started).ask(chosen)

    def _questions(self, chance: random.Random, cancel: CancelToken) -> Iterator[Question]:
        """One question for each note that has a sentence of its own, notes in a shuffled order."""
        ids = sorted(self._notes.all_ids())
        chance.shuffle(ids)
        for note_id in ids[:_MOST_LOOKED_AT]:
            cancel.raise_if_cancelled()
            for note in self._notes.get_many([note_id]):
                question = None if note.is_welcome else self._question(note, chance)
                if question is not None:
                    yield question

    def _question(self, note: Note, chance: random.Random) -> Question | None:
        sentences = telling_sentences(note.text)
        for sentence in chance.sample(sentences, min(len(sentences), _SENTENCES_TRIED)):
            words = words_of(sentence)
            frequencies = self._words.document_frequencies(list(dict.fromkeys(words)))
            phrase = match_expression(parse_query('"' + " ".join(words) + '"'), frequencies)
            # A sentence of two notes is boilerplate: neither note would be the right one.
            if [found for found, _ in self._words.search_notes(phrase, 2)] == [note.id]:
                return Question(note.id, note.title, sentence, half_remembered(sentence, frequencies))
        return None


class _Run:
    """One check under way."""

    def __init__(
        self,
        searching: Callable[[Callable[[], float]], Searching],
        weight: float,
        cancel: CancelToken,
        started: float,
    ) -> None:
        self._set = weight
        self._now = weight
        self._search = searching(lambda: self._now)
        self._cancel = cancel
        self._started = started
        self._legs: dict[SearchMode, Ranks] = {SearchMode.WORDS: [], SearchMode.MEANING: [], SearchMode.BOTH: []}
        self._weights: dict[float, Ranks] = {each: [] for each in sorted({weight, *WEIGHTS})}
        self._unindexed = 0
        self._problem = ""

    def ask(self, questions: Sequence[Question]) -> Iterator[SelfCheckProgress | SelfCheckReport]:
        """Ask all, in all ways."""
        for number, question in enumerate(questions):
            yield SelfCheckProgress(number, len(questions))
            self._now = self._set
            for mode, ranks in self._legs.items():
                ranks.append(self._rank(question, mode))
            for weight, ranks in self._weights.items():
                self._now = weight
                same = weight == self._set
                ranks.append(self._legs[SearchMode.BOTH][-1] if same else self._rank(question, SearchMode.BOTH))
        yield self._report(questions)

    def _rank(self, question: Question, mode: SearchMode) -> int | None:
        if self._problem and mode is not SearchMode.WORDS:
            mode = SearchMode.WORDS  # as search itself does without an encoder, and without waiting for one each time
        result = self._search.search_once(question.asked, mode, DEPTH, self._cancel)
        self._cancel.raise_if_cancelled()
        self._problem = self._problem or result.meaning_problem
        self._unindexed = max(self._unindexed, result.notes_unindexed)
        found = [hit.note_id for hit in result.hits]  # what is shown at once, not what “weaker matches” would add
        return found.index(question.note_id) + 1 if question.note_id in found else None

    def _report(self, questions: Sequence[Question]) -> SelfCheckReport:
        both = self._legs[SearchMode.BOTH]
        return SelfCheckReport(
            weight=self._set,
            legs={mode: figures_of(ranks) for mode, ranks in self._legs.items()},
            weights={weight: figures_of(ranks) for weight, ranks in self._weights.items()},
            missed=tuple(question for question, rank in zip(questions, both, strict=True) if rank is None),
            seconds=time.monotonic() - self._started,
            offer=None if self._problem else better_weight(self._weights, self._set),
            notes_unindexed=self._unindexed,
            meaning_problem=self._problem,
        )
