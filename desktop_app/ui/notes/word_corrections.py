"""What a menu offers for a word that no dictionary knows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QAction, QTextBlock, QTextCursor
from PySide6.QtWidgets import QMenu

from desktop_app.domain.editor_text import unit_count
from desktop_app.domain.spelling import WordPlace
from desktop_app.presenters.spelling import SpellingBook
from desktop_app.ui.widgets.labels import literal


def offer_corrections(menu: QMenu, word: str, book: SpellingBook, replace: Callable[[str], object]) -> None:
    """In front of the menu: what may have been meant, which `replace` puts in, and the way to one's own words."""
    first = menu.actions()[0] if menu.actions() else None
    looking = QAction(_tr("Looking for suggestions…"), menu)
    looking.setEnabled(False)
    add = QAction(_tr("Add “{word}” to the dictionary").replace("{word}", literal(word)), menu)
    add.triggered.connect(lambda: book.add(word))
    line = QAction(menu)
    line.setSeparator(True)
    menu.insertActions(first, [looking, add, line])  # type: ignore[arg-type]
    still_open = [menu]
    menu.aboutToHide.connect(lambda: QTimer.singleShot(0, menu, still_open.clear))

    def show(suggestions: list[str]) -> None:
        for each in still_open:
            if not suggestions:
                looking.setText(_tr("No suggestions"))
                continue
            looking.setVisible(False)
            each.insertActions(looking, [_suggestion(each, one, replace) for one in suggestions])
            each.adjustSize()

    book.suggest(word, show)


def word_cursor(block: QTextBlock, place: WordPlace) -> QTextCursor:
    """A word of a line, selected."""
    text = block.text()
    start, end = unit_count(text[: place.start]), unit_count(text[: place.end])
    cursor = QTextCursor(block)
    cursor.setPosition(block.position() + start)
    cursor.setPosition(block.position() + end, QTextCursor.MoveMode.KeepAnchor)
    return cursor


def _suggestion(menu: QMenu, suggestion: str, replace: Callable[[str], object]) -> QAction:
    action = QAction(literal(suggestion), menu)
    font = action.font()
    font.setBold(True)
    action.setFont(font)
    action.triggered.connect(lambda: replace(suggestion))
    return action


def _tr(text: str) -> str:
    return QCoreApplication.translate("SpellingMarks", text)
