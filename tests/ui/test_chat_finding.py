"""The chat list's filter finds words in messages, and a hit leads to its message."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import StoreLockedError
from desktop_app.presenters.chat_rows import MessageRowId
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from tests.ui.chat_room import Room, open_room


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        yield made


def listed(room: Room) -> list[str]:
    return [row.title for row in room.presenter.chats.model.rows]


def hits(room: Room) -> list[MessageRowId]:
    return [row.id for row in room.presenter.chats.model.rows if isinstance(row.id, MessageRowId)]


def found(room: Room, text: str) -> None:
    room.screen.pane.filter.setText(text)
    room.until(lambda: text in room.search.asked and room.tasks.idle and room.presenter.chats.is_current)
    room.turn()


def test_messages_stand_below_the_titles(room: Room) -> None:
    pens = room.service.add_chat("About pens", "which ink?", "a tiger drinks ink")
    room.service.add_chat("About ink", "x", "y")
    room.show()
    found(room, "ink")
    room.until(lambda: len(hits(room)) == 2)
    assert listed(room) == [
        "Today",
        "About ink",
        "In messages",
        "About pens",
        "About pens",
        "Search everything for “ink”",
    ]
    row = room.presenter.chats.model.rows[3]
    assert (row.second_line, row.marks) == ("which ink?", ((6, 9),))
    assert {hit.conversation_id for hit in hits(room)} == {pens}


def test_enter_goes_to_the_message(room: Room) -> None:
    texts = [f"message {number}" for number in range(900)]
    texts[40] = "the needle"
    chat = room.service.add_chat("Hay", *texts)
    room.show()
    room.screen.pane.filter.setText("needle")
    room.qtbot.keyClick(room.screen.pane.filter, Qt.Key.Key_Return)
    room.until(lambda: room.presenter.conversation_id == chat)
    view = room.screen.transcript
    room.until(lambda: any(row._is_marked for row in view.rows))
    (goal,) = [row for row in view.rows if row._is_marked]
    assert goal.message.text == "the needle"
    top = goal.y() - view.verticalScrollBar().value()
    assert 0 <= top < view.viewport().height()
    assert len(view.rows) < 200, "what lies between is not made"
    room.settle()
    assert room.screen.pane.list.current_id == hits(room)[0], "the hit stays marked"


def test_a_hit_in_the_open_chat_needs_no_reading(room: Room) -> None:
    chat = room.service.add_chat("Hay", "the needle", *["x"] * 30)
    room.show()
    room.open(chat)
    found(room, "needle")
    room.screen.pane.list.chosen.emit(hits(room)[0])
    room.until(lambda: any(row._is_marked for row in room.screen.transcript.rows))


def test_another_branch_is_read_anew(room: Room) -> None:
    chat = room.service.add_chat("Hay", "q", "shown")
    room.show()
    room.open(chat)
    hidden = room.service.change_message(chat, 1, text="the needle")

    def switch(_chat: int, _message: int) -> bool:
        room.service.change_message(chat, 1, id=hidden.id)
        return True

    room.search.switch = switch
    room.presenter.jump.go(MessageRowId(chat, hidden.id))
    room.until(lambda: any(row._is_marked for row in room.screen.transcript.rows))
    assert room.presenter.transcript.messages[-1].text == "the needle"


def test_walking_over_a_hit_opens_nothing(room: Room) -> None:
    room.service.add_chat("Hay", "the needle", "x")
    room.show()
    found(room, "needle")
    pane = room.screen.pane
    room.qtbot.keyClick(pane.filter, Qt.Key.Key_Down)
    room.qtbot.keyClick(pane.list, Qt.Key.Key_Down)
    room.settle()
    assert room.presenter.conversation_id is None
    assert room.searches == []
    pane.list.select(hits(room)[0])
    room.qtbot.keyClick(pane.list, Qt.Key.Key_Return)
    room.until(lambda: room.presenter.conversation_id is not None)


def test_a_late_answer_never_stands_under_a_newer_text(room: Room) -> None:
    room.service.add_chat("Old", "needle", "x")
    new = room.service.add_chat("New", "thread", "x")
    room.show()
    gate = room.search.hold("needle")
    room.screen.pane.filter.setText("needle")
    room.until(lambda: "needle" in room.search.asked)
    room.screen.pane.filter.setText("thread")
    room.until(lambda: [hit.conversation_id for hit in hits(room)] == [new])
    gate.set()
    room.settle()
    assert [hit.conversation_id for hit in hits(room)] == [new]


def test_nothing_found_says_so_and_leads_back(room: Room) -> None:
    room.service.add_chat("Hay", "a", "b")
    room.show()
    found(room, "zebra")
    pane = room.screen.pane
    assert pane._empty.text() == "No chat has this in its title or its messages."
    assert pane._way_out.isVisible()
    pane._way_out.click()
    room.settle()
    assert listed(room) == ["Today", "Hay"]
    assert pane.filter.text() == ""


def test_titles_stay_when_messages_cannot_be_searched(room: Room) -> None:
    room.service.add_chat("Hay", "a", "b")
    room.show()
    room.search.fails = StoreLockedError("The store is locked.")
    found(room, "hay")
    room.until(lambda: bool(room.notices))
    assert listed(room) == ["Today", "Hay", "Search everything for “hay”"]


def test_the_archive_and_the_trash_search_titles_only(room: Room) -> None:
    room.service.trash(room.service.add_chat("Hay", "a", "b"))
    room.show()
    room.actions["chat.show_trash"].trigger()
    room.screen.pane.filter.setText("hay")
    room.settle()
    room.until(lambda: listed(room) == ["Hay"])
    assert room.search.asked == []


def test_what_is_found_after_the_filter_was_emptied_is_forgotten(room: Room) -> None:
    room.service.add_chat("Hay", "needle", "x")
    room.show()
    gate = room.search.hold("needle")
    room.screen.pane.filter.setText("needle")
    room.until(lambda: "needle" in room.search.asked)
    room.screen.pane.filter.clear()
    gate.set()
    room.settle()
    assert room.presenter.chats.hits == []
