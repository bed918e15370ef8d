"""A message being edited in its place: the composer's keys, and what can be done with the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.domain.context_budget import WhenFull
from desktop_app.domain.errors import ContextFullError
from desktop_app.presenters.chat_branches import MessageEdit
from desktop_app.ui.chat.composer import DraftEdit
from desktop_app.ui.widgets import PlainLabel, TextButton, plain_tool_tip, set_role
from desktop_app.ui.widgets.flow_row import FlowRow

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

_MOST_LINES = 18


class AnswerEdit(DraftEdit):
    """The text of an answer, which mostly has many lines: Enter breaks the line, Ctrl+Enter keeps it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is a letter like others here."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.send_wanted.emit()
        elif is_enter:
            QPlainTextEdit.keyPressEvent(self, event)
        else:
            super().keyPressEvent(event)


class MessageEditor(QFrame):
    """Holds one MessageEdit; what becomes of it is asked of whoever listens."""

    text_changed = Signal(str)
    submitted = Signal(bool)  # true: have the model write on at its end
    left = Signal()
    room_wanted = Signal(object)  # WhenFull: the chat is full; make room that way, and send
    new_chat_wanted = Signal()  # it is full: send the text in a new one
    height_changed = Signal()

    def __init__(self, theme: Theme, edit: MessageEdit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = edit
        self.setProperty("role", "composer")
        self.edit: DraftEdit = AnswerEdit(theme, self) if edit.is_answer else DraftEdit(theme, self)
        self.edit.setAccessibleName(self.tr("Edit answer") if edit.is_answer else self.tr("Edit message"))
        self.edit.set_draft(edit.text)
        self._hint = PlainLabel("", "small", wrap=True, parent=self)
        self.cancel_button = TextButton(self.tr("Cancel"), "quiet", tip=self.tr("Esc leaves it as it was"), parent=self)
        self.go_on_button = TextButton(self.tr("Save and continue"), parent=self)
        self.go_on_button.setToolTip(plain_tool_tip(self.tr("The model writes on where your text ends")))
        self.go_on_button.setVisible(edit.is_answer)
        self.room_buttons = [
            self._room_button(self.tr("Let the oldest leave"), WhenFull.RECALL),
            self._room_button(self.tr("Summarise them"), WhenFull.SUMMARISE),
            TextButton(self.tr("Send in a new chat"), parent=self),
        ]
        self.room_buttons[-1].clicked.connect(self.new_chat_wanted)
        self._ways_on = FlowRow(self)
        self._ways_on.set_widgets(self.room_buttons)
        self.submit_button = TextButton(self.tr("Save") if edit.is_answer else self.tr("Send"), "primary", parent=self)
        self._lay_out()
        self._changed_soon = QTimer(self)
        self._changed_soon.setSingleShot(True)
        self._changed_soon.timeout.connect(self.height_changed)
        self.edit.textChanged.connect(self._text_changed)
        self.edit.send_wanted.connect(lambda: self._submit(go_on=False))
        self.edit.document().documentLayout().documentSizeChanged.connect(lambda _size: self._changed_soon.start(0))
        self.cancel_button.clicked.connect(self.left)
        self.submit_button.clicked.connect(lambda: self._submit(go_on=False))
        self.go_on_button.clicked.connect(lambda: self._submit(go_on=True))
        self.show_edit(edit)

    def _room_button(self, words: str, choice: WhenFull) -> TextButton:
        button = TextButton(words, parent=self)
        button.clicked.connect(lambda: self.room_wanted.emit(choice))
        return button

    @property
    def _buttons(self) -> list[TextButton]:
        return [self.cancel_button, self.go_on_button, self.submit_button]

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._hint, 1)
        foot.addStretch(0)  # keeps the buttons at the right where the hint stands above them
        for button in self._buttons:
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(15, 12, 12, 10)
        column.setSpacing(6)
        column.addWidget(self.edit)
        column.addWidget(self._ways_on)
        column.addLayout(foot)
        self._column, self._foot = column, foot

    def show_edit(self, edit: MessageEdit) -> None:
        """Another state of the same edit: on its way, refused, or open to change."""
        self._state = edit
        self.edit.setReadOnly(edit.waiting)
        if edit.error is not None:
            words = " ".join(part for part in (edit.error.what, edit.error.todo) if part)
        elif edit.waiting:
            words = self.tr("Sent as soon as the model is ready")
        elif edit.is_answer:
            words = self.tr("Ctrl+Enter saves it as another version")
        else:
            words = self.tr("Enter sends it as another version")
        is_full = edit.error is not None and edit.error.code == ContextFullError.code
        self._ways_on.setVisible(is_full)
        self.submit_button.setVisible(not is_full)  # it would be refused again
        set_role(self._hint, "warning" if edit.error is not None else "small")
        self._hint.setText(words)
        self._allow()
        self._changed_soon.start(0)

    def fit(self, width: int) -> int:
        """Give the text its lines at `width` pixels; the height it all takes."""
        self.resize(width, self.height())
        self._place_hint(width)
        layout = self.layout()
        assert layout is not None  # made in the constructor
        layout.activate()  # gives the ways on their width, of which their height comes
        layout.activate()
        line = QFontMetricsF(self.edit.font()).lineSpacing()
        lines = max(1.0, self.edit.document().documentLayout().documentSize().height())
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if lines > _MOST_LINES else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.edit.setVerticalScrollBarPolicy(policy)
        self.edit.setFixedHeight(int(min(lines, _MOST_LINES) * line) + 6)
        return layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()

    def _place_hint(self, width: int) -> None:
        """Beside the buttons where it fits on one line, else above them, and above the ways on out of a refusal."""
        shown = [button for button in self._buttons if not button.isHidden()]
        taken = sum(button.sizeHint().width() + self._foot.spacing() for button in shown)
        margins = self._column.contentsMargins()
        room = width - margins.left() - margins.right() - taken
        too_long = self._hint.fontMetrics().horizontalAdvance(self._hint.text()) > room
        above = too_long or not self._ways_on.isHidden()
        if above == (self._column.indexOf(self._hint) >= 0):
            return
        if above:
            self._foot.removeWidget(self._hint)
            self._column.insertWidget(self._column.indexOf(self._ways_on), self._hint)
        else:
            self._column.removeWidget(self._hint)
            self._foot.insertWidget(0, self._hint, 1)

    def _text_changed(self) -> None:
        self.text_changed.emit(self.edit.draft())
        self._allow()

    def _allow(self) -> None:
        allowed = not self._state.waiting and bool(self.edit.draft().strip())
        self.submit_button.setEnabled(allowed)
        self.go_on_button.setEnabled(allowed)

    def _submit(self, *, go_on: bool) -> None:
        if self.submit_button.isEnabled():
            self.submitted.emit(go_on)
