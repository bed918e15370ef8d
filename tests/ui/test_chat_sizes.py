"""Widths and fonts of the chat screen: they follow the font size, the window, and what a person chose."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop_app.presenters.chat import Activity, Phase
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.chat_screen import ChatScreen
from desktop_app.ui.quick_note import QuickNoteDialog
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PANE_WIDTH, Pill
from tests.ui.chat_room import Room, open_room

LARGEST = 27.0


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        made.screen.resize(1380, 860)
        made.show()
        yield made


def drag_pane_to(room: Room, width: int) -> None:
    """As with the mouse, on the line between list and messages."""
    handle = room.screen.splitter.handle(1)
    by = QPoint(width - handle.x(), 0)
    room.qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=QPoint(0, 40))
    room.qtbot.mouseMove(handle, QPoint(0, 40) + by)
    room.qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=QPoint(0, 40) + by)


def test_the_list_keeps_its_width_in_letters(room: Room, theme: Theme) -> None:
    assert room.screen.pane.width() == PANE_WIDTH
    theme.set_font_size(13.5 * 1.5)
    room.settle()
    assert room.screen.pane.width() == PANE_WIDTH * 1.5
    drag_pane_to(room, 360)
    assert room.screen.pane.width() == 360
    theme.set_font_size(13.5)
    room.settle()
    assert room.screen.pane.width() == 240


@pytest.mark.parametrize("width", [1380, 940, 560])
def test_at_the_largest_font_the_messages_have_most_of_the_screen(room: Room, theme: Theme, width: int) -> None:
    theme.set_font_size(LARGEST)
    room.screen.resize(width, 600)
    room.screen.set_compact(width < 1140)
    room.settle()
    pane, middle = room.screen.splitter.sizes()
    head = room.screen.pane.layout()
    assert head is not None
    assert pane >= head.minimumSize().width(), "the button for a new chat is whole"
    assert pane <= max(width // 3, head.minimumSize().width())
    assert middle > pane


def test_the_list_is_never_narrower_than_its_head(room: Room, theme: Theme) -> None:
    theme.set_font_size(LARGEST)
    room.settle()
    drag_pane_to(room, 90)
    head = room.screen.pane.layout()
    assert head is not None
    assert room.screen.pane.width() == head.minimumSize().width() > 200


def test_a_window_that_grows_gives_the_list_its_width_back(room: Room, theme: Theme) -> None:
    theme.set_font_size(LARGEST)
    room.screen.resize(940, 600)
    room.settle()
    assert room.screen.pane.width() == 940 // 3
    room.screen.resize(1900, 900)
    room.settle()
    assert room.screen.pane.width() == PANE_WIDTH * 2


def test_a_width_that_was_chosen_outlives_narrow_windows_and_restarts(
    room: Room, qtbot: QtBot, theme: Theme, actions: Actions
) -> None:
    drag_pane_to(room, 300)
    room.screen.resize(940, 600)
    room.screen.set_compact(True)
    room.settle()
    assert room.screen.pane.width() == 300
    state = room.screen.save_state()
    other = ChatScreen(room.presenter, theme, actions, room.shell)
    qtbot.addWidget(other)
    other.resize(940, 600)
    other.restore_state(state)
    other.set_compact(True)
    other.show()
    room.settle()
    assert other.pane.width() == 300
    assert other.save_state() == state


@pytest.mark.parametrize("pane", ["wide", -3, None, [1, 2]])
def test_a_width_that_makes_no_sense_is_passed_over(room: Room, pane: object) -> None:
    room.screen.restore_state({"pane": pane})
    room.settle()
    assert room.screen.pane.width() == PANE_WIDTH


def fonts(edit: QPlainTextEdit) -> tuple[float, float]:
    """Points of the text and of the words of the empty field."""
    return edit.font().pointSizeF(), edit.viewport().font().pointSizeF()


def test_the_words_of_empty_fields_follow_the_font_size(room: Room, theme: Theme, qtbot: QtBot) -> None:
    sheet = QuickNoteDialog(room.shell, theme, room.screen)
    for size in (LARGEST, 10.0):
        theme.set_font_size(size)
        points = theme.reading_font().pointSizeF()
        assert fonts(room.screen.composer.edit) == (points, points)
        assert fonts(sheet.editor) == (points, points)


def test_a_name_that_does_not_fit_ends_in_an_ellipsis(theme: Theme, qtbot: QtBot) -> None:
    pill = Pill("Qwen3 R&D 4B · Q4_K_M")
    qtbot.addWidget(pill)
    pill.show()
    whole = pill.sizeHint().width()
    pill.resize(whole, 30)
    assert (pill.text(), pill.toolTip()) == ("Qwen3 R&&D 4B · Q4_K_M", "")
    pill.resize(whole - 40, 30)
    assert pill.text().endswith("…")
    assert "Q4_K_M" in pill.toolTip()
    assert pill.sizeHint().width() == whole, "it wants all its room back"
    assert pill.accessibleName() == "Qwen3 R&D 4B · Q4_K_M"
    assert pill.minimumSizeHint().width() < whole - 100
    pill.resize(whole, 30)
    assert pill.text().endswith("Q4_K_M")


def test_at_the_largest_font_no_button_beside_a_hint_is_clipped(room: Room, theme: Theme) -> None:
    composer = room.screen.composer
    composer.edit.setPlainText("And then?")
    composer.show_activity(Activity(Phase.ELSEWHERE, queued="Waiting for the answer in “A chat with a long title”"))
    beside = composer._hint.geometry().center().y()
    assert abs(beside - composer.stop_button.geometry().center().y()) < 4
    theme.set_font_size(LARGEST)
    room.screen.resize(720, 600)
    room.settle()
    for button in (composer.withdraw_button, composer.stop_button):
        assert button.width() >= button.minimumSizeHint().width()
        assert composer.rect().contains(button.geometry())
    assert composer._hint.geometry().bottom() < composer.stop_button.y()
