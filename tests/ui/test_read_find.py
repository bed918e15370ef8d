"""Finding in the note that is read."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.formulas import Formula, FormulaPicture
from desktop_app.presenters.formulas import FormulaBook
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.chat.message_text import MarkdownText
from desktop_app.ui.notes.read_find_bar import ReadFindBar
from desktop_app.ui.notes.read_view import ReadView
from desktop_app.ui.theme.theme import Theme
from tests.fakes.fake_formulas import BoxTypesetter

FILLER = "A sentence of the note that says nothing.\n\n"
TEXT = "**Iron** gall ink\n\n```python\nink = 1\n```\n\n" + FILLER * 900 + "| a | b |\n|---|---|\n| INK | x |\n"


class HeldTypesetter(BoxTypesetter):
    """Answers once `go` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.go = Event()

    def typeset(self, formula: Formula) -> FormulaPicture | None:
        self.go.wait(8)
        return super().typeset(formula)


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


def test_places_stay_right_when_a_formula_arrives(
    bar: ReadFindBar, theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    typesetter = HeldTypesetter()
    theme.set_formulas(FormulaBook(lambda: typesetter, tasks, theme))
    bar._view.show_text("Of $ink^2$ and more\n\nThe ink is black\n\nThe ink is blue\n\n```python\nink = 1\n```\n")
    bar.open_bar()
    bar.line.setText("ink")
    qtbot.waitUntil(lambda: bar.is_done and bar.count.text() == "1 of 4")  # the first one is the formula's source
    bar.step(1)
    bar.step(1)
    assert words_of_current(bar, theme) == "The ink is blue"
    typesetter.go.set()
    qtbot.waitUntil(lambda: bar.count.text() == "2 of 3")
    assert words_of_current(bar, theme) == "The ink is blue"
    assert [words for words, _ in marked(bar)] == ["ink"] * 3
    bar.step(-1)
    assert words_of_current(bar, theme) == "The ink is black"


def test_places_stay_right_when_a_callout_is_unfolded_and_folded(bar: ReadFindBar, theme: Theme, qtbot: QtBot) -> None:
    bar._view.show_text("> [!tip]- Closed\n> The ink is red\n\nThe ink is black\n\nThe ink is blue\n")
    bar.open_bar()
    bar.line.setText("ink")
    qtbot.waitUntil(lambda: bar.is_done and bar.count.text() == "1 of 2")
    bar.step(1)
    (part,) = bar._view.bodies[0].parts
    assert isinstance(part, MarkdownText)
    part._turn(part.document().find("Closed").block())
    qtbot.waitUntil(lambda: bar.count.text() == "3 of 3")
    assert words_of_current(bar, theme) == "The ink is blue"
    bar.step(1)
    assert words_of_current(bar, theme) == "The ink is red"
    part._turn(part.document().find("Closed").block())
    bar.step(1)  # before the event loop had its turn
    assert bar.count.text() == "2 of 2"
    assert words_of_current(bar, theme) == "The ink is blue"
    assert len(marked(bar)) == 2


def words_of_current(bar: ReadFindBar, theme: Theme) -> str:
    """The paragraph whose place is marked as the one that is shown."""
    accent = theme.color("accent").name()
    (cursor,) = [
        QTextCursor(mark.cursor)
        for body in bar._view.bodies
        for part in body.parts
        for mark in (part.lines if hasattr(part, "lines") else part).extraSelections()
        if mark.format.background().color().name() == accent
    ]
    return str(cursor.block().text())
