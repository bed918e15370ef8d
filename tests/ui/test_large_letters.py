"""At twice the size of the letters, in the smallest window: what is said is said in whole words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.token_view import TokenViewDialog
from desktop_app.ui.theme.theme import BASE_SIZE, Theme
from desktop_app.ui.widgets import ElidedButton, LineDialog, Pill
from tests.ui.chat_room import Room, open_room


@pytest.fixture
def room(qapp: QApplication, qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    theme.set_font_size(2 * BASE_SIZE)
    theme.apply(qapp)
    with open_room(qtbot, theme, actions, tasks) as made:
        made.screen.resize(902, 600)
        made.show()
        made.settle()
        yield made
    theme.set_font_size(BASE_SIZE)
    theme.apply(qapp)


def test_the_list_of_chats_names_itself(room: Room) -> None:
    title = room.screen.pane.title
    assert title.text() == "Chats"
    assert title.width() >= title.fontMetrics().horizontalAdvance("Chats")


def test_the_notes_that_are_meant_are_named_in_whole_words(room: Room) -> None:
    composer = room.screen.composer
    composer.show_notes(True, "folder:Thesis", limited=True)
    room.turn()
    assert composer.where_button.text() == "folder:Thesis"
    assert composer.where_button.width() >= composer.where_button.sizeHint().width()
    assert composer.rect().contains(composer.where_button.geometry())
    assert composer.where_button.geometry().bottom() < composer.attach_button.geometry().top()
    room.screen.resize(1800, 700)
    room.turn()
    assert composer.where_button.geometry().top() == composer.attach_button.geometry().top()
    composer.show_notes(False, "")
    room.turn()
    assert not composer.where_button.isVisible()


def test_a_dialog_is_no_wider_than_the_window_below_it(room: Room) -> None:
    window = room.screen.window()
    line = LineDialog("Title", "Help", "", (), act="Do", cancel="Cancel", parent=window)
    assert 420 < line.minimumWidth() <= window.width() - 40
    room.open(room.service.add_chat("Chat", "Question", "The sea"))
    room.actions["chat.tokens"].trigger()
    room.settle()
    (tokens,) = window.findChildren(TokenViewDialog)
    assert tokens.width() <= window.width()
    assert tokens.height() <= window.height()
    tokens.reject()


def test_a_button_with_a_symbol_shows_whole_words_or_that(qtbot: QtBot, theme: Theme) -> None:
    button = ElidedButton("Import…", "small_link", symbol=theme.icon("import"), is_whole=True)
    qtbot.addWidget(button)
    button.resize(button.sizeHint())
    button.show()
    assert button.text() == "Import…"
    button.resize(button.sizeHint().width() - 25, button.height())
    assert button.text() == ""
    assert not button.icon().isNull()


def test_a_name_that_is_too_long_ends_in_dots_and_is_not_cut_at_its_beginning(room: Room) -> None:
    pill = Pill("A model with a long name")
    pill.show()
    pill.resize(pill.sizeHint())
    assert pill.text() == "A model with a long name"
    pill.resize(pill.sizeHint().width() - 4, pill.height())
    inside = pill.sizeHint().width() - pill.fontMetrics().horizontalAdvance("A model with a long name")
    assert pill.text().endswith("…")
    assert pill.fontMetrics().horizontalAdvance(pill.text()) <= pill.width() - inside
    pill.close()


def test_the_chips_over_the_notes_use_the_room_around_their_words(room: Room) -> None:
    chip = ElidedButton("Folder", "chip", menu=QMenu())
    chip.show()
    chip.resize(chip.sizeHint().width() - 20, chip.height())
    assert chip.text() == "Folder ▾"
    chip.close()
