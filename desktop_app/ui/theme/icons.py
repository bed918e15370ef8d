"""Line icons drawn in a colour of the theme, sharp at every scale of the screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap

from desktop_app.domain.resources import resource_path


class IconPainter:
    """Renders `resources/icons/NAME.svg` with its `currentColor` replaced, and keeps what it rendered."""

    def __init__(self) -> None:
        self._sources: dict[str, bytes] = {}
        self._pixmaps: dict[tuple[str, int, int, int], QPixmap] = {}

    def pixmap(self, name: str, colour: QColor, size: QSize, scale: float) -> QPixmap:
        """The icon, `size` logical pixels large, for a screen of `scale` device pixels each. OSError: no such icon."""
        wide, high = round(size.width() * scale), round(size.height() * scale)
        key = (name, colour.rgba(), wide, high)
        pixmap = self._pixmaps.get(key)
        if pixmap is None:
            pixmap = self._render(name, colour, wide, high)
            self._pixmaps[key] = pixmap
        result = QPixmap(pixmap)
        result.setDevicePixelRatio(scale)
        return result

    def _render(self, name: str, colour: QColor, wide: int, high: int) -> QPixmap:
        from PySide6.QtSvg import QSvgRenderer  # not needed before the first icon is painted

        source = self._sources.get(name)
        if source is None:
            source = resource_path("icons", f"{name}.svg").read_bytes()
            self._sources[name] = source
        renderer = QSvgRenderer(QByteArray(source.replace(b"currentColor", colour.name().encode())))
        pixmap = QPixmap(max(1, wide), max(1, high))
        pixmap.fill(Qt.GlobalColor.transparent)
        side = min(wide, high)
        painter = QPainter(pixmap)
        painter.setOpacity(colour.alphaF())
        renderer.render(painter, QRectF((wide - side) / 2, (high - side) / 2, side, side))
        painter.end()
        return pixmap


class ThemedIconEngine(QIconEngine):
    """An icon that asks for its colour each time it is painted, so that it follows a change of the theme."""

    def __init__(self, painter: IconPainter, name: str, colour: Callable[[QIcon.Mode, QIcon.State], QColor]) -> None:
        super().__init__()
        self._painter = painter
        self._name = name
        self._colour = colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        device = painter.device()
        scale = device.devicePixelRatio() if device is not None else 1.0
        side = min(rect.width(), rect.height())
        pixmap = self._painter.pixmap(self._name, self._colour(mode, state), QSize(side, side), scale)
        painter.drawPixmap(
            QPoint(rect.x() + (rect.width() - side) // 2, rect.y() + (rect.height() - side) // 2), pixmap
        )

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._painter.pixmap(self._name, self._colour(mode, state), size, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        return self._painter.pixmap(self._name, self._colour(mode, state), size, scale)

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:
        return size

    def isNull(self) -> bool:
        return False

    def clone(self) -> ThemedIconEngine:
        return ThemedIconEngine(self._painter, self._name, self._colour)
