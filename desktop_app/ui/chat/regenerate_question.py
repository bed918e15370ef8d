"""The question before an answer is written again with another model or preset: what it costs stands there first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.presenters.chat_regenerate import RegenerateQuestion
from desktop_app.ui.widgets import PlainLabel, TextButton
from desktop_app.ui.widgets.labels import at_font_size


class RegenerateDialog(QDialog):
    """Regenerate or Cancel."""

    def __init__(self, question: RegenerateQuestion, confirmed: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Regenerate"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(10)
        title = PlainLabel(question.title, "title", wrap=True)
        title.setMinimumWidth(at_font_size(380))
        column.addWidget(title)
        column.addWidget(PlainLabel(question.detail, "muted", wrap=True))
        row = QHBoxLayout()
        row.addStretch(1)
        self.cancel_button = TextButton(self.tr("Cancel"))
        self.cancel_button.clicked.connect(self.reject)
        self.regenerate_button = TextButton(self.tr("Regenerate"), "primary")
        self.regenerate_button.clicked.connect(self.accept)
        row.addWidget(self.cancel_button)
        row.addWidget(self.regenerate_button)
        column.addSpacing(6)
        column.addLayout(row)
        self.accepted.connect(confirmed)
        self.cancel_button.setFocus()
