"""An editor for long texts: in a column of comfortable width, loaded and pasted piece by piece, byte for byte."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

import msgspec
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFontInfo,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from desktop_app.domain.editor_text import LIMIT, SOFT_BREAK, EditorText, decode, encode_paste, unit_count
from desktop_app.domain.shared_ends import common_end, common_start
from desktop_app.ui.theme.theme import READING_COLUMN, READING_LINE_HEIGHT, Theme
from desktop_app.ui.widgets.estimated_layout import EstimatedLayout
from desktop_app.ui.widgets.sliced_insertion import SlicedInsertion

#: Characters put into the document between two turns of the event loop (about 10 ms).
_SLICE = 200_000
_MIN_SIDE = 24
#: Room above the text.
TOP = 26
#: A text of more lines, or of more characters, is laid out only where it is seen.
_MANY_LINES, _MANY_CHARACTERS = 8_000, 500_000
#: A longer text is read anew when it is shown again, in characters.
_MOST_KEPT = 200_000
#: This part of the screen stands above a place that is gone to.
_SHARE_ABOVE = 5
#: Room beside the text on both sides, within the column's frame.
PADDING = 18
_BOTTOM = 120
_TABS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
# What Qt calls Ctrl is ⌘ on macOS, which keeps ⌘Tab to itself; Meta is the control key.
_KEY_THAT_LEAVES = Qt.KeyboardModifier.MetaModifier if sys.platform == "darwin" else Qt.KeyboardModifier.ControlModifier


class KeptText(msgspec.Struct):
    """A text that was put aside, with its history, its cursor and how far it was scrolled."""

    document: QTextDocument
    position: int
    scroll: int
    line_end: str

    def says(self, encoded: EditorText) -> bool:
        """Whether it is this text."""
        return self.document.toRawText().replace("\u2029", "\n").replace("\u2028", "\n") == encoded.display


class LongTextEditor(QTextEdit):
    """Takes and gives text as `domain.editor_text` encodes it.

    `edited` is sent for each change a person makes, not for loading. Pasted text comes in as plain text, without
    characters that a document cannot hold; copied text goes out as it is stored.
    """

    edited = Signal()
    load_progress = Signal(float)  # 0.0 to 1.0
    loaded = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        """`name` is read aloud."""
        super().__init__(parent)
        self._theme = theme
        self._own_document: QTextDocument | None = None
        self._line_end = "\n"
        self._first_visible = 0
        self._loading = False
        self._next_slice: Callable[[], None] | None = None
        self._when_loaded: list[Callable[[], object]] = []
        self._pasting: SlicedInsertion | None = None
        self._waiting_keys: list[QKeyEvent] = []
        self._paste_takers: list[Callable[[QMimeData], bool]] = []
        self.setAcceptRichText(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setProperty("role", "note-text")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(self.wordWrapMode())
        self.setCursorWidth(2)
        self._outgrown = QTimer(self)  # in a turn of its own: not in the middle of the change
        self._outgrown.setSingleShot(True)
        self._outgrown.setInterval(0)
        self._outgrown.timeout.connect(self._lay_out_where_seen)
        self._slices = QTimer(self)
        self._slices.setInterval(0)
        self._slices.timeout.connect(self._load_slice)
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        theme.changed.connect(self._on_theme)

    # Text ---------------------------------------------------------------------------------------

    @property
    def loading(self) -> bool:
        """True while a large text is being put in; the editor is read-only then."""
        return self._loading

    def display_text(self) -> str:
        """The encoded text as it stands now, with all that is being pasted."""
        if self._pasting is not None:
            self._pasting.complete()
        return self.document().toRawText().replace("\u2029", "\n").replace("\u2028", "\n")

    def show_text(
        self, encoded: EditorText, selection: tuple[int, int] | None = None, *, keep_place: bool = False
    ) -> None:
        """Show a text with a fresh undo history, a large one in slices: `load_progress`, then `loaded`.

        `selection` is (start, end) in UTF-16 units. `keep_place` leaves cursor and scroll position where they are.
        """
        place = (self.textCursor().position(), self.verticalScrollBar().value()) if keep_place else None
        self._slices.stop()
        self._when_loaded.clear()
        if self._pasting is not None:
            self._pasting.drop()
            self._end_paste()
            self._waiting_keys.clear()
        text = encoded.display
        self._line_end = encoded.line_end
        document = self._new_document(very_long=_is_very_long(text))
        cursor = QTextCursor(document)
        finish = partial(self._finish_loading, document, selection, place)
        if len(text) <= _SLICE:
            cursor.insertText(text)
            finish()
            return
        self._loading = True
        self.setReadOnly(True)
        position = 0

        def insert_next() -> None:
            nonlocal position
            end = min(len(text), position + _SLICE)
            if end < len(text) and text[end - 1] == "\r":
                end += 1
            cursor.insertText(text[position:end])
            position = end
            if position >= len(text):
                self._slices.stop()
                self._next_slice = None
                finish()
            else:
                self.load_progress.emit(position / len(text))

        self._next_slice = insert_next
        self.load_progress.emit(0.0)
        self._slices.start()

    def when_loaded(self, act: Callable[[], object]) -> None:
        """Do something with the text: now, or when it is there, unless another one is shown before that."""
        if self._loading:
            self._when_loaded.append(act)
        else:
            act()

    def put_aside(self) -> KeptText | None:
        """The text with its undo history and its place, to be shown again by `show_again`; show another one now.

        None for one that is loaded or pasted just now, and for a very long one.
        """
        document = self._own_document
        if document is None or self._loading or self._pasting is not None or document.characterCount() > _MOST_KEPT:
            return None
        document.contentsChange.disconnect(self._on_contents_change)
        self._aside(document)
        self._own_document = None
        place = (self.textCursor().position(), self.verticalScrollBar().value())
        return KeptText(document, *place, self._line_end)

    def show_again(self, kept: KeptText, selection: tuple[int, int] | None = None) -> None:
        """Show what was put aside, as it was left; `loaded` follows. `selection` as in `show_text`."""
        self._slices.stop()
        self._when_loaded.clear()
        self._line_end = kept.line_end
        self._finish_loading(kept.document, selection, (kept.position, kept.scroll))

    def change_to(self, encoded: EditorText) -> bool:
        """Show another state of the same text as one step of the undo history, in which what was typed before stays;
        `loaded` follows. False, and nothing done, for one with other line ends, a very long one, and while it loads.
        """
        document, text = self._own_document, encoded.display
        if document is None or self._loading or self._pasting is not None or encoded.line_end != self._line_end:
            return False
        if max(document.characterCount(), len(text)) > _MOST_KEPT:
            return False
        now = self.display_text()
        start = common_start(now, text)
        end = common_end(now[start:], text[start:])
        cursor = QTextCursor(document)
        cursor.setPosition(unit_count(now[:start]))
        cursor.setPosition(unit_count(now[: len(now) - end]), QTextCursor.MoveMode.KeepAnchor)
        document.contentsChange.disconnect(self._on_contents_change)
        cursor.insertText(text[start : len(text) - end])
        document.contentsChange.connect(self._on_contents_change)
        self._when_loaded.clear()
        self.loaded.emit()
        return True

    def clear_text(self) -> None:
        """Show nothing."""
        self.show_text(EditorText(""))

    def select_place(self, start: int, end: int) -> None:
        """Mark the characters from `start` to `end` (UTF-16 units) and bring them into view, with what stands below."""
        last = self.document().characterCount() - 1
        cursor = self.textCursor()
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
        bar, before = self.verticalScrollBar(), self.verticalScrollBar().value()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        if bar.value() != before:
            bar.setValue(bar.value() + self.cursorRect().top() - self.viewport().height() // _SHARE_ABOVE)

    def scroll_to(self, position: int) -> None:
        """Scroll down by `position` pixels, as far as there is text."""
        # Qt lays out what was never shown only when it is asked what stands there.
        self.document().documentLayout().hitTest(
            QPointF(0, position + self.viewport().height()), Qt.HitTestAccuracy.FuzzyHit
        )
        self.verticalScrollBar().setValue(position)

    # Loading ------------------------------------------------------------------------------------

    def _new_document(self, *, very_long: bool = False) -> QTextDocument:
        document = QTextDocument(self)
        if very_long:
            document.setDocumentLayout(EstimatedLayout(document))
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        document.setDefaultFont(self._theme.reading_font())
        frame = document.rootFrame().frameFormat()
        frame.setTopMargin(TOP)
        frame.setBottomMargin(_BOTTOM)
        frame.setLeftMargin(PADDING)
        frame.setRightMargin(PADDING)
        document.rootFrame().setFrameFormat(frame)
        line = QTextBlockFormat()
        line.setLineHeight(_line_height(document), QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        QTextCursor(document).setBlockFormat(line)
        return document

    def _finish_loading(
        self, document: QTextDocument, selection: tuple[int, int] | None, place: tuple[int, int] | None
    ) -> None:
        self._adopt(document)
        self._loading = False
        self.setReadOnly(False)
        if selection is not None:
            self.select_place(*selection)
        elif place is not None:
            cursor = self.textCursor()
            cursor.setPosition(min(place[0], document.characterCount() - 1))
            self.setTextCursor(cursor)
            self.verticalScrollBar().setValue(place[1])
        self.loaded.emit()
        waiting, self._when_loaded = self._when_loaded, []
        for act in waiting:
            act()

    def _adopt(self, document: QTextDocument) -> None:
        old = self._own_document  # the one a QTextEdit is born with, it deletes itself
        self._own_document = document
        document.setModified(False)
        document.setUndoRedoEnabled(True)
        self._prepare(document)
        self.setExtraSelections([])  # asked for once more when there are others, of a document that is gone by then
        self.setDocument(document)
        document.contentsChange.connect(self._on_contents_change)
        if old is not None:
            old.deleteLater()

    def _prepare(self, document: QTextDocument) -> None:
        """A document is about to be shown."""

    def _aside(self, document: QTextDocument) -> None:
        """A document that may be shown again is about to be shown no longer."""

    def _load_slice(self) -> None:
        if self._next_slice is not None:
            self._next_slice()

    # Changes ------------------------------------------------------------------------------------

    def _on_contents_change(self, position: int, removed: int, added: int) -> None:
        if self._loading or (removed == 0 and added == 0):
            return
        block = self.document().findBlock(position)
        if block.length() > 2 * LIMIT:
            QTimer.singleShot(0, self, self._break_long_lines)
        if self._has_grown_long():
            self._outgrown.start()
        self._changed_by_person()

    def _has_grown_long(self) -> bool:
        document = self.document()
        is_long = document.blockCount() > _MANY_LINES or document.characterCount() > _MANY_CHARACTERS
        return is_long and not isinstance(document.documentLayout(), EstimatedLayout)

    def _lay_out_where_seen(self) -> None:
        """The text has grown very long since it was shown: lay it out as those are from now on, at the same place."""
        if self._has_grown_long():
            self._use_estimated_layout(self.document())

    def _use_estimated_layout(self, document: QTextDocument) -> None:
        """Another layout, for what is shown at the same place; the only one that knows of hidden lines."""
        bar = self.verticalScrollBar()
        if isinstance(document.documentLayout(), EstimatedLayout):
            return
        if document is not self.document():
            document.setDocumentLayout(EstimatedLayout(document))
            return
        top = self._visible_blocks()[0]
        above = bar.value() - document.documentLayout().blockBoundingRect(top).top()
        document.contentsChange.disconnect(self._on_contents_change)  # Qt says that all of the text is new
        document.setDocumentLayout(EstimatedLayout(document))
        document.contentsChange.connect(self._on_contents_change)
        self._laid_out_anew()
        bar.setValue(round(document.documentLayout().blockBoundingRect(top).top() + above))

    def _laid_out_anew(self) -> None:
        """Another layout took over: what was said of the looks of its lines is gone."""

    def _changed_by_person(self) -> None:
        self.edited.emit()

    def _break_long_lines(self) -> None:
        """A line grew too long by pasting piece after piece: break it softly."""
        number = self.textCursor().blockNumber()
        for near in range(max(0, number - 1), number + 2):
            block = self.document().findBlockByNumber(near)
            if block.isValid() and block.length() > 2 * LIMIT:
                cursor = QTextCursor(block)
                cursor.joinPreviousEditBlock()
                start, length = block.position(), block.length() - 1
                for offset in range(length // LIMIT * LIMIT, 0, -LIMIT):
                    cursor.setPosition(start + offset)
                    cursor.insertText(SOFT_BREAK)
                cursor.endEditBlock()

    # Copy and paste -----------------------------------------------------------------------------

    def add_paste_taker(self, takes: Callable[[QMimeData], bool]) -> None:
        """`takes(data)` may take what is pasted, in place of its text; true where it did. The first one that does."""
        self._paste_takers.append(takes)

    def paste_plain(self) -> None:
        """Paste the text of the clipboard as it is, whatever else it holds."""
        text = QGuiApplication.clipboard().text()
        if text and not self.isReadOnly():
            plain = QMimeData()
            plain.setText(text)
            self._paste_text(plain)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        if _is_text(source):
            return True
        is_file = any(url.isLocalFile() for url in source.urls())
        return bool(self._paste_takers) and (source.hasImage() or source.hasHtml() or is_file)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste. A large text comes in piece by piece; keys that are pressed meanwhile are typed behind it."""
        if self._pasting is not None:
            self._pasting.complete()
        if self.isReadOnly() or any(takes(source) for takes in self._paste_takers):
            return
        if _is_text(source):
            self._paste_text(source)

    def _paste_text(self, source: QMimeData) -> None:
        self._pasting = SlicedInsertion(self.textCursor(), encode_paste(source.text()), self)
        self._pasting.finished.connect(self._on_pasted)
        self.setReadOnly(True)
        self._pasting.start()

    def _on_pasted(self) -> None:
        pasting = self._pasting
        if pasting is None:
            return
        self._end_paste()
        if self.textCursor().position() == pasting.position:
            self.ensureCursorVisible()
        keys, self._waiting_keys = self._waiting_keys, []
        for key in keys:
            self.keyPressEvent(key)

    def _end_paste(self) -> None:
        if self._pasting is not None:
            self._pasting.deleteLater()
            self._pasting = None
            self.setReadOnly(False)

    def createMimeDataFromSelection(self) -> QMimeData:
        selected = self.textCursor().selectedText().replace("\u2029", "\n").replace("\u2028", "\n")
        data = QMimeData()
        data.setText(decode(selected))
        return data

    # Keys ---------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tab is a letter here: with Ctrl it leaves the text, as in other programs."""
        if event.key() in _TABS and event.modifiers() & _KEY_THAT_LEAVES:
            self._leave(back=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif self._pasting is not None:
            self._waiting_keys.append(event.clone())
        else:
            self._take_key(event)

    def _leave(self, *, back: bool) -> None:
        self.setTabChangesFocus(True)  # else Qt keeps the focus in a text that can be written
        if back:
            self.focusPreviousChild()
        else:
            self.focusNextChild()
        self.setTabChangesFocus(False)

    def _take_key(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)

    # Looks --------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_column()
        size = self.viewport().size()
        # Qt lays everything out anew; where the column has kept its width, there is no need to.
        same_width = self.document().textWidth() == size.width()
        super().resizeEvent(QResizeEvent(size, size) if same_width else event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_column()

    def _fit_column(self) -> None:
        """The column stays where it is, with and without a scroll bar beside it."""
        scroll_bar = self.verticalScrollBar()
        bar = scroll_bar.sizeHint().width()
        column = min(self._theme.px(READING_COLUMN), self.width() - bar - 2 * _MIN_SIDE)
        left = (self.width() - bar - column) // 2
        right = max(0, self.width() - left - column - (bar if scroll_bar.isVisible() else 0))
        left, right = left - PADDING, max(0, right - PADDING)
        margins = self.viewportMargins()
        if (margins.left(), margins.right()) != (left, right):
            self.setViewportMargins(left, 0, right, 0)

    def _on_theme(self) -> None:
        self.document().setDefaultFont(self._theme.reading_font())
        self._fit_column()

    def _on_range_changed(self) -> None:
        self._fit_column()

    def _visible_blocks(self) -> tuple[QTextBlock, QTextBlock]:
        """First and last block on the screen. (Qt's own way, a hit test, looks at every block of the note.)"""
        top = float(self.verticalScrollBar().value())
        first = self._block_at(top, self._first_visible)
        self._first_visible = first.blockNumber()
        return first, self._block_at(top + self.viewport().height(), self._first_visible)

    def next_shown(self, block: QTextBlock) -> QTextBlock:
        """The block behind one, hidden ones left out; an invalid one behind the last."""
        following = block.next()
        if not following.isValid() or following.isVisible():
            return following  # nearly always, and a layout is dear to ask for
        layout = block.document().documentLayout()
        return layout.next_shown(block) if isinstance(layout, EstimatedLayout) else following

    def _block_at(self, y: float, near: int) -> QTextBlock:
        """The block at height `y` of the document, looked for from block number `near` on in growing steps.

        Steps stay near because asking for a block's place lays out everything above it.
        """
        document, layout = self.document(), self.document().documentLayout()
        if isinstance(layout, EstimatedLayout):
            return layout.block_at(y)
        last = document.blockCount() - 1

        def ends_above(number: int) -> bool:
            return layout.blockBoundingRect(document.findBlockByNumber(number)).bottom() <= y

        low = high = min(max(0, near), last)
        step = 1
        if ends_above(low):
            while high < last and ends_above(high):
                low, high = high, min(last, high + step)
                step *= 2
        else:
            while low > 0 and not ends_above(low):
                low, high = max(0, low - step), low
                step *= 2
        while low < high:
            middle = (low + high) // 2
            if ends_above(middle):
                low = middle + 1
            else:
                high = middle
        return document.findBlockByNumber(low)


def _is_text(source: QMimeData) -> bool:
    """Whether there is text to be pasted: the names of files are none, addresses of the web are."""
    return source.hasText() and not any(url.isLocalFile() for url in source.urls())


def _line_height(document: QTextDocument) -> float:
    """Percent of the font's own line for a line `READING_LINE_HEIGHT` times the size of the letters."""
    font = document.defaultFont()
    return 100 * READING_LINE_HEIGHT * QFontInfo(font).pixelSize() / max(1.0, QFontMetricsF(font).height())


def _is_very_long(text: str) -> bool:
    return len(text) > _MANY_CHARACTERS or text.count("\n") > _MANY_LINES
