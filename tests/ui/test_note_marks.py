"""Callouts, marked words and properties where a note is read."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QTextDocument

from desktop_app.ui.chat.block_marks import BEGINS_CALLOUT, CALLOUT, QUOTE_LEVEL, is_beside_text
from desktop_app.ui.notes.read_view import ReadView
from desktop_app.ui.notes.rendered_note import edits_of
from desktop_app.ui.theme.theme import Theme


@pytest.fixture
def view(read_view: ReadView) -> ReadView:
    return read_view


def documents(view: ReadView) -> list[QTextDocument]:
    return [edit.document() for body in view.bodies for edit in edits_of(body)]


def shown(view: ReadView) -> str:
    return "\n".join(document.toPlainText() for document in documents(view))


def test_callouts_and_marks_are_read(view: ReadView, theme: Theme) -> None:
    view.show_text("so ==marked== %%hidden%% it ^name\n\n> [!warning] Mind the gap\n> words\n\n> wise")
    assert shown(view).split("\n") == ["so marked  it", "Mind the gap", "words", "wise"]
    document = documents(view)[0]
    block, found = document.begin(), []
    while block.isValid():
        form = block.blockFormat()
        found.append((form.intProperty(QUOTE_LEVEL), form.property(CALLOUT), form.boolProperty(BEGINS_CALLOUT)))
        block = block.next()
    assert found == [(0, None, False), (1, "warning", True), (1, "warning", False), (1, None, False)]
    assert document.find("Mind").charFormat().foreground().color() == theme.color("warning")
    assert document.find("words").charFormat().foreground().color() == theme.color("text")
    assert document.find("marked").charFormat().background().color() == theme.color("highlight")


def test_properties_stand_in_a_table_at_the_beginning_only(view: ReadView) -> None:
    view.show_text("---\nstatus: draft\n---\n\n# Title\n\n" + "words\n\n" * 2_000 + "---\na: b\n---\n")
    assert "Properties" in documents(view)[0].toPlainText()
    view.scroll_to(10**6)
    assert shown(view).count("Properties") == 1


def test_every_footnote_that_a_note_names_is_raised_in_tables_too(view: ReadView) -> None:
    view.show_text("so[^b]\n\n| a |\n|---|\n| galls[^b] and[^1] |\n\n[^b]: Oak.\n[^1]: One.")
    assert "[^" not in shown(view)
    assert "gallsb and1" in shown(view)


def test_what_is_written_from_right_to_left_has_its_marks_at_the_right(view: ReadView) -> None:
    view.show_text("- [ ] מהמה\n- [ ] task\n\n> ציטוט ארוך\n")
    edit = edits_of(view.bodies[0])[0]
    document = edit.document()
    hebrew, english, quote = document.begin(), document.begin().next(), document.begin().next().next()
    assert quote.blockFormat().rightMargin() > 0.0 == quote.blockFormat().leftMargin()
    for block, beside_left, beside_right in ((hebrew, False, True), (english, True, False)):
        line, place = block.layout().lineAt(0), block.layout().position()
        left, right = place.x() + line.x() - 6, place.x() + line.x() + line.width() + 6
        assert (is_beside_text(block, left), is_beside_text(block, right)) == (beside_left, beside_right)
    picture = edit.viewport().grab().toImage()
    paper = QColor(picture.pixel(picture.width() // 2, 1))

    def is_drawn(from_x: int, to_x: int, y: int) -> bool:
        return any(QColor(picture.pixel(x, y)) != paper for x in range(from_x, to_x))

    line, place = hebrew.layout().lineAt(0), hebrew.layout().position()
    middle = int(place.y() + line.y() + line.height() / 2)
    assert is_drawn(int(place.x() + line.x() + line.width()) + 1, picture.width(), middle)
    assert not is_drawn(0, int(place.x() + line.x()), middle)
