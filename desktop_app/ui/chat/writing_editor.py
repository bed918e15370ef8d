"""The text of free writing; what the model wrote stands in a quieter colour until it is taken over."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import (
    QInputMethodEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from desktop_app.domain.editor_text import EditorText, unit_count
from desktop_app.domain.free_writing import end_of_next_word
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.long_text_editor import PADDING, TOP, LongTextEditor

_OF_MODEL = QTextFormat.Property.UserProperty.value + 1
"""Marks the model's text in the document: what is typed beside it is another step of the undo history."""

_LOOKED_AT = 400  # characters in which the next word is looked for
_SHORT = 200  # characters up to which blanks alone are told from words
_NEAR_END = 48  # pixels from the end at which the view follows what is written


class WritingEditor(LongTextEditor):
    """A long text whose end may be pending. Every change a person makes takes all of it over."""

    taken_over = Signal()  # by words or all at once, without a change of the text
    pending_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.setAccessibleName(self.tr("Text of your writing"))
        self.setTabChangesFocus(True)
        self._pending: QTextCursor | None = None  # where what is pending begins; it ends with the text
        self._pending_at: int | None = None  # the same, in the page that is being loaded
        self._reads_from: QTextCursor | None = None
        self._reads_from_given: int | None = None
        self._adding = False
        self._goes_on = False
        self._follows = False
        self._hint = self.tr("Write a beginning. The model goes on from there.")
        self._model_format = QTextCharFormat()
        self._model_format.setProperty(_OF_MODEL, True)
        theme.changed.connect(self._colour_pending)
        self.loaded.connect(self._begin_page)
        self.verticalScrollBar().actionTriggered.connect(self._leave_end)
        self._adopt(self._new_document())

    @property
    def hint(self) -> str:
        """What an empty page says."""
        return self._hint

    @property
    def is_blank(self) -> bool:
        """True while nothing is written but blanks; a longer text is taken for one with words."""
        if self.document().characterCount() > _SHORT:
            return False
        return not self.document().toPlainText().strip()

    # What is pending ----------------------------------------------------------------------------

    @property
    def has_pending(self) -> bool:
        """True while there is text of the model's that nobody has taken over."""
        return self._pending is not None and self._pending.position() < self._end()

    def pending_text(self) -> str:
        """That text, encoded."""
        return _text_of(self._pending_range()) if self.has_pending else ""

    def show_page(self, encoded: EditorText, pending_at: int | None) -> None:
        """Show another page; what stands from `pending_at` on (UTF-16 units) is pending."""
        self._pending = self._reads_from = None
        self._pending_at = pending_at
        self._goes_on = False
        self.show_text(encoded)

    def _begin_page(self) -> None:
        pending_at, self._pending_at = self._pending_at, None
        if pending_at is not None:
            self._set_pending(pending_at)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self._colour_pending()

    def begin_continuation(self) -> None:
        """What is added from now on is pending, and what stands here is not."""
        self._set_pending(self._end())
        self._goes_on = False
        self.moveCursor(QTextCursor.MoveOperation.End)
        self._follows = True
        self._follow()
        self._colour_pending()

    def add_continuation(self, display: str) -> None:
        """Add encoded text at the end; all of one continuation is one step of the undo history."""
        if not display or self._pending is None:
            return
        bar = self.verticalScrollBar()
        self._follows = bar.maximum() - bar.value() <= _NEAR_END
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        self._adding = True
        if self._goes_on:
            cursor.joinPreviousEditBlock()
        else:
            cursor.beginEditBlock()
        cursor.insertText(display, self._model_format)
        cursor.endEditBlock()
        self._adding = False
        self._goes_on = True
        self._colour_pending()
        self._follow()

    def _follow(self) -> None:
        if self._follows:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _leave_end(self) -> None:
        self._follows = False

    def _on_range_changed(self) -> None:
        super()._on_range_changed()
        self._follow()  # Qt learns only now how high the new lines are

    def accept_word(self) -> None:
        """Take over the next word of what is pending."""
        if self._pending is None or not self.has_pending:
            return
        ahead = self._pending_range()
        ahead.setPosition(self._pending.position())
        ahead.setPosition(min(self._end(), self._pending.position() + _LOOKED_AT), QTextCursor.MoveMode.KeepAnchor)
        text = _text_of(ahead)
        word = text[: end_of_next_word(text, 0)]
        self._set_pending(self._pending.position() + unit_count(word))
        self._take_over()

    def accept(self) -> None:
        """Take over all that is pending."""
        if self.has_pending:
            self._set_pending(self._end())
            self._take_over()

    def take_back(self) -> None:
        """Take what is pending out of the text, as a change of the person's that can be undone."""
        if self.has_pending:
            self._pending_range().removeSelectedText()
            self.ensureCursorVisible()

    def _take_over(self) -> None:
        self._colour_pending()
        self.taken_over.emit()

    def _changed_by_person(self) -> None:
        if self._adding:
            return
        self._pending = None
        self._follows = False
        self._colour_pending()
        super()._changed_by_person()

    def _break_long_lines(self) -> None:
        adding, self._adding = self._adding, True
        super()._break_long_lines()
        self._adding = adding
        self._colour_pending()

    def _end(self) -> int:
        return self.document().characterCount() - 1

    def _set_pending(self, position: int) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(position, self._end()))
        cursor.setKeepPositionOnInsert(True)  # the first words come in at this very place
        self._pending = cursor

    def _pending_range(self) -> QTextCursor:
        cursor = QTextCursor(self.document())
        if self._pending is not None:
            cursor.setPosition(self._pending.position())
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _colour_pending(self) -> None:
        selections = []
        if self.has_pending:
            selection = QTextEdit.ExtraSelection()
            selection.cursor = self._pending_range()
            selection.format.setForeground(self._theme.color("muted_text"))
            selections.append(selection)
        if selections or self.extraSelections():
            self.setExtraSelections(selections)
        self.pending_changed.emit()

    # Keys ---------------------------------------------------------------------------------------

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab takes over what is pending; without that it leaves the text, as everywhere."""
        if next and self.has_pending:
            self.accept()
            return True
        return super().focusNextPrevChild(next)

    def _take_key(self, event: QKeyEvent) -> None:
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if control and event.key() == Qt.Key.Key_Right and self.has_pending:
            self.accept_word()
            return
        self._write_plainly()
        super()._take_key(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._write_plainly()
        super().inputMethodEvent(event)

    def _write_plainly(self) -> None:
        """What is typed behind the model's words is not one of them."""
        if not self.textCursor().hasSelection() and self.currentCharFormat().hasProperty(_OF_MODEL):
            self.setCurrentCharFormat(QTextCharFormat())

    # Looks --------------------------------------------------------------------------------------

    def set_reads_from(self, position: int | None) -> None:
        """Draw a line where the model begins to read (UTF-16 units); None: it reads all. It stays at its words while
        these are moved; the same position once more changes nothing.
        """
        if position == self._reads_from_given and (position is None) == (self._reads_from is None):
            return
        self._reads_from_given = position
        if position is None:
            self._reads_from = None
        else:
            self._reads_from = QTextCursor(self.document())
            self._reads_from.setPosition(min(position, self._end()))
        self.viewport().update()

    @property
    def reads_from(self) -> int | None:
        """Where the line is drawn; None without one."""
        return self._reads_from.position() if self._reads_from is not None else None

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        if self.document().isEmpty() and not self.loading:
            painter.setFont(self._theme.reading_font())
            painter.setPen(self._theme.color("muted_text"))
            room = QRect(PADDING, TOP, self.viewport().width() - 2 * PADDING, self.viewport().height() - TOP)
            painter.drawText(room, Qt.AlignmentFlag.AlignTop.value | Qt.TextFlag.TextWordWrap.value, self._hint)
        elif self._reads_from is not None:
            top = self.cursorRect(self._reads_from).top() - 2
            painter.setPen(QPen(self._theme.color("line_strong"), 1.2, Qt.PenStyle.DashLine))
            painter.drawLine(PADDING, top, self.viewport().width() - PADDING, top)
        painter.end()


def _text_of(cursor: QTextCursor) -> str:
    return cursor.selectedText().replace("\u2029", "\n").replace("\u2028", "\n")
