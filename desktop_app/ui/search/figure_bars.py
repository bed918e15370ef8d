"""A small bar chart of shares between nought and one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.ui.theme.theme import Theme

_ROW = 24
_BAR = 10


class FigureBars(QWidget):
    """A title, and a bar for each figure with its name and number. Read aloud as one sentence."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._title = ""
        self._figures: list[tuple[str, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._refit)

    def show_figures(self, title: str, figures: Sequence[tuple[str, float]]) -> None:
        """Draw (name, share) pairs."""
        self._title, self._figures = title, list(figures)
        self.setAccessibleName(title)
        self.setAccessibleDescription(", ".join(f"{name}: {share:.2f}" for name, share in figures))
        self._refit()

    def _refit(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(320), self._theme.px(_ROW) * (len(self._figures) + 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(160), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = self._theme.px(_ROW)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._theme.interface_font(12))
        painter.setPen(self._theme.color("muted_text"))
        painter.drawText(QRectF(0, 0, self.width(), row), middle, self._title)
        metrics = painter.fontMetrics()
        name_width = max((metrics.horizontalAdvance(name) for name, _ in self._figures), default=0) + row // 2
        number_width = metrics.horizontalAdvance("0.000") + row // 2
        room = max(20, min(self._theme.px(420), self.width() - name_width - number_width))
        bar = self._theme.px(_BAR)
        for place, (name, share) in enumerate(self._figures, start=1):
            top = place * row
            painter.setPen(self._theme.color("text"))
            painter.drawText(QRectF(0, top, name_width, row), middle, name)
            painter.drawText(QRectF(name_width + room + row // 3, top, number_width, row), middle, f"{share:.2f}")
            painter.setPen(Qt.PenStyle.NoPen)
            ground = QRectF(name_width, top + (row - bar) / 2, room, bar)
            painter.setBrush(self._theme.color("track"))
            painter.drawRoundedRect(ground, bar / 2, bar / 2)
            filled = QRectF(ground)
            filled.setWidth(max(bar, room * share) if share > 0 else 0)
            painter.setBrush(self._theme.color("accent"))
            painter.drawRoundedRect(filled, bar / 2, bar / 2)
