"""Finding in the note that is read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ui.notes.read_find_bar import ReadFindBar
from desktop_app.ui.notes.read_view import ReadView
from desktop_app.ui.theme.theme import Theme

FILLER = "A sentence of the note that says nothing.\n\n"
TEXT = "**Iron** gall ink\n\n```python\nink = 1\n```\n\n" + FILLER * 900 + "| a | b |\n|---|---|\n| INK | x |\n"


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> Iterator[ReadFindBar]:
    page = QWidget()
    view = ReadView(theme)
    made = ReadFindBar(view, theme)
    layout = QVBoxLayout(page)
    layout.addWidget(made)
    layout.addWidget(view)
    qtbot.addWidget(page)
    page.resize(700, 500)
    page.show()
    qtbot.waitExposed(page)
    view.show_text(TEXT)
    yield made
    page.close()


def marked(bar: ReadFindBar) -> list[tuple[str, str]]:
    """(words, colour) of each mark, from the top."""
    return [
        (mark.cursor.selectedText(), mark.format.background().color().name())
        for body in bar._view.bodies
        for part in body.parts
        for mark in (part.lines if hasattr(part, "lines") else part).extraSelections()
    ]


def test_all_pages_are_looked_through_and_places_marked(bar: ReadFindBar, theme: Theme, qtbot: QtBot) -> None:
    assert len(bar._view.bodies) == 1
    bar.open_bar()
    QTest.keyClicks(bar.line, "ink")
    qtbot.waitUntil(lambda: bar.count.text() == "1 of 3")
    current, other = theme.color("accent").name(), theme.color("highlight").name()
    assert marked(bar) == [("ink", current), ("ink", other), ("INK", other)]
    assert bar._view.verticalScrollBar().value() == 0
    QTest.keyClick(bar.line, Qt.Key.Key_Return)
    QTest.keyClick(bar.line, Qt.Key.Key_Return)
    assert bar.count.text() == "3 of 3"
    edit, cursor = bar._places[2]
    top, bottom = bar._view.place_of(edit, cursor)
    shown = bar._view.verticalScrollBar().value()
    assert shown <= top < bottom <= shown + bar._view.viewport().height()
    QTest.keyClick(bar.line, Qt.Key.Key_Return)
    assert bar.count.text() == "1 of 3"
    QTest.keyClick(bar.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert bar.count.text() == "3 of 3"
    QTest.keyClick(bar.line, Qt.Key.Key_Escape)
    assert bar.isHidden()
    assert marked(bar) == []


def test_words_are_found_over_the_ends_of_kept_lines(bar: ReadFindBar, qtbot: QtBot) -> None:
    bar._view.set_keeps_lines(True)
    bar._view.show_text("iron\ngall (ink)\n\niron\n\ngall")
    bar.open_bar()
    bar.line.setText("IRON gall (ink)")
    qtbot.waitUntil(lambda: bar.count.text() == "1 of 1")
    bar.line.setText("iron.gall")
    qtbot.waitUntil(lambda: bar.count.text() == "Not found")


def test_what_marks_hide_is_found_and_the_marks_are_not(bar: ReadFindBar, qtbot: QtBot) -> None:
    bar.open_bar()
    bar.line.setText("iron gall")
    qtbot.waitUntil(lambda: bar.count.text() == "1 of 1")
    bar.line.setText("**")
    qtbot.waitUntil(lambda: bar.count.text() == "Not found")
    assert not bar.next.isEnabled()
    bar.line.setText("")
    qtbot.waitUntil(lambda: bar.count.text() == "")


def test_the_first_place_is_the_one_below_what_is_read(bar: ReadFindBar, qtbot: QtBot) -> None:
    bar._view.scroll_to(5_000)
    bar.open_bar()
    bar.line.setText("ink")
    qtbot.waitUntil(lambda: bar.count.text() == "3 of 3")


def test_a_note_that_is_shown_anew_is_looked_through_again(bar: ReadFindBar, qtbot: QtBot) -> None:
    bar.open_bar()
    bar.line.setText("ink")
    qtbot.waitUntil(lambda: bar.count.text() == "1 of 3")
    bar.step(1)
    bar._view.show_text("ink\n\n" + TEXT)
    qtbot.waitUntil(lambda: bar.is_done)
    assert bar.count.text() == "2 of 4"
    assert len(marked(bar)) == 4
