"""Read-only text of a message: as high as its contents, selectable, unable to load anything."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QByteArray, QMimeData, QRectF, QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextCursor,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from desktop_app.domain.formulas import Formula
from desktop_app.domain.markdown_blocks import (
    SOFT_BREAK,
    Block,
    close_inline_marks,
    open_formula_end,
    soft_broken,
    without_soft_breaks,
)
from desktop_app.ui.chat.block_marks import (
    EMBEDDED,
    FOLD_KEY,
    FOLDS,
    HIDDEN_TASKS,
    MARK,
    TASK_DONE,
    TASK_OPEN,
    is_beside_text,
    paint_block_marks,
)
from desktop_app.ui.chat.formula_objects import FormulaObjects, with_formula_sources
from desktop_app.ui.chat.markdown_document import READING_LINE_HEIGHT, MarkdownWriter, TablePart, WrittenTo, em_of
from desktop_app.ui.chat.picture_objects import PictureObjects
from desktop_app.ui.chat.selection import MessageSelection, select

if TYPE_CHECKING:
    from desktop_app.ui.chat.callout_folds import CalloutFolds
    from desktop_app.ui.chat.picture_objects import NoteFiles
    from desktop_app.ui.theme.theme import Theme

_CURSOR_MARK = "\u2007"
_MAY_HAVE_MARKS = re.compile(r"^\s*(?:[-*+>_]|\d+[.)]\s+\[)|!\[[^\]]*\]\(inkwell-note:", re.MULTILINE)


class MessageText(QTextBrowser):
    """The base of everything in a transcript that shows a model's or a person's words."""

    menu_wanted = Signal(object)  # QPoint on the screen

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._has_soft_breaks = False
        self._has_marks = False
        self._fitted: tuple[int, int] | None = None
        self.selection: MessageSelection | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(0)
        self.document().setIndentWidth(1.7 * em_of(theme.reading_font()))
        self.document().setDefaultFont(theme.reading_font())
        self.viewport().setAutoFillBackground(False)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Nothing is ever loaded; the refusal is kept, so that a layout does not ask again."""
        refusal = QByteArray()
        url = name if isinstance(name, QUrl) else QUrl(name)
        self.document().addResource(kind, url, refusal)
        return refusal

    def fit(self, width: int) -> int:
        """Lay the text out for `width` pixels; the height it takes."""
        if self._fitted is None or self._fitted[0] != width:
            # The view lays out for its own width whenever its contents change: give it the right one first.
            self.resize(width, self.height())
            if self.document().textWidth() != width:  # it lays everything out anew, for the same width too
                self.document().setTextWidth(width)
            self._fitted = (width, math.ceil(self.document().size().height()))
        return self._fitted[1]

    def contents_changed(self) -> None:
        """The next `fit` measures again."""
        self._fitted = None

    def selected_text(self) -> str:
        """What is selected, as plain text; formulas as they were written."""
        cursor = self.textCursor()
        text = with_formula_sources(cursor.selection().toPlainText(), cursor)
        return without_soft_breaks(text) if self._has_soft_breaks else text

    def createMimeDataFromSelection(self) -> QMimeData:
        """What is dragged away is the plain text that Copy gives."""
        data = QMimeData()
        data.setText(self.selected_text())
        return data

    def clear_selection(self) -> None:
        """Select nothing."""
        select(self, 0, 0)

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
        """The transcript scrolls, not the message."""
        event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The message's own menu instead of Qt's."""
        self.menu_wanted.emit(event.globalPos())
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, and the marks beside it."""
        super().paintEvent(event)
        if self._has_marks:
            painter = QPainter(self.viewport())
            above = self.verticalScrollBar().value()
            painter.translate(0, -above)
            area = QRectF(event.rect()).translated(0, above)
            paint_block_marks(painter, self.document(), area, self._theme, em_of(self._theme.reading_font()))


class PlainMessageText(MessageText):
    """A person's own words, character for character."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._wanted_width = 0  # not known yet

    def show_text(self, text: str) -> None:
        """Show `text` without reading any mark in it."""
        shown = soft_broken(text)
        self._has_soft_breaks = shown != text
        self.setFont(self._theme.reading_font())
        self.setPlainText(shown)
        self._set_line_height()
        self._wanted_width = 0
        self.contents_changed()

    def _set_line_height(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        form = cursor.blockFormat()
        form.setLineHeight(124, 1)  # of the font's own height: 1.5 of its size
        cursor.mergeBlockFormat(form)

    def wanted_width(self) -> int:
        """The width at which nothing wraps. Measured once: all of the text is laid out for it, and then back."""
        if not self._wanted_width:
            document = self.document()
            before = document.textWidth()
            # Else a view that was never shown hears of the new size and wraps the text to its own width at once.
            with QSignalBlocker(document.documentLayout()):
                document.setTextWidth(-1)
                self._wanted_width = int(document.idealWidth()) + 2
                document.setTextWidth(before)
        return self._wanted_width


class ShownTask(msgspec.Struct, frozen=True):
    """A task as it is shown: its number among those of the text, from 0, whether it is done, and its words."""

    number: int
    done: bool
    words: str


class MarkdownText(MessageText):
    """Several Markdown blocks in one document. A changed block is written anew together with those behind it only."""

    height_changed = Signal()
    task_clicked = Signal(object)  # ShownTask, numbered within this text

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        links_to_notes: bool = False,
        keeps_lines: bool = False,
        files: NoteFiles | None = None,
        callouts: CalloutFolds | None = None,
        citable: frozenset[int] = frozenset(),
    ) -> None:
        """With the `files` of a note, its pictures are shown; else they are only mentioned. For the others see
        MarkdownWriter.
        """
        super().__init__(theme, parent)
        self._formulas = FormulaObjects(self.document(), theme)
        self._pictures = PictureObjects(self.document(), files) if files is not None else None
        self._keeps_lines = keeps_lines
        self._callouts = callouts
        self._writer = MarkdownWriter(
            theme,
            self._formulas,
            self._pictures,
            links_to_notes=links_to_notes,
            keeps_lines=keeps_lines,
            callouts=callouts,
        )
        self._writer.citable = citable
        self._missing: list[frozenset[Formula | str]] = []
        self._listens = False
        self._blocks: list[Block] = []
        self._ends: list[WrittenTo] = [WrittenTo()]
        self._has_mark = False
        self._expected: list[Block] | None = None

    @property
    def blocks(self) -> list[Block]:
        """What is shown."""
        return self._blocks

    @property
    def goes_on_with_a_table(self) -> bool:
        """True where the first rows are those of a table that began above."""
        blocks = self._expected or self._blocks
        return bool(blocks) and blocks[0].continues

    @property
    def is_waiting(self) -> bool:
        """True after `expect`, until the blocks are rendered."""
        return self._expected is not None

    def expect(self, blocks: Sequence[Block]) -> None:
        """Take up about the room that `blocks` will need; `show_expected` renders them."""
        self._expected = list(blocks)
        self.contents_changed()

    def show_expected(self) -> None:
        """Render what was announced."""
        if self._expected is not None:
            self.show_blocks(self._expected)

    def fit(self, width: int) -> int:
        """The height of the text, estimated while it waits to be rendered."""
        if self._expected is None:
            return super().fit(width)
        em = em_of(self._theme.reading_font())
        letters_per_line = max(10.0, width / (0.52 * em))
        lines = 0.0
        for block in self._expected:
            kept = block.text.count("\n") if self._keeps_lines else 0
            lines += 1.4 + max(kept, len(block.text) / letters_per_line)
        return int(lines * READING_LINE_HEIGHT * em)

    def show_blocks(self, blocks: Sequence[Block], *, writing: bool = False) -> None:
        """Show `blocks`; `writing` closes half-open marks of the last one and shows the cursor behind it."""
        self._expected = None
        kept = self._common_front(blocks)
        if self._has_mark or writing:
            kept = min(kept, max(0, len(blocks) - 1), max(0, len(self._blocks) - 1))
        if kept == len(blocks) < len(self._blocks):
            kept = max(0, kept - 1)  # written anew, which takes away what stood behind it
        self._write_from(kept, blocks, writing=writing)
        self._listen(any(self._missing))

    def tasks(self) -> list[ShownTask]:
        """The tasks of task lists."""
        return [task for _, task in self._tasks()[0]]

    def count_tasks(self) -> int:
        """How many tasks there are, those that folded callouts hide included."""
        return self._tasks()[1]

    def _tasks(self) -> tuple[list[tuple[QTextBlock, ShownTask]], int]:
        """The tasks that are shown, with their blocks, and how many there are with those that are hidden."""
        found: list[tuple[QTextBlock, ShownTask]] = []
        number = 0
        block = self.document().begin()
        while block.isValid():
            if _is_task(block):
                done = block.blockFormat().intProperty(MARK) == TASK_DONE
                found.append((block, ShownTask(number, done, block.text())))
                number += 1
            number += block.blockFormat().intProperty(HIDDEN_TASKS)
            block = block.next()
        return found, number

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click beside a task's words is one on its box."""
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            block = self.cursorForPosition(event.position().toPoint()).block()
            if _is_task(block) and is_beside_text(block, event.position().x()):
                self.task_clicked.emit(next(task for each, task in self._tasks()[0] if each == block))
            elif block.blockFormat().intProperty(FOLDS) and not self.anchorAt(event.position().toPoint()):
                self._turn(block)

    def _turn(self, title: QTextBlock) -> None:
        """Fold the callout with this title, or unfold it."""
        rect = self.document().documentLayout().blockBoundingRect(title)
        if self._callouts is not None and rect.isValid():
            self._callouts.turn(str(title.blockFormat().property(FOLD_KEY)))
            self._write_from(0, list(self._blocks), writing=self._has_mark)
            self._listen(any(self._missing))
            self.height_changed.emit()

    def headings(self) -> list[tuple[int, str]]:
        """(height in this widget, words) of each heading."""
        document = self.document()
        found = []
        block = document.begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and not block.blockFormat().boolProperty(EMBEDDED):
                found.append((int(document.documentLayout().blockBoundingRect(block).top()), block.text()))
            block = block.next()
        return found

    def line_tops(self) -> list[tuple[int, int]]:
        """(line of the text, height in this widget) of each block that is rendered."""
        document, layout = self.document(), self.document().documentLayout()
        found = []
        for block, start in zip(self._blocks, self._ends, strict=False):
            first = document.findBlock(start.position)
            if not start.block_is_free:
                first = first.next()
            if first.isValid():
                found.append((block.line, int(layout.blockBoundingRect(first).top())))
        return found

    def _write_from(self, kept: int, blocks: Sequence[Block], *, writing: bool) -> None:
        """Write everything behind the first `kept` blocks."""
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        del self._ends[kept + 1 :]
        del self._missing[kept:]
        for position in range(kept, len(blocks)):
            source = blocks[position].text
            self._note(source)
            half_open = False
            if writing and position == len(blocks) - 1:
                end = open_formula_end(source)
                half_open = bool(end)
                source = source + end if half_open else close_inline_marks(source)
            self._ends.append(
                self._writer.write(
                    cursor,
                    source,
                    self._ends[-1],
                    last_formula_is_open=half_open,
                    table=TablePart((not blocks[position].continues, not blocks[position].goes_on)),
                )
            )
            self._missing.append(self._take_missing())
        if writing:
            self._writer.write_mark(cursor, _CURSOR_MARK, "accent")
        cursor.endEditBlock()
        self._has_mark = writing
        self._blocks = list(blocks)
        self.contents_changed()

    def _take_missing(self) -> frozenset[Formula | str]:
        missing: frozenset[Formula | str] = self._formulas.take_missing()
        return missing if self._pictures is None else missing | self._pictures.take_missing()

    def _listen(self, wanted: bool) -> None:
        """Hear of typeset formulas and pictures only while some are missing: there may be hundreds of texts."""
        if wanted == self._listens:
            return
        self._listens = wanted
        for book in (self._theme.formulas, self._pictures.files if self._pictures is not None else None):
            if book is None:
                continue
            if wanted:
                book.arrived.connect(self._arrived)
            else:
                book.arrived.disconnect(self._arrived)

    def _arrived(self, arrived: frozenset[Formula | str]) -> None:
        """Write the first block that waited for one of these, and what stands behind it, anew."""
        first = next((place for place, missing in enumerate(self._missing) if missing & arrived), None)
        if first is not None:
            self._write_from(first, list(self._blocks), writing=self._has_mark)
            self.height_changed.emit()
        self._listen(any(self._missing))

    def selected_text(self) -> str:
        """What is selected, without the mark of the moving cursor."""
        text = super().selected_text()
        return text.removesuffix(_CURSOR_MARK).removesuffix("\u200a") if self._has_mark else text

    def _common_front(self, blocks: Sequence[Block]) -> int:
        same = 0
        for old, new in zip(self._blocks, blocks, strict=False):
            if old != new:
                break
            same += 1
        return same

    def _note(self, source: str) -> None:
        self._has_marks = self._has_marks or _MAY_HAVE_MARKS.search(source) is not None
        self._has_soft_breaks = self._has_soft_breaks or SOFT_BREAK in soft_broken(source)


def _is_task(block: QTextBlock) -> bool:
    """Whether it is a task of the text itself, not of a note that is shown in it."""
    form = block.blockFormat()
    return form.intProperty(MARK) in (TASK_OPEN, TASK_DONE) and not form.boolProperty(EMBEDDED)
