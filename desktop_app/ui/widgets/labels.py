"""Labels that show text as it is. Qt's own labels and tool tips guess at HTML, and would read local images from it."""

from __future__ import annotations

import re
import sys
from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy, QWidget

from desktop_app.ui.theme.theme import BASE_SIZE

_BESIDE_DIALOG = 40
_LONG_RUN = re.compile(r"\S{24}(?=\S)")


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget another look of the style sheet."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def at_font_size(length: float) -> int:
    """A designed length in pixels at the font size the application has now; for widgets that are given no theme."""
    designed = BASE_SIZE * (1.0 if sys.platform == "darwin" else 0.75)
    return max(1, round(length * QApplication.font().pointSizeF() / designed))


def least_width(length: int, parent: QWidget | None) -> int:
    """A dialog's least width for a designed length: with the letters, but no wider than the window below it."""
    wanted = at_font_size(length)
    return wanted if parent is None else max(length, min(wanted, parent.window().width() - _BESIDE_DIALOG))


def plain_tool_tip(text: str) -> str:
    """Text for `setToolTip` that shows exactly `text`, whatever marks are in it."""
    return "<qt>" + escape(text).replace("\n", "<br>") + "</qt>" if text else ""


def literal(text: str) -> str:
    """Text for a menu, or for Qt's own buttons, that shows exactly `text`: "&" alone would underline a letter."""
    return text.replace("&", "&&")


def breakable(text: str) -> str:
    """`text` for a label that wraps, with places in long words where a line may end: they would widen it."""
    return _LONG_RUN.sub("\\g<0>\u200b", text)


class PlainLabel(QLabel):
    """A label whose text is never taken for HTML. `role` is one of the style sheet's looks for QLabel."""

    def __init__(
        self,
        text: str = "",
        role: str = "",
        *,
        wrap: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setOpenExternalLinks(False)
        self.setWordWrap(wrap)
        if role:
            self.setProperty("role", role)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.setText(text)


class ElidedLabel(PlainLabel):
    """One line that ends in "…" where it does not fit; the tool tip then shows all of it."""

    def __init__(self, text: str = "", role: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(text, role, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        super().setText(text.replace("\n", " "))
        self._update_tool_tip()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…"), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_tool_tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(self.alignment()), shown)

    def _update_tool_tip(self) -> None:
        cut = self.fontMetrics().horizontalAdvance(self.text()) > self.width()
        self.setToolTip(plain_tool_tip(self.text()) if cut else "")
