"""When misspelled words are marked anew."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

#: After the first of several changes, scrolls or answers, in milliseconds.
_PAUSE_MS = 200


class MarkingPause(QObject):
    """Calls `mark` a moment after `later`, once for all calls meanwhile."""

    def __init__(self, mark: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(mark)

    def later(self) -> None:
        """Mark soon. Not put off by each key: what is marked must not wait for the end of a long sentence."""
        if not self._timer.isActive():
            self._timer.start()

    @property
    def pending(self) -> bool:
        """True between `later` and the marking."""
        return self._timer.isActive()
