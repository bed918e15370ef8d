"""Under the composer: how full the context window is, as a thin bar with its parts, and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from desktop_app.presenters.context_choices import ContextChoices
from desktop_app.presenters.context_meter import ContextMeterPresenter
from desktop_app.ui.chat.context_popup import ContextPopup
from desktop_app.ui.widgets import ElidedLabel, plain_tool_tip

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme


class _Parts(QWidget):
    """The bar."""

    def __init__(self, presenter: ContextMeterPresenter, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, self._theme.px(5))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), self._theme.color("track"))
        meter = self._presenter.meter
        if meter is None:
            return
        x = 0.0
        for part in self._presenter.parts():
            width = self.width() * part.tokens / max(1, meter.context_length)
            painter.fillRect(QRectF(x, 0, width, self.height()), self._theme.color(part.role))
            x += width


class ContextMeterBar(QFrame):
    """The meter; a click or Enter shows the parts in a popup."""

    def __init__(
        self,
        presenter: ContextMeterPresenter,
        theme: Theme,
        choices: ContextChoices | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`choices` takes what a person chooses in the popup; without it the popup only shows."""
        super().__init__(parent)
        self._presenter = presenter
        self._theme = theme
        self._choices = choices
        self._popup: ContextPopup | None = None
        self._bar = _Parts(presenter, theme, self)
        self._text = ElidedLabel("", "small", parent=self)
        self._text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setProperty("role", "meter")
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 3, 3, 3)
        row.setSpacing(12)
        row.addWidget(self._bar, 1)
        row.addWidget(self._text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(plain_tool_tip(self.tr("Show what fills the context")))
        presenter.changed.connect(self._show)
        theme.changed.connect(self._bar.updateGeometry)
        theme.changed.connect(self.update)
        self._show()

    @property
    def text(self) -> str:
        """What is said beside the bar."""
        return self._text.text()

    @property
    def popup(self) -> ContextPopup | None:
        """The popup while it is open."""
        return self._popup if self._popup is not None and self._popup.isVisible() else None

    def _show(self) -> None:
        self._text.setText(self._presenter.text())
        self.setAccessibleName(self.tr("Context: {0}").format(self._presenter.text()))
        self._bar.update()
        if self.popup is not None:
            self.popup.show_parts()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the popup."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.open_popup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space do what a click does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.open_popup()
        else:
            super().keyPressEvent(event)

    def open_popup(self) -> None:
        """Show the parts above the bar."""
        if self._presenter.meter is None:
            return
        if self._popup is not None:
            self._popup.close()
            self._popup.deleteLater()
        self._popup = ContextPopup(self._presenter, self._choices, self._theme, self)
        self._popup.open_above(self)
