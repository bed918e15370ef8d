"""A piece of code in an answer: language, Copy, and highlighted lines that scroll sideways."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.editor_text import character_at, unit_count
from desktop_app.ui.chat.code_colours import (
    LONGEST_LEXED,
    LONGEST_OPENING,
    behind_long_parts,
    code_spans,
    is_coloured,
    open_part,
    opening_behind,
)
from desktop_app.ui.chat.code_rows import CodeRows
from desktop_app.ui.chat.selection import MessageSelection, select

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

_COPIED_MS = 1_500
_LONG_LINE = 1_000  # characters of a line that are coloured anew while it grows; what is before them stays as it is
_FRAME = 2  # pixels of the frame, left and right
_SIDES = (13, 8)  # pixels beside the code
_TOP, _BOTTOM = 8, 6  # pixels above and below it
_MAY_CHANGE = 100  # characters at the end of code that grows whose meaning the next ones may change


class _Colours(QSyntaxHighlighter):
    """Colours rows by spans found beforehand; a row knows its place in the code by its number."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._formats: dict[str, QTextCharFormat] = {}
        self.rows: dict[int, list[tuple[int, int, str]]] = {}  # (first character, characters, role)

    def highlightBlock(self, text: str) -> None:
        for start, length, role in self.rows.get(self.currentBlock().blockNumber(), ()):
            begin = unit_count(text[:start])
            self.setFormat(begin, unit_count(text[start : start + length]), self._format(role))

    def _format(self, role: str) -> QTextCharFormat:
        if role not in self._formats:
            form = QTextCharFormat()
            form.setForeground(self._theme.color(role))
            self._formats[role] = form
        return self._formats[role]


class CodeLines(QPlainTextEdit):
    """The code itself: as high as its lines, scrolling sideways only, or wrapped at its width."""

    menu_wanted = Signal(object)
    height_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.document().setDocumentMargin(0)
        self.setFont(theme.code_font())
        self.document().setDefaultFont(theme.code_font())
        self.viewport().setAutoFillBackground(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._had_bar = False
        self._reach = 0
        self._settled = (0, 0, 0.0)  # of wrapped rows: the width, rows that are measured, pixels they take
        self.selection: MessageSelection | None = None
        self.horizontalScrollBar().rangeChanged.connect(self._range_changed)

    @property
    def wraps(self) -> bool:
        """True where lines that are too long go on below."""
        return self.lineWrapMode() is QPlainTextEdit.LineWrapMode.WidgetWidth

    def set_wraps(self, wraps: bool) -> None:
        """Wrap lines that are too long, or let them be scrolled."""
        if wraps == self.wraps:
            return
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth if wraps else QPlainTextEdit.LineWrapMode.NoWrap)
        wrap = QTextOption.WrapMode
        self.setWordWrapMode(wrap.WrapAtWordBoundaryOrAnywhere if wraps else wrap.NoWrap)
        bar = Qt.ScrollBarPolicy
        self.setHorizontalScrollBarPolicy(bar.ScrollBarAlwaysOff if wraps else bar.ScrollBarAsNeeded)
        self.forget_heights()

    def forget_heights(self) -> None:
        """Other text than before is shown: measure all of it again."""
        self._settled = (0, 0, 0.0)

    def wanted_height(self, width: int) -> int:
        """Height of all lines at `width` pixels, and of the scroll bar where there is one at that width."""
        self._take_width(width)
        line = QFontMetricsF(self.font()).lineSpacing()
        if self.wraps:
            return math.ceil(max(line, self._wrapped_height(width))) + 3
        first = self.blockBoundingRect(self.document().firstBlock()).height()
        height = max(line, first) * self.blockCount()
        bar = self.horizontalScrollBar()
        if self.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
            return math.ceil(height)
        return int(height) + 3 + (bar.sizeHint().height() if bar.maximum() > 0 else 0)

    @property
    def own_reach(self) -> int:
        """How many pixels its own lines can be scrolled sideways."""
        return max(0, int(self.document().documentLayout().documentSize().width()) - self.viewport().width())

    def set_reach(self, reach: int) -> None:
        """Can be scrolled so far at least, as what it goes on with can."""
        self._reach = reach
        bar = self.horizontalScrollBar()
        wanted = max(reach, self.own_reach)
        if bar.maximum() != wanted:
            bar.setMaximum(wanted)

    def _take_width(self, width: int) -> None:
        if self.width() != width:
            self.resize(width, self.height())
            if not self.isVisible():  # Qt would tell it of its size when it is shown, and it measures by that
                for each in (self, self.viewport()):
                    QApplication.sendEvent(each, QResizeEvent(each.size(), QSize()))

    def _wrapped_height(self, width: int) -> float:
        """Only what is below the rows that were measured before is measured: code grows at its end."""
        known, rows, height = self._settled
        if known != width:
            rows, height = 0, 0.0
        block = self.document().findBlockByNumber(rows)
        while block.next().isValid():
            height += self.blockBoundingRect(block).height()
            rows, block = rows + 1, block.next()
        self._settled = (width, rows, height)
        return height + self.blockBoundingRect(block).height()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A selection may begin here and go on into the message's other widgets."""
        super().mousePressEvent(event)
        if self.selection is not None:
            self.selection.press(self, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags that leave this widget belong to the message."""
        if self.selection is None or not self.selection.drag(self, event):
            super().mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy and Select all mean the whole message."""
        if self.selection is None or not self.selection.key(event):
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Sideways here, up and down in the transcript."""
        sideways = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if sideways or abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The message's own menu instead of Qt's."""
        self.menu_wanted.emit(event.globalPos())
        event.accept()

    def _range_changed(self, _low: int, high: int) -> None:
        if high < self._reach:  # Qt measured the lines
            self.horizontalScrollBar().setMaximum(self._reach)
            return
        if (high > 0) != self._had_bar:
            self._had_bar = high > 0
            self.height_changed.emit()


class CodeBlock(QFrame):
    """Code of an answer. `set_code` may be called again and again while the code grows."""

    menu_wanted = Signal(object)
    height_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._code = ""
        self._language = ""
        self._to_colour = 0
        self._within = 0  # up to here a string or comment over several lines reaches: nothing is begun in it
        self._opening = ""
        self._opening_behind: str | None = None  # not known yet
        self._rows = CodeRows()
        self._is_open = False
        self.joins = (False, False)
        """It goes on from one above, and in one below."""
        self._whole_code: Callable[[], str] | None = None
        self.setProperty("role", "code")
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setProperty("role", "small")
        self._copy = QPushButton(self.tr("Copy"), self)
        self._copy.setProperty("role", "small_link")
        self._copy.setCursor(Qt.CursorShape.PointingHandCursor)
        self._copy.setAccessibleName(self.tr("Copy code"))
        self._copy.clicked.connect(self.copy_code)
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(_COPIED_MS)
        self._copied.timeout.connect(lambda: self._copy.setText(self.tr("Copy")))
        self.lines = CodeLines(theme, self)
        self.lines.setAccessibleName(self.tr("Code"))
        self.lines.menu_wanted.connect(self.menu_wanted)
        self.lines.height_changed.connect(self.height_changed)
        self._colours = _Colours(self.lines.document(), theme)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._colour_on)
        self._lay_out()

    def _lay_out(self) -> None:
        head = QFrame(self)
        head.setObjectName("codeHead")
        row = QHBoxLayout(head)
        row.setContentsMargins(12, 3, 8, 3)
        row.addWidget(self._label, 1)
        row.addWidget(self._copy)
        rule = QFrame(self)
        rule.setProperty("role", "rule")
        self._head, self._rule = head, rule
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(rule)
        self._body = QVBoxLayout()
        self._body.setContentsMargins(_SIDES[0], _TOP, _SIDES[1], _BOTTOM)
        self._body.addWidget(self.lines)
        column.addLayout(self._body, 1)

    def join(self, *, above: bool, below: bool, whole_code: Callable[[], str] | None = None) -> None:
        """Look as the middle or an end of one block that several of these are: one head at its top, one bar below.

        `whole_code()` is what Copy takes in place of the own code.
        """
        self.joins = (above, below)
        self._whole_code = whole_code
        self._head.setHidden(above)
        self._rule.setHidden(above)
        self._body.setContentsMargins(_SIDES[0], 0 if above else _TOP, _SIDES[1], 0 if below else _BOTTOM)
        self._column.setContentsMargins(1, 0 if above else 1, 1, 0 if below else 1)
        bar = Qt.ScrollBarPolicy
        self.lines.setHorizontalScrollBarPolicy(bar.ScrollBarAlwaysOff if below else bar.ScrollBarAsNeeded)
        self.setProperty("joins", " ".join(side for side, is_so in (("above", above), ("below", below)) if is_so))
        self.style().unpolish(self)
        self.style().polish(self)

    def begin_within(self, opening: str) -> None:
        """The code begins within a string or comment that `opening` opened, or within none where that is empty."""
        if opening != self._opening:
            self._opening = opening
            self._opening_behind = None
            self._to_colour = 0
            self._colour_on()

    @property
    def opening_behind(self) -> str:
        """What opened the string or comment that the code ends within; empty where it ends within none."""
        if self._opening_behind is None:
            text = self._opening + self._code
            within_reach = len(text) <= LONGEST_LEXED + LONGEST_OPENING
            self._opening_behind = opening_behind(text, list(code_spans(text, self._language)) if within_reach else [])
        return self._opening_behind

    @property
    def code(self) -> str:
        """The code, byte for byte."""
        return self._code

    @property
    def language(self) -> str:
        """As the answer names it."""
        return self._language

    def set_code(self, code: str, language: str, *, is_open: bool = False) -> None:
        """Show `code`. Where it only grew, what was shown before is not touched."""
        self._is_open = is_open
        self._opening_behind = None
        if language != self._language:
            self._language = language
            self._to_colour = 0
        self._label.setText(language or self.tr("code"))
        if code != self._code:
            self._replace(code)
        self._colour_on()

    def _replace(self, code: str) -> None:
        cursor = QTextCursor(self.lines.document())
        if self._code and code.startswith(self._code):
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(self._rows.append(code[len(self._code) :]))
        else:
            self._to_colour = 0
            self._colours.rows.clear()
            self._rows = CodeRows()
            self.lines.forget_heights()
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.insertText(self._rows.append(code))
        self._code = code

    def _colour_on(self) -> None:
        """Colour the next stretch of whole lines; what is left follows when the event loop has had its turn."""
        if not is_coloured(self._language):
            return
        start = self._stretch_start()
        stretch = self._code[start : start + LONGEST_LEXED]
        ends_here = start + len(stretch) >= len(self._code)
        if not ends_here:
            stretch = stretch[: stretch.rfind("\n") + 1] or stretch
        if not stretch:
            return
        opening = self._opening if start == 0 else ""
        with_opening = list(code_spans(opening + stretch, self._language))
        if start == 0 and ends_here:  # what is below asks for it, and would have all of it lexed again
            self._opening_behind = opening_behind(opening + stretch, with_opening)
        spans = _without_opening(with_opening, len(opening))
        self._colour(start, len(stretch), spans)
        self._to_colour = start + _settled(stretch, spans, ends_here=ends_here)
        self._within = max(self._within if start else 0, start + behind_long_parts(stretch, spans))
        if not ends_here:
            self._later.start(0)

    def _stretch_start(self) -> int:
        """While code grows, the last lines are lexed anew from the last line that starts at the margin behind a gap.

        Inside a line that is too long for that, only what is not settled of it.
        """
        place = self._to_colour
        if not self._is_open or place == 0 or self._code[place - 1] != "\n":
            return place
        if self._within >= place:
            return place
        gap = self._code.rfind("\n\n", max(self._within, place - LONGEST_LEXED // 4), place)
        if gap >= 0:
            return gap + 2
        before = max(self._within, self._code.rfind("\n", 0, place - 1) + 1)
        return before if place - before <= _LONG_LINE else place

    def _colour(self, start: int, length: int, spans: Sequence[tuple[int, int, str]]) -> None:
        """Give the `length` characters behind `start` the colours of `spans`, which count from there."""
        rows = self._rows
        first, last = rows.row_at(start), rows.row_at(start + length - 1)
        found: dict[int, list[tuple[int, int, str]]] = {row: [] for row in range(first, last + 1)}
        column = start - rows.start_of(first)
        found[first] = [span for span in self._colours.rows.get(first, ()) if span[0] < column]
        row = first
        for place, count, role in spans:
            begin, end = start + place, start + place + count
            while begin < end:
                while row < last and begin >= rows.start_of(row + 1):
                    row += 1
                here = min(end, rows.start_of(row + 1)) if row < last else end
                found[row].append((begin - rows.start_of(row), here - begin, role))
                begin = here
        for row, colours in found.items():
            if colours != self._colours.rows.get(row, []):
                self._colours.rows[row] = colours
                self._colours.rehighlightBlock(self.lines.document().findBlockByNumber(row))

    def fit(self, width: int) -> int:
        """The height at `width` pixels."""
        edges = self.contentsMargins().left() + self.contentsMargins().right() + _FRAME + sum(_SIDES)
        lines = self.lines.wanted_height(max(1, width - edges))
        if self.lines.height() != lines:
            self.lines.setFixedHeight(lines)
        above, below = self.joins
        top = 0 if above else self._head.sizeHint().height() + 1 + _TOP + 1
        return top + lines + (0 if below else _BOTTOM + 1)

    def copy_code(self) -> None:
        """Put the code on the clipboard, and say so for a moment."""
        QGuiApplication.clipboard().setText(self._whole_code() if self._whole_code is not None else self._code)
        self._copy.setText(self.tr("Copied"))
        self._copied.start()

    def selected_text(self) -> str:
        """What is selected in the code."""
        cursor = self.lines.textCursor()
        return self._code[self._place_of(cursor.selectionStart()) : self._place_of(cursor.selectionEnd())]

    def _place_of(self, position: int) -> int:
        """Where in the code a position of the shown text is."""
        block = self.lines.document().findBlock(position)
        column = character_at(block.text(), position - block.position())
        return self._rows.start_of(block.blockNumber()) + column

    def clear_selection(self) -> None:
        """Select nothing."""
        select(self.lines, 0, 0)


def _without_opening(spans: Sequence[tuple[int, int, str]], cut: int) -> list[tuple[int, int, str]]:
    """The spans behind the first `cut` characters, which stand in front unseen."""
    return [
        (max(0, start - cut), min(length, start + length - cut), role)
        for start, length, role in spans
        if start + length > cut
    ]


def _settled(stretch: str, spans: Sequence[tuple[int, int, str]], *, ends_here: bool) -> int:
    """How many characters of what was just coloured need not be looked at again when the code grows.

    All whole lines, but those of a string or comment that is not closed yet. Of a last line that is too long, all in
    front of a part that begins some way before its end, since a part is never begun in its middle: the rest of a string
    would be taken for code, and code for strings.
    """
    line = stretch.rfind("\n") + 1
    begun = open_part(stretch, spans)
    most = LONGEST_LEXED // (4 if ends_here else 2)  # while it grows, this is coloured again and again
    if begun is not None and (begun or ends_here) and len(stretch) - begun <= most:
        return begun
    if line == len(stretch) or (ends_here and len(stretch) - line <= _LONG_LINE):
        return line
    latest = len(stretch) - _MAY_CHANGE
    begins = max((start for start, _length, _role in spans if line < start <= latest), default=0)
    return begins or (line if ends_here and len(stretch) < LONGEST_LEXED else len(stretch))
