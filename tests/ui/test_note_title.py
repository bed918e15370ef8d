"""The title above a note: typed, saved with the text, and left to the text where nobody typed one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import DiskFullError
from desktop_app.presenters.note_editor import NoteEditorPresenter, SaveKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.note_head import READ, WRITE
from desktop_app.ui.notes.note_view import NoteView
from desktop_app.ui.theme.theme import Theme
from tests.fakes.fake_notes import FakeNotes


class Desk:
    """One note view over notes in memory."""

    def __init__(self, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.notes = FakeNotes()
        self.editor = NoteEditorPresenter(self.notes, tasks, lambda: 1)
        self.view = NoteView(self.editor, theme, actions)
        self.line = self.view.title.line
        qtbot.addWidget(self.view)
        self.view.resize(900, 600)
        self.view.show()
        qtbot.waitExposed(self.view)

    def open(self, text: str) -> int:
        note_id = self.notes.add(text).id
        self.editor.open(note_id)
        self.qtbot.waitUntil(lambda: self.editor.note is not None and self.editor.note.id == note_id)
        return note_id

    def type_title(self, text: str) -> None:
        self.line.setFocus()
        QTest.keyClicks(self.line, text)

    def saved(self) -> None:
        self.qtbot.waitUntil(lambda: not self.editor.unsaved and self.editor.state.kind is SaveKind.SAVED)


@pytest.fixture
def desk(theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(theme, actions, tasks, qtbot)
    yield made
    made.editor.flush()
    made.editor.close()


def test_a_typed_title_is_saved_and_outlives_changes_of_the_text(desk: Desk) -> None:
    note_id = desk.open("# Heading\n\nText.")
    assert desk.line.isVisible()
    assert desk.line.text() == ""
    desk.type_title("My own title")
    desk.saved()
    assert desk.notes.get(note_id).title == "My own title"
    assert desk.view.head.title.text() == "My own title"
    QTest.keyClick(desk.line, Qt.Key.Key_Return)
    assert desk.view.editor.hasFocus()
    QTest.keyClicks(desk.view.editor, "More. ")
    desk.saved()
    assert desk.notes.get(note_id).text.startswith("More. ")
    assert desk.notes.get(note_id).title == "My own title"
    desk.editor.open(note_id)
    desk.qtbot.waitUntil(lambda: desk.line.text() == "My own title")


def test_a_title_never_typed_follows_the_text(desk: Desk) -> None:
    note_id = desk.open("Heading\n\nText.")
    desk.view.editor.setFocus()
    QTest.keyClicks(desk.view.editor, "New ")
    desk.saved()
    assert desk.notes.get(note_id).title == "New Heading"
    assert desk.line.text() == ""


def test_a_title_taken_away_follows_the_text_again(desk: Desk) -> None:
    note_id = desk.open("# Heading")
    desk.type_title("Mine")
    desk.saved()
    desk.line.selectAll()
    QTest.keyClick(desk.line, Qt.Key.Key_Delete)
    desk.saved()
    assert desk.notes.get(note_id).title == "Heading"


def test_a_title_that_could_not_be_saved_waits_with_the_text(desk: Desk) -> None:
    other = desk.notes.add("Other").id
    note_id = desk.open("# Heading")
    desk.notes.save_error = DiskFullError("The disk is full.")
    desk.type_title("Mine")
    desk.qtbot.waitUntil(lambda: desk.editor.state.kind is SaveKind.FAILED)
    QTest.keyClick(desk.line, Qt.Key.Key_Return)
    QTest.keyClicks(desk.view.editor, "x")
    desk.editor.open(other)
    desk.qtbot.waitUntil(lambda: desk.editor.note is not None and desk.editor.note.id == other)
    assert desk.line.text() == ""
    desk.notes.save_error = None
    desk.editor.open(note_id)
    desk.qtbot.waitUntil(lambda: desk.line.text() == "Mine")
    desk.editor.save_now()
    desk.saved()
    assert desk.notes.get(note_id).title == "Mine"


def test_the_title_is_left_alone_while_it_is_written_in(desk: Desk) -> None:
    desk.open("# Head")
    desk.type_title("Head")  # the very words of the text
    desk.saved()
    assert desk.line.text() == "Head"
    QTest.keyClick(desk.line, Qt.Key.Key_Return)
    assert desk.line.text() == ""


def test_reading_shows_a_title_only_where_the_text_does_not(desk: Desk) -> None:
    desk.open("# Heading")
    desk.view.set_mode(READ)
    assert not desk.view.title.isVisible()
    desk.view.toggle_mode()
    desk.type_title("Mine")
    desk.saved()
    desk.view.set_mode(READ)
    assert desk.view.title.isVisible()
    assert desk.line.isReadOnly()


def test_a_long_title_is_read_from_its_beginning_and_whole(desk: Desk) -> None:
    long = " ".join(["A title that goes on about ink and paper"] * 4)
    desk.open("Text.")
    desk.type_title(long)
    desk.qtbot.waitUntil(lambda: desk.editor.note is not None and desk.editor.note.title == long)
    QTest.keyClick(desk.line, Qt.Key.Key_Return)
    assert desk.line.cursorPosition() == 0
    one_line = desk.view.title.height()
    desk.view.set_mode(READ)
    words = desk.view.title.words
    assert words.text().split() == long.split()
    assert not desk.line.isVisible()
    desk.qtbot.waitUntil(lambda: desk.view.title.height() > 1.5 * one_line)
    assert words.height() >= words.heightForWidth(words.width())
    desk.view.set_mode(WRITE)
    assert desk.line.isVisible()
    assert not words.isVisible()


def test_a_title_without_a_blank_makes_no_window_wider(desk: Desk) -> None:
    desk.open("Text.")
    desk.type_title("x")
    desk.saved()
    desk.view.set_mode(READ)
    before = desk.view.title.minimumSizeHint().width()
    desk.view.set_mode(WRITE)
    desk.type_title("x" * 190)
    desk.saved()
    desk.view.set_mode(READ)
    assert desk.view.title.words.isVisible()
    assert desk.view.title.minimumSizeHint().width() <= before


def test_tab_goes_on_to_the_text_and_presses_no_tag(desk: Desk, theme: Theme) -> None:
    desk.open("Text.")
    pressed: list[bool] = []
    between = QPushButton("a suggested tag")
    between.clicked.connect(lambda: pressed.append(True))
    desk.view.add_below_tags(between)
    between.show()
    QWidget.setTabOrder(desk.line, between)
    desk.type_title("Name")
    QTest.keyClick(desk.line, Qt.Key.Key_Tab)
    assert desk.view.editor.hasFocus()
    QTest.keyClicks(desk.view.editor, "# Heading ")
    assert desk.view.editor.display_text() == "# Heading Text."
    assert not pressed


def test_a_title_longer_than_its_line_is_read_whole_in_the_tool_tip(desk: Desk) -> None:
    desk.open("text")
    desk.type_title("Short <b>")
    assert desk.line.toolTip() == ""
    desk.type_title(" and then very much longer than the line has room for" * 3)
    assert "Short &lt;b&gt; and then" in desk.line.toolTip(), "as it is, never as HTML"
    assert desk.line.toolTip().count("longer") == 3
