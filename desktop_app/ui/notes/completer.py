"""A list of what a half-typed link may become, at the cursor. The editor keeps the keyboard."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QTextEdit, QVBoxLayout

from desktop_app.domain.editor_text import character_at
from desktop_app.services.note_links import Completion
from desktop_app.ui.theme.theme import Theme

_TYPED = re.compile(r"\[\[([^\[\]\n|]{0,200})$")
_WIDTH = 380
_ROWS = 8
_WRITTEN = Qt.ItemDataRole.UserRole


class LinkCompleter(QFrame):
    """Watches an editor: Up and Down move, Enter or Tab take, Esc closes."""

    wanted = Signal(str)  # what is typed behind the brackets

    def __init__(self, edit: QTextEdit, theme: Theme) -> None:
        super().__init__(edit.window())
        self._edit = edit
        self._theme = theme
        self._dismissed_at = -1  # where the brackets stand that the person does not want to be completed
        self._typing = False
        self.setProperty("role", "popup")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5, 5, 5, 5)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Notes to link to"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._take)
        layout.addWidget(self.list)
        edit.installEventFilter(self)
        edit.cursorPositionChanged.connect(self._look)
        self.hide()

    @property
    def typed(self) -> str | None:
        """What stands behind the brackets before the cursor; None where none are open."""
        cursor = self._edit.textCursor()
        if cursor.hasSelection() or self._edit.isReadOnly():
            return None
        found = _TYPED.search(_before(cursor)[-203:])
        return found[1] if found else None

    def show_completions(self, typed: str, found: Sequence[Completion]) -> None:
        """What fits; an answer that comes too late is passed over."""
        if typed != self.typed or not self._edit.hasFocus() or self._at() == self._dismissed_at:
            return
        self.list.clear()
        for one in found:
            words = f"{one.words}   {one.beside}" if one.beside else one.words
            item = QListWidgetItem(self._theme.icon("note", "muted_text"), words)
            item.setData(_WRITTEN, one.written)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.setVisible(bool(found))
        if found:
            self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._edit:
            if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
                self.hide()
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                self._typing = True  # a click into a link that stands there asks for nothing
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
        plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._take(self.list.currentItem())
            return True
        if key == Qt.Key.Key_Escape:
            self.dismiss()
            return True
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
            self._typing = False
        return False

    def dismiss(self) -> None:
        """Close, and do not come back for these brackets."""
        self._dismissed_at = self._at()
        self.hide()

    def _look(self) -> None:
        typed = self.typed if self._typing and self._edit.hasFocus() else None
        if typed is None:
            self._dismissed_at = -1
            self.hide()
        elif self._at() != self._dismissed_at:
            self.wanted.emit(typed)

    def _at(self) -> int:
        """Where the brackets stand."""
        return self._edit.textCursor().position() - len(self.typed or "")

    def _take(self, item: QListWidgetItem | None) -> None:
        typed = self.typed
        if item is None or typed is None:
            return
        written = str(item.data(_WRITTEN))
        cursor = self._edit.textCursor()
        end = cursor.position()
        block = cursor.block()
        behind = block.text()[len(_before(cursor)) :]
        start = end - len(typed.encode("utf-16-le")) // 2
        cursor.setPosition(start)
        cursor.setPosition(end + (2 if behind.startswith("]]") else 0), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(f"{written}]]")
        self.hide()
        self._edit.setTextCursor(cursor)

    def _place_again(self) -> None:
        if self.isVisible():
            self._place()

    def _place(self) -> None:
        window = self._edit.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        line = self.list.sizeHintForRow(0)
        height = min(_ROWS, self.list.count()) * line + 2 * self.list.frameWidth() + 12
        width = min(self._theme.px(_WIDTH), self._edit.width())
        cursor = self._edit.cursorRect()
        below = self._edit.viewport().mapTo(window, QPoint(cursor.left(), cursor.bottom()))
        above = self._edit.viewport().mapTo(window, QPoint(cursor.left(), cursor.top()))
        x = max(0, min(below.x(), window.width() - width - 8))
        fits = below.y() + 6 + height <= window.height()
        self.setGeometry(x, below.y() + 6 if fits else max(0, above.y() - height - 6), width, height)
        self.show()
        self.raise_()


def _before(cursor: QTextCursor) -> str:
    """The line in front of the cursor."""
    line = cursor.block().text()
    return line[: character_at(line, cursor.positionInBlock())]
