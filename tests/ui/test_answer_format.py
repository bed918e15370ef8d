"""The answer format of a chat: the dialog, what it says of a bad one, and the chip in the chat's head."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.constraint import Constraint, ConstraintKind
from desktop_app.presenters.chat_constraint import ChatConstraintPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.answer_format import FREE, AnswerFormatControls, AnswerFormatDialog
from desktop_app.ui.theme.theme import Theme
from tests.ui.chat_room import Room, open_room

SCHEMA = Constraint(ConstraintKind.JSON_SCHEMA, '{"type": "integer"}')


class Constraints:
    """Those of the chats, in memory."""

    def __init__(self) -> None:
        self.kept: dict[int, Constraint] = {}

    def of(self, conversation_id: int) -> Constraint | None:
        return self.kept.get(conversation_id)

    def set(self, conversation_id: int, constraint: Constraint | None) -> None:
        if constraint is None:
            self.kept.pop(conversation_id, None)
        else:
            self.kept[conversation_id] = constraint


def shown_dialogs() -> list[AnswerFormatDialog]:
    found = [each for each in QApplication.topLevelWidgets() if isinstance(each, AnswerFormatDialog)]
    return [each for each in found if each.isVisible()]


class Desk:
    """The chat screen with the controls for the answer format."""

    def __init__(self, room: Room, tasks: TaskRunner, theme: Theme, actions: Actions) -> None:
        self.room = room
        self.constraints = Constraints()
        chat = room.presenter
        self.presenter = ChatConstraintPresenter(
            self.constraints, lambda slot: slot.ensure(room.service), chat.chat_made, tasks, chat
        )
        chat.opened.connect(lambda: self.presenter.show(chat.slot))
        self.controls = AnswerFormatControls(self.presenter, theme, actions["chat.format"], room.screen)
        room.screen.head.add_beside_title(self.controls.chip)
        self.presenter.show(chat.slot)

    def dialog(self) -> AnswerFormatDialog:
        self.room.actions["chat.format"].trigger()
        (dialog,) = shown_dialogs()
        return dialog


@pytest.fixture
def desk(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Desk]:
    with open_room(qtbot, theme, actions, tasks) as room:
        made = Desk(room, tasks, theme, actions)
        room.show()
        yield made
        room.settle()


def choose(dialog: AnswerFormatDialog, kind: str) -> None:
    dialog.kind.choose(kind)


def test_a_schema_is_kept_with_a_new_chat_and_the_chip_leads_back_to_it(desk: Desk, qtbot: QtBot) -> None:
    dialog = desk.dialog()
    assert not dialog.text.isVisible()
    choose(dialog, "json_schema")
    assert '"type": "object"' in dialog.text.toPlainText(), "an example to start from"
    dialog.text.setPlainText(SCHEMA.text)
    dialog.save.click()
    desk.room.until(lambda: desk.controls.chip.isVisible() and not shown_dialogs())
    chat = desk.room.presenter.conversation_id
    assert chat is not None, "the chat is there now"
    assert desk.constraints.kept == {chat: SCHEMA}
    assert desk.controls.chip.text() == "JSON schema"
    desk.controls.chip.click()
    (again,) = shown_dialogs()
    assert again.text.toPlainText() == SCHEMA.text
    choose(again, FREE)
    again.save.click()
    desk.room.until(lambda: not desk.controls.chip.isVisible())
    assert desk.constraints.kept == {}


def test_a_bad_grammar_says_what_is_wrong_and_makes_no_chat(desk: Desk, qtbot: QtBot) -> None:
    dialog = desk.dialog()
    choose(dialog, "grammar")
    dialog.text.setPlainText("root ::= other")
    dialog.save.click()
    desk.room.until(dialog.error.isVisible)
    assert "Line 1, column 10: there is no rule “other”" in dialog.error.text()
    assert dialog.save.isEnabled()
    assert desk.room.presenter.conversation_id is None
    dialog.text.setPlainText('root ::= "yes"')
    assert not dialog.error.isVisible(), "what was said is of the old text"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert desk.constraints.kept == {}


def test_each_kind_keeps_what_was_written_for_it(desk: Desk) -> None:
    dialog = desk.dialog()
    choose(dialog, "grammar")
    dialog.text.setPlainText("root ::= mine")
    choose(dialog, "json_schema")
    choose(dialog, "grammar")
    assert dialog.text.toPlainText() == "root ::= mine"
    dialog.reject()


def test_the_chip_belongs_to_the_chat_that_is_shown(desk: Desk) -> None:
    held, free = desk.room.service.add_chat("Held", "Q", "A"), desk.room.service.add_chat("Free", "Q", "A")
    desk.constraints.kept[held] = SCHEMA
    desk.room.open(held)
    desk.room.until(desk.controls.chip.isVisible)
    desk.room.open(free)
    desk.room.until(lambda: not desk.controls.chip.isVisible())


@pytest.mark.parametrize("size", [13.5, 27.0])
def test_nothing_in_the_dialog_is_clipped(desk: Desk, theme: Theme, size: float) -> None:
    theme.set_font_size(size)
    dialog = desk.dialog()
    choose(dialog, "json_schema")
    desk.room.turn()
    for part in (dialog.save, dialog.cancel, dialog.kind):
        assert part.width() >= part.minimumSizeHint().width()
        assert dialog.rect().contains(part.geometry())
    dialog.reject()
