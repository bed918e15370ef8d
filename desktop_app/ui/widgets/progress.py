"""A thin bar of progress."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.ui.theme.theme import Theme

_HEIGHT = 4
_STEP_MS = 120  # the moving piece of an unknown length: slow, so that it costs the model nothing


class ThinProgress(QWidget):
    """A line that fills up. `set_fraction(None)` means working, length unknown."""

    def __init__(self, theme: Theme, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self._fraction: float | None = 0.0
        self._phase = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP_MS)
        self._timer.timeout.connect(self._move)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        theme.changed.connect(self.update)

    @property
    def fraction(self) -> float | None:
        """What is shown, 0.0 to 1.0."""
        return self._fraction

    def set_fraction(self, fraction: float | None) -> None:
        """Show a share done, 0.0 to 1.0, or None for work of unknown length."""
        value = None if fraction is None else min(1.0, max(0.0, fraction))
        if value == self._fraction:
            return
        self._fraction = value
        self.setAccessibleDescription("" if value is None else f"{value:.0%}")
        self._run_timer()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, _HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run_timer()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        top, width = (self.height() - _HEIGHT) / 2, float(self.width())
        painter.setBrush(self._theme.color("track"))
        painter.drawRoundedRect(QRectF(0, top, width, _HEIGHT), 2, 2)
        painter.setBrush(self._theme.color("accent"))
        if self._fraction is None:
            piece = width / 4
            painter.drawRoundedRect(QRectF((width - piece) * (self._phase % 16) / 15, top, piece, _HEIGHT), 2, 2)
        elif self._fraction > 0:
            painter.drawRoundedRect(QRectF(0, top, max(4.0, width * self._fraction), _HEIGHT), 2, 2)

    def _run_timer(self) -> None:
        if self._fraction is None and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def _move(self) -> None:
        self._phase += 1
        self.update()
