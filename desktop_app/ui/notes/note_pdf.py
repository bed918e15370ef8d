"""A note as the pages of a PDF file: drawn as it is read, in black on white, with its title and page numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMarginsF, QObject, QRectF, QSizeF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from desktop_app.domain.errors import AttachmentMissingError
from desktop_app.domain.formulas import Formula, FormulaPicture, may_be_typeset
from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.notes import Note
from desktop_app.domain.outline import headings
from desktop_app.domain.shown_properties import with_shown_properties
from desktop_app.domain.wiki_links import as_markdown
from desktop_app.services.note_links import EmbeddedNote
from desktop_app.ui.chat.block_marks import paint_block_marks
from desktop_app.ui.chat.formula_objects import FormulaObjects
from desktop_app.ui.chat.link_targets import NOTE_LINK
from desktop_app.ui.chat.markdown_document import MarkdownWriter, WrittenTo, em_of
from desktop_app.ui.chat.picture_objects import FILE_LINK, PictureObjects, ShownFile
from desktop_app.ui.notes.pictures import decode_picture
from desktop_app.ui.theme.theme import Theme

_DPI = 96
"""The unit that documents are measured in; the page is drawn in vectors all the same."""
_MARGIN_MM = 20
_PICTURE_WIDTH = 1_600
_TEXT_SIZE = 12.0
_Property = QTextFormat.Property
_Typeset = Callable[[Formula], FormulaPicture | None]


class _TypesetAtOnce:
    """The formulas of one export, in place of the screen's book."""

    def __init__(self, typeset: _Typeset) -> None:
        self._typeset = typeset
        self._known: dict[Formula, FormulaPicture | None] = {}

    def is_known(self, formula: Formula) -> bool:
        return True

    def picture(self, formula: Formula) -> FormulaPicture | None:
        if formula not in self._known:
            self._known[formula] = self._typeset(formula) if may_be_typeset(formula.source) else None
        return self._known[formula]

    def want(self, formulas: Iterable[Formula]) -> None:
        """All are known at once."""


class PrintTheme(Theme):
    """Light colours and a size for paper, whatever the screen shows. Made in the GUI thread, read from any."""

    def __init__(self, typeset: _Typeset, parent: QObject | None = None) -> None:
        super().__init__("light", _TEXT_SIZE, parent)
        self._at_once = _TypesetAtOnce(typeset)
        self.color("text")  # read from its file here

    @property
    def formulas(self) -> _TypesetAtOnce:  # type: ignore[override]
        """Formulas are drawn while the page is made."""
        return self._at_once

    def color(self, role: str) -> QColor:
        """Ink is black on paper."""
        return QColor("#000000") if role == "text" else super().color(role)


class _FilesAtOnce(QObject):
    """The files of one note."""

    arrived = Signal(object)

    def __init__(self, files: Mapping[str, StoredFile], read: Callable[[StoredFile], bytes]) -> None:
        super().__init__()
        self._files = files
        self._read = read
        self._shown: dict[str, ShownFile | None] = {}
        self.missing: list[str] = []
        self.drawn: set[str] = set()

    def is_known(self, target: str) -> bool:
        return True

    def shown(self, target: str) -> ShownFile | None:
        if target not in self._shown:
            file = self._files.get(target)
            self._shown[target] = None if file is None else self._look_at(file)
        return self._shown[target]

    def embedded(self, target: str) -> EmbeddedNote | None:
        return None  # on paper, another note is named

    def want(self, targets: Iterable[str]) -> None:
        """All are known at once."""

    def _look_at(self, file: StoredFile) -> ShownFile:
        if not file.is_shown:
            return ShownFile(file)
        try:
            shown = decode_picture(file, self._read(file), _PICTURE_WIDTH)
        except AttachmentMissingError:
            self.missing.append(file.name)
            return ShownFile(file, problem=self.tr("it is missing or damaged"))
        if shown.image is not None:
            self.drawn.add(file.hash)
        return shown


class NotePdf:
    """Makes the pages of notes; `pages` blocks and may run in any thread.

    Attributes:
        missing: names of pictures that could not be read, over all notes.
        drawn: hashes of those that are in the pages.
    """

    def __init__(self, theme: PrintTheme, *, keeps_lines: bool = False) -> None:
        """`keeps_lines`: lines end where they do in the text; else paragraphs are filled."""
        self._theme = theme
        self._keeps_lines = keeps_lines
        self.missing: list[str] = []
        self.drawn: set[str] = set()

    def pages(self, note: Note, files: Mapping[str, StoredFile], read: Callable[[StoredFile], bytes]) -> bytes:
        """The bytes of a PDF file (A4) with the note."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        writer.setResolution(_DPI)
        writer.setTitle(note.title)
        writer.setCreator("Inkwell")
        margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
        writer.setPageLayout(
            QPageLayout(
                QPageSize(QPageSize.PageSizeId.A4),
                QPageLayout.Orientation.Portrait,
                margins,
                QPageLayout.Unit.Millimeter,
            )
        )
        book = _FilesAtOnce(files, read)
        document = self._document(note, book, writer)
        painter = QPainter(writer)
        self._paint(painter, writer, document, note.title)
        painter.end()
        self.missing += [one for one in book.missing if one not in self.missing]
        self.drawn |= book.drawn
        return bytes(buffer.data().data())

    def _document(self, note: Note, files: _FilesAtOnce, writer: QPdfWriter) -> QTextDocument:
        document = QTextDocument()
        document.setUndoRedoEnabled(False)
        document.setUseDesignMetrics(True)
        document.setDefaultFont(self._theme.reading_font())
        document.documentLayout().setPaintDevice(writer)
        document.setDocumentMargin(0)
        document.setIndentWidth(1.7 * em_of(self._theme.reading_font()))
        document.setPageSize(QSizeF(writer.width(), writer.height()))
        formulas = FormulaObjects(document, self._theme)
        pictures = PictureObjects(document, files)
        markdown = MarkdownWriter(self._theme, formulas, pictures, links_to_notes=True, keeps_lines=self._keeps_lines)
        says_title = any(one.title == note.title for one in headings(note.text)[:1])
        heading = "" if says_title or not note.title.strip() else f"# {note.title}\n\n"
        shown = with_shown_properties(note.text, QCoreApplication.translate("NotePdf", "Properties"))
        text = heading + as_markdown(shown, frozenset(), NOTE_LINK, NOTE_LINK)
        markdown.write(QTextCursor(document), text, WrittenTo())
        _without_own_links(document)
        return document

    def _paint(self, painter: QPainter, writer: QPdfWriter, document: QTextDocument, title: str) -> None:
        page = QSizeF(writer.width(), writer.height())
        count = document.pageCount()
        layout = document.documentLayout()
        small = self._theme.interface_font(10)
        for number in range(count):
            if number:
                writer.newPage()
            shown = QRectF(0, number * page.height(), page.width(), page.height())
            painter.save()
            painter.translate(0, -shown.top())
            painter.setClipRect(shown)
            context = QAbstractTextDocumentLayout.PaintContext()
            context.clip = shown
            layout.draw(painter, context)
            paint_block_marks(painter, document, shown, self._theme, em_of(self._theme.reading_font()))
            painter.restore()
            painter.setFont(small)
            painter.setPen(self._theme.color("muted_text"))
            edge = _DPI * _MARGIN_MM / 25.4 / 2
            head = QRectF(0, -edge - 10, page.width(), 20)
            foot = QRectF(0, page.height() + edge - 10, page.width(), 20)
            if number:
                painter.drawText(head, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
            place = f"{number + 1} / {count}"
            painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, place)


def _without_own_links(document: QTextDocument) -> None:
    """Links to notes and files lead nowhere outside Inkwell: their words stay."""
    block = document.begin()
    cursor = QTextCursor(document)
    while block.isValid():
        pieces = block.begin()
        found = []
        while not pieces.atEnd():
            piece = pieces.fragment()
            target = QUrl(piece.charFormat().anchorHref()).scheme()
            if target in (NOTE_LINK.rstrip(":"), FILE_LINK.rstrip(":")):
                found.append((piece.position(), piece.length(), piece.charFormat()))
            pieces += 1
        for position, length, form in found:
            cursor.setPosition(position)
            cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
            for wanted in (_Property.AnchorHref, _Property.IsAnchor, _Property.TextUnderlineStyle):
                form.clearProperty(wanted)
            form.setForeground(Qt.GlobalColor.black)
            cursor.setCharFormat(form)
        block = block.next()
