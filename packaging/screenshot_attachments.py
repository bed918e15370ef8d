"""Scenes of notes with pictures and other files, and of their export."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPolygonF
from screenshot_notes import fill
from screenshot_stage import Camera, Stage, end

from desktop_app.app.container import Container
from desktop_app.domain.notes import ExportReport
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.ui.notes.note_export import ExportReportDialog
from desktop_app.ui.notes.pictures import as_png

TEXT = (
    "# Walk to the lighthouse\n\nTwo hours along the cliff, best at low tide.\n\n![[lighthouse.png]]\n\n"
    "The keeper's map, and what he wrote: ![[tide tables.pdf]]\n\n![[lighthouse.png|220]]\n\n"
    "See also [his letters](letters.odt). A picture that was lost: ![the harbour](harbour.png)\n"
)


def landscape(width: int, height: int) -> bytes:
    """A drawn picture, as the bytes of a PNG file."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    sky = QLinearGradient(0, 0, 0, height)
    for place, colour in ((0.0, "#6E93B8"), (0.55, "#E9D9BE"), (0.56, "#3F6B7B"), (1.0, "#27485A")):
        sky.setColorAt(place, QColor(colour))
    painter.fillRect(image.rect(), sky)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#4B4A41"))
    cliff = ((0, 0.5), (0.22, 0.44), (0.4, 0.62), (0.46, 1), (0, 1))
    painter.drawPolygon(QPolygonF([QPointF(x * width, y * height) for x, y in cliff]))
    painter.setBrush(QColor("#F4F1EA"))
    tower = ((0.17, 0.46), (0.185, 0.16), (0.225, 0.16), (0.24, 0.46))
    painter.drawPolygon(QPolygonF([QPointF(x * width, y * height) for x, y in tower]))
    painter.setBrush(QColor("#A5402D"))
    painter.drawRect(int(0.183 * width), int(0.1 * height), int(0.045 * width), int(0.06 * height))
    painter.end()
    return as_png(image)


def fill_with_files(container: Container) -> None:
    """The usual notes, and one with pictures."""
    fill(container)
    note = container.notes.create("Home", TEXT)
    for name, data in (
        ("lighthouse.png", landscape(1600, 900)),
        ("tide tables.pdf", b"%PDF-1.7\n" + b" " * 184_000),
        ("letters.odt", b"PK\x03\x04" + b" " * 20_000),
    ):
        container.note_parts.note_attachments.add_bytes(note.id, data, name)


def note_pictures(camera: Camera, folder: Path) -> None:
    """A note with a picture, to be read and to be written."""
    stage = Stage(camera, folder, prepare=fill_with_files)
    try:
        screen = stage.screen("notes")
        presenter, editor = stage.presenter(NotesPresenter), stage.presenter(NoteEditorPresenter)
        stage.until(lambda: presenter.model.rows, "the list")
        row = next(row for row in presenter.model.rows if row.title == "Walk to the lighthouse")
        stage.desk.shell.show_note(row.id)
        stage.until(lambda: editor.note is not None and editor.note.id == row.id, "the note")
        stage.shoot("note-pictures-write")
        screen.view.set_mode("read")
        files = screen.attachments.pictures
        stage.until(lambda: files.is_known("harbour.png") and files.is_known("letters.odt"), "the pictures")
        stage.shoot("note-pictures-read")
        report = ExportReportDialog(
            ExportReport(Path("/home/ada/Documents/Lighthouse"), 12, 0, 5, ("harbour.png",)), screen
        )
        report.open()
        stage.shoot("note-export-report", sheet=report)
        report.close()
    finally:
        end(stage)
