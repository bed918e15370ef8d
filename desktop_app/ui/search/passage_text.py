"""A passage with what was found marked in it: painted text, never HTML."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QResizeEvent, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

from desktop_app.domain.search import Span
from desktop_app.ui.theme.theme import Theme

_LEAST_SHADE, _MOST_SHADE = 0.08, 0.42

#: Qt keeps these for itself, or takes them for line ends of its own: each is shown as a blank or a line end.
_FOR_QT = {ord("\0"): "␀", ord("\r"): " ", 0x2028: "\n", 0x2029: "\n", 0xFDD0: " ", 0xFDD1: " ", 0xFFFC: " "}


class PassageText(QTextEdit):
    """Read-only text as high as it needs to be for its width. `text` keeps its length, so spans stay where they are."""

    def __init__(self, theme: Theme, *, name: str, fits_height: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self._is_plain = True  # each character is one of Qt's
        self._marks: tuple[Span, ...] = ()
        self._strong: tuple[Span, ...] = ()
        self._lit: Span | None = None
        self._headings: tuple[Span, ...] = ()
        self._shades: tuple[tuple[Span, float], ...] = ()
        self._code: tuple[Span, ...] = ()
        self._fits_height = fits_height
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.document().setDocumentMargin(0)
        if fits_height:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self._fill_in_place)

    def show_text(
        self,
        text: str,
        marks: Sequence[Span] = (),
        strong: Sequence[Span] = (),
        lit: Span | None = None,
        headings: Sequence[Span] = (),
        shades: Sequence[tuple[Span, float]] = (),
        code: Sequence[Span] = (),
    ) -> None:
        """Show `text` with `marks` highlighted, `strong` in bold, and all but `lit` muted when it is given.

        `headings` stand out as headings do, lit or not. `shades` are in the accent's colour, the stronger the nearer
        their number is to 1, and take the place of the highlights. `code` is in the font of code.
        """
        self._text = text.translate(_FOR_QT)
        self._is_plain = self._text.isascii() or max(self._text) <= "\uffff"
        self._marks, self._strong, self._lit = tuple(marks), tuple(strong), lit
        self._headings = tuple(headings)
        self._shades = tuple(shades)
        self._code = tuple(code)
        self._fill()

    def position_of(self, offset: int) -> int:
        """Qt's position (UTF-16 units) of character `offset`."""
        if self._is_plain:
            return min(offset, len(self._text))
        front = self._text[:offset]
        return len(front) + sum(character > "\uffff" for character in front)

    def scroll_to(self, offset: int) -> None:
        """Bring a character near the top of the view."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(self.position_of(offset))
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.cursorRect(cursor).top() - self.viewport().height() // 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        if self._fits_height:
            self.document().setTextWidth(self.viewport().width())
            self.setFixedHeight(int(self.document().size().height()) + 2)

    def _fill_in_place(self) -> None:
        """In other colours, or another font."""
        place = self.verticalScrollBar().value()
        self._fill()
        self.verticalScrollBar().setValue(place)

    def _fill(self) -> None:
        document = self.document()
        font = self._font()
        if font != document.defaultFont():
            document.setDefaultFont(font)
        self.setPlainText(self._text)
        cursor = QTextCursor(document)
        cursor.beginEditBlock()  # laid out once, at its end
        block = cursor.blockFormat()
        block.setLineHeight(118, block.LineHeightTypes.ProportionalHeight.value)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(block)
        if self._lit is not None:
            self._form(cursor, Span(0, len(self._text)), self._foreground("muted_text"))
            self._form(cursor, self._lit, self._foreground("text"))
        code = QTextCharFormat()
        code.setFontFamilies(self._theme.code_font().families())
        for span in self._code:
            self._form(cursor, span, code)
        heading = self._foreground("text")
        heading.setFontWeight(QFont.Weight.Bold)
        for span in self._headings:
            self._form(cursor, span, heading)
        marked = QTextCharFormat()
        marked.setBackground(self._theme.color("highlight"))
        marked.setForeground(self._theme.color("text"))
        for span in self._marks if not self._shades else ():
            self._form(cursor, span, marked)
        for span, share in self._shades:
            self._form(cursor, span, self._shade(share))
        strong = QTextCharFormat()
        strong.setFontWeight(QFont.Weight.DemiBold)
        for span in self._strong:
            self._form(cursor, span, strong)
        cursor.endEditBlock()
        self._fit()

    def _font(self) -> QFont:
        return self._theme.interface_font(14.5)

    def _foreground(self, role: str) -> QTextCharFormat:
        result = QTextCharFormat()
        result.setForeground(self._theme.color(role))
        return result

    def _shade(self, share: float) -> QTextCharFormat:
        """Even the weakest is to be seen, and on the strongest the text is still easy to read."""
        result = self._foreground("text")
        colour = self._theme.color("accent")
        colour.setAlphaF(_LEAST_SHADE + (_MOST_SHADE - _LEAST_SHADE) * min(1.0, max(0.0, share)))
        result.setBackground(colour)
        return result

    def _form(self, cursor: QTextCursor, span: Span, form: QTextCharFormat) -> None:
        length = len(self._text)
        start, end = min(max(0, span.start), length), min(max(0, span.end), length)
        if start < end:
            cursor.setPosition(self.position_of(start))
            cursor.setPosition(self.position_of(end), QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(form)
