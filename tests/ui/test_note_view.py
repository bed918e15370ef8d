"""What stands around one note: what went wrong, where the keyboard is, and the neighbour of a note that leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.about_pane import OUTLINE
from desktop_app.ui.notes.note_head import READ
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ErrorBox, SegmentedControl, TextButton
from tests.ui.notes_room import NotesRoom


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[NotesRoom]:
    made = NotesRoom(tmp_path, theme, actions, tasks, qtbot)
    yield made
    made.close()


def errors(room: NotesRoom) -> list[str]:
    return [box.accessibleName() for box in room.screen.view.findChildren(ErrorBox) if box.isVisible()]


def focused(room: NotesRoom) -> QWidget | None:
    return room.screen.window().focusWidget()


def test_an_error_of_something_else_stays_while_the_text_is_saved(room: NotesRoom, tasks: TaskRunner) -> None:
    note = room.notes.create("", "# One")
    room.open()
    room.show(note.id)
    room.presenter.failed.emit(InkwellError("It was not moved.", "", "Try again."))
    assert errors(room) == ["It was not moved."]
    room.screen.view.editor.insertPlainText("more ")
    room.editor.save_now()
    room.until(lambda: not room.editor.unsaved and tasks.idle)
    assert room.screen.view.head.save_label.text() == "Saved"
    assert errors(room) == ["It was not moved."]
    box = room.screen.view.findChild(ErrorBox)
    next(button for button in box.findChildren(TextButton) if button.text() == "Close").click()
    room.until(lambda: not errors(room))


def test_a_save_that_failed_is_told_of_until_one_succeeds(
    room: NotesRoom, tasks: TaskRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = room.notes.create("", "# One")
    room.open()
    room.show(note.id)
    with monkeypatch.context() as patched:

        def refuse(*_arguments: object, **_more: object) -> object:
            raise InkwellError("It is not saved.", "", "")

        patched.setattr(room.notes, "save", refuse)
        room.screen.view.editor.insertPlainText("more ")
        room.editor.save_now()
        room.until(lambda: errors(room))
    room.editor.save_now()
    room.until(lambda: not room.editor.unsaved and tasks.idle)
    assert errors(room) == []


def test_a_note_that_could_not_be_opened_leaves_the_keyboard_to_the_list(room: NotesRoom, tasks: TaskRunner) -> None:
    notes = [room.notes.create("", f"# Note {number}") for number in range(3)]
    room.open()
    room.show(notes[0].id)
    room.editor.open(9_999)
    room.screen.view._focus_when_shown = True  # as `focus_text` does while a note is on its way
    room.until(lambda: errors(room) and tasks.idle)
    room.screen.pane.list.setFocus()
    room.screen.pane.list.setCurrentIndex(room.presenter.model.index(room.presenter.model.row_of(notes[1].id)))
    room.settle(notes[1].id)
    assert focused(room) is room.screen.pane.list


def test_leaving_the_lone_text_of_a_note_that_closes_keeps_no_wish_for_the_keyboard(
    room: NotesRoom, tasks: TaskRunner
) -> None:
    notes = [room.notes.create("", f"# Note {number}") for number in range(2)]
    screen = room.open()
    room.show(notes[0].id)
    screen.set_alone(True)
    room.editor.close_note()
    assert not screen.view._focus_when_shown


def test_the_neighbour_of_a_note_that_leaves_is_the_one_beside_it_now(room: NotesRoom, tasks: TaskRunner) -> None:
    notes = [room.notes.create("", f"# Note {number}") for number in range(5)]
    screen = room.open()
    room.show(notes[0].id)  # the oldest: at the end of the list
    screen.view.editor.insertPlainText("edited ")
    room.editor.save_now()
    room.until(lambda: room.presenter.model.row_of(notes[0].id) == 0 and tasks.idle)
    room.presenter.trash([notes[0].id])
    room.until(lambda: room.editor.note is not None and room.editor.note.id != notes[0].id and tasks.idle)
    assert room.editor.note is not None
    assert room.editor.note.id == notes[4].id, "it moved up to the first row"


def test_places_are_counted_anew_in_another_note(room: NotesRoom, tasks: TaskRunner) -> None:
    first, second = room.notes.create("", "# One\n\nink ink ink"), room.notes.create("", "# Two\n\nink")
    screen = room.open()
    room.show(first.id)
    screen.view.find_text(replacing=False)
    screen.view.find_bar.line.setText("ink")
    room.until(lambda: screen.view.find_bar.count.text() == "3 places")
    room.editor.open(second.id)
    room.settle(second.id)
    room.until(lambda: screen.view.find_bar.count.text() == "1 place")


def test_choices_that_are_given_the_keyboard_take_it_where_they_are(theme: Theme, qtbot: QtBot) -> None:
    choices = SegmentedControl((("a", "One"), ("b", "Two"), ("c", "Three")), name="Which", value="b")
    qtbot.addWidget(choices)
    choices.show()
    qtbot.waitExposed(choices)
    choices.activateWindow()
    choices.setFocus()
    second = choices.findChildren(TextButton)[1]
    qtbot.waitUntil(second.hasFocus)
    qtbot.keyClick(second, Qt.Key.Key_Right)
    assert choices.value == "c"
    second.clearFocus()
    choices.setFocus()
    assert choices.findChildren(TextButton)[2].hasFocus()


def test_the_keyboard_in_an_empty_pane_is_on_its_tabs(room: NotesRoom) -> None:
    note = room.notes.create("", "no heading")
    screen = room.open()
    room.show(note.id)
    links = screen.links
    assert links is not None
    links.toggle()
    links.pane.show_tab(OUTLINE)
    links.pane.take_focus()
    assert isinstance(focused(room), TextButton)


@pytest.mark.parametrize("mode", ["write", READ])
def test_a_drawer_that_is_closed_gives_the_keyboard_back_to_the_text(room: NotesRoom, mode: str) -> None:
    note = room.notes.create("", "# One\n\n## Two")
    screen = room.open()
    screen.set_compact(True)
    room.show(note.id)
    screen.view.set_mode(mode)
    room.actions["note.about"].trigger()
    room.actions["note.about"].trigger()
    links = screen.links
    assert links is not None
    assert links.pane.isAncestorOf(focused(room))
    assert screen.on_escape()
    text = screen.view.reader if mode == READ else screen.view.editor
    assert focused(room) is text


def test_a_drawer_that_is_closed_takes_the_keyboard_from_nobody_else(room: NotesRoom) -> None:
    note = room.notes.create("", "# One\n\n## Two")
    screen = room.open()
    screen.set_compact(True)
    room.show(note.id)
    room.actions["note.about"].trigger()
    screen.pane.filter_box.setFocus()
    assert screen.on_escape()
    assert focused(room) is screen.pane.filter_box
