"""Lines sorted, dates put in, copies, counts and a goal, from the notes screen."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from desktop_app.domain.note_statistics import NoteStatistics
from desktop_app.domain.notes import ImportSource, NoteFilter
from desktop_app.presenters import note_statistics
from desktop_app.presenters.note_statistics import StatisticsPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_counting import NoteCounting
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.statistics_dialog import StatisticsDialog
from desktop_app.ui.theme.theme import Theme
from tests.ui.notes_room import NotesRoom, texts_in


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[NotesRoom]:
    made = NotesRoom(tmp_path, theme, actions, tasks, qtbot)
    made.notes.create("Book", "# One\n\nthree more words")
    yield made
    made.close()


def _written(room: NotesRoom, text: str, place: str) -> MarkdownEditor:
    note = room.notes.create("", text)
    room.open()
    room.show(note.id)
    editor = room.screen.view.editor
    cursor = editor.document().find(place)
    cursor.clearSelection()
    editor.setTextCursor(cursor)
    return editor


def test_the_list_of_the_cursor_is_sorted_in_one_step(room: NotesRoom) -> None:
    text = "before\n\n1. pear\n   - ripe\n2. apple\n3. fig 10\n4. fig 9\n\nafter"
    editor = _written(room, text, "apple")
    room.actions["note.sort_lines"].trigger()
    assert editor.toPlainText() == "before\n\n1. apple\n2. fig 9\n3. fig 10\n4. pear\n   - ripe\n\nafter"
    room.actions["note.sort_lines"].trigger()
    assert editor.toPlainText().split("\n")[2] == "1. pear"
    editor.undo()
    editor.undo()
    assert editor.toPlainText() == text


def test_selected_lines_are_sorted_and_others_stay(room: NotesRoom) -> None:
    editor = _written(room, "z\nc\nb\na\ny", "c")
    cursor = editor.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
    cursor.movePosition(QTextCursor.MoveOperation.Down, QTextCursor.MoveMode.KeepAnchor, 3)
    editor.setTextCursor(cursor)
    room.actions["note.sort_lines"].trigger()
    assert editor.toPlainText() == "z\na\nb\nc\ny"
    cursor = editor.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.End)
    editor.setTextCursor(cursor)
    room.actions["note.sort_lines"].trigger()  # no list, and nothing selected
    assert editor.toPlainText() == "z\na\nb\nc\ny"


def test_a_date_is_put_into_a_note_that_is_still_loading(room: NotesRoom) -> None:
    text = "a line of words\n" * 60_000
    long, short = room.notes.create("", text), room.notes.create("", "short")
    room.open()
    room.screen.open_note(long.id)
    editor = room.screen.view.editor
    room.until(lambda: editor.loading)
    room.actions["note.insert_date"].trigger()
    room.until(lambda: not editor.loading)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", editor.display_text().removesuffix(text))
    room.until(lambda: len(room.notes.get(long.id).text) == len(text) + 10)
    room.screen.open_note(short.id)
    room.until(lambda: editor.display_text() == "short")
    room.screen.open_note(long.id)
    room.until(lambda: editor.loading)
    room.actions["note.insert_date"].trigger()
    room.screen.open_note(short.id)  # not into this one
    room.until(lambda: editor.display_text() == "short" and not editor.loading)
    room.qtbot.wait(20)
    assert editor.display_text() == "short"


def test_date_and_time_are_put_in_at_the_cursor(room: NotesRoom) -> None:
    editor = _written(room, "on ", "on ")
    room.actions["note.insert_date"].trigger()
    editor.insertPlainText(" at ")
    room.actions["note.insert_time"].trigger()
    assert re.fullmatch(r"on \d{4}-\d{2}-\d{2} at \d{2}:\d{2}", editor.toPlainText())


def test_a_table_in_code_is_put_below_the_code(room: NotesRoom) -> None:
    editor = _written(room, "```\nhere\nmore\n```\nbelow", "here")
    room.actions["note.table_insert"].trigger()
    lines = editor.toPlainText().split("\n")
    assert lines[:5] == ["```", "here", "more", "```", ""]
    assert lines[5].startswith("|")
    assert lines[-1] == "below"


def test_a_copy_has_text_tags_and_properties_and_undo_takes_it_away(room: NotesRoom) -> None:
    source = ImportSource("a.md", "/a.md", "h", front_matter="status: draft\ninkwell_id: 1-2-0123456789abcdef")
    note = room.store.notes.create("Plan", "# Plan\n\nwords", folder="Work", tags=("ink",), source=source)
    room.open()
    room.show(note.id)
    room.screen.view.editor.moveCursor(QTextCursor.MoveOperation.End)
    room.screen.view.editor.insertPlainText(", typed")
    room.actions["note.duplicate"].trigger()
    room.until(lambda: room.editor.note is not None and room.editor.note.id != note.id)
    copy = room.editor.note
    assert copy is not None
    assert (copy.title, copy.text, copy.folder, copy.tags) == (
        "Plan (copy)",
        "# Plan\n\nwords, typed",
        "Work",
        ("ink",),
    )
    assert copy.front_matter == "status: draft"
    assert copy.id not in room.notes.import_sources()
    room.until(lambda: room.undos)
    room.undos[-1]()
    room.until(lambda: room.notes.get(copy.id).trashed_at is not None)


def test_any_note_is_one_that_the_filter_lets_through(room: NotesRoom) -> None:
    other = room.notes.create("Other", "# Two")
    chosen = room.notes.any_note(NoteFilter(folder="Other"), lambda count: count - 1)
    assert chosen is not None
    assert chosen.id == other.id
    assert room.notes.any_note(NoteFilter(folder="Nowhere")) is None
    assert {room.notes.any_note(NoteFilter(), lambda _count, at=at: at).id for at in (0, 1)} == {1, 2}  # type: ignore[union-attr, misc]


def test_the_dialog_counts_the_note_as_it_is_and_all_that_the_list_shows(room: NotesRoom, tasks: TaskRunner) -> None:
    editor = _written(room, "# Two\n\n- [ ] write", "write")
    room.screen.add_statistics(StatisticsPresenter(NoteCounting(room.store.notes), tasks))
    editor.insertPlainText(" it down")
    room.actions["note.statistics"].trigger()
    dialog = room.screen.findChild(StatisticsDialog)
    assert dialog is not None
    room.until(lambda: "…" not in (dialog.own[0].text(), dialog.total[0].text()))
    said = texts_in(dialog)
    assert dialog.total[0].text() == "8"
    assert "4" in said  # words of the note, the sign of its heading left out
    assert "All notes · 2 notes" in said
    assert "1 of 1" in said
    dialog.accept()


def test_a_goal_stands_at_the_foot(room: NotesRoom) -> None:
    source = ImportSource("", "", "", front_matter="word-goal: 1500")
    note = room.store.notes.create("Plan", "two words", source=source)
    room.open()
    room.show(note.id)
    room.until(lambda: room.screen.view.words.text() == "2 of 1,500 words")


def test_a_long_note_is_counted_while_the_dialog_stands(
    room: NotesRoom, tasks: TaskRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_thread: list[str] = []
    counted = note_statistics.statistics_of

    def listens(text: str) -> NoteStatistics:
        in_thread.append(threading.current_thread().name)
        return counted(text)

    monkeypatch.setattr(note_statistics, "statistics_of", listens)
    _written(room, "# Two\n\nwrite", "write")
    room.screen.add_statistics(StatisticsPresenter(NoteCounting(room.store.notes), tasks))
    room.actions["note.statistics"].trigger()
    dialog = room.screen.findChild(StatisticsDialog)
    assert dialog is not None
    room.until(lambda: dialog.own[0].text() == "2")
    assert dialog.own[0].accessibleName() == "Words: 2"
    assert in_thread
    assert threading.main_thread().name not in in_thread
    dialog.accept()


def test_the_keyboard_stays_with_the_filter_when_its_link_to_the_search_goes(room: NotesRoom) -> None:
    pane = room.open().pane
    pane.filter_box.setText("one")
    pane.search_link.setFocus()
    assert pane.search_link.hasFocus()
    room.presenter.clear_filters()
    assert pane.filter_box.hasFocus()
