"""Formulas in messages: drawn on the line, copied as they were written, and money left alone."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage, QTextCharFormat
from pytestqt.qtbot import QtBot

from desktop_app.domain.formulas import Formula
from desktop_app.presenters.formulas import FormulaBook
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.chat.answer_body import AnswerBody
from desktop_app.ui.chat.formula_objects import OBJECT
from desktop_app.ui.chat.message_text import MarkdownText
from desktop_app.ui.chat.selection import MessageSelection
from desktop_app.ui.theme.theme import Theme
from tests.fakes.fake_formulas import BoxTypesetter


@pytest.fixture
def typesetter() -> BoxTypesetter:
    return BoxTypesetter()


@pytest.fixture
def body(qtbot: QtBot, theme: Theme, tasks: TaskRunner, typesetter: BoxTypesetter) -> AnswerBody:
    theme.set_formulas(FormulaBook(lambda: typesetter, tasks, theme))
    made = AnswerBody(theme, MessageSelection(list, str, lambda: None))
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    return made


def show(qtbot: QtBot, body: AnswerBody, source: str) -> str:
    """Show `source` until all its formulas are typeset; the text in the documents."""
    body.show_text(source, writing=False)
    qtbot.waitUntil(lambda: not any(part._listens for part in body.parts if isinstance(part, MarkdownText)))
    body.fit(body.width())
    return "\n".join(part.document().toPlainText() for part in body.parts if isinstance(part, MarkdownText))


def copied(body: AnswerBody) -> str:
    for part in body.parts:
        if isinstance(part, MarkdownText):
            part.selectAll()
    return "\n".join(part.selected_text() for part in body.parts)


@pytest.mark.parametrize(
    ("source", "formula"),
    [
        ("Take $a^2$ here", Formula("a^2")),
        ("Take \\(a^2\\) here", Formula("a^2")),
        ("$$\na^2\n$$", Formula("a^2", display=True)),
        ("$$ a^2 $$", Formula(" a^2 ", display=True)),
        ("\\[\na^2\n\\]", Formula("a^2", display=True)),
        ("So:\n\\[ a^2 \\]\nand on", Formula(" a^2 ", display=True)),
        ("So:\n$$\na^2\n$$", Formula("\na^2\n", display=True)),
        ("\\begin{align}\na &= b\n\\end{align}", Formula("\\begin{align}\na &= b\n\\end{align}", display=True)),
        ("- item\n\n  $$\n  a\n  $$", Formula("  a\n  ", display=True)),
    ],
)
def test_all_usual_delimiters_are_known(
    qtbot: QtBot, body: AnswerBody, typesetter: BoxTypesetter, source: str, formula: Formula
) -> None:
    assert OBJECT in show(qtbot, body, source)
    assert [(each.source.strip(), each.display) for each in typesetter.asked] == [
        (formula.source.strip(), formula.display)
    ]


@pytest.mark.parametrize(
    "source",
    [
        "It costs $5 and $10.",
        "US$5 (small) and US$10, CA$20",
        "$5-$10 or $20/$30",
        "$20 per month, or 200$ a year",
        "a \\$ b \\$ c",
        "`$x$`",
        "\\[1\\] as in \\[2\\]",
    ],
)
def test_prices_and_escapes_are_no_formulas(
    qtbot: QtBot, body: AnswerBody, typesetter: BoxTypesetter, source: str
) -> None:
    assert OBJECT not in show(qtbot, body, source)
    assert typesetter.asked == []


def test_a_selection_copies_formulas_as_they_were_written(qtbot: QtBot, body: AnswerBody) -> None:
    show(qtbot, body, "Take $a^2$ and \\(b\\), $bad$ too\n\n$$\nc\n$$\n\n\\[\nd\n\\]\n\n| x |\n|---|\n| $e$ |")
    text = copied(body)
    for written in ("$a^2$", "\\(b\\)", "$bad$", "$$\nc\n$$", "\\[\nd\n\\]", "$e$"):
        assert written in text
    assert OBJECT not in text


def test_part_of_a_selection_copies_its_own_formulas(qtbot: QtBot, body: AnswerBody) -> None:
    show(qtbot, body, "first $a$ second $b$ third")
    part = body.parts[0]
    assert isinstance(part, MarkdownText)
    cursor = part.textCursor()
    cursor.setPosition(part.document().toPlainText().index("second"))
    cursor.movePosition(cursor.MoveOperation.End, cursor.MoveMode.KeepAnchor)
    part.setTextCursor(cursor)
    assert part.selected_text() == "second $b$ third"
    assert part.createMimeDataFromSelection().text() == "second $b$ third"


def test_a_formula_that_cannot_be_drawn_shows_its_source_in_code_style(
    qtbot: QtBot, body: AnswerBody, theme: Theme
) -> None:
    text = show(qtbot, body, "Take $bad$ here\n\n$$\nbad\n$$")
    assert "Take $bad$ here" in text
    assert "$$\nbad\n$$" in text
    part = body.parts[0]
    assert isinstance(part, MarkdownText)
    found = part.document().find("$bad$")
    assert found.charFormat().background().color() == theme.color("code_block")


def test_a_typeset_formula_stays_while_the_text_around_it_is_written_anew(
    qtbot: QtBot, body: AnswerBody, typesetter: BoxTypesetter
) -> None:
    body.show_text("Take $a^2$", writing=True)
    qtbot.waitUntil(lambda: OBJECT in body.parts[0].document().toPlainText())  # type: ignore[union-attr]
    for word in (" and", " on", " and", " on $b$"):
        body.add_text(word)
        part = body.parts[0]
        assert isinstance(part, MarkdownText)
        assert part.document().toPlainText().startswith("Take " + OBJECT)
    qtbot.waitUntil(lambda: Formula("b") in typesetter.asked)
    assert [each.source for each in typesetter.asked] == ["a^2", "b"]


def test_a_half_written_formula_is_shown_as_source_and_not_typeset(
    qtbot: QtBot, body: AnswerBody, typesetter: BoxTypesetter
) -> None:
    body.show_text("Look:\n\n$$\nx_1 * y_1", writing=True)
    part = body.parts[0]
    assert isinstance(part, MarkdownText)
    assert "$$\nx_1 * y_1" in part.document().toPlainText()
    body.show_text("Look \\(x_1 * y_1", writing=True)
    assert "\\(x_1 * y_1" in part.document().toPlainText()
    assert typesetter.asked == []
    body.add_text("\\)")
    qtbot.waitUntil(lambda: OBJECT in part.document().toPlainText())
    assert [each.source for each in typesetter.asked] == ["x_1 * y_1"]


def test_the_row_is_told_when_a_formula_changes_its_height(qtbot: QtBot, body: AnswerBody) -> None:
    with qtbot.waitSignal(body.height_changed):
        body.show_text("$$\na\n$$", writing=False)


def test_a_formula_stands_on_the_baseline_and_has_the_colour_of_the_text(
    qtbot: QtBot, body: AnswerBody, theme: Theme
) -> None:
    show(qtbot, body, "$a$")
    part = body.parts[0]
    assert isinstance(part, MarkdownText)
    line = part.document().firstBlock().layout().lineAt(0)
    baseline = part.document().firstBlock().layout().position().y() + line.y() + line.ascent()
    image = QImage(100, 60, QImage.Format.Format_ARGB32)
    image.fill(QColor("white"))
    part.viewport().render(image)
    dark = [y for y in range(60) if image.pixelColor(3, y).lightness() < 128]
    em = 15.5 * theme.scale
    assert dark[0] == pytest.approx(baseline - 0.8 * em, abs=1.5)
    assert dark[-1] == pytest.approx(baseline + 0.2 * em, abs=1.5)
    assert image.pixelColor(3, dark[len(dark) // 2]) == theme.color("text")


def test_a_formula_wider_than_the_column_is_drawn_smaller(qtbot: QtBot, body: AnswerBody) -> None:
    show(qtbot, body, "$$\n" + "x" * 100 + "\n$$")
    part = body.parts[0]
    assert isinstance(part, MarkdownText)
    assert part.document().firstBlock().layout().lineAt(0).naturalTextWidth() <= 701


def test_footnotes_stand_where_they_are_written(qtbot: QtBot, body: AnswerBody) -> None:
    text = show(qtbot, body, "Said[^1] and[^note], not [^a-z].\n\n[^1]: https://example.com\n[^note]: A *note*.")
    assert text.split("\n") == ["Said1 andnote, not [^a-z].", "1 https://example.com", "note A note."]
    part = body.parts[0]
    assert isinstance(part, MarkdownText)
    cursor = part.document().find("1")
    assert cursor.charFormat().verticalAlignment() == QTextCharFormat.VerticalAlignment.AlignSuperScript
