"""A long answer that ends out of sight is told of; a short one, or one that is seen, is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import WorkerCrashedError
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.answer_notices import LONG_S
from desktop_app.ui.theme.theme import Theme
from tests.ui.chat_room import Room, open_room


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        yield made


class Asked:
    """A chat named "One" in which a question was just asked, and a clock to turn."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.now = 0.0
        room.screen.answer_notices._clock = lambda: self.now
        self.chat = room.service.add_chat("One", "Hi", "Hello")
        self.other = room.service.add_chat("Two", "Hi", "Hello")
        room.show()
        room.open(self.chat)
        room.type_and_send("Tell me")
        room.service.feed("Once ")
        room.until(lambda: room.presenter.transcript.messages[-1].text == "Once ")

    def look_at(self, chat: int) -> None:
        self.room.presenter.open(chat)
        self.room.until(lambda: self.room.presenter.conversation_id == chat)

    def end(self, after: float, how: object = StopReason.END) -> list[str]:
        """The notices once the answer has ended."""
        self.now = after
        self.room.service.feed(how)  # type: ignore[arg-type]
        self.room.until(lambda: self.room.presenter.running_conversation_id is None)
        self.room.settle()
        return [notice.text for notice in self.room.notices]


def test_a_long_answer_elsewhere_is_told_of_and_led_to(room: Room) -> None:
    asked = Asked(room)
    asked.look_at(asked.other)
    assert asked.end(LONG_S + 1) == ["The answer in “One” is written"]
    chats: list[int] = []
    room.shell.open_chat.connect(chats.append)
    action = room.notices[0].action
    assert action is not None
    action()
    assert chats == [asked.chat]


def test_a_short_one_is_not(room: Room) -> None:
    asked = Asked(room)
    asked.look_at(asked.other)
    assert asked.end(LONG_S - 1) == []


def test_what_is_seen_is_not_told(room: Room) -> None:
    assert Asked(room).end(LONG_S + 1) == []


def test_an_answer_behind_another_room_is_told_of(room: Room) -> None:
    asked = Asked(room)
    room.screen.hide()
    assert asked.end(LONG_S + 1) == ["The answer in “One” is written"]


def test_one_that_broke_off_is_said_to_have(room: Room) -> None:
    asked = Asked(room)
    asked.look_at(asked.other)
    assert asked.end(LONG_S + 1, WorkerCrashedError("The chat model stopped.")) == ["The answer in “One” broke off"]


def test_one_that_was_stopped_needs_no_telling(room: Room) -> None:
    asked = Asked(room)
    asked.look_at(asked.other)
    room.presenter.stop()
    assert asked.end(LONG_S + 1, StopReason.STOPPED) == []
