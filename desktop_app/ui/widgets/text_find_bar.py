"""Finding and replacing in the text that is written."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import IconButton, PlainLabel, TextButton, set_role
from desktop_app.ui.widgets.long_text_editor import LongTextEditor

#: In a longer text places are not counted: taking it out of the editor would be felt while typing.
_COUNTED_UP_TO = 1_000_000
_COUNT_AFTER_MS = 150
_LONGEST_SELECTION = 200


class _Line(QLineEdit):
    """Enter goes on, Shift+Enter back, Esc closes."""

    step_wanted = Signal(int)
    close_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step_wanted.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_wanted.emit()
        else:
            super().keyPressEvent(event)


class TextFindBar(QFrame):
    """Two lines over the text: what to find, and, on demand, what to put in its place. Case does not matter."""

    def __init__(
        self, editor: LongTextEditor, theme: Theme, hint: str, name: str, parent: QWidget | None = None
    ) -> None:
        """`hint` stands in the empty line, `name` is read aloud."""
        super().__init__(parent)
        self._editor = editor
        self.setProperty("role", "head")
        self.setAccessibleName(name)
        self.line = self._make_line(hint, self.tr("Text to find"))
        self.line.step_wanted.connect(self.step)
        self.line.textChanged.connect(self._on_text)
        self.count = PlainLabel("", "muted")
        self.before = IconButton(theme.icon("chevron-up"), self.tr("Place before (Shift+F3)"))
        self.before.clicked.connect(lambda: self.step(-1))
        self.next = IconButton(theme.icon("chevron-down"), self.tr("Next place (F3)"))
        self.next.clicked.connect(lambda: self.step(1))
        end = IconButton(theme.icon("close"), self.tr("Close (Esc)"))
        end.clicked.connect(self.close_bar)
        self.other = self._make_line(self.tr("Replace with…"), self.tr("Text to put in its place"))
        self.other.step_wanted.connect(lambda _: self.replace())
        self.replace_button = TextButton(self.tr("Replace"))
        self.replace_button.clicked.connect(self.replace)
        self.all_button = TextButton(self.tr("Replace all"))
        self.all_button.clicked.connect(self.replace_all)
        grid = QGridLayout(self)
        grid.setContentsMargins(20, 8, 16, 8)
        grid.setSpacing(8)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.line, 0, 0)
        grid.addWidget(self._row(self.count, self.before, self.next, end), 0, 1)
        grid.addWidget(self.other, 1, 0)
        self._replacing = self._row(self.replace_button, self.all_button)
        grid.addWidget(self._replacing, 1, 1)
        self._count_soon = QTimer(self)
        self._count_soon.setSingleShot(True)
        self._count_soon.setInterval(_COUNT_AFTER_MS)
        self._count_soon.timeout.connect(self._show_count)
        editor.edited.connect(self._count_again)
        self.hide()
        self._on_text("")

    def open_bar(self, *, replacing: bool) -> None:
        """Show the bar with the keyboard in it; what is selected in the text is looked for."""
        selected = self._editor.textCursor().selectedText()
        if selected and len(selected) <= _LONGEST_SELECTION and "\u2029" not in selected:
            self.line.setText(selected)
        self.other.setVisible(replacing)
        self._replacing.setVisible(replacing)
        self.show()
        self.line.setFocus()
        self.line.selectAll()
        self._count_again()

    def close_bar(self) -> bool:
        """Hide the bar; false when it was hidden."""
        if self.isHidden():
            return False
        self.hide()
        self._editor.setFocus()
        return True

    def step(self, direction: int) -> None:
        """Select the next place, or the one before; behind the last one comes the first."""
        text = self.line.text()
        if not text:
            return
        document = self._editor.document()
        backward = QTextDocument.FindFlag.FindBackward
        flags = backward if direction < 0 else QTextDocument.FindFlag(0)
        found = document.find(text, self._editor.textCursor(), flags)
        if found.isNull():
            start = QTextCursor(document)
            if direction < 0:
                start.movePosition(QTextCursor.MoveOperation.End)
            found = document.find(text, start, flags)
        if not found.isNull():
            self._editor.setTextCursor(found)
            self._editor.ensureCursorVisible()
        self._show_count()

    def replace(self) -> None:
        """Replace the place that is selected, and go to the next one."""
        cursor = self._editor.textCursor()
        if self._is_place(cursor):
            cursor.insertText(self.other.text())
            self._editor.setTextCursor(cursor)
        self.step(1)

    def replace_all(self) -> None:
        """Replace all places in one step, which one undo takes back."""
        text, other = self.line.text(), self.other.text()
        document = self._editor.document()
        edit = QTextCursor(document)
        edit.beginEditBlock()
        replaced = 0
        found = document.find(text, 0) if text else QTextCursor()
        while not found.isNull():
            found.insertText(other)
            replaced += 1
            found = document.find(text, found)
        edit.endEditBlock()
        self._count_soon.stop()
        self._say(self.tr("{n} replaced").replace("{n}", f"{replaced:,}"))

    # Inside -------------------------------------------------------------------------------------

    def _make_line(self, hint: str, name: str) -> _Line:
        line = _Line()
        line.setPlaceholderText(hint)
        line.setAccessibleName(name)
        line.close_wanted.connect(self.close_bar)
        return line

    def _row(self, *widgets: QWidget) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in widgets:
            row.addWidget(widget)
        return holder

    def _is_place(self, cursor: QTextCursor) -> bool:
        return cursor.hasSelection() and cursor.selectedText().casefold() == self.line.text().casefold()

    def _on_text(self, text: str) -> None:
        for button in (self.before, self.next, self.replace_button, self.all_button):
            button.setEnabled(bool(text))
        self._count_again()

    def _count_again(self) -> None:
        if not self.isHidden():
            self._count_soon.start()

    def _show_count(self) -> None:
        self._count_soon.stop()
        text = self.line.text()
        document = self._editor.document()
        if not text or document.characterCount() > _COUNTED_UP_TO:
            self._say("")
            return
        wanted = text.casefold()
        whole = self._editor.display_text().casefold()
        total = whole.count(wanted)
        cursor = self._editor.textCursor()
        if not total:
            self._say(self.tr("Not found"), warns=True)
        elif self._is_place(cursor):
            before = self._text_before(cursor).casefold()
            place = before.count(wanted) + 1
            self._say(self.tr("{0} of {1}").format(f"{place:,}", f"{total:,}"))
        else:
            self._say(self.tr("{n} places").replace("{n}", f"{total:,}") if total > 1 else self.tr("1 place"))

    def _text_before(self, cursor: QTextCursor) -> str:
        front = QTextCursor(self._editor.document())
        front.setPosition(cursor.selectionStart(), QTextCursor.MoveMode.KeepAnchor)
        return front.selectedText().replace("\u2029", "\n")

    def _say(self, words: str, *, warns: bool = False) -> None:
        set_role(self.count, "warning" if warns else "muted")
        self.count.setText(words)
