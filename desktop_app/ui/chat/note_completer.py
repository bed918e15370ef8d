"""`@` and a few letters in the composer: a list of notes to attach, above what is typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QPlainTextEdit, QVBoxLayout

from desktop_app.domain.notes import NoteSummary

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

_TYPED = re.compile(r"(?:^|(?<=\s))@([^@\n]{0,60})$")
_WIDTH = 360
_NOTE = Qt.ItemDataRole.UserRole


class NoteCompleter(QFrame):
    """Watches an editor. The editor keeps the keyboard: Up and Down move, Enter or Tab take, Esc closes."""

    titles_wanted = Signal(str)
    note_chosen = Signal(int, str)  # note id, title

    def __init__(self, edit: QPlainTextEdit, theme: Theme) -> None:
        super().__init__(edit.window())
        self._edit = edit
        self._theme = theme
        self._dismissed_at = -1  # where the @ stands that the person does not want to be completed
        self.setProperty("role", "popup")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5, 5, 5, 5)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Notes to attach"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._take)
        layout.addWidget(self.list)
        edit.installEventFilter(self)
        edit.textChanged.connect(self._look)
        edit.cursorPositionChanged.connect(self._look)
        self.hide()

    @property
    def typed(self) -> str | None:
        """What stands behind the @ before the cursor; None where none does."""
        cursor = self._edit.textCursor()
        if cursor.hasSelection() or self._edit.isReadOnly():
            return None
        found = _TYPED.search(cursor.block().text()[: cursor.positionInBlock()])
        return found[1] if found else None

    def show_titles(self, text: str, notes: Sequence[NoteSummary]) -> None:
        """The notes whose titles contain `text`; an answer that comes too late is passed over."""
        if text != self.typed or not self._edit.hasFocus() or self._at() == self._dismissed_at:
            return
        self.list.clear()
        for note in notes:
            title = note.title or self.tr("Untitled")
            item = QListWidgetItem(self._theme.icon("note", "muted_text"), title)
            item.setData(_NOTE, note)
            item.setToolTip("")
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.setVisible(bool(notes))
        if notes:
            self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._edit:
            if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
                self.hide()
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self.isVisible():
                return self._take_key(event)
        return super().eventFilter(watched, event)

    def _take_key(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        key = Qt.Key(event.key())
        if key in steps:
            self.list.setCurrentRow((self.list.currentRow() + steps[key]) % self.list.count())
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._take(self.list.currentItem())
            return True
        if key == Qt.Key.Key_Escape:
            self._dismissed_at = self._at()
            self.hide()
            return True
        return False

    def _look(self) -> None:
        typed = self.typed
        if typed is None:
            self._dismissed_at = -1
            self.hide()
        elif self._at() != self._dismissed_at:
            self.titles_wanted.emit(typed)

    def _at(self) -> int:
        """Where the @ stands."""
        return self._edit.textCursor().position() - len(self.typed or "") - 1

    def _take(self, item: QListWidgetItem | None) -> None:
        typed = self.typed
        if item is None or typed is None:
            return
        note: NoteSummary = item.data(_NOTE)
        cursor = self._edit.textCursor()
        cursor.movePosition(cursor.MoveOperation.Left, cursor.MoveMode.KeepAnchor, len(typed) + 1)
        cursor.removeSelectedText()
        self.hide()
        self.note_chosen.emit(note.id, note.title)

    def _place(self) -> None:
        window = self._edit.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        rows = min(8, self.list.count())
        line = self.list.sizeHintForRow(0)
        height = rows * line + 2 * self.list.frameWidth() + 12
        width = min(self._theme.px(_WIDTH), self._edit.width())
        cursor = self._edit.cursorRect()
        corner = self._edit.viewport().mapTo(window, QPoint(cursor.left(), cursor.top()))
        x = max(0, min(corner.x(), window.width() - width - 8))
        self.setGeometry(x, max(0, corner.y() - height - 6), width, height)
        self.show()
        self.raise_()
