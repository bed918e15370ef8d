from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.attachments import AttachmentKind
from desktop_app.domain.chat_events import ContextMeter, MemoryMoved, MeterMessage, Summarising
from desktop_app.domain.context_budget import WhenFull
from desktop_app.domain.conversation import SUMMARY, Message, Role
from desktop_app.domain.errors import ContextFullError, InkwellError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.quotes import Passage
from desktop_app.presenters.chat import Phase
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.context_popup import ContextPopup
from desktop_app.ui.chat.context_sheets import RecalledSheet, SummarySheet
from desktop_app.ui.chat.memory_line import MemoryLine
from desktop_app.ui.theme.theme import Theme
from tests.fakes.fake_chat_service import NOON
from tests.ui.chat_room import Room, open_room, said


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        yield made


def button(widget: QWidget | None, words: str) -> QAbstractButton:
    assert widget is not None
    return next(each for each in widget.findChildren(QAbstractButton) if words in each.text())


def opened_popup(room: Room) -> ContextPopup:
    room.screen.meter.open_popup()
    popup = room.screen.meter.popup
    assert popup is not None
    return popup


def with_meter(room: Room, **values: object) -> None:
    assert room.service.meter_result is not None
    room.service.meter_result = replace(room.service.meter_result, **values)  # type: ignore[arg-type]
    room.presenter.meter.refresh()
    room.settle()


def full_chat(room: Room) -> int:
    chat = room.service.add_chat("Full", "One", "Two", "Three", "Four")
    room.show()
    room.open(chat)
    room.service.refuse = ContextFullError("This chat is full.", "Nothing was sent.", "Choose.")
    room.type_and_send("Five")
    room.until(lambda: room.screen.tail.problem is not None)
    room.service.refuse = None
    return chat


# The popup --------------------------------------------------------------------------------------


def test_a_part_that_is_pointed_at_tells_its_messages(room: Room) -> None:
    room.show()
    with_meter(
        room,
        pinned=80,
        pinned_messages=(MeterMessage(7, Role.USER, "The tortoise sleeps", pinned=True),),
        conversation_messages=tuple(MeterMessage(20 + n, Role.ASSISTANT, f"Answer {n}") for n in range(11)),
        recalled_messages=(MeterMessage(3, Role.USER, "An old fact"),),
    )
    popup = opened_popup(room)
    labels = [row.part.label for row in popup.rows]
    assert labels == ["Instructions", "Pinned", "Conversation", "Your draft", "Kept free for the answer", "Free"]
    assert popup.detail.isHidden()
    popup.rows[2].chosen.emit()
    assert popup.detail.lines[0] == "Recalled: You: An old fact"
    assert "Answer: Answer 0" in popup.detail.lines
    assert "and 4 more" in said(popup.detail)
    popup.rows[1].setFocus()
    room.turn()
    popup.rows[1].chosen.emit()
    assert popup.detail.lines == ["You: The tortoise sleeps"]
    assert (
        popup.mapToGlobal(popup.rect().bottomLeft()).y()
        <= room.screen.meter.mapToGlobal(room.screen.meter.rect().topLeft()).y()
    ), "the popup grows upwards, the meter stays in view"


def test_a_pinned_message_is_let_go_in_the_popup(room: Room) -> None:
    chat = room.service.add_chat("Chat", "One", "Two")
    message = room.service.change_message(chat, 0, pinned=True)
    room.show()
    room.open(chat)
    with_meter(room, pinned=80, pinned_messages=(MeterMessage(message.id, Role.USER, "One", pinned=True),))
    popup = opened_popup(room)
    popup.rows[1].chosen.emit()
    button(popup.detail, "Unpin").click()
    room.until(lambda: not room.presenter.transcript.messages[0].pinned)


def test_the_popup_says_what_is_read_already_and_how_long_the_rest_takes(room: Room) -> None:
    room.show()
    with_meter(room, left_out=12)
    words = said(opened_popup(room))
    assert "1,680 are read already, 60 have to be read before the answer starts: about 0.2 s" in words
    assert "12 earlier messages are out of the model’s memory" in words


@pytest.mark.parametrize(
    ("when_full", "words"),
    [
        (WhenFull.RECALL, "oldest messages leave the memory"),
        (WhenFull.SUMMARISE, "oldest messages are summed up"),
        (WhenFull.ASK, "full: you will be asked"),
    ],
)
def test_the_meter_says_what_sending_into_a_full_window_does(room: Room, when_full: WhenFull, words: str) -> None:
    room.show()
    with_meter(room, will_drop=True, when_full=when_full)
    assert words in room.screen.meter.text


def test_what_happens_when_full_is_chosen_for_this_chat(room: Room) -> None:
    chat = room.service.add_chat("Chat", "One", "Two")
    room.show()
    room.open(chat)
    popup = opened_popup(room)
    chip = popup.when_full
    assert chip is not None
    assert "Drop oldest, recall by meaning" in chip.text()
    menu = chip.menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    assert [action.isChecked() for action in menu.actions()] == [True, False, False, False]
    menu.actions()[2].trigger()
    room.until(lambda: room.service.window.choices == [(chat, WhenFull.SUMMARISE)])
    menu.actions()[0].trigger()
    room.until(lambda: room.service.window.choices == [(chat, WhenFull.SUMMARISE), (chat, None)])


def test_messages_that_left_are_learned_once_and_not_while_an_answer_is_written(room: Room) -> None:
    chat = room.service.add_chat("Chat", "One", "Two")
    room.show()
    room.open(chat)
    assert room.service.window.learned == []
    with_meter(room, left_out=4)
    with_meter(room, left_out=4)
    assert room.service.window.learned == [chat]
    room.type_and_send("Three")
    room.until(lambda: room.presenter.answers.is_here)
    with_meter_running = replace(room.service.meter_result or ContextMeter(0, 0, 0, 0, 0, 1, 0, None, True), left_out=6)
    room.service.meter_result = with_meter_running
    room.presenter.meter.refresh()
    room.until(lambda: room.presenter.meter.meter is not None and room.presenter.meter.meter.left_out == 6)
    assert room.service.window.learned == [chat]
    room.service.feed("Done", StopReason.END)
    room.until(lambda: room.service.window.learned == [chat, chat])


# A full chat asks -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "choice"), [("Let the oldest leave", WhenFull.RECALL), ("Summarise them", WhenFull.SUMMARISE)]
)
def test_a_full_chat_offers_what_can_be_done_in_place(room: Room, words: str, choice: WhenFull) -> None:
    chat = full_chat(room)
    assert room.screen.composer.draft == "Five"
    button(room.screen.tail.problem, words).click()
    room.until(lambda: room.service.window.once == [(chat, choice)])
    room.service.feed("Six", StopReason.END)
    room.until(lambda: len(room.presenter.transcript.messages) == 6)
    assert room.screen.composer.draft == ""


def test_the_unsent_message_of_a_full_chat_goes_to_a_new_one(room: Room) -> None:
    chat = full_chat(room)
    button(room.screen.tail.problem, "new chat").click()
    room.service.feed("Six", StopReason.END)
    room.until(lambda: [m.text for m in room.presenter.transcript.messages] == ["Five", "Six"])
    assert room.presenter.conversation_id != chat
    room.open(chat)
    assert len(room.presenter.transcript.messages) == 4
    assert room.screen.composer.draft == ""


def test_what_the_unsent_message_carries_goes_along_to_the_new_chat(room: Room) -> None:
    chat = room.service.add_chat("Full", "One", "Two")
    attached = room.attachments.add(chat, AttachmentKind.FILE, "ink.txt", "About ink")
    room.show()
    room.open(chat)
    room.until(lambda: room.presenter.attachments.has_content)
    room.service.refuse = ContextFullError("This chat is full.", "Nothing was sent.", "Choose.")
    room.type_and_send("Five")
    room.until(lambda: room.screen.tail.problem is not None)
    room.service.refuse = None
    button(room.screen.tail.problem, "new chat").click()
    room.service.feed("Six", StopReason.END)
    room.until(lambda: [m.text for m in room.presenter.transcript.messages] == ["Five", "Six"])
    new = room.presenter.conversation_id
    assert new is not None
    assert new != chat
    assert [each.text for each in room.attachments.of_draft(new)] == ["About ink"]
    assert room.attachments.of_draft(chat) == []
    assert attached.id not in room.attachments.stored


def test_an_answer_that_a_full_chat_did_not_write_on_is_written_on_once_it_is_chosen_how(room: Room) -> None:
    chat = room.service.add_chat("Full", "One", "Two")
    answer = room.service.change_message(chat, 1, stop_reason=StopReason.STOPPED)
    room.show()
    room.open(chat)
    room.service.refuse = ContextFullError("This chat is full.", "Nothing was changed.", "Choose.")
    room.presenter.continue_answer(answer.id)
    room.until(lambda: room.screen.tail.problem is not None)
    assert "new chat" not in said(room.screen.tail.problem), "there is no message to be sent there"
    room.service.refuse = None
    button(room.screen.tail.problem, "oldest leave").click()
    room.service.feed(" and on", StopReason.END)
    room.until(lambda: room.presenter.transcript.messages[-1].text == "Two and on")
    assert [call for call in room.service.calls if call[1] == answer.id] == [("continue", answer.id)] * 2
    assert room.service.window.once == [(chat, WhenFull.RECALL)]


# Pinned messages --------------------------------------------------------------------------------


def test_a_message_is_pinned_from_its_row_its_menu_and_the_keyboard(room: Room) -> None:
    chat = room.service.add_chat("Chat", "One", "Two")
    room.show()
    room.open(chat)
    view, messages = room.screen.transcript, room.presenter.transcript.messages
    own, answer = view.rows
    own.set_current(True)
    button(own, "Pin").click()
    room.until(lambda: messages[0].pinned)
    room.settle()
    assert "Pinned" in said(own)
    own.set_current(True)
    assert button(own, "Unpin").accessibleName() == "Unpin from the context"
    menu = room.screen.message_menu(answer.message.id)
    next(action for action in menu.actions() if "Pin" in action.text()).trigger()
    room.until(lambda: messages[1].pinned)
    view.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_P):
        room.qtbot.keyClick(view, key)  # type: ignore[no-untyped-call]
    room.until(lambda: not messages[1].pinned)
    room.settle()
    assert "Pinned" not in said(answer)
    room.actions["chat.pin_message"].trigger()
    room.until(lambda: messages[1].pinned)


# The summary ------------------------------------------------------------------------------------


def summary_of(chat: int, text: str) -> Message:
    return Message(900, chat, 2, -1, Role.SYSTEM, text, NOON, kind=SUMMARY, model_name="Tiny 1B")


def test_a_summary_stands_at_the_boundary_and_is_edited_there(room: Room) -> None:
    chat = room.service.add_chat("Chat", "One", "Two", "Three", "Four")
    room.show()
    room.open(chat)
    summary = summary_of(chat, "They spoke of ink.")
    room.service.window.summaries[chat] = summary
    third = room.presenter.transcript.messages[2].id
    room.type_and_send("Five")
    room.service.feed(Summarising(2, 0.25))
    room.until(lambda: room.screen.tail.text == "Summing up the 2 oldest messages")
    assert room.presenter.activity.phase is Phase.READING
    room.service.feed(MemoryMoved(third, summary), "Six", StopReason.END)
    room.until(lambda: room.presenter.activity.phase is Phase.IDLE)
    line = room.screen.transcript.rows[2].findChild(MemoryLine)
    assert line is not None
    assert line.panel is not None
    assert line.panel.text.text() == "They spoke of ink."
    assert "Tiny 1B" in said(line.panel)
    assert line.panel.geometry().bottom() < room.screen.transcript.rows[2].height()
    line.panel.edit.click()
    sheet = room.screen.context.sheet
    assert isinstance(sheet, SummarySheet)
    sheet.editor.setPlainText("They spoke of paper.")
    sheet.save_button.click()
    room.until(lambda: room.presenter.transcript.summary == replace(summary, text="They spoke of paper."))
    room.settle()
    again = room.screen.transcript.rows[2].findChildren(MemoryLine)[-1]
    assert again.panel is not None
    assert again.panel.text.text() == "They spoke of paper."
    assert room.screen.context.sheet is None


def test_a_summary_that_cannot_be_stored_stays_in_its_sheet(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = room.service.add_chat("Chat", "One", "Two", "Three", "Four")
    messages = room.service.messages(chat)
    room.service.change(chat, memory_start_id=messages[2].id)
    room.service.window.summaries[chat] = summary_of(chat, "They spoke of ink.")
    room.show()
    room.open(chat)
    room.actions["chat.edit_summary"].trigger()
    sheet = room.screen.context.sheet
    assert isinstance(sheet, SummarySheet)
    sheet.editor.setPlainText("They spoke of paper, at length.")

    def refuse(*_arguments: object) -> object:
        raise InkwellError("The disk is full.", "", "Make room on it.")

    with monkeypatch.context() as patched:
        patched.setattr(room.service.window, "edit_summary", refuse)
        sheet.save_button.click()
        assert sheet.editor.isReadOnly()  # what is written while it is stored would be lost
        room.settle()
    assert sheet.isVisible()
    assert not sheet.editor.isReadOnly()
    assert sheet.editor.toPlainText() == "They spoke of paper, at length."
    assert "The disk is full." in said(sheet)
    sheet.save_button.click()
    room.until(lambda: room.screen.context.sheet is None)
    assert room.presenter.transcript.summary is not None
    assert room.presenter.transcript.summary.text == "They spoke of paper, at length."


def test_a_summary_is_there_when_its_chat_is_opened_again(room: Room) -> None:
    chat = room.service.add_chat("Chat", "One", "Two", "Three", "Four")
    messages = room.service.messages(chat)
    room.service.change(chat, memory_start_id=messages[2].id)
    room.service.window.summaries[chat] = summary_of(chat, "They spoke of ink.")
    room.show()
    room.open(chat)
    assert room.presenter.transcript.summary is not None
    assert room.actions["chat.edit_summary"].isEnabled()
    room.presenter.new_chat()
    room.settle()
    assert not room.actions["chat.edit_summary"].isEnabled()


# What was recalled ------------------------------------------------------------------------------


def test_what_was_recalled_for_an_answer_is_shown_under_it_and_leads_to_its_message(room: Room) -> None:
    chat = room.service.add_chat("Chat", *[f"message {number}" for number in range(40)])
    old = room.service.messages(chat)[0].id
    used = {"recalled": [[old, 0, 9], [old + 1, 0, 9], [old + 1, 10, 12]]}
    last = room.service.change_message(chat, 39, settings_used=used)
    room.service.window.passages[last.id] = [Passage(old, Role.USER, 0, 9, "message 0")]
    room.show()
    room.open(chat)
    button(room.last(), "Recalled 2 earlier messages").click()
    room.until(lambda: isinstance(room.screen.context.sheet, RecalledSheet))
    sheet = room.screen.context.sheet
    assert "message 0" in said(sheet)
    button(sheet, "Go to the message").click()
    room.until(lambda: any(row.message.id == old for row in room.screen.transcript.rows))
    room.settle()
    row = next(row for row in room.screen.transcript.rows if row.message.id == old)
    top = row.y() - room.screen.transcript.verticalScrollBar().value()
    assert 0 <= top < room.screen.transcript.viewport().height()


def test_an_answer_says_that_its_summary_failed(room: Room) -> None:
    chat = room.service.add_chat("Chat", "One", "Two")
    room.service.change_message(chat, 1, settings_used={"summary_failed": True})
    room.show()
    room.open(chat)
    assert "The summary failed: oldest messages left without one" in said(room.last())
