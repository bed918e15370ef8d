"""The note as it reads, beside the text that is being written: each keystroke renders the piece it stands in anew."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, pairwise, takewhile

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea

from desktop_app.domain.editor_text import SOFT_BREAK, decode
from desktop_app.domain.source_pieces import Piece, code_over
from desktop_app.ui.chat.answer_body import AnswerBody
from desktop_app.ui.chat.markdown_document import READING_LINE_HEIGHT, em_of
from desktop_app.ui.chat.message_text import ShownTask
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.piece_follower import PieceFollower
from desktop_app.ui.notes.rendered_note import GAP, MARGIN, RenderedNote
from desktop_app.ui.theme.theme import Theme

#: So many pieces stay rendered; of more, those furthest from what is seen are dropped.
_ALIVE = 60


class _Shown:
    """One piece with what shows it, if anything does."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.code_goes_on = False  # in the piece behind it
        self.body: AnswerBody | None = None
        self.rendered: tuple[Piece, bool] | None = None
        self.height = 0
        self.tops: list[tuple[int, int]] | None = None

    @property
    def is_stale(self) -> bool:
        return self.rendered != (self.piece, self.code_goes_on)


class LivePreview(RenderedNote):
    """Follows an editor while `set_following` says so: its text, its place, and the other way round.

    Only pieces near the screen are rendered. The others take up about the room that they will need.
    """

    def __init__(self, theme: Theme, editor: MarkdownEditor) -> None:
        super().__init__(theme)
        self.setAccessibleName(self.tr("Note, rendered while it is written"))
        self._editor = editor
        self._follower = PieceFollower(self)
        self._follower.changed.connect(self._on_pieces)
        self._shown: list[_Shown] = []
        self._starts: list[int] = [0]  # first line of each piece, and the number of all lines
        self._edges: list[int] = [MARGIN]  # top of each piece, and the bottom of the last one
        self._column = 0
        self._following = False
        self._moving = False
        self._written = False  # the place that was written at is yet to be brought into view
        self._leads = False  # a person scrolled here last, not in the editor
        self._reference = (0.0, 0.0)  # a line, and how far down the screen it stands, as a part of it
        self.verticalScrollBar().valueChanged.connect(self._on_own_scroll)
        editor.verticalScrollBar().valueChanged.connect(self._follow_scroll)
        editor.verticalScrollBar().rangeChanged.connect(self._on_editor_grew)
        editor.loaded.connect(self._begin)
        theme.changed.connect(self._draw_again)

    def set_following(self, following: bool) -> None:
        """Show what the editor holds, from now on; or let go of it."""
        if following != self._following:
            self._following = following
            self._begin()

    def set_missing_links(self, missing: frozenset[str]) -> None:
        """Keys of the link targets that no note answers to."""
        if missing != self._missing:
            self._missing = missing
            self._draw_again(only_links=True)

    @property
    def is_complete(self) -> bool:
        """True when all that is on or near the screen is as the text is now."""
        first, last = self._on_screen()
        current = not any(each.is_stale for each in self._shown[first:last])
        return self._follower.is_current and current and not self._more.isActive()

    @property
    def bodies(self) -> list[AnswerBody]:
        """What shows the pieces that are rendered."""
        return [each.body for each in self._shown if each.body is not None]

    # Pieces -------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._leads = False
        self._reference = (0.0, 0.0)
        self._follower.follow(self._editor.document() if self._following else None)
        if self._following:
            self._follow_scroll()

    def _on_pieces(self, first: int, gone: int, new: int) -> None:
        old = self._shown[first : first + gone]
        fresh = [_Shown(piece) for piece in self._follower.pieces[first : first + new]]
        free = [each for each in old if each.body is not None]
        for each in fresh:
            if free:
                # Written on: what stands in front of the edit within the piece is kept, too.
                before = free.pop(0)
                each.body, each.rendered, each.height = before.body, before.rendered, before.height
        for each in free:
            _drop(each)
        self._shown[first : first + gone] = fresh
        for number in range(max(0, first - 1), min(len(self._shown), first + new)):
            goes_on = number + 1 < len(self._shown) and self._shown[number + 1].piece.begins_in_code
            self._shown[number].code_goes_on = goes_on
        self._starts = [0, *accumulate(each.piece.lines for each in self._shown)]
        self._place()
        self._written = self._editor.hasFocus()
        self._go_on()

    def _go_on(self) -> None:
        """Render the first piece on or near the screen that is not as its text is; the next one after a turn."""
        first, last = self._on_screen()
        near = range(max(0, first - 1), min(len(self._shown), last + 2))
        waiting = [number for number in (*range(first, last), *near) if self._shown[number].is_stale]
        if waiting:
            self._render(self._shown[waiting[0]])
            self._drop_far(first, last)
            self._place()
            self._more.start()
        if self._written:
            self._show_cursor()
            self._written = bool(waiting)

    def _render(self, shown: _Shown) -> None:
        if shown.body is None:
            shown.body = self._new_piece_body()
        if self._files is not None and "![" in shown.piece.text:
            self._files.forget_missing()
        # A line end more, or a last blank line of code would count for none.
        source = shown.piece.source + "\n" * shown.code_goes_on
        shown.body.show_text(self._markdown(decode(source), begins=shown is self._shown[0]), writing=False)
        shown.body.join_code(
            above=shown.piece.begins_in_code, below=shown.code_goes_on, whole_code=lambda: self._code_from(shown)
        )
        shown.rendered = (shown.piece, shown.code_goes_on)
        shown.tops = None
        shown.body.show()

    def _code_from(self, shown: _Shown) -> str:
        """All of the code that begins in a piece and goes on below it."""
        number = self._shown.index(shown)
        behind = takewhile(lambda each: each.piece.begins_in_code, self._shown[number + 1 :])
        return decode(code_over([shown.piece, *(each.piece for each in behind)]))

    def _new_piece_body(self) -> AnswerBody:
        body = self._new_body()
        body.task_clicked.connect(lambda task: self._tick(body, task))
        body.height_changed.connect(lambda: self._on_height(body))
        return body

    def _drop_far(self, first: int, last: int) -> None:
        rendered = [number for number, each in enumerate(self._shown) if each.body is not None]
        middle = (first + last) / 2
        rendered.sort(key=lambda number: abs(number - middle))
        for number in rendered[_ALIVE:]:
            _drop(self._shown[number])

    def _on_height(self, body: AnswerBody) -> None:
        """A part that waited is rendered, or a formula was typeset."""
        for each in self._shown:
            if each.body is body:
                each.tops = None
        self._place()

    def _draw_again(self, *, only_links: bool = False) -> None:
        for each in self._shown:
            if each.body is not None and (not only_links or "[[" in each.piece.text):
                _drop(each)
        self._column = 0
        self._place()
        self._more.start()

    # What is clicked ----------------------------------------------------------------------------

    def _tick(self, body: AnswerBody, task: ShownTask) -> None:
        for number, each in enumerate(self._shown):
            if each.body is body and not each.is_stale and not each.piece.lead:
                self._editor.tick_task(
                    task.number, task.done, task.words, first_line=self._starts[number], lines=each.piece.lines
                )

    # Places -------------------------------------------------------------------------------------

    def _place(self) -> None:
        """Put every piece where it belongs; what stands at the reference line stays there."""
        left, column = self._reading_column()
        if column != self._column:
            self._column = column
            for each in self._shown:
                each.height, each.tops = 0, None
        top = MARGIN
        edges = []
        for number, each in enumerate(self._shown):
            top += GAP if number and not each.piece.joined else 0
            edges.append(top)
            if each.body is not None and each.rendered is not None:
                height = each.body.fit(column)
                if height != each.height:
                    each.height, each.tops = height, None
                each.body.setGeometry(left, top, column, height)
            elif not each.height:
                each.height = self._estimate(each.piece)
            top += each.height
        self._edges = [*edges, top + MARGIN]
        self._moving = True
        self._page.resize(self.viewport().width(), max(self._edges[-1], self.viewport().height()))
        self._moving = False
        self._code_runs.tie(self.bodies)
        self._keep_reference()

    def _estimate(self, piece: Piece) -> int:
        em = em_of(self._theme.reading_font())
        letters = max(10.0, self._column / (0.52 * em))
        return int((piece.lines * 0.7 + len(piece.text) / letters) * READING_LINE_HEIGHT * em) + 1

    def _on_screen(self) -> tuple[int, int]:
        """The pieces in view: the number of the first one, and that behind the last one."""
        if not self._shown:
            return 0, 0
        top = self.verticalScrollBar().value()
        first = max(0, bisect_right(self._edges, top) - 1)
        last = bisect_right(self._edges, top + self.viewport().height())
        return min(first, len(self._shown) - 1), min(max(last, first + 1), len(self._shown))

    def line_at(self, y: float) -> float:
        """The line of the text whose rendering stands at height `y` of the page, with the part of it that is above."""
        if not self._shown:
            return 0.0
        number = min(max(0, bisect_right(self._edges, y) - 1), len(self._shown) - 1)
        points = self._points(number)
        for (line, top), (next_line, bottom) in pairwise(points):
            if y <= bottom:
                return line + (next_line - line) * max(0.0, y - top) / max(1, bottom - top)
        return float(points[-1][0])

    def height_of(self, line: float) -> float:
        """The height of the page at which a line of the text is rendered; the inverse of `line_at`."""
        if not self._shown or line <= 0:
            return 0.0
        number = min(max(0, bisect_right(self._starts, line) - 1), len(self._shown) - 1)
        points = self._points(number)
        for (first, top), (last, bottom) in pairwise(points):
            if line <= last:
                return top + (bottom - top) * (line - first) / max(1e-6, last - first)
        return float(points[-1][1])

    def _points(self, number: int) -> list[tuple[int, int]]:
        """(line, height) where they are known for one piece: its beginning, its blocks, its end. Both only grow."""
        shown = self._shown[number]
        start, top = self._starts[number], self._edges[number]
        if shown.tops is None:
            shown.tops = []
            if shown.body is not None and not shown.is_stale:
                first = _first_lines(shown.piece)
                lead = len(shown.piece.lead)
                for line, height in ((line - lead, height) for line, height in shown.body.line_tops()):
                    if 0 < line < len(first):
                        shown.tops.append((first[line], height))
        points = [(start, top)]
        for line, height in shown.tops:
            if start + line > points[-1][0] and top + height >= points[-1][1]:
                points.append((start + line, top + height))
        return [*points, (start + shown.piece.lines, max(points[-1][1], self._edges[number + 1]))]

    # Scrolling ----------------------------------------------------------------------------------

    def _follow_scroll(self) -> None:
        """The editor shows another place: show the same one, at the same part of the screen."""
        if not self._following or self._moving or self._editor.loading:
            return
        self._leads = False
        part = _part_of(self._editor)
        top = self._editor.verticalScrollBar().value()
        self._reference = (self._editor.line_at(top + part * self._editor.viewport().height()), part)
        self._keep_reference()
        self._more.start()

    def _on_editor_grew(self) -> None:
        """A long text is laid out little by little, and with it the part of it that is scrolled changes."""
        if not self._leads:
            self._follow_scroll()

    def _on_own_scroll(self) -> None:
        """A person scrolled here: the editor follows."""
        self._more.start()
        if not self._following or self._moving:
            return
        self._leads = True
        part = _part_of(self)
        line = self.line_at(self.verticalScrollBar().value() + part * self.viewport().height())
        self._reference = (line, part)
        self._moving = True
        place = self._editor.height_of(line) - part * self._editor.viewport().height()
        self._editor.verticalScrollBar().setValue(round(place))
        self._moving = False

    def _keep_reference(self) -> None:
        line, part = self._reference
        self._move_to(self.height_of(line) - part * self.viewport().height())

    def _show_cursor(self) -> None:
        """What is being written is in view."""
        number = self._editor.textCursor().blockNumber()
        top, bottom = self.height_of(number), self.height_of(number + 1) + MARGIN
        now, room = self.verticalScrollBar().value(), self.viewport().height()
        if bottom > now + room:
            self._move_to(min(top, bottom - room))
        elif top < now:
            self._move_to(top)
        else:
            return
        part = _part_of(self)
        self._reference = (self.line_at(self.verticalScrollBar().value() + part * room), part)

    def _move_to(self, place: float) -> None:
        self._moving = True
        self.verticalScrollBar().setValue(round(place))
        self._moving = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        self._more.start()


def _drop(shown: _Shown) -> None:
    if shown.body is not None:
        shown.body.hide()
        shown.body.deleteLater()
    shown.body = shown.rendered = shown.tops = None


def _part_of(view: QScrollArea | MarkdownEditor) -> float:
    """How far a view is scrolled, from 0 to 1."""
    bar = view.verticalScrollBar()
    return bar.value() / bar.maximum() if bar.maximum() > 0 else 0.0


def _first_lines(piece: Piece) -> list[int]:
    """The line of the piece that each line of its decoded text begins in: those broken softly are one there."""
    lines = piece.text.split("\n")
    return [number for number, line in enumerate(lines) if number == 0 or not line.startswith(SOFT_BREAK[-1])]
