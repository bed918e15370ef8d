"""One row of the transcript: a person's message in a bubble, or an answer under its model's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.whole_numbers import whole_number
from desktop_app.presenters.transcript import AnswerAction, AnswerSource, AnswerWords
from desktop_app.ui.chat.answer_sources import AnswerSources
from desktop_app.ui.chat.attachment_chips import ChipRow, sent_chip
from desktop_app.ui.chat.code_block import CodeBlock
from desktop_app.ui.chat.link_targets import SOURCE_LINK
from desktop_app.ui.chat.message_row import MessageRow, link_button, plain_label
from desktop_app.ui.chat.message_text import MessageText, PlainMessageText
from desktop_app.ui.chat.reasoned_answer import ReasonedAnswer
from desktop_app.ui.widgets import ElidedLabel

__all__ = ["AnswerMessage", "MessageRow", "OwnMessage", "make_row"]

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

LONGEST_OWN = 6_000
"""Characters of a person's message shown before "Show all"."""

_BUBBLE_PADDING = (14, 10)


class OwnMessage(MessageRow):
    """The person's own words: a bubble on the right."""

    def __init__(self, theme: Theme, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(theme, message, parent)
        self._text = PlainMessageText(theme, self)
        self._text.selection = self.selection
        self._text.setAccessibleName(self.tr("Your message"))
        self._text.menu_wanted.connect(self.menu_wanted)
        self._bubble = QRectF()
        self._more: QPushButton | None = None
        self.chips = ChipRow(theme, removable=False, from_right=True, parent=self)
        self.chips.open_wanted.connect(self.attachment_wanted)
        # Passages that were found for the question stand under its answer.
        self.chips.show_chips([sent_chip(each) for each in message.attachments if each.source is None])
        if not message.text:
            self._text.hide()
        self._show_front(message.text)
        self.show_pinned(message)

    def text_widgets(self) -> list[MessageText | CodeBlock]:
        """The one text."""
        return [self._text]

    def _content(self) -> list[QWidget]:
        text = self._text if self._message.text else None
        chips = self.chips if self.chips.chips else None
        return [each for each in (chips, text, self._more) if each is not None]

    def _show_front(self, text: str) -> None:
        if len(text) <= LONGEST_OWN:
            self._text.show_text(text)
            return
        self._text.show_text(text[:LONGEST_OWN] + "…")
        self._more = link_button(self.tr("Show all {0} characters").format(f"{len(text):,}"), "link", self)
        self._more.clicked.connect(self._show_all)

    def show_whole(self, wanted: str = "") -> None:
        """As "Show all"."""
        if self._more is not None:
            self._show_all()

    def _show_all(self) -> None:
        self._text.show_text(self._message.text)
        if self._more is not None:
            self._more.hide()
            self._more.deleteLater()
            self._more = None
        self.height_changed.emit()

    def _place(self, width: int, top: int) -> int:
        top = self._place_chips(width, top)
        if not self._message.text:
            self._bubble, self._bottom = QRectF(width, top, 0, 0), top
            self._place_actions()
            return self._place_switch(width, top)
        left_pad, top_pad = _BUBBLE_PADDING
        most = int(width * 0.78) - 2 * left_pad
        text_width = max(24, min(most, self._text.wanted_width()))
        height = self._text.fit(text_width)
        x = width - text_width - left_pad
        self._text.setGeometry(x, top + top_pad, text_width, height)
        bottom = top + top_pad + height
        if self._more is not None:
            size = self._more.sizeHint()
            self._more.setGeometry(x - 2, bottom + 2, min(size.width(), text_width), size.height())
            bottom += size.height() + 4
        bottom += top_pad - 3  # the last line's own leading is the rest
        self._bubble = QRectF(x - left_pad, top, text_width + 2 * left_pad, bottom - top)
        self._bottom = bottom
        self._place_actions()
        return self._place_switch(width, bottom)

    def _place_chips(self, width: int, top: int) -> int:
        """What the message carries, above its bubble; where that begins."""
        if not self.chips.chips:
            return top
        room = int(width * 0.78)
        height = self.chips.height_at(room)
        self.chips.setGeometry(width - room, top, room, height)
        return top + height + (self._theme.px(6) if self._message.text else 0)

    def _place_switch(self, width: int, bottom: int) -> int:
        """The switch between versions, at the right below all else; where the row ends."""
        if self._switch is None:
            return bottom
        size = self._switch.sizeHint()
        self._switch.setGeometry(width - size.width(), bottom + 3, size.width(), size.height())
        return bottom + size.height() + 3

    def _make_actions(self) -> QWidget:
        bar = QWidget(self)
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        copy = link_button(self.tr("Copy"), "small_link", bar)
        copy.setAccessibleName(self.tr("Copy message"))
        copy.clicked.connect(self.copy_wanted)
        edit = link_button(self.tr("Edit"), "small_link", bar)
        edit.setAccessibleName(self.tr("Edit message"))
        edit.clicked.connect(self.edit_wanted)
        row.addWidget(self._pin_button(bar))
        row.addWidget(copy)
        row.addWidget(edit)
        row.addWidget(self._more_button(bar))
        return bar

    def _place_pin_mark(self, width: int, top: int) -> None:
        if self._pin_mark is not None:
            size = self._pin_mark.sizeHint()
            self._pin_mark.setGeometry(
                max(0, int(self._bubble.left()) - size.width() - 10), top + 4, size.width(), size.height()
            )

    def _place_actions(self) -> None:
        if self._actions is not None:
            room = int(self._bubble.left()) - 6
            self._fit_links(self._actions, room)
            width = min(room, self._actions.sizeHint().width())
            height = self._theme.px(22)
            self._actions.setGeometry(room - width, self._bottom - height - 6, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bubble, its lower right corner pointing at its writer."""
        if self._editor is None:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("own_message"))
            if not self._bubble.isEmpty():
                painter.drawRoundedRect(self._bubble, 12, 12)
                corner = QRectF(self._bubble.right() - 12, self._bubble.bottom() - 12, 12, 12)
                painter.drawRoundedRect(corner, 3, 3)
            painter.end()
        super().paintEvent(event)


class AnswerMessage(MessageRow):
    """An answer: the model's name, the body, and in words how it ended."""

    def __init__(
        self, theme: Theme, message: Message, words: AnswerWords, *, writing: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, message, parent)
        self._words = words
        self._is_last = False
        self._name = plain_label(message.model_name or self.tr("Answer"), "strong", self)
        self.body = ReasonedAnswer(theme, self.selection, self)
        self.body.describe(message, unfolded=words.unfolds_reasoning, citable=frozenset(words.citable))
        self.body.height_changed.connect(self.height_changed)
        self.body.menu_wanted.connect(self.menu_wanted)
        self.body.link_activated.connect(self._follow)
        self.body.link_hovered.connect(self._name_link)
        self.sources = AnswerSources(theme, self)
        self.sources.open_wanted.connect(self.source_wanted)
        self._note: QLabel | None = None
        self._dot: QLabel | None = None
        self._note_action: QPushButton | None = None
        self._recalled: QPushButton | None = None
        self._foot_top = 0
        self._foot_height = 0
        self.body.show_text(message.text, writing=writing)
        self._show_words()
        self.show_pinned(message)

    def text_widgets(self) -> list[MessageText | CodeBlock]:
        """Text and code of the body."""
        return list(self.body.parts)

    def _content(self) -> list[QWidget]:
        sources = self.sources if self._words.sources else None
        shown = (self._name, self.body, sources, self._recalled, self._note, self._dot, self._note_action)
        return [each for each in shown if each is not None]

    def show_whole(self, wanted: str = "") -> None:
        """Render every part now, and unfold the thoughts that `wanted` stands in."""
        self.body.show_whole(wanted)

    def show_message(self, message: Message, words: AnswerWords, *, writing: bool) -> None:
        """Another state of the same answer. Only a text that is not what is shown already is rendered anew."""
        old, self._message, self._words = self._message, message, words
        self.body.describe(message, unfolded=words.unfolds_reasoning, citable=frozenset(words.citable))
        self.show_pinned(message)
        if message.text != old.text:
            self.body.show_text(message.text, writing=writing)
        elif not writing:
            self.body.finish()
        else:
            self.body.resume()
        if self._actions is not None:
            self._actions.deleteLater()
            self._actions = None
        self._show_words()
        self._show_actions()

    def add_text(self, message: Message, text: str) -> None:
        """The answer grew by `text`."""
        self._message = message
        self.body.add_text(text)

    def set_last(self, last: bool) -> None:
        """Only the last answer can be written again or gone on with."""
        if last == self._is_last:
            return
        self._is_last = last
        if self._actions is not None:
            self._actions.deleteLater()
            self._actions = None
        self._show_words()
        self._show_actions()

    def _follow(self, target: str) -> None:
        source = self._source_of(target)
        if source is not None:
            self.source_wanted.emit(source.attachment_id)
        else:
            self.link_activated.emit(target)

    def _name_link(self, target: str) -> None:
        source = self._source_of(target)
        self.link_hovered.emit(f"{source.number} {source.name}" if source is not None else target)

    def _source_of(self, target: str) -> AnswerSource | None:
        number = whole_number(target.removeprefix(SOURCE_LINK)) if target.startswith(SOURCE_LINK) else None
        return self._words.citable.get(number) if number is not None else None

    def _show_words(self) -> None:
        self.sources.show_sources(self._words.sources, self._words.sources_words)
        for widget in self._foot_words():
            widget.hide()
            widget.deleteLater()
        self._note = self._dot = self._note_action = self._recalled = None
        if self._words.recalled:
            self._recalled = link_button(self._words.recalled, "small_link", self)
            self._recalled.clicked.connect(self.recalled_wanted)
            self._recalled.show()
        if self._words.note:
            self._show_note()
        if self.editor is not None:
            self._show_content(False)
        self._place_foot()

    def _show_note(self) -> None:
        self._note = plain_label(self._words.note, "small", self)
        self._note.show()
        if self._is_last and self._words.action is not AnswerAction.NONE:
            is_retry = self._words.action is AnswerAction.RETRY
            self._dot = plain_label("·", "small", self)
            self._dot.show()
            self._note_action = link_button(self.tr("Try again") if is_retry else self.tr("Continue"), "link", self)
            self._note_action.setFont(self._theme.interface_font(12))
            action = self._words.action
            self._note_action.clicked.connect(lambda: self.action_wanted.emit(action))
            self._note_action.show()

    def _place(self, width: int, top: int) -> int:
        name_height = self._name.sizeHint().height()
        self._name.setGeometry(0, top, width, name_height)
        top += name_height + self._theme.px(4)
        height = self.body.fit(width)
        self.body.setGeometry(0, top, width, height)
        if self._words.sources:
            top += height + self._theme.px(8)
            height = self.sources.height_at(width)
            self.sources.setGeometry(0, top, width, height)
        self._foot_top = top + height
        self.resize(width, self.height())
        self._place_foot()
        self._place_actions()
        has_foot = bool(self._message.text) or self._message.stop_reason is not None
        return self._foot_top + (self._foot_height + 2 if has_foot else 0)

    def _foot_words(self) -> list[QWidget]:
        every = (self._recalled, self._note, self._dot, self._note_action)
        return [widget for widget in every if widget is not None]

    def _foot_widgets(self) -> list[QWidget]:
        return [self._switch, *self._foot_words()] if self._switch is not None else self._foot_words()

    def _place_pin_mark(self, width: int, top: int) -> None:
        if self._pin_mark is not None:
            size = self._pin_mark.sizeHint()
            self._pin_mark.setGeometry(
                min(self._name.sizeHint().width() + 10, width - size.width()), top, size.width(), size.height()
            )

    def _place_foot(self) -> None:
        x, line = 0, self._theme.px(24)
        top = self._foot_top
        for widget in self._foot_widgets():
            size = widget.sizeHint()
            if x and x + size.width() > self.width():
                x, top = 0, top + line
            widget.setGeometry(x, top + max(0, (line - size.height()) // 2), size.width(), size.height())
            x += size.width() + (14 if widget is self._recalled else 4)
        self._foot_height = top + line - self._foot_top

    def _make_actions(self) -> QWidget:
        bar = QWidget(self)
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(ElidedLabel(self._words.figures, "small", parent=bar), 1)
        copy = link_button(self.tr("Copy"), "small_link", bar)
        copy.setAccessibleName(self.tr("Copy answer"))
        copy.clicked.connect(self.copy_wanted)
        row.addWidget(self._pin_button(bar))
        row.addWidget(copy)
        if self._is_last and self._message.stop_reason is not None:
            again = link_button(self.tr("Regenerate"), "small_link", bar)
            again.setAccessibleName(self.tr("Write this answer again"))
            again.clicked.connect(self.regenerate_wanted)
            row.addWidget(again)
        row.addWidget(self._more_button(bar))
        return bar

    def _place_actions(self) -> None:
        if self._actions is None:
            return
        used = max((widget.geometry().right() + 14 for widget in self._foot_widgets()), default=0)
        room = max(0, self.width() - used)
        self._fit_links(self._actions, room)
        self._actions.setGeometry(used, self._foot_top, room, self._theme.px(24))


def make_row(theme: Theme, message: Message, words: AnswerWords, *, writing: bool, parent: QWidget) -> MessageRow:
    """The row for a message."""
    if message.role is Role.ASSISTANT:
        return AnswerMessage(theme, message, words, writing=writing, parent=parent)
    return OwnMessage(theme, message, parent)
