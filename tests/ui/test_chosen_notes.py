"""What stands below the list while several notes are chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from tests.ui.notes_room import NotesRoom


class Desk(NotesRoom):
    """Three notes."""

    def __init__(self, folder: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        super().__init__(folder, theme, actions, tasks, qtbot)
        self.ids = [self.notes.create("", f"# {title}").id for title in ("One", "Two", "Three")]
        self.open()

    def shown(self) -> list[QPushButton]:
        return [button for button in self.screen.pane.chosen.findChildren(QPushButton) if button.isVisible()]

    def trashed(self) -> list[bool]:
        return [self.notes.get(note_id).trashed_at is not None for note_id in self.ids]


@pytest.fixture
def desk(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(tmp_path, theme, actions, tasks, qtbot)
    yield desk
    desk.close()


def test_several_chosen_notes_say_what_can_be_done_with_them(desk: Desk) -> None:
    chosen = desk.screen.pane.chosen
    desk.select(desk.ids[0])
    assert chosen.isHidden()
    desk.select(*desk.ids[:2])
    assert [button.text() for button in desk.shown()] == ["Move…", "Tags…", "Pin", "Merge…", "Move to trash"]
    desk.select(*desk.ids)
    assert chosen.words.text() == "3 notes chosen"
    assert [button.text() for button in desk.shown()] == ["Move…", "Tags…", "Pin", "Move to trash"]
    desk.qtbot.mouseClick(desk.shown()[-1], Qt.MouseButton.LeftButton)
    desk.until(lambda: all(desk.trashed()))
    desk.until(chosen.isHidden)


def test_the_keyboard_goes_back_to_the_list_when_the_chosen_notes_are_gone(desk: Desk) -> None:
    """Not to the line that removes the welcome notes, which stands below."""
    pane = desk.screen.pane
    desk.select(*desk.ids[:2])
    button = desk.shown()[-1]
    button.setFocus()
    desk.until(button.hasFocus)
    desk.qtbot.keyClick(button, Qt.Key.Key_Space)
    desk.until(pane.chosen.isHidden)
    assert desk.screen.window().focusWidget() in (pane.list, pane.filter_box)


def test_several_notes_of_the_trash_are_put_back_together(desk: Desk) -> None:
    desk.notes.trash(desk.ids)
    desk.screen.pane.trash_button.click()
    desk.until(lambda: desk.presenter.model.rowCount() == 3)
    desk.select(*desk.ids)
    assert [button.text() for button in desk.shown()] == ["Put back", "Delete forever…"]
    desk.shown()[0].click()
    desk.until(lambda: not any(desk.trashed()))
