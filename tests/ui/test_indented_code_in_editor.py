"""Code that is only indented looks like code in the editor, and what is told once of its lines is not told again."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from desktop_app.domain.editor_text import encode
from desktop_app.domain.indented_code import is_indented_code
from desktop_app.ui.notes import markdown_highlighter
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.theme.theme import Theme


def looks_like_code(editor: MarkdownEditor) -> list[bool]:
    looks, block = [], editor.document().begin()
    while block.isValid():
        formats = block.layout().formats()
        looks.append(any("JetBrains Mono" in (each.format.fontFamilies() or []) for each in formats))
        block = block.next()
    return looks


@pytest.fixture
def editor(theme: Theme, qtbot: QtBot) -> MarkdownEditor:
    made = MarkdownEditor(theme)
    qtbot.addWidget(made)
    made.resize(700, 900)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_it_looks_like_code_and_follows_a_line_that_is_changed_above(editor: MarkdownEditor, qtbot: QtBot) -> None:
    lines = ["Words:", "", "    ink = 1", "", "    pen = 2", "words", "    go on", "", "- item", "", "    of it"]
    editor.show_text(encode("\n".join(lines)))
    qtbot.waitUntil(lambda: [n for n, code in enumerate(looks_like_code(editor)) if code] == [2, 4])
    cursor = QTextCursor(editor.document())
    cursor.insertText("- ")
    qtbot.waitUntil(lambda: not any(looks_like_code(editor)))
    editor.undo()
    qtbot.waitUntil(lambda: [n for n, code in enumerate(looks_like_code(editor)) if code] == [2, 4])


def test_the_lines_above_are_looked_at_once_for_all_that_are_shown(
    editor: MarkdownEditor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def counted(line: str, above: object) -> bool:
        asked.append(line)
        return is_indented_code(line, above)  # type: ignore[arg-type]

    monkeypatch.setattr(markdown_highlighter, "is_indented_code", counted)
    editor.show_text(encode("\n".join(["Words:", "", *(f"    ink = {number}" for number in range(200))])))
    qtbot.waitUntil(lambda: sum(looks_like_code(editor)) >= 50)  # those on the screen
    assert len(asked) < 20, "each of them looked at all lines above it"
