"""Where the model's memory begins: a rule across the transcript, and the summary of what stands above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.conversation import Message
from desktop_app.ui.widgets import PlainLabel, TextButton, plain_tool_tip

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

_LINE = 26
_BELOW = 14


class MemoryLine(QWidget):
    """A rule across the transcript: what stands above it the model does not see any more.

    With a summary that stands below the rule, marked as one, and can be edited.
    """

    edit_wanted = Signal()

    def __init__(self, theme: Theme, summary: Message | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = self.tr("The model’s memory begins here")
        self.setAccessibleName(self._text)
        self.setToolTip(
            plain_tool_tip(self.tr("Older messages stay in this chat, but the model no longer reads them."))
        )
        self.panel: SummaryPanel | None = None
        if summary is not None:
            self.panel = SummaryPanel(summary, self)
            self.panel.edit.clicked.connect(self.edit_wanted)

    def fit(self, width: int) -> int:
        """Place everything for `width` pixels; the height it takes, with the room below it."""
        line = self._theme.px(_LINE)
        height = line
        if self.panel is not None:
            panel_height = self.panel.heightForWidth(width)
            self.panel.setGeometry(0, line + 4, width, panel_height)
            height += 4 + panel_height
        self.setGeometry(0, 0, width, height)
        return height + self._theme.px(_BELOW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Text between two lines."""
        painter = QPainter(self)
        painter.setFont(self._theme.interface_font(12))
        painter.setPen(self._theme.color("muted_text"))
        line = self.rect()
        line.setHeight(self._theme.px(_LINE))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, self._text)
        width = painter.fontMetrics().horizontalAdvance(self._text) + 28
        middle = line.height() // 2
        left, right = (self.width() - width) // 2, (self.width() + width) // 2
        painter.setPen(self._theme.color("line_strong"))
        painter.drawLine(QPoint(0, middle), QPoint(left, middle))
        painter.drawLine(QPoint(right, middle), QPoint(self.width(), middle))


class SummaryPanel(QFrame):
    """What the model is told in place of the messages above."""

    def __init__(self, summary: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(4)
        head = QHBoxLayout()
        title = self.tr("Summary of the messages above, written by {0}").format(
            summary.model_name or self.tr("the model")
        )
        head.addWidget(PlainLabel(title, "small"), 1)
        self.edit = TextButton(self.tr("Edit"), "small_link")
        self.edit.setAccessibleName(self.tr("Edit the summary"))
        head.addWidget(self.edit)
        column.addLayout(head)
        empty = not summary.text.strip()
        shown = self.tr("Empty: the model is told nothing of them.") if empty else summary.text
        self.text = PlainLabel(shown, "muted" if empty else "", wrap=True, selectable=True)
        column.addWidget(self.text)
        self.setAccessibleName(title)
