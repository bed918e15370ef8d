"""Similar notes beside the one that is written: looked for while they are seen, again once it is indexed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError, StoreError
from desktop_app.domain.related_notes import Related, RelatedNote
from desktop_app.domain.search import IndexingProgress
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.note_links import NoteLinksPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.related_notes import RelatedNotesPresenter, RelatedPhase
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_links import AboutNote, Completion, Destination
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.about_pane import LINKS, RELATED
from desktop_app.ui.notes.note_side import SidePresenters
from desktop_app.ui.notes.notes_screen import NotesScreen
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import EmptyState, ErrorBox
from tests.fakes.fake_notes import FakeNotes

LARGEST = 27.0


class NoLinks:
    """Notes without links."""

    def about(self, note_id: int) -> AboutNote:
        return AboutNote()

    def complete(self, note_id: int, typed: str) -> list[Completion]:
        return []

    def follow(self, note_id: int, written: str) -> Destination:
        raise NotImplementedError


class Relations:
    """What the test says, when the gate of a note opens."""

    def __init__(self) -> None:
        self.answers: dict[int, Related] = {}
        self.gates: dict[int, threading.Event] = {}
        self.failure: InkwellError | None = None
        self.asked: list[int] = []

    def for_note(self, note_id: int, cancel: CancelToken) -> Related:
        self.asked.append(note_id)
        if note_id in self.gates:
            assert self.gates[note_id].wait(10)
        if self.failure is not None:
            raise self.failure
        return self.answers.get(note_id, Related())


class Room:
    def __init__(self, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.qtbot, self.tasks, self.actions = qtbot, tasks, actions
        self.notes = FakeNotes()
        texts = ("# Bread\n\nFlour.", "# Wheel\n\nOil and grease.", "")
        self.bread, self.wheel, self.empty = (self.notes.add(text, "").id for text in texts)
        self.service = Relations()
        self.problem: InkwellError | None = None
        self.service.answers[self.bread] = Related((self.near(self.wheel, "Wheel"),))
        self.tell: Callable[[IndexingProgress], None] = lambda _progress: None
        self.editor = NoteEditorPresenter(self.notes, tasks, lambda: 1)
        self.presenter = RelatedNotesPresenter(
            self.service,
            self.editor,
            tasks,
            self._subscribe,
            problem=lambda: self.problem,
            delay_ms=1,
            rest_ms=1,
        )
        self.links = NoteLinksPresenter(NoLinks(), tasks)
        self.list = NotesPresenter(self.notes, tasks)
        self.screen = NotesScreen(
            self.list,
            SidePresenters(self.editor, self.links, related=self.presenter),
            theme,
            actions,
        )
        assert self.screen.links is not None
        self.controls = self.screen.links
        related = self.controls.pane.related
        assert related is not None
        self.related = related
        for action in ("note.related", "note.about"):
            self.screen.addAction(actions[action])
        qtbot.addWidget(self.screen)
        self.screen.resize(1300, 700)
        self.screen.show()
        qtbot.waitExposed(self.screen)
        self.screen.activateWindow()

    def near(self, note_id: int, title: str) -> RelatedNote:
        return RelatedNote(note_id, title, 0.5, 2, 7, f"about {title}")

    def open(self, note_id: int) -> None:
        self.screen.open_note(note_id)
        self.until(lambda: self.editor.note is not None and self.editor.note.id == note_id)

    def show(self) -> None:
        self.actions["note.related"].trigger()
        self.until(self.related.isVisible)

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=5000)

    def until_said(self, title: str) -> None:
        def said() -> bool:
            shown = self.related.currentWidget()
            return isinstance(shown, EmptyState) and shown.title.text() == title

        self.until(said)

    @property
    def listed(self) -> list[str]:
        model = self.related.list.model()
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    def _subscribe(self, listener: Callable[[IndexingProgress], None]) -> Callable[[], None]:
        self.tell = listener
        return lambda: None


@pytest.fixture
def room(theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    room = Room(theme, actions, tasks, qtbot)
    yield room
    room.presenter.close()
    room.links.close()
    room.editor.close()
    room.list.close()
    room.until(lambda: room.tasks.idle)


def test_nothing_is_looked_for_before_anybody_sees_it(room: Room) -> None:
    room.open(room.bread)
    room.tell(IndexingProgress(2, 0, 0, 1, 0.0))
    room.until(lambda: room.tasks.idle)
    assert room.service.asked == []
    room.show()
    room.until(lambda: room.listed == ["Wheel"])
    room.controls.pane.show_tab(LINKS)
    room.service.asked.clear()
    room.tell(IndexingProgress(2, 0, 0, 1, 0.0))
    room.open(room.wheel)
    room.until(lambda: room.tasks.idle)
    assert room.service.asked == []


def test_the_tabs_stand_side_by_side_at_letters_of_the_usual_size(room: Room) -> None:
    room.open(room.bread)
    room.show()
    row = room.controls.pane.tabs
    tabs = row.findChildren(QAbstractButton)
    assert len(tabs) == 3
    layout = row.layout()
    assert layout is not None
    layout.activate()
    assert len({tab.y() for tab in tabs}) == 1


def test_the_list_follows_what_is_written_once_it_is_indexed(room: Room) -> None:
    room.open(room.bread)
    room.show()
    room.until(lambda: room.listed == ["Wheel"])
    room.service.answers[room.bread] = Related((room.near(room.empty, "Oven"), room.near(room.wheel, "Wheel")))
    asked = len(room.service.asked)
    QTest.keyClicks(room.screen.view.editor, "hot")
    room.until(lambda: not room.editor.unsaved)
    assert len(room.service.asked) == asked, "typing and saving ask for nothing"
    assert room.listed == ["Wheel"], "what is shown stays until there is something newer"
    room.tell(IndexingProgress(9_000, 8_000, 8_000, 64, 30.0, running=True))  # much is still to do: newest edits first
    room.until(lambda: room.listed == ["Oven", "Wheel"])


def test_what_was_found_for_one_note_is_not_shown_for_another(room: Room) -> None:
    room.service.gates[room.bread] = threading.Event()
    room.service.answers[room.wheel] = Related((room.near(room.bread, "Bread"),))
    room.open(room.bread)
    room.show()
    room.until(lambda: room.service.asked == [room.bread])
    room.open(room.wheel)
    room.until(lambda: room.listed == ["Bread"])
    room.service.gates[room.bread].set()
    room.until(lambda: room.tasks.idle)
    assert room.listed == ["Bread"]


def test_what_there_is_not_is_said(room: Room) -> None:
    room.open(room.wheel)
    room.show()
    room.until_said("No similar notes")
    room.service.answers[room.wheel] = Related(indexed=False)
    room.presenter.look()
    room.until_said("Not indexed yet")
    room.problem = StoreError("The search model is not there.", "It was moved.", "Choose it again.")
    room.tell(IndexingProgress(2, 2, 2, 0, 0.0, problem=room.problem))
    room.until_said("Not indexed")
    shown = room.related.currentWidget()
    assert isinstance(shown, EmptyState)
    assert shown.sentence.text() == "The search model is not there. Choose it again."
    room.problem = None
    room.tell(IndexingProgress(2, 2, 2, 0, 0.0, running=True))
    room.until_said("Not indexed yet")
    room.service.answers[room.empty] = Related(indexed=False)
    room.open(room.empty)
    room.until_said("Nothing to compare yet")
    room.service.failure = StoreError("The notes could not be read.", "The disk is away.", "Try again.")
    room.presenter.look()
    room.until(lambda: room.related.findChild(ErrorBox) is not None)
    room.service.failure = None
    room.presenter.look()
    room.until(lambda: room.presenter.phase is RelatedPhase.EMPTY)


def test_a_similar_note_opens_at_its_passage_and_by_keys(room: Room) -> None:
    room.open(room.bread)
    room.show()
    room.until(lambda: room.listed == ["Wheel"])
    assert not room.related.list.hasFocus(), "who writes goes on writing"
    room.actions["note.related"].trigger()
    assert room.related.list.hasFocus()
    QTest.keyClick(room.related.list, Qt.Key.Key_Down)
    QTest.keyClick(room.related.list, Qt.Key.Key_Return)
    room.until(lambda: room.editor.note is not None and room.editor.note.id == room.wheel)
    room.until(lambda: room.screen.view.editor.textCursor().selectedText() == "Wheel")


def test_the_pane_opens_on_its_tab_again_and_its_tabs_never_clip(room: Room, theme: Theme) -> None:
    room.open(room.bread)
    room.show()
    assert room.screen.save_state()["about_tab"] == RELATED
    tabs = room.controls.pane.tabs
    room.until(lambda: len({button.y() for button in tabs._buttons.values()}) == 1)
    theme.set_font_size(LARGEST)
    room.show()  # over the note, where there is no room beside it
    room.until(lambda: all(button.width() >= button.sizeHint().width() for button in tabs._buttons.values()))
    theme.set_font_size(13.5)
    room.until(lambda: len({button.y() for button in tabs._buttons.values()}) == 1)
