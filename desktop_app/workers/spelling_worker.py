"""Looks words up with Hunspell, in a process of its own: a damaged dictionary costs no more than that, and Hunspell,
which keeps Python's lock for tenths of a second while it thinks of words, holds up nobody.
"""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import Protocol

from desktop_app.protocol.spelling_messages import (
    CheckWords,
    SpellingFromHost,
    SuggestWords,
    WordsChecked,
    WordsSuggested,
)
from desktop_app.workers.memory_limit import limit_memory
from desktop_app.workers.worker_runtime import WorkerRuntime

MOST_SUGGESTIONS = 6
LONGEST_SUGGESTION = 120
MEMORY_BYTES = 1024**3


class Dictionary(Protocol):
    """What is used of Hunspell."""

    def spell(self, word: str) -> bool: ...
    def suggest(self, word: str) -> tuple[str, ...]: ...


class Dictionaries:
    """Dictionaries that were asked for, each read once. One that cannot be read knows nothing."""

    def __init__(self) -> None:
        self._read: dict[str, Dictionary | None] = {}

    def of(self, paths: list[str]) -> list[Dictionary]:
        """Those that can be read."""
        return [found for path in paths if (found := self._get(path)) is not None]

    def _get(self, path: str) -> Dictionary | None:
        if path not in self._read:
            self._read[path] = read_dictionary(path)
        return self._read[path]


def read_dictionary(path: str) -> Dictionary | None:
    """The dictionary at `path` (without the suffixes), None where it cannot be read."""
    from hunspell import Hunspell

    folder, _, name = path.replace("\\", "/").rpartition("/")
    try:
        made: Dictionary = Hunspell(name, hunspell_data_dir=folder or ".", system_encoding="UTF-8")
    except (OSError, ValueError, LookupError, MemoryError):
        return None
    return made


def knows(dictionary: Dictionary, word: str) -> bool:
    """Whether it has the word. One with letters that the dictionary's encoding lacks is none of its language."""
    try:
        return bool(dictionary.spell(word))
    except UnicodeError:
        return False


def suggestions(dictionaries: list[Dictionary], word: str) -> list[str]:
    """What may have been meant, by turns of each dictionary."""
    found = []
    for dictionary in dictionaries:
        try:
            found.append(dictionary.suggest(word))
        except UnicodeError:
            continue
    by_turns = chain.from_iterable(zip_longest(*found, fillvalue=""))
    fitting = dict.fromkeys(each for each in by_turns if each and len(each) <= LONGEST_SUGGESTION)
    return list(fitting)[:MOST_SUGGESTIONS]


def main() -> int:
    """Serve until the host hangs up."""
    runtime = WorkerRuntime("spelling", SpellingFromHost, lambda _message: False)
    runtime.start()
    limit_memory(MEMORY_BYTES)
    known = Dictionaries()
    for job in runtime.jobs():
        if isinstance(job, CheckWords):
            asked = known.of(job.dictionaries)
            wrong = [word for word in job.words if not any(knows(one, word) for one in asked)] if asked else []
            runtime.send(WordsChecked(job.request_id, wrong, read=bool(asked)))
        elif isinstance(job, SuggestWords):
            runtime.send(WordsSuggested(job.request_id, suggestions(known.of(job.dictionaries), job.word)))
    return 0
