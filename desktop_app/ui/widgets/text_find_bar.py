"""Finding and replacing in the text that is written."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QWidget

from desktop_app.domain.text_places import count_places, folded
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import TextButton
from desktop_app.ui.widgets.find_bar import FindBar
from desktop_app.ui.widgets.long_text_editor import LongTextEditor

#: In a longer text places are not counted: taking it out of the editor would be felt while typing.
_COUNTED_UP_TO = 1_000_000
_COUNT_AFTER_MS = 150
_LONGEST_SELECTION = 200


class TextFindBar(FindBar):
    """Two lines over the text: what to find, and, on demand, what to put in its place. Case does not matter."""

    def __init__(
        self, editor: LongTextEditor, theme: Theme, hint: str, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, hint, name, parent)
        self._editor = editor
        self.other = self.make_line(self.tr("Replace with…"), self.tr("Text to put in its place"))
        self.other.step_wanted.connect(lambda _: self.replace())
        self.replace_button = TextButton(self.tr("Replace"))
        self.replace_button.clicked.connect(self.replace)
        self.all_button = TextButton(self.tr("Replace all"))
        self.all_button.clicked.connect(self.replace_all)
        self._grid.addWidget(self.other, 1, 0)
        self._replacing = self.make_row(self.replace_button, self.all_button)
        self._grid.addWidget(self._replacing, 1, 1)
        self._count_soon = QTimer(self)
        self._count_soon.setSingleShot(True)
        self._count_soon.setInterval(_COUNT_AFTER_MS)
        self._count_soon.timeout.connect(self._show_count)
        editor.edited.connect(self._count_again)
        editor.loaded.connect(self._count_again)  # another text
        self._look_for("")

    def open_bar(self, *, replacing: bool) -> None:
        """Show the bar with the keyboard in it; what is selected in the text is looked for."""
        selected = self._editor.textCursor().selectedText()
        fits = len(selected) <= _LONGEST_SELECTION and "\u2029" not in selected
        self.other.setVisible(replacing)
        self._replacing.setVisible(replacing)
        self.show_bar(selected if fits else "")

    def _leave(self) -> None:
        self._editor.setFocus()

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
        self.say(self.tr("{n} replaced").replace("{n}", f"{replaced:,}"))

    # Inside -------------------------------------------------------------------------------------

    def _is_place(self, cursor: QTextCursor) -> bool:
        return cursor.hasSelection() and folded(cursor.selectedText()) == folded(self.line.text())

    def _look_for(self, text: str) -> None:
        self.enable_steps(bool(text))
        for button in (self.replace_button, self.all_button):
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
            self.say("")
            return
        total = count_places(self._editor.display_text(), text)
        cursor = self._editor.textCursor()
        if not total:
            self.say_not_found()
        elif self._is_place(cursor):
            self.say_place(count_places(self._text_before(cursor), text) + 1, total)
        else:
            self.say(self.tr("{n} places").replace("{n}", f"{total:,}") if total > 1 else self.tr("1 place"))

    def _text_before(self, cursor: QTextCursor) -> str:
        front = QTextCursor(self._editor.document())
        front.setPosition(cursor.selectionStart(), QTextCursor.MoveMode.KeepAnchor)
        return front.selectedText().replace("\u2029", "\n")
