"""Rewriting a part of a note with the chat model: the sheet, what changes, taking it over, and going back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError, WorkerCrashedError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.text_rewriting import RewriteTask, RewriteWish
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.text_rewriting import RewritingPresenter
from desktop_app.services.text_rewriting import Rewriting
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.rewrite_sheet import RewriteSheet
from desktop_app.ui.theme.theme import Theme
from tests.ui.notes_room import NotesRoom

TEXT = "First line.\n\nTeh sea is wide.\n\nLast line."


class Model:
    """Answers with `answer`, once it may."""

    def __init__(self) -> None:
        self.answer = "The sea is wide."
        self.wishes: list[RewriteWish] = []
        self.may_end = threading.Event()
        self.may_end.set()
        self.error: InkwellError | None = None

    def rewrite(self, wish: RewriteWish, cancel: CancelToken) -> Iterator[Rewriting]:
        self.wishes.append(wish)
        yield Rewriting("", 0.5)
        if self.error is not None:
            raise self.error
        yield Rewriting(wish.result(self.answer[:7]))
        with cancel.telling(self.may_end.set):
            assert self.may_end.wait(30)
        if cancel.cancelled:
            yield Rewriting(wish.result(self.answer[:7]), ended=StopReason.STOPPED)
        else:
            yield Rewriting(wish.result(self.answer), ended=StopReason.END)


class Desk:
    def __init__(self, room: NotesRoom, tasks: TaskRunner) -> None:
        self.room = room
        self.model = Model()
        room.rewriting = RewritingPresenter(self.model, tasks)
        self.note = room.notes.create("", TEXT)
        room.open()
        room.show(self.note.id)
        self.editor = room.screen.desk.active.view.editor

    def select(self, words: str) -> None:
        start = self.editor.toPlainText().index(words)
        cursor = self.editor.textCursor()
        cursor.setPosition(start)
        cursor.setPosition(start + len(words), QTextCursor.MoveMode.KeepAnchor)
        self.editor.setTextCursor(cursor)

    def open(self) -> RewriteSheet:
        self.room.actions["note.rewrite"].trigger()
        controls = self.room.screen.desk.active.rewriting
        assert controls is not None
        assert controls.sheet is not None
        assert controls.sheet.isVisible()
        return controls.sheet

    def rewritten(self, task: RewriteTask = RewriteTask.CORRECT) -> RewriteSheet:
        sheet = self.open()
        sheet.tasks[task].click()
        self.room.until(sheet.replace_button.isEnabled)
        return sheet


@pytest.fixture
def desk(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Desk]:
    room = NotesRoom(tmp_path, theme, actions, tasks, qtbot)
    made = Desk(room, tasks)
    yield made
    made.model.may_end.set()
    room.close()


def test_nothing_changes_until_it_is_taken_over_and_one_undo_takes_it_back(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    sheet = desk.rewritten()
    assert desk.editor.toPlainText() == TEXT
    assert sheet.view.toPlainText() == "− Teh sea is wide.\n+ The sea is wide."
    sheet.replace_button.click()
    assert desk.editor.toPlainText() == TEXT.replace("Teh", "The")
    assert desk.editor.textCursor().selectedText() == "The sea is wide."
    assert not sheet.isVisible()
    desk.editor.undo()
    assert desk.editor.toPlainText() == TEXT


def test_the_notice_takes_it_back_too(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.rewritten().replace_button.click()
    desk.room.undos[-1]()
    assert desk.editor.toPlainText() == TEXT


def test_without_a_selection_the_paragraph_at_the_cursor_is_meant(desk: Desk) -> None:
    cursor = desk.editor.textCursor()
    cursor.setPosition(TEXT.index("sea"))
    desk.editor.setTextCursor(cursor)
    desk.rewritten()
    assert desk.model.wishes[-1].text == "Teh sea is wide."


def test_a_summary_is_put_below_and_is_no_change(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.model.answer = "- Wide"
    sheet = desk.rewritten(RewriteTask.SUMMARY)
    assert sheet.view.toPlainText() == "- Wide"
    desk.room.qtbot.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert desk.editor.toPlainText() == TEXT.replace("wide.", "wide.\n\n- Wide")


def test_own_words_are_asked_for_with_enter(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    sheet = desk.open()
    desk.room.qtbot.keyClicks(sheet.line, "Make it rhyme")
    desk.room.qtbot.keyClick(sheet.line, Qt.Key.Key_Return)
    desk.room.until(sheet.replace_button.isEnabled)
    assert (desk.model.wishes[-1].task, desk.model.wishes[-1].own) == (RewriteTask.OWN, "Make it rhyme")


def test_going_on_hands_over_what_stands_before(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.rewritten(RewriteTask.CONTINUE)
    assert desk.model.wishes[-1].before == "First line.\n\n"


def test_escape_stops_and_then_closes(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.model.may_end.clear()
    sheet = desk.open()
    sheet.tasks[RewriteTask.CLEARER].click()
    desk.room.until(lambda: "The sea" in sheet.view.toPlainText())
    assert not sheet.replace_button.isEnabled()
    desk.room.qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    desk.room.until(lambda: "not the whole text" in sheet.state.text())
    assert sheet.isVisible()
    desk.room.qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert desk.editor.toPlainText() == TEXT


def test_an_error_is_said_where_it_happened_and_can_be_tried_again(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.model.error = WorkerCrashedError("The chat model ended unexpectedly.")
    sheet = desk.open()
    sheet.tasks[RewriteTask.CLEARER].click()
    desk.room.until(lambda: "ended unexpectedly" in sheet.state.text())
    desk.model.error = None
    sheet.again_button.click()
    desk.room.until(sheet.replace_button.isEnabled)


def test_a_note_that_changed_meanwhile_keeps_its_words(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    sheet = desk.rewritten()
    cursor = desk.editor.textCursor()
    cursor.setPosition(TEXT.index("sea"))
    cursor.insertText("deep ")
    sheet.replace_button.click()
    assert "Teh deep sea is wide." in desk.editor.toPlainText()
    assert "changed meanwhile" in desk.room.notices[-1]


def test_words_before_the_part_may_change_meanwhile(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    sheet = desk.rewritten()
    cursor = desk.editor.textCursor()
    cursor.setPosition(0)
    cursor.insertText("New. ")
    sheet.replace_button.click()
    assert desk.editor.toPlainText() == "New. " + TEXT.replace("Teh", "The")


def test_an_empty_line_is_nothing_to_rewrite(desk: Desk) -> None:
    cursor = desk.editor.textCursor()
    cursor.setPosition(len("First line.") + 1)
    desk.editor.setTextCursor(cursor)
    desk.room.actions["note.rewrite"].trigger()
    assert "Select the words" in desk.room.notices[-1]
