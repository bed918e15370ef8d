"""Pictures and files in notes: pasted, dropped, shown, refused, opened after asking."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.notes import NoteFilter
from desktop_app.presenters.note_attachments import NoteAttachmentsPresenter
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_attachments import NoteAttachmentService
from desktop_app.services.notes import NoteService
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.formula_objects import OBJECT
from desktop_app.ui.chat.message_text import MarkdownText
from desktop_app.ui.notes.note_head import READ
from desktop_app.ui.notes.note_side import SidePresenters
from desktop_app.ui.notes.notes_screen import NotesScreen
from desktop_app.ui.notes.pictures import MOST_PIXELS, as_png, decode_picture
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ErrorBox


def png(width: int = 40, height: int = 20) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    return as_png(image)


def huge_png(width: int, height: int) -> bytes:
    """A few hundred bytes that say they are a picture of this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")


class Answers(Questions):
    """What a person would choose."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[Path] = []
        self.answer = ""
        self.asked: list[tuple[str, bool]] = []
        self.opened: list[Path] = []
        self.saved: Path | None = None

    def files_to_insert(self) -> list[Path]:
        return self.chosen

    def open_file(self, name: str, *, can_open: bool) -> str:
        self.asked.append((name, can_open))
        return self.answer

    def save_file(self, name: str) -> Path | None:
        return self.saved

    def hand_over(self, url: QUrl) -> None:
        self.opened.append(Path(url.toLocalFile()))


class Desk:
    """The notes screen over a store of its own."""

    def __init__(self, folder: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.actions = actions
        self.answers = Answers()
        self.store = Store.open(folder / "a.sqlite3", backups=folder / "b")
        self.notes = NoteService(self.store)
        self.files = AttachmentFiles(folder / "attachments")
        self.service = NoteAttachmentService(self.store.note_attachments, self.files, folder / "opened")
        self.presenter = NotesPresenter(self.notes, tasks)
        self.editor = NoteEditorPresenter(self.notes, tasks, lambda: 1)
        self.screen = NotesScreen(
            self.presenter,
            SidePresenters(self.editor, attachments=NoteAttachmentsPresenter(self.service, tasks)),
            theme,
            actions,
            self.answers,
        )
        self.view = self.screen.view
        qtbot.addWidget(self.screen)
        self.screen.resize(1100, 700)
        self.screen.show()
        qtbot.waitExposed(self.screen)

    def until(self, condition: object) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=5000)  # type: ignore[operator]

    def open(self, text: str) -> int:
        note = self.notes.create("", text)
        self.screen.open_note(note.id)
        self.until(lambda: self.editor.note is not None and self.editor.note.id == note.id)
        self.until(lambda: not self.view.editor.loading)
        return note.id

    def parts(self) -> list[MarkdownText]:
        return [part for body in self.view.reader.bodies for part in body.parts if isinstance(part, MarkdownText)]

    def read(self) -> str:
        return "\n".join(part.document().toPlainText() for part in self.parts())

    def text(self) -> str:
        return self.editor.text()


@pytest.fixture
def desk(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(tmp_path, theme, actions, tasks, qtbot)
    yield made
    made.editor.flush()
    for part in (made.editor, made.presenter):
        part.close()
    tasks.close()
    made.store.close()


def test_a_picture_among_lines_that_are_kept_has_no_empty_line_above(desk: Desk) -> None:
    desk.screen.desk.set_keeps_lines(True)
    note_id = desk.open("so\n![](ink.png)\nit\nis")
    desk.store.note_attachments.attach(note_id, "ink.png", desk.files.put_bytes(png(), "ink.png"))
    desk.view.set_mode(READ)
    desk.until(lambda: OBJECT in desk.read())
    assert desk.read() == f"so\n{OBJECT}\nit\nis"


def test_a_pasted_picture_goes_into_the_note_and_is_shown(desk: Desk) -> None:
    note_id = desk.open("before ")
    desk.view.editor.moveCursor(QTextCursor.MoveOperation.End)
    data = QMimeData()
    data.setImageData(QImage.fromData(png()))
    assert desk.view.editor.canInsertFromMimeData(data)
    desk.view.editor.insertFromMimeData(data)
    desk.until(lambda: "](Pasted%20image%20" in desk.text())
    desk.until(lambda: not desk.editor.unsaved)
    assert desk.notes.get(note_id).text.startswith("before ![Pasted image ")
    assert len(desk.service.of_note(note_id)) == 1
    desk.view.set_mode(READ)
    desk.until(lambda: OBJECT in desk.read())
    # Taking the words out, or back by Undo, does not touch the file.
    desk.view.editor.undo()
    desk.until(lambda: not desk.editor.unsaved)
    assert desk.text() == "before "
    file = desk.service.of_note(note_id)[0].file
    assert desk.files.is_whole(file.hash)


def test_text_that_comes_with_a_picture_is_pasted_as_text(desk: Desk) -> None:
    desk.open("")
    data = QMimeData()
    data.setText("cells of a table")
    data.setImageData(QImage.fromData(png()))
    desk.view.editor.insertFromMimeData(data)
    desk.until(lambda: desk.text() == "cells of a table")


def test_chosen_and_pasted_files_are_named_in_the_text(desk: Desk, tmp_path: Path) -> None:
    desk.open("")
    first, second = tmp_path / "a b.png", tmp_path / "c.pdf"
    first.write_bytes(png())
    second.write_bytes(b"%PDF-1.7")
    desk.answers.chosen = [first, second]
    assert desk.actions["note.insert_file"].isEnabled()
    desk.actions["note.insert_file"].trigger()
    desk.until(lambda: desk.text() == "![a b.png](a%20b.png)\n\n![[c.pdf]]")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(second))])
    desk.view.editor.insertFromMimeData(data)
    desk.until(lambda: desk.text() == "![a b.png](a%20b.png)\n\n![[c.pdf]]\n\n![[c.pdf]]")


def test_a_note_that_is_read_anew_meanwhile_gets_its_picture(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_id = desk.open("one")
    path = tmp_path / "a.png"
    path.write_bytes(png())
    may_go_on, add = threading.Event(), desk.service.add_file

    def slow(note: int, file: Path) -> object:
        assert may_go_on.wait(5)
        return add(note, file)

    monkeypatch.setattr(desk.service, "add_file", slow)
    desk.answers.chosen = [path]
    desk.actions["note.insert_file"].trigger()
    desk.notes.save(note_id, "two")
    desk.until(lambda: desk.text() == "two")
    may_go_on.set()
    desk.until(lambda: "![a.png](a.png)" in desk.text())
    assert "two" in desk.text()


def test_dropped_files_go_into_the_open_note_and_notes_are_imported(desk: Desk, tmp_path: Path) -> None:
    picture, table, note = tmp_path / "a.png", tmp_path / "t.csv", tmp_path / "b.md"
    picture.write_bytes(png())
    table.write_text("a,b")
    note.write_text("x")
    assert not desk.screen.attach_dropped([picture])  # no note is open
    assert desk.screen.drop_areas([picture]) == []
    desk.open("")
    for others in ([picture, note], [tmp_path], [tmp_path / "m.gguf"], [tmp_path / "notes.zip"]):
        assert not desk.screen.attach_dropped(others)
        assert desk.screen.drop_areas(others) == []
    assert desk.screen.attach_dropped([picture, table])
    desk.until(lambda: desk.text() == "![a.png](a.png)\n\n![[t.csv]]")
    (area,) = desk.screen.drop_areas([picture])
    assert (area.over, area.take) == (desk.screen, None)
    desk.view.set_mode(READ)
    assert desk.screen.attach_dropped([table]), "where the note is read, it is written on"
    desk.until(lambda: desk.text().count("t.csv") == 2)
    assert desk.view.mode != READ


def test_a_document_goes_into_the_note_it_is_dropped_on_and_is_imported_elsewhere(desk: Desk, tmp_path: Path) -> None:
    paper = tmp_path / "x.pdf"
    paper.write_bytes(b"%PDF-1.4")
    desk.open("# Papers\n\n")
    desk.view.editor.moveCursor(QTextCursor.MoveOperation.End)
    note, elsewhere = desk.screen.drop_areas([paper])
    assert note.over is desk.view
    assert note.heading == "Drop to attach to “Papers”"
    assert (elsewhere.over, elsewhere.take) == (desk.screen.pane, None)
    assert not desk.screen.attach_dropped([paper]), "beside the note it is an import"
    assert note.take is not None
    note.take([paper])
    desk.until(lambda: desk.text() == "# Papers\n\n![[x.pdf]]")


def test_what_cannot_be_put_in_is_said_and_the_rest_is_there(desk: Desk, tmp_path: Path) -> None:
    desk.open("")
    good, big = tmp_path / "good.png", tmp_path / "big.bin"
    good.write_bytes(png())
    with open(big, "wb") as file:
        file.truncate(51 * 1024 * 1024)
    desk.answers.chosen = [big, tmp_path / "nowhere.png", good]
    desk.actions["note.insert_file"].trigger()
    desk.until(lambda: desk.text() == "![good.png](good.png)")
    desk.until(lambda: isinstance(desk.view._about, ErrorBox))
    words = [label.text() for label in desk.view._about.findChildren(QLabel)]  # type: ignore[union-attr]
    assert any("“big.bin” is too large" in each for each in words)
    assert len(list((tmp_path / "attachments").rglob("[0-9a-f]*"))) == 2  # one folder, one file


def test_pictures_are_as_wide_as_the_column_and_as_wide_as_was_asked(desk: Desk) -> None:
    note_id = desk.open("")
    desk.service.add_bytes(note_id, png(3000, 300), "wide.png")
    desk.service.add_bytes(note_id, png(40, 20), "small.png")
    text = "![](wide.png)\n\n![[small.png]]\n\n![[wide.png|120]]\n\n> ![x](wide.png)\n\n"
    text += "| a | b |\n|-|-|\n| ![](wide.png) | c |"
    desk.view.editor.insertPlainText(text)
    desk.view.set_mode(READ)
    desk.until(lambda: desk.read().count(OBJECT) == 5)
    widths = []
    for part in desk.parts():
        part.fit(part.width())
        block = part.document().begin()
        while block.isValid():
            if OBJECT in block.text():
                line = block.layout().lineAt(0)
                widths.append(line.naturalTextWidth())
                assert line.naturalTextWidth() <= part.document().textWidth()
            block = block.next()
    column = desk.parts()[0].width()
    assert widths[0] == pytest.approx(column, abs=2)
    assert (widths[1], widths[2]) == (40, 120)
    assert widths[3] < column
    assert widths[4] < column / 2


def test_one_picture_at_a_time_is_read_in_the_order_of_the_text(
    desk: Desk, tasks: TaskRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_id = desk.open("")
    names = ["c.png", "a.png", "b.png"]
    for number, name in enumerate(names):
        desk.service.add_bytes(note_id, png(10 + number, 10), name)
    may_go_on, read, entered = threading.Event(), desk.service.read, []

    def slow(file: StoredFile) -> bytes:
        entered.append(file.name)
        assert may_go_on.wait(5)
        return read(file)

    monkeypatch.setattr(desk.service, "read", slow)
    desk.view.editor.insertPlainText("\n\n".join(f"![]({name})" for name in names))
    desk.view.set_mode(READ)
    desk.until(lambda: entered)
    others: list[int] = []
    tasks.run(lambda _token: 1, done=others.append)  # it would come after whatever else was asked for
    desk.until(lambda: others)
    assert entered == ["c.png"]
    may_go_on.set()
    desk.until(lambda: desk.read().count(OBJECT) == 3)
    assert entered == names


def test_files_that_are_no_pictures_are_chips_and_open_after_asking(desk: Desk, tmp_path: Path) -> None:
    note_id = desk.open("")
    for name, data in (("c.pdf", b"%PDF-1.7"), ("run.sh", b"#!/bin/sh")):
        desk.service.add_bytes(note_id, data, name)
    desk.view.editor.insertPlainText("![[c.pdf]] [the script](run.sh) [web](https://example.org) [no](no.pdf)")
    desk.view.set_mode(READ)
    # Files are looked up one by one, and may be shown so.
    desk.until(lambda: "the script web no (no.pdf)" in desk.read())
    assert "c.pdf · 1 kB" in desk.read()
    desk.view.reader._on_link("inkwell-file:c.pdf")
    assert desk.answers.opened == []
    desk.answers.answer = Questions.OPEN
    desk.view.reader._on_link("inkwell-file:c.pdf")
    desk.until(lambda: desk.answers.opened)
    opened = desk.answers.opened[0]
    assert (opened.name, opened.read_bytes()) == ("c.pdf", b"%PDF-1.7")
    assert opened.is_relative_to(tmp_path / "opened")
    assert not opened.stat().st_mode & 0o222
    desk.answers.answer = Questions.SAVE
    desk.answers.saved = tmp_path / "copy.sh"
    desk.view.reader._on_link("inkwell-file:run.sh")
    desk.until((tmp_path / "copy.sh").is_file)
    assert desk.answers.asked == [("c.pdf", True), ("c.pdf", True), ("run.sh", False)]


def test_a_file_is_opened_where_it_is_written_and_makes_no_note(desk: Desk) -> None:
    note_id = desk.open("")
    desk.service.add_bytes(note_id, b"%PDF-1.7", "c.pdf")
    desk.view.editor.insertPlainText("![[c.pdf]]")
    desk.view.editor.moveCursor(QTextCursor.MoveOperation.Left)
    desk.answers.answer = Questions.OPEN
    assert desk.view.editor.open_link_at_cursor()
    desk.until(lambda: desk.answers.opened)
    assert desk.answers.asked == [("c.pdf", True)]
    desk.view.editor.selectAll()
    desk.view.editor.insertPlainText("![[gone.pdf]]")
    desk.view.editor.moveCursor(QTextCursor.MoveOperation.Left)
    assert desk.view.editor.open_link_at_cursor()
    desk.until(lambda: isinstance(desk.view._about, ErrorBox))
    words = [label.text() for label in desk.view._about.findChildren(QLabel)]  # type: ignore[union-attr]
    assert any("“gone.pdf” is not among the files of this note." in each for each in words)
    assert desk.notes.count(NoteFilter()) == 1


def test_files_of_a_note_are_opened_by_keyboard(desk: Desk) -> None:
    note_id = desk.open("nothing yet")
    notices: list[str] = []
    desk.presenter.notice.connect(lambda text, _undo: notices.append(text))
    desk.actions["note.files"].trigger()
    desk.until(lambda: notices == ["This note names no pictures or files."])
    for name, data in (("a & b.pdf", b"%PDF-1.7"), ("c.png", png()), ("other.png", png(1, 1))):
        desk.service.add_bytes(note_id, data, name)
    desk.view.editor.insertPlainText("![[c.png]] [p](a%20&%20b.pdf) ![](c.png)")
    desk.actions["note.files"].trigger()
    controls = desk.screen.attachments
    assert controls is not None
    desk.until(lambda: controls.menu is not None and controls.menu.isVisible())
    assert [action.text() for action in controls.menu.actions()] == ["c.png", "a && b.pdf"]
    desk.answers.answer = Questions.OPEN
    QTest.keyClick(controls.menu, Qt.Key.Key_Return)
    desk.until(lambda: desk.answers.opened)
    assert desk.answers.asked == [("c.png", True)]


def test_what_is_missing_damaged_or_huge_says_so_in_its_place(desk: Desk) -> None:
    note_id = desk.open("")
    lost = desk.service.add_bytes(note_id, png(1, 1), "lost.png")
    desk.files.path(lost.file.hash).unlink()
    desk.service.add_bytes(note_id, huge_png(100_000, 100_000), "bomb.png")
    desk.service.add_bytes(note_id, png()[:60], "torn.png")
    text = "a ![x](lost.png) b ![](bomb.png) c ![](torn.png) d ![](never.png) e ![alt](https://example.org/a.png)"
    desk.view.editor.insertPlainText(text)
    desk.view.set_mode(READ)
    desk.until(lambda: "[Not found: never.png]" in desk.read())
    desk.until(lambda: "[lost.png: it is missing or damaged]" in desk.read())
    assert "[bomb.png: it is too large to be shown, 100,000 × 100,000 pixels]" in desk.read()
    assert "[torn.png: it" in desk.read()
    assert "[Image: alt]" in desk.read()


def test_a_picture_is_decoded_by_the_kind_its_bytes_say_and_no_larger_than_shown() -> None:
    file = StoredFile("0" * 64, "a.png", "image/png", 1)
    shown = decode_picture(file, png(2000, 1000), 700)
    assert shown.image is not None
    assert (shown.image.width(), shown.image.height(), shown.width, shown.height) == (700, 350, 2000, 1000)
    as_gif = StoredFile("0" * 64, "a.gif", "image/gif", 1)
    assert decode_picture(as_gif, png(), 700).image is None
    side = int(MOST_PIXELS**0.5) + 1
    assert decode_picture(file, huge_png(side, side), 700).image is None
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    assert decode_picture(file, svg, 700).image is None


def test_a_picture_is_copied_as_it_is_written(desk: Desk) -> None:
    note_id = desk.open("")
    desk.service.add_bytes(note_id, png(), "a b.png")
    desk.view.editor.insertPlainText("see ![it](<a b.png>)")
    desk.view.set_mode(READ)
    desk.until(lambda: OBJECT in desk.read())
    desk.parts()[0].selectAll()
    assert "![it](a%20b.png)" in desk.view.reader.selected_text()
