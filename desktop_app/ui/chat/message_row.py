"""What all rows of the transcript share: the editor in a message's place, its versions, its actions, the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from desktop_app.domain.conversation import Message
from desktop_app.presenters.chat_branches import MessageEdit
from desktop_app.presenters.transcript import AnswerWords, Version
from desktop_app.ui.chat.code_block import CodeBlock
from desktop_app.ui.chat.memory_line import MemoryLine
from desktop_app.ui.chat.message_editor import MessageEditor
from desktop_app.ui.chat.message_text import MessageText
from desktop_app.ui.chat.selection import MessageSelection, TextEdit
from desktop_app.ui.chat.version_switch import VersionSwitch
from desktop_app.ui.widgets import TextButton, plain_tool_tip

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme


_MARKED_MS = 2_000  # how long a message that was gone to is marked


def plain_label(text: str, role: str, parent: QWidget) -> QLabel:
    """A label that shows `text` as it is."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setText(text)
    return label


def link_button(text: str, role: str, parent: QWidget) -> TextButton:
    """A button that looks like a word to click; Enter presses it, too."""
    return TextButton(text, role, parent=parent)


class MessageRow(QWidget):
    """What all rows share: actions under the message, the line of the model's memory above it, the keyboard's frame."""

    height_changed = Signal()
    copy_wanted = Signal()
    regenerate_wanted = Signal()
    action_wanted = Signal(object)  # AnswerAction
    menu_wanted = Signal(object)
    edit_wanted = Signal()
    version_wanted = Signal(int)  # -1 or 1
    edit_text_changed = Signal(str)
    edit_submitted = Signal(bool)
    edit_room_wanted = Signal(object)  # WhenFull
    edit_new_chat_wanted = Signal()
    edit_left = Signal()
    link_activated = Signal(str)
    link_hovered = Signal(str)
    selection_began = Signal()
    pin_wanted = Signal(bool)
    recalled_wanted = Signal()
    summary_edit_wanted = Signal()
    attachment_wanted = Signal(int)  # attachment id
    source_wanted = Signal(int)  # attachment id of a passage that the answer read; 0: all of them

    def __init__(self, theme: Theme, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._message = message
        self._actions: QWidget | None = None
        self._memory_line: MemoryLine | None = None
        self._summary: Message | None = None
        self._pin_mark: QLabel | None = None
        self._switch: VersionSwitch | None = None
        self._editor: MessageEditor | None = None
        self._is_current = False
        self._is_hovered = False
        self._is_marked = False
        self.selection = MessageSelection(self.edits, self.selected_text, self.selection_began.emit)

    @property
    def message(self) -> Message:
        """What is shown."""
        return self._message

    def text_widgets(self) -> list[MessageText | CodeBlock]:
        """The widgets that hold selectable text, from the top."""
        raise NotImplementedError

    def show_whole(self, wanted: str = "") -> None:
        """Show what was left for later: the rest of a long text, parts still to be rendered, and what is folded away
        where `wanted` stands in it.
        """

    def edits(self) -> list[TextEdit]:
        """The text editors of `text_widgets`, from the top."""
        return [each.lines if isinstance(each, CodeBlock) else each for each in self.text_widgets()]

    def fit(self, width: int) -> int:
        """Place everything for `width` pixels; the height it takes."""
        top = 0
        if self._memory_line is not None:
            top = self._memory_line.fit(width)
        if self._pin_mark is not None:
            self._pin_mark.setVisible(self._editor is None)
        if self._editor is not None:
            height = self._editor.fit(width)
            self._editor.setGeometry(0, top, width, height)
            return top + height
        height = self._place(width, top)
        self._place_pin_mark(width, top)
        return height

    def _place(self, width: int, top: int) -> int:
        raise NotImplementedError

    # Versions and editing -----------------------------------------------------------------------

    @property
    def switch(self) -> VersionSwitch | None:
        """The way to the message's other versions; None where it has none."""
        return self._switch

    @property
    def editor(self) -> MessageEditor | None:
        """The editor in the message's place while it is edited."""
        return self._editor

    def set_version(self, version: Version | None) -> None:
        """Say which version of the message this is; None where it is the only one."""
        if version is None:
            if self._switch is None:
                return
            self._switch.hide()
            self._switch.deleteLater()
            self._switch = None
        elif self._switch is not None:
            self._switch.show_version(version)
        else:
            self._switch = VersionSwitch(self._theme, version, self)
            self._switch.step_wanted.connect(self.version_wanted)
            self._switch.setVisible(self._editor is None)
        self.height_changed.emit()

    def set_edit(self, edit: MessageEdit | None) -> None:
        """Show the editor in the message's place, or the message again."""
        if edit is not None and self._editor is not None:
            self._editor.show_edit(edit)
        elif edit is not None:
            self._editor = MessageEditor(self._theme, edit, self)
            self._editor.text_changed.connect(self.edit_text_changed)
            self._editor.submitted.connect(self.edit_submitted)
            self._editor.room_wanted.connect(self.edit_room_wanted)
            self._editor.new_chat_wanted.connect(self.edit_new_chat_wanted)
            self._editor.left.connect(self.edit_left)
            self._editor.height_changed.connect(self.height_changed)
            self._show_content(False)
            self._editor.show()
        elif self._editor is not None:
            self._editor.hide()
            self._editor.deleteLater()
            self._editor = None
            self._show_content(True)
        self._show_actions()
        self.update()
        self.height_changed.emit()

    def _show_content(self, shown: bool) -> None:
        """Show or hide everything that the editor stands in the place of."""
        for widget in self._content():
            widget.setVisible(shown)
        if self._switch is not None:
            self._switch.setVisible(shown)

    def _content(self) -> list[QWidget]:
        raise NotImplementedError

    def set_memory_line(self, shown: bool, summary: Message | None = None) -> None:
        """Show or hide "The model's memory begins here" above this message, with the summary of what is above."""
        summary = summary if shown else None
        if shown == (self._memory_line is not None) and summary == self._summary:
            return
        self._summary = summary
        if self._memory_line is not None:
            self._memory_line.hide()
            self._memory_line.deleteLater()
            self._memory_line = None
        if shown:
            self._memory_line = MemoryLine(self._theme, summary, self)
            self._memory_line.edit_wanted.connect(self.summary_edit_wanted)
            self._memory_line.show()
        self.height_changed.emit()

    def show_message(self, message: Message, words: AnswerWords, *, writing: bool) -> None:
        """Another state of the same message: of a person's own only the mark changes."""
        self.show_pinned(message)

    def add_text(self, message: Message, text: str) -> None:
        """The message grew by `text`; only answers do."""

    def set_last(self, last: bool) -> None:
        """Whether it is the last message; only answers look different then."""

    def show_pinned(self, message: Message) -> None:
        """Mark the message where it never leaves the model's memory."""
        changed = message.pinned != self._message.pinned
        self._message = message
        if message.pinned and self._pin_mark is None:
            self._pin_mark = plain_label(self.tr("Pinned"), "small", self)
            self._pin_mark.setToolTip(plain_tool_tip(self.tr("It never leaves the model’s memory.")))
            self._pin_mark.show()
            self.height_changed.emit()
        elif not message.pinned and self._pin_mark is not None:
            self._pin_mark.deleteLater()
            self._pin_mark = None
        if changed and self._actions is not None:
            self._actions.deleteLater()
            self._actions = None
            self._show_actions()

    def _place_pin_mark(self, width: int, top: int) -> None:
        """Beside the answer's name; at the left of a bubble."""
        raise NotImplementedError

    def _pin_button(self, bar: QWidget) -> QPushButton:
        pinned = self._message.pinned
        button = link_button(self.tr("Unpin") if pinned else self.tr("Pin"), "small_link", bar)
        button.setAccessibleName(self.tr("Unpin from the context") if pinned else self.tr("Pin to the context"))
        button.clicked.connect(lambda: self.pin_wanted.emit(not pinned))
        return button

    def set_current(self, current: bool) -> None:
        """Mark the row the keyboard is at."""
        self._is_current = current
        self._show_actions()
        self.update()

    def mark_briefly(self) -> None:
        """Show for a moment that this is the message that was gone to."""
        self._is_marked = True
        QTimer.singleShot(_MARKED_MS, self, self._unmark)
        self.update()

    def _unmark(self) -> None:
        self._is_marked = False
        self.update()

    def selected_text(self) -> str:
        """What is selected in this row, across its widgets."""
        return "\n".join(text for widget in self.text_widgets() if (text := widget.selected_text()))

    def clear_selection(self) -> None:
        """Select nothing."""
        for widget in self.text_widgets():
            widget.clear_selection()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Actions appear while the pointer is over the message."""
        self._is_hovered = True
        self._show_actions()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """And go with it."""
        self._is_hovered = False
        self._show_actions()
        super().leaveEvent(event)

    def _show_actions(self) -> None:
        wanted = (self._is_hovered or self._is_current) and self._editor is None
        if wanted and self._actions is None:
            self._actions = self._make_actions()
            self._place_actions()
        if self._actions is not None:
            self._actions.setVisible(wanted)

    def _make_actions(self) -> QWidget:
        raise NotImplementedError

    @staticmethod
    def _fit_links(bar: QWidget, room: int) -> None:
        """Leave away links from the left until the rest fits into `room` pixels; the last one, ⋯, leads to them all."""
        layout = bar.layout()
        assert layout is not None  # each bar is made with one
        items = (layout.itemAt(place) for place in range(layout.count()))
        widgets = [item.widget() for item in items if item is not None]
        links = [widget for widget in widgets if isinstance(widget, QPushButton)]
        for link in links:
            link.setVisible(True)
        for link in links[:-1]:
            if layout.totalMinimumSize().width() <= room:
                return
            link.setVisible(False)

    def _more_button(self, bar: QWidget) -> QPushButton:
        """The way to what is done rarely."""
        more = link_button("⋯", "small_link", bar)
        more.setAccessibleName(self.tr("More about this message"))
        more.clicked.connect(lambda: self.menu_wanted.emit(more.mapToGlobal(QPoint(0, more.height()))))
        return more

    def _place_actions(self) -> None:
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:
        """A frame around the row the keyboard is at."""
        if (self._is_current or self._is_marked) and self._editor is None:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.color("accent"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
