"""Beside a note: the places that name it without a link, and what makes links of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import InkwellError, StoreLockedError
from desktop_app.domain.mentions import Mention
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_mentions import LinkedMention
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.about_pane import LINKS, OUTLINE
from desktop_app.ui.notes.links_page import LinksPage
from desktop_app.ui.theme.theme import Theme
from tests.ui.notes_room import NotesRoom


class Room(NotesRoom):
    ink: int
    shop: int

    @property
    def page(self) -> LinksPage:
        links = self.screen.links
        assert links is not None
        return links.pane.links_page


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    made = Room(tmp_path, theme, actions, tasks, qtbot)
    made.ink = made.notes.create("", "# Ink").id
    made.shop = made.notes.create("", "# Shop\n\nBuy ink.\n\nMore ink.").id
    made.open()
    made.show(made.ink)
    yield made
    made.close()


def unfold(room: Room) -> None:
    room.actions["note.link_mention"].trigger()
    room.until(room.page.toggle.isVisible)
    assert not room.page.mentions.isVisible()
    room.page.toggle.click()
    assert room.page.mentions.isVisible()


def test_nothing_is_looked_for_while_nobody_sees_it(room: Room) -> None:
    assert room.screen.links is not None
    room.screen.links.pane.show_tab(OUTLINE)
    room.screen.links.toggle()
    assert not room.page.isVisible()
    room.until(lambda: room._tasks.idle)
    assert room.page.chosen_mention is None
    assert not room.page.has_rows
    room.screen.links.pane.show_tab(LINKS)
    room.until(lambda: "(2)" in room.page.toggle.text())


def test_mentions_become_links_one_after_the_other_and_undo_makes_words_of_them(room: Room) -> None:
    unfold(room)
    room.actions["note.link_mention"].trigger()
    room.until(lambda: "[[ink]]" in room.notes.get(room.shop).text)
    room.until(lambda: "(1)" in room.page.toggle.text() and room.page.links.isVisible())
    room.page.link_button.click()
    room.until(lambda: room.notes.get(room.shop).text == "# Shop\n\nBuy [[ink]].\n\nMore [[ink]].")
    room.until(lambda: not room.page.toggle.isVisible())
    room.until(lambda: len(room.undos) == 2)
    room.undos[1]()
    room.until(lambda: "(1)" in room.page.toggle.text())
    assert room.notes.get(room.shop).text == "# Shop\n\nBuy [[ink]].\n\nMore ink."


def test_a_mention_is_gone_to_and_opens_beside_with_ctrl_enter(room: Room) -> None:
    unfold(room)
    page = room.page
    page.mentions.setFocus()
    page.mentions.setCurrentIndex(page.mentions.model().index(1, 0))
    room.actions["note.follow_link"].trigger()
    beside = room.settle(room.shop)
    assert beside is room.screen.desk.beside
    assert beside.view.editor.textCursor().selectedText() == "ink"
    room.actions["note.close_beside"].trigger()
    page.mentions.setFocus()
    page.mentions.setCurrentIndex(page.mentions.model().index(0, 0))
    QTest.keyClick(page.mentions, Qt.Key.Key_Return)
    room.settle(room.shop)
    assert room.screen.view.editor.textCursor().selectedText() == "ink"
    room.until(lambda: not page.toggle.isVisible())


def test_what_is_written_elsewhere_is_found(room: Room) -> None:
    unfold(room)
    room.notes.create("", "# Letter\n\nThe ink of it.")
    room.until(lambda: "(3)" in room.page.toggle.text())


def test_a_mention_that_could_not_be_linked_stays_on_the_list(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    unfold(room)
    mentions = room.page._presenter
    assert mentions is not None
    errors: list[InkwellError] = []
    mentions.failed.connect(errors.append)

    def refuse(note_id: int, mention: Mention) -> LinkedMention:
        raise StoreLockedError("The database is locked.", "Another program has it.", "Try again.")

    monkeypatch.setattr(mentions._service, "link", refuse)
    room.page.link_current()
    room.until(lambda: errors)
    room.until(lambda: len(mentions.mentions) == 2)
    assert "(2)" in room.page.toggle.text()
    assert room.notices == []


def test_a_link_beside_words_that_are_being_typed_there_keeps_both(room: Room) -> None:
    unfold(room)
    room.screen.open_beside(room.shop)
    beside = room.settle(room.shop)
    beside.editor._autosave_ms = lambda: 60_000
    room.screen.desk.activate(room.screen.desk.main)
    beside.view.editor.moveCursor(QTextCursor.MoveOperation.End)
    beside.view.editor.insertPlainText(" typed just now")
    room.page.link_button.click()
    expected = "# Shop\n\nBuy [[ink]].\n\nMore ink. typed just now"
    room.until(lambda: room.notes.get(room.shop).text == expected)
    room.until(lambda: beside.view.editor.toPlainText() == expected)
    assert room.notes.count(room.presenter.filter) == 2


def test_that_there_is_no_link_is_one_line_beside_mentions(room: Room) -> None:
    unfold(room)
    page = room.page
    assert page._none_shortly.isVisible()
    assert not page._above.isVisible()
    assert page.mentions.height() > page.height() * 3 // 4
    page.toggle.click()
    assert page.toggle.y() < 60
    room.notes.save(room.shop, "# Shop")
    room.until(lambda: not page.toggle.isVisible())
    assert page._above.isVisible()
    assert not page._none_shortly.isVisible()
