"""Editing, versions and branches on the chat screen, over the real service and a decoder without a process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QMenu, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import ContextFullError, ModelMissingError
from desktop_app.domain.presets import INSTRUCTIONS_KEY
from desktop_app.presenters.chat import Phase
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.other_models import ModelChoice, RereadingCost
from desktop_app.services.other_presets import OtherPresets
from desktop_app.services.presets import PresetService
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.deleted_sheet import DeletedSheet
from desktop_app.ui.chat.message_editor import MessageEditor
from desktop_app.ui.chat.message_row import MessageRow
from desktop_app.ui.chat.regenerate_question import RegenerateDialog
from desktop_app.ui.chat.version_switch import VersionSwitch
from desktop_app.ui.theme.theme import Theme
from tests.fakes.chat_desk import ChatDesk
from tests.ui.chat_room import Room, open_room, said

LARGEST = 27.0


class BranchRoom:
    """The screen on a chat of two questions and answers."""

    def __init__(self, room: Room, desk: ChatDesk) -> None:
        self.room = room
        self.desk = desk
        self.chat = desk.chat.create().id
        desk.ask(self.chat, "One")
        desk.ask(self.chat, "Two")
        room.show()
        room.open(self.chat)

    @property
    def rows(self) -> list[MessageRow]:
        return self.room.screen.transcript.rows

    @property
    def texts(self) -> list[str]:
        return [row.message.text for row in self.rows]

    def until_texts(self, *texts: str) -> None:
        self.room.until(lambda: self.texts == list(texts) and self.room.presenter.activity.phase is Phase.IDLE)
        self.room.settle()

    def open_editor(self, index: int) -> MessageEditor:
        self.room.presenter.branches.begin_edit(self.rows[index].message.id)
        editor = self.rows[index].editor
        assert editor is not None
        return editor

    def edit(self, index: int, text: str, answer: str) -> None:
        self.desk.decoder.answer = answer
        editor = self.open_editor(index)
        editor.edit.setPlainText(text)
        self.room.qtbot.keyClick(editor.edit, Qt.Key.Key_Return)

    def place_of(self, row: MessageRow) -> int:
        """Pixels from the top of the view."""
        return row.y() - self.room.screen.transcript.verticalScrollBar().value()

    def switch(self, index: int) -> VersionSwitch:
        switch = self.rows[index].switch
        assert switch is not None
        return switch


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ChatDesk]:
    made = ChatDesk(tmp_path)
    yield made
    made.close()


class FakeOthers:
    """One other model; changing to it is noted."""

    def __init__(self, desk: ChatDesk) -> None:
        self._desk = desk
        self.offered = [ModelChoice(Path("large.gguf"), "Large & slow 8B", "Jan", 8_000_000_000)]
        self.changed_to: list[str] = []

    def choices(self, cancel: CancelToken) -> list[ModelChoice]:
        return self.offered

    def better(self, cancel: CancelToken) -> ModelChoice | None:
        return None

    def cost(self, conversation_id: int, choice: ModelChoice) -> RereadingCost:
        return RereadingCost(1_200, 12.2)

    def change_to(self, choice: ModelChoice, cancel: CancelToken) -> None:
        self.changed_to.append(choice.name)
        self._desk.library.name = choice.name


@pytest.fixture
def others(desk: ChatDesk) -> FakeOthers:
    return FakeOthers(desk)


@pytest.fixture
def presets(desk: ChatDesk, tmp_path: Path) -> OtherPresets:
    """Two presets of one's own and none that come along."""
    service = PresetService(desk.store.presets, desk.conversations, tmp_path)
    service.add("Hot", "", {"sampling.temperature": 1.5})
    service.add("Pirate & co", "", {INSTRUCTIONS_KEY: "Talk like a pirate.", "decoder.max_answer_tokens": 64})
    return OtherPresets(service, desk.chat.window, desk.decoder, lambda _asked: 1000)


@pytest.fixture
def room(
    qtbot: QtBot,
    theme: Theme,
    actions: Actions,
    tasks: TaskRunner,
    desk: ChatDesk,
    others: FakeOthers,
    presets: OtherPresets,
) -> Iterator[BranchRoom]:
    with open_room(qtbot, theme, actions, tasks, desk.chat, others, presets) as made:
        yield BranchRoom(made, desk)
        made.settle()


def button(widget: QWidget | None, name: str) -> QAbstractButton:
    assert widget is not None
    return next(each for each in widget.findChildren(QAbstractButton) if name in (each.accessibleName(), each.text()))


def test_a_message_is_edited_in_its_place_and_sent_as_a_new_branch(room: BranchRoom) -> None:
    row = room.rows[2]
    row.set_current(True)
    button(row, "Edit message").click()
    editor = row.editor
    assert editor is not None
    assert editor.isVisible()
    assert editor.edit.draft() == "Two"
    assert editor.edit.accessibleName() == "Edit message"
    assert not any(each.isVisible() for each in row.text_widgets())
    room.desk.decoder.answer = "New answer"
    editor.edit.setPlainText("Two, edited")
    room.room.qtbot.keyClick(editor.edit, Qt.Key.Key_Return)
    room.until_texts("One", "Answer to One", "Two, edited", "New answer")
    assert room.switch(2).words == "2/2"
    assert room.switch(2).accessibleName() == "Version 2 of 2"
    assert room.rows[1].switch is None
    assert room.desk.chat.get(room.chat).preview == "New answer"


def test_the_arrows_switch_and_the_message_stays_where_it_was(room: BranchRoom) -> None:
    long = "\n".join(f"Line {number}" for number in range(60))
    room.edit(2, "Two, edited", long)
    room.until_texts("One", "Answer to One", "Two, edited", long)
    bar = room.room.screen.transcript.verticalScrollBar()
    room.room.screen.resize(1180, 420)
    bar.setValue(20)
    room.room.turn()
    first, place = room.rows[0], room.place_of(room.rows[2])
    button(room.switch(2), "Previous version").click()
    room.until_texts("One", "Answer to One", "Two", "Answer to Two")
    assert room.switch(2).words == "1/2"
    assert not button(room.switch(2), "Previous version").isEnabled()
    button(room.switch(2), "Next version").click()
    room.until_texts("One", "Answer to One", "Two, edited", long)
    assert room.place_of(room.rows[2]) in (place, place + 20), "a short path cannot be scrolled"
    assert room.rows[0] is first, "what stands above is not made anew"


def test_an_arrow_keeps_the_keyboard_after_switching(room: BranchRoom) -> None:
    room.edit(2, "Two, edited", "A")
    room.until_texts("One", "Answer to One", "Two, edited", "A")
    room.edit(2, "Two, third", "B")
    room.until_texts("One", "Answer to One", "Two, third", "B")
    back = button(room.switch(2), "Previous version")
    room.room.screen.activateWindow()
    back.setFocus()
    room.room.until(back.hasFocus)
    room.room.qtbot.keyClick(back, Qt.Key.Key_Space)
    room.until_texts("One", "Answer to One", "Two, edited", "A")
    assert button(room.switch(2), "Previous version").hasFocus()
    assert room.switch(2).words == "2/3"


def test_the_keyboard_walks_edits_and_switches(room: BranchRoom) -> None:
    room.edit(2, "Two, edited", "A")
    room.until_texts("One", "Answer to One", "Two, edited", "A")
    transcript = room.room.screen.transcript
    transcript.setFocus()
    for _ in range(2):
        room.room.qtbot.keyClick(transcript, Qt.Key.Key_Up)
    room.room.qtbot.keyClick(transcript, Qt.Key.Key_Left)
    room.until_texts("One", "Answer to One", "Two", "Answer to Two")
    assert transcript.current_id == room.rows[2].message.id
    room.room.qtbot.keyClick(transcript, Qt.Key.Key_Right)
    room.until_texts("One", "Answer to One", "Two, edited", "A")
    room.room.qtbot.keyClick(transcript, Qt.Key.Key_E)
    assert room.rows[2].editor is not None
    assert room.room.screen.on_escape()
    assert room.rows[2].editor is None
    assert room.texts[2] == "Two, edited"


def test_the_first_message_has_versions_too(room: BranchRoom) -> None:
    room.edit(0, "Uno", "Eins")
    room.until_texts("Uno", "Eins")
    assert room.switch(0).words == "2/2"
    room.room.actions["chat.previous_version"].trigger()
    room.until_texts("One", "Answer to One", "Two", "Answer to Two")


def test_regenerating_shows_the_versions_of_the_answer(room: BranchRoom) -> None:
    room.desk.decoder.answer = "Another"
    room.room.presenter.regenerate(room.rows[3].message.id)
    room.until_texts("One", "Answer to One", "Two", "Another")
    assert room.switch(3).words == "2/2"
    button(room.switch(3), "Previous version").click()
    room.until_texts("One", "Answer to One", "Two", "Answer to Two")


def test_an_earlier_answer_is_written_again_beside_what_followed_it(room: BranchRoom) -> None:
    menu = room.room.screen.message_menu(room.rows[1].message.id)
    room.desk.decoder.answer = "Another"
    next(action for action in menu.actions() if action.text() == "Write the answer again").trigger()
    room.until_texts("One", "Another")
    assert room.switch(1).words == "2/2"
    button(room.switch(1), "Previous version").click()
    room.until_texts("One", "Answer to One", "Two", "Answer to Two")


def test_a_chat_in_the_trash_is_read_only(room: BranchRoom) -> None:
    room.desk.chat.trash(room.chat)
    room.room.presenter.chats.refresh()
    room.room.until(lambda: (opened := room.room.presenter.chats.opened) is not None and opened.trashed_at)
    for name in ("chat.edit_message", "chat.edit_answer", "chat.regenerate", "chat.delete_branch"):
        assert not room.room.actions[name].isEnabled()
    words = [action.text() for action in room.room.screen.message_menu(room.rows[1].message.id).actions()]
    assert "Copy message" in words
    assert not {"Edit…", "Delete from here on", "Write the answer again"} & set(words)
    room.rows[0].set_current(True)
    button(room.rows[0], "Edit message").click()
    assert room.rows[0].editor is None
    assert "in the trash" in room.room.notices[-1].text


def test_an_edit_that_cannot_be_sent_says_why_in_its_place_and_keeps_the_text(room: BranchRoom) -> None:
    room.desk.decoder.load_error = ModelMissingError("There is no chat model.", "", "Choose one in Models.")
    room.edit(2, "Two, edited", "")
    room.room.until(lambda: "There is no chat model." in said(room.rows[2].editor))
    editor = room.rows[2].editor
    assert editor is not None
    assert editor.edit.draft() == "Two, edited"
    assert room.room.presenter.problem is None
    room.desk.decoder.load_error = None
    room.desk.decoder.answer = "A"
    editor.submit_button.click()
    room.until_texts("One", "Answer to One", "Two, edited", "A")


def test_an_edit_for_which_a_full_chat_has_no_room_waits_in_its_place(room: BranchRoom) -> None:
    room.desk.settings.person["decoder.when_full"] = "ask"
    room.desk.settings.person["decoder.max_answer_tokens"] = 100
    for number in range(5):
        room.desk.ask(room.chat, f"Filler {number} " + "word " * 120, "So it is")
    room.room.presenter.open_again(room.chat)
    room.room.until(lambda: len(room.rows) == 14)
    tree = len(room.desk.store.conversations.tree(room.chat))
    long = "edited " * 350
    room.edit(12, long, "A")
    editor = room.rows[12].editor
    assert editor is not None
    room.room.until(lambda: "This chat is full." in said(editor))
    assert editor.edit.draft() == long
    assert len(room.desk.store.conversations.tree(room.chat)) == tree, "nothing is stored"
    assert room.room.presenter.problem is None
    assert [each.text() for each in editor.room_buttons if each.isVisible()] == [
        "Let the oldest leave",
        "Summarise them",
        "Send in a new chat",
    ]
    assert not editor.submit_button.isVisible(), "it would be refused again"
    editor.edit.setPlainText(long + "more")
    assert editor.submit_button.isVisible()
    room.room.qtbot.keyClick(editor.edit, Qt.Key.Key_Return)
    room.room.until(editor.room_buttons[0].isVisible)
    room.room.settle()
    button(editor, "Let the oldest leave").click()
    room.room.until(lambda: room.texts[-2:] == [long + "more", "A"])
    room.room.settle()
    assert room.rows[12].editor is None
    assert room.room.presenter.transcript.memory_start_index is not None


def test_an_edit_for_which_a_full_chat_has_no_room_is_sent_in_a_new_one(room: BranchRoom) -> None:
    room.desk.settings.person["decoder.when_full"] = "ask"
    room.desk.settings.person["decoder.max_answer_tokens"] = 100
    for number in range(5):
        room.desk.ask(room.chat, f"Filler {number} " + "word " * 120, "So it is")
    room.room.presenter.open_again(room.chat)
    room.room.until(lambda: len(room.rows) == 14)
    path = room.desk.texts(room.chat)
    long = ("edited " * 350).strip()
    room.edit(12, long, "A")
    editor = room.rows[12].editor
    assert editor is not None
    room.room.until(lambda: "This chat is full." in said(editor))
    button(editor, "Send in a new chat").click()
    room.until_texts(long, "A")
    assert room.room.presenter.conversation_id != room.chat
    assert room.desk.texts(room.chat) == path
    room.room.open(room.chat)
    assert room.rows[12].editor is None


def test_at_the_largest_font_every_way_on_out_of_a_refused_edit_is_there(room: BranchRoom, theme: Theme) -> None:
    editor = room.open_editor(2)
    edit = room.room.presenter.branches.edit_of(room.rows[2].message.id)
    assert edit is not None
    edit.error = ContextFullError("This chat is full.", "Nothing was sent.", "Let the oldest messages leave.")
    editor.show_edit(edit)
    theme.set_font_size(LARGEST)
    room.room.screen.resize(720, 600)
    room.room.settle()
    editor = room.rows[2].editor
    assert editor is not None
    room.room.until(lambda: editor.height() > 4 * editor.room_buttons[0].height())
    for each in editor.room_buttons:
        assert each.width() >= each.minimumSizeHint().width()
        assert editor.rect().contains(each.rect().translated(each.mapTo(editor, each.rect().topLeft())))


def test_an_unfinished_edit_outlives_a_look_at_another_chat(room: BranchRoom) -> None:
    other = room.desk.chat.create().id
    room.desk.ask(other, "Elsewhere")
    editor = room.open_editor(0)
    editor.edit.setPlainText("Half an edit")
    room.room.open(other)
    room.room.open(room.chat)
    again = room.rows[0].editor
    assert again is not None
    assert again.edit.draft() == "Half an edit"
    assert room.room.shell.unsaved() == ["A message that you were editing is not sent."]
    again.cancel_button.click()
    assert room.room.shell.unsaved() == []


def test_links_that_do_not_fit_beside_a_message_are_in_its_menu(room: BranchRoom) -> None:
    screen = room.room.screen
    screen.resize(1180, 760)
    room.edit(2, "Two, " + "in many words, " * 20, "A")
    room.until_texts("One", "Answer to One", "Two, " + "in many words, " * 20, "A")
    row = room.rows[2]
    row.set_current(True)
    for width, fits in ((1180, True), (560, False)):
        screen.resize(width, 760)
        room.room.turn()
        assert button(row, "Copy message").isVisibleTo(row) == fits
        shown = [each for each in row.findChildren(QAbstractButton) if each.isVisibleTo(row)]
        assert button(row, "More about this message") in shown
        assert all(each.mapTo(row, each.rect().topLeft()).x() >= 0 for each in shown)


def test_blank_edits_are_not_sent(room: BranchRoom) -> None:
    editor = room.open_editor(0)
    editor.edit.setPlainText("  \n ")
    assert not editor.submit_button.isEnabled()
    room.room.qtbot.keyClick(editor.edit, Qt.Key.Key_Return)
    assert room.rows[0].editor is editor


def test_an_answer_is_edited_and_gone_on_with(room: BranchRoom) -> None:
    editor = room.open_editor(3)
    room.room.qtbot.keyClick(editor.edit, Qt.Key.Key_Return)
    assert editor.edit.draft() == "Answer to Two\n"
    editor.edit.setPlainText("My words")
    room.room.qtbot.keyClick(editor.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    room.until_texts("One", "Answer to One", "Two", "My words")
    assert room.switch(3).words == "2/2"
    assert "Edited by you" in said(room.rows[3])
    room.desk.decoder.answer = " and more"
    button(room.rows[3], "Continue").click()
    room.until_texts("One", "Answer to One", "Two", "My words and more")
    room.desk.decoder.answer = " at once"
    editor = room.open_editor(3)
    editor.edit.setPlainText("Again")
    editor.go_on_button.click()
    room.until_texts("One", "Answer to One", "Two", "Again at once")
    assert room.switch(3).words == "3/3"


def test_a_deleted_branch_comes_back_with_undo(room: BranchRoom) -> None:
    room.edit(2, "Two, edited", "A")
    room.until_texts("One", "Answer to One", "Two, edited", "A")
    menu = room.room.screen.message_menu(room.rows[2].message.id)
    next(action for action in menu.actions() if action.text() == "Delete from here on").trigger()
    room.until_texts("One", "Answer to One", "Two", "Answer to Two")
    assert room.rows[2].switch is None
    undo = room.room.notices[-1].undo
    assert undo is not None
    undo()
    room.until_texts("One", "Answer to One", "Two, edited", "A")
    assert room.switch(2).words == "2/2"


def test_deleting_everything_shows_the_empty_chat_and_undo_brings_it_back(room: BranchRoom) -> None:
    room.room.presenter.branches.delete(room.rows[0].message.id)
    room.room.until(lambda: room.room.presenter.is_empty)
    screen = room.room.screen
    assert screen.stack.currentWidget() is screen.empty
    undo = room.room.notices[-1].undo
    assert undo is not None
    undo()
    room.until_texts("One", "Answer to One", "Two", "Answer to Two")


def deleted_sheet(room: BranchRoom) -> DeletedSheet:
    """The open list of deleted messages, read."""
    room.room.actions["chat.deleted"].trigger()
    sheet = room.room.screen.messages._deleted_sheet
    assert sheet is not None
    assert sheet.isVisible()
    room.room.settle()
    return sheet


def lines(sheet: DeletedSheet) -> list[tuple[str, str]]:
    return [(row.title, row.at_right) for row in sheet._rows.rows]


def test_deleted_messages_come_back_long_after_the_notice(room: BranchRoom) -> None:
    room.edit(2, "Two, edited", "A")
    room.until_texts("One", "Answer to One", "Two, edited", "A")
    room.room.presenter.branches.delete(room.rows[2].message.id)
    room.until_texts("One", "Answer to One", "Two", "Answer to Two")
    room.edit(0, "Uno", "Una")
    room.until_texts("Uno", "Una")
    sheet = deleted_sheet(room)
    assert lines(sheet) == [("Two, edited", "2 messages")]
    assert "Your message · deleted today" in sheet._rows.rows[0].second_line
    assert sheet.list.hasFocus()
    room.room.qtbot.keyClick(sheet.list, Qt.Key.Key_Return)
    room.until_texts("One", "Answer to One", "Two, edited", "A")
    assert not sheet.isVisible()
    assert room.switch(0).words == "1/2"
    assert lines(deleted_sheet(room)) == []
    assert "Nothing is deleted in this chat" in said(sheet)
    assert not sheet.restore_button.isEnabled()
    assert not sheet.remove_button.isEnabled()


def test_what_was_deleted_inside_a_deleted_branch_is_put_back_with_it(room: BranchRoom) -> None:
    room.room.presenter.branches.delete(room.rows[3].message.id)
    room.until_texts("One", "Answer to One", "Two")
    room.room.presenter.branches.delete(room.rows[0].message.id)
    room.until_texts()
    sheet = deleted_sheet(room)
    assert lines(sheet) == [("One", "3 messages"), ("Answer to Two", "1 message")]
    assert "comes back with the branch" not in sheet._rows.rows[0].second_line
    assert "comes back with the branch that it was in" in sheet._rows.rows[1].second_line
    sheet.list.setCurrentIndex(sheet._rows.index(1))
    sheet.restore_button.click()
    room.until_texts("One", "Answer to One", "Two", "Answer to Two")
    assert room.desk.chat.branches.deleted(room.chat) == []


def test_a_deleted_message_is_removed_for_good_after_a_question(room: BranchRoom) -> None:
    room.room.presenter.branches.delete(room.rows[3].message.id)
    room.until_texts("One", "Answer to One", "Two")
    sheet = deleted_sheet(room)
    room.room.qtbot.keyClick(sheet.list, Qt.Key.Key_Delete)
    box = sheet.findChild(QMessageBox)
    assert box is not None
    assert box.text() == "Remove this message forever?"
    button(box, "Cancel").click()
    room.room.settle()
    assert lines(sheet) == [("Answer to Two", "1 message")]
    sheet.remove_button.click()
    button(sheet.findChildren(QMessageBox)[-1], "Remove forever").click()
    room.room.until(lambda: "Nothing is deleted in this chat" in said(sheet))
    assert room.desk.chat.branches.deleted(room.chat) == []
    undo = room.room.notices[-1].undo
    assert undo is not None
    undo()
    room.room.until(lambda: room.room.notices[-1].text == "This message is not there any more.")
    room.room.settle()
    assert room.texts == ["One", "Answer to One", "Two"]


def test_what_cannot_be_read_is_said_in_the_list(room: BranchRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_chat: int) -> list[object]:
        raise ModelMissingError("It cannot be read.")

    monkeypatch.setattr(room.desk.chat.branches, "deleted", fail)
    sheet = deleted_sheet(room)
    assert "It cannot be read." in said(sheet)
    monkeypatch.undo()
    button(sheet, "Try again").click()
    room.room.until(lambda: "Nothing is deleted in this chat" in said(sheet))


def test_the_list_goes_when_another_chat_is_opened(room: BranchRoom) -> None:
    sheet = deleted_sheet(room)
    room.room.presenter.new_chat()
    room.room.settle()
    assert not sheet.isVisible()
    assert not room.room.actions["chat.deleted"].isEnabled()


def test_a_branch_becomes_a_chat_of_its_own(room: BranchRoom) -> None:
    menu = room.room.screen.message_menu(room.rows[1].message.id)
    next(action for action in menu.actions() if action.text() == "Branch into a new chat").trigger()
    room.room.until(lambda: room.room.presenter.conversation_id != room.chat)
    room.until_texts("One", "Answer to One")
    assert room.room.screen.head.title.text() == "One (branch)"
    assert room.room.notices[-1].text == "Copied into a chat of its own"


def test_while_an_answer_is_written_the_path_stays(room: BranchRoom) -> None:
    room.edit(2, "Two, edited", "A")
    room.until_texts("One", "Answer to One", "Two, edited", "A")
    presenter = room.room.presenter
    asked: list[bool] = []
    presenter.answers.message_added.connect(
        lambda _answer: asked.append(presenter.branches.step(room.rows[2].message.id, -1))
    )
    room.room.type_and_send("Three")
    room.until_texts("One", "Answer to One", "Two, edited", "A", "Three", "A")
    assert asked == [False, False]


def test_a_deep_path_is_switched_to_in_its_place(room: BranchRoom) -> None:
    store = room.desk.store.conversations
    chat = room.desk.chat.create().id
    for number in range(40):
        room.desk.ask(chat, f"Question {number}")
    path = store.path(chat)
    list(room.desk.chat.regenerate(chat, path[61].id, CancelToken()))
    room.room.open(chat)
    room.room.until(lambda: room.room.presenter.transcript.index_of(path[60].id) is not None)
    transcript = room.room.presenter.transcript
    room.room.settle()
    answer = transcript.messages[-1]
    place = room.place_of(room.rows[-1])
    assert room.room.presenter.branches.step(answer.id, -1)
    room.room.until(lambda: transcript.messages[-1].id == path[-1].id)
    room.room.settle()
    assert [message.id for message in transcript.messages] == [message.id for message in path][
        -len(transcript.messages) :
    ]
    old = next(row for row in room.rows if row.message.id == path[61].id)
    assert room.place_of(old) == place, "the reader sees the other version where this one stood"


@pytest.fixture
def menus(monkeypatch: pytest.MonkeyPatch) -> list[QMenu]:
    """The menus that popped up; without a screen, none can take the keyboard."""
    popped: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _place: popped.append(menu))
    return popped


def choose_other_model(room: BranchRoom, menus: list[QMenu]) -> RegenerateDialog:
    menus.clear()
    room.room.actions["chat.regenerate_with"].trigger()
    room.room.until(lambda: menus)
    words = ["Large && slow 8B · Jan", "", "Hot · preset", "Pirate && co · preset"]
    assert [action.text() for action in menus[0].actions()] == words
    menus[0].actions()[0].trigger()
    return question_asked(room)


def question_asked(room: BranchRoom) -> RegenerateDialog:
    window = room.room.screen.window()
    room.room.until(lambda: any(each.isVisible() for each in window.findChildren(RegenerateDialog)))
    return next(each for each in window.findChildren(RegenerateDialog) if each.isVisible())


def test_another_model_says_first_what_it_costs_and_writes_beside_the_old_answer(
    room: BranchRoom, others: FakeOthers, menus: list[QMenu]
) -> None:
    dialog = choose_other_model(room, menus)
    assert "must read this chat again, about 12 s" in said(dialog)
    dialog.cancel_button.click()
    room.room.settle()
    assert others.changed_to == []
    room.desk.decoder.answer = "Slowly"
    choose_other_model(room, menus).regenerate_button.click()
    room.until_texts("One", "Answer to One", "Two", "Slowly")
    assert others.changed_to == ["Large & slow 8B"]
    assert room.switch(3).words == "2/2"
    assert "Large & slow 8B" in said(room.rows[3])
    assert "Fake 1B" in said(room.rows[1])


def choose_preset(room: BranchRoom, menus: list[QMenu], name: str) -> None:
    menus.clear()
    room.room.actions["chat.regenerate_with"].trigger()
    room.room.until(lambda: menus)
    next(action for action in menus[0].actions() if action.text().startswith(name)).trigger()


def test_another_preset_says_what_it_costs_and_decides_for_one_answer(room: BranchRoom, menus: list[QMenu]) -> None:
    room.desk.decoder.read_tokens_per_s = 1.0
    choose_preset(room, menus, "Pirate")
    dialog = question_asked(room)
    assert "Write this answer again with “Pirate & co”?" in said(dialog)
    assert re.search(r"must read this chat again, about \d+ s\.", said(dialog))
    room.desk.decoder.answer = "Arr"
    dialog.regenerate_button.click()
    room.until_texts("One", "Answer to One", "Two", "Arr")
    assert room.switch(3).words == "2/2"
    request = room.desk.decoder.requests[-1]
    assert (request.turns[0].text, request.max_tokens) == ("Talk like a pirate.", 64)
    used = room.rows[3].message.settings_used
    assert (used["preset"], used["system_prompt"]) == ("Pirate & co", "Talk like a pirate.")
    assert "preset Pirate & co" in room.room.presenter.transcript.words(room.rows[3].message).figures
    room.desk.ask(room.chat, "Three")
    assert room.desk.decoder.requests[-1].turns[0].text == "One", "the chat follows what it followed"


def test_a_preset_that_reads_the_same_is_not_asked_about(room: BranchRoom, menus: list[QMenu]) -> None:
    room.desk.decoder.answer = "Warmly"
    choose_preset(room, menus, "Hot")
    room.until_texts("One", "Answer to One", "Two", "Warmly")
    assert room.desk.decoder.requests[-1].sampling.temperature == 1.5
    assert not room.room.screen.window().findChildren(RegenerateDialog)


def test_without_another_model_the_menu_leads_to_models(
    room: BranchRoom, others: FakeOthers, menus: list[QMenu]
) -> None:
    others.offered = []
    choose_preset(room, menus, "No other chat model")
    assert room.room.rooms == ["models"]


def test_without_anything_else_the_way_to_models_is_shown(
    room: BranchRoom, others: FakeOthers, presets: OtherPresets, monkeypatch: pytest.MonkeyPatch
) -> None:
    others.offered = []
    monkeypatch.setattr(presets, "choices", lambda _chat: [])
    room.room.actions["chat.regenerate_with"].trigger()
    room.room.until(lambda: room.room.notices)
    notice = room.room.notices[-1]
    assert notice.text == "No other chat model was found on this computer"
    assert notice.action is not None
    notice.action()
    assert room.room.rooms == ["models"]
