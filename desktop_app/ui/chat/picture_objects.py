"""Pictures inside a text document: one character each, as wide as the column at most."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Protocol
from urllib.parse import quote, unquote

import msgspec
from PySide6.QtCore import QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QImage,
    QPainter,
    QPyTextObject,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
)

from desktop_app.domain.note_attachments import StoredFile, is_local
from desktop_app.services.note_links import EmbeddedNote
from desktop_app.ui.chat.formula_objects import OBJECT, SOURCE

EMBED = "[["
"""In front of what an embedded note is called, where names of files are looked for."""

FILE_LINK = "inkwell-file:"
"""In front of the percent-encoded name of a note's own file."""

_TYPE = int(QTextFormat.ObjectTypes.UserObject.value) + 2
_PLACE = int(QTextFormat.Property.UserProperty) + 21
_WIDTH = int(QTextFormat.Property.UserProperty) + 22
_WANTED_WIDTH = re.compile(r"^(?:(?P<words>.*)\|)?\s*(?P<width>\d{1,4})\s*(?:x\s*\d{1,4})?$", re.DOTALL)
_NARROWEST = 24


class ShownFile(msgspec.Struct, frozen=True):
    """A note's file as it is shown.

    Attributes:
        image: the picture, perhaps smaller than it is; None for what is no picture, and where it cannot be shown.
        width, height: the picture's own, in pixels.
        problem: why a picture cannot be shown, for the reader.
    """

    file: StoredFile
    image: QImage | None = None
    width: int = 0
    height: int = 0
    problem: str = ""


class NoteFiles(Protocol):
    """The files of the note that is shown (ui/notes/pictures.py)."""

    arrived: Any  # Signal(frozenset of names)

    def is_known(self, target: str) -> bool:
        """Whether it has been looked for."""
        ...

    def shown(self, target: str) -> ShownFile | None:
        """What the name means; None where it means none, or is not known yet."""
        ...

    def embedded(self, target: str) -> EmbeddedNote | None:
        """What of another note is shown for a name that begins with EMBED; None for none, or while it is not known."""
        ...

    def want(self, targets: Iterable[str]) -> None:
        """Have these looked for; `arrived` follows."""
        ...


class PictureObjects(QPyTextObject):
    """The pictures of one document. Names that are not known yet are noted, and asked for by `take_missing`."""

    def __init__(self, document: QTextDocument, files: NoteFiles) -> None:
        super().__init__(document)
        self.files = files
        self._drawn: list[ShownFile] = []
        self._missing: dict[str, None] = {}
        document.documentLayout().registerHandler(_TYPE, self)

    def is_known(self, target: str) -> bool:
        """Whether the name has been looked for; one that was not is noted as missing."""
        if self.files.is_known(target):
            return True
        self._missing.setdefault(target)
        return False

    def take_missing(self) -> frozenset[str]:
        """Names that were not known since the last call; they are looked for."""
        missing = list(self._missing)
        self._missing.clear()
        if missing:
            self.files.want(missing)
        return frozenset(missing)

    def insert(self, cursor: QTextCursor, target: str, shown: ShownFile, words: str, width: int) -> None:
        """Put a picture at the cursor, `width` pixels wide where that is more than none."""
        self._drawn.append(shown)
        form = QTextCharFormat()
        form.setObjectType(_TYPE)
        form.setProperty(SOURCE, f"![{words}]({quote(target)})")
        form.setProperty(_PLACE, len(self._drawn) - 1)
        form.setProperty(_WIDTH, width)
        form.setAnchor(True)
        form.setAnchorHref(FILE_LINK + quote(target, safe=""))
        form.setToolTip(words)
        cursor.insertText(OBJECT, form)

    # What Qt asks -------------------------------------------------------------------------------

    def intrinsicSize(self, document: QTextDocument, position: int, form: QTextFormat) -> QSizeF:
        """Its own size, less where the column is narrower."""
        shown = self._drawn[form.intProperty(_PLACE)]
        width = form.intProperty(_WIDTH) or shown.width
        width = max(1, min(width, int(_room(document, position))))
        ratio = shown.height / max(1, shown.width)
        page = document.pageSize().height()
        if 0 < page < ratio * width:  # on paper it has to fit on one page
            width = int(page / ratio)
        return QSizeF(width, max(1.0, ratio * width))

    def drawObject(
        self, painter: QPainter, rect: QRectF | QRect, _document: QTextDocument, _position: int, form: QTextFormat
    ) -> None:
        """The picture."""
        image = self._drawn[form.intProperty(_PLACE)].image
        if image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(rect), image)


def local_target(source: str, note_schemes: tuple[str, ...]) -> str:
    """The name of a file beside the note that a link or picture says; "" where it says an address."""
    for scheme in note_schemes:
        source = source.removeprefix(scheme)
    target = unquote(source).partition("#")[0].strip() if source else ""
    return target if is_local(target) else ""


def words_and_width(alt: str, *, is_wiki: bool) -> tuple[str, int]:
    """What stands in a picture's brackets: words, and the width in pixels that Obsidian writes behind "|"."""
    found = _WANTED_WIDTH.match(alt)
    if found is None or (found["words"] is None and not is_wiki):
        return alt, 0
    return (found["words"] or "").strip(), max(_NARROWEST, int(found["width"]))


def _room(document: QTextDocument, position: int) -> float:
    """How wide a picture may be at a place of the document."""
    block: QTextBlock = document.findBlock(position)
    form = block.blockFormat()
    room = document.textWidth() if document.textWidth() > 0 else 600.0
    table: QTextTable | None = QTextCursor(block).currentTable()
    if table:
        return max(_NARROWEST, room / max(1, table.columns()) - 2 * table.format().cellPadding() - 4)
    indent = form.indent() + (block.textList().format().indent() if block.textList() is not None else 0)
    return max(_NARROWEST, room - indent * document.indentWidth() - form.leftMargin())
