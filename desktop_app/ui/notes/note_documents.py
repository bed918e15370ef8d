"""Notes as one document of a kind that is chosen by its suffix, with pictures and formulas drawn by Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPagedPaintDevice, QPainter

from desktop_app.domain.errors import AttachmentMissingError
from desktop_app.domain.formulas import COLOUR, Formula, may_be_typeset
from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.notes import Note
from desktop_app.services.note_docx import DocxPictures, DrawnPicture, notes_docx
from desktop_app.services.note_export import NoteExport
from desktop_app.ui.notes.note_pdf import NotePages, NoteWithFiles, PrintTheme
from desktop_app.ui.notes.pictures import decode_picture

T = TypeVar("T")
HTML, PDF, DOCX = ".html", ".pdf", ".docx"
KINDS = (PDF, DOCX, HTML)
_PICTURE_WIDTH = 1_600
_FORMULA_PIXELS = 66  # for each em: sharp on paper


class NoteDocuments:
    """Makes documents of notes for one export. Methods block and may run in any thread.

    Attributes:
        missing: names of pictures that could not be read, over all notes.
        drawn: hashes of the files that are in the documents.
    """

    def __init__(self, export: NoteExport, theme: PrintTheme) -> None:
        self._export = export
        self._theme = theme
        self.missing: list[str] = []
        self.drawn: set[str] = set()

    def make(self, kind: str, title: str, notes: Iterable[Note]) -> bytes:
        """The document of one of KINDS with these notes, each on a new page."""
        if kind == HTML:
            page = self._export.html_of(title, notes)
            self._count([file.hash for file in page.enclosed], page.missing)
            return page.text.encode("utf-8", "replace")
        with_files = self._with_files(notes)
        if kind == PDF:
            return self._on_pages(lambda pages: pages.pdf(title, with_files))
        pictures = DocxPictures(self._picture, self._formula)
        return notes_docx(title, with_files, pictures, keeps_lines=self._export.keeps_lines)

    def print_on(self, printer: QPagedPaintDevice, notes: Iterable[Note]) -> None:
        """Print these notes. Raises ExportError."""
        with_files = self._with_files(notes)
        self._on_pages(lambda pages: pages.print_on(printer, with_files))

    def _on_pages(self, act: Callable[[NotePages], T]) -> T:
        pages = NotePages(self._theme, self._export.read, keeps_lines=self._export.keeps_lines)
        result = act(pages)
        self._count(pages.drawn, pages.missing)
        return result

    def _with_files(self, notes: Iterable[Note]) -> Iterator[NoteWithFiles]:
        return ((note, self._export.files_of(note)) for note in notes)

    def _count(self, drawn: Sequence[str] | set[str], missing: Sequence[str]) -> None:
        self.drawn.update(drawn)
        self.missing += [name for name in missing if name not in self.missing]

    def _picture(self, file: StoredFile) -> DrawnPicture | None:
        if not file.is_shown:
            return None
        try:
            shown = decode_picture(file, self._export.read(file), _PICTURE_WIDTH)
        except AttachmentMissingError:
            self._count((), [file.name])
            return None
        if shown.image is None:
            return None
        self._count([file.hash], ())
        return DrawnPicture(_png(shown.image), shown.width, shown.height)

    def _formula(self, formula: Formula) -> DrawnPicture | None:
        from PySide6.QtSvg import QSvgRenderer  # only where there is one

        picture = self._theme.formulas.picture(formula) if may_be_typeset(formula.source) else None
        if picture is None:
            return None
        height = picture.ascent + picture.descent
        size = QSize(round(picture.width * _FORMULA_PIXELS), round(height * _FORMULA_PIXELS)).expandedTo(QSize(1, 1))
        image = QImage(size.boundedTo(QSize(8_000, 8_000)), QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer = QSvgRenderer(QByteArray(picture.svg.replace(COLOUR, "#000000").encode()))
        renderer.render(painter, QRectF(image.rect()))
        painter.end()
        return DrawnPicture(_png(image), picture.width, height, picture.descent)


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
