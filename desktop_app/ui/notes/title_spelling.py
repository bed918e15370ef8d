"""Words of a note's title that no dictionary knows."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu

from desktop_app.domain.editor_text import character_at, unit_count
from desktop_app.domain.spelling import WordPlace, words_to_check
from desktop_app.presenters.spelling import SpellingBook
from desktop_app.ui.notes.marking_pause import MarkingPause
from desktop_app.ui.notes.title_field import TitleLine
from desktop_app.ui.notes.word_corrections import offer_corrections
from desktop_app.ui.theme.theme import Theme


class TitleSpelling(QObject):
    """Watches the line; the word that is being written is left alone."""

    def __init__(self, line: TitleLine, book: SpellingBook, theme: Theme) -> None:
        super().__init__(line)
        self._line = line
        self._book = book
        self._theme = theme
        soon = MarkingPause(self._mark, self)
        for signal in (line.textChanged, line.cursorPositionChanged, line.left, book.changed, theme.changed):
            signal.connect(soon.later)
        line.menu_wanted.connect(self._fill_menu)

    def _mark(self) -> None:
        line = self._line
        places = [] if line.isReadOnly() else words_to_check(line.text())
        self._book.want([place.word for place in places])
        writing = line.character_at_cursor if line.hasFocus() else -1
        wrong = [
            (place.start, place.end)
            for place in places
            if self._book.is_wrong(place.word) and not place.start <= writing <= place.end
        ]
        line.mark_words(wrong, self._theme.color("warning"))

    def _fill_menu(self, menu: QMenu, position: QPoint) -> None:
        text = self._line.text()
        at = character_at(text, self._line.cursorPositionAt(position))
        for place in () if self._line.isReadOnly() else words_to_check(text):
            if place.start <= at <= place.end and self._book.is_wrong(place.word):
                offer_corrections(menu, place.word, self._book, partial(self._replace, place))
                return

    def _replace(self, place: WordPlace, word: str) -> None:
        text = self._line.text()
        self._line.setSelection(unit_count(text[: place.start]), unit_count(text[place.start : place.end]))
        self._line.insert(word)
