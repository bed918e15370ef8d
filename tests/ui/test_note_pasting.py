"""Pasting into a note: addresses over words, HTML, plain text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.editor_text import encode
from desktop_app.domain.errors import ImportFileError
from desktop_app.presenters.note_pasting import NotePastingPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.paste_controls import PasteControls
from desktop_app.ui.theme.theme import Theme

HTML = "<p>some <b>bold</b> words</p>"


class Reader:
    """Converts what the test says, once it is let."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.answer: Callable[[], str] = lambda: "some **bold** words\n"

    def read_html(self, html: str, cancel: CancelToken) -> str:
        self.read.append(html)
        return self.answer()


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def editor(theme: Theme, tasks: TaskRunner, reader: Reader, qtbot: QtBot) -> Iterator[MarkdownEditor]:
    made = MarkdownEditor(theme)
    PasteControls(made, NotePastingPresenter(lambda: reader, tasks, made))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.hide()


def select(editor: MarkdownEditor, text: str, words: str) -> None:
    editor.show_text(encode(text))
    cursor = editor.document().find(words) if words else editor.textCursor()
    if not words:
        cursor.movePosition(QTextCursor.MoveOperation.End)
    editor.setTextCursor(cursor)


def data(text: str, html: str = "") -> QMimeData:
    made = QMimeData()
    made.setText(text)
    if html:
        made.setHtml(html)
    return made


def test_an_address_over_words_makes_a_link_in_one_step(editor: MarkdownEditor) -> None:
    select(editor, "see the ink here", "the ink")
    editor.insertFromMimeData(data("https://e.org/ink"))
    assert editor.display_text() == "see [the ink](https://e.org/ink) here"
    editor.undo()
    assert editor.display_text() == "see the ink here"


def test_an_address_without_words_or_in_code_is_text(editor: MarkdownEditor, qtbot: QtBot) -> None:
    select(editor, "see ", "")
    editor.insertFromMimeData(data("https://e.org/ink"))
    qtbot.waitUntil(lambda: editor.display_text() == "see https://e.org/ink")
    select(editor, "```\nurl\n```", "url")
    editor.insertFromMimeData(data("https://e.org/ink"))
    qtbot.waitUntil(lambda: editor.display_text() == "```\nhttps://e.org/ink\n```")


def test_an_address_that_is_dragged_comes_in_as_text(editor: MarkdownEditor, qtbot: QtBot) -> None:
    select(editor, "", "")
    dragged = QMimeData()
    dragged.setUrls([QUrl("https://e.org/ink")])
    assert editor.canInsertFromMimeData(dragged)
    editor.insertFromMimeData(dragged)
    qtbot.waitUntil(lambda: editor.display_text() == "https://e.org/ink")
    dragged.setUrls([QUrl.fromLocalFile("/etc/passwd")])
    editor.insertFromMimeData(dragged)
    assert editor.display_text() == "https://e.org/ink"


def test_html_becomes_markdown_and_what_is_typed_meanwhile_stays_behind(
    editor: MarkdownEditor, reader: Reader, qtbot: QtBot
) -> None:
    select(editor, "before old", "old")
    editor.insertFromMimeData(data("some bold words", HTML))
    QTest.keyClicks(editor, " after")
    qtbot.waitUntil(lambda: editor.display_text() == "before some **bold** words after")
    assert editor.textCursor().atEnd()
    assert "<b>bold</b>" in reader.read[0]


def test_html_that_cannot_be_read_comes_in_as_text(editor: MarkdownEditor, reader: Reader, qtbot: QtBot) -> None:
    def fail() -> str:
        raise ImportFileError("The file is damaged.")

    reader.answer = fail
    select(editor, "", "")
    editor.insertFromMimeData(data("some bold words", HTML))
    qtbot.waitUntil(lambda: editor.display_text() == "some bold words")


def test_html_without_a_text_of_its_own_comes_in(editor: MarkdownEditor, reader: Reader, qtbot: QtBot) -> None:
    select(editor, "", "")
    only = QMimeData()
    only.setHtml("<p>some words</p>")
    assert editor.canInsertFromMimeData(only)
    reader.answer = lambda: "some words\n"
    editor.insertFromMimeData(only)
    qtbot.waitUntil(lambda: editor.display_text() == "some words")

    def fail() -> str:
        raise ImportFileError("The file is damaged.")

    reader.answer = fail
    editor.insertFromMimeData(only)
    qtbot.waitUntil(lambda: editor.display_text() == "some wordssome words")


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("", "{}"),
        ("words", "words\n\n{}"),
        ("- item\n", "- item\n\n{}"),
        ("above\n\n", "above\n\n{}"),
    ],
)
def test_cells_of_a_spreadsheet_become_a_table_in_one_step(editor: MarkdownEditor, text: str, made: str) -> None:
    select(editor, text, "")
    editor.insertFromMimeData(data("ink\tcount\r\niron | gall\t2\r\nblue\t\r\n"))
    rows = [
        "| ink          | count |",
        "| ------------ | ----- |",
        "| iron \\| gall | 2     |",
        "| blue         |       |",
    ]
    table = "\n".join(rows)
    assert editor.display_text() == made.format(table)
    editor.undo()
    assert editor.display_text() == text


@pytest.mark.parametrize(
    ("text", "at", "made"),
    [
        ("\nwords below", 0, "{}\n\nwords below"),
        ("\n\nwords below", 0, "{}\n\nwords below"),
        ("words below", 0, "{}\n\nwords below"),
        ("words\n\n# Below", 6, "words\n\n{}\n\n# Below"),
    ],
)
def test_what_stands_below_pasted_cells_is_no_row_of_them(
    editor: MarkdownEditor, text: str, at: int, made: str
) -> None:
    select(editor, text, "")
    cursor = editor.textCursor()
    cursor.setPosition(at)
    editor.setTextCursor(cursor)
    editor.insertFromMimeData(data("ink\tcount\niron\t2"))
    assert editor.display_text() == made.format("| ink  | count |\n| ---- | ----- |\n| iron | 2     |")


@pytest.mark.parametrize(
    "text", ["a\tb", "a\tb\nc", "\tif x:\n\treturn", "if x:\n\treturn\tnow", "one\ntwo", "a\tb\n\tc", "a\tb\n\nc\td"]
)
def test_a_text_that_is_no_cells_comes_in_as_it_is(editor: MarkdownEditor, text: str, qtbot: QtBot) -> None:
    select(editor, "", "")
    editor.insertFromMimeData(data(text))
    qtbot.waitUntil(lambda: editor.display_text() == text)


def test_cells_stay_as_they_are_in_code(editor: MarkdownEditor, qtbot: QtBot) -> None:
    select(editor, "```\nhere\n```", "here")
    editor.insertFromMimeData(data("a\tb\nc\td"))
    qtbot.waitUntil(lambda: editor.display_text() == "```\na\tb\nc\td\n```")


def test_html_of_another_note_is_dropped(editor: MarkdownEditor, reader: Reader, qtbot: QtBot) -> None:
    select(editor, "first", "")
    editor.insertFromMimeData(data("some bold words", HTML))
    editor.show_text(encode("second"))
    qtbot.waitUntil(lambda: bool(reader.read))
    QTest.qWait(0)
    assert editor.display_text() == "second"


def test_plain_text_can_be_asked_for(editor: MarkdownEditor, reader: Reader, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setMimeData(data("some bold words", HTML))
    select(editor, "", "")
    editor.paste_plain()
    qtbot.waitUntil(lambda: editor.display_text() == "some bold words")
    assert reader.read == []
    QGuiApplication.clipboard().clear()
