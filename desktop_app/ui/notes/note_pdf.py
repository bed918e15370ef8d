"""Notes on pages, of a PDF file or of a printer: drawn as they are read, in black on white, with titles and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain, islice

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMarginsF, QObject, QRectF, QSizeF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from desktop_app.domain.errors import AttachmentMissingError, ExportError
from desktop_app.domain.formulas import Formula, FormulaPicture, may_be_typeset
from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.notes import Note
from desktop_app.domain.outline import headings
from desktop_app.domain.shown_properties import with_shown_properties
from desktop_app.domain.wiki_links import as_markdown
from desktop_app.services.note_links import EmbeddedNote
from desktop_app.ui.chat.block_marks import paint_block_marks
from desktop_app.ui.chat.formula_objects import FormulaObjects
from desktop_app.ui.chat.link_targets import NOTE_LINK, TAG_LINK
from desktop_app.ui.chat.markdown_document import MarkdownWriter, WrittenTo, em_of
from desktop_app.ui.chat.picture_objects import FILE_LINK, PictureObjects, ShownFile
from desktop_app.ui.notes.pictures import decode_picture
from desktop_app.ui.theme.theme import Theme

_DPI = 96
"""The unit that documents are measured in; the page is drawn in vectors all the same."""
_MARGIN_MM = 20
_PICTURE_WIDTH = 1_600
_TEXT_SIZE = 12.0
_SMALL = 13  # of title and number at the edges, in the unit of the document
_COUNTED = 300
NoteWithFiles = tuple[Note, Mapping[str, StoredFile]]
"""A note, and what the names in its text mean."""
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

    def reading_font(self) -> QFont:
        """Without the arrows that Inter and JetBrains Mono draw for `->` and `=>`: a PDF has no letters for these
        drawings, and what is copied from it would hold a control character in their place. Formats inherit it.
        """
        font = super().reading_font()
        font.setFeature(QFont.Tag("calt"), 0)
        return font

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


class NotePages:
    """Puts notes on pages: in a PDF file, or on a printer. Methods block and may run in any thread.

    Attributes:
        missing: names of pictures that could not be read, over all notes.
        drawn: hashes of those that are in the pages.
    """

    def __init__(self, theme: PrintTheme, read: Callable[[StoredFile], bytes], *, keeps_lines: bool = False) -> None:
        """`read` gives a file's bytes; raises AttachmentMissingError. `keeps_lines`: lines end where they do in the
        text; else paragraphs are filled.
        """
        self._theme = theme
        self._read = read
        self._keeps_lines = keeps_lines
        self.missing: list[str] = []
        self.drawn: set[str] = set()

    def pdf(self, title: str, notes: Iterable[NoteWithFiles]) -> bytes:
        """The bytes of a PDF file (A4) with the notes, each on a new page."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        writer.setResolution(_DPI)
        writer.setTitle(title)
        writer.setCreator("Inkwell")
        writer.setPageLayout(_a4())
        self._put(writer, writer, notes)
        return bytes(buffer.data().data())

    def print_on(self, printer: QPagedPaintDevice, notes: Iterable[NoteWithFiles]) -> None:
        """Print the notes, each on a new sheet of its own size; of a QPrinter the pages that its dialog asked for. What
        `notes` raises takes back what was not printed yet. Raises ExportError where it cannot begin.
        """
        layout = printer.pageLayout()
        layout.setUnits(QPageLayout.Unit.Millimeter)
        layout.setMargins(_margins())
        printer.setPageLayout(layout)
        measure = QPdfWriter(QBuffer())  # what is measured on it has the proportions that a screen gives letters
        measure.setResolution(_DPI)
        measure.setPageLayout(layout)
        self._put(printer, measure, notes)

    def _put(self, device: QPagedPaintDevice, measure: QPdfWriter, notes: Iterable[NoteWithFiles]) -> None:
        made = ((note.title, self._document(note, files, measure)) for note, files in notes)
        # Of more notes the pages are not counted first: each document takes a fifth of a megabyte and more.
        first = list(islice(made, _COUNTED))
        following = list(islice(made, 1))
        count = 0 if following else sum(document.pageCount() for _title, document in first)
        painter = QPainter()
        if not painter.begin(device):
            raise ExportError(
                "Nothing was printed.", "The printer did not take it.", "Look at the printer, then try again."
            )
        try:
            painter.scale(device.logicalDpiX() / _DPI, device.logicalDpiY() / _DPI)
            sheets = _Sheets(device, measure, painter, count)
            while first:
                self._paint(sheets, first[0][1], first[0][0])
                del first[0]
            for title, document in chain(following, made):
                self._paint(sheets, document, title)
        except BaseException:
            if abort := getattr(device, "abort", None):
                abort()
            raise
        finally:
            painter.end()

    def _document(self, note: Note, named: Mapping[str, StoredFile], writer: QPdfWriter) -> QTextDocument:
        files = _FilesAtOnce(named, self._read)
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
        self.missing += [one for one in files.missing if one not in self.missing]
        self.drawn |= files.drawn
        return document

    def _paint(self, sheets: _Sheets, document: QTextDocument, title: str) -> None:
        page, painter = sheets.page, sheets.painter
        layout = document.documentLayout()
        for number in range(document.pageCount()):
            if not sheets.begin_next():
                continue
            shown = QRectF(0, number * page.height(), page.width(), page.height())
            painter.save()
            painter.translate(0, -shown.top())
            painter.setClipRect(shown)
            context = QAbstractTextDocumentLayout.PaintContext()
            context.clip = shown
            layout.draw(painter, context)
            paint_block_marks(painter, document, shown, self._theme, em_of(self._theme.reading_font()))
            painter.restore()
            font = self._theme.interface_font(10)
            font.setPixelSize(_SMALL)  # points would be those of the device, which has more of them
            painter.setFont(font)
            painter.setPen(self._theme.color("muted_text"))
            edge = _DPI * _MARGIN_MM / 25.4 / 2
            head = QRectF(0, -edge - 10, page.width(), 20)
            foot = QRectF(0, page.height() + edge - 10, page.width(), 20)
            if number:
                painter.drawText(head, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
            place = f"{sheets.number} / {sheets.count}" if sheets.count else str(sheets.number)
            painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, place)


class _Sheets:
    """The pages of one device, counted over all notes; `page` is the room between the margins in 1/96 inch, `count` 0
    where nobody knows how many there will be.
    """

    def __init__(self, device: QPagedPaintDevice, measure: QPdfWriter, painter: QPainter, count: int) -> None:
        self._device = device
        self.painter = painter
        self.page = QSizeF(measure.width(), measure.height())
        self.count = count
        self.number = 0
        self._begun = False

    def begin_next(self) -> bool:
        """Go to the next page; false for one that is not wanted. The first sheet is there from the beginning."""
        self.number += 1
        ranges = self._device.pageRanges()
        if not ranges.isEmpty() and not ranges.contains(self.number):
            return False
        if self._begun:
            self._device.newPage()
        self._begun = True
        return True


def _margins() -> QMarginsF:
    return QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)


def _a4() -> QPageLayout:
    size = QPageSize(QPageSize.PageSizeId.A4)
    return QPageLayout(size, QPageLayout.Orientation.Portrait, _margins(), QPageLayout.Unit.Millimeter)


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
            if target in (NOTE_LINK.rstrip(":"), FILE_LINK.rstrip(":"), TAG_LINK.rstrip(":")):
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
