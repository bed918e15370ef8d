"""The tags above a note: as many as there is room for, the others behind a number."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.ui.notes.tag_row import TagRow
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import LineDialog, TextButton

TAGS = tuple(f"number-{number}" for number in range(20))


@pytest.fixture
def row(theme: Theme, qtbot: QtBot) -> Iterator[TagRow]:
    made = TagRow(theme)
    qtbot.addWidget(made)
    made.resize(600, 40)
    made.show_tags(TAGS)
    yield made
    made.hide()


def shown(row: TagRow) -> list[str]:
    return [button.text() for button in row._buttons if button.isVisibleTo(row)]


def hidden(row: TagRow) -> list[str]:
    return [action.text() for action in row.menu.actions()]


def resize(row: TagRow, width: int) -> None:
    row.resize(width, 40)
    row.fit(width)


@pytest.mark.parametrize("width", [200, 340, 600, 900, 1500])
def test_no_tag_is_cut_and_none_is_lost(row: TagRow, qtbot: QtBot, width: int) -> None:
    resize(row, width)
    assert shown(row)
    assert shown(row) + hidden(row) == [f"#{tag}" for tag in TAGS]
    assert row.more.text() == f"+{len(hidden(row))}"

    def laid_out() -> bool:
        parts = [part for part in row.findChildren(TextButton) if part.isVisibleTo(row)]
        return all(part.width() >= part.sizeHint().width() and part.geometry().right() < width for part in parts)

    qtbot.waitUntil(laid_out)


def test_more_room_shows_more_and_less_can_follow(row: TagRow) -> None:
    resize(row, 340)
    few = len(shown(row))
    resize(row, 800)
    assert len(shown(row)) > few
    resize(row, 340)
    assert len(shown(row)) == few
    assert row.minimumWidth() == 1, "a narrower window is not kept from being so by what is shown"


def test_a_few_tags_need_no_number(row: TagRow) -> None:
    row.show_tags(("one", "two"))
    resize(row, 600)
    assert shown(row) == ["#one", "#two"]
    assert not row.more.isVisibleTo(row)


def test_a_tag_behind_the_number_leads_to_its_notes(row: TagRow, qtbot: QtBot) -> None:
    resize(row, 340)
    first = row.menu.actions()[0]
    with qtbot.waitSignal(row.tag_chosen) as chosen:
        first.trigger()
    assert chosen.args == [first.text()[1:]]


def test_one_tag_wider_than_the_column_ends_in_an_ellipsis(row: TagRow) -> None:
    row.show_tags(("a-very-long-tag-" * 12, "two"))
    resize(row, 400)
    assert shown(row)[0].endswith("…")
    assert hidden(row) == ["#two"]


def test_it_follows_the_font_size(row: TagRow, theme: Theme) -> None:
    resize(row, 600)
    before = len(shown(row))
    theme.set_font_size(27.0)
    resize(row, 600)
    assert len(shown(row)) < before


def test_each_word_of_the_tags_is_completed_by_itself(theme: Theme, qtbot: QtBot) -> None:
    known = ["ink", "paper", "pen/nib"]
    dialog = LineDialog("Tags", "", "ink ", known, act="Save", cancel="Cancel", parent=None, words=True)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    dialog.line.setFocus()
    qtbot.waitUntil(dialog.line.hasFocus)
    dialog.line.end(False)
    QTest.keyClicks(dialog.line, "#ap")
    popup = dialog.line.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    index = popup.model().index(0, 0)
    QTest.mouseClick(popup.viewport(), Qt.MouseButton.LeftButton, pos=popup.visualRect(index).center())
    assert dialog.line.text() == "ink paper"
    popup.hide()


def test_other_tags_stay_in_the_column_that_is_narrower_than_the_row(row: TagRow) -> None:
    row.resize(1500, 40)
    row.fit(700)  # the note is read beside its text
    row.show_tags(["ink"])
    row.layout().activate()
    assert row._buttons[0].x() < 100
