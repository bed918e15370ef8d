"""Operators and their values, offered in the search box while they are typed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from desktop_app.domain.editor_text import character_at, unit_count
from desktop_app.domain.question_completion import QuestionPart, part_before, suggestions
from desktop_app.presenters.search import FilterChoices
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.completion_popup import Choice, CompletionPopup


class QuestionCompleter(CompletionPopup):
    """Of an operator's name only Tab takes the offer: the word may be one to look for, and Enter asks, Down goes to the
    results. Of a value, Enter takes it as well.
    """

    def __init__(self, box: QLineEdit, theme: Theme, choices: Callable[[], FilterChoices]) -> None:
        """`choices()` are the tags and folders that there are."""
        super().__init__(box, theme, name=self.tr("What the filter may be"), icon="filter", width=300)
        self._box = box
        self._choices = choices
        self.wanted.connect(self._find)

    @property
    def typed(self) -> str | None:
        """What a choice replaces; None where nothing is to be completed."""
        part = self._part
        return None if part is None else part.typed

    @property
    def _part(self) -> QuestionPart | None:
        box = self._box
        text = box.text()
        return None if box.hasSelectedText() else part_before(text[: character_at(text, box.cursorPosition())])

    def _find(self, typed: str) -> None:
        part, choices = self._part, self._choices()
        found = [] if part is None else suggestions(part, choices.tags, choices.folders)
        rows = []
        for each in found:
            beside = self.tr("Tab") if part is not None and part.kind is None else ""
            beside = f"({each.notes:,})" if each.notes is not None else beside
            rows.append(Choice(f"{each.words}   {beside}".rstrip(), each.written))
        self._show(typed, rows)

    def _take_key(self, event: QKeyEvent) -> bool:
        part = self._part
        if part is not None and part.kind is None and event.key() not in (Qt.Key.Key_Tab, Qt.Key.Key_Escape):
            return False
        return super()._take_key(event)

    def _use(self, value: object, typed: str) -> None:
        box = self._box
        text, end = box.text(), box.cursorPosition()
        behind, written = text[character_at(text, end) :], str(value)
        over = 1 if behind.startswith('"') and written.startswith('"') else 0
        over += 1 if behind[over:].startswith(" ") and written.endswith(" ") else 0
        self.hide()
        begin = end - unit_count(typed)
        box.setSelection(begin, end - begin + over)
        box.insert(written)  # one step to undo

    def _position(self) -> int:
        return self._box.cursorPosition()

    def _line_at_cursor(self) -> tuple[QPoint, int]:
        box, window = self._box, self._box.window()
        corner = box.mapTo(window, QPoint(box.cursorRect().left(), 0))
        return corner, corner.y() + box.height() - 4
