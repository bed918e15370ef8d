"""A piece of code in an answer: language, Copy, and highlighted lines that scroll sideways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop_app.domain.markdown_blocks import soft_broken, without_soft_breaks
from desktop_app.ui.chat.code_colours import LONGEST_LEXED, code_spans
from desktop_app.ui.chat.selection import MessageSelection, select

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

_COPIED_MS = 1_500


class _Colours(QSyntaxHighlighter):
    """Colours lines by spans found beforehand; a line knows its place in the code by its number."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._formats: dict[str, QTextCharFormat] = {}
        self.lines: dict[int, list[tuple[int, int, str]]] = {}

    def highlightBlock(self, text: str) -> None:
        for start, length, role in self.lines.get(self.currentBlock().blockNumber(), ()):
            self.setFormat(start, length, self._format(role))

    def _format(self, role: str) -> QTextCharFormat:
        if role not in self._formats:
            form = QTextCharFormat()
            form.setForeground(self._theme.color(role))
            self._formats[role] = form
        return self._formats[role]


class CodeLines(QPlainTextEdit):
    """The code itself: as high as its lines, scrolling sideways only."""

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
        self.selection: MessageSelection | None = None
        self.horizontalScrollBar().rangeChanged.connect(self._range_changed)

    def wanted_height(self) -> int:
        """Height of all lines, and of the scroll bar where there is one."""
        line = QFontMetricsF(self.font()).lineSpacing()
        first = self.blockBoundingRect(self.document().firstBlock()).height()
        height = max(line, first) * self.blockCount()
        bar = self.horizontalScrollBar()
        return int(height) + 3 + (bar.sizeHint().height() if bar.maximum() > 0 else 0)

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
        self._is_open = False
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
        self._head = head
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(rule)
        body = QVBoxLayout()
        body.setContentsMargins(13, 8, 8, 6)
        body.addWidget(self.lines)
        column.addLayout(body, 1)

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
        if language != self._language:
            self._language = language
            self._to_colour = 0
        self._label.setText(language or self.tr("code"))
        if code != self._code:
            self._replace(code)
        self._colour_on()

    def _replace(self, code: str) -> None:
        grows = code.startswith(self._code)
        document = self.lines.document()
        cursor = QTextCursor(document)
        if grows and self._code:
            self._to_colour = min(self._to_colour, self._code.rfind("\n") + 1)
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(soft_broken(code[len(self._code) :]))
        else:
            self._to_colour = 0
            self._colours.lines.clear()
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.insertText(soft_broken(code))
        self._code = code

    def _colour_on(self) -> None:
        """Colour the next stretch of whole lines; what is left follows when the event loop has had its turn."""
        start = self._stretch_start()
        stretch = self._code[start : start + LONGEST_LEXED]
        ends_here = start + len(stretch) >= len(self._code)
        if not ends_here:
            stretch = stretch[: stretch.rfind("\n") + 1] or stretch
        if not stretch:
            return
        first_line = self._code.count("\n", 0, start)
        self._note_spans(stretch, first_line)
        self._recolour(first_line, first_line + stretch.count("\n"))
        self._to_colour = start + (len(stretch) if not ends_here else stretch.rfind("\n") + 1)
        if not ends_here:
            self._later.start(0)

    def _stretch_start(self) -> int:
        """While code grows, the last lines are lexed anew from the last line that starts at the margin behind a gap."""
        if not self._is_open or self._to_colour == 0:
            return self._to_colour
        gap = self._code.rfind("\n\n", max(0, self._to_colour - LONGEST_LEXED // 4), self._to_colour)
        return gap + 2 if gap >= 0 else max(0, self._code.rfind("\n", 0, max(0, self._to_colour - 1)) + 1)

    def _note_spans(self, stretch: str, first_line: int) -> None:
        lines = stretch.split("\n")
        for number in range(first_line, first_line + len(lines)):
            self._colours.lines.pop(number, None)
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        at = 0
        for start, length, role in code_spans(stretch, self._language):
            while start >= starts[at + 1]:
                at += 1
            row, left, begin = at, length, start
            while left > 0 and row < len(lines):
                here = min(left, starts[row + 1] - begin)
                self._colours.lines.setdefault(first_line + row, []).append((begin - starts[row], here, role))
                left -= here
                begin += here
                row += 1

    def _recolour(self, first: int, last: int) -> None:
        block = self.lines.document().findBlockByNumber(first)
        while block.isValid() and block.blockNumber() <= last:
            self._colours.rehighlightBlock(block)
            block = block.next()

    def fit(self, width: int) -> int:
        """The height at `width` pixels."""
        lines = self.lines.wanted_height()
        if self.lines.height() != lines:
            self.lines.setFixedHeight(lines)
        return self._head.sizeHint().height() + 1 + 14 + 2 + lines

    def copy_code(self) -> None:
        """Put the code on the clipboard, and say so for a moment."""
        QGuiApplication.clipboard().setText(self._code)
        self._copy.setText(self.tr("Copied"))
        self._copied.start()

    def selected_text(self) -> str:
        """What is selected in the code."""
        return without_soft_breaks(self.lines.textCursor().selection().toPlainText())

    def clear_selection(self) -> None:
        """Select nothing."""
        select(self.lines, 0, 0)
