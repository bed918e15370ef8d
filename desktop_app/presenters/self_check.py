"""The check of search by the person's own notes: under way in the background, shown when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Protocol

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.self_check import SelfCheckProgress, SelfCheckReport
from desktop_app.presenters.tasks import Task, TaskRunner


class Checking(Protocol):
    """The service."""

    def run(self, cancel: CancelToken) -> Iterator[SelfCheckProgress | SelfCheckReport]: ...


class WeightSetting(msgspec.Struct, frozen=True):
    """The setting `search.dense_weight`: what it is, and how it is changed (in a background thread)."""

    get: Callable[[], float]
    set: Callable[[float], None]


class CheckPhase(StrEnum):
    """What the page shows."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class SelfCheckPresenter(QObject):
    """One check at a time; it goes on while other pages are shown."""

    changed = Signal()
    weight_taken = Signal(float, float)  # the new weight and the one before, once it is saved

    def __init__(
        self, service: Checking, weight: WeightSetting, tasks: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._weight = weight
        self._tasks = tasks
        self._task: Task | None = None
        self.phase = CheckPhase.IDLE
        self.progress = SelfCheckProgress(0, 0)
        self.report: SelfCheckReport | None = None
        self.error: InkwellError | None = None
        self.offer: float | None = None
        self._again: Callable[[], None] = self.start

    def try_again(self) -> None:
        """Do once more what failed."""
        self._again()

    def start(self) -> None:
        """Run the check, unless one runs."""
        if self.phase is CheckPhase.RUNNING:
            return
        self.progress = SelfCheckProgress(0, 0)
        self._task = self._tasks.stream(
            self._service.run,
            item=self._take,
            done=lambda: None,
            failed=self._fail,
            cancelled=lambda: self._go(CheckPhase.DONE if self.report else CheckPhase.IDLE),
            channel="search.self_check",
        )
        self._go(CheckPhase.RUNNING)

    def stop(self) -> None:
        """End the check that runs; what was there before is shown again."""
        if self._task is not None and self.phase is CheckPhase.RUNNING:
            self._task.cancel()

    def take_offer(self) -> None:
        """Save the weight that did better. `weight_taken` follows."""
        if self.offer is not None:
            weight, self.offer = self.offer, None
            self.set_weight(weight)
            self.changed.emit()

    def decline_offer(self) -> None:
        """Leave the weight as it is."""
        self.offer = None
        self.changed.emit()

    def set_weight(self, weight: float) -> None:
        """Save a weight of meaning; also the way back."""
        before = self._weight.get()

        def done(_none: None) -> None:
            if self.phase is CheckPhase.FAILED:
                self._go(CheckPhase.DONE if self.report else CheckPhase.IDLE)
            self.weight_taken.emit(weight, before)

        def failed(error: InkwellError) -> None:
            self._fail(error, lambda: self.set_weight(weight))

        self._tasks.run(lambda _cancel: self._weight.set(weight), done=done, failed=failed)

    def _take(self, step: SelfCheckProgress | SelfCheckReport) -> None:
        if isinstance(step, SelfCheckProgress):
            self.progress = step
            self.changed.emit()
            return
        self.report, self.offer = step, step.offer
        self._go(CheckPhase.DONE)

    def _fail(self, error: InkwellError, again: Callable[[], None] | None = None) -> None:
        self.error, self._again = error, again or self.start
        self._go(CheckPhase.FAILED)

    def _go(self, phase: CheckPhase) -> None:
        self.phase = phase
        self.changed.emit()
