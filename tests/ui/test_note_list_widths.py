"""The list pane of the notes where room is short: what does not fit is shortened, and nothing is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ElidedButton
from tests.ui.notes_room import NotesRoom

LARGEST = 27.0
FOLDER, TAG = "Meeting summaries of the year", "kitchen-and-garden"


class Room(NotesRoom):
    note: int


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    made = Room(tmp_path, theme, actions, tasks, qtbot)
    made.note = made.notes.create(f"Work/{FOLDER}", "# First").id
    made.notes.set_tags(made.note, [TAG])
    made.open(width=720)
    made.show(made.note)
    yield made
    made.close()


def cut(room: Room) -> list[str]:
    """Buttons of the pane and of the note's head that stand out of it, or show more than they have room for."""
    found = []
    for part in (room.screen.pane, room.screen.view.head):
        if part.mapTo(room.screen, part.rect().topRight()).x() >= room.screen.width():
            found.append(part.accessibleName() or type(part).__name__)
        for button in part.findChildren(ElidedButton):
            if button.isVisible():
                side = button.iconSize().width() if not button.icon().isNull() else 0
                shown = button.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, button.text()).width() + side
                if shown > button.width() or not part.rect().contains(button.mapTo(part, button.rect().bottomRight())):
                    found.append(button.accessibleName())
    return found


def test_at_the_largest_font_in_a_narrow_window_nothing_is_cut(room: Room, theme: Theme) -> None:
    pane = room.screen.pane
    assert pane.folder_chip.text() == "Folder ▾"
    assert pane.trash_button.text() == "Trash"
    theme.set_font_size(LARGEST)
    room.until(lambda: pane.folder_chip.text() == "" and not cut(room))
    assert not pane.folder_chip.icon().isNull()
    assert "Folder" in pane.folder_chip.toolTip()
    assert pane.folder_chip.width() >= pane.folder_chip.height(), "its ends stay round"
    assert pane.trash_button.accessibleName() == "Trash"
    room.presenter.show_trash(True)
    room.until(lambda: pane.empty_button.isVisible() and not cut(room))
    assert pane.empty_button.text().endswith("…")
    assert "Empty trash…" in pane.empty_button.toolTip()
    room.presenter.show_trash(False)
    theme.set_font_size(13.5)
    room.until(lambda: pane.folder_chip.text() == "Folder ▾" and pane.trash_button.text() == "Trash")
    assert pane.folder_chip.icon().isNull()
    assert pane.folder_chip.toolTip() == ""


def test_a_long_name_begins_with_its_beginning_and_the_order_stays_whole(room: Room) -> None:
    pane = room.screen.pane
    room.presenter.set_folder(f"Work/{FOLDER}")
    room.presenter.set_tag(TAG)
    room.until(lambda: pane.tag_chip.text().startswith("kit"))
    room.until(lambda: not cut(room))
    assert pane.folder_chip.text().startswith("Meet")
    assert pane.folder_chip.text().endswith("… ▾")
    assert FOLDER in pane.folder_chip.toolTip()
    assert pane.sort_chip.text() == "Edited ▾"
    pane.filter_box.setText("a text & more than twenty-four letters")
    room.until(lambda: pane.search_link.isVisible() and not cut(room))
    assert pane.search_link.text().startswith("Search everything")
    assert pane.search_link.text().endswith("…")


def test_what_the_notes_tell_is_nothing_to_a_screen_that_is_gone(room: Room, request: pytest.FixtureRequest) -> None:
    presenter = room.presenter
    room.screen.flush()
    shiboken6.delete(room.screen)
    presenter.state_changed.emit(presenter.state)  # what a slot raises fails the test
    presenter.revealed.emit(room.note)
    while room._closers:
        room._closers.pop()()
    request.node.qt_widgets.clear()  # qtbot would close it
