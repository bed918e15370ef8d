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

_CHANNEL = "note.rewrite"


class RewriteUseCases(Protocol):
    """`services.text_rewriting.TextRewriter`. Blocks."""

    def rewrite(self, wish: RewriteWish, cancel: CancelToken) -> Iterator[Rewriting]: ...


class Rewritten(msgspec.Struct, frozen=True):
    """What came of a wish, and its lines that differ from the part's."""

    text: str
    changes: Sequence[LineChange]
    ended: StopReason


class RewritingPresenter(QObject):
    """One rewriting at a time; another one takes its place."""

    grew = Signal(object)  # Rewriting
    ended = Signal(object)  # Rewritten
    failed = Signal(object)  # InkwellError
    stopped = Signal()  # before a word came

    def __init__(self, service: RewriteUseCases, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._task: Task | None = None

    @property
    def is_busy(self) -> bool:
        """True while the model is at it."""
        return self._task is not None

    def rewrite(self, wish: RewriteWish) -> None:
        """Begin; `grew` follows, then `ended`, `stopped` or `failed`."""
        self.drop()

        def work(cancel: CancelToken) -> Iterator[Rewriting | Rewritten]:
            for each in self._service.rewrite(wish, cancel):
                yield each
                if each.ended is not None:
                    changes = () if wish.is_added else line_changes(wish.text, each.text)
                    yield Rewritten(each.text, changes, each.ended)

        self._task = self._tasks.stream(
            work,
            item=self._take,
            done=lambda: self._end(self.stopped.emit) if self._task is not None else None,
            failed=lambda error: self._end(lambda: self.failed.emit(error)),
            cancelled=lambda: self._end(self.stopped.emit),
            channel=_CHANNEL,
        )

    def stop(self) -> None:
        """End it; what was written is kept."""
        if self._task is not None:
            self._task.cancel()

    def drop(self) -> None:
        """End it; nothing of it is told any more."""
        if self._task is not None:
            self._task.cancel()
            self._tasks.drop_channel(_CHANNEL)
            self._task = None

    def _take(self, event: Rewriting | Rewritten) -> None:
        if isinstance(event, Rewritten):
            self._end(lambda: self.ended.emit(event))
        elif event.ended is None:
            self.grew.emit(event)

    def _end(self, tell: Callable[[], object]) -> None:
        self._task = None
        tell()
