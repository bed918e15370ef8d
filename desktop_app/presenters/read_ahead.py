"""While the person reads or types, the decoder reads what is already certain of the next prompt."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.certain_draft import certain_part
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_service import ChatSlot, ChatUseCases
from desktop_app.presenters.tasks import Task, TaskRunner

PAUSE_MS = 700
"""What is certain must stay so for this long before it is read."""

_Target = tuple[ChatSlot, int, str]


class ReadAheadPresenter(QObject):
    """Has the shown chat and the certain part of its draft read, each state of them once.

    A real question never waits for it: the decoder's process drops this work for any other.
    """

    finished = Signal()
    """Something was read: the next answer starts sooner than was last measured."""

    def __init__(
        self, service: ChatUseCases, tasks: TaskRunner, parent: QObject | None = None, *, pause_ms: int = PAUSE_MS
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._slot = ChatSlot()
        self._state = 0
        self._certain = ""
        self._done: _Target | None = None
        self._running: Task | None = None
        self._running_for: _Target | None = None
        self._closed = False
        self._rests = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(pause_ms)
        self._timer.timeout.connect(self._read)

    def show_chat(self, slot: ChatSlot, draft: str) -> None:
        """Another chat is shown: read that one from now on."""
        self._rests = False
        self._slot = slot
        self._certain = certain_part(draft)
        self.refresh()

    def rest(self) -> None:
        """No chat is shown: read nothing until there is one."""
        self._rests = True
        self.refresh()

    def set_draft(self, draft: str) -> None:
        """The draft changed; what is read stays of use as long as it is a beginning of what is certain now."""
        certain = certain_part(draft)
        if certain == self._certain:
            return
        self._certain = certain
        running = self._running_for
        if running is not None and not certain.startswith(running[2]):
            self._stop()
        self._timer.start()

    def refresh(self) -> None:
        """The chat's messages changed, or the model: what was certain may be so no longer."""
        self._state += 1
        self._stop()
        if not self._closed:
            self._timer.start()

    def close(self) -> None:
        """Read no more (the task runner is about to close)."""
        self._closed = True
        self._timer.stop()
        self._stop()

    def _stop(self) -> None:
        if self._running is not None:
            self._running.cancel()

    def _target(self) -> _Target:
        return self._slot, self._state, self._certain

    def _read(self) -> None:
        target = self._target()
        if self._closed or self._rests or self._running is not None or target == self._done:
            return
        slot, _state, certain = target

        def work(cancel: CancelToken) -> bool:
            return self._service.read_prompt_ahead(slot.id, certain, cancel)

        self._running_for = target
        self._running = self._tasks.run(
            work,
            done=lambda whole: self._ended(target, whole=whole),
            failed=lambda error: self._failed(target, error),
            cancelled=lambda: self._ended(target, whole=False),
        )

    def _ended(self, target: _Target, *, whole: bool) -> None:
        self._running = self._running_for = None
        if self._closed:
            return
        if whole:
            self._done = target
            self.finished.emit()
        if target != self._target():
            self._timer.start()

    def _failed(self, target: _Target, _error: InkwellError) -> None:
        """Sending would fail in the same way, and say so; until something changes it is not tried again."""
        self._done = target
        self._ended(target, whole=False)
