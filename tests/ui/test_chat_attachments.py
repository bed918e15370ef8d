"""Attaching on the chat screen: button, paste, drop, @, chips and the sheet with the text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from desktop_app.domain.attachments import AttachmentKind
from desktop_app.domain.errors import NoTextError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.notes import Note
from desktop_app.presenters.attachments import ChipState
from desktop_app.presenters.chat_activity import Activity, Phase
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.message_rows import OwnMessage
from desktop_app.ui.theme.theme import Theme
from tests.fakes.fake_attachments import NOON
from tests.ui.chat_room import Room, open_room, said

LONG = "many words of a long text\n" * 120


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, Actions(theme), tasks) as made:
        made.show()
        made.screen.composer.edit.setFocus()
        yield made
        made.attachments.may_read.set()


def names(room: Room) -> list[str]:
    return [each.chip.name for each in room.screen.composer.chips.chips]


def paste(room: Room, data: QMimeData) -> None:
    room.screen.composer.edit.insertFromMimeData(data)
    room.settle()


def test_the_button_asks_for_files(room: Room, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_words: ([str(tmp_path / "plan.pdf")], ""))
    assert "Ctrl" in room.screen.composer.attach_button.toolTip()
    room.qtbot.mouseClick(room.screen.composer.attach_button, Qt.MouseButton.LeftButton)
    room.settle()
    assert names(room) == ["plan.pdf"]
    chip = room.screen.composer.chips.chips[0]
    assert chip.accessibleName() == "plan.pdf, 17 B · 3 tokens"
    assert room.screen.composer.send_button.isEnabled(), "what is carried can be sent without a word"


def test_a_long_paste_becomes_an_attachment_and_can_be_taken_back(room: Room) -> None:
    data = QMimeData()
    data.setText(LONG)
    room.screen.composer.edit.insert_text("Look: ")
    paste(room, data)
    assert names(room) == ["many words of a long text"[:40]]
    assert room.screen.composer.draft == "Look: "
    undo = room.notices[-1].undo
    assert undo is not None
    undo()
    room.settle()
    assert names(room) == []
    assert room.attachments.stored == {}
    assert room.screen.composer.draft == f"Look: {LONG}"


def test_a_short_paste_stays_text(room: Room) -> None:
    data = QMimeData()
    data.setText("x" * 2_500)
    paste(room, data)
    assert room.screen.composer.draft == "x" * 2_500
    assert names(room) == []


def test_pasted_and_dropped_files_are_attached(room: Room, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x", encoding="utf-8")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.md"))])
    paste(room, data)
    assert room.screen.attach_dropped([tmp_path / "b.txt"])
    room.settle()
    assert names(room) == ["a.md", "b.txt"]
    assert room.screen.composer.draft == ""


def test_folders_models_and_exports_of_notes_mean_something_else(room: Room, tmp_path: Path) -> None:
    assert not room.screen.attach_dropped([tmp_path])
    for name in ("model.GGUF", "export.jex", "Trips.enex", "Export.zip", "book.epub"):
        assert not room.screen.attach_dropped([tmp_path / name])
    assert names(room) == []


def sends(room: Room) -> int:
    """How many messages went to the service."""
    return sum(call[0] == "send" for call in room.service.calls)


def sent_while_reading(room: Room) -> None:
    """A message with a file, sent before the file is read."""
    room.attachments.may_read.clear()
    room.screen.composer.edit.setPlainText("What is this?")
    room.screen.attach_dropped([Path("plan.pdf")])
    room.turn()
    assert room.screen.composer.chips.chips[0].chip.state is ChipState.READING
    room.qtbot.keyClick(room.screen.composer.edit, Qt.Key.Key_Return)
    room.turn()
    assert "as soon as the file is read" in said(room.screen.composer)
    assert not sends(room)


def test_a_message_sent_while_its_file_is_read_goes_when_it_is_read(room: Room) -> None:
    sent_while_reading(room)
    room.attachments.may_read.set()
    room.until(lambda: sends(room) == 1)
    assert "as soon as the file is read" not in said(room.screen.composer)
    room.until(lambda: room.screen.composer.draft == "")  # once it is stored, behind the sending that was counted


def test_a_message_whose_file_cannot_be_read_does_not_go(room: Room) -> None:
    sent_while_reading(room)
    room.attachments.error = NoTextError("The PDF has no text.")
    room.attachments.may_read.set()
    room.settle()
    assert room.screen.composer.chips.chips[0].chip.state is ChipState.FAILED
    assert not sends(room)
    assert room.screen.composer.draft == "What is this?"
    assert "as soon as the file is read" not in said(room.screen.composer)


def look_at(room: Room, chat: int) -> None:
    """Open a chat while a file may still be read."""
    room.presenter.open(chat)
    room.until(lambda: room.presenter.conversation_id == chat)
    room.turn()


def test_a_message_waits_for_its_file_also_when_another_chat_is_looked_at(room: Room) -> None:
    other = room.service.add_chat("Other", "one", "two", draft="half a thought")
    own = room.service.add_chat("Own", "three", "four")
    look_at(room, own)
    sent_while_reading(room)
    look_at(room, other)
    assert room.screen.composer.draft == "half a thought"
    assert "as soon as the file is read" not in said(room.screen.composer)
    look_at(room, own)
    assert room.screen.composer.chips.chips[0].chip.state is ChipState.READING
    assert "as soon as the file is read" in said(room.screen.composer)
    room.attachments.may_read.set()
    room.until(lambda: sends(room) == 1)
    assert "as soon as the file is read" not in said(room.screen.composer)


def test_a_message_whose_file_is_read_while_another_chat_is_shown_is_said_not_to_be_sent(room: Room) -> None:
    other, own = room.service.add_chat("Other", "one", "two"), room.service.add_chat("Own", "three", "four")
    look_at(room, own)
    sent_while_reading(room)
    look_at(room, other)
    room.attachments.may_read.set()
    room.settle()
    look_at(room, own)
    assert not sends(room)
    assert room.screen.composer.draft == "What is this?"
    assert "Not sent: you were in another chat meanwhile" in said(room.screen.composer)
    room.qtbot.keyClick(room.screen.composer.edit, Qt.Key.Key_Return)
    room.until(lambda: sends(room) == 1)
    assert "Not sent" not in said(room.screen.composer)


@pytest.mark.parametrize("change", ["text", "chip", "chat"])
def test_who_changes_the_message_meanwhile_sends_it_again(room: Room, change: str) -> None:
    sent_while_reading(room)
    if change == "text":
        room.qtbot.keyClicks(room.screen.composer.edit, " Really?")
    elif change == "chip":
        room.qtbot.keyClick(room.screen.composer.chips.chips[0], Qt.Key.Key_Delete)
    else:
        room.presenter.new_chat()
    assert "as soon as the file is read" not in said(room.screen.composer)
    room.attachments.may_read.set()
    room.settle()
    assert not sends(room)


def test_a_failure_is_said_on_its_chip(room: Room) -> None:
    room.attachments.error = NoTextError("The PDF has no text.", "Its pages are pictures.", "")
    room.screen.attach_dropped([Path("scan.pdf")])
    room.settle()
    chip = room.screen.composer.chips.chips[0]
    assert chip.detail.text() == "scan.pdf: The PDF has no text. Its pages are pictures."
    assert chip.width() > room.screen.composer.width() * 0.8
    room.qtbot.keyClick(chip, Qt.Key.Key_Delete)
    assert names(room) == []


def test_delete_takes_one_off_and_undo_brings_it_back(room: Room) -> None:
    for name in ("a.txt", "b.txt"):
        room.screen.attach_dropped([Path(name)])
        room.settle()
    first = room.screen.composer.chips.chips[0]
    first.setFocus()
    room.qtbot.keyClick(first, Qt.Key.Key_Delete)
    room.settle()
    assert names(room) == ["b.txt"]
    assert room.screen.composer.chips.chips[0].hasFocus(), "the keyboard stays among the chips"
    undo = room.notices[-1].undo
    assert undo is not None
    undo()
    room.settle()
    assert names(room) == ["b.txt", "a.txt"]


def test_at_completes_titles_and_attaches_the_note(room: Room) -> None:
    edit, completer = room.screen.composer.edit, room.screen.composer.completer
    room.qtbot.keyClicks(edit, "See @att")
    room.until(lambda: completer.isVisible() and completer.list.count() == 2)
    room.qtbot.keyClick(edit, Qt.Key.Key_Down)
    room.qtbot.keyClick(edit, Qt.Key.Key_Return)
    room.settle()
    assert names(room) == ["Attic"]
    assert edit.draft() == "See "
    assert not completer.isVisible()
    assert room.service.calls == [], "Enter chose the note and sent nothing"


def test_escape_leaves_the_at_alone_and_an_address_is_none(room: Room) -> None:
    edit, completer = room.screen.composer.edit, room.screen.composer.completer
    room.qtbot.keyClicks(edit, "@att")
    room.until(completer.isVisible)
    room.qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert not completer.isVisible()
    room.qtbot.keyClicks(edit, "e")
    room.settle()
    assert not completer.isVisible()
    room.qtbot.keyClicks(edit, " me@att")
    room.settle()
    assert completer.typed is None
    assert not completer.isVisible()


def test_the_action_begins_a_note(room: Room) -> None:
    room.screen.composer.edit.insert_text("See")
    room.actions["chat.attach_note"].trigger()
    assert room.screen.composer.draft == "See @"
    room.until(lambda: room.screen.composer.completer.list.count() == 3)


def test_the_action_begins_a_note_within_words_behind_an_emoji(room: Room) -> None:
    edit = room.screen.composer.edit
    edit.insert_text("🙂a b")
    cursor = edit.textCursor()
    cursor.setPosition(3)  # behind the a: the emoji counts for two
    edit.setTextCursor(cursor)
    room.actions["chat.attach_note"].trigger()
    assert room.screen.composer.draft == "🙂a @ b"


def test_sent_messages_show_their_chips_and_a_click_their_text(room: Room) -> None:
    chat = room.service.add_chat("Ink", "What is this?", "A plan.")
    carried = room.attachments.add(chat, AttachmentKind.FILE, "plan.pdf", "[page 1]\nBuy ink.")
    carried = replace(carried, message_id=1)
    room.attachments.stored[carried.id] = carried
    room.service.change_message(chat, 0, attachments=(carried,))
    room.open(chat)
    row = room.screen.transcript.rows[0]
    assert isinstance(row, OwnMessage)
    chip = row.chips.chips[0]
    assert chip.accessibleName() == "plan.pdf, 17 B"
    assert chip.isVisible()
    assert row.chips.geometry().bottom() < row._bubble.top()
    room.qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    room.until(lambda: room.screen.attaching.sheet is not None and room.screen.attaching.sheet.isVisible())
    sheet = room.screen.attaching.sheet
    assert sheet is not None
    assert sheet.text.toPlainText() == "[page 1]\nBuy ink."
    assert sheet.text.isReadOnly()
    assert not sheet.note_button.isVisible()
    sheet.copy_button.click()
    assert QApplication.clipboard().text() == "[page 1]\nBuy ink."
    sheet.hide()


def test_a_message_of_attachments_alone_has_no_empty_bubble(room: Room) -> None:
    chat = room.service.add_chat("Ink", "x", "A plan.")
    carried = room.attachments.add(chat, AttachmentKind.FILE, "plan.pdf", "Buy ink.")
    room.service.change_message(chat, 0, text="", attachments=(carried,))
    room.open(chat)
    row = room.screen.transcript.rows[0]
    assert isinstance(row, OwnMessage)
    assert row._bubble.isEmpty()
    assert row.chips.chips[0].isVisible()


def test_sending_takes_the_chips_along(room: Room) -> None:
    room.screen.attach_dropped([Path("plan.pdf")])
    room.settle()
    room.type_and_send("What is this?")
    room.until(lambda: names(room) == [])
    room.service.feed(StopReason.END)
    room.until(lambda: ("send", room.presenter.conversation_id) in room.service.calls)


def test_the_meter_names_attachments(room: Room) -> None:
    assert room.service.meter_result is not None
    room.service.meter_result = replace(room.service.meter_result, attachments=500, draft_attachments=500)
    room.screen.attach_dropped([Path("plan.pdf")])
    room.settle()
    assert [part.label for part in room.presenter.meter.parts()][1] == "Attachments"


def test_many_chips_leave_room_for_text_and_messages(room: Room) -> None:
    for number in range(40):
        room.attachments.pages = (0, 0)
        room.screen.attach_dropped([Path(f"chapter {number}.md")])
    room.settle()
    assert len(names(room)) == 40
    assert room.screen.composer.height() < room.screen.height() * 0.45
    last = room.screen.composer.chips.chips[-1]
    last.setFocus()
    room.turn()
    assert last.visibleRegion().boundingRect().height() > 0, "the chip with the keyboard is in view"


def test_lines_of_chips_are_all_seen(room: Room) -> None:
    for number in range(4):
        room.screen.attach_dropped([Path(f"a rather long name of a file, number {number}.md")])
    room.settle()
    for chip in room.screen.composer.chips.chips:
        assert chip.visibleRegion().boundingRect().size() == chip.size()


def test_asking_about_notes_begins_a_chat_that_answers_from_them_with_the_question(room: Room) -> None:
    room.open(room.service.add_chat("Ink", "What is this?", "A plan."))
    room.shell.ask_about_note(3, "Beehive")
    assert room.rooms == ["chat"]
    assert room.screen.transcript.rows == []
    assert room.screen.composer.edit.hasFocus()
    chosen: list[tuple[str, list[str]]] = []
    room.screen.choose_scope_by(lambda filters, titles: chosen.append((filters, titles)))  # made a moment later
    assert chosen == [("among:3", ["Beehive"])]
    room.shell.ask_among_notes([3, 4], ["Beehive", "Wax"], "where do bees live")
    assert chosen[1:] == [("among:3,4", ["Beehive", "Wax"])]
    assert room.screen.composer.draft == "where do bees live"
    assert room.screen.transcript.rows == []
    assert names(room) == []
    room.screen.composer.send_button.click()
    room.until(lambda: room.presenter.transcript.messages)
    assert room.presenter.transcript.messages[0].text == "where do bees live"


def test_answers_and_selections_are_saved_as_notes(room: Room) -> None:
    kept: list[str] = []

    def keep(text: str) -> Note:
        kept.append(text)
        return Note(7, "A plan.", text, "Chats", (), NOON, NOON, 1)

    room.shell._chat_note = keep
    shown: list[int] = []
    room.shell.open_note.connect(lambda note_id, _start, _end: shown.append(note_id))
    room.open(room.service.add_chat("Ink", "What is this?", "A plan. Of ink."))
    room.actions["chat.save_note"].trigger()
    room.settle()
    assert kept == ["A plan. Of ink."]
    notice = room.notices[-1]
    assert (notice.text, notice.action_text) == ("Saved as note “A plan.”", "Open")
    assert notice.action is not None
    notice.action()
    assert shown == [7]
    answer = room.screen.transcript.rows[1]
    menu = room.screen.message_menu(answer.message.id)
    next(action for action in menu.actions() if action.text() == "Save as note").trigger()
    answer.selection.select_all()
    menu = room.screen.message_menu(answer.message.id)
    next(action for action in menu.actions() if action.text() == "Save selection as note").trigger()
    room.settle()
    assert kept[1] == "A plan. Of ink."
    assert kept[2].strip() == "A plan. Of ink."


def test_a_message_that_waits_to_be_sent_carries_nothing_more(room: Room) -> None:
    room.screen.attach_dropped([Path("a.txt")])
    room.settle()
    room.screen.composer.show_activity(Activity(Phase.ELSEWHERE, queued="Waiting for the answer"))
    assert not room.screen.composer.attach_button.isVisible()
    assert room.screen.attach_dropped([Path("b.txt")])
    room.actions["chat.attach_note"].trigger()
    room.settle()
    assert names(room) == ["a.txt"]
    assert "Take it back" in room.notices[-1].text
    assert not room.screen.composer.chips.chips[0].isEnabled()
    for modifier in (Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier):
        room.qtbot.keyClick(room.screen.composer.edit, Qt.Key.Key_Return, modifier)
    assert room.screen.composer.draft == "", "nor is its text changed"
    room.screen.composer.show_activity(Activity(Phase.IDLE))
    assert room.screen.composer.attach_button.isVisible()
    assert room.screen.composer.chips.chips[0].isEnabled()
