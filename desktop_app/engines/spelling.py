"""The process that looks words up, seen from this side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from desktop_app.domain.errors import WorkerCrashedError
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.question_process import QuestionProcess
from desktop_app.protocol.spelling_messages import (
    MOST_DICTIONARIES,
    MOST_WORDS,
    CheckWords,
    SpellingFromWorker,
    SuggestWords,
    WordsChecked,
    WordsSuggested,
)

TITLE = "spelling process"
SECONDS = 20.0
"""How long one answer may take; the first one of a dictionary reads it."""
MOST_FAILURES = 3
"""Processes that may be lost in a row; after that nothing is checked until the program starts again."""


def is_installed() -> bool:
    """Whether the library that the process needs is there."""
    return find_spec("hunspell") is not None


class SpellingProcess:
    """Implements services.spelling.SpellingEngine over a worker process. Thread-safe; one question at a time."""

    def __init__(self, launcher: WorkerLauncher, *, worker: str = "spelling", seconds: float = SECONDS) -> None:
        self._process = QuestionProcess(
            launcher,
            worker,
            TITLE,
            SpellingFromWorker,
            (WordsChecked, WordsSuggested),
            seconds=seconds,
            most_failures=MOST_FAILURES,
        )

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None while there is none."""
        return self._process.pid

    def wrong(self, dictionaries: Sequence[Path], words: Sequence[str]) -> frozenset[str]:
        """Those of the words that no dictionary knows. Blocks.

        Raises WorkerError where the process gave no answer: nothing is known of the words then.
        """
        wrong: list[str] = []
        paths = [str(path) for path in dictionaries[:MOST_DICTIONARIES]]
        for start in range(0, len(words), MOST_WORDS):
            some = list(words[start : start + MOST_WORDS])
            answer = self._process.ask(partial(CheckWords, dictionaries=paths, words=some))
            if not isinstance(answer, WordsChecked):
                raise WorkerCrashedError(
                    "Spelling was not checked.",
                    "The process that looks words up ended, or did not answer.",
                    "Go on typing: it is asked again.",
                )
            wrong += answer.wrong
        return frozenset(wrong)

    def suggestions(self, dictionaries: Sequence[Path], word: str) -> list[str]:
        """What may have been meant, the likeliest first. Blocks."""
        paths = [str(path) for path in dictionaries[:MOST_DICTIONARIES]]
        answer = self._process.ask(partial(SuggestWords, dictionaries=paths, word=word))
        return list(answer.words) if isinstance(answer, WordsSuggested) else []

    def close(self) -> None:
        """End the process for good. Whoever waits for an answer gets none."""
        self._process.close()
