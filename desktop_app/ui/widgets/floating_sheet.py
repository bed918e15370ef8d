"""The sheet that floats over the window: palette, quick note and list of shortcuts stand on it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QHideEvent, QPainterPath, QRegion, QResizeEvent, QWindow
from PySide6.QtWidgets import QDialog, QFrame, QVBoxLayout, QWidget

from desktop_app.ui.theme.theme import Theme

#: Room left beside and below a sheet in a small window, in pixels.
_SIDE = 20
_BELOW = 20
#: As the style sheet rounds them, in pixels.
_CORNER = 12
_KEYS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)


class FloatingSheet(QDialog):
    """A bordered sheet over a window. What it shows goes into `content`.

    It keeps its place while the window moves, changes its size or another font size is chosen. Esc closes it, and
    the keyboard goes back to where it was. What is typed before the desktop has given it the keyboard is its own, too.
    """

    def __init__(
        self, theme: Theme, parent: QWidget, *, width: int, height: int, from_top: float | None = None
    ) -> None:
        """`width` and `height` are designed pixels; `from_top` is the part of the window above the sheet, None for
        the middle.
        """
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.theme = theme
        self._designed = (width, height)
        self._from_top = from_top
        self._window: QWidget | None = None
        self._keys_from: QWindow | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        frame = QFrame()
        frame.setProperty("role", "popup")
        outer.addWidget(frame)
        self.content = QVBoxLayout(frame)
        theme.changed.connect(self._place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On X11 there may be no compositor, which would leave black what is outside the round corners."""
        super().resizeEvent(event)
        if QGuiApplication.platformName() == "xcb":
            self.setMask(self.outline())

    def outline(self) -> QRegion:
        """The sheet without what is outside its round corners."""
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), _CORNER, _CORNER)
        return QRegion(shape.toFillPolygon().toPolygon())

    def set_name(self, name: str) -> None:
        """What the sheet is called by the desktop and read aloud."""
        self.setWindowTitle(name)
        self.setAccessibleName(name)

    def open_over(self, window: QWidget) -> None:
        """Show the sheet over `window` and give it the keyboard."""
        if not self.isVisible():
            window.installEventFilter(self)
            self._window = window
        self._place()
        self.show()
        self.activateWindow()
        if not self.isActiveWindow():
            self._take_keys_from(window.windowHandle())

    def _take_keys_from(self, handle: QWindow | None) -> None:
        """Keys that the desktop still sends to the window below are this sheet's, until it is active itself."""
        if self._keys_from is not None:
            self._keys_from.removeEventFilter(self)
        self._keys_from = handle
        if handle is not None:
            handle.installEventFilter(self)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self._take_keys_from(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._keys_from:
            if event.type() in _KEYS:
                QCoreApplication.sendEvent(self.focusWidget() or self, event)
                return True
            if event.type() == QEvent.Type.MouseButtonPress:
                self._take_keys_from(None)
        if watched is self._window and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._take_keys_from(None)
        if self._window is not None:
            self._window.removeEventFilter(self)
            # Qt then gives the keyboard to the widget of the window that had it before.
            self._window.activateWindow()
            self._window = None

    def _place(self) -> None:
        window = self._window
        if window is None:
            return
        width, height = (self.theme.px(length) for length in self._designed)
        height = min(height, window.height() - 2 * _BELOW)
        if self._from_top is None:
            above = (window.height() - height) // 2
        else:
            above = min(int(window.height() * self._from_top), window.height() - _BELOW - height)
        self.resize(min(width, window.width() - 2 * _SIDE), height)
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - self.width()) // 2, corner.y() + above)
