"""The list of chats: what Enter and Down take while the rows still follow what is typed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop_app.domain.chat_list import ChatFilter
from desktop_app.domain.conversation import Conversation
from desktop_app.domain.errors import StoreLockedError
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import LineDialog
from tests.ui.chat_room import Room, open_room


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        yield made


class Gate:
    """Holds back the answer for one text of the filter."""

    def __init__(self, room: Room, text: str) -> None:
        self.opened = threading.Event()
        self.fails = False
        listed = room.service.list_chats

        def list_chats(wanted: ChatFilter, limit: int, offset: int = 0) -> list[Conversation]:
            if wanted.text == text:
                assert self.opened.wait(20)
                if self.fails:
                    raise StoreLockedError("The store is locked.")
            return listed(wanted, limit, offset)

        room.service.list_chats = list_chats  # type: ignore[method-assign]


@pytest.fixture
def two_chats(room: Room) -> tuple[int, int]:
    """Ids of "About pens" and "About ink"; the latter stands first."""
    pens, ink = room.service.add_chat("About pens", "a", "b"), room.service.add_chat("About ink", "a", "b")
    room.show()
    return pens, ink


def filter_for(room: Room, text: str, key: Qt.Key) -> None:
    room.screen.pane.filter.setText(text)
    room.qtbot.keyClick(room.screen.pane.filter, key)


def test_enter_waits_for_the_rows_of_what_was_typed(room: Room, two_chats: tuple[int, int]) -> None:
    gate = Gate(room, "pen")
    filter_for(room, "pen", Qt.Key.Key_Return)
    room.turn()
    assert room.presenter.conversation_id is None
    assert room.presenter.chats.conversations[0].id == two_chats[1], "the old rows are still there"
    gate.opened.set()
    room.until(lambda: room.presenter.conversation_id == two_chats[0])
    room.settle()
    assert room.presenter.conversation_id == two_chats[0]


def test_enter_waits_also_for_the_search_through_everything(room: Room, two_chats: tuple[int, int]) -> None:
    gate = Gate(room, "paper")
    filter_for(room, "paper", Qt.Key.Key_Return)
    gate.opened.set()
    room.until(lambda: room.searches == ["paper"])
    assert room.presenter.conversation_id is None


def test_typing_on_takes_the_enter_back(room: Room, two_chats: tuple[int, int]) -> None:
    gate = Gate(room, "pen")
    filter_for(room, "pen", Qt.Key.Key_Return)
    room.screen.pane.filter.setText("in")
    gate.opened.set()
    room.until(lambda: [each.id for each in room.presenter.chats.conversations] == [two_chats[1]])
    room.settle()
    assert room.presenter.conversation_id is None


def test_a_list_that_cannot_be_read_opens_nothing_later(room: Room, two_chats: tuple[int, int]) -> None:
    gate = Gate(room, "pen")
    gate.fails = True
    filter_for(room, "pen", Qt.Key.Key_Return)
    gate.opened.set()
    room.until(lambda: bool(room.notices))
    gate.fails = False
    room.presenter.chats.refresh()
    room.until(lambda: room.presenter.chats.is_current)
    room.settle()
    assert room.presenter.conversation_id is None


def test_down_marks_the_first_row_of_what_was_typed(room: Room, two_chats: tuple[int, int]) -> None:
    gate = Gate(room, "pen")
    filter_for(room, "pen", Qt.Key.Key_Down)
    assert room.screen.pane.list.hasFocus()
    gate.opened.set()
    room.until(lambda: room.screen.pane.list.current_id == two_chats[0])
    room.qtbot.keyClick(room.screen.pane.list, Qt.Key.Key_Return)
    room.until(lambda: room.presenter.conversation_id == two_chats[0])


def test_a_file_is_no_title(room: Room, two_chats: tuple[int, int]) -> None:
    room.screen.pane.questions.rename(two_chats[0])
    question = room.screen.findChild(LineDialog)
    assert question is not None
    fields = question.findChildren(QLineEdit)
    assert fields
    assert not any(field.acceptDrops() for field in fields)
