"""Operators and their values are completed in the search box, by keys alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from tests.ui.search_room import Room


@pytest.fixture
def room(theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    room = Room(theme, actions, tasks, qtbot)
    room.notes.add("# Beds", "Home", ["garden"])
    room.notes.add("# Pens", "Home", ["gall-ink"])
    room.presenter.load_choices()
    room.until(lambda: room.presenter.choices.tags)
    room.screen.box.setFocus()
    room.until(room.screen.box.hasFocus)
    yield room
    room.presenter.close()


def offered(room: Room) -> list[str]:
    popup = room.screen.completer
    return [popup.list.item(row).text() for row in range(popup.list.count())] if popup.isVisible() else []


def test_a_tag_by_keys_alone(room: Room) -> None:
    box = room.screen.box
    box.setText("🙂 ")
    QTest.keyClicks(box, "ta")
    assert offered(room) == ["tag:   Tab"]
    room.key(Qt.Key.Key_Tab)
    assert box.text() == "🙂 tag:"
    assert offered(room) == ["gall-ink   (1)", "garden   (1)"]
    QTest.keyClicks(box, "g")
    room.key(Qt.Key.Key_Down)
    room.key(Qt.Key.Key_Return)
    assert box.text() == "🙂 tag:garden "
    assert offered(room) == []
    box.undo()
    assert box.text() == "🙂 tag:g"


def test_a_folder_with_a_blank_gets_its_quotes(room: Room) -> None:
    box = room.screen.box
    QTest.keyClicks(box, 'folder:"gen')
    assert offered(room) == ["Gen AI   (2)"]
    room.key(Qt.Key.Key_Tab)
    assert box.text() == 'folder:"Gen AI" '
    QTest.keyClicks(box, "-in:c")
    room.key(Qt.Key.Key_Return)
    assert box.text() == 'folder:"Gen AI" -in:chats '


def test_a_word_that_may_be_an_operator_is_still_a_word(room: Room) -> None:
    room.ask("passages")
    room.screen.box.clear()
    QTest.keyClicks(room.screen.box, "passages in")
    assert offered(room) == ["in:   Tab"]
    room.key(Qt.Key.Key_Return)
    assert room.screen.box.text() == "passages in"
    room.key(Qt.Key.Key_Down)
    assert room.screen.box.text() == "passages in"


def test_esc_puts_the_list_away_and_leaves_the_question(room: Room) -> None:
    QTest.keyClicks(room.screen.box, "tag:")
    assert offered(room)
    assert room.screen.on_escape()
    assert offered(room) == []
    assert room.screen.box.text() == "tag:"
    QTest.keyClicks(room.screen.box, "g")
    assert offered(room) == []


def test_a_question_from_elsewhere_opens_no_list(room: Room) -> None:
    room.screen.search_for("tag:")
    assert offered(room) == []
