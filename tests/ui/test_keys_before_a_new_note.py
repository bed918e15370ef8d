"""A new note: what is typed before it is there is written into it, and into nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QStackedWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import DiskFullError, InkwellError
from desktop_app.domain.notes import Note
from desktop_app.presenters.note_editor import AT_END
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from tests.ui.test_notes_screen import Room


@pytest.fixture
def room(theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    made = Room(theme, actions, tasks, qtbot)
    yield made
    made.close()


def hold_creation(room: Room, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A store that takes its time until the event is set."""
    go_on, create = threading.Event(), room.notes.create

    def slow(folder: str = "", text: str = "") -> Note:
        assert go_on.wait(5)
        return create(folder, text)

    monkeypatch.setattr(room.notes, "create", slow)
    return go_on


def test_what_is_typed_before_a_new_note_is_there_is_written_into_it(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, window = room.screen.pane.filter_box, room.screen.windowHandle()
    box.setFocus()
    go_on = hold_creation(room, monkeypatch)
    room.actions["note.new"].trigger()
    for key in (Qt.Key.Key_I, Qt.Key.Key_N, Qt.Key.Key_X, Qt.Key.Key_Backspace, Qt.Key.Key_K):
        QTest.keyClick(window, key)
    go_on.set()
    room.until(lambda: room.screen.view.editor.display_text() == "ink")
    assert box.text() == ""
    QTest.keyClick(window, Qt.Key.Key_S)
    room.until(lambda: room.screen.view.editor.display_text() == "inks")


def test_a_press_of_the_mouse_gives_the_keys_to_what_was_pressed(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    box, window = room.screen.pane.filter_box, room.screen.windowHandle()
    go_on = hold_creation(room, monkeypatch)
    room.actions["note.new"].trigger()
    QTest.keyClick(window, Qt.Key.Key_I)
    QTest.mouseClick(window, Qt.MouseButton.LeftButton, pos=box.mapTo(room.screen, box.rect().center()))
    QTest.keyClick(window, Qt.Key.Key_F)
    assert box.text() == "f"
    go_on.set()
    room.until(lambda: room.screen.view.editor.display_text() == "i")


def test_keys_typed_for_a_note_that_could_not_be_made_reach_nothing_else(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, window = room.screen.pane.filter_box, room.screen.windowHandle()
    go_on = threading.Event()
    failed: list[InkwellError] = []

    def refuse(folder: str = "", text: str = "") -> Note:
        assert go_on.wait(5)
        raise DiskFullError("The disk is full.")

    monkeypatch.setattr(room.notes, "create", refuse)
    room.presenter.failed.connect(failed.append)
    box.setFocus()
    room.actions["note.new"].trigger()
    QTest.keyClick(window, Qt.Key.Key_I)
    go_on.set()
    room.until(lambda: len(failed) == 2)
    assert failed[0].why == "i", "what was typed can be copied from the notice"
    QTest.keyClick(window, Qt.Key.Key_F)
    assert box.text() == "f"


def test_what_is_typed_while_a_note_is_looked_for_is_written_into_it(room: Room) -> None:
    note = room.notes.create("", "Today\n")
    box, window = room.screen.pane.filter_box, room.screen.windowHandle()
    box.setFocus()
    room.screen.await_note()
    QTest.keyClick(window, Qt.Key.Key_I)
    room.screen.take_awaited(note.id)
    room.screen.open_note(note.id, *AT_END)
    QTest.keyClick(window, Qt.Key.Key_N)
    room.until(lambda: room.screen.view.editor.display_text() == "Today\nin")
    assert box.text() == ""


def test_another_note_asked_for_before_the_new_one_is_shown_frees_the_keys(room: Room) -> None:
    note, other = room.notes.create("", "Today\n"), room.notes.create("", "Other\n")
    box, window = room.screen.pane.filter_box, room.screen.windowHandle()
    failed: list[InkwellError] = []
    room.presenter.failed.connect(failed.append)
    room.screen.await_note()
    QTest.keyClick(window, Qt.Key.Key_I)
    room.screen.take_awaited(note.id)
    room.screen.open_note(note.id, *AT_END)
    room.screen.open_note(other.id)
    room.until(lambda: bool(failed))
    assert failed[0].why == "i", "what was typed can be copied from the notice"
    assert room.screen.view.editor.display_text() == "Other\n"
    box.setFocus()
    QTest.keyClick(window, Qt.Key.Key_F)
    assert box.text() == "f"


def test_keys_typed_after_the_notes_were_left_go_to_what_is_shown_instead(
    room: Room, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    go_on, window = hold_creation(room, monkeypatch), QStackedWidget()
    qtbot.addWidget(window)
    elsewhere = QLineEdit()
    window.addWidget(room.screen)
    window.addWidget(elsewhere)
    window.show()
    qtbot.waitExposed(window)
    room.actions["note.new"].trigger()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_I)
    window.setCurrentWidget(elsewhere)
    elsewhere.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F)
    assert elsewhere.text() == "f"
    go_on.set()
    room.until(lambda: room.screen.view.editor.display_text() == "i")
    room.screen.setParent(None)
