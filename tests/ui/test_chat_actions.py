"""Actions of the chat screen as Ctrl+K starts them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.generation import StopReason
from desktop_app.presenters.chat import Phase
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.context_meter_bar import ContextPopup
from desktop_app.ui.theme.theme import Theme
from tests.ui.chat_room import Room, open_room, shown_text


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        made.show()
        yield made


def on_offer(room: Room) -> set[str]:
    """What the last answer's state allows."""
    watched = ("chat.continue", "chat.copy_answer", "chat.latest", "chat.regenerate")
    return {name.removeprefix("chat.") for name in watched if room.actions[name].isEnabled()}


def test_a_new_chat_has_no_answer_to_do_anything_with(room: Room) -> None:
    assert on_offer(room) == set()


def test_an_answer_that_was_cut_goes_on(room: Room) -> None:
    chat = room.service.add_chat("Chat", "Question", "The beginning")
    room.open(chat)
    assert on_offer(room) == {"copy_answer", "latest", "regenerate"}, "it ended by itself"
    message = room.service.change_message(chat, 1, stop_reason=StopReason.LIMIT)
    room.presenter.transcript.update(message)
    assert on_offer(room) == {"continue", "copy_answer", "latest", "regenerate"}
    room.actions["chat.continue"].trigger()
    room.until(lambda: room.presenter.activity.phase is not Phase.IDLE)
    assert on_offer(room) == {"copy_answer", "latest"}
    room.service.feed(" and the end", StopReason.END)
    room.until(lambda: room.presenter.activity.phase is Phase.IDLE)
    assert shown_text(room.last()) == "The beginning and the end"
    room.actions["chat.copy_answer"].trigger()
    assert QGuiApplication.clipboard().text() == "The beginning and the end"


def test_nothing_goes_on_while_another_chats_answer_is_written(room: Room) -> None:
    chat = room.service.add_chat("Chat", "Question", "The beginning")
    room.service.change_message(chat, 1, stop_reason=StopReason.LIMIT)
    room.type_and_send("Elsewhere")
    room.service.feed("Some ")
    room.until(lambda: room.presenter.activity.phase is Phase.WRITING)
    room.presenter.open(chat)
    room.until(lambda: room.presenter.conversation_id == chat)
    assert on_offer(room) == {"copy_answer", "latest"}
    room.service.feed(StopReason.END)
    room.until(lambda: on_offer(room) == {"continue", "copy_answer", "latest", "regenerate"})


def test_the_latest_message_is_a_jump_away(room: Room) -> None:
    room.open(room.service.add_chat("Long", *[f"message {number} " * 30 for number in range(40)]))
    bar = room.screen.transcript.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    assert not room.screen.transcript.following
    room.actions["chat.latest"].trigger()
    assert room.screen.transcript.following
    assert bar.value() == bar.maximum()


def test_what_fills_the_context_is_shown_once_it_is_counted(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    context = room.actions["chat.context"]
    room.until(context.isEnabled)
    opened: list[ContextPopup] = []

    def note_it(popup: ContextPopup) -> None:
        opened.append(popup)

    monkeypatch.setattr(ContextPopup, "show", note_it)
    context.trigger()
    assert len(opened) == 1
    room.service.meter_result = None
    room.presenter.meter.refresh()
    room.until(lambda: not context.isEnabled())
