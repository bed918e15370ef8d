"""Which notes count as opened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.opened_notes import OpenedNotes
from desktop_app.presenters.tasks import TaskRunner
from tests.fakes.fake_notes import FakeNotes


class Marks:
    def __init__(self) -> None:
        self.ids: list[int] = []

    def mark_opened(self, note_id: int) -> None:
        self.ids.append(note_id)


@pytest.fixture
def tasks() -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.close()


def test_a_note_that_stays_open_counts_once(tasks: TaskRunner, qtbot: QtBot) -> None:
    notes, marks = FakeNotes(), Marks()
    one, two = notes.add("one"), notes.add("two")
    editor = NoteEditorPresenter(notes, tasks)
    OpenedNotes(marks, editor, tasks, stays_ms=0)
    for note in (one, two, one):
        with qtbot.waitSignal(editor.opened):
            editor.open(note.id)
        qtbot.waitUntil(lambda: len(marks.ids) > 0 and tasks.idle)
        qtbot.waitUntil(lambda note=note: marks.ids[-1] == note.id)  # type: ignore[misc]
    assert marks.ids == [one.id, two.id, one.id]


def test_what_is_passed_over_or_left_does_not_count(tasks: TaskRunner, qtbot: QtBot) -> None:
    notes, marks = FakeNotes(), Marks()
    one, two = notes.add("one"), notes.add("two")
    editor = NoteEditorPresenter(notes, tasks)
    opened = OpenedNotes(marks, editor, tasks, stays_ms=100)
    for note in (one, two):
        with qtbot.waitSignal(editor.opened):
            editor.open(note.id)
    qtbot.waitUntil(lambda: marks.ids == [two.id])
    notes.change_elsewhere(two.id, "two, changed")
    with qtbot.waitSignal(editor.opened):
        editor.refresh()
    assert not opened.waiting
    with qtbot.waitSignal(editor.opened):
        editor.open(one.id)
    assert opened.waiting
    editor.close_note()
    assert not opened.waiting
