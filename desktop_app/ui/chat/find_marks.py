"""Marks what is looked for in the messages in view, and brings one place of it before the reader's eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from desktop_app.presenters.find_in_chat import FindInChat, Place
from desktop_app.ui.chat.transcript_view import TranscriptView

if TYPE_CHECKING:
    from desktop_app.ui.chat.message_row import MessageRow
    from desktop_app.ui.chat.selection import TextEdit
    from desktop_app.ui.theme.theme import Theme

_ABOVE = 120  # pixels above a message that has to be made first
_MARGIN = 60  # pixels between a place and the view's edges


class FindMarks(QObject):
    """Watches the presenter and the rows alive."""

    def __init__(self, presenter: FindInChat, view: TranscriptView, theme: Theme) -> None:
        super().__init__(view)
        self._presenter = presenter
        self._view = view
        self._theme = theme
        self._goal: Place | None = None
        self._marked = False
        presenter.changed.connect(self._mark_all)
        presenter.wanted.connect(self.go_to)
        view.row_made.connect(self._watch)
        view.arrived.connect(self._arrived)
        theme.changed.connect(self._mark_all)

    def go_to(self, place: Place) -> None:
        """Bring a place into view; its message is made, or read, first where it is not there."""
        self._goal = place
        row = self._row_of(place.message_id)
        if row is None:
            self._view.go_to((place.message_id, _ABOVE))
        else:
            self._show(row, place)

    def _arrived(self, message_id: int) -> None:
        goal = self._goal
        row = self._row_of(message_id)
        if goal is not None and goal.message_id == message_id and row is not None:
            self._show(row, goal)

    def _show(self, row: MessageRow, place: Place) -> None:
        self._goal = None
        row.show_whole(self._presenter.text)
        self._view.place()
        self._mark_all()
        found = self._places_in(row)
        if not found:
            row.mark_briefly()  # the text stands in what Markdown does not show, the target of a link
            return
        edit, cursor = found[min(place.number, len(found) - 1)]
        # The end of the place is what a cursor points at; its beginning is what is looked at.
        begin = QTextCursor(cursor)
        begin.setPosition(cursor.selectionStart())
        rect = edit.cursorRect(begin)
        top = self._view.place_of(edit.viewport(), QPoint(0, rect.top())).y()
        self._view.show_stretch(top, top + rect.height(), _MARGIN)
        if isinstance(edit, QPlainTextEdit):
            bar, width = edit.horizontalScrollBar(), edit.viewport().width()
            if not 0 <= rect.left() < width:
                bar.setValue(bar.value() + rect.left() - width // 3)

    def _row_of(self, message_id: int) -> MessageRow | None:
        return next((row for row in self._view.rows if row.message.id == message_id), None)

    # Marks --------------------------------------------------------------------------------------

    def _watch(self, row: MessageRow) -> None:
        row.height_changed.connect(lambda: self._mark_where_wanted(row))
        self._mark_where_wanted(row)

    def _mark_where_wanted(self, row: MessageRow) -> None:
        if self._marked:
            self._mark(row)

    def _mark_all(self) -> None:
        if self._presenter.text or self._marked:
            self._marked = bool(self._presenter.text)
            for row in self._view.rows:
                self._mark(row)

    def _mark(self, row: MessageRow) -> None:
        marks: dict[TextEdit, list[QTextEdit.ExtraSelection]] = {edit: [] for edit in row.edits()}
        place = self._presenter.place
        found = self._places_in(row)
        current = -1
        if place is not None and place.message_id == row.message.id:
            current = min(place.number, len(found) - 1)
        for number, (edit, cursor) in enumerate(found):
            mark = QTextEdit.ExtraSelection()
            mark.cursor = cursor
            mark.format = find_format(self._theme, is_current=number == current)
            marks[edit].append(mark)
        for edit, selections in marks.items():
            edit.setExtraSelections(selections)

    def _places_in(self, row: MessageRow) -> list[tuple[TextEdit, QTextCursor]]:
        text = self._presenter.text
        found: list[tuple[TextEdit, QTextCursor]] = []
        if not text:
            return found
        for edit in row.edits():
            cursor = edit.document().find(text)
            while not cursor.isNull():
                found.append((edit, cursor))
                cursor = edit.document().find(text, cursor)
        return found


def find_format(theme: Theme, *, is_current: bool) -> QTextCharFormat:
    """How a place that was found looks, and the one that is shown."""
    form = QTextCharFormat()
    form.setBackground(theme.color("accent" if is_current else "highlight"))
    form.setForeground(theme.color("on_accent" if is_current else "text"))
    return form
