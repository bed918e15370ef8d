"""What the window remembers: its place, the open room, and what each screen says of itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.tasks import TaskRunner

_log = logging.getLogger(__name__)

_DEBOUNCE_MS = 700
#: Screens do not report each move of a splitter or scroll bar; they are asked now and then.
_ROUND_MS = 4_000


class UiStateStore(Protocol):
    """Small JSON values by key (`services.ports.UiStateStore`)."""

    def get(self, key: str, default: Any = None) -> Any: ...
    def set(self, key: str, value: Any) -> None: ...


class WindowMemory(QObject):
    """Collects what is to be remembered and writes what changed, off the GUI thread; `save_now` writes at once."""

    def __init__(
        self,
        store: UiStateStore,
        tasks: TaskRunner,
        collect: Callable[[], dict[str, Any]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._tasks = tasks
        self._collect = collect
        self._written: dict[str, Any] = {}
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_DEBOUNCE_MS)
        self._soon.timeout.connect(self._save_in_background)
        self._round = QTimer(self)
        self._round.setInterval(_ROUND_MS)
        self._round.timeout.connect(self._save_in_background)

    def recall(self, key: str, default: Any = None) -> Any:
        """A remembered value. A store that cannot be read forgets, and the window opens all the same."""
        try:
            value = self._store.get(key, default)
        except InkwellError as error:
            _log.warning("The window's state cannot be read (%s).", error.code)
            return default
        self._written[key] = value
        return value

    def start(self) -> None:
        """Begin to look for changes now and then."""
        self._round.start()

    def save_soon(self) -> None:
        """Write a little later, however often this is called meanwhile."""
        self._soon.start()

    def save_now(self) -> None:
        """Write what changed, and stop looking. For the end of the program."""
        self._soon.stop()
        self._round.stop()
        self._write(self._changes())

    def _save_in_background(self) -> None:
        if self._tasks.closed:  # a late move or resize while the program ends
            return
        changes = self._changes()
        if changes:

            def work(_token: CancelToken) -> None:
                self._write(changes)

            self._tasks.run(work, done=lambda _: None, channel="window_memory")

    def _changes(self) -> dict[str, Any]:
        changes = {key: value for key, value in self._collect().items() if self._written.get(key) != value}
        self._written |= changes
        return changes

    def _write(self, changes: dict[str, Any]) -> None:
        try:
            for key, value in changes.items():
                self._store.set(key, value)
        except InkwellError as error:
            # Where a scroll bar stood is not worth a notice: what a person wrote is saved, and reported, elsewhere.
            _log.warning("The window's state cannot be written (%s).", error.code)
