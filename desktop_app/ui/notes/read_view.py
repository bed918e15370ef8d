"""A note as it reads: rendered Markdown in the reading column, made page by page as the reader gets there."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent, QTextCursor

from desktop_app.domain.outline import headings
from desktop_app.domain.source_pieces import READ, Piece, PieceCutter, code_over
from desktop_app.domain.wiki_links import name_key
from desktop_app.ui.chat.answer_body import AnswerBody
from desktop_app.ui.chat.message_text import ShownTask
from desktop_app.ui.chat.selection import TextEdit
from desktop_app.ui.notes.rendered_note import GAP, MARGIN, RenderedNote, edits_of
from desktop_app.ui.theme.theme import Theme


def pages(text: str) -> Iterator[Piece]:
    """Cut Markdown into pages where it allows that; what is longer goes on in the next one."""
    cutter = PieceCutter(sizes=READ)
    for line in text.split("\n"):
        if (ended := cutter.take(line)) is not None:
            yield ended
    if (rest := cutter.rest()) is not None:
        yield rest


class ReadView(RenderedNote):
    """Shows a text, page after page."""

    task_clicked = Signal(object)  # ShownTask
    changed = Signal()  # another text is shown, or the same one anew: what was made before is gone
    page_changed = Signal(int)  # part of this page was written anew: a formula came, or a callout was folded

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setAccessibleName(self.tr("Note, rendered"))
        self._pages: Iterator[Piece] = iter(())
        self._ahead: deque[Piece] = deque()  # cut, and not rendered yet
        self._bodies: list[AnswerBody] = []
        self._made: list[Piece] = []  # what the bodies show
        self._text = ""
        self.verticalScrollBar().valueChanged.connect(lambda _: self._more.start())
        theme.changed.connect(self._draw_again)

    @property
    def bodies(self) -> list[AnswerBody]:
        """One for each page that was made."""
        return self._bodies

    @property
    def shown_text(self) -> str:
        """The Markdown that is shown."""
        return self._text

    def _draw_again(self) -> None:
        position = self.verticalScrollBar().value()
        self.show_text(self._text)
        self.scroll_to(position)

    def set_missing_links(self, missing: frozenset[str]) -> None:
        """Keys of the link targets that no note answers to."""
        if missing == self._missing:
            return
        self._missing = missing
        if self._bodies and "[[" in self._text:
            self._draw_again()

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
        while body_number < len(self._bodies) or self._next_page() is not None:
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
        self.scroll_to(max(0, position - MARGIN // 2))

    def show_text(self, text: str) -> None:
        """Show `text` from its beginning."""
        for body in self._bodies:
            body.deleteLater()
        self._bodies, self._made = [], []
        self._ahead.clear()
        if self._files is not None:
            self._files.forget_missing()
            if text != self._text:
                self._files.forget_notes()
        self._text = text
        self._pages = pages(text)
        self.verticalScrollBar().setValue(0)
        self._go_on()
        self.changed.emit()

    def scroll_to(self, position: int) -> None:
        """Scroll down by `position` pixels, as far as there is text."""
        self._place()
        while self._page.height() < position + self.viewport().height() and self._next_page() is not None:
            self._add_page()
            self._place()
        self.verticalScrollBar().setValue(position)

    def edits_of_page(self, number: int) -> list[TextEdit] | None:
        """What shows page `number`, all of it rendered; None behind the last page."""
        if number >= len(self._bodies):
            self._add_page()
        if number >= len(self._bodies):
            return None
        body = self._bodies[number]
        if not body.is_complete:
            body.render_all()
        self._place()
        return edits_of(body)

    def place_of(self, edit: TextEdit, cursor: QTextCursor) -> tuple[int, int]:
        """Top and bottom of the page at which a selection in one of the texts begins."""
        begin = QTextCursor(cursor)
        begin.setPosition(cursor.selectionStart())
        rect = edit.cursorRect(begin)
        top = edit.viewport().mapTo(self._page, rect.topLeft()).y()
        return top, top + rect.height()

    def _go_on(self) -> None:
        """Make one page more where the reader is less than two screens from the end of what is made."""
        bar = self.verticalScrollBar()
        if self._page.height() < bar.value() + 3 * self.viewport().height() and self._next_page() is not None:
            self._add_page()
            self._more.start()
        self._place()

    def _next_page(self, number: int = 0) -> Piece | None:
        """What is to be rendered next, or so many pages later; None behind the end."""
        while len(self._ahead) <= number:
            page = next(self._pages, None)
            if page is None:
                return None
            self._ahead.append(page)
        return self._ahead[number]

    def _add_page(self) -> None:
        page = self._next_page()
        if page is None:
            return
        self._ahead.popleft()
        self._made.append(page)
        behind = self._next_page()
        goes_on = behind is not None and behind.begins_in_code
        body = self._new_body()
        # A line end more, or a last blank line of code would count for none.
        body.show_text(self._markdown(page.source + "\n" * goes_on, begins=len(self._made) == 1), writing=False)
        body.join_code(above=page.begins_in_code, below=goes_on, whole_code=lambda: self._code_from(body))
        body.task_clicked.connect(lambda task: self._on_task(body, task))
        body.height_changed.connect(lambda: self._on_height_changed(body))
        body.show()
        self._bodies.append(body)

    def _on_height_changed(self, body: AnswerBody) -> None:
        self._more.start()
        if body in self._bodies:
            self.page_changed.emit(self._bodies.index(body))

    def _code_from(self, body: AnswerBody) -> str:
        """All of the code that begins in a page and goes on below it."""
        number = self._bodies.index(body)
        run = [self._made[number]]
        for page in self._made[number + 1 :]:
            if not page.begins_in_code:
                return code_over(run)
            run.append(page)
        ahead = 0
        while (later := self._next_page(ahead)) is not None and later.begins_in_code:
            run.append(later)
            ahead += 1
        return code_over(run)

    def _on_task(self, body: AnswerBody, task: ShownTask) -> None:
        above = self._bodies[: self._bodies.index(body)]
        self.task_clicked.emit(replace(task, number=task.number + sum(each.count_tasks() for each in above)))

    def _place(self) -> None:
        left, column = self._reading_column()
        top = MARGIN
        for number, (page, body) in enumerate(zip(self._made, self._bodies, strict=True)):
            top += GAP if number and not page.joined else 0
            height = body.fit(column)
            body.setGeometry(left, top, column, height)
            top += height
        self._page.resize(self.viewport().width(), max(top + MARGIN * 2, self.viewport().height()))
        self._code_runs.tie(self._bodies)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        self._more.start()
