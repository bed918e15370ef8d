"""Keys in a table of a note that is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desktop_app.domain.editor_text import encode
from desktop_app.domain.table_edits import TableEdit
from desktop_app.presenters.save_state import SaveKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.theme.theme import Theme
from tests.ui.notes_room import NotesRoom

TABLE = "before\n\n| 𝄞 name | count |\n|---|--:|\n| ink | 2 |\n\nafter"


@pytest.fixture
def editor(markdown_editor: MarkdownEditor) -> MarkdownEditor:
    markdown_editor.show_text(encode(TABLE))
    markdown_editor.setFocus()
    return markdown_editor


def put_behind(editor: MarkdownEditor, words: str) -> None:
    cursor = editor.document().find(words)
    cursor.setPosition(cursor.selectionEnd())
    editor.setTextCursor(cursor)


def settle() -> None:
    """Let what was put off to the next turns of the event loop happen."""
    for _ in range(5):
        QCoreApplication.processEvents()


def before_cursor(editor: MarkdownEditor) -> str:
    cursor = editor.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, QTextCursor.MoveMode.KeepAnchor)
    return cursor.selectedText()


def test_tab_goes_from_cell_to_cell_and_adds_a_row_behind_the_last(editor: MarkdownEditor) -> None:
    put_behind(editor, "𝄞 na")
    seen = []
    for _ in range(3):
        QTest.keyClick(editor, Qt.Key.Key_Tab)
        seen.append(before_cursor(editor))
    assert seen == ["| 𝄞 name | count", "| ink", "| ink | 2"]
    QTest.keyClick(editor, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert before_cursor(editor) == "| ink"
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    QTest.keyClicks(editor, "pen")
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    QTest.keyClicks(editor, "3")
    assert "| ink | 2 |\n| pen | 3 |\n\nafter" in editor.display_text()
    put_behind(editor, "before")
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.display_text().startswith("before\t\n"), "outside a table Tab is Tab"


def test_enter_adds_a_row_and_in_an_empty_one_leaves(editor: MarkdownEditor, qtbot: QtBot) -> None:
    put_behind(editor, "coun")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert "|---|--:|\n|  |  |\n| ink" in editor.display_text(), "below the head"
    editor.undo()
    assert editor.display_text() == TABLE
    put_behind(editor, "ink")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "pen")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "x")
    qtbot.waitUntil(lambda: "| pen    |       |\n\nx\n" in editor.display_text())  # right below it were a row


def test_columns_come_into_line_when_a_table_that_was_written_in_is_left(editor: MarkdownEditor, qtbot: QtBot) -> None:
    put_behind(editor, "ink")
    editor.moveCursor(QTextCursor.MoveOperation.End)
    settle()
    assert editor.display_text() == TABLE, "only looking changes nothing"
    put_behind(editor, "ink")
    QTest.keyClicks(editor, "well")
    written = editor.display_text()
    editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.waitUntil(lambda: editor.display_text() != written)
    assert "| 𝄞 name  | count |\n| ------- | ----: |\n| inkwell |     2 |\n\nafter" in editor.display_text()
    editor.undo()
    assert editor.display_text() == written, "one step back"
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    settle()
    assert editor.display_text() == written, "and it stays back"


def test_enter_behind_a_first_row_makes_a_table(editor: MarkdownEditor) -> None:
    editor.show_text(encode("| a | b |"))
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.display_text() == "| a | b |\n| --- | --- |\n|  |  |"
    assert before_cursor(editor) == "| "


@pytest.mark.parametrize("above", ["- item", "2. item", "> quoted", "words"])
def test_a_table_right_below_a_list_or_quote_is_none_of_its_words(editor: MarkdownEditor, above: str) -> None:
    editor.show_text(encode(f"{above}\n| a | b |"))
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.display_text() == f"{above}\n\n| a | b |\n| --- | --- |\n|  |  |"
    QTest.keyClicks(editor, "ink")
    assert editor.display_text().endswith("|\n| ink |  |")
    editor.undo()
    editor.undo()
    assert editor.display_text() == f"{above}\n| a | b |"


def test_a_table_right_below_a_heading_stays_there(editor: MarkdownEditor) -> None:
    editor.show_text(encode("## Inks\n| a | b |"))
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.display_text() == "## Inks\n| a | b |\n| --- | --- |\n|  |  |"


def test_code_is_no_table(editor: MarkdownEditor) -> None:
    editor.show_text(encode(f"```\n{TABLE}\n```"))
    put_behind(editor, "ink")
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert "| ink\t | 2 |" in editor.display_text()


def test_columns_and_rows_change_as_a_whole_in_one_step_each(editor: MarkdownEditor) -> None:
    text = "before\n\n| a | b |\n|---|---|\n| 𝄞 | 2 |\n\nafter"
    editor.show_text(encode(text))
    cursor = editor.textCursor()
    cursor.setPosition(editor.document().findBlockByNumber(4).position() + 3)
    editor.setTextCursor(cursor)
    assert editor.is_in_table
    assert editor.edit_table(TableEdit.COLUMN_RIGHT)
    assert editor.display_text() == "before\n\n| b   | a   |\n| --- | --- |\n| 2   | 𝄞   |\n\nafter"
    block = editor.textCursor().block()
    assert block.text()[: editor.textCursor().positionInBlock() - 1].endswith("| 𝄞")
    editor.undo()
    assert editor.display_text() == text
    editor.redo()
    assert editor.edit_table(TableEdit.DELETE_COLUMN)
    assert editor.edit_table(TableEdit.DELETE_COLUMN)
    assert editor.display_text() == "before\n\n\n\nafter"
    assert not editor.is_in_table
    assert not editor.edit_table(TableEdit.DELETE_COLUMN)


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        ("", 0, "{}"),
        ("words\n\nmore", 2, "words\n\n{}\n\nmore"),
        ("\nmore", 0, "{}\n\nmore"),
        ("| a |\n|---|\n| 1 |\nmore", 2, "| a |\n|---|\n| 1 |\n\n{}\n\nmore"),
    ],
)
def test_a_new_table_stands_on_lines_of_its_own(editor: MarkdownEditor, text: str, place: int, shown: str) -> None:
    editor.show_text(encode(text))
    cursor = editor.textCursor()
    cursor.setPosition(place)
    editor.setTextCursor(cursor)
    editor.insert_table()
    table = "|     |     |\n| --- | --- |\n|     |     |"
    assert editor.display_text() == shown.format(table)
    QTest.keyClicks(editor, "ink")
    assert "| ink" in editor.display_text()
    editor.undo()
    editor.undo()
    assert editor.display_text() == text


def test_actions_and_the_menu_reach_the_table(
    tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot
) -> None:
    room = NotesRoom(tmp_path, theme, actions, tasks, qtbot)
    note = room.notes.create("", "# T\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    room.open()
    room.show(note.id)
    editor = room.screen.view.editor
    actions["note.table_align"].trigger()
    assert len(room.notices) == 1, "the cursor is in no table"
    menu = QMenu()
    editor.menu_wanted.emit(menu, QPoint())
    assert "Table" not in [each.text() for each in menu.actions()]
    editor.moveCursor(QTextCursor.MoveOperation.End)
    actions["note.table_align"].trigger()
    assert "| --- | :-- |" in editor.display_text()
    editor.menu_wanted.emit(menu, QPoint())
    assert "Table" in [each.text() for each in menu.actions()]
    room.until(lambda: room.editor.state.kind is SaveKind.SAVED)
    room.close()
