"""Suggested tags under a note: offered quietly, taken by a press or a key, never for another note."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.search import IndexingProgress
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.tag_suggestions import TagSuggestionsPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.note_side import SidePresenters
from desktop_app.ui.notes.note_view import BOTH, WRITE
from desktop_app.ui.notes.notes_screen import NotesScreen
from desktop_app.ui.notes.suggested_tags import SuggestedTags
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel
from tests.fakes.fake_notes import FakeNotes


class Suggestions:
    """What the test says, when the gate of a note opens."""

    def __init__(self) -> None:
        self.tags: dict[int, tuple[str, ...]] = {}
        self.gates: dict[int, threading.Event] = {}
        self.asked: list[int] = []

    def for_note(self, note_id: int, cancel: CancelToken) -> tuple[str, ...]:
        self.asked.append(note_id)
        if note_id in self.gates:
            assert self.gates[note_id].wait(10)
        return self.tags.get(note_id, ())


class Room:
    def __init__(self, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.qtbot, self.tasks, self.actions = qtbot, tasks, actions
        self.notes = FakeNotes()
        self.ids = [self.notes.add(text, "").id for text in ("# Bread\n\nFlour.", "# Wheel\n\nOil.")]
        self.service = Suggestions()
        self.service.tags = {self.ids[0]: ("baking", "kitchen"), self.ids[1]: ("car",)}
        self.wanted = True
        self.tell: Callable[[IndexingProgress], None] = lambda _progress: None
        self.editor = NoteEditorPresenter(self.notes, tasks, lambda: 1)
        self.presenter = TagSuggestionsPresenter(
            self.service, self.editor, tasks, self._subscribe, lambda: self.wanted, delay_ms=1
        )
        self.list = NotesPresenter(self.notes, tasks)
        self.beside = NoteEditorPresenter(self.notes, tasks, lambda: 1, beside=self.editor)
        self.presenter_beside = TagSuggestionsPresenter(
            self.service, self.beside, tasks, wanted=lambda: self.wanted, delay_ms=1, channel="beside"
        )
        self.screen = NotesScreen(
            self.list,
            SidePresenters(self.editor, suggestions=self.presenter),
            theme,
            actions,
            make_beside=lambda: SidePresenters(self.beside, suggestions=self.presenter_beside),
        )
        row = self.screen.view.findChild(SuggestedTags)
        assert isinstance(row, SuggestedTags)
        self.row = row
        self.screen.addAction(actions["note.accept_tag"])
        qtbot.addWidget(self.screen)
        self.screen.resize(1100, 700)
        self.screen.show()
        qtbot.waitExposed(self.screen)
        self.screen.activateWindow()

    def _subscribe(self, listener: Callable[[IndexingProgress], None]) -> Callable[[], None]:
        self.tell = listener
        return lambda: None

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=5000)

    def open(self, place: int) -> None:
        self.editor.open(self.ids[place])
        self.until(lambda: self.editor.note is not None and self.editor.note.id == self.ids[place])
        if self.wanted:
            self.until(lambda: self.ids[place] in self.service.asked)
        self.until(lambda: self.tasks.idle)

    @property
    def offered(self) -> list[str]:
        return [button.text() for button in self.row.buttons if button.isVisible()]

    def tags(self, place: int) -> tuple[str, ...]:
        return self.notes.get(self.ids[place]).tags


@pytest.fixture
def room(theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    made = Room(theme, actions, tasks, qtbot)
    yield made
    made.presenter.close()
    made.presenter_beside.close()
    made.beside.close()
    made.editor.close()
    made.list.close()


def test_nothing_is_added_unasked_and_a_press_adds_one(room: Room) -> None:
    room.open(0)
    assert room.offered == ["+ baking", "+ kitchen"]
    assert room.tags(0) == ()
    room.row.buttons[1].click()
    room.until(lambda: room.tags(0) == ("kitchen",))
    room.until(lambda: room.offered == ["+ baking"])


def test_a_key_adds_the_first_one(room: Room) -> None:
    room.open(0)
    QTest.keyClick(room.screen, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    room.until(lambda: room.tags(0) == ("baking",))
    room.until(lambda: room.offered == ["+ kitchen"])


def test_the_row_and_the_action_are_there_only_with_suggestions(room: Room) -> None:
    assert not room.row.isVisible()
    assert not room.actions["note.accept_tag"].isEnabled()
    room.open(0)
    assert room.actions["note.accept_tag"].isEnabled()
    room.service.tags[room.ids[1]] = ()
    room.open(1)
    assert not room.row.isVisible()
    assert not room.actions["note.accept_tag"].isEnabled()


@pytest.mark.parametrize("width", [1100, 1600])
def test_the_row_stands_above_the_text_beside_the_rendering_too(room: Room, width: int) -> None:
    room.screen.resize(width, 700)
    room.open(0)
    view = room.screen.view

    def indent() -> int:
        label = room.row.findChild(PlainLabel)
        assert isinstance(label, PlainLabel)
        return label.mapTo(view, QPoint(0, 0)).x() - view.title.line.mapTo(view, QPoint(0, 0)).x()

    for mode in (WRITE, BOTH):
        view.set_mode(mode)
        room.until(lambda mode=mode: view.mode == mode and 0 <= indent() <= 4)


def test_what_comes_late_is_not_shown_under_another_note(room: Room) -> None:
    gate = room.service.gates[room.ids[0]] = threading.Event()
    room.editor.open(room.ids[0])
    room.until(lambda: room.ids[0] in room.service.asked)
    room.editor.open(room.ids[1])
    room.until(lambda: room.offered == ["+ car"])
    gate.set()
    room.until(lambda: room.tasks.idle)
    assert room.offered == ["+ car"]


def test_what_comes_before_the_next_note_was_asked_for_is_not_shown_there(room: Room) -> None:
    gate = room.service.gates[room.ids[0]] = threading.Event()
    room.editor.open(room.ids[0])
    room.until(lambda: room.ids[0] in room.service.asked)
    room.presenter._timer.setInterval(100_000)
    room.editor.open(room.ids[1])
    room.until(lambda: room.editor.note is not None and room.editor.note.id == room.ids[1])
    gate.set()
    room.until(lambda: room.tasks.idle)
    assert room.offered == []


def test_the_second_note_has_its_own_and_the_key_is_for_the_one_that_is_worked_in(room: Room) -> None:
    room.open(0)
    room.screen.open_beside(room.ids[1])
    room.until(lambda: room.presenter_beside.tags == ("car",))
    side = room.screen.desk.beside
    assert side is not None
    row = side.view.findChild(SuggestedTags)
    assert isinstance(row, SuggestedTags)
    assert [button.text() for button in row.buttons if button.isVisible()] == ["+ car"]
    assert room.offered == ["+ baking", "+ kitchen"]
    room.actions["note.accept_tag"].trigger()
    room.until(lambda: room.tags(1) == ("car",))
    assert room.tags(0) == ()
    assert not room.actions["note.accept_tag"].isEnabled()
    room.screen.desk.go_to_other()
    assert room.actions["note.accept_tag"].isEnabled()


def test_switched_off_nothing_is_looked_for(room: Room) -> None:
    room.wanted = False
    room.open(0)
    assert room.service.asked == []
    assert room.offered == []


def test_it_looks_again_when_what_was_written_is_indexed(room: Room) -> None:
    room.service.tags[room.ids[0]] = ()
    room.open(0)
    assert room.offered == []
    room.service.tags[room.ids[0]] = ("baking",)
    room.tell(IndexingProgress(2, 1, 1, 0, 0.0))
    room.tell(IndexingProgress(2, 0, 0, 1, 0.0))
    room.until(lambda: room.offered == ["+ baking"])
