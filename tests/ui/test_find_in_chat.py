"""Ctrl+F: every place on the whole path is counted, gone to and marked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QTextEdit
from pytestqt.qtbot import QtBot

from desktop_app.domain.conversation import FIRST_TEMPORARY_ID
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.message_rows import AnswerMessage
from desktop_app.ui.theme.theme import Theme
from tests.ui.chat_room import Room, open_room

CODE = "Here is some:\n\n```python\nneedle = 1\nprint(needle)\n```\n\nAnd a **needle** more."


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        yield made


def marks(room: Room) -> list[tuple[QTextEdit | QPlainTextEdit, QTextEdit.ExtraSelection]]:
    return [
        (edit, mark) for row in room.screen.transcript.rows for edit in row.edits() for mark in edit.extraSelections()
    ]


def current(room: Room, theme: Theme) -> tuple[QTextEdit | QPlainTextEdit, QTextEdit.ExtraSelection]:
    (found,) = [each for each in marks(room) if each[1].format.background().color() == theme.color("accent")]
    return found


def in_view(room: Room, theme: Theme) -> bool:
    edit, mark = current(room, theme)
    view = room.screen.transcript.viewport()
    rect = edit.cursorRect(mark.cursor)
    place = QRect(edit.viewport().mapTo(view, rect.topLeft()), rect.size())
    return view.rect().adjusted(0, -1, 0, 1).contains(QPoint(view.width() // 2, place.center().y()))


def look_for(room: Room, text: str) -> None:
    room.actions["chat.find"].trigger()
    room.screen.finding.bar.line.setText(text)
    room.until(lambda: room.presenter.find.is_current and room.tasks.idle)
    room.turn()


def count(room: Room) -> str:
    return room.screen.finding.bar.count.text()


def test_places_are_counted_marked_and_walked(room: Room, theme: Theme) -> None:
    chat = room.service.add_chat("Hay", "a NEEDLE, a needle", CODE)
    room.show()
    room.open(chat)
    look_for(room, "needle")
    assert count(room) == "1 of 5"
    assert len(marks(room)) == 5
    line = room.screen.finding.bar.line
    seen = []
    for _ in range(5):
        edit, mark = current(room, theme)
        assert in_view(room, theme)
        seen.append((type(edit).__name__, mark.cursor.selectedText()))
        room.qtbot.keyClick(line, Qt.Key.Key_Return)
    assert seen == [
        ("PlainMessageText", "NEEDLE"),
        ("PlainMessageText", "needle"),
        ("CodeLines", "needle"),
        ("CodeLines", "needle"),
        ("MarkdownText", "needle"),
    ]
    assert count(room) == "1 of 5", "round the end"
    room.qtbot.keyClick(line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert count(room) == "5 of 5"
    room.actions["chat.find_next"].trigger()
    room.actions["chat.find_previous"].trigger()
    assert count(room) == "5 of 5"


def test_the_menu_of_the_chat_has_it_for_who_does_not_know_the_keys(room: Room, actions: Actions) -> None:
    menus = room.screen.head.findChildren(QMenu)
    assert any(actions["chat.find"] in menu.actions() for menu in menus)


def test_what_is_far_away_is_read_and_gone_to(room: Room, theme: Theme) -> None:
    texts = [f"message {number}" for number in range(1200)]
    texts[30] = texts[700] = "a needle here"
    chat = room.service.add_chat("Hay", *texts)
    room.show()
    room.open(chat)
    look_for(room, "needle")
    for expected in ("2 of 2", "1 of 2", "2 of 2"):
        room.until(lambda: any(True for _ in marks(room)) and in_view(room, theme))
        assert count(room) == expected
        room.actions["chat.find_next"].trigger()
        room.settle()
    assert len(room.screen.transcript.rows) < 200


def test_the_search_begins_where_the_reader_is(room: Room) -> None:
    texts = [f"needle {number}" for number in range(60)]
    chat = room.service.add_chat("Hay", *texts)
    room.show()
    room.open(chat)
    look_for(room, "needle")
    number = int(count(room).split()[0])
    assert number > 40, "the end of the chat is in view"


def test_esc_closes_and_takes_the_marks_away(room: Room) -> None:
    chat = room.service.add_chat("Hay", "needle", "needle")
    room.show()
    room.open(chat)
    look_for(room, "needle")
    assert marks(room)
    room.qtbot.keyClick(room.screen.finding.bar.line, Qt.Key.Key_Escape)
    assert not room.screen.finding.bar.isVisible()
    assert marks(room) == []
    look_for(room, "needle")
    assert room.screen.on_escape()
    assert not room.screen.finding.bar.isVisible()
    assert not room.actions["chat.find_next"].isEnabled()


def test_another_chat_closes_the_bar(room: Room) -> None:
    one, two = (room.service.add_chat(title, "needle", "x") for title in ("One", "Two"))
    room.show()
    room.open(one)
    look_for(room, "needle")
    room.open(two)
    assert not room.screen.finding.bar.isVisible()
    assert marks(room) == []


def test_nothing_found_says_so(room: Room) -> None:
    chat = room.service.add_chat("Hay", "a", "b")
    room.show()
    room.open(chat)
    look_for(room, "zebra")
    assert count(room) == "Not found"
    assert not room.screen.finding.bar.next.isEnabled()


def test_a_late_answer_does_not_replace_a_newer_one(room: Room) -> None:
    chat = room.service.add_chat("Hay", "needle", "thread thread")
    room.show()
    room.open(chat)
    gate = room.search.hold("needle")
    room.actions["chat.find"].trigger()
    room.screen.finding.bar.line.setText("needle")
    room.until(lambda: "needle" in room.search.asked)
    room.screen.finding.bar.line.setText("thread")
    room.until(lambda: count(room) == "1 of 2")
    gate.set()
    room.settle()
    assert count(room) == "1 of 2"


def test_a_new_message_is_counted(room: Room) -> None:
    chat = room.service.add_chat("Hay", "needle", "x")
    room.show()
    room.open(chat)
    look_for(room, "needle")
    assert count(room) == "1 of 1"
    room.type_and_send("and the needle?")
    room.until(lambda: count(room) == "1 of 2")
    room.service.feed("A needle", StopReason.END)
    room.until(lambda: count(room) == "1 of 3")


def test_a_place_in_the_rest_of_a_long_message_is_shown(room: Room, theme: Theme) -> None:
    chat = room.service.add_chat("Hay", "word " * 3000 + "needle", "x")
    room.show()
    room.open(chat)
    look_for(room, "needle")
    assert count(room) == "1 of 1"
    room.until(lambda: bool(marks(room)))
    assert in_view(room, theme)


def test_what_is_found_after_the_bar_was_closed_is_forgotten(room: Room) -> None:
    chat = room.service.add_chat("Hay", "needle", "x")
    room.show()
    room.open(chat)
    gate = room.search.hold("needle")
    room.actions["chat.find"].trigger()
    room.screen.finding.bar.line.setText("needle")
    room.until(lambda: "needle" in room.search.asked)
    room.screen.on_escape()
    gate.set()
    room.settle()
    assert room.presenter.find.total == 0
    assert not room.actions["chat.find_next"].isEnabled()


def test_a_place_in_folded_thoughts_unfolds_them(room: Room, theme: Theme) -> None:
    thoughts = "<think>\nIs it a needle?\n</think>\n\nYes, it is."
    chat = room.service.add_chat("Hay", "What is it?", thoughts, "Sure?", thoughts.replace("needle", "pin"))
    room.show()
    room.open(chat)
    look_for(room, "needle")
    assert count(room) == "1 of 1"
    room.until(lambda: in_view(room, theme))
    answers = [row for row in room.screen.transcript.rows if isinstance(row, AnswerMessage)]
    assert [row.body.fold is not None and row.body.fold.is_unfolded for row in answers] == [True, False]


def test_a_temporary_chat_is_searched_where_it_is(room: Room) -> None:
    chat = room.service.add_chat("Hay", "a needle?", "A needle.")
    room.show()
    room.open(chat)
    room.presenter.transcript.show(FIRST_TEMPORARY_ID, list(room.presenter.transcript.messages), None)
    look_for(room, "needle")
    assert count(room) == "1 of 2"
    assert room.search.asked == [], "the store knows nothing of it"
