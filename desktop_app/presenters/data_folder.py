"""Backups, restoring and export as the settings screen offers them: one at a time, each busy, done or failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.tasks import Task, TaskRunner
from desktop_app.services.backup_ports import BackupInfo

Progress = Callable[[int, int, str], None]
"""(done, total, name of what is worked on)."""

_MEASURING = "data.states"


class DataActions(msgspec.Struct, frozen=True):
    """What the screen needs done; the composition root plugs the services in. All block and raise InkwellErrors.

    Attributes:
        back_up: make a verified backup; where it is.
        list_backups: newest first.
        restore: put a backup in place; what to tell the person afterwards.
        export: write everything below a folder; what to tell the person afterwards.
        states_size: bytes of the kept chat states.
        clear_states: remove them.
    """

    back_up: Callable[[], Path]
    list_backups: Callable[[], Sequence[BackupInfo]]
    restore: Callable[[Path], str]
    export: Callable[[Path, Progress, CancelToken], str]
    states_size: Callable[[], int]
    clear_states: Callable[[], None]


class DataJob(StrEnum):
    """What can be done."""

    BACK_UP = "back_up"
    RESTORE = "restore"
    EXPORT = "export"
    CLEAR_STATES = "clear_states"


class JobPhase(StrEnum):
    """Where a job stands."""

    IDLE = "idle"
    BUSY = "busy"
    DONE = "done"
    FAILED = "failed"


class JobState(msgspec.Struct, frozen=True):
    """A job as its row shows it. `fraction` is None while its length is not known."""

    phase: JobPhase = JobPhase.IDLE
    text: str = ""
    fraction: float | None = None
    error: InkwellError | None = None


class DataPresenter(QObject):
    """Runs the jobs off the GUI thread."""

    changed = Signal(str)
    """A job's state is another now."""
    backups_listed = Signal(object)
    """list[BackupInfo], newest first."""
    restored = Signal()
    """A backup was put in place: what the window shows is out of date."""
    _progressed = Signal(str, int, int, str)

    def __init__(self, actions: DataActions, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._tasks = tasks
        self._states = {job: JobState() for job in DataJob}
        self._states[DataJob.CLEAR_STATES] = JobState(text=self.tr("Counting…"))
        self._running: dict[DataJob, Task] = {}
        self._progressed.connect(self._show_progress)

    def state(self, job: DataJob) -> JobState:
        """Where a job stands."""
        return self._states[job]

    @property
    def busy(self) -> bool:
        """True while any job runs; the others wait for it."""
        return any(state.phase is JobPhase.BUSY for state in self._states.values())

    def back_up(self) -> None:
        """Make a backup now."""
        words = self.tr("Backed up and checked: {0}")
        self._start(DataJob.BACK_UP, lambda _cancel: words.format(self._actions.back_up().name), self.tr("Backing up…"))

    def export(self, folder: Path) -> None:
        """Write notes and chats below `folder`."""

        def work(cancel: CancelToken) -> str:
            def progress(done: int, total: int, name: str) -> None:
                self._progressed.emit(DataJob.EXPORT.value, done, total, name)

            return self._actions.export(folder, progress, cancel)

        self._start(DataJob.EXPORT, work, self.tr("Exporting…"))

    def restore(self, backup: Path) -> None:
        """Put a backup in place of what is there (which is backed up first)."""
        self._start(
            DataJob.RESTORE,
            lambda _cancel: self._actions.restore(backup),
            self.tr("Restoring…"),
            then=self.restored.emit,
        )

    def measure_states(self) -> None:
        """Ask how much the kept chat states take; the state of their job says it."""
        if self._states[DataJob.CLEAR_STATES].phase is not JobPhase.BUSY:
            self._tasks.run(
                lambda _cancel: self._actions.states_size(),
                done=lambda size: self._set(DataJob.CLEAR_STATES, JobState(text=self._states_words(size))),
                failed=lambda error: self._set(DataJob.CLEAR_STATES, JobState(JobPhase.FAILED, error=error)),
                channel=_MEASURING,
            )

    def clear_states(self) -> None:
        """Remove the kept chat states."""
        self._tasks.drop_channel(_MEASURING)  # its answer would end the job on the screen, and let others begin

        def work(_cancel: CancelToken) -> str:
            before = self._actions.states_size()
            self._actions.clear_states()
            return removed.format(f"{before / 1e6:,.0f}") if before else nothing

        removed, nothing = self.tr("Removed {0} MB."), self._states_words(0)
        self._start(DataJob.CLEAR_STATES, work, self.tr("Removing…"))

    def _states_words(self, size: int) -> str:
        return self.tr("{0} MB are kept now.").format(f"{size / 1e6:,.0f}") if size else self.tr("Nothing is kept now.")

    def list_backups(self) -> None:
        """Ask for the backups; `backups_listed` answers."""

        def done(backups: list[BackupInfo]) -> None:
            if self._states[DataJob.RESTORE].phase is JobPhase.FAILED:
                self._set(DataJob.RESTORE, JobState())
            self.backups_listed.emit(backups)

        self._tasks.run(
            lambda _cancel: list(self._actions.list_backups()),
            done=done,
            failed=lambda error: self._set(DataJob.RESTORE, JobState(JobPhase.FAILED, error=error)),
            channel="data.backups",
        )

    def cancel(self, job: DataJob) -> None:
        """Ask a running job to stop."""
        if job in self._running:
            self._running[job].cancel()

    def _start(
        self,
        job: DataJob,
        work: Callable[[CancelToken], str],
        words: str,
        then: Callable[[], object] | None = None,
    ) -> None:
        if self.busy:
            return
        self._set(job, JobState(JobPhase.BUSY, words))

        def done(text: str) -> None:
            self._set(job, JobState(JobPhase.DONE, text))
            if then is not None:
                then()

        self._running[job] = self._tasks.run(
            work,
            done=done,
            failed=lambda error: self._set(job, JobState(JobPhase.FAILED, error=error)),
            cancelled=lambda: self._set(job, JobState(JobPhase.DONE, self.tr("Stopped."))),
        )

    def _set(self, job: DataJob, state: JobState) -> None:
        self._states[job] = state
        self.changed.emit(job.value)

    def _show_progress(self, job: str, done: int, total: int, name: str) -> None:
        key = DataJob(job)
        if self._states[key].phase is JobPhase.BUSY:
            words = self.tr("{0} of {1} · {2}").format(f"{done:,}", f"{total:,}", name)
            self._set(key, JobState(JobPhase.BUSY, words, done / total if total else None))
