"""A temporary chat on the screen: marked, left after one question, kept when wanted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.conversation import WRITING, is_temporary
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.free_writing import whole_text
from desktop_app.presenters.chat import Phase
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.free_writing import FreeWriting
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.temporary_bar import LeaveQuestion
from desktop_app.ui.theme.theme import Theme
from tests.fakes.chat_desk import ChatDesk
from tests.ui.chat_room import Room, open_room, said


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ChatDesk]:
    made = ChatDesk(tmp_path)
    yield made
    made.close()


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner, desk: ChatDesk) -> Iterator[Room]:
    writing = FreeWriting(desk.conversations, desk.decoder, desk.session, desk.settings)
    with open_room(qtbot, theme, actions, tasks, desk.chat, writing=writing) as made:
        made.show()
        yield made
        made.settle()


def begin(room: Room, desk: ChatDesk, text: str = "Between us") -> int:
    """A temporary chat with one question and its answer."""
    room.actions["chat.temporary"].trigger()
    room.type_and_send(text)
    room.until(lambda: len(room.screen.transcript.rows) == 2 and room.presenter.activity.phase is Phase.IDLE)
    room.settle()
    chat = room.presenter.conversation_id
    assert chat is not None
    assert is_temporary(chat)
    return chat


def question(room: Room) -> LeaveQuestion:
    window = room.screen.window()
    room.until(lambda: any(each.isVisible() for each in window.findChildren(LeaveQuestion)))
    return next(each for each in window.findChildren(LeaveQuestion) if each.isVisible())


def is_forgotten(desk: ChatDesk, chat: int) -> bool:
    try:
        desk.chat.get(chat)
    except NotFoundError:
        return True
    return False


def test_it_is_marked_and_in_no_list(room: Room, desk: ChatDesk) -> None:
    other = desk.chat.create().id
    desk.ask(other, "Kept")
    begin(room, desk)
    screen = room.screen
    assert screen.temporary.isVisible()
    assert "Temporary: gone when you close it" in said(screen.temporary)
    assert screen.pane.temporary.isVisible()
    assert screen.pane.temporary.accessibleName() == "Temporary chat: Between us"
    assert [each.id for each in room.presenter.chats.conversations] == [other]
    assert screen.save_state()["chat"] is None
    for name in ("chat.rename", "chat.delete", "chat.branch"):
        assert not room.actions[name].isEnabled()
    room.presenter.set_draft("and a draft")
    room.settle()
    assert [each.id for each in desk.store.conversations.list_conversations()] == [other]


def test_leaving_asks_once_and_forgets(room: Room, desk: ChatDesk) -> None:
    other = desk.chat.create().id
    desk.ask(other, "Kept")
    chat = begin(room, desk)
    room.presenter.open(other)
    asked = question(room)
    asked.stay_button.click()
    room.settle()
    assert room.presenter.conversation_id == chat
    room.presenter.open(other)
    question(room).end_button.click()
    room.until(lambda: room.presenter.conversation_id == other)
    room.settle()
    assert is_forgotten(desk, chat)
    assert not room.screen.temporary.isVisible()
    assert not room.screen.pane.temporary.isVisible()
    assert not [notice for notice in room.notices if notice.detail]


def test_an_empty_one_is_left_without_a_question(room: Room, desk: ChatDesk) -> None:
    room.actions["chat.temporary"].trigger()
    assert room.screen.temporary.isVisible()
    room.actions["chat.new"].trigger()
    assert not room.screen.temporary.isVisible()
    assert room.screen.window().findChildren(LeaveQuestion) == []


def test_leaving_while_an_answer_is_written_stops_it_and_forgets(room: Room, desk: ChatDesk) -> None:
    other = desk.chat.create().id
    desk.ask(other, "Kept")
    chat = begin(room, desk)
    desk.decoder.answer = "word " * 50_000
    room.type_and_send("More")
    room.until(lambda: room.presenter.activity.phase is Phase.WRITING)
    room.presenter.open(other)
    question(room).end_button.click()
    room.until(lambda: room.presenter.conversation_id == other and is_forgotten(desk, chat))
    room.settle()
    assert room.presenter.answers.running is None
    assert room.presenter.answers._problem is None, "it ended before the chat that it is part of"
    assert [notice.text for notice in room.notices] == []


def test_keeping_it_shows_the_kept_chat(room: Room, desk: ChatDesk) -> None:
    chat = begin(room, desk)
    room.screen.composer.edit.setPlainText("unsent")
    room.screen.temporary.keep_button.click()
    room.until(lambda: room.presenter.conversation_id not in (None, chat))
    room.settle()
    kept = room.presenter.conversation_id
    assert kept is not None
    assert not is_temporary(kept)
    assert room.screen.transcript.rows[0].message.text == "Between us"
    assert room.screen.composer.draft == "unsent"
    assert not room.screen.temporary.isVisible()
    assert is_forgotten(desk, chat)
    assert room.notices[-1].text == "This chat is kept now"
    room.until(lambda: [each.id for each in room.presenter.chats.conversations] == [kept])


def test_keeping_it_on_the_way_elsewhere_goes_there(room: Room, desk: ChatDesk) -> None:
    other = desk.chat.create().id
    desk.ask(other, "Kept")
    begin(room, desk)
    room.presenter.open(other)
    question(room).keep_button.click()
    room.until(lambda: room.presenter.conversation_id == other)
    room.settle()
    assert [each.title for each in desk.store.conversations.list_conversations()] == ["Between us", "Kept"]


def test_something_attached_is_not_lost_without_a_question(room: Room) -> None:
    room.actions["chat.temporary"].trigger()
    room.presenter.attachments.add_paste("a long text")
    room.until(lambda: room.presenter.attachments.has_content and room.tasks.idle)
    assert room.actions["chat.keep"].isEnabled()
    room.actions["chat.new"].trigger()
    question(room).stay_button.click()
    assert room.screen.temporary.isVisible()


def test_closing_the_window_says_what_would_be_lost(room: Room, desk: ChatDesk) -> None:
    assert room.shell.unsaved() == []
    room.actions["chat.temporary"].trigger()
    assert room.shell.unsaved() == []
    room.screen.composer.edit.setPlainText("a word")
    assert room.shell.unsaved() == ["The temporary chat is gone when Inkwell closes."]


# Free writing -----------------------------------------------------------------------------------


def begin_page(room: Room, desk: ChatDesk) -> int:
    """A temporary page on which the model went on."""
    desk.decoder.answer = " and it rained."
    room.actions["chat.temporary_writing"].trigger()
    page = room.screen.writing
    QTest.keyClicks(page.editor, "It was night")
    room.actions["writing.go_on"].trigger()
    room.until(lambda: page.editor.display_text() == "It was night and it rained.")
    room.until(lambda: room.presenter.activity.phase is Phase.IDLE)
    room.settle()
    chat = room.presenter.conversation_id
    assert chat is not None
    assert is_temporary(chat)
    return chat


def test_a_temporary_page_is_marked_and_nothing_of_it_is_on_the_disk(room: Room, desk: ChatDesk) -> None:
    page = begin_page(room, desk)
    assert whole_text(desk.conversations.path(page)) == "It was night and it rained."
    assert desk.store.conversations.list_conversations() == []
    assert room.presenter.chats.conversations == []
    assert not desk.decoder.requests[-1].keep_state, "no kept state either"
    assert room.screen.temporary.isVisible()
    assert room.screen.writing.saved.text() == "Temporary, on no disk"
    assert room.screen.save_state()["chat"] is None
    assert room.shell.unsaved() == ["The temporary page is gone when Inkwell closes."]


def test_a_temporary_page_is_left_after_a_question_and_forgotten(room: Room, desk: ChatDesk) -> None:
    page = begin_page(room, desk)
    QTest.keyClicks(room.screen.writing.editor, " Still")
    slot = room.presenter.slot
    room.actions["chat.new"].trigger()
    asked = question(room)
    assert "temporary free writing" in said(asked)
    asked.end_button.click()
    room.until(lambda: not room.presenter.slot.is_writing)
    room.settle()
    assert is_forgotten(desk, page)
    assert room.presenter.writing.keeper.pending(slot) is None
    assert not room.screen.temporary.isVisible()


def test_an_empty_temporary_page_is_left_without_a_question(room: Room) -> None:
    room.actions["chat.temporary_writing"].trigger()
    assert room.screen.temporary.isVisible()
    assert not room.actions["chat.keep"].isEnabled()
    room.actions["chat.new"].trigger()
    assert room.screen.window().findChildren(LeaveQuestion) == []
    assert not room.screen.temporary.isVisible()


def test_a_temporary_page_that_is_kept_goes_on_as_it_stands(room: Room, desk: ChatDesk) -> None:
    begin_page(room, desk)
    editor = room.screen.writing.editor
    room.screen.temporary.keep_button.click()
    room.until(lambda: not room.screen.temporary.isVisible())
    room.settle()
    (kept,) = desk.store.conversations.list_conversations()
    assert kept.kind == WRITING
    assert room.presenter.conversation_id == kept.id
    assert [each.id for each in room.presenter.chats.conversations] == [kept.id]
    assert editor.display_text() == "It was night and it rained."
    assert editor.pending_text() == " and it rained."
    QTest.keyClicks(editor, " On")
    room.presenter.writing.save_now()
    room.settle()
    assert whole_text(desk.store.conversations.path(kept.id)) == "It was night and it rained. On"
    assert room.screen.writing.saved.text() == "Saved"


@pytest.mark.parametrize("way", ["end", "stay"])
def test_a_note_that_is_asked_about_comes_to_the_new_chat_and_to_no_other(room: Room, desk: ChatDesk, way: str) -> None:
    begin(room, desk)
    carried: list[tuple[bool, str]] = []
    room.screen.choose_scope_by(lambda filters, _titles: carried.append((room.presenter.temporary.is_shown, filters)))
    room.shell.ask_among.emit([7], ["Ink"], "")
    asked = question(room)
    assert carried == []
    (asked.end_button if way == "end" else asked.stay_button).click()
    room.settle()
    assert carried == ([(False, "among:7")] if way == "end" else [])
