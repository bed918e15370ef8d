"""What is typed is saved after a pause, and without one, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.typing_pause import TypingPause
from tests.fakes.fake_notes import FakeNotes


@pytest.fixture
def tasks(qapp: object) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.close()


def test_typing_without_a_pause_is_saved_while_it_goes_on(tasks: TaskRunner, qtbot: QtBot) -> None:
    notes = FakeNotes()
    note = notes.add("# One")
    presenter = NoteEditorPresenter(notes, tasks, lambda: 200)
    text = ""
    presenter.set_source(lambda: text)
    with qtbot.waitSignal(presenter.opened):
        presenter.open(note.id)
    for _ in range(200):
        text += "a"
        presenter.edited()
        qtbot.wait(20)
        if notes.get(note.id).text != "# One":
            break
    saved = notes.get(note.id).text
    presenter.close()
    assert set(saved) == {"a"}
    assert len(saved) <= len(text) <= 100  # a pause of 200 ms never came; five times as long were 50 letters


def test_a_pause_that_comes_is_not_waited_for_longer(qtbot: QtBot) -> None:
    parent = QObject()
    pause = TypingPause(parent)
    with qtbot.waitSignal(pause.timeout, timeout=5_000):
        pause.typed(50)
    assert not pause.isActive()
    pause.typed(10_000)
    assert pause.remainingTime() > 9_000
    qtbot.wait(30)
    pause.typed(10_000)
    assert pause.remainingTime() > 9_000  # it begins anew with each key
    pause.stop()
