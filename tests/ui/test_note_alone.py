"""Nothing but the text of a note: what goes, what stays, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from tests.ui.notes_room import NotesRoom


class Room(NotesRoom):
    first: int
    second: int


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    made = Room(tmp_path, theme, actions, tasks, qtbot)
    made.first = made.notes.create("", "# First\n\nwords").id
    made.second = made.notes.create("", "# Second").id
    made.notes.set_tags(made.first, ["ink"])
    made.open()
    made.show(made.first)
    yield made
    made.close()


def test_only_the_text_is_seen_and_esc_brings_all_of_it_back(room: Room) -> None:
    screen, view = room.screen, room.screen.view
    told: list[bool] = []
    screen.alone_changed.connect(told.append)
    assert screen.links is not None
    screen.links.toggle()
    around = (screen.pane, view.head, view.words, view.title, view._tags, screen.links.pane)
    room.until(lambda: all(widget.isVisible() for widget in around))
    room.actions["note.alone"].trigger()
    assert [widget for widget in around if widget.isVisible()] == []
    assert view.editor.isVisible()
    text = view.editor.viewport()
    room.until(lambda: abs(text.mapTo(screen, text.rect().center()).x() - screen.width() // 2) <= 12)
    assert screen.on_escape()
    assert [widget for widget in around if not widget.isVisible()] == []
    assert told == [True, False]
    assert not screen.on_escape()


def test_a_typed_title_and_finding_stay_and_esc_closes_what_is_on_top(room: Room) -> None:
    screen, view = room.screen, room.screen.view
    room.notes.save(room.first, "words", title="A title")
    room.until(lambda: view.title.line.text() == "A title")
    room.actions["note.alone"].trigger()
    assert view.title.isVisible()
    room.actions["note.find"].trigger()
    assert view.find_bar.isVisible()
    assert screen.on_escape()
    assert not view.find_bar.isVisible()
    assert not screen.pane.isVisible()
    room.actions["note.alone"].trigger()
    assert screen.pane.isVisible()


def test_what_is_asked_of_the_list_brings_it_back(room: Room) -> None:
    room.actions["note.alone"].trigger()
    assert room.notices == ["Only the text. Esc brings all the rest back."]
    room.actions["note.filter"].trigger()
    assert room.screen.pane.filter_box.isVisible()
    assert room.screen.view.head.isVisible()


def test_of_two_notes_the_one_that_is_worked_in_stays(room: Room) -> None:
    room.screen.open_beside(room.second)
    beside = room.settle(room.second)
    room.actions["note.alone"].trigger()
    assert beside.view.editor.isVisible()
    assert not room.screen.view.isVisible()
    assert not any(tab.isVisible() for tab in room.screen.desk.tabs)
    room.actions["note.other_side"].trigger()
    assert room.screen.view.editor.isVisible()
    assert not room.screen.view.head.isVisible()
    room.actions["note.alone"].trigger()
    assert beside.view.head.isVisible()
    assert room.screen.view.head.isVisible()


def test_a_note_that_is_opened_beside_is_shown_alone_too(room: Room) -> None:
    room.actions["note.alone"].trigger()
    room.screen.open_beside(room.second)
    beside = room.settle(room.second)
    assert beside.view.editor.isVisible()
    assert not beside.view.head.isVisible()
    room.actions["note.alone"].trigger()
    assert beside.view.head.isVisible()


def test_another_note_is_shown_alone_too_and_none_ends_it(room: Room) -> None:
    room.actions["note.alone"].trigger()
    room.show(room.second)
    assert not room.screen.view.head.isVisible()
    assert not room.screen.pane.isVisible()
    room.editor.close_note()
    assert room.screen.pane.isVisible()
    assert not room.actions["note.alone"].isEnabled()
