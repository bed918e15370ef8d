"""Merging two notes on the screen: the result is seen first, then made, then taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QTextFormat
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.note_merging import MergeWay
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.merge_dialog import TEXT, MergeDialog
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ErrorBox
from tests.ui.notes_room import NotesRoom


class Desk(NotesRoom):
    """Two notes that are nearly the same, and one that links to the second."""

    def __init__(self, folder: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        super().__init__(folder, theme, actions, tasks, qtbot)
        self.ink = self.notes.create("Work", "# Ink\n\ngalls\n").id
        self.dye = self.notes.create("", "# Dye\n\ngalls\ngum\n").id
        self.pen = self.notes.create("", "# Pen\n\n[[Dye]]\n").id
        self.open()

    def dialog(self) -> MergeDialog:
        self.actions["note.merge"].trigger()
        dialog = self.screen.findChild(MergeDialog)
        assert isinstance(dialog, MergeDialog)
        self.until(dialog.merge_button.isEnabled)
        return dialog


@pytest.fixture
def desk(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(tmp_path, theme, actions, tasks, qtbot)
    yield desk
    desk.close()


def test_only_two_selected_notes_can_be_merged(desk: Desk) -> None:
    action = desk.actions["note.merge"]
    for chosen, enabled in (
        ((desk.ink,), False),
        ((desk.ink, desk.dye), True),
        ((desk.ink, desk.dye, desk.pen), False),
    ):
        desk.select(*chosen)
        assert action.isEnabled() is enabled


def test_the_result_is_shown_made_and_taken_back(desk: Desk) -> None:
    desk.editor.open(desk.dye)
    desk.until(lambda: desk.editor.note is not None)
    desk.select(desk.dye, desk.ink)
    dialog = desk.dialog()
    if dialog.which.text().startswith("“Dye”"):
        dialog.swap_button.click()
        desk.until(lambda: dialog.which.text().startswith("“Work/Ink”"))
    assert "1 link in 1 note will lead to the kept note." in dialog.facts.text()
    assert "+ gum" in dialog.text.toPlainText()
    dialog.ways.choose(MergeWay.JOINED)
    desk.until(lambda: "# Dye" in dialog.text.toPlainText())
    dialog.ways.choose(MergeWay.DIFFERENT)
    dialog.tabs.choose(TEXT)
    desk.until(lambda: dialog.merge_button.isEnabled() and dialog.text.toPlainText().startswith("# Ink"))
    shown = dialog.text.toPlainText()
    dialog.merge_button.click()
    desk.until(lambda: desk.undos and desk.editor.note is not None and desk.editor.note.id == desk.ink)
    assert desk.notices == ["Merged “Dye” into “Ink”."]
    assert desk.notes.get(desk.ink).text == shown
    assert desk.notes.get(desk.pen).text == "# Pen\n\n[[Ink]]\n"
    desk.until(lambda: desk.screen.view.editor.toPlainText() == shown)
    desk.until(lambda: desk.presenter.model.row_of(desk.dye) < 0)
    desk.undos[0]()
    desk.until(lambda: desk.presenter.model.row_of(desk.dye) >= 0)
    desk.until(lambda: desk.screen.view.editor.toPlainText() == "# Ink\n\ngalls\n")
    assert desk.notes.get(desk.pen).text == "# Pen\n\n[[Dye]]\n"


def test_the_text_is_legible_after_the_additions_in_another_theme(desk: Desk, theme: Theme) -> None:
    desk.select(desk.ink, desk.dye)
    dialog = desk.dialog()
    theme.set_mode("dark")
    dialog.tabs.choose(TEXT)
    cursor = dialog.text.textCursor()
    cursor.movePosition(cursor.MoveOperation.Right)
    assert cursor.charFormat().foreground().color() == theme.color("text")
    assert not cursor.charFormat().hasProperty(QTextFormat.Property.BackgroundBrush)


def test_what_is_typed_last_is_merged_too(desk: Desk) -> None:
    desk.editor.open(desk.dye)
    desk.until(lambda: desk.editor.note is not None)
    desk.screen.view.editor.setFocus()
    desk.screen.view.editor.insertPlainText("typed ")
    desk.select(desk.ink, desk.dye)
    dialog = desk.dialog()
    dialog.swap_button.click()
    desk.until(dialog.merge_button.isEnabled)
    assert "typed" in dialog.text.toPlainText()


def test_a_note_changed_meanwhile_is_said_in_the_dialog(desk: Desk) -> None:
    desk.select(desk.ink, desk.dye)
    dialog = desk.dialog()
    desk.notes.save(desk.dye, "# Dye\n\nother")
    dialog.merge_button.click()
    desk.until(lambda: dialog.findChildren(ErrorBox))
    assert dialog.isVisible()
    assert desk.notes.get(desk.dye).trashed_at is None


def test_at_large_letters_it_stays_within_the_window(desk: Desk, theme: Theme) -> None:
    desk.screen.window().resize(1000, 640)
    theme.set_font_size(27.0)
    desk.select(desk.ink, desk.dye)
    dialog = desk.dialog()
    assert dialog.width() <= 1000
    assert dialog.height() <= 640
    assert all(button.width() >= button.sizeHint().width() for button in dialog.ways.findChildren(QPushButton))
    dialog.reject()
