"""Finding in the note that is read: in its words as they are shown, marked, page after page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRegularExpression, QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from desktop_app.ui.chat.find_marks import find_format
from desktop_app.ui.chat.selection import TextEdit
from desktop_app.ui.notes.read_view import ReadView
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.find_bar import FindBar

_LONGEST_SELECTION = 200
_MARGIN = 60  # pixels between a place and the view's edges

#: Where a text stands: what shows it, and the selection of it there.
_Place = tuple[TextEdit, QTextCursor]


class _Words(NamedTuple):
    """The words of the paragraph that a place stands in: they stay when the paragraphs around it are written anew."""

    paragraph: str
    offset: int
    before: int  # places like it above it on the page


class ReadFindBar(FindBar):
    """Looks through one page between two turns of the event loop: what is far down has to be rendered first."""

    def __init__(self, view: ReadView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, self.tr("Find in this note…"), self.tr("Find in note"), parent)
        self._view = view
        self._theme = theme
        self._text = ""
        self._found: list[list[_Place]] = []  # on each page that was looked through
        self._current = -1
        self._current_words: _Words | None = None
        self._stale: set[int] = set()  # pages that were written anew since
        self._reached = False  # a first place was shown
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._look_on)
        view.changed.connect(self._look_again)
        view.page_changed.connect(self._on_page_changed)
        theme.changed.connect(self._mark)
        self.enable_steps(False)

    def open_bar(self) -> None:
        """Show the bar with the keyboard in it; what is selected in the note is looked for."""
        selected = self._view.selected_text()
        self.show_bar(selected if len(selected) <= _LONGEST_SELECTION and "\n" not in selected else "")

    def step(self, direction: int) -> None:
        """Go to the next place, or to the one before; behind the last one comes the first."""
        self._look_at_stale()
        if self._places:
            self._go_to((self._current + direction) % len(self._places))

    @property
    def _places(self) -> list[_Place]:
        """What was found, from the top."""
        return [place for page in self._found for place in page]

    @property
    def is_done(self) -> bool:
        """True when all of the note was looked through."""
        return not self._soon.isActive()

    def _look_for(self, text: str) -> None:
        self._text = text
        self._reached = False
        self._begin()

    def _look_again(self) -> None:
        """The note is shown anew; the place that was shown stays the one."""
        self._found = []
        self._stale.clear()
        if not self.isHidden():
            self._begin()

    def _begin(self) -> None:
        self._unmark()
        self._found = []
        self._stale.clear()
        self._current = -1 if not self._reached else self._current
        self._soon.start()
        self._show_count()

    def _leave(self) -> None:
        self._soon.stop()
        self._unmark()
        self._found = []
        self._stale.clear()
        self._view.setFocus()

    def _look_on(self) -> None:
        if not self._text or self.isHidden():
            self._show_count()
            return
        self._look_at_stale()
        edits = self._view.edits_of_page(len(self._found))
        if edits is None:
            self._finish()
            return
        self._found.append(self._places_in(edits))
        if not self._reached:
            self._go_to_first_in_view()
        self._mark()
        self._soon.start()
        self._show_count()

    def _places_in(self, edits: Sequence[TextEdit]) -> list[_Place]:
        wanted = _over_lines(self._text)
        found: list[_Place] = []
        for edit in edits:
            cursor = edit.document().find(wanted)
            while not cursor.isNull():
                found.append((edit, cursor))
                cursor = edit.document().find(wanted, cursor)
        return found

    def _on_page_changed(self, page: int) -> None:
        """The selections on it stand nowhere any more; several such changes are looked at together."""
        if page < len(self._found):
            self._stale.add(page)
            self._soon.start()

    def _look_at_stale(self) -> None:
        """Find the places of the pages that were written anew; the place that is shown stays the one."""
        for page in sorted(self._stale):
            above = sum(map(len, self._found[:page]))
            number = self._current - above  # among those of this page
            is_here = 0 <= number < len(self._found[page])
            edits = self._view.edits_of_page(page) or []
            for edit in edits:
                edit.setExtraSelections([])
            before = len(self._found[page])
            self._found[page] = found = self._places_in(edits)
            if is_here:
                self._current = above + _same_place(found, self._current_words, number)
            elif number >= before:
                self._current += len(found) - before
        if self._stale:
            self._stale.clear()
            self._current = min(self._current, len(self._places) - 1)
            self._note_current()
            self._mark()

    def _note_current(self) -> None:
        """Keep the words around the place that is shown: its selection may be gone when they are asked for."""
        self._current_words = None
        first = 0
        for page in self._found:
            if first <= self._current < first + len(page):
                self._current_words = _words_around(page)[self._current - first]
            first += len(page)

    def _finish(self) -> None:
        if self._places and not 0 <= self._current < len(self._places):
            self._go_to(0)  # none stands below what was shown: go round
        self._mark()
        self._show_count()

    def _go_to_first_in_view(self) -> None:
        top = self._view.verticalScrollBar().value()
        for number, (edit, cursor) in enumerate(self._places):
            if self._view.place_of(edit, cursor)[1] >= top:
                self._go_to(number)
                return

    def _go_to(self, number: int) -> None:
        self._current = number
        self._reached = True
        self._note_current()
        top, bottom = self._view.place_of(*self._places[number])
        bar, room = self._view.verticalScrollBar(), self._view.viewport().height()
        if top < bar.value() + _MARGIN or bottom > bar.value() + room - _MARGIN:
            self._view.scroll_to(max(0, top - room // 3))
        self._mark()
        self._show_count()

    def _show_count(self) -> None:
        self.enable_steps(bool(self._places))
        if not self._text:
            self.say("")
        elif self._places and 0 <= self._current < len(self._places):
            self.say_place(self._current + 1, len(self._places))
        elif self.is_done and not self._places:
            self.say_not_found()
        else:
            self.say(self.tr("Looking…"))

    def _mark(self) -> None:
        marks: dict[TextEdit, list[QTextEdit.ExtraSelection]] = {}
        for number, (edit, cursor) in enumerate(self._places):
            mark = QTextEdit.ExtraSelection()
            mark.cursor = cursor
            mark.format = find_format(self._theme, is_current=number == self._current)
            marks.setdefault(edit, []).append(mark)
        for edit, selections in marks.items():
            edit.setExtraSelections(selections)

    def _unmark(self) -> None:
        for edit in {id(edit): edit for edit, _ in self._places}.values():
            edit.setExtraSelections([])


def _words_around(places: Sequence[_Place]) -> list[_Words]:
    """What tells each place of a page from the others, also when it is written anew."""
    met: dict[tuple[str, int], int] = {}
    made = []
    for edit, cursor in places:
        block = edit.document().findBlock(cursor.selectionStart())
        key = (block.text(), cursor.selectionStart() - block.position())
        made.append(_Words(*key, met.get(key, 0)))
        met[key] = met.get(key, 0) + 1
    return made


def _same_place(places: Sequence[_Place], wanted: _Words | None, number: int) -> int:
    """Which of the places of a page is the one with these words around it; else the one that has its number."""
    around = _words_around(places)
    return around.index(wanted) if wanted in around else max(0, min(number, len(places) - 1))


def _over_lines(text: str) -> QRegularExpression:
    """Finds a text whatever the case of its letters, also where a line of the paragraph ends between its words."""
    parts = (QRegularExpression.escape(part) for part in re.split(r"[ \u00a0]", text))
    option = QRegularExpression.PatternOption
    ignoring = option.CaseInsensitiveOption | option.UseUnicodePropertiesOption
    return QRegularExpression("[ \u2028]".join(parts), ignoring)
