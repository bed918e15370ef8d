"""A second note beside the first: both are written in, and nothing of either is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import DiskFullError
from desktop_app.presenters.save_state import SaveKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.about_pane import LINKS
from desktop_app.ui.notes.note_head import READ, WRITE
from desktop_app.ui.notes.note_side import NoteSide
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Banner
from tests.ui.notes_room import NotesRoom


class Desk(NotesRoom):
    """Three notes, of which the first is open."""

    def __init__(self, folder: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        super().__init__(folder, theme, actions, tasks, qtbot)
        self.ink = self.notes.create("", "# Ink\n\nsee [[Pen#Nib]]\n").id
        self.pen = self.notes.create("", "# Pen\n\ntext\n\n## Nib\n\nsee [[Ink]]\n").id
        self.jar = self.notes.create("", "# Jar\n\nglass\n").id
        self.open()
        self.show(self.ink)

    def beside(self, note_id: int) -> NoteSide:
        self.screen.open_beside(note_id)
        return self.settle(note_id)

    @property
    def shown(self) -> list[int]:
        """Ids of the notes that are open, from the left."""
        return [side.note.id for side in self.screen.desk.sides if side.note is not None]

    @property
    def active(self) -> int:
        note = self.screen.desk.active.note
        assert note is not None
        return note.id


@pytest.fixture
def desk(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(tmp_path, theme, actions, tasks, qtbot)
    yield desk
    desk.close()


def test_both_are_written_in_and_saved(desk: Desk) -> None:
    side = desk.beside(desk.pen)
    assert desk.shown == [desk.ink, desk.pen]
    for view, words in ((desk.screen.view, "left "), (side.view, "right ")):
        view.editor.setFocus()
        view.editor.moveCursor(QTextCursor.MoveOperation.End)
        view.editor.insertPlainText(words)
    desk.until(lambda: desk.notes.get(desk.ink).text.endswith("left "))
    desk.until(lambda: desk.notes.get(desk.pen).text.endswith("right "))
    assert desk.screen.view.editor.toPlainText().endswith("left ")
    assert side.view.editor.toPlainText().endswith("right ")
    desk.until(lambda: side.editor.state.kind is SaveKind.SAVED)


def test_each_has_its_own_way_of_being_shown(desk: Desk) -> None:
    side = desk.beside(desk.pen)
    desk.actions["note.view"].trigger()
    assert (desk.screen.view.mode, side.view.mode) == (WRITE, READ)
    desk.actions["note.other_side"].trigger()
    assert desk.active == desk.ink
    desk.actions["note.view"].trigger()
    assert (desk.screen.view.mode, side.view.mode) == (READ, READ)


def test_a_note_is_never_open_twice(desk: Desk) -> None:
    desk.beside(desk.pen)
    gone_to: list[int] = []
    desk.screen.desk.gone_to.connect(gone_to.append)
    for wanted in (desk.pen, desk.ink, desk.ink):
        desk.screen.open_beside(wanted)
        desk.settle(wanted)
        assert (desk.shown, desk.active) == ([desk.ink, desk.pen], wanted)
    assert gone_to == [desk.pen, desk.ink, desk.ink]  # Back and Forward have to know
    desk.screen.open_note(desk.pen)
    assert (desk.shown, desk.active) == ([desk.ink, desk.pen], desk.pen)
    desk.screen.pane.note_chosen.emit(desk.ink)
    assert (desk.shown, desk.active) == ([desk.ink, desk.pen], desk.ink)


def test_a_note_that_is_still_being_opened_is_not_opened_on_the_other_side_too(desk: Desk) -> None:
    desk.screen.open_beside(desk.pen)
    desk.screen.desk.go_to_other()
    desk.screen.open_note(desk.pen)  # as by a link there, before it was read
    desk.until(lambda: desk._tasks.idle)
    assert (desk.shown, desk.active) == ([desk.ink, desk.pen], desk.pen)
    desk.screen.open_note(desk.jar)
    desk.screen.open_beside(desk.jar)
    desk.until(lambda: desk._tasks.idle)
    assert (desk.shown, desk.active) == ([desk.jar, desk.pen], desk.jar)


def test_links_lead_beside_while_ctrl_is_held(desk: Desk) -> None:
    desk.screen.view.set_mode(READ)
    desk.held = Qt.KeyboardModifier.ControlModifier
    desk.screen.view.reader.note_link_activated.emit("Pen#Nib")
    side = desk.settle(desk.pen)
    assert desk.shown == [desk.ink, desk.pen]
    cursor = side.view.editor.textCursor()
    assert cursor.block().text() == "## Nib"
    # From there the way leads back to the side where that note is.
    desk.held = Qt.KeyboardModifier.NoModifier
    side.view.reader.note_link_activated.emit("Ink")
    desk.until(lambda: desk.active == desk.ink)
    assert desk.shown == [desk.ink, desk.pen]


def test_in_a_text_that_is_written_shift_says_beside(desk: Desk) -> None:
    editor = desk.screen.view.editor
    desk.held = Qt.KeyboardModifier.ControlModifier
    editor.link_activated.emit("Pen")
    desk.until(lambda: desk.shown == [desk.pen])
    desk.show(desk.ink)
    desk.held |= Qt.KeyboardModifier.ShiftModifier
    editor.link_activated.emit("Pen")
    desk.until(lambda: desk.shown == [desk.ink, desk.pen])


def test_by_keys_from_the_list_and_from_a_link(desk: Desk) -> None:
    pane = desk.screen.pane
    pane.list.setFocus()
    pane.list.setCurrentIndex(desk.presenter.model.index(desk.presenter.model.row_of(desk.ink)))
    desk.show(desk.ink)
    desk.screen.view.editor.setFocus()
    cursor = desk.screen.view.editor.textCursor()
    cursor.setPosition(desk.notes.get(desk.ink).text.index("Pen"))
    desk.screen.view.editor.setTextCursor(cursor)
    desk.actions["note.beside"].trigger()
    desk.settle(desk.pen)
    assert desk.shown == [desk.ink, desk.pen]
    desk.actions["note.close_beside"].trigger()
    assert desk.shown == [desk.ink]
    desk.select(desk.jar)
    desk.actions["note.beside"].trigger()
    desk.settle(desk.jar)
    assert desk.shown == [desk.ink, desk.jar]


def test_backlinks_lead_beside_by_ctrl_enter(desk: Desk) -> None:
    links = desk.screen.links
    assert links is not None
    desk.actions["note.about"].trigger()
    links.pane.show_tab(LINKS)
    desk.until(lambda: links.pane.links.model().rowCount() == 1)
    links.pane.links.setFocus()
    links.pane.links.setCurrentIndex(links.pane.links.model().index(0, 0))
    desk.actions["note.follow_link"].trigger()
    desk.settle(desk.pen)
    assert desk.shown == [desk.ink, desk.pen]


def test_nothing_to_open_beside_is_said(desk: Desk) -> None:
    desk.screen.pane.list.clearSelection()
    desk.actions["note.beside"].trigger()
    assert "Choose another note" in desk.notices[-1]
    assert desk.shown == [desk.ink]


def test_what_is_done_to_a_note_is_done_to_the_one_that_is_worked_in(desk: Desk) -> None:
    side = desk.beside(desk.pen)
    desk.actions["note.pin"].trigger()
    desk.until(lambda: desk.notes.get(desk.pen).pinned)
    assert not desk.notes.get(desk.ink).pinned
    desk.screen.pane.list.setFocus()
    assert desk.active == desk.ink
    side.view.editor.setFocus()
    desk.actions["note.delete"].trigger()
    desk.until(lambda: desk.shown == [desk.ink])
    assert desk.screen.desk.beside is None
    assert desk.notes.get(desk.pen).trashed_at is not None
    assert desk.notes.get(desk.ink).trashed_at is None


def test_the_neighbour_of_a_note_that_leaves_is_not_the_one_beside(desk: Desk) -> None:
    desk.beside(desk.pen)
    desk.screen.open_note(desk.ink)
    desk.actions["note.delete"].trigger()
    desk.until(lambda: desk.shown == [desk.jar, desk.pen])


def test_a_text_that_could_not_be_saved_is_seen_on_the_other_side(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    save = desk.notes.save

    def full(*_arguments: object, **_values: object) -> None:
        raise DiskFullError("The note is not saved.")

    monkeypatch.setattr(desk.notes, "save", full)
    desk.screen.view.editor.insertPlainText("not yet saved ")
    desk.until(lambda: desk.editor.state.kind is SaveKind.FAILED)
    desk.show(desk.jar)
    side = desk.beside(desk.ink)
    assert side.view.editor.toPlainText().startswith("not yet saved ")
    assert side.editor.state.kind is SaveKind.FAILED
    monkeypatch.setattr(desk.notes, "save", save)
    side.editor.save_now()
    desk.until(lambda: desk.notes.get(desk.ink).text.startswith("not yet saved "))


def test_a_conflict_is_told_where_it_is(desk: Desk) -> None:
    side = desk.beside(desk.pen)
    side.view.editor.setFocus()
    side.editor.refresh = lambda: None  # type: ignore[method-assign]
    desk.store.notes.save(desk.pen, title="Pen", text="changed elsewhere")
    side.view.editor.insertPlainText("mine ")
    desk.until(lambda: side.view.findChildren(Banner))
    assert desk.notes.get(desk.pen).text == "changed elsewhere"
    assert side.note is not None
    assert desk.notes.get(side.note.id).text.startswith("mine ")


def test_in_a_narrow_window_one_is_seen_at_a_time(desk: Desk) -> None:
    desk.screen.resize(900, 700)
    desk.screen.set_compact(True)
    side = desk.beside(desk.pen)
    tabs = desk.screen.desk.tabs
    assert side.view.isVisible()
    assert not desk.screen.view.isVisible()
    assert [tab.text() for tab in tabs] == ["Ink", "Pen"]
    tabs[0].click()
    assert desk.screen.view.isVisible()
    assert not side.view.isVisible()
    assert desk.active == desk.ink
    desk.screen.resize(1400, 700)
    desk.screen.set_compact(False)
    assert desk.screen.view.isVisible()
    assert side.view.isVisible()
    assert not tabs[0].isVisible()


def test_both_are_open_again_after_a_restart(desk: Desk) -> None:
    side = desk.beside(desk.pen)
    side.view.set_mode(READ)
    state = desk.screen.save_state()
    screen = desk.open()
    screen.restore_state(state)
    desk.until(lambda: desk.shown == [desk.ink, desk.pen])
    assert screen.desk.beside is not None
    assert (screen.view.mode, screen.desk.beside.view.mode) == (WRITE, READ)


@pytest.mark.parametrize("is_trashed", [True, False])
def test_a_second_note_that_is_gone_by_then_needs_no_side(desk: Desk, is_trashed: bool) -> None:
    desk.beside(desk.pen)
    state = desk.screen.save_state()
    if is_trashed:
        desk.store.notes.trash([desk.pen])
    else:
        desk.store.notes.delete_forever([desk.pen])
    screen = desk.open()
    screen.restore_state(state)
    desk.until(lambda: desk.shown == [desk.ink] and screen.desk.beside is None)


def test_in_the_list_ctrl_goes_on_without_opening_and_the_open_row_says_so(desk: Desk) -> None:
    listed, model = desk.screen.pane.list, desk.presenter.model
    desk.select(desk.ink)
    listed.setFocus()
    listed.setCurrentIndex(model.index(model.row_of(desk.ink)))
    QTest.keyClick(listed, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.actions["note.follow_link"].trigger()
    assert desk.notices[-1].startswith("This note is open already.")
    assert desk.shown == [desk.ink]
    QTest.keyClick(listed, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert listed.current_id == desk.pen
    assert desk.shown == [desk.ink], "gone past, not opened"
    desk.actions["note.follow_link"].trigger()
    desk.settle(desk.pen)
    assert desk.shown == [desk.ink, desk.pen]


def test_ctrl_with_a_click_or_space_selects_several(desk: Desk) -> None:
    listed, model = desk.screen.pane.list, desk.presenter.model

    def click(note_id: int) -> None:
        place = listed.visualRect(model.index(model.row_of(note_id))).center()
        QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, place)

    click(desk.pen)
    assert set(desk.screen.pane.selected_ids) == {desk.ink, desk.pen}
    assert desk.shown == [desk.ink], "none of them is opened"
    click(desk.ink)
    assert desk.screen.pane.selected_ids == [desk.pen]
    desk.until(lambda: desk._tasks.idle)
    assert desk.shown == [desk.ink], "the row that was let go is not gone to"
    listed.setFocus()
    for _ in range(2):
        QTest.keyClick(listed, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(listed, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert len(desk.screen.pane.selected_ids) == 2


def test_at_large_letters_a_wide_window_shows_one_note_at_a_time(desk: Desk, theme: Theme) -> None:
    desk.actions["note.beside"].setEnabled(True)
    desk.screen.open_beside(desk.jar)
    desk.settle(desk.jar)
    tabs = desk.screen.desk.tabs
    assert not tabs[0].isVisible()
    theme.set_font_size(27.0)
    desk.until(tabs[0].isVisible)
    theme.set_font_size(13.5)
    desk.until(lambda: not tabs[0].isVisible())
