"""Sheets over the chat: what was recalled for an answer, and the summary as it can be edited."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.quotes import Passage
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton
from desktop_app.ui.widgets.floating_sheet import FloatingSheet
from desktop_app.ui.widgets.problem_place import ProblemPlace


class RecalledSheet(FloatingSheet):
    """The quoted parts of earlier messages; each leads to its message."""

    message_wanted = Signal(int)

    def __init__(self, passages: Sequence[Passage], theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, width=560, height=420)
        self.set_name(self.tr("Recalled messages"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = self.content
        layout.setContentsMargins(18, 14, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(PlainLabel(self.tr("Recalled for this answer"), "title"))
        words = self.tr("Parts of earlier messages that the model was shown again, because they fit the question.")
        layout.addWidget(PlainLabel(words, "muted", wrap=True))
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        self.quotes = [self._quote(passage) for passage in passages]
        for quote in self.quotes:
            column.addWidget(quote)
        if not self.quotes:
            column.addWidget(PlainLabel(self.tr("These messages are not there any more."), "muted"))
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        area.setAccessibleName(self.tr("Recalled messages"))
        layout.addWidget(area, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        close = TextButton(self.tr("Close"))
        close.clicked.connect(self.close)
        row.addWidget(close)
        layout.addLayout(row)

    def _quote(self, passage: Passage) -> QFrame:
        frame = QFrame()
        frame.setProperty("role", "card")
        column = QVBoxLayout(frame)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(4)
        head = QHBoxLayout()
        who = self.tr("You") if passage.role is Role.USER else self.tr("Answer")
        head.addWidget(PlainLabel(who, "small"), 1)
        go = TextButton(self.tr("Go to the message"), "small_link")
        go.clicked.connect(lambda: self._go(passage.message_id))
        head.addWidget(go)
        column.addLayout(head)
        column.addWidget(PlainLabel(passage.text, wrap=True, selectable=True))
        return frame

    def _go(self, message_id: int) -> None:
        self.close()
        self.message_wanted.emit(message_id)


class SummarySheet(FloatingSheet):
    """The summary in an editor. Ctrl+Enter keeps it and, once it is stored, closes; Esc leaves it as it was."""

    save_wanted = Signal(int, str)

    def __init__(self, summary: Message, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, width=560, height=340)
        self._summary = summary
        self.set_name(self.tr("Edit the summary"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = self.content
        layout.setContentsMargins(18, 14, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(PlainLabel(self.tr("Edit the summary"), "title"))
        words = self.tr("The model reads this in place of the older messages. The next answer reads the chat again.")
        layout.addWidget(PlainLabel(words, "muted", wrap=True))
        self.editor = QPlainTextEdit(summary.text)
        self.editor.setAccessibleName(self.tr("Text of the summary"))
        self.editor.setTabChangesFocus(True)
        self.editor.setFont(theme.reading_font())
        layout.addWidget(self.editor, 1)
        place = QVBoxLayout()
        layout.addLayout(place)
        self._problem = ProblemPlace(place, theme)
        theme.changed.connect(self._restyle)
        row = QHBoxLayout()
        row.addStretch(1)
        cancel = TextButton(self.tr("Cancel"))
        cancel.clicked.connect(self.close)
        self.save_button = TextButton(self.tr("Save  Ctrl Enter"), "primary")
        self.save_button.setAccessibleName(self.tr("Save"))
        self.save_button.clicked.connect(self._save)
        row.addWidget(cancel)
        row.addWidget(self.save_button)
        layout.addLayout(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter saves."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._save()
            return
        super().keyPressEvent(event)

    def _save(self) -> None:
        self._problem.show(None)
        self.save_button.setEnabled(False)
        self.editor.setReadOnly(True)  # what is written now would go with the sheet
        self.save_wanted.emit(self._summary.id, self.editor.toPlainText())

    def _restyle(self) -> None:
        self.editor.setFont(self.theme.reading_font())

    def show_error(self, error: InkwellError) -> None:
        """It is not stored: what was written stays here."""
        self.save_button.setEnabled(True)
        self.editor.setReadOnly(False)
        self._problem.show(error)
