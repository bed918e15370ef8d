"""The page of open tasks: what is listed, ticked, gone to, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import StoreLockedError
from desktop_app.presenters.open_tasks import OpenTasksPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_tasks import NoteTasks
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.open_tasks_page import OpenTasksPage
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ErrorBox
from tests.ui.notes_room import NotesRoom


class Room(NotesRoom):
    work: int
    home: int

    def open_page(self) -> OpenTasksPage:
        self.service = NoteTasks(self.notes, self.store.note_tasks)
        self.listed = OpenTasksPresenter(self.service, self._tasks, self.screen.flush, self.screen, rest_ms=1)
        self.screen.add_tasks(self.listed)
        self.page = self.screen.findChild(OpenTasksPage)
        self.screen.show_tasks()
        self.until(lambda: self.listed.tasks is not None)
        return self.page

    @property
    def titles(self) -> list[str]:
        return [row.title for row in self.page._model.rows if not row.is_section]

    def point_in(self, row: int, x: int) -> QPoint:
        return self.page.list.visualRect(self.page._model.index(row)).topLeft() + QPoint(x, 12)


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    made = Room(tmp_path, theme, actions, tasks, qtbot)
    made.work = made.notes.create("Work", "# Acme\n\n- [ ] offer due 2020-01-02\n- [ ] minutes").id
    made.home = made.notes.create("Home", "# Home\n\n- [ ] bread").id
    made.open()
    made.open_page()
    yield made
    made.listed.close()
    made.close()


def test_what_is_due_stands_first_and_the_folder_of_the_list_narrows(room: Room) -> None:
    assert room.titles == ["offer", "bread", "minutes"]
    assert [row.title for row in room.page._model.rows if row.is_section] == ["Overdue", "Without a date"]
    assert room.page.count.text() == "3 tasks in 2 notes"
    room.presenter.set_folder("Home")
    room.until(lambda: room.titles == ["bread"])
    assert room.page.count.text() == "1 task · Home"


def test_a_press_on_the_box_ticks_and_undo_opens_it_again(room: Room) -> None:
    QTest.mouseClick(room.page.list.viewport(), Qt.MouseButton.LeftButton, pos=room.point_in(1, 14))
    room.until(lambda: "- [x] offer due 2020-01-02" in room.notes.get(room.work).text)
    room.until(lambda: room.undos and room.titles == ["bread", "minutes"])
    assert room.notices == ["“offer” is done."]
    assert room.page.isVisible()  # the press did not go to the task that moved up
    room.undos[0]()
    room.until(lambda: room.titles == ["offer", "bread", "minutes"])
    assert "- [ ] offer" in room.notes.get(room.work).text


def test_the_keyboard_ticks_goes_on_and_goes_to_the_place(room: Room) -> None:
    page = room.page
    assert page.list.hasFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Space)
    room.until(lambda: room.notices and room._tasks.idle and room.titles == ["bread", "minutes"])
    room.until(lambda: page.list.currentIndex().isValid())
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    side = room.settle(room.work)
    assert not page.isVisible()
    room.until(lambda: side.view.editor.textCursor().selectedText() == "minutes")


def test_a_tick_beside_unsaved_words_keeps_both(room: Room) -> None:
    room.show(room.work)
    editor = room.screen.view.editor
    room.screen.show_tasks()
    room.until(lambda: room.titles)
    editor.moveCursor(QTextCursor.MoveOperation.End)
    editor.insertPlainText("\ntyped just now")
    QTest.mouseClick(room.page.list.viewport(), Qt.MouseButton.LeftButton, pos=room.point_in(1, 14))
    room.until(lambda: "[x] offer" in room.notes.get(room.work).text)
    assert room.notes.get(room.work).text.endswith("typed just now")
    assert len(room.notes.list_notes(room.presenter.filter)) == 2
    room.until(lambda: "[x] offer" in editor.toPlainText())


def test_it_follows_other_changes_and_gives_way_to_a_note(room: Room) -> None:
    room.notes.save(room.home, "# Home\n\n- [ ] bread\n- [ ] milk")
    room.until(lambda: "milk" in room.titles)
    assert room.screen.on_escape()
    assert not room.page.isVisible()
    room.screen.show_tasks()
    assert room.page.isVisible()
    room.screen.pane.note_chosen.emit(room.home)
    room.settle(room.home)
    assert not room.page.isVisible()


def test_nothing_is_done_to_the_text_of_a_note_that_is_not_seen(room: Room) -> None:
    room.screen.on_escape()
    room.show(room.work)
    ids = ("note.find", "note.view", "note.line_up", "note.follow_link")
    assert all(room.actions[action_id].isEnabled() for action_id in ids)
    room.screen.show_tasks()
    assert not any(room.actions[action_id].isEnabled() for action_id in ids)
    assert room.actions["note.pin"].isEnabled()  # of what is selected in the list
    room.screen.on_escape()
    assert all(room.actions[action_id].isEnabled() for action_id in ids)


def test_reading_that_fails_says_so_and_is_tried_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> list[object]:
        raise StoreLockedError("The tasks cannot be read.", "", "Try again.")

    with monkeypatch.context() as patched:
        patched.setattr(room.service, "open_tasks", fails)
        room.listed.look()
        room.until(lambda: room.page.findChildren(ErrorBox))
    room.listed.look()
    room.until(lambda: len(room.titles) == 3)


def test_no_task_is_left(room: Room) -> None:
    room.notes.trash([room.work, room.home])
    room.until(lambda: room.listed.tasks == [])
    assert room.page.count.text() == ""
    assert not room.titles


def test_a_note_that_cannot_be_saved_keeps_the_tick_away_and_says_why(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    room.listed.failed.connect(told.append)
    error = StoreLockedError("The note is not saved.", "", "Try again.")
    monkeypatch.setattr(room.listed, "_flush", lambda: [error])
    QTest.mouseClick(room.page.list.viewport(), Qt.MouseButton.LeftButton, pos=room.point_in(1, 14))
    assert told == [error]
    assert room.titles == ["offer", "bread", "minutes"]


def test_the_trash_takes_the_place_of_the_page(room: Room) -> None:
    room.notes.trash([room.home])
    room.presenter.show_trash(True)
    room.until(lambda: not room.page.isVisible())
    room.presenter.show_trash(False)
    room.screen.show_tasks()
    room.until(lambda: room.titles == ["offer", "minutes"])
