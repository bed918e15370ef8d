"""Marks words of a note that no dictionary knows, and offers what may have been meant."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QMenu, QTextEdit

from desktop_app.domain.spelling import WordPlace, front_matter_end, is_formula_edge, words_to_check
from desktop_app.presenters.spelling import SpellingBook
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.markdown_lines import LineState
from desktop_app.ui.notes.marking_pause import MarkingPause
from desktop_app.ui.notes.word_corrections import offer_corrections, word_cursor
from desktop_app.ui.theme.theme import Theme

#: No screen shows more lines than this, and no longer front matter is looked for.
_MOST_LINES = 200
#: So far above the screen the beginning of a formula is looked for, in lines.
_LOOKED_BACK = 60


class SpellingMarks(QObject):
    """Watches one editor. Only lines on the screen are looked at; the word that is being written is left alone.

    The marks are drawn over the text: nothing of them is in the document, its history or its copies.
    """

    def __init__(self, editor: MarkdownEditor, book: SpellingBook, theme: Theme) -> None:
        super().__init__(editor)
        self._editor = editor
        self._book = book
        self._theme = theme
        self._soon = MarkingPause(self._mark, self)
        for signal in (
            editor.edited,
            editor.loaded,
            editor.cursorPositionChanged,
            editor.verticalScrollBar().valueChanged,
            editor.verticalScrollBar().rangeChanged,
            theme.changed,
            book.changed,
        ):
            signal.connect(self._soon.later)
        editor.menu_wanted.connect(self._fill_menu)

    def _mark(self) -> None:
        if self._editor.loading or not self._editor.isVisible():
            return
        form = QTextCharFormat()
        form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SpellCheckUnderline)
        form.setUnderlineColor(self._theme.color("warning"))
        writing = self._editor.textCursor().position() if self._editor.hasFocus() else -1
        marks: list[QTextEdit.ExtraSelection] = []
        words: list[str] = []
        for block, place in self._words_on_screen():
            words.append(place.word)
            if self._book.is_wrong(place.word):
                mark = QTextEdit.ExtraSelection()
                mark.cursor = word_cursor(block, place)
                mark.format = form
                if not mark.cursor.selectionStart() <= writing <= mark.cursor.selectionEnd():
                    marks.append(mark)
        self._editor.setExtraSelections(marks)
        self._book.want(words)

    def _words_on_screen(self) -> list[tuple[QTextBlock, WordPlace]]:
        first, last = self._editor.blocks_on_screen()
        behind_front = self._front_matter()
        found = []
        in_formula = self._opens_formula_above(first)
        block = first
        for _ in range(_MOST_LINES):
            text = block.text()
            edge = is_formula_edge(text)
            if edge:
                in_formula = not in_formula
            elif not in_formula and block.blockNumber() >= behind_front and self._is_text(block):
                found += [(block, place) for place in words_to_check(text)]
            following = self._editor.next_shown(block)
            if block == last or not following.isValid():
                break
            if following != block.next():  # a formula is not looked for in what is folded
                in_formula = False
            block = following
        return found

    def _is_text(self, block: QTextBlock) -> bool:
        return self._editor.state_before(block) is LineState.TEXT and self._editor.state_after(block) is LineState.TEXT

    def _front_matter(self) -> int:
        block = self._editor.document().begin()
        if block.text().strip() != "---":
            return 0
        lines: list[str] = []
        while block.isValid() and len(lines) < _MOST_LINES:
            lines.append(block.text())
            block = block.next()
        return front_matter_end(lines)

    def _opens_formula_above(self, block: QTextBlock) -> bool:
        edges = 0
        for _ in range(_LOOKED_BACK):
            block = block.previous()
            if not block.isValid() or not self._is_text(block):
                break
            edges += is_formula_edge(block.text())
        return edges % 2 == 1

    # The menu -----------------------------------------------------------------------------------

    def _fill_menu(self, menu: QMenu, position: QPoint) -> None:
        found = self._wrong_word_at(position)
        if found is not None and not self._editor.isReadOnly():
            cursor, word = found
            offer_corrections(menu, word, self._book, cursor.insertText)

    def _wrong_word_at(self, position: QPoint) -> tuple[QTextCursor, str] | None:
        at = self._editor.cursorForPosition(position)
        block = at.block()
        if not self._is_text(block):
            return None
        for place in words_to_check(block.text()):
            cursor = word_cursor(block, place)
            if cursor.selectionStart() <= at.position() <= cursor.selectionEnd() and self._book.is_wrong(place.word):
                return cursor, place.word
        return None
