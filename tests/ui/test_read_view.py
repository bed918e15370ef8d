"""A note as it reads: pages are made as the reader gets there, or is sent there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.presenters.formulas import FormulaBook
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.chat.code_block import CodeBlock
from desktop_app.ui.chat.formula_objects import OBJECT
from desktop_app.ui.notes.read_view import ReadView
from desktop_app.ui.notes.rendered_note import edits_of
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
    assert len(view.bodies) == 1
    view.scroll_to(30_000)
    assert view.verticalScrollBar().value() == 30_000
    view.scroll_to(10_000_000)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def test_the_keyboard_is_seen_on_what_is_read_and_moves_nothing(theme: Theme, qtbot: QtBot) -> None:
    view, other = ReadView(theme), QPushButton()
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.addWidget(view)
    layout.addWidget(other)
    qtbot.addWidget(page)
    page.resize(700, 400)
    page.show()
    page.activateWindow()
    view.show_text("words")
    edge = QPoint(view.width() // 2, 0)
    other.setFocus()
    qtbot.waitUntil(other.hasFocus)
    plain, place = view.grab().toImage().pixelColor(edge), view.viewport().geometry()
    view.setFocus()
    assert view.grab().toImage().pixelColor(edge) == theme.color("accent") != plain
    assert view.viewport().geometry() == place


def test_formulas_of_a_note_are_drawn_and_copied_as_written(theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> None:
    theme.set_formulas(FormulaBook(BoxTypesetter, tasks, theme))
    view = ReadView(theme)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    view.show_text("Energy is $E$.\n\n$$\nm\n$$\n")
    part = view.bodies[0].parts[0]
    qtbot.waitUntil(lambda: part.document().toPlainText().count(OBJECT) == 2)  # type: ignore[union-attr]
    part.selectAll()  # type: ignore[union-attr]
    assert view.selected_text() == "Energy is $E$.\n$$\nm\n$$"


def test_code_of_many_pages_is_one_block(theme: Theme, qtbot: QtBot) -> None:
    view = ReadView(theme)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    code = "\n".join(f"value_{number} = [{number}]" for number in range(6_000))
    view.show_text(f"before\n\n```python\n{code}\n```\n\n# After")
    view.scroll_to(10_000_000)
    blocks = [part for body in view.bodies for part in body.parts if isinstance(part, CodeBlock)]
    assert len(blocks) > 2
    assert [block.joins for block in (blocks[0], blocks[1], blocks[-1])] == [(False, True), (True, True), (True, False)]
    assert "\n".join(block.code for block in blocks) == code
    blocks[0].copy_code()
    assert QApplication.clipboard().text() == code


def test_long_code_is_copied_whole_before_its_end_is_rendered(theme: Theme, qtbot: QtBot) -> None:
    view = ReadView(theme)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    code = "some code\n" * 60_000
    view.show_text(f"```\n{code}\n```\n\nafter")
    assert len(view.bodies) == 1
    part = view.bodies[0].parts[0]
    assert isinstance(part, CodeBlock)
    part.copy_code()
    assert QApplication.clipboard().text() == code
    view.scroll_to(10_000_000)
    assert view.bodies[-1].parts[-1].document().toPlainText() == "after"  # type: ignore[union-attr]


def test_tags_in_the_text_lead_to_the_notes_that_have_them(theme: Theme, qtbot: QtBot) -> None:
    view = ReadView(theme)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    qtbot.waitExposed(view)
    view.show_text(
        "On **#Work/Ink** and #Größe, not a#b, `#code`, [#linked](https://x.org/#part), # or #1.\n\n    #define\n"
    )
    chosen: list[str] = []
    view.tag_activated.connect(chosen.append)
    links = {}
    for body in view.bodies:
        for edit in edits_of(body):
            block = edit.document().begin()
            while block.isValid():
                pieces = block.begin()
                while not pieces.atEnd():
                    form = pieces.fragment().charFormat()
                    if form.isAnchor():
                        links[pieces.fragment().text()] = form
                    pieces += 1
                block = block.next()
    assert set(links) == {"#Work/Ink", "#Größe", "#linked"}
    assert links["#Größe"].foreground().color() == theme.color("tag")
    for words in links:
        view.bodies[0].link_activated.emit(links[words].anchorHref())
    assert chosen == ["work/ink", "grösse"]  # as tags are kept
