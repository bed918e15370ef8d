"""An answer with what the model thought before it: the thoughts folded above, the words below."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from desktop_app.domain.constraint import is_json_answer
from desktop_app.domain.conversation import Message
from desktop_app.domain.reasoning import (
    ReasoningChange,
    ReasoningStream,
    begins_inside,
    reasoning_seconds,
    reasoning_tokens,
)
from desktop_app.domain.text_places import count_places
from desktop_app.ui.chat.answer_body import AnswerBody
from desktop_app.ui.chat.code_block import CodeBlock
from desktop_app.ui.chat.message_text import MarkdownText
from desktop_app.ui.chat.selection import MessageSelection

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

_TICK_MS = 1_000
_INDENT = 16
_GAP = 10


class ReasoningFold(QWidget):
    """The thoughts: one line that says how long they took, and unfolds. Folded, they cost nothing but their memory.

    While they are being written `unfolded` decides whether they are seen; a person's own click holds from then on.
    """

    height_changed = Signal()

    def __init__(self, theme: Theme, selection: MessageSelection, *, unfolded: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._body = AnswerBody(theme, selection, self)
        self._body.height_changed.connect(self.height_changed)
        self._body.hide()
        self._text: Callable[[], str] = str
        self._rendered = False
        self._writing = False
        self._chosen = False
        self._wants_unfolded = unfolded
        self._began = time.monotonic()
        self.button = QPushButton(self)
        self.button.setCheckable(True)
        self.button.setProperty("role", "small_link")
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button.setAccessibleDescription(self.tr("Shows or hides what the model thought before it answered"))
        self.button.clicked.connect(self._clicked)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show_elapsed)
        self._label = ""

    @property
    def body(self) -> AnswerBody:
        """The thoughts as text; empty until they are unfolded for the first time."""
        return self._body

    @property
    def is_unfolded(self) -> bool:
        """True while the thoughts are seen."""
        return self.button.isChecked()

    def show_thoughts(self, text: Callable[[], str], *, writing: bool) -> None:
        """Show thoughts from the beginning; `text()` gives them whenever they are needed."""
        self._text = text
        self._rendered = False
        self._set_writing(writing)

    def add_text(self, text: str) -> None:
        """The thoughts grew by `text`."""
        if self.is_unfolded and self._rendered:
            self._body.add_text(text)

    def finish(self, seconds: float, tokens: int) -> None:
        """The thoughts are complete; 0: not known."""
        self._set_writing(False)
        if self._rendered:
            self._body.finish()
        parts = [self.tr("Thought for {0} s").format(max(1, round(seconds))) if seconds else self.tr("Thought")]
        if tokens:
            parts.append(self.tr("1 token") if tokens == 1 else self.tr("{0} tokens").format(f"{tokens:,}"))
        self._say(" · ".join(parts))

    def finish_now(self) -> None:
        """The answer begins; how many tokens it took is told later."""
        if self._writing:
            self.finish(time.monotonic() - self._began, 0)

    def fit(self, width: int) -> int:
        """Place everything for `width` pixels; the height it takes."""
        size = self.button.sizeHint()
        self.button.setGeometry(0, 0, min(size.width(), width), size.height())
        if not self.is_unfolded:
            return size.height()
        top = size.height() + 4
        height = self._body.fit(width - _INDENT)
        self._body.setGeometry(_INDENT, top, width - _INDENT, height)
        return top + height

    def paintEvent(self, event: QPaintEvent) -> None:
        """A bar beside the thoughts."""
        super().paintEvent(event)
        if self.is_unfolded:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("line_strong"))
            place = self._body.geometry()
            painter.drawRoundedRect(QRectF(0, place.top() + 2, 3, max(0, place.height() - 4)), 1.5, 1.5)

    def unfold(self) -> None:
        """As a click on the line; unfolded thoughts stay."""
        if not self.is_unfolded:
            self.button.click()

    def _set_writing(self, writing: bool) -> None:
        if writing and not self._writing:
            self._began = time.monotonic()
            self._tick.start()
            self._writing = True
            self._show_elapsed()
        elif not writing:
            self._tick.stop()
        self._writing = writing
        if not self._chosen:
            self._unfold(writing and self._wants_unfolded)
        elif self.is_unfolded:
            self._render()

    def _clicked(self) -> None:
        self._chosen = True
        self._unfold(self.button.isChecked())
        self.height_changed.emit()

    def _unfold(self, unfolded: bool) -> None:
        self.button.setChecked(unfolded)
        if unfolded and not self._rendered:
            self._render()
        self._body.setVisible(unfolded)
        self._say(self._label)

    def _render(self) -> None:
        self._rendered = True
        self._body.show_text(self._text(), writing=self._writing)

    def _show_elapsed(self) -> None:
        seconds = int(time.monotonic() - self._began)
        self._say(self.tr("Thinking…") if seconds < 1 else self.tr("Thinking… {0} s").format(seconds))

    def _say(self, label: str) -> None:
        self._label = label
        shown = f"{'▾' if self.is_unfolded else '▸'} {label}"
        if shown != self.button.text():
            self.button.setText(shown)
            self.button.setAccessibleName(label)
            self.button.resize(self.button.sizeHint())


class ReasonedAnswer(QWidget):
    """Shows one answer: its reasoning, where it has any, in a fold, and its words."""

    height_changed = Signal()
    link_activated = Signal(str)
    link_hovered = Signal(str)
    menu_wanted = Signal(object)

    def __init__(self, theme: Theme, selection: MessageSelection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._selection = selection
        self._stream = ReasoningStream()
        self._opened = False
        self._used: Mapping[str, Any] = {}
        self._unfolded = False
        self._seconds = 0.0
        self._tokens = 0
        self.fold: ReasoningFold | None = None
        self.body = AnswerBody(theme, selection, self)
        self._pass_on(self.body)

    @property
    def parts(self) -> list[MarkdownText | CodeBlock]:
        """The widgets that are seen, from the top."""
        thoughts = self.fold.body.parts if self.fold is not None and self.fold.is_unfolded else []
        return [*thoughts, *self.body.parts]

    @property
    def is_complete(self) -> bool:
        """True when every part is rendered."""
        return self.body.is_complete

    def show_whole(self, wanted: str = "") -> None:
        """Render every part now, and unfold the thoughts that `wanted` stands in."""
        if self.fold is not None and count_places(self._stream.reasoning, wanted):
            self.fold.unfold()
            self.fold.body.render_all()
        self.body.render_all()

    def describe(self, message: Message, *, unfolded: bool, citable: frozenset[int] = frozenset()) -> None:
        """What is known of the reasoning beside the text; `unfolded`: seen while it is being written.

        `citable`: the numbers of passages that the words may cite.
        """
        self.body.citable = citable
        used = self._used = message.settings_used
        self._opened = begins_inside(message.text, used)
        self._seconds = reasoning_seconds(used)
        self._tokens = reasoning_tokens(used)
        self._unfolded = unfolded

    def show_text(self, text: str, *, writing: bool) -> None:
        """Show `text` from the beginning."""
        self._stream = ReasoningStream(opened=self._opened)
        self._stream.append(text)
        if not writing:
            self._stream.finish()
        self._show_all(writing=writing)

    def add_text(self, text: str) -> None:
        """The answer grew by `text`."""
        self._take(self._stream.append(text))

    def resume(self) -> None:
        """The answer shown is written on."""
        if self._stream.is_open or self.body.is_code != self._is_json(writing=True):
            self._show_all(writing=True)
        else:
            self.body.resume()

    def finish(self) -> None:
        """Nothing more will come."""
        self._take(self._stream.finish())
        if self.body.is_code != self._is_json(writing=False):
            self._show_all(writing=False)
            self.height_changed.emit()
        else:
            self.body.finish()
        if self.fold is not None:
            self.fold.finish(self._seconds, self._tokens)

    def fit(self, width: int) -> int:
        """Place everything for `width` pixels; the height it takes."""
        top = 0
        if self.fold is not None:
            height = self.fold.fit(width)
            self.fold.setGeometry(0, 0, width, height)
            top = height + _GAP
        height = self.body.fit(width)
        self.body.setGeometry(0, top, width, height)
        return top + height

    def _show_all(self, *, writing: bool) -> None:
        stream = self._stream
        if stream.found:
            fold = self._shown_fold()
            fold.show_thoughts(lambda: self._stream.reasoning, writing=writing and stream.is_open)
            if not (writing and stream.is_open):
                fold.finish(self._seconds, self._tokens)
        elif self.fold is not None:
            self.fold.hide()
            self.fold.deleteLater()
            self.fold = None
        begins = writing and not (stream.found and stream.is_open)
        self.body.show_text(stream.answer, writing=begins, language="json" if self._is_json(writing=writing) else "")

    def _is_json(self, *, writing: bool) -> bool:
        return is_json_answer(self._stream.answer, self._used, writing=writing)

    def _take(self, change: ReasoningChange) -> None:
        if change.moved or (self._stream.found and self.fold is None):
            self._show_all(writing=True)
            self.height_changed.emit()
            return
        if self.fold is not None:
            if change.reasoning:
                self.fold.add_text(change.reasoning)
            if not self._stream.is_open:
                self.fold.finish_now()
        if change.answer:
            self.body.add_text(change.answer)

    def _shown_fold(self) -> ReasoningFold:
        if self.fold is None:
            self.fold = ReasoningFold(self._theme, self._selection, unfolded=self._unfolded, parent=self)
            self._pass_on(self.fold.body)
            self.fold.height_changed.connect(self.height_changed)
            self.fold.show()
        return self.fold

    def _pass_on(self, body: AnswerBody) -> None:
        body.height_changed.connect(self.height_changed)
        body.link_activated.connect(self.link_activated)
        body.link_hovered.connect(self.link_hovered)
        body.menu_wanted.connect(self.menu_wanted)
