"""A note that is come back to: cursor, place and history are as they were left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.presenters.save_state import SaveKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes import kept_texts
from desktop_app.ui.theme.theme import Theme
from tests.ui.notes_room import NotesRoom

LINES = "".join(f"line {number} **bold**\n" for number in range(200))


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[NotesRoom]:
    made = NotesRoom(tmp_path, theme, actions, tasks, qtbot)
    yield made
    made.close()


def saved(room: NotesRoom) -> None:
    room.until(lambda: not room.editor.unsaved and room.editor.state.kind is SaveKind.SAVED)


def test_undo_cursor_and_place_are_there_again(room: NotesRoom) -> None:
    ink, pen = room.notes.create("", "# Ink\n\n" + LINES), room.notes.create("", "# Pen\n")
    editor = room.open().view.editor
    room.show(ink.id)
    editor.select_place(editor.display_text().index("line 150"), editor.display_text().index("line 150"))
    QTest.keyClicks(editor, "new ")
    saved(room)
    left = (editor.textCursor().position(), editor.verticalScrollBar().value())
    edits: list[bool] = []
    editor.edited.connect(lambda: edits.append(True))
    for _ in range(2):
        room.show(pen.id)
        assert editor.display_text() == "# Pen\n"
        room.show(ink.id)
        assert (editor.textCursor().position(), editor.verticalScrollBar().value()) == left
    assert edits == []
    QTest.keyClicks(editor, "x")
    assert len(edits) == 1, "one change is told once, however often the note was left"
    editor.undo()
    editor.undo()
    assert editor.display_text() == "# Ink\n\n" + LINES
    saved(room)
    assert room.notes.get(ink.id).text == "# Ink\n\n" + LINES


def test_a_note_that_was_changed_elsewhere_is_read_anew(room: NotesRoom) -> None:
    ink, pen = room.notes.create("", "# Ink\n\nold"), room.notes.create("", "# Pen\n")
    editor = room.open().view.editor
    room.show(ink.id)
    room.show(pen.id)
    room.notes.save(ink.id, "# Ink\n\nnew")
    room.show(ink.id)
    assert editor.display_text() == "# Ink\n\nnew"
    assert not editor.document().isUndoAvailable()


def test_a_place_that_is_asked_for_counts_more_than_the_one_that_was_left(room: NotesRoom) -> None:
    ink, pen = room.notes.create("", "# Ink\n\n" + LINES), room.notes.create("", "# Pen\n")
    screen = room.open()
    room.show(ink.id)
    room.show(pen.id)
    start = ("# Ink\n\n" + LINES).index("line 90 ")
    screen.open_note(ink.id, start, start + 4)
    room.settle(ink.id)
    editor = screen.view.editor
    assert editor.textCursor().selectedText() == "line"
    assert editor.cursorRect().top() < editor.viewport().height() / 2, "what stands below it is in view"


def test_only_the_last_notes_are_kept_and_none_over_a_change_of_letters(
    room: NotesRoom, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_texts, "_MOST_KEPT", 2)
    ids = [room.notes.create("", f"# Note {number}\n\nwords").id for number in range(4)]
    screen = room.open()
    for note_id in ids:
        room.show(note_id)
        screen.view.editor.moveCursor(QTextCursor.MoveOperation.End)
    assert screen.view._kept.note_ids == ids[1:3]
    theme.changed.emit()
    assert screen.view._kept.note_ids == []
