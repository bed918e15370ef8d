"""Which words are spelled wrong, for the screens: looked up in the background, remembered for the next time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.spelling import SpellingProblem
from desktop_app.presenters.tasks import TaskRunner

MOST_KEPT = 50_000
"""Words remembered."""

_AT_ONCE = 500


class SpellingSource(Protocol):
    """What is needed of services.spelling."""

    def languages(self) -> list[str]: ...
    def wrong(self, words: Sequence[str]) -> frozenset[str]: ...
    def suggestions(self, word: str) -> list[str]: ...
    def problem(self) -> SpellingProblem | None: ...
    def add(self, word: str) -> None: ...


class SpellingBook(QObject):
    """Knows the words looked up so far. Nothing is done while no language is checked."""

    changed = Signal()  # more words are known, or other languages are checked
    looked_up = Signal()  # words that were wanted are known now, right or wrong
    unanswered = Signal()  # words that were wanted could not be looked up: nothing is known of them
    problem_changed = Signal()
    failed = Signal(object)  # InkwellError

    def __init__(
        self, spelling: Callable[[], SpellingSource], tasks: TaskRunner, parent: QObject | None = None
    ) -> None:
        """`spelling()` is called in a thread of the task runner."""
        super().__init__(parent)
        self._spelling = spelling
        self._tasks = tasks
        self._known: OrderedDict[str, bool] = OrderedDict()
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._under_way = False
        self._asked_again = False
        self._round = 0
        self.problem: SpellingProblem | None = None
        """Why nothing is checked though spelling is on, as of the words looked up last."""

    def knows(self, word: str) -> bool:
        """Whether it was looked up."""
        return word in self._known

    def is_wrong(self, word: str) -> bool:
        """Whether it was looked up and is in no dictionary."""
        wrong = self._known.get(word, False)
        if wrong:
            self._known.move_to_end(word)
        return wrong

    def want(self, words: Iterable[str]) -> None:
        """Look these up; `changed` follows where one was not known."""
        for word in words:
            if word not in self._known:
                self._wanted[word] = None
        self._look_up()

    def suggest(self, word: str, done: Callable[[list[str]], None]) -> None:
        """What may have been meant."""
        self._tasks.run(
            lambda _cancel: self._spelling().suggestions(word),
            done=done,
            failed=lambda _error: done([]),
            channel="note.spelling.suggest",
        )

    def add(self, word: str) -> None:
        """It is right from now on, in all notes."""

        def work(_cancel: CancelToken) -> None:
            self._spelling().add(word)

        def added(_nothing: object) -> None:
            self._known = OrderedDict(
                (each, wrong) for each, wrong in self._known.items() if each.lower() != word.lower()
            )
            self._known[word] = False
            self.changed.emit()

        self._tasks.run(work, done=added, failed=self.failed.emit)

    def forget(self) -> None:
        """Other languages are checked, or none: look everything up anew."""
        self._round += 1
        self._known.clear()
        self._wanted.clear()
        self.changed.emit()

    def _look_up(self) -> None:
        if self._under_way or not self._wanted or self._tasks.closed:
            return
        words = [self._wanted.popitem(last=False)[0] for _ in range(min(_AT_ONCE, len(self._wanted)))]
        self._under_way = True
        asked_in = self._round

        def take(found: tuple[frozenset[str], SpellingProblem | None]) -> None:
            wrong, problem = found
            self._under_way, self._asked_again = False, False
            if problem is not self.problem:
                self.problem = problem
                self.problem_changed.emit()
            if asked_in == self._round:
                self._known.update((word, word in wrong) for word in words)
                while len(self._known) > MOST_KEPT:
                    self._known.popitem(last=False)
                if wrong:
                    self.changed.emit()
                self.looked_up.emit()
            self._look_up()

        def lose(_error: object) -> None:
            """Ask once more, at once: a word in the middle of a text may not be wanted again for long."""
            again, self._asked_again = not self._asked_again, not self._asked_again
            self._under_way = False
            if asked_in == self._round and again:
                self._wanted.update(dict.fromkeys(words))
            elif asked_in == self._round:
                self.unanswered.emit()
            self._look_up()

        self._tasks.run(
            lambda _cancel: (self._spelling().wrong(words), self._spelling().problem()),
            done=take,
            failed=lose,
        )
