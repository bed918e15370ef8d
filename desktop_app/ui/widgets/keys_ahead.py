"""What is typed for a text that is not there yet."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QWidget

_KEYS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)


class KeysAhead(QObject):
    """Keeps the keys of a window back from whatever has the keyboard, for the widget that is to have them.

    Shortcuts are not among them. A press of the mouse ends it, and so does a screen that is left: from then on the keys
    go to what was pressed or is shown.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._screen: QWidget | None = None
        self._window: QWindow | None = None
        self._kept: list[QKeyEvent] = []

    def wait_in(self, screen: QWidget) -> None:
        """Keep what is typed in the window of `screen` from now on."""
        self._let_go()
        self._screen, self._window = screen, screen.window().windowHandle()
        screen.installEventFilter(self)
        if self._window is not None:
            self._window.installEventFilter(self)

    def give_to(self, widget: QWidget) -> None:
        """`widget` has the keyboard now: it gets what was kept, in order."""
        self._let_go()
        kept, self._kept = self._kept, []
        for key in kept:
            QCoreApplication.sendEvent(widget, key)

    def give_up(self) -> str:
        """There will be no such widget: the letters that were kept for it; nothing is kept any more."""
        self._let_go()
        kept, self._kept = self._kept, []
        return "".join(key.text() for key in kept if key.type() == QEvent.Type.KeyPress and key.text().isprintable())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window:
            if isinstance(event, QKeyEvent) and event.type() in _KEYS:
                self._kept.append(event.clone())
                return True
            if event.type() == QEvent.Type.MouseButtonPress:
                self._let_go()
        elif watched is self._screen and event.type() == QEvent.Type.Hide:
            self._let_go()
        return super().eventFilter(watched, event)

    def _let_go(self) -> None:
        if self._screen is not None:
            self._screen.removeEventFilter(self)
            self._screen = None
        if self._window is not None:
            self._window.removeEventFilter(self)
            self._window = None
