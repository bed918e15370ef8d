"""Notes exported from the notes screen: as Markdown, HTML and PDF."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtGui import QGuiApplication, QPageRanges, QPageSize, QTextCursor
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.formulas import COLOUR, Formula, FormulaPicture
from desktop_app.domain.notes import NoteSort
from desktop_app.presenters.note_export import NoteExportPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_export import NoteExport
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes import note_pdf
from desktop_app.ui.notes.note_export import NoteExportControls
from desktop_app.ui.notes.note_pdf import NotePages, PrintTheme
from desktop_app.ui.theme.theme import Theme
from tests.ui.test_note_pictures import Answers, Desk, png


def typeset(formula: Formula) -> FormulaPicture:
    shape = f'<rect width="20" height="10" fill="{COLOUR}"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10">{shape}</svg>'
    return FormulaPicture(svg, 2.0, 0.8, 0.2)


class Typesetter:
    def typeset(self, formula: Formula) -> FormulaPicture:
        return typeset(formula)


class Where(Answers):
    """Answers where to export to."""

    def __init__(self, target: Path | None) -> None:
        super().__init__()
        self.target = target

        self.paper: Path | None = None
        self.pages = QPageRanges()
        self.titles: list[str] = []
        self.captions: list[str] = []

    def folder(self, title: str) -> Path | None:
        self.captions.append(title)
        return self.target

    def document(self, title: str, kinds: Sequence[tuple[str, str]], caption: str = "") -> Path | None:
        self.titles.append(title)
        self.captions.append(caption)
        return self.target / f"{title}{kinds[0][1]}" if self.target is not None and len(kinds) == 1 else self.target

    def printer(self) -> QPrinter | None:
        if self.paper is None:
            return None
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(self.paper))
        printer.setPageSize(QPageSize(QPageSize.PageSizeId.A5))
        printer.setPageRanges(self.pages)
        return printer


class Room:
    def __init__(self, desk: Desk, folder: Path, actions: Actions, tasks: TaskRunner) -> None:
        self.desk = desk
        self.folder = folder
        self.actions = actions
        exporter = NoteExport(desk.store.notes, desk.store.note_attachments, desk.files, Typesetter)
        self.theme = PrintTheme(typeset)
        self.controls = NoteExportControls(
            NoteExportPresenter(tasks),
            exporter,
            lambda: self.theme,
            desk.presenter,
            desk.screen.transfers.add(),
            actions,
            desk.screen,
            targets=lambda: desk.screen.targets,
            save=desk.screen.flush,
            questions=Where(folder),
            as_shown=lambda: desk.screen.desk.active.as_shown,
        )

    def export(self, kind: str) -> list[str]:
        """The names of the files that there are then; the report is closed."""
        assert self.actions[f"note.export_{kind}"].isEnabled()
        self.actions[f"note.export_{kind}"].trigger()
        self.desk.until(lambda: self.controls.report)
        assert self.controls.report is not None
        self.said = [label.text() for label in self.controls.report.findChildren(QLabel)]
        self.controls.report.accept()
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    desk = Desk(tmp_path / "data", theme, actions, tasks, qtbot)
    yield Room(desk, tmp_path / "out", actions, tasks)
    desk.editor.flush()
    for part in (desk.editor, desk.presenter):
        part.close()
    tasks.close()
    desk.store.close()


def test_the_open_note_is_written_as_it_is_on_the_screen(room: Room) -> None:
    note_id = room.desk.open("# Ink\n")
    room.desk.service.add_bytes(note_id, png(), "a.png")
    room.desk.view.editor.selectAll()
    room.desk.view.editor.insertPlainText("# Ink\n\n![](a.png)\n\njust typed")
    assert room.export("markdown") == ["Ink/Ink.md", "Ink/a.png"]
    assert (room.folder / "Ink/Ink.md").read_text().endswith("just typed")
    assert {"Exported", "1"} <= set(room.said)
    assert "Ink.html" in room.export("html")
    assert "data:image/png;base64," in (room.folder / "Ink.html").read_text()


def test_a_pdf_has_pages_with_title_numbers_links_and_pictures(room: Room) -> None:
    text = (
        "# Ink and galls\n\n![](a.png) and $x$\n\n[the web](https://example.org/ink) [[Other]]\n\n- [x] done\n\n"
        + "\n\n".join(f"Paragraph {number} about galls." for number in range(90))
    )
    note_id = room.desk.open(text)
    room.desk.service.add_bytes(note_id, png(2000, 4000), "a.png")
    assert room.export("pdf") == ["Ink and galls.pdf"]
    data = (room.folder / "Ink and galls.pdf").read_bytes()
    document = pypdfium2.PdfDocument(data)
    count = len(document)
    assert count >= 4
    # Without blanks: PDFium tells some lines letter by letter.
    pages = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    assert f"1/{count}" in pages[0]
    assert f"{count}/{count}" in pages[-1]
    assert "Inkandgalls" in pages[1]
    assert "Paragraph89aboutgalls." in pages[-1]
    assert "Other" in "".join(pages)
    assert re.findall(rb"/URI \(([^)]*)\)", data) == [b"https://example.org/ink"]
    assert any(one.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE for page in document for one in page.get_objects())
    document.close()


def test_code_can_be_copied_from_a_pdf_as_it_was_written(room: Room) -> None:
    room.desk.open("# Code\n\nA -> b, `c => d`\n\n```python\ndef f(x) -> int:\n    return x != 1\n```\n")
    room.export("pdf")
    text = "".join("".join(pages_of(room.folder / "Code.pdf")).split())
    assert "A->b,c=>d" in text
    assert "deff(x)->int:returnx!=1" in text


def test_several_notes_go_into_one_folder(room: Room) -> None:
    first, second = room.desk.notes.create("", "# One"), room.desk.notes.create("", "# One")
    room.controls._targets = lambda: [first.id, second.id]
    room.desk.open("# Three")
    assert room.export("pdf") == ["Notes/One (2).pdf", "Notes/One.pdf"]
    assert asked(room) == ["Export 2 notes to a folder"]


def asked(room: Room) -> list[str]:
    """What the dialogs were about."""
    assert isinstance(room.controls._questions, Where)
    return room.controls._questions.captions


def test_for_one_note_a_file_of_its_name_is_asked_for(room: Room) -> None:
    room.desk.open("# Ink")
    room.folder.mkdir()
    (room.folder / "Ink.pdf").write_text("old")  # the dialog asks whether it may go
    for kind in ("pdf", "html", "docx", "markdown"):
        room.export(kind)
    assert asked(room) == [
        "Export “Ink” as PDF",
        "Export “Ink” as HTML",
        "Export “Ink” as Word document",
        "Export “Ink” to a folder",
    ]
    assert room.export("pdf") == ["Ink.docx", "Ink.html", "Ink.md", "Ink.pdf"]
    assert (room.folder / "Ink.pdf").read_bytes().startswith(b"%PDF")


def test_a_missing_picture_is_told_in_the_report(room: Room) -> None:
    note_id = room.desk.open("# Ink\n![](a.png)")
    added = room.desk.service.add_bytes(note_id, png(), "a.png")
    room.desk.files.path(added.file.hash).unlink()
    room.export("pdf")
    assert "Exported, with some left out" in room.said
    assert any("a.png" in each for each in room.said)


def test_what_could_not_be_written_is_said_and_nothing_is_left(room: Room, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    room.controls._questions = Where(tmp_path / "file")
    room.desk.open("# Ink")
    failed: list[object] = []
    room.desk.presenter.failed.connect(failed.append)
    room.actions["note.export_html"].trigger()
    room.desk.until(lambda: failed)
    assert failed[0].code == "export"  # type: ignore[attr-defined]
    room.controls._questions = Where(None)
    room.actions["note.export_pdf"].trigger()
    assert not room.controls._presenter.running


def pages_of(path: Path) -> list[str]:
    """The words of each page without blanks."""
    with pypdfium2.PdfDocument(path) as document:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]


def test_a_word_document_has_pictures_and_formulas_in_it(room: Room) -> None:
    note_id = room.desk.open("# Ink\n\n![](a.png) and $x$\n\n**galls**")
    room.desk.service.add_bytes(note_id, png(), "a.png")
    assert room.export("docx") == ["Ink.docx"]
    with zipfile.ZipFile(room.folder / "Ink.docx") as file:
        pictures = [file.read(name) for name in file.namelist() if name.startswith("word/media/")]
        assert len(pictures) == 2
        assert all(one.startswith(b"\x89PNG") for one in pictures)
        assert b"galls" in file.read("word/document.xml")
    assert "picture or other file" in room.said


def test_all_that_the_list_shows_becomes_one_document_in_its_order(room: Room) -> None:
    for name in ("2 Sea", "1 Harbour", "3 Home"):
        room.desk.notes.create("Book", f"# {name}\n\nwords of {name}")
    room.desk.notes.create("", "# Elsewhere")
    room.desk.open("# Open")
    room.desk.presenter.set_sort(NoteSort.TITLE)
    room.desk.presenter.set_folder("Book")
    where = room.controls._questions
    assert isinstance(where, Where)
    where.target = room.folder / "Novel.pdf"
    room.folder.mkdir()
    where.target.write_text("old")
    assert room.export("one") == ["Novel.pdf"]
    assert where.titles == ["Book"]
    pages = pages_of(room.folder / "Novel.pdf")
    assert [page[-3:] for page in pages] == ["1/3", "2/3", "3/3"]
    assert [name in page for name, page in zip(("1Harbour", "2Sea", "3Home"), pages, strict=True)] == [True] * 3
    where.target = room.folder / "Novel.html"
    room.export("one")
    assert where.target.read_text().count("<article>") == 3
    where.target = room.folder / "Novel"  # a name without a kind
    before = (room.folder / "Novel.pdf").read_bytes()
    assert "Novel (2).pdf" in room.export("one"), "nobody was asked whether Novel.pdf may go"
    assert (room.folder / "Novel.pdf").read_bytes() == before


def test_chosen_notes_become_one_document(room: Room) -> None:
    chosen = [room.desk.notes.create("", f"# {name}").id for name in ("One", "Two")]
    room.desk.notes.create("", "# Three")
    room.controls._targets = lambda: chosen
    room.desk.open("# Open")
    where = room.controls._questions
    assert isinstance(where, Where)
    where.target = room.folder / "Both.docx"
    assert room.export("one") == ["Both.docx"]
    with zipfile.ZipFile(where.target) as file:
        body = file.read("word/document.xml").decode()
    assert "One" in body
    assert "Two" in body
    assert "Three" not in body


def test_a_note_is_printed_on_the_paper_that_the_printer_has(room: Room, tmp_path: Path) -> None:
    room.desk.open("# Ink\n\n" + "\n\n".join(f"Paragraph {number} about galls." for number in range(60)))
    where = room.controls._questions
    assert isinstance(where, Where)
    said: list[str] = []
    room.desk.presenter.notice.connect(lambda words, _undo: said.append(words))
    room.actions["note.print"].trigger()
    assert not room.controls._presenter.running  # the dialog was left
    where.paper = tmp_path / "paper.pdf"
    room.actions["note.print"].trigger()
    room.desk.until(lambda: said)
    assert said == ["Sent to the printer."]
    pages = pages_of(where.paper)
    assert len(pages) > 2
    assert pages[-1].endswith(f"{len(pages)}/{len(pages)}")
    assert "Paragraph59aboutgalls." in pages[-1]
    with pypdfium2.PdfDocument(where.paper) as document:
        assert round(document[0].get_size()[0]) == 420  # A5, in points
        assert document.get_metadata_value("Title") == "Ink"


def test_notes_that_are_gone_by_the_time_they_are_printed_are_told(room: Room, tmp_path: Path) -> None:
    room.desk.open("# Ink")
    where = room.controls._questions
    assert isinstance(where, Where)
    where.paper = tmp_path / "paper.pdf"
    (gone,) = room.controls._targets()
    room.controls._targets = lambda: [gone]
    room.desk.notes.trash([gone])
    room.desk.notes.delete_forever([gone])
    told: list[InkwellError] = []
    room.desk.presenter.failed.connect(told.append)
    room.actions["note.print"].trigger()
    room.desk.until(lambda: told)
    assert told[0].what == "There is no note to export."
    assert not where.paper.exists()


def test_the_pages_that_were_asked_for_are_printed(room: Room, tmp_path: Path) -> None:
    room.desk.open("# Ink\n\n" + "\n\n".join(f"Paragraph {number} about galls." for number in range(90)))
    where = room.controls._questions
    assert isinstance(where, Where)
    said: list[str] = []
    room.desk.presenter.notice.connect(lambda words, _undo: said.append(words))
    where.paper = tmp_path / "paper.pdf"
    where.pages.addRange(2, 3)
    room.actions["note.print"].trigger()
    room.desk.until(lambda: said)
    assert [page[-3:-1] for page in pages_of(where.paper)] == ["2/", "3/"]


def test_of_very_many_notes_the_pages_are_numbered_without_their_count(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(note_pdf, "_COUNTED", 1)
    for name in ("One", "Two", "Three"):
        room.desk.notes.create("Book", f"# {name}\n\nwords")
    room.desk.open("# Open")
    room.desk.presenter.set_folder("Book")
    where = room.controls._questions
    assert isinstance(where, Where)
    where.target = room.folder / "Book.pdf"
    room.folder.mkdir()
    room.export("one")
    assert [page[-6:] for page in pages_of(where.target)] == ["words1", "words2", "words3"]


def test_a_note_or_what_is_selected_is_copied_as_it_reads(room: Room) -> None:
    room.desk.open("# Ink\n\n**bold** $x^2$\n\n| a |\n|---|\n| 1 |\n")
    said: list[str] = []
    room.desk.presenter.notice.connect(lambda words, _undo: said.append(words))
    editor = room.desk.view.editor
    editor.moveCursor(QTextCursor.MoveOperation.End)
    editor.insertPlainText("\njust typed")
    room.actions["note.copy_formatted"].trigger()
    room.desk.until(lambda: said)
    copied = QGuiApplication.clipboard().mimeData()
    assert "<strong>bold</strong> <code>$x^2$</code>" in copied.html()
    assert '<table border="1"' in copied.html()
    assert "just typed" in copied.html()
    assert copied.text().startswith("# Ink")
    editor.setTextCursor(editor.document().find("**bold**"))
    room.actions["note.copy_formatted"].trigger()
    room.desk.until(lambda: len(said) == 2)
    copied = QGuiApplication.clipboard().mimeData()
    assert copied.text() == "**bold**"
    assert copied.html().strip() == "<article>\n<p><strong>bold</strong></p>\n</article>"
    room.controls.leave_plain_words()
    left = QGuiApplication.clipboard().mimeData()
    assert (left.text(), left.hasHtml()) == ("**bold**", False)


def test_no_note_means_nothing_to_export(room: Room) -> None:
    room.desk.until(lambda: not room.desk.presenter.state.loading)
    assert not room.actions["note.print"].isEnabled()
    assert not room.actions["note.copy_formatted"].isEnabled()
    for kind in ("markdown", "html", "pdf", "docx", "one"):
        assert not room.actions[f"note.export_{kind}"].isEnabled()


def test_the_printed_page_is_light_whatever_the_screen_is(theme: Theme) -> None:
    theme.set_mode("dark")
    printed = PrintTheme(typeset)
    assert not printed.is_dark
    assert printed.color("text").name() == "#000000"
    assert NotePages(printed, lambda _file: b"").missing == []
