"""An answer goes on while another chat is read; a second question waits for it, visibly, and can be taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.domain.conversation import Conversation
from desktop_app.domain.errors import WorkerCrashedError
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from tests.ui.chat_room import Room, open_room


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        yield made


@pytest.fixture
def chats(room: Room) -> tuple[int, int]:
    """ "One", which is being answered, and "Two", which is shown, with a question written."""
    one, two = (room.service.add_chat(title, "Hi", "Hello") for title in ("One", "Two"))
    room.show()
    room.open(one)
    room.type_and_send("first")
    room.service.feed("An ")
    room.until(lambda: room.presenter.transcript.messages[-1].text == "An ")
    look_at(room, two)
    room.screen.composer.edit.setPlainText("second")
    return one, two


def look_at(room: Room, chat: int) -> None:
    """Open a chat while an answer is under way."""
    room.presenter.open(chat)
    room.until(lambda: room.presenter.conversation_id == chat)
    room.turn()


def hint(room: Room) -> str:
    return room.screen.composer._hint.text()


def texts(room: Room, chat: int) -> list[str]:
    return [message.text for message in room.service.messages(chat)][2:]


def marks(room: Room) -> dict[object, str]:
    return {row.id: row.at_right for row in room.presenter.chats.model.rows if row.at_right}


def test_a_second_question_waits_and_is_sent_in_its_turn(room: Room, chats: tuple[int, int]) -> None:
    one, two = chats
    composer = room.screen.composer
    assert composer.send_button.isVisible()
    room.qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert hint(room) == "Waiting for the answer in “One”"
    assert composer.edit.isReadOnly()
    assert composer.withdraw_button.isVisible()
    assert not composer.send_button.isVisible()
    room.until(lambda: marks(room) == {one: "writing…", two: "waits"})
    assert texts(room, two) == []
    room.service.feed("answer", StopReason.END)
    room.until(lambda: texts(room, two)[:1] == ["second"])
    assert texts(room, one) == ["first", "An answer"]
    room.until(lambda: composer.draft == "")
    assert not composer.edit.isReadOnly()
    room.service.feed("Another", StopReason.END)
    room.until(lambda: texts(room, two) == ["second", "Another"])
    room.until(lambda: marks(room) == {})


def test_a_waiting_question_is_taken_back_to_be_changed(room: Room, chats: tuple[int, int]) -> None:
    composer = room.screen.composer
    composer.send_button.click()
    composer.withdraw_button.click()
    assert not composer.edit.isReadOnly()
    assert composer.draft == "second"
    assert "is being written in “One”" in hint(room)
    room.service.feed("answer", StopReason.END)
    room.until(lambda: room.presenter.running_conversation_id is None)
    room.settle()
    assert texts(room, chats[1]) == []
    assert not room.actions["chat.withdraw"].isEnabled()


def test_esc_takes_back_and_leaves_the_other_answer_alone(room: Room, chats: tuple[int, int]) -> None:
    room.screen.composer.send_button.click()
    assert room.actions["chat.withdraw"].isEnabled()
    assert room.screen.on_escape()
    assert room.presenter.running_conversation_id == chats[0]
    assert not room.screen.composer.edit.isReadOnly()


def test_the_buttons_say_what_esc_does(room: Room, chats: tuple[int, int]) -> None:
    composer = room.screen.composer
    assert composer.stop_button.text() == "Stop  Esc", "nothing waits: it stops the answer in the other chat"
    assert composer.stop_button.toolTip() == ""
    composer.send_button.click()
    assert (composer.stop_button.text(), composer.withdraw_button.text()) == ("Stop", "Withdraw  Esc")
    assert composer.withdraw_button.accessibleName() == "Withdraw"
    assert "Esc takes your waiting question back" in composer.stop_button.toolTip()
    assert room.screen.on_escape()
    assert room.presenter.running_conversation_id == chats[0]
    assert composer.stop_button.text() == "Stop  Esc"
    look_at(room, chats[0])
    room.type_and_send("and then?")
    assert (composer.stop_button.text(), composer.withdraw_button.text()) == ("Stop  Esc", "Withdraw")
    assert "your waiting question is sent then" in composer.stop_button.toolTip()
    assert room.screen.on_escape()
    room.until(lambda: texts(room, chats[0])[:3] == ["first", "An ", "and then?"])
    room.until(composer.withdraw_button.isHidden)
    assert (composer.stop_button.text(), composer.stop_button.toolTip()) == ("Stop  Esc", "")
    room.service.feed("Then", StopReason.END)
    room.until(lambda: room.presenter.transcript.messages[-1].text == "Then")


def test_a_question_waits_for_the_answer_before_it_in_the_same_chat(room: Room, chats: tuple[int, int]) -> None:
    one, _two = chats
    look_at(room, one)
    room.type_and_send("and then?")
    assert hint(room) == "Waiting for this answer to end"
    assert room.screen.composer.stop_button.isVisible()
    room.service.feed("answer", StopReason.END)
    room.until(lambda: texts(room, one)[:3] == ["first", "An answer", "and then?"])
    room.service.feed("Then", StopReason.END)
    room.until(lambda: room.presenter.transcript.messages[-1].text == "Then")


def test_the_question_is_a_draft_until_it_is_sent(room: Room, chats: tuple[int, int]) -> None:
    one, two = chats
    room.screen.composer.send_button.click()
    room.until(lambda: room.service.get(two).draft == "second")
    look_at(room, one)
    assert room.screen.composer.draft == ""
    assert not room.screen.composer.edit.isReadOnly()
    look_at(room, two)
    assert room.screen.composer.draft == "second"
    assert room.screen.composer.edit.isReadOnly()
    look_at(room, one)
    room.service.feed("answer", StopReason.END)
    room.until(lambda: texts(room, two)[:1] == ["second"])
    assert room.presenter.conversation_id == one, "the reader stays where they are"
    assert room.service.get(two).draft == ""
    room.service.feed("Another", StopReason.END)
    room.until(lambda: texts(room, two) == ["second", "Another"])


def test_a_question_that_waits_is_kept_at_once(room: Room, chats: tuple[int, int]) -> None:
    room.presenter._drafts._timer.setInterval(600_000)  # the save that follows typing does not come
    room.screen.composer.edit.setPlainText("second, changed")
    room.screen.composer.send_button.click()
    room.until(lambda: room.service.get(chats[1]).draft == "second, changed")


def test_after_a_failure_the_next_question_is_still_asked(room: Room, chats: tuple[int, int]) -> None:
    one, two = chats
    room.screen.composer.send_button.click()
    room.service.feed(WorkerCrashedError("The chat model stopped."))
    room.until(lambda: texts(room, two)[:1] == ["second"])
    room.service.feed("Another", StopReason.END)
    room.until(lambda: texts(room, two) == ["second", "Another"])
    look_at(room, one)
    assert room.presenter.problem is not None, "what failed is still said where it failed"


def test_a_chat_in_the_trash_asks_nothing_more(room: Room, chats: tuple[int, int]) -> None:
    _one, two = chats
    room.screen.composer.send_button.click()
    room.presenter.chats.trash(two)
    room.until(lambda: room.presenter.conversation_id is None)
    room.service.feed("answer", StopReason.END)
    room.until(lambda: room.presenter.running_conversation_id is None)
    room.settle()
    assert texts(room, two) == []


def test_several_wait_in_the_order_they_were_asked(room: Room, chats: tuple[int, int]) -> None:
    _one, two = chats
    room.screen.composer.send_button.click()
    three = room.service.add_chat("Three", "Hi", "Hello")
    look_at(room, three)
    room.type_and_send("third")
    room.service.feed("answer", StopReason.END)
    room.until(lambda: texts(room, two)[:1] == ["second"])
    assert hint(room) == "Waiting for the answer in “Two”"
    assert texts(room, three) == []
    room.service.feed("b", StopReason.END)
    room.until(lambda: texts(room, three)[:1] == ["third"])
    room.service.feed("c", StopReason.END)
    room.until(lambda: texts(room, three) == ["third", "c"])


def test_a_question_is_not_sent_twice_by_two_presses(room: Room) -> None:
    chat = room.service.add_chat("One", "Hi", "Hello")
    room.show()
    look_at(room, chat)
    room.screen.composer.edit.setPlainText("once")
    for _ in range(2):
        room.qtbot.keyClick(room.screen.composer.edit, Qt.Key.Key_Return)
    room.service.feed("Yes", StopReason.END)
    room.until(lambda: texts(room, chat) == ["once", "Yes"])
    room.settle()
    assert texts(room, chat) == ["once", "Yes"]


def test_a_new_chat_that_waits_is_marked_in_the_list(room: Room, chats: tuple[int, int]) -> None:
    room.actions["chat.new"].trigger()
    create, gate = room.service.create, threading.Event()

    def create_later() -> Conversation:
        assert gate.wait(20)
        return create()

    room.service.create = create_later  # type: ignore[method-assign]
    room.screen.composer.edit.setPlainText("in a new chat")
    room.screen.composer.send_button.click()
    room.turn()
    gate.set()
    room.until(lambda: "waits" in marks(room).values())
    room.service.feed("answer", StopReason.END)
    room.service.feed("new answer", StopReason.END)
    room.until(lambda: room.presenter.conversation_id is not None and not marks(room))
    assert [message.text for message in room.presenter.transcript.messages] == ["in a new chat", "new answer"]
