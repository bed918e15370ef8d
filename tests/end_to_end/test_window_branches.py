"""Versions and temporary chats in the whole window, with the real starter model and the window's own shortcuts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.ui.chat.message_row import MessageRow
from desktop_app.ui.chat.temporary_bar import LeaveQuestion
from tests.end_to_end.program import Open, Program, press, words_in

pytestmark = pytest.mark.usefixtures("no_complaints")

SECRET = "Wren among the reeds"
SHORT = {"decoder.max_answer_tokens": 16, "sampling.temperature": 0.0}


def answered(program: Program, messages: int) -> None:
    program.until(lambda: len(program.messages) == messages and program.idle)


def first_row(program: Program) -> MessageRow:
    return program.chat.transcript.rows[0]


def test_a_message_is_edited_and_switched_by_keyboard(start: Open) -> None:
    program = start(settings=SHORT)
    program.model_ready()
    program.send("Name a colour.")
    answered(program, 2)
    QTest.keyClick(program.chat.composer.edit, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    program.until(lambda: first_row(program).editor is not None)
    editor = first_row(program).editor
    assert editor is not None
    program.until(editor.edit.hasFocus)
    QTest.keyClicks(editor.edit, " And another.")
    QTest.keyClick(editor.edit, Qt.Key.Key_Escape)
    program.until(lambda: first_row(program).editor is None)
    assert program.messages[0].text == "Name a colour."
    QTest.keyClick(program.chat.transcript, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    program.until(lambda: first_row(program).editor is not None)
    editor = first_row(program).editor
    assert editor is not None
    QTest.keyClicks(editor.edit, " And another.")
    QTest.keyClick(editor.edit, Qt.Key.Key_Return)
    program.until(lambda: program.messages[0].text == "Name a colour. And another.")
    answered(program, 2)
    program.until(lambda: "2/2" in words_in(first_row(program)))
    program.until(program.chat.composer.edit.hasFocus)
    QTest.keyClick(program.chat.composer.edit, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    program.until(lambda: program.messages[0].text == "Name a colour.")
    assert "1/2" in words_in(first_row(program))


def test_a_temporary_chat_leaves_nothing_in_the_data_folder(start: Open, tmp_path: Path) -> None:
    program = start(settings=SHORT)
    program.model_ready()
    control_and_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(program.chat.composer.edit, Qt.Key.Key_T, control_and_shift)
    program.until(program.chat.temporary.isVisible)
    program.chat.composer.edit.setPlainText(f"{SECRET}. " * 60 + "What is this about?")
    QTest.keyClick(program.chat.composer.edit, Qt.Key.Key_Return)
    answered(program, 2)
    program.chat.composer.edit.setPlainText(SECRET)
    program.window._memory.save_now()
    QTest.keyClick(program.chat.composer.edit, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    program.until(lambda: program.window.findChildren(LeaveQuestion))
    press(program.window.findChildren(LeaveQuestion)[0], "End it")
    program.until(lambda: not program.messages and program.desk.tasks.idle)
    paths = program.container.paths
    program.close()
    states = [path for path in paths.kept_states.rglob("*") if path.is_file()] if paths.kept_states.exists() else []
    assert states == [], "what the model read of it is kept on no disk, either"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
