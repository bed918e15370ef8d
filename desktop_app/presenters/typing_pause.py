"""When what is typed is saved by itself."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

_MOST_PAUSES = 5


class TypingPause(QTimer):
    """Times out once after a pause in typing. Who types on without one waits five times as long: a process that is
    killed then takes no more with it.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setSingleShot(True)
        self._unsaved = QElapsedTimer()

    def typed(self, pause_ms: int) -> None:
        """Something was typed; `pause_ms` milliseconds without more are a pause."""
        if not self.isActive():
            self._unsaved.start()
        left = _MOST_PAUSES * pause_ms - self._unsaved.elapsed()
        self.start(max(0, min(pause_ms, left)))
