"""A note as it reads: rendered Markdown in the reading column, made page by page as the reader gets there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from desktop_app.domain.outline import headings
from desktop_app.domain.wiki_links import as_markdown, name_key
from desktop_app.ui.chat.answer_body import AnswerBody
from desktop_app.ui.chat.code_block import CodeBlock
from desktop_app.ui.chat.markdown_document import MISSING_NOTE, NOTE_LINK
from desktop_app.ui.chat.message_text import ShownTask
from desktop_app.ui.chat.picture_objects import FILE_LINK
from desktop_app.ui.chat.selection import MessageSelection, TextEdit
from desktop_app.ui.notes.markdown_lines import LineState, line_state
from desktop_app.ui.notes.pictures import NotePictures
from desktop_app.ui.theme.theme import READING_COLUMN, Theme

#: A page ends at the first blank line after this many characters.
_PAGE = 12_000
_PAGE_AT_MOST = 3 * _PAGE
_MARGIN = 26
_SIDE = 24  # least room at the left and right, as beside the text that is written


def pages(text: str) -> Iterator[str]:
    """Cut Markdown into pages at blank lines outside code fences."""
    state = LineState.TEXT
    start = position = 0
    for line in text.splitlines(keepends=True):
        position += len(line)
        state = line_state(line.rstrip("\r\n"), state)
        long_enough = position - start >= _PAGE and not line.strip() and state is LineState.TEXT
        if long_enough or position - start >= _PAGE_AT_MOST:
            yield text[start:position]
            start = position
    if start < len(text) or not text:
        yield text[start:]


class ReadView(QScrollArea):
    """Shows Markdown without letting it load or run anything. Links are told by `link_activated`."""

    link_activated = Signal(str)
    task_clicked = Signal(object)  # ShownTask
    note_link_activated = Signal(str)  # target and heading as they are written in a link between notes
    file_activated = Signal(str)  # the name of a file of the note
    changed = Signal()  # another text is shown, or the same one anew: what was made before is gone

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._pages: Iterator[str] = iter(())
        self._done = True
        self._bodies: list[AnswerBody] = []
        self._text = ""
        self._missing: frozenset[str] = frozenset()
        self._files: NotePictures | None = None
        self._selection = MessageSelection(self._edits, self.selected_text, lambda: None)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Note, rendered"))
        self._page = QWidget()
        self._page.setProperty("role", "scrolled")
        self.setWidget(self._page)
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.setInterval(0)
        self._more.timeout.connect(self._fill)
        self.verticalScrollBar().valueChanged.connect(lambda _: self._more.start())
        theme.changed.connect(self._draw_again)

    @property
    def shown_text(self) -> str:
        """The Markdown that is shown."""
        return self._text

    def _draw_again(self) -> None:
        self.show_text(self._text)

    def set_missing_links(self, missing: frozenset[str]) -> None:
        """Keys of the link targets that no note answers to."""
        if missing == self._missing:
            return
        self._missing = missing
        if self._bodies and "[[" in self._text:
            position = self.verticalScrollBar().value()
            self.show_text(self._text)
            self.scroll_to(position)

    def set_files(self, files: NotePictures) -> None:
        """Where the pictures and other files of the note come from."""
        self._files = files

    def show_heading(self, start: int) -> None:
        """Scroll to the heading at this character of the text."""
        all_headings = headings(self._text)
        wanted = next((one for one in all_headings if one.start == start), None)
        if wanted is None:
            return
        key = name_key(wanted.title)
        earlier = sum(name_key(one.title) == key for one in all_headings if one.start < start)
        seen = 0
        body_number = 0
        while body_number < len(self._bodies) or not self._done:
            if body_number == len(self._bodies):
                self._add_page()
                continue
            body = self._bodies[body_number]
            body.render_all()
            self._place()
            for top, title in body.headings():
                if name_key(title) == key:
                    if seen == earlier:
                        self._scroll_to_top(body.y() + top)
                        return
                    seen += 1
            body_number += 1

    def _scroll_to_top(self, position: int) -> None:
        """Bring what stands at `position` to the top, with some room above."""
        self.scroll_to(max(0, position - _MARGIN // 2))

    def show_text(self, text: str) -> None:
        """Show `text` from its beginning."""
        for body in self._bodies:
            body.deleteLater()
        self._bodies = []
        if self._files is not None:
            self._files.forget_missing()
        self._text = text
        self._pages = pages(text)
        self._done = False
        self.verticalScrollBar().setValue(0)
        self._fill()
        self.changed.emit()

    def scroll_to(self, position: int) -> None:
        """Scroll down by `position` pixels, as far as there is text."""
        self._place()
        while not self._done and self._page.height() < position + self.viewport().height():
            self._add_page()
            self._place()
        self.verticalScrollBar().setValue(position)

    def edits_of_page(self, number: int) -> list[TextEdit] | None:
        """What shows page `number`, all of it rendered; None behind the last page."""
        if number >= len(self._bodies) and not self._done:
            self._add_page()
        if number >= len(self._bodies):
            return None
        body = self._bodies[number]
        if not body.is_complete:
            body.render_all()
        self._place()
        return [part.lines if isinstance(part, CodeBlock) else part for part in body.parts]

    def place_of(self, edit: TextEdit, cursor: QTextCursor) -> tuple[int, int]:
        """Top and bottom of the page at which a selection in one of the texts begins."""
        begin = QTextCursor(cursor)
        begin.setPosition(cursor.selectionStart())
        rect = edit.cursorRect(begin)
        top = edit.viewport().mapTo(self._page, rect.topLeft()).y()
        return top, top + rect.height()

    def selected_text(self) -> str:
        """What is selected, over all pages made so far."""
        return "\n".join(text for body in self._bodies for part in body.parts if (text := part.selected_text()))

    def _edits(self) -> list[TextEdit]:
        parts = (part for body in self._bodies for part in body.parts)
        return [part.lines if isinstance(part, CodeBlock) else part for part in parts]

    def _fill(self) -> None:
        """Make one page more where the reader is less than two screens from the end of what is made."""
        bar = self.verticalScrollBar()
        if not self._done and self._page.height() < bar.value() + 3 * self.viewport().height():
            self._add_page()
            if not self._done:
                self._more.start()
        self._place()

    def _add_page(self) -> None:
        text = next(self._pages, None)
        if text is None:
            self._done = True
        else:
            self._add(text)

    def _add(self, text: str) -> None:
        body = AnswerBody(self._theme, self._selection, self._page, links_to_notes=True, files=self._files)
        body.show_text(as_markdown(text, self._missing, NOTE_LINK, MISSING_NOTE), writing=False)
        body.link_activated.connect(self._on_link)
        body.task_clicked.connect(lambda task: self._on_task(body, task))
        body.height_changed.connect(self._more.start)
        body.show()
        self._bodies.append(body)

    def _on_task(self, body: AnswerBody, task: ShownTask) -> None:
        above = self._bodies[: self._bodies.index(body)]
        self.task_clicked.emit(replace(task, number=task.number + sum(each.count_tasks() for each in above)))

    def _on_link(self, target: str) -> None:
        if target.startswith(FILE_LINK):
            self.file_activated.emit(unquote(target.removeprefix(FILE_LINK)))
            return
        for scheme in (NOTE_LINK, MISSING_NOTE):
            if target.startswith(scheme):
                self.note_link_activated.emit(unquote(target.removeprefix(scheme)))
                return
        self.link_activated.emit(target)

    def _place(self) -> None:
        width = self.viewport().width()
        steady = self.width() - self.verticalScrollBar().sizeHint().width()  # the same with and without the bar
        column = min(self._theme.px(READING_COLUMN), steady - 2 * _SIDE)
        left = (steady - column) // 2
        top = _MARGIN
        for body in self._bodies:
            height = body.fit(column)
            body.setGeometry(left, top, column, height)
            top += height
        self._page.resize(width, max(top + _MARGIN * 2, self.viewport().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        self._more.start()
