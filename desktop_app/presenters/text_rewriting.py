"""A part of a note on its way through the chat model, for the sheet that shows what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.generation import StopReason
from desktop_app.domain.line_changes import LineChange, line_changes
from desktop_app.domain.text_rewriting import RewriteWish
from desktop_app.presenters.tasks import Task, TaskRunner
from desktop_app.services.text_rewriting import Rewriting


class RewriteUseCases(Protocol):
    """`services.text_rewriting.TextRewriter`. Blocks."""

    def rewrite(self, wish: RewriteWish, cancel: CancelToken) -> Iterator[Rewriting]: ...


class Rewritten(msgspec.Struct, frozen=True):
    """What came of a wish, and its lines that differ from the part's."""

    text: str
    changes: Sequence[LineChange]
    ended: StopReason


class RewritingPresenter(QObject):
    """One rewriting at a time; another one takes its place, once the decoder has put the first one away."""

    grew = Signal(object)  # Rewriting
    ended = Signal(object)  # Rewritten
    failed = Signal(object)  # InkwellError
    stopped = Signal()  # before a word came

    def __init__(self, service: RewriteUseCases, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._task: Task | None = None
        self._is_told = False
        self._outcome: Callable[[], object] = self.stopped.emit
        self._next: RewriteWish | None = None

    @property
    def is_busy(self) -> bool:
        """True while the model is at it."""
        return self._next is not None or (self._task is not None and self._is_told)

    def rewrite(self, wish: RewriteWish) -> None:
        """Begin; `grew` follows, then `ended`, `stopped` or `failed`."""
        self.drop()
        self._next = wish
        if self._task is None:
            self._begin(wish)

    def _begin(self, wish: RewriteWish) -> None:
        self._next, self._is_told, self._outcome = None, True, self.stopped.emit

        def work(cancel: CancelToken) -> Iterator[Rewriting | Rewritten]:
            for each in self._service.rewrite(wish, cancel):
                yield each
                if each.ended is not None:
                    changes = () if wish.is_added else line_changes(wish.text, each.text)
                    yield Rewritten(each.text, changes, each.ended)

        self._task = self._tasks.stream(
            work,
            item=self._take,
            done=lambda: self._end(self._outcome),
            failed=lambda error: self._end(lambda: self.failed.emit(error)),
            cancelled=lambda: self._end(self.stopped.emit),
        )

    def stop(self) -> None:
        """End it; what was written is kept."""
        if self._next is not None:
            self._next = None
            self.stopped.emit()
        elif self._task is not None:
            self._task.cancel()

    def drop(self) -> None:
        """End it; nothing of it is told any more."""
        self._next = None
        if self._task is not None:
            self._is_told = False
            self._task.cancel()

    def _take(self, event: Rewriting | Rewritten) -> None:
        if isinstance(event, Rewritten):
            self._outcome = (lambda: self.ended.emit(event)) if event.text.strip() else self.stopped.emit
        elif event.ended is None and self._is_told:
            self.grew.emit(event)

    def _end(self, tell: Callable[[], object]) -> None:
        self._task = None
        if self._next is not None:
            self._begin(self._next)
        elif self._is_told:
            tell()
