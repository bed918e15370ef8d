"""Keys in a table of a note that is written."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.editor_text import encode
from desktop_app.ui.notes.markdown_editor import MarkdownEditor

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


def test_code_is_no_table(editor: MarkdownEditor) -> None:
    editor.show_text(encode(f"```\n{TABLE}\n```"))
    put_behind(editor, "ink")
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert "| ink\t | 2 |" in editor.display_text()
