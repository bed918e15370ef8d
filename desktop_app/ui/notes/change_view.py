"""Shows a text, or what changed in it line by line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop_app.domain.editor_text import encode
from desktop_app.domain.line_changes import ChangeKind, LineChange
from desktop_app.ui.theme.theme import Theme

#: So much of a text is shown.
_MOST_SHOWN = 200_000
_SIGNS = {ChangeKind.SAME: "  ", ChangeKind.ADDED: "+ ", ChangeKind.REMOVED: "− ", ChangeKind.GAP: ""}


class ChangeView(QPlainTextEdit):
    """Its owner fills it again when the theme changes."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setFont(theme.reading_font())
        self.setProperty("role", "field")

    def show_text(self, text: str) -> None:
        """The beginning of a text, up to some 200,000 characters."""
        shown = encode(text[:_MOST_SHOWN]).display
        self.clear()
        # Plain text would take on how the last line that was shown looked.
        form = self._format(ChangeKind.SAME)
        self.textCursor().insertText(shown + (self.tr("\n\n[…]") if len(text) > _MOST_SHOWN else ""), form)
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def show_changes(self, changes: Sequence[LineChange], if_none: str) -> None:
        """Lines that came and went; `if_none` where there are none."""
        self.clear()
        cursor = self.textCursor()
        if not changes:
            cursor.insertText(if_none, self._format(ChangeKind.GAP))
        cursor.beginEditBlock()
        for number, change in enumerate(changes):
            if number:
                cursor.insertBlock()
            self._write(cursor, change)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _write(self, cursor: QTextCursor, change: LineChange) -> None:
        line = change.text if change.kind is not ChangeKind.GAP else "⋯"
        whole = self._format(change.kind)
        if not change.words:
            cursor.insertText(_SIGNS[change.kind] + encode(line).display, whole)
            return
        changed = self._format(change.kind)
        changed.setFontWeight(QFont.Weight.Bold)
        whole.setFontStrikeOut(False)
        cursor.insertText(_SIGNS[change.kind], whole)
        at = 0
        for start, end in change.words:
            cursor.insertText(encode(line[at:start]).display, whole)
            cursor.insertText(encode(line[start:end]).display, changed)
            at = end
        cursor.insertText(encode(line[at:]).display, whole)

    def _format(self, kind: ChangeKind) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setForeground(self._theme.color("muted_text" if kind in (ChangeKind.GAP, ChangeKind.REMOVED) else "text"))
        if kind is ChangeKind.ADDED:
            form.setBackground(self._theme.color("accent_soft"))
        form.setFontStrikeOut(kind is ChangeKind.REMOVED)
        return form
