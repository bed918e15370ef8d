"""A note as it reads: pages are made as the reader gets there, or is sent there."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.presenters.formulas import FormulaBook
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.chat.formula_objects import OBJECT
from desktop_app.ui.notes.read_view import ReadView
from desktop_app.ui.theme.theme import Theme
from tests.fakes.fake_formulas import BoxTypesetter


@pytest.mark.timeout(30)
def test_a_place_many_pages_down_is_reached_at_once(theme: Theme, qtbot: QtBot) -> None:
    view = ReadView(theme)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    qtbot.waitExposed(view)
    view.show_text("A sentence of the note.\n\n" * 3_000)
    assert len(view._bodies) == 1
    view.scroll_to(30_000)
    assert view.verticalScrollBar().value() == 30_000
    view.scroll_to(10_000_000)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def test_formulas_of_a_note_are_drawn_and_copied_as_written(theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> None:
    theme.set_formulas(FormulaBook(BoxTypesetter, tasks, theme))
    view = ReadView(theme)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    view.show_text("Energy is $E$.\n\n$$\nm\n$$\n")
    part = view._bodies[0].parts[0]
    qtbot.waitUntil(lambda: part.document().toPlainText().count(OBJECT) == 2)  # type: ignore[union-attr]
    part.selectAll()  # type: ignore[union-attr]
    assert view.selected_text() == "Energy is $E$.\n$$\nm\n$$"
