"""Notes dragged from a list onto a chat: what is dragged, the way over the rail, and what a drop attaches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.search import SearchPresenter
from desktop_app.presenters.search_rows import SearchRow
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.note_drag import NOTES_FORMAT, dragged_notes, notes_data
from desktop_app.ui.notes.note_side import SidePresenters
from desktop_app.ui.notes.notes_screen import NotesScreen
from desktop_app.ui.search.result_card import ResultCard
from desktop_app.ui.search.search_screen import SearchScreen
from desktop_app.ui.theme.theme import Theme
from tests.fakes.fake_notes import FakeNotes
from tests.fakes.fake_search import FakeSearch, hit
from tests.ui.chat_room import Room, open_room, said
from tests.ui.window_house import House, no_question_unasked

COPY, LEFT = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


class Pointer:
    """Drags over a window as the desktop does: the window is told, and finds the widget below."""

    def __init__(self, window: QWidget, data: QMimeData) -> None:
        self._window, self._data = window, data
        self._inside = self._taken = False

    def over(self, widget: QWidget) -> bool:
        """Move over the middle of `widget`; whether a drop would be taken there."""
        place = widget.mapTo(self._window, widget.rect().center())
        if not self._inside:
            self._inside = True
            enter = QDragEnterEvent(place, COPY, self._data, LEFT, NONE)
            self._send(enter)
            self._taken = enter.isAccepted()
        for _ in range(2):  # what appears under the pointer is met by the next move
            move = QDragMoveEvent(place, COPY, self._data, LEFT, NONE)
            if self._taken:  # Qt takes the answer before as this one's unless it is given anew
                move.setDropAction(COPY)
                move.accept()
            self._send(move)
            self._taken = move.isAccepted()
        self._place = place
        return self._taken

    def drop(self) -> None:
        self._send(QDropEvent(QPointF(self._place), COPY, self._data, LEFT, NONE))

    def leave(self) -> None:
        self._send(QDragLeaveEvent())

    def _send(self, event: QDragEnterEvent | QDragLeaveEvent | QDragMoveEvent | QDropEvent) -> None:
        QApplication.sendEvent(self._window.windowHandle(), event)


@pytest.fixture
def drags(monkeypatch: pytest.MonkeyPatch) -> list[QMimeData]:
    """What was dragged."""
    seen: list[QMimeData] = []

    def begin(drag: QDrag, _actions: Qt.DropAction) -> Qt.DropAction:
        data = QMimeData()
        for name in drag.mimeData().formats():
            data.setData(name, drag.mimeData().data(name))
        assert drag.pixmap().width() > 20
        seen.append(data)
        return COPY

    monkeypatch.setattr(QDrag, "exec", begin)
    return seen


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, Actions(theme), tasks) as made:
        made.show()
        yield made


@pytest.fixture
def house(theme: Theme, tasks: TaskRunner, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    no_question_unasked(monkeypatch)
    made = House(theme, tasks, qtbot)
    yield made
    made.window._memory.save_now()


def names(room: Room) -> list[str]:
    return [each.chip.name for each in room.screen.composer.chips.chips]


def test_only_ids_travel() -> None:
    data = notes_data([3, 12])
    assert data.formats() == [NOTES_FORMAT]
    assert dragged_notes(data) == [3, 12]


@pytest.mark.parametrize("raw", [b"", b"x", b"-1,,\xff", "²".encode(), b"9" * 30])
def test_what_no_list_of_notes_wrote_is_no_note(raw: bytes) -> None:
    data = QMimeData()
    data.setData(NOTES_FORMAT, raw)
    assert dragged_notes(data) == []


def test_a_note_dropped_on_a_chat_is_attached(room: Room) -> None:
    pointer = Pointer(room.screen, notes_data([1, 3]))
    assert pointer.over(room.screen.composer.edit)
    veil = room.screen.attaching._notes_veil
    assert veil.isVisible()
    assert "Drop to attach" in said(veil)
    pointer.drop()
    room.settle()
    assert not veil.isVisible()
    assert names(room) == ["Attention", "Beehive"]
    assert room.screen.composer.draft == ""


def test_a_drag_that_goes_away_leaves_nothing(room: Room) -> None:
    pointer = Pointer(room.screen, notes_data([1]))
    pointer.over(room.screen.stack)
    pointer.leave()
    assert not room.screen.attaching._notes_veil.isVisible()
    assert names(room) == []


def test_text_over_a_chat_is_no_note(room: Room) -> None:
    data = QMimeData()
    data.setText("1,2")
    Pointer(room.screen, data).over(room.screen.stack)
    assert not room.screen.attaching._notes_veil.isVisible()


def test_a_chat_in_the_trash_takes_no_note(room: Room) -> None:
    chat = room.service.add_chat("Old", "Hi", "Hello")
    room.presenter.chats.refresh()
    room.service.trash(chat)
    room.open(chat)
    room.until(room.screen.organising.trash_bar.isVisible)
    room.screen.attach_notes([1])
    room.settle()
    assert names(room) == []
    assert "in the trash" in room.notices[-1].text


def test_one_drop_attaches_a_bounded_number(room: Room) -> None:
    room.attachments.notes = {number: f"Note {number}" for number in range(1, 41)}
    room.screen.attach_notes(list(range(1, 41)))
    room.settle()
    assert len(names(room)) == 20
    assert room.notices[-1].text == "The first 20 notes are attached"


def test_a_note_held_over_chat_opens_it(house: House, qtbot: QtBot) -> None:
    house.window.show_room("notes")
    pointer = Pointer(house.window, notes_data([7]))
    assert pointer.over(house.window._rail.button("chat"))
    assert house.window.room == "notes", "only after a moment"
    qtbot.waitUntil(lambda: house.window.room == "chat")


def test_a_note_that_only_passes_over_chat_opens_nothing(house: House) -> None:
    house.window.show_room("notes")
    pointer = Pointer(house.window, notes_data([7]))
    pointer.over(house.window._rail.button("chat"))
    assert house.window._rail._open_soon.isActive()
    assert not pointer.over(house.window._rail.button("models")), "no room takes a note but Chat"
    assert not house.window._rail._open_soon.isActive()
    pointer.over(house.window._rail.button("chat"))
    pointer.over(house.screen("notes").field)
    assert not house.window._rail._open_soon.isActive()
    assert not house.window._rail.button("chat").isDown()


def test_a_note_dropped_on_chat_itself_is_attached_there(house: House) -> None:
    got: list[list[int]] = []
    house.screen("chat").attach_notes = got.append  # type: ignore[attr-defined]
    house.window.show_room("notes")
    pointer = Pointer(house.window, notes_data([7]))
    pointer.over(house.window._rail.button("chat"))
    pointer.drop()
    assert house.window.room == "chat"
    assert got == [[7]]
    assert not house.window._rail._open_soon.isActive()


def drag_by_mouse(widget: QWidget, start: QPoint) -> None:
    QTest.mousePress(widget, LEFT, NONE, start)
    for step in (5, 30, 60):
        place = QPointF(start + QPoint(step, 0))
        move = QMouseEvent(QEvent.Type.MouseMove, place, widget.mapToGlobal(place), Qt.MouseButton.NoButton, LEFT, NONE)
        QApplication.sendEvent(widget, move)
    QTest.mouseRelease(widget, LEFT, NONE, start + QPoint(60, 0))


def test_rows_of_the_notes_list_are_dragged(
    theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot, drags: list[QMimeData]
) -> None:
    notes = FakeNotes()
    ids = [notes.add(text, "").id for text in ("One", "Two", "Three")]
    presenter = NotesPresenter(notes, tasks)
    editor = NoteEditorPresenter(notes, tasks, lambda: 1)
    screen = NotesScreen(presenter, SidePresenters(editor), theme, actions)
    qtbot.addWidget(screen)
    screen.resize(1100, 700)
    screen.show()
    presenter.refresh()
    rows = screen.pane.list
    qtbot.waitUntil(lambda: presenter.model.rowCount() == 3 and rows.visualRect(presenter.model.index(0)).height() > 0)
    place = presenter.model.row_of(ids[1])
    drag_by_mouse(rows.viewport(), rows.visualRect(presenter.model.index(place)).center())
    assert [dragged_notes(each) for each in drags] == [[ids[1]]]
    rows.selectAll()
    drag_by_mouse(rows.viewport(), rows.visualRect(presenter.model.index(place)).center())
    assert sorted(dragged_notes(drags[-1])) == ids
    presenter.show_trash(True)
    rows.startDrag(COPY)
    assert len(drags) == 2, "notes in the trash stay there"
    editor.flush()
    qtbot.waitUntil(lambda: tasks.idle)
    editor.close()
    presenter.close()


def test_a_search_result_is_dragged_and_still_chosen_by_a_click(
    theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot, drags: list[QMimeData]
) -> None:
    notes, search = FakeNotes(), FakeSearch()
    notes.add("# One\n\nWords.", "")
    presenter = SearchPresenter(search, notes, tasks, debounce_ms=1)
    screen = SearchScreen(presenter, theme, actions)
    qtbot.addWidget(screen)
    card = ResultCard(theme)
    qtbot.addWidget(card)
    card.resize(500, 160)
    card.show_row(SearchRow(hit(1, "One", "Words.", "# One\n\nWords.")), "words", "", notes.get(1).edited_at)
    card.show()
    chosen: list[bool] = []
    card.chosen.connect(lambda: chosen.append(True))
    drag_by_mouse(card, QPoint(60, 20))
    assert [dragged_notes(each) for each in drags] == [[1]]
    chosen.clear()
    QTest.mouseClick(card, LEFT, NONE, QPoint(60, 20))
    QTest.mouseMove(card, QPoint(300, 20))
    assert chosen == [True]
    assert len(drags) == 1
    presenter.close()
