"""Counts of a text and over all notes that a list shows, made in the background: a long one takes seconds."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.note_statistics import NoteStatistics, statistics_of
from desktop_app.domain.notes import NoteFilter
from desktop_app.presenters.tasks import TaskRunner


class Counting(Protocol):
    """The service."""

    def of_all(self, filter: NoteFilter, cancel: CancelToken) -> tuple[int, NoteStatistics]: ...


class StatisticsPresenter(QObject):
    """One count at a time: a later one takes the place of an earlier one."""

    own_counted = Signal(object)  # NoteStatistics of the text
    counted = Signal(int, object)  # notes, NoteStatistics
    failed = Signal(object)  # InkwellError

    def __init__(self, service: Counting, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks

    def count(self, filter: NoteFilter, text: str | None) -> None:
        """Count; `own_counted` follows where there is a text, and `counted` or `failed`."""
        if text is not None:
            self._tasks.run(
                lambda _token: statistics_of(text),
                done=self.own_counted.emit,
                failed=self.failed.emit,
                channel="note.statistics.own",
            )
        self._tasks.run(
            lambda token: self._service.of_all(filter, token),
            done=lambda found: self.counted.emit(*found),
            failed=self.failed.emit,
            channel="note.statistics",
        )

    def stop(self) -> None:
        """Nobody waits for it any more."""
        self._tasks.drop_channel("note.statistics.own")
        self._tasks.drop_channel("note.statistics")
