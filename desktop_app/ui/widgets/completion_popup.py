"""A list at the cursor of what a half-typed word may become. The editor keeps the keyboard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.editor_text import character_at, unit_count

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

_ROWS = 8
_GAP = 6
_CHOICE = Qt.ItemDataRole.UserRole
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_MOVES = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


class Choice(msgspec.Struct, frozen=True):
    """One row: its words, and what is handed over when it is taken."""

    words: str
    value: object


class CompletionPopup(QFrame):
    """Watches a field: Up and Down move, Enter or Tab take, Esc closes.

    Subclasses say what is being typed, where the cursor is, and in `_use` what taking a choice does.
    """

    wanted = Signal(str)  # what is typed

    def __init__(
        self,
        edit: QTextEdit | QPlainTextEdit | QLineEdit,
        theme: Theme,
        *,
        name: str,
        icon: str,
        width: int,
        above: bool = False,
        only_typed: bool = True,
    ) -> None:
        """`name` is read aloud, `width` is in designed pixels. `above`: over the line, not below it where there is
        room. `only_typed`: nothing is asked for where the cursor only comes by.
        """
        super().__init__(edit.window())
        self._field: QWidget = edit
        self._theme = theme
        self._icon = icon
        self._width = width
        self._above = above
        self._only_typed = only_typed
        self._typing = False
        self._dismissed_at = -1  # where that begins which the person does not want to be completed
        self.setProperty("role", "popup")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5, 5, 5, 5)
        self.list = QListWidget()
        self.list.setAccessibleName(name)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._take)
        layout.addWidget(self.list)
        edit.installEventFilter(self)
        if not only_typed:
            edit.textChanged.connect(lambda *_: self._look())
        edit.cursorPositionChanged.connect(lambda *_: self._look())
        self.hide()

    @property
    def typed(self) -> str | None:
        """What is typed so far; None where nothing is to be completed."""
        raise NotImplementedError

    def dismiss(self) -> None:
        """Close, and do not come back for what is being typed."""
        self._dismissed_at = self._begin()
        self.hide()

    def _show(self, typed: str, choices: Sequence[Choice]) -> None:
        """What fits; an answer that comes too late is passed over."""
        if typed != self.typed or not self._field.hasFocus() or self._begin() == self._dismissed_at:
            return
        self.list.clear()
        for choice in choices:
            item = QListWidgetItem(self._theme.icon(self._icon, "muted_text"), choice.words)
            item.setData(_CHOICE, choice.value)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.setVisible(bool(choices))
        if choices:
            self._place()

    def _use(self, value: object, typed: str) -> None:
        """Put `value` into the field in place of `typed`."""
        raise NotImplementedError

    def _position(self) -> int:
        """Of the cursor, in the field's text, in UTF-16 units."""
        raise NotImplementedError

    def _line_at_cursor(self) -> tuple[QPoint, int]:
        """Upper end of the cursor, and how far down its line goes, in the field's window."""
        raise NotImplementedError

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._field:
            if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
                self.hide()
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                self._typing = True
                return self.isVisible() and self._take_key(event)
            elif event.type() == QEvent.Type.MouseButtonPress:
                self._typing = False
            elif event.type() == QEvent.Type.Resize and self.isVisible():
                QTimer.singleShot(0, self, self._place_again)
        return super().eventFilter(watched, event)

    def _take_key(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        key = Qt.Key(event.key())
        if key in steps:
            self.list.setCurrentRow((self.list.currentRow() + steps[key]) % self.list.count())
            return True
        if key in _ENDS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._take(self.list.currentItem())
            return True
        if key == Qt.Key.Key_Escape:
            self.dismiss()
            return True
        if key in _MOVES:
            self._typing = False
        return False

    def _look(self) -> None:
        allowed = not self._only_typed or (self._typing and self._field.hasFocus())
        typed = self.typed if allowed else None
        if typed is None:
            self._dismissed_at = -1
            self.hide()
        elif self._begin() != self._dismissed_at:
            self.wanted.emit(typed)

    def _begin(self) -> int:
        """Where that which is typed begins."""
        return self._position() - unit_count(self.typed or "")

    def _take(self, item: QListWidgetItem | None) -> None:
        typed = self.typed
        if item is not None and typed is not None:
            self._use(item.data(_CHOICE), typed)

    def _place_again(self) -> None:
        if self.isVisible():
            self._place()

    def _place(self) -> None:
        window = self._field.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        line = self.list.sizeHintForRow(0)
        height = min(_ROWS, self.list.count()) * line + 2 * self.list.frameWidth() + 12
        width = min(self._theme.px(self._width), self._field.width())
        corner, bottom = self._line_at_cursor()
        below = bottom + _GAP
        x = max(0, min(corner.x(), window.width() - width - 8))
        fits = not self._above and below + height <= window.height()
        self.setGeometry(x, below if fits else max(0, corner.y() - height - _GAP), width, height)
        self.show()
        self.raise_()


class TextCompletionPopup(CompletionPopup):
    """In a text of several lines. What is being typed is the first group of `pattern` in the line before the cursor."""

    def __init__(
        self,
        edit: QTextEdit | QPlainTextEdit,
        theme: Theme,
        pattern: re.Pattern[str],
        *,
        name: str,
        icon: str,
        width: int,
        above: bool = False,
        only_typed: bool = True,
    ) -> None:
        super().__init__(edit, theme, name=name, icon=icon, width=width, above=above, only_typed=only_typed)
        self._edit = edit
        self._pattern = pattern

    @property
    def typed(self) -> str | None:
        cursor = self._edit.textCursor()
        if cursor.hasSelection() or self._edit.isReadOnly():
            return None
        found = self._pattern.search(before_cursor(cursor)[-250:])
        return found[1] if found else None

    def _replace(self, typed: str, written: str, *, before: int = 0, behind: int = 0) -> None:
        """`written` in place of what is typed, of so many characters before it, and of so many behind the cursor."""
        cursor = self._edit.textCursor()
        end = cursor.position()
        cursor.setPosition(end - unit_count(typed) - before)
        cursor.setPosition(end + behind, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(written)
        self.hide()
        self._edit.setTextCursor(cursor)

    def _position(self) -> int:
        return self._edit.textCursor().position()

    def _line_at_cursor(self) -> tuple[QPoint, int]:
        cursor, page = self._edit.cursorRect(), self._edit.viewport()
        window = self._edit.window()
        return page.mapTo(window, cursor.topLeft()), page.mapTo(window, cursor.bottomLeft()).y()


def before_cursor(cursor: QTextCursor) -> str:
    """The line in front of the cursor."""
    line = cursor.block().text()
    return line[: character_at(line, cursor.positionInBlock())]
