"""Finding and replacing in the text that is written."""

from __future__ import annotations

from PySide6.QtCore import QRegularExpression, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QWidget

from desktop_app.domain.replacement import replaced_by
from desktop_app.domain.text_places import count_places, folded
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import TextButton
from desktop_app.ui.widgets.find_bar import FindBar
from desktop_app.ui.widgets.find_options import FindOptions
from desktop_app.ui.widgets.labels import plain_tool_tip
from desktop_app.ui.widgets.long_text_editor import LongTextEditor
from desktop_app.ui.widgets.pattern_places import PatternPlaces, TakesTooLongError, WantedText

#: In a longer text places are not counted: taking it out of the editor would be felt while typing.
_COUNTED_UP_TO = 1_000_000
_COUNT_AFTER_MS = 150
_LONGEST_SELECTION = 200
_LEAST_LINE = 200  # pixels of the line to type into, beside the switches


class TextFindBar(FindBar):
    """Two lines over the text: what to find, and, on demand, what to put in its place. Case matters where it is asked
    to.
    """

    def __init__(
        self, editor: LongTextEditor, theme: Theme, hint: str, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, hint, name, parent)
        self._editor = editor
        self._theme = theme
        self.options = FindOptions()
        self.options.changed.connect(lambda: self._look_for(self.line.text()))
        self.other = self.make_line(self.tr("Replace with…"), self.tr("Text to put in its place"))
        self.other.step_wanted.connect(lambda _: self.replace())
        for line in (self.line, self.other):
            line.add_key_taker(self.options.take_key)
        self.replace_button = TextButton(self.tr("Replace"))
        self.replace_button.clicked.connect(self.replace)
        self.all_button = TextButton(self.tr("Replace all"))
        self.all_button.clicked.connect(self.replace_all)
        self._replacing = self.make_row(self.replace_button, self.all_button)
        self._grid.addWidget(self._steps, 0, 2)
        self._grid.addWidget(self.other, 1, 0)
        self._grid.addWidget(self._replacing, 1, 1, 1, 2, Qt.AlignmentFlag.AlignLeft)
        self._place_options()
        QWidget.setTabOrder(self.line, self.options.case)
        self._count_soon = QTimer(self)
        self._count_soon.setSingleShot(True)
        self._count_soon.setInterval(_COUNT_AFTER_MS)
        self._count_soon.timeout.connect(self._show_count)
        editor.edited.connect(self._count_again)
        editor.loaded.connect(self._count_again)  # another text
        self._look_for("")

    @property
    def wanted(self) -> WantedText:
        """What is looked for, and how."""
        options = self.options
        return WantedText(
            self.line.text(), options.case.isChecked(), options.words.isChecked(), options.pattern.isChecked()
        )

    def open_bar(self, *, replacing: bool) -> None:
        """Show the bar with the keyboard in it; what is selected in the text is looked for."""
        selected = self._editor.textCursor().selectedText()
        fits = len(selected) <= _LONGEST_SELECTION and "\u2029" not in selected
        if selected and fits and self.options.pattern.isChecked() and not self._is_place(self._editor.textCursor()):
            selected = QRegularExpression.escape(selected)
        elif self.options.pattern.isChecked():
            selected = ""  # what the expression found: the expression stays
        self.other.setVisible(replacing)
        self._replacing.setVisible(replacing)
        self.show_bar(selected if fits else "")

    def _leave(self) -> None:
        self._editor.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_options()

    def step(self, direction: int) -> None:
        """Select the next place, or the one before; behind the last one comes the first."""
        wanted = self.wanted
        if not wanted.text:
            return
        try:
            found = self._plain_step(wanted.text, direction) if wanted.is_plain else self._pattern_step(direction)
        except TakesTooLongError:
            self._say_too_long()
            return
        if not found.isNull():
            self._editor.setTextCursor(found)
            self._editor.ensureCursorVisible()
        self._show_count()

    def replace(self) -> None:
        """Replace the place that is selected, and go to the next one."""
        cursor = self._editor.textCursor()
        if self._is_place(cursor):
            cursor.insertText(self._replacement(self._groups(cursor)))
            self._editor.setTextCursor(cursor)
        self.step(1)

    def replace_all(self) -> None:
        """Replace all places in one step, which one undo takes back."""
        wanted = self.wanted
        try:
            places = None if wanted.is_plain else list(self._places().everywhere())
        except TakesTooLongError:
            self._say_too_long()
            return
        edit = QTextCursor(self._editor.document())
        edit.beginEditBlock()
        replaced = self._replace_plain(wanted.text) if places is None else self._replace_places(edit, places)
        edit.endEditBlock()
        self._count_soon.stop()
        self.say(self.tr("{n} replaced").replace("{n}", f"{replaced:,}"))

    # Inside -------------------------------------------------------------------------------------

    def _places(self) -> PatternPlaces:
        return PatternPlaces(self.wanted, self._editor.document())

    def _plain_step(self, text: str, direction: int) -> QTextCursor:
        document = self._editor.document()
        backward = QTextDocument.FindFlag.FindBackward
        flags = backward if direction < 0 else QTextDocument.FindFlag(0)
        found = document.find(text, self._editor.textCursor(), flags)
        if found.isNull():
            start = QTextCursor(document)
            if direction < 0:
                start.movePosition(QTextCursor.MoveOperation.End)
            found = document.find(text, start, flags)
        return found

    def _pattern_step(self, direction: int) -> QTextCursor:
        places, cursor = self._places(), self._editor.textCursor()
        if direction > 0:
            place = places.following(cursor.selectionEnd()) or places.following(0)
        else:
            end = self._editor.document().characterCount() - 1
            place = places.preceding(cursor.selectionStart()) or places.preceding(end)
        if place is None:
            return QTextCursor()
        found = QTextCursor(self._editor.document())
        found.setPosition(place[0])
        found.setPosition(place[1], QTextCursor.MoveMode.KeepAnchor)
        return found

    def _replace_plain(self, text: str) -> int:
        document, other = self._editor.document(), self.other.text()
        replaced = 0
        found = document.find(text, 0) if text else QTextCursor()
        while not found.isNull():
            found.insertText(other)
            replaced += 1
            found = document.find(text, found)
        return replaced

    def _replace_places(self, edit: QTextCursor, places: list[tuple[int, int, list[str]]]) -> int:
        for start, end, groups in reversed(places):  # what is in front stays where it is
            edit.setPosition(start)
            edit.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            edit.insertText(self._replacement(groups))
        return len(places)

    def _replacement(self, groups: list[str] | None) -> str:
        if groups is None or not self.options.pattern.isChecked():
            return self.other.text()
        return replaced_by(self.other.text(), groups)

    def _groups(self, cursor: QTextCursor) -> list[str] | None:
        return (
            None if self.wanted.is_plain else self._places().groups_at(cursor.selectionStart(), cursor.selectionEnd())
        )

    def _is_place(self, cursor: QTextCursor) -> bool:
        if not cursor.hasSelection():
            return False
        if self.wanted.is_plain:
            return folded(cursor.selectedText()) == folded(self.line.text())
        return self._groups(cursor) is not None

    def _look_for(self, text: str) -> None:
        self.enable_steps(bool(text))
        for button in (self.replace_button, self.all_button):
            button.setEnabled(bool(text))
        self._count_again()

    def _say_too_long(self) -> None:
        self._count_soon.stop()
        self.say(self.tr("Takes too long"), warns=True)

    def _place_options(self) -> None:
        """Beside the line, or below all where that would leave no room to type."""
        beside = self.options.sizeHint().width() + self._steps.sizeHint().width() + self._theme.px(_LEAST_LINE)
        if self.width() < beside:
            self._grid.addWidget(self.options, 2, 0, 1, 3, Qt.AlignmentFlag.AlignLeft)
        else:
            self._grid.addWidget(self.options, 0, 1)

    def _count_again(self) -> None:
        if not self.isHidden():
            self._count_soon.start()

    def _show_count(self) -> None:
        self._count_soon.stop()
        wanted = self.wanted
        document = self._editor.document()
        self.count.setToolTip("")
        if not wanted.text or document.characterCount() > _COUNTED_UP_TO:
            self.say("")
            return
        cursor, whole = self._editor.textCursor(), True
        if wanted.is_plain:
            total = count_places(self._editor.display_text(), wanted.text)
            before = count_places(self._text_before(cursor), wanted.text) if self._is_place(cursor) else 0
        else:
            places = self._places()
            if places.error:
                self.say(self.tr("Not an expression"), warns=True)
                self.count.setToolTip(plain_tool_tip(places.error))
                return
            before, total, whole = places.count(cursor.selectionStart())
        if not total:
            self.say_not_found() if whole else self.say("")
        elif not whole:
            self.say(self.tr("{n} places and more").replace("{n}", f"{total:,}"))
        elif self._is_place(cursor):
            self.say_place(before + 1, total)
        else:
            self.say(self.tr("{n} places").replace("{n}", f"{total:,}") if total > 1 else self.tr("1 place"))

    def _text_before(self, cursor: QTextCursor) -> str:
        front = QTextCursor(self._editor.document())
        front.setPosition(cursor.selectionStart(), QTextCursor.MoveMode.KeepAnchor)
        return front.selectedText().replace("\u2029", "\n")
