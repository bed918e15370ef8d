"""Near duplicates: looked for in the background, then kept, opened or thrown away pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.near_duplicates import DuplicatePair, FoundPairs, Side
from desktop_app.presenters.tasks import Task, TaskRunner


class Finding(Protocol):
    """The service."""

    def find(self, cancel: CancelToken, progress: Callable[[float], None]) -> FoundPairs | None: ...
    def keep(self, key: tuple[int, int]) -> None: ...
    def forget(self, key: tuple[int, int]) -> None: ...


class Trashing(Protocol):
    """The part of the notes' service that is needed."""

    def trash(self, note_ids: Sequence[int]) -> None: ...
    def restore(self, note_ids: Sequence[int]) -> None: ...


class PairsPhase(StrEnum):
    """What the page shows. UNINDEXED: no note is known by its meaning, so that none was compared."""

    STOPPED = "stopped"
    LOOKING = "looking"
    UNINDEXED = "unindexed"
    LISTED = "listed"
    FAILED = "failed"


class NearDuplicatesPresenter(QObject):
    """One list. What is done to a pair takes it off the list at once; undoing looks again."""

    changed = Signal()
    progressed = Signal(float)
    notice = Signal(str, object)  # words, undo

    def __init__(self, service: Finding, notes: Trashing, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._notes = notes
        self._tasks = tasks
        self._task: Task | None = None
        self.phase = PairsPhase.STOPPED
        self.pairs: list[DuplicatePair] = []
        self.more = False  # pairs beyond those that are listed, or perhaps
        self.error: InkwellError | None = None

    def look(self) -> None:
        """Look for pairs, from the beginning."""
        self._task = self._tasks.run(
            lambda cancel: self._service.find(cancel, self.progressed.emit),
            done=self._take,
            failed=self._fail,
            cancelled=lambda: self._go(PairsPhase.STOPPED),
            channel="search.near_duplicates",
        )
        self._go(PairsPhase.LOOKING)

    def stop(self) -> None:
        """End the search."""
        if self._task is not None:
            self._task.cancel()

    def keep_both(self, pair: DuplicatePair) -> None:
        """Do not list this pair again."""
        self._change(
            lambda: self._service.keep(pair.key),
            self.tr("Both notes are kept; the pair is not listed again."),
            lambda: self._service.forget(pair.key),
            lambda each: each.key == pair.key,
        )

    def move_to_trash(self, side: Side) -> None:
        """Throw one note away; its other pairs go with it."""
        self._change(
            lambda: self._notes.trash([side.note_id]),
            self.tr("“{title}” was moved to the trash.").replace("{title}", side.title or self.tr("Untitled")),
            lambda: self._notes.restore([side.note_id]),
            lambda each: side.note_id in each.key,
        )

    def leave_out(self, note_id: int) -> None:
        """This note is not there any more."""
        self.pairs = [each for each in self.pairs if note_id not in each.key]
        self.changed.emit()

    def _change(
        self,
        act: Callable[[], None],
        words: str,
        undo: Callable[[], None],
        gone: Callable[[DuplicatePair], bool],
    ) -> None:
        def done(_none: None) -> None:
            self.pairs = [each for each in self.pairs if not gone(each)]
            if self.phase is PairsPhase.LOOKING:  # what is looked through was read before
                self.look()
            else:
                self._go(PairsPhase.LISTED)
            self.notice.emit(words, lambda: self._undo(undo))

        self._tasks.run(lambda _cancel: act(), done=done, failed=self._fail)

    def _undo(self, undo: Callable[[], None]) -> None:
        self._tasks.run(lambda _cancel: undo(), done=lambda _none: self.look(), failed=self._fail)

    def _take(self, found: FoundPairs | None) -> None:
        self.pairs = list(found.pairs) if found is not None else []
        self.more = found is not None and found.more
        self._go(PairsPhase.UNINDEXED if found is None else PairsPhase.LISTED)

    def _fail(self, error: InkwellError) -> None:
        self.error = error
        self._go(PairsPhase.FAILED)

    def _go(self, phase: PairsPhase) -> None:
        self.phase = phase
        self.changed.emit()
