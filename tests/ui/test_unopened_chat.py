"""What stands in the place of a chat that cannot be opened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import StoreError
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from tests.ui.chat_room import Room, open_room, said


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        yield made


def test_a_chat_that_cannot_be_opened_says_so_in_its_place(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    first = room.service.add_chat("First", "one", "two")
    second = room.service.add_chat("Second", "three", "four")
    room.show()
    room.open(first)
    room.screen.composer.edit.setPlainText("draft of the first")
    error = StoreError("The chats could not be read.", "The disk does not answer.", "Check the disk.")

    def fails(_id: int) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(room.service, "get", fails)
        room.presenter.open(second)
        room.until(lambda: room.screen.unopened is not None and room.screen.unopened.isVisible())
        page = room.screen.unopened
        assert page is not None
        assert page.box is not None
        words = said(page)
        for part in (error.what, error.why, error.todo, "Try again", "New chat"):
            assert part in words
        assert not room.screen.composer.isVisible()
        assert not room.actions["chat.attach"].isEnabled()
        assert room.notices == []
        assert room.screen.save_state()["chat"] == second
    again = next(each for each in page.findChildren(QPushButton) if each.text() == "Try again")
    again.click()
    room.until(lambda: room.presenter.conversation_id == second and room.screen.transcript.isVisible())
    assert room.screen.composer.isVisible()
    room.open(first)
    assert room.screen.composer.draft == "draft of the first"


def test_a_chat_that_is_gone_is_no_empty_chat(room: Room) -> None:
    room.show()
    room.presenter.open(4711)
    room.until(lambda: room.screen.unopened is not None and room.screen.unopened.isVisible())
    words = said(room.screen.unopened)
    assert "does not exist any more" in words
    assert "Try again" not in words
    room.actions["chat.new"].trigger()
    assert room.screen.empty.isVisible()
    assert room.screen.composer.isVisible()
