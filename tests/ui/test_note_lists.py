"""Keys in lists of a note that is written, whole lines, and the boxes of tasks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.editor_text import encode
from desktop_app.presenters.save_state import SaveKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.theme.theme import Theme
from tests.ui.notes_room import NotesRoom

ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def editor(markdown_editor: MarkdownEditor) -> MarkdownEditor:
    markdown_editor.setFocus()
    return markdown_editor


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def show(editor: MarkdownEditor, text: str) -> None:
    """Show a text; "‸" is the cursor, two of them are a selection."""
    places = [units(text[:at]) for at, letter in enumerate(text) if letter == "‸"]
    editor.show_text(encode(text.replace("‸", "")))
    cursor = editor.textCursor()
    cursor.setPosition(places[0])
    cursor.setPosition(places[-1] - (len(places) - 1), QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)


def shown(editor: MarkdownEditor) -> str:
    cursor, text = editor.textCursor(), editor.display_text()
    parts = text.encode("utf-16-le")
    for place in sorted({cursor.selectionStart(), cursor.selectionEnd()}, reverse=True):
        parts = parts[: 2 * place] + "‸".encode("utf-16-le") + parts[2 * place :]
    return parts.decode("utf-16-le")


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("- a\n- b‸", Qt.Key.Key_Tab, "- a\n    - b‸"),
        ("- a\n- ‸b\n    - c", Qt.Key.Key_Tab, "- a\n    - ‸b\n        - c"),
        ("1. a\n2. b‸\n3. c", Qt.Key.Key_Tab, "1. a\n    1. b‸\n2. c"),
        ("‸- a", Qt.Key.Key_Tab, "‸- a"),
        ("word‸", Qt.Key.Key_Tab, "word\t‸"),
        ("‸one\ntwo‸", Qt.Key.Key_Tab, "    ‸one\n    two‸"),
        ("a ‸word‸", Qt.Key.Key_Tab, "    a ‸word‸"),
        ("- a\n    - b‸", Qt.Key.Key_Backtab, "- a\n- b‸"),
        ("```\n    x‸\n```", Qt.Key.Key_Backtab, "```\nx‸\n```"),
        ("- a\n    - ‸", Qt.Key.Key_Return, "- a\n- ‸"),
        ("- a\n- ‸", Qt.Key.Key_Return, "- a\n\n‸"),
        ("- a\n- ‸\n- b", Qt.Key.Key_Return, "- a\n\n‸\n- b"),
        ("- a\n\n- ‸", Qt.Key.Key_Return, "- a\n\n‸"),
        ("- [ ] ‸", Qt.Key.Key_Return, "‸"),
        ("> a\n> ‸", Qt.Key.Key_Return, "> a\n\n‸"),
        ("1. a‸\n2. b\n3. c", Qt.Key.Key_Return, "1. a\n2. ‸\n3. b\n4. c"),
        ("1. a‸\n1. b", Qt.Key.Key_Return, "1. a\n1. ‸\n1. b"),
        ("1. a\n    1. b‸\n2. c", Qt.Key.Key_Return, "1. a\n    1. b\n    2. ‸\n2. c"),
        ("- [x] 𝄞‸ a", Qt.Key.Key_Return, "- [x] 𝄞\n- [ ] ‸ a"),
        ("- a\n    - ‸b", Qt.Key.Key_Backspace, "- a\n- ‸b"),
        ("- ‸b", Qt.Key.Key_Backspace, "‸b"),
        ("- [ ] ‸b", Qt.Key.Key_Backspace, "‸b"),
        ("- b‸", Qt.Key.Key_Backspace, "- ‸"),
        ("```\n- ‸b\n```", Qt.Key.Key_Backspace, "```\n-‸b\n```"),
    ],
)
def test_keys_in_lists(editor: MarkdownEditor, before: str, key: Qt.Key, after: str) -> None:
    show(editor, before)
    QTest.keyClick(editor, key, SHIFT if key is Qt.Key.Key_Backtab else Qt.KeyboardModifier.NoModifier)
    assert shown(editor) == after
    editor.undo()
    assert editor.display_text() == before.replace("‸", ""), "one step of the history"


def test_shift_enter_goes_on_within_the_item(editor: MarkdownEditor) -> None:
    show(editor, "10. a‸")
    QTest.keyClick(editor, Qt.Key.Key_Return, SHIFT)
    assert shown(editor) == "10. a\n    ‸"


@pytest.mark.parametrize(
    ("before", "direction", "after"),
    [
        ("one\ntw‸o\nthree", -1, "tw‸o\none\nthree"),
        ("one\ntwo‸\nthree", 1, "one\nthree\ntwo‸"),
        ("‸one\ntwo\n‸three", 1, "three\n‸one\ntwo‸"),
        ("one‸", 1, "one‸"),
        ("‸one", -1, "‸one"),
        ("1. a\n2. b‸\n3. c", -1, "1. b‸\n2. a\n3. c"),
        ("1. a\n2. b‸\n3. c", 1, "1. a\n2. c\n3. b‸"),
    ],
)
def test_lines_are_moved(editor: MarkdownEditor, before: str, direction: int, after: str) -> None:
    show(editor, before)
    editor.move_lines(direction)
    assert shown(editor).replace("\n‸", "‸\n") == after.replace("\n‸", "‸\n")
    editor.undo()
    assert editor.display_text() == before.replace("‸", "")


def test_a_sign_typed_over_a_selection_is_put_around_it(editor: MarkdownEditor) -> None:
    show(editor, "so ‸bold‸ it is")
    QTest.keyClicks(editor, "**")
    assert shown(editor) == "so **‸bold‸** it is"
    show(editor, "see ‸Ink‸")
    QTest.keyClicks(editor, "[[")
    assert shown(editor) == "see [[‸Ink‸]]"
    show(editor, "see ‸Ink‸")
    QTest.keyClicks(editor, "a")
    assert shown(editor) == "see a‸"


def box_of(editor: MarkdownEditor, line: int) -> QPointF:
    """The middle of the box that is drawn in a line, as it is painted: looked for from the left."""
    rect = next(rect for block, rect in editor.lines_on_screen() if block.blockNumber() == line)
    return QPointF(rect.left() + 9, rect.bottom() - 8)


def test_a_click_on_the_box_ticks_and_leaves_the_cursor(editor: MarkdownEditor) -> None:
    show(editor, "first‸\n- [ ] buy ink\n- [x] pens")
    for line, after in ((1, "first‸\n- [x] buy ink\n- [x] pens"), (2, "first‸\n- [x] buy ink\n- [ ] pens")):
        QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=box_of(editor, line).toPoint())
        assert shown(editor) == after
    editor.undo()
    editor.undo()
    assert editor.display_text() == "first\n- [ ] buy ink\n- [x] pens"


def test_a_box_that_is_written_in_takes_the_cursor(editor: MarkdownEditor) -> None:
    show(editor, "- [ ] buy ink‸")
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=box_of(editor, 0).toPoint())
    assert editor.display_text() == "- [ ] buy ink"


def test_a_box_in_code_is_code(editor: MarkdownEditor) -> None:
    show(editor, "first‸\n```\n- [ ] buy ink\n```")
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=box_of(editor, 2).toPoint())
    assert editor.display_text() == "first\n```\n- [ ] buy ink\n```"


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[NotesRoom]:
    made = NotesRoom(tmp_path, theme, actions, tasks, qtbot)
    yield made
    made.close()


def test_actions_reach_the_text_that_is_written_and_not_the_one_that_is_read(room: NotesRoom) -> None:
    note = room.notes.create("", "one\ntwo")
    screen = room.open()
    room.show(note.id)
    screen.view.editor.moveCursor(QTextCursor.MoveOperation.End)
    room.actions["note.line_up"].trigger()
    room.actions["note.task"].trigger()
    assert screen.view.editor.display_text() == "- [ ] two\none"
    room.actions["note.line_down"].trigger()
    assert screen.view.editor.display_text() == "one\n- [ ] two"
    screen.view.set_mode("read")
    room.actions["note.task"].trigger()
    assert screen.view.editor.display_text() == "one\n- [ ] two"
    room.until(lambda: room.notes.get(note.id).text == "one\n- [ ] two" and room.editor.state.kind is SaveKind.SAVED)
