"""Rewriting a part of a note with the chat model: the sheet, what changes, taking it over, and going back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QTextCursor
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import DecoderBusyError, InkwellError, WorkerCrashedError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.text_rewriting import RewriteTask, RewriteWish
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.text_rewriting import RewritingPresenter
from desktop_app.services.text_rewriting import Rewriting
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes import rewriting
from desktop_app.ui.notes.rewrite_sheet import RewriteSheet
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel
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
        self.late_error: InkwellError | None = None
        self.free = threading.Lock()

    def rewrite(self, wish: RewriteWish, cancel: CancelToken) -> Iterator[Rewriting]:
        if not self.free.acquire(blocking=False):
            raise DecoderBusyError("It is already writing an answer.")
        try:
            yield from self._written(wish, cancel)
        finally:
            self.free.release()

    def _written(self, wish: RewriteWish, cancel: CancelToken) -> Iterator[Rewriting]:
        self.wishes.append(wish)
        yield Rewriting("", 0.5)
        if self.error is not None:
            raise self.error
        yield Rewriting(wish.result(self.answer[:7]))
        if self.late_error is not None:
            raise self.late_error
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


def test_nothing_is_to_be_taken_over_before_something_was_asked_for(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    sheet = desk.open()
    assert not sheet.replace_button.isVisible()
    assert not sheet.add_button.isVisible()
    height = sheet.view.height()
    sheet.tasks[RewriteTask.CORRECT].click()
    desk.room.until(sheet.replace_button.isEnabled)
    assert sheet.replace_button.isVisible()
    assert sheet.view.height() == height


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
    assert sheet.isVisible()
    assert "changed meanwhile" in sheet.state.text()
    assert not sheet.replace_button.isEnabled()
    sheet.copy_button.click()
    assert QGuiApplication.clipboard().text() == "The sea is wide."


def test_a_note_that_may_not_be_written_any_more_keeps_its_words(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    sheet = desk.rewritten()
    desk.editor.setReadOnly(True)
    sheet.replace_button.click()
    assert desk.editor.toPlainText() == TEXT
    assert sheet.isVisible()


def test_what_is_typed_after_it_stays_when_the_notice_takes_it_back(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.rewritten().replace_button.click()
    cursor = desk.editor.textCursor()
    cursor.setPosition(0)
    cursor.insertText("New. ")
    desk.room.undos[-1]()
    assert desk.editor.toPlainText() == f"New. {TEXT}"
    desk.room.undos[-1]()
    assert "changed since" in desk.room.notices[-1]
    assert desk.editor.toPlainText() == f"New. {TEXT}"


def test_the_notice_does_not_undo_in_another_note(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.rewritten().replace_button.click()
    other = desk.room.notes.create("", "Another one.")
    desk.room.show(other.id)
    editor = desk.room.screen.desk.active.view.editor
    cursor = editor.textCursor()
    cursor.insertText("More. ")
    desk.room.undos[-1]()
    assert "More. " in editor.toPlainText()


@pytest.mark.parametrize(
    ("text", "part", "below"),
    [
        ("One sea and more.\n\nLast.", "sea", "One sea and more.\n\n- Wide\n\nLast."),
        ("One sea\nover two lines.\n\nLast.", "sea", "One sea\nover two lines.\n\n- Wide\n\nLast."),
        ("One sea.\n\nLast.", "One sea.\n", "One sea.\n\n- Wide\n\nLast."),
        (
            "| a | b |\n| - | - |\n| sea | 1 |\n| c | 2 |",
            "sea",
            "| a | b |\n| - | - |\n| sea | 1 |\n| c | 2 |\n\n- Wide",
        ),
        ("```\nsea\n\nmore\n```\n\nLast.", "sea", "```\nsea\n\nmore\n```\n\n- Wide\n\nLast."),
    ],
)
def test_what_is_put_below_parts_no_paragraph_table_or_code(desk: Desk, text: str, part: str, below: str) -> None:
    desk.editor.selectAll()
    desk.editor.textCursor().insertText(text)
    desk.select(part)
    desk.model.answer = "- Wide"
    desk.rewritten(RewriteTask.SUMMARY).add_button.click()
    assert desk.editor.toPlainText() == below
    desk.room.undos[-1]()
    assert desk.editor.toPlainText() == text


def test_a_summary_in_the_parts_place_keeps_the_blanks_around_it(desk: Desk) -> None:
    desk.select("Teh sea is wide.\n\n")
    desk.model.answer = "- Wide"
    desk.rewritten(RewriteTask.SUMMARY).replace_button.click()
    assert desk.editor.toPlainText() == "First line.\n\n- Wide\n\nLast line."


def test_ctrl_enter_in_the_line_takes_over_what_came(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    sheet = desk.open()
    desk.room.qtbot.keyClicks(sheet.line, "Correct it")
    desk.room.qtbot.keyClick(sheet.line, Qt.Key.Key_Return)
    desk.room.until(sheet.replace_button.isEnabled)
    desk.room.qtbot.keyClick(sheet.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(desk.model.wishes) == 1
    assert desk.editor.toPlainText() == TEXT.replace("Teh", "The")


def test_what_came_before_a_failure_is_what_is_shown_and_taken_over(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.model.late_error = WorkerCrashedError("The chat model ended unexpectedly.")
    sheet = desk.open()
    sheet.tasks[RewriteTask.CLEARER].click()
    desk.room.until(lambda: "ended unexpectedly" in sheet.state.text())
    assert sheet.view.toPlainText() == "The sea"
    assert "so far" in sheet.state.text()
    sheet.replace_button.click()
    assert desk.editor.toPlainText() == TEXT.replace("Teh sea is wide.", "The sea")


def test_another_wish_waits_until_the_model_has_put_the_first_one_away(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.model.may_end.clear()
    sheet = desk.open()
    sheet.tasks[RewriteTask.CLEARER].click()
    desk.room.until(lambda: "The sea" in sheet.view.toPlainText())
    sheet.tasks[RewriteTask.SHORTER].click()
    assert sheet.stop_button.isVisible()
    desk.room.until(sheet.replace_button.isEnabled)
    assert [each.task for each in desk.model.wishes] == [RewriteTask.CLEARER, RewriteTask.SHORTER]
    assert sheet.state.text().startswith("Nothing is changed yet")


def test_a_sheet_that_is_opened_again_at_once_is_not_refused(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.model.may_end.clear()
    sheet = desk.open()
    sheet.tasks[RewriteTask.CLEARER].click()
    desk.room.until(lambda: "The sea" in sheet.view.toPlainText())
    sheet.close()
    sheet = desk.rewritten(RewriteTask.SHORTER)
    assert sheet.view.toPlainText().endswith("The sea is wide.")


def test_an_announcement_that_is_taken_out_does_not_flicker(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.model.may_end.clear()
    sheet = desk.open()
    sheet.tasks[RewriteTask.CLEARER].click()
    desk.room.until(lambda: "The sea" in sheet.view.toPlainText())
    presenter = desk.room.rewriting
    assert presenter is not None
    presenter.grew.emit(Rewriting(""))
    assert sheet.state.text() == "Writing…"
    assert sheet.view.toPlainText() == "The sea"


def test_what_the_last_wish_would_still_show_is_not_shown(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.model.may_end.clear()
    sheet = desk.open()
    sheet.tasks[RewriteTask.CLEARER].click()
    presenter = desk.room.rewriting
    assert presenter is not None
    presenter.grew.emit(Rewriting("Old"))
    assert any(each.isActive() for each in sheet.findChildren(QTimer))
    sheet.tasks[RewriteTask.SHORTER].click()
    assert not any(each.isActive() for each in sheet.findChildren(QTimer))


def test_stopped_before_a_word_nothing_is_offered(desk: Desk) -> None:
    desk.select("Teh sea is wide.")
    desk.model.answer = ""
    desk.model.may_end.clear()
    sheet = desk.open()
    sheet.tasks[RewriteTask.CLEARER].click()
    desk.room.until(lambda: len(desk.model.wishes) == 1)
    sheet.stop_button.click()
    desk.room.until(lambda: sheet.state.text() == "Stopped.")
    assert sheet.view.toPlainText() == "Teh sea is wide."
    assert not sheet.replace_button.isEnabled()


def test_a_part_that_no_model_could_read_is_refused_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewriting, "_MOST_CHARACTERS", 10)
    desk.select("Teh sea is wide.")
    desk.room.actions["note.rewrite"].trigger()
    assert "too long" in desk.room.notices[-1]


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


def test_one_character_is_one(desk: Desk) -> None:
    desk.select("F")
    sheet = desk.open()
    assert "the one character." in " ".join(label.text() for label in sheet.findChildren(PlainLabel))
