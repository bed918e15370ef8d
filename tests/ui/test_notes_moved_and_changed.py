"""Several notes are moved at once, and the open one is changed from elsewhere while it is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from tests.ui.test_notes_screen import Room

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def room(theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    made = Room(theme, actions, tasks, qtbot)
    yield made
    made.close()


def test_the_question_where_to_move_says_how_many_and_offers_the_folder_that_all_are_in(room: Room) -> None:
    one, two = (room.notes.create(folder, folder).id for folder in ("Here", "There"))
    room.until(lambda: len(room.presenter.model.rows) == 2)
    room.open(one)
    room.actions["note.move"].trigger()
    assert room.questions.asked_of_folder == ("Here", 1)
    room.until(lambda: room.notes.get(one).folder == "Work")
    room.screen.pane.list.selectAll()
    room.questions.chosen_folder = "There"
    room.actions["note.move"].trigger()
    assert room.questions.asked_of_folder == ("", 2), "each is in another one"
    room.until(lambda: room.notes.get(one).folder == room.notes.get(two).folder == "There")


def test_what_is_done_to_several_notes_is_called_so(room: Room) -> None:
    first, _ = room.add("One", "Two")
    room.open(first)
    said = ("note.delete", "note.export_pdf", "note.move")
    room.screen.pane.list.selectAll()
    assert [room.actions[one].text() for one in said] == ["Move notes to trash", "Export notes as PDF…", "Move notes…"]
    room.screen.pane.select(first)
    assert [room.actions[one].text() for one in said] == ["Move note to trash", "Export note as PDF…", "Move note…"]


def test_a_move_is_undone_after_its_notice_from_the_list_of_actions_and_by_a_key_in_the_list(room: Room) -> None:
    ids = room.add("One", "Two", folder="Here")
    undo = room.actions["note.undo"]
    assert not undo.isEnabled()
    for take_back in (undo.trigger, lambda: room.qtbot.keyClick(room.screen.pane.list, "z", CTRL)):
        room.presenter.move(ids, "There")
        room.until(undo.isEnabled)
        assert undo.text() == "Undo: move of 2 notes"
        room.screen.pane.list.setFocus()
        take_back()
        room.until(lambda: {room.notes.get(note_id).folder for note_id in ids} == {"Here"})
        room.until(lambda: not undo.isEnabled())


def test_a_change_from_elsewhere_can_be_undone_and_what_was_typed_before_it_too(room: Room) -> None:
    (note_id,) = room.add("# Old\n\nsee 🖋 [[Old]]\n")
    room.open(note_id)
    editor = room.screen.view.editor
    editor.moveCursor(QTextCursor.MoveOperation.End)
    editor.insertPlainText("typed")
    room.until(lambda: room.notes.get(note_id).text.endswith("typed"))
    room.until(lambda: room.tasks.idle and not room.editor.unsaved)
    room.notes.change_elsewhere(note_id, "# New\n\nsee 🖋 [[New]]\ntyped")
    room.editor.refresh()
    room.until(lambda: editor.display_text() == "# New\n\nsee 🖋 [[New]]\ntyped")
    room.until(lambda: room.tasks.idle)
    assert room.notes.get(note_id).text == "# New\n\nsee 🖋 [[New]]\ntyped"
    assert editor.textCursor().atEnd()
    editor.undo()
    assert editor.display_text() == "# Old\n\nsee 🖋 [[Old]]\ntyped"
    editor.undo()
    assert editor.display_text() == "# Old\n\nsee 🖋 [[Old]]\n"
    room.until(lambda: room.notes.get(note_id).text == "# Old\n\nsee 🖋 [[Old]]\n")
