"""Pins, folders, archive and trash: by action, by menu and by key, and each taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from desktop_app.domain.chat_list import ChatPlace
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.chat_list import PAGE
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import LineDialog
from tests.ui.chat_room import Room, open_room


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        yield made


def listed(room: Room) -> list[str]:
    return [row.title for row in room.presenter.chats.model.rows]


def undo(room: Room) -> None:
    take_back = room.notices[-1].undo
    assert take_back is not None
    take_back()


def take(room: Room, chat: int, words: str) -> None:
    """A line of the chat's own menu."""
    menu = room.screen.pane.menu_of(chat)
    assert menu is not None
    next(action for action in menu.actions() if action.text() == words).trigger()
    room.settle()


def answer_line(room: Room, text: str) -> None:
    (dialog,) = room.screen.findChildren(LineDialog)
    dialog.line.setText(text)
    room.qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    room.settle()


def answer_box(room: Room, words: str) -> None:
    (box,) = room.screen.findChildren(QMessageBox)
    next(button for button in box.buttons() if button.text() == words).click()
    room.settle()


@pytest.fixture
def three(room: Room) -> tuple[int, int, int]:
    """ "One", "Two" and "Three", the last of them on top; "Two" is open."""
    ids = tuple(room.service.add_chat(title, "a", "b") for title in ("One", "Two", "Three"))
    room.show()
    room.open(ids[1])
    return ids  # type: ignore[return-value]


def test_a_pinned_chat_stands_on_top_until_it_is_taken_down(room: Room, three: tuple[int, int, int]) -> None:
    room.actions["chat.pin"].trigger()
    room.until(lambda: listed(room) == ["Pinned", "Two", "Today", "Three", "One"])
    assert room.notices[-1].text == "“Two” is pinned"
    assert room.actions["chat.pin"].text() == "Unpin chat"
    undo(room)
    room.until(lambda: listed(room) == ["Today", "Three", "Two", "One"])
    assert room.actions["chat.pin"].text() == "Pin chat"
    take(room, three[0], "Pin")
    assert listed(room)[:2] == ["Pinned", "One"]
    take(room, three[0], "Unpin")
    assert listed(room) == ["Today", "Three", "Two", "One"]


def test_a_folder_is_made_by_typing_its_name(room: Room, three: tuple[int, int, int]) -> None:
    pane = room.screen.pane
    assert not pane.folder_chip.isVisible(), "without a folder there is nothing to choose"
    room.actions["chat.move"].trigger()
    answer_line(room, " Work/Ideas ")
    assert room.presenter.chats.opened is not None
    assert room.presenter.chats.opened.folder == "Work/Ideas"
    assert pane.folder_chip.isVisible()
    room.presenter.chats.set_folder("Work")
    room.settle()
    assert listed(room) == ["Today", "Two"]
    assert pane.folder_chip.text().startswith("Work")
    undo(room)
    room.settle()
    assert listed(room) == []
    assert "No chat is in this folder" in pane._empty.text()
    pane._way_out.click()
    room.settle()
    assert "Three" in listed(room)
    assert not pane.folder_chip.isVisible()


def test_moving_is_taken_back_even_when_the_chat_is_not_listed_any_more(
    room: Room, three: tuple[int, int, int]
) -> None:
    take(room, three[0], "Move to folder…")
    answer_line(room, "Home")
    room.screen.pane.show_place(ChatPlace.ARCHIVE)
    room.settle()
    undo(room)
    room.settle()
    assert room.service.get(three[0]).folder == ""


def test_the_archive_is_out_of_the_way_and_one_step_off(room: Room, three: tuple[int, int, int]) -> None:
    pane = room.screen.pane
    room.actions["chat.archive"].trigger()
    room.until(lambda: listed(room) == ["Today", "Three", "One"])
    assert room.presenter.conversation_id == three[1], "it is still being read"
    pane.archive_button.click()
    room.until(lambda: listed(room) == ["Two"])
    assert pane.title.text() == "Archive"
    take(room, three[1], "Take out of the archive")
    assert listed(room) == []
    assert "The archive is empty" in pane._empty.text()
    pane.list.setFocus()
    room.qtbot.keyClick(pane.list, Qt.Key.Key_Escape)
    assert room.screen.on_escape()
    room.until(lambda: "Two" in listed(room))
    assert pane.title.text() == "Chats"


def test_the_trash_gives_back_what_it_holds(room: Room, three: tuple[int, int, int]) -> None:
    pane = room.screen.pane
    room.actions["chat.delete"].trigger()
    room.until(lambda: room.presenter.conversation_id is None)
    pane.trash_button.click()
    room.until(lambda: listed(room) == ["Two"])
    room.screen.composer.edit.setFocus()
    room.open(three[1])
    room.until(room.screen.organising.trash_bar.isVisible)
    assert not room.screen.composer.isVisible(), "nothing is written in the trash"
    assert room.screen.focusWidget() is pane.list, "nothing else has the keyboard"
    assert not room.actions["chat.pin"].isEnabled()
    room.screen.organising.trash_bar.put_back.click()
    room.until(room.screen.composer.isVisible)
    assert room.notices[-1].text == "“Two” is put back"
    undo(room)
    room.until(lambda: listed(room) == ["Two"])


def test_a_chat_that_is_answered_again_leaves_the_trash(room: Room, three: tuple[int, int, int]) -> None:
    room.presenter.chats.trash(three[1])
    room.screen.pane.show_place(ChatPlace.TRASH)
    room.until(lambda: listed(room) == ["Two"])
    room.open(three[1])
    room.until(room.screen.organising.trash_bar.isVisible)
    room.presenter.regenerate(room.presenter.transcript.messages[-1].id)
    room.service.feed("Again", StopReason.END)
    room.until(room.screen.composer.isVisible)
    room.until(lambda: room.presenter.transcript.messages[-1].text == "Again")
    assert room.presenter.conversation_id == three[1]
    assert room.service.get(three[1]).trashed_at is None


def test_only_a_yes_deletes_for_good(room: Room, three: tuple[int, int, int]) -> None:
    pane = room.screen.pane
    for chat in three[:2]:
        room.presenter.chats.trash(chat)
    pane.show_place(ChatPlace.TRASH)
    room.settle()
    pane.list.select(three[0])
    room.qtbot.keyClick(pane.list, Qt.Key.Key_Delete)
    answer_box(room, "Cancel")
    assert len(listed(room)) == 2
    room.qtbot.keyClick(pane.list, Qt.Key.Key_Delete)
    answer_box(room, "Delete forever")
    room.until(lambda: listed(room) == ["Two"])
    room.open(three[1])
    pane.empty_button.click()
    answer_box(room, "Empty the trash")
    room.until(lambda: listed(room) == [])
    assert "The trash is empty" in pane._empty.text()
    assert room.presenter.conversation_id is None, "what is gone is not shown"
    assert not pane.empty_button.isEnabled()


def test_a_new_title_is_taken_back(room: Room, three: tuple[int, int, int]) -> None:
    room.presenter.chats.rename(three[0], "Other")
    room.until(lambda: "Other" in listed(room))
    undo(room)
    room.until(lambda: "One" in listed(room))


def test_all_chats_are_reached_by_scrolling(room: Room) -> None:
    for number in range(PAGE + 30):
        room.service.add_chat(f"Chat {number}", "a", age=timedelta(minutes=number))
    room.show()
    chats = room.presenter.chats
    assert len(chats.conversations) == PAGE
    bar = room.screen.pane.list.verticalScrollBar()
    bar.setValue(bar.maximum())
    room.until(lambda: len(chats.conversations) == PAGE + 30)
    assert not chats.has_more
    assert bar.value() > 0, "the list stays where it was"


def test_a_chat_that_moved_down_meanwhile_is_listed_once(room: Room) -> None:
    for number in range(PAGE + 5):
        room.service.add_chat(f"Chat {number}", "a", age=timedelta(minutes=number + 1))
    room.show()
    room.service.add_chat("Newest", "a")
    chats = room.presenter.chats
    chats.load_more()
    room.until(lambda: not chats.has_more)
    ids = [each.id for each in chats.conversations]
    assert len(set(ids)) == len(ids) == PAGE + 5
    assert [row.id for row in chats.model.rows if not row.is_section] == ids


def test_the_top_in_view_while_more_is_read_leaves_no_gap(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.presenters.chat_list._MOST_AT_TOP", PAGE)
    for number in range(2 * PAGE + 30):
        room.service.add_chat(f"Chat {number}", "a", age=timedelta(minutes=number))
    room.show()
    chats = room.presenter.chats
    chats.load_more()
    room.until(lambda: len(chats.conversations) == 2 * PAGE)
    chats.load_more()
    chats.forget_far()
    room.until(lambda: not chats.has_more)
    titles = [each.title for each in chats.conversations]
    assert titles == [f"Chat {number}" for number in range(2 * PAGE + 30)]
    chats.forget_far()
    assert len(chats.conversations) == PAGE


def test_a_refresh_does_not_scroll_the_list(room: Room) -> None:
    ids = [room.service.add_chat(f"Chat {number}", "a", age=timedelta(minutes=number)) for number in range(60)]
    room.show()
    room.open(ids[0])
    bar = room.screen.pane.list.verticalScrollBar()
    bar.setValue(bar.maximum())
    room.service.rename(ids[50], "Renamed")
    room.presenter.chats.refresh()
    room.until(lambda: "Renamed" in listed(room))
    assert bar.value() == bar.maximum()


def test_a_new_chat_leads_back_to_the_chats(room: Room, three: tuple[int, int, int]) -> None:
    room.actions["chat.show_trash"].trigger()
    room.until(lambda: listed(room) == [])
    room.actions["chat.new"].trigger()
    room.until(lambda: "One" in listed(room))
    assert room.presenter.conversation_id is None
