"""Formulas inside a text document: one character each, drawn as vectors on the baseline of the words around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QFontMetrics,
    QFontMetricsF,
    QPainter,
    QPyTextObject,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from desktop_app.domain.formulas import COLOUR, Formula, FormulaPicture

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

OBJECT = "\ufffc"
"""The character that stands for an object in a document's text."""

_INTER_HEIGHT = 1.21
_TYPE = int(QTextFormat.ObjectTypes.UserObject.value) + 1
SOURCE = int(QTextFormat.Property.UserProperty) + 11
"""What an object's character is copied as."""
_PLACE = int(QTextFormat.Property.UserProperty) + 12
_NARROWEST = 0.55  # of its own size, where a formula is wider than the column


class _Drawn:
    def __init__(self, picture: FormulaPicture, colour: str) -> None:
        from PySide6.QtSvg import QSvgRenderer  # not needed before the first formula

        self.picture = picture
        self.svg = QSvgRenderer(QByteArray(picture.svg.replace(COLOUR, colour).encode()))


class FormulaObjects(QPyTextObject):
    """The formulas of one document. Those that are not typeset yet are noted, and asked for by `take_missing`."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._book = theme.formulas
        self._drawn: list[_Drawn] = []
        self._places: dict[tuple[FormulaPicture, str], int] = {}
        self._missing: set[Formula] = set()
        if self._book is not None:
            document.documentLayout().registerHandler(_TYPE, self)

    def is_there(self, formula: Formula) -> bool:
        """True where `insert` can draw the formula; one that may be drawable later is noted as missing."""
        if self._book is None:
            return False
        if self._book.picture(formula) is not None:
            return True
        if not self._book.is_known(formula):
            self._missing.add(formula)
        return False

    def insert(self, cursor: QTextCursor, formula: Formula, source: str, form: QTextCharFormat) -> None:
        """Put a formula that is there at the cursor.

        `source` is what copying gives back, delimiters included; `form` is the format of the words around it.
        """
        picture = self._book.picture(formula) if self._book is not None else None
        if picture is None:
            return
        colour = form.foreground().color().name()
        place = self._places.get((picture, colour))
        if place is None:
            place = self._places[picture, colour] = len(self._drawn)
            self._drawn.append(_Drawn(picture, colour))
        own = QTextCharFormat(form)
        own.setObjectType(_TYPE)
        own.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
        own.setProperty(SOURCE, source)
        own.setProperty(_PLACE, place)
        cursor.insertText(OBJECT, own)

    def take_missing(self) -> frozenset[Formula]:
        """Formulas whose source was shown since the last call because they are not typeset yet; they are asked for."""
        missing = frozenset(self._missing)
        self._missing.clear()
        if missing and self._book is not None:
            self._book.want(missing)
        return missing

    # What Qt asks -------------------------------------------------------------------------------

    def intrinsicSize(self, document: QTextDocument, _position: int, form: QTextFormat) -> QSizeF:
        """Room for the formula, of which Qt keeps a little more free above the baseline than below it."""
        picture = self._drawn[form.intProperty(_PLACE)].picture
        em = self._em(document, picture, form.toCharFormat())
        lift = _lift(form.toCharFormat())
        half = max(picture.ascent * em - lift / 2, picture.descent * em + lift / 2)
        return QSizeF(picture.width * em, 2 * half)

    def drawObject(
        self, painter: QPainter, rect: QRectF | QRect, document: QTextDocument, position: int, form: QTextFormat
    ) -> None:
        """The formula, its baseline on that of the line. Qt puts the middle of `rect` on the middle of the line."""
        drawn = self._drawn[form.intProperty(_PLACE)]
        em = self._em(document, drawn.picture, form.toCharFormat())
        block = document.findBlock(position)
        line = block.layout().lineForTextPosition(position - block.position())
        rect = QRectF(rect)
        baseline = rect.center().y() + (line.ascent() - line.descent()) / 2
        top = baseline - drawn.picture.ascent * em
        height = (drawn.picture.ascent + drawn.picture.descent) * em
        drawn.svg.render(painter, QRectF(rect.left(), top, drawn.picture.width * em, height))

    def _em(self, document: QTextDocument, picture: FormulaPicture, form: QTextCharFormat) -> float:
        """Pixels of one em: the words' own, less where the formula would not fit into the column."""
        em = QFontMetricsF(form.font()).height() / _INTER_HEIGHT
        room = document.textWidth()
        if 0 < room < picture.width * em:
            em *= max(_NARROWEST, room / (picture.width * em))
        return em


def _lift(form: QTextCharFormat) -> float:
    """How much more of an object Qt puts above the baseline than below it (QTextDocumentLayout, AlignMiddle)."""
    return QFontMetrics(form.font()).xHeight() / 2


def formula_sources(document: QTextDocument, start: int, end: int) -> list[str]:
    """What each object character between the two positions stands for, in order."""
    found: list[str] = []
    block = document.findBlock(start)
    while block.isValid() and block.position() < end:
        if OBJECT in block.text():
            pieces = block.begin()
            while not pieces.atEnd():
                piece = pieces.fragment()
                source = str(piece.charFormat().property(SOURCE) or OBJECT)
                for offset, character in enumerate(piece.text()):
                    if character == OBJECT and start <= piece.position() + offset < end:
                        found.append(source)
                pieces += 1
        block = block.next()
    return found


def with_formula_sources(text: str, cursor: QTextCursor) -> str:
    """`text`, the plain text of what `cursor` selects, with each formula as it was written."""
    if OBJECT not in text:
        return text
    pieces = text.split(OBJECT)
    sources = formula_sources(cursor.document(), cursor.selectionStart(), cursor.selectionEnd())
    sources += [OBJECT] * (len(pieces) - 1 - len(sources))
    return "".join(piece + source for piece, source in zip(pieces, [*sources, ""], strict=False))
