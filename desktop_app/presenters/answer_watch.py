"""Tells when an answer that took long has ended."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_app.presenters.chat_answer import AnswerPresenter, RunningAnswer

LONG_SECONDS = 10.0
"""Shorter answers are waited for; after a longer one the person may be looking at something else."""


class AnswerWatch(QObject):
    """Watches the answer under way, in whatever chat. The end of one that the person stopped is no news."""

    long_answer_ended = Signal(object)  # RunningAnswer

    def __init__(
        self, answers: AnswerPresenter, *, clock: Callable[[], float] = time.monotonic, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._began = clock()
        answers.began.connect(self._begin)
        answers.ended.connect(self._end)

    def _begin(self) -> None:
        self._began = self._clock()

    def _end(self, answer: RunningAnswer) -> None:
        if not answer.stopping and self._clock() - self._began >= LONG_SECONDS:
            self.long_answer_ended.emit(answer)
