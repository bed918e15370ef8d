"""Properties of a note in the window: seen, edited, taken back, and told when they were changed elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.notes import ImportSource
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_properties import NoteProperties
from desktop_app.services.notes import IncomingNote
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.properties_controls import PropertiesControls
from desktop_app.ui.notes.properties_sheet import PropertiesSheet
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ErrorBox, TextButton
from tests.ui.notes_room import NotesRoom, texts_in

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LINES = "status: draft # for now\r\naliases: [Swarm]\r\ntags:\r\n  - garden\r\n"


class Room(NotesRoom):
    """A note that came with properties, and one without."""

    def __init__(self, folder: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        super().__init__(folder, theme, actions, tasks, qtbot)
        source = ImportSource(path="bees.md", file="/v/bees.md", hash="0", front_matter=LINES)
        incoming = IncomingNote("Bees", "# Bees\n\nsmoke\n", "", ("garden",), source, NOW, NOW)
        self.bees = self.notes.add_imported(incoming).id
        self.ink = self.notes.create("", "# Ink\n\ngalls\n").id
        self.open()

    @property
    def controls(self) -> PropertiesControls:
        controls = self.screen.desk.active.properties
        assert controls is not None
        return controls

    def sheet(self) -> PropertiesSheet:
        self.actions["note.properties"].trigger()
        self.until(lambda: any(one.isVisible() for one in self.screen.findChildren(PropertiesSheet)))
        return next(one for one in self.screen.findChildren(PropertiesSheet) if one.isVisible())


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    room = Room(tmp_path, theme, actions, tasks, qtbot)
    yield room
    room.close()


def test_properties_are_behind_one_line_above_the_text(room: Room) -> None:
    room.show(room.ink)
    assert not room.controls.fold.isVisible()
    room.show(room.bees)
    fold = room.controls.fold
    assert fold.isVisible()
    assert fold.toggle.text() == "▸ Properties (2)"
    assert "status" not in texts_in(fold)
    fold.toggle.click()
    assert texts_in(fold) == ["status", "draft # for now", "aliases", "Swarm"]
    room.show(room.ink)
    assert not fold.isVisible()


def test_an_edit_is_saved_shown_and_taken_back(room: Room) -> None:
    room.show(room.bees)
    sheet = room.sheet()
    assert sheet.editor.toPlainText() == LINES.replace("\r\n", "\n")
    sheet.editor.setPlainText(sheet.editor.toPlainText().replace("draft", "done").replace("- garden", "- hives"))
    sheet.save_button.click()
    room.until(lambda: room.undos)
    wanted = LINES.replace("draft", "done").replace("- garden", "- hives")
    assert room.notes.get(room.bees).front_matter == wanted
    note = room.screen.desk.main
    room.until(lambda: note.note is not None and note.note.tags == ("hives",))
    assert room.notices == ["Properties saved."]
    room.undos[0]()
    room.until(lambda: note.note is not None and note.note.tags == ("garden",))
    assert room.notes.get(room.bees).front_matter == LINES


def test_what_is_typed_in_the_text_meanwhile_is_saved_too(room: Room) -> None:
    room.show(room.bees)
    sheet = room.sheet()
    room.screen.view.editor.insertPlainText("typed ")
    sheet.editor.setPlainText("status: done\n")
    sheet.save_button.click()
    room.until(lambda: room.undos)
    room.until(lambda: room.notes.get(room.bees).text.startswith("typed "))
    assert room.notes.get(room.bees).front_matter == "status: done\r\n"
    assert len(room.presenter.model.rows) == 2


def test_a_note_without_properties_gets_some(room: Room) -> None:
    room.show(room.ink)
    sheet = room.sheet()
    sheet.editor.setPlainText("status: draft")
    sheet.save_button.click()
    room.until(room.controls.fold.isVisible)
    assert room.notes.get(room.ink).front_matter == "status: draft\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: b\n---\nc: d", "Line 2 would end the properties: take it out."),
        ("only words", "Line 1 has no name: write “name: value”."),
        ("a: b\nA: c", "Line 2 has a name that stands above already."),
        ("a:\n\t- b", "Line 2 begins with a tab: use blanks."),
        ("a: [b, c", "A list, a mapping or a quotation is not closed."),
    ],
)
def test_a_fault_is_said_below_and_not_saved(room: Room, text: str, words: str) -> None:
    room.show(room.bees)
    sheet = room.sheet()
    assert not sheet.fault.isVisible()
    assert sheet.save_button.isEnabled()
    sheet.editor.setPlainText(text)
    assert sheet.fault.isVisible()
    assert sheet.fault.text() == words
    assert not sheet.save_button.isEnabled()
    sheet.reject()


def test_a_change_elsewhere_is_told_and_what_was_typed_stays(room: Room) -> None:
    room.show(room.bees)
    sheet = room.sheet()
    NoteProperties(room.notes).save(room.bees, "status: theirs\r\n", LINES)
    sheet.editor.setPlainText("status: mine\n")
    size = sheet.size()
    sheet.save_button.click()
    room.until(lambda: [box for box in sheet.findChildren(ErrorBox) if box.isVisible()])
    assert sheet.isVisible()
    assert sheet.size() == size, "what is told takes its room from the lines"
    assert sheet.editor.toPlainText() == "status: mine\n"
    assert room.notes.get(room.bees).front_matter == "status: theirs\r\n"
    (box,) = sheet.findChildren(ErrorBox)
    next(one for one in box.findChildren(TextButton) if one.text() == "Save it all the same").click()
    room.until(lambda: room.notes.get(room.bees).front_matter == "status: mine\r\n")
    assert "status: theirs\r\n" in [one.front_matter for one in room.notes.versions(room.bees)]


def test_properties_in_the_text_itself_are_gone_to(room: Room) -> None:
    note = room.notes.create("", "---\nmood: good\n---\ntext\n")
    room.show(note.id)
    room.actions["note.properties"].trigger()
    room.until(lambda: room.notices)
    assert room.notices == ["This note's properties are the first lines of its text."]
    assert not room.screen.findChildren(PropertiesSheet)
