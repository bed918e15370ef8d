"""Finding and replacing in the note that is written."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.editor_text import encode
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.text_find_bar import TextFindBar

TEXT = "Ink and ink\n\nmore INK, 𝄞 ink"


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> Iterator[TextFindBar]:
    page = QWidget()
    editor = MarkdownEditor(theme)
    made = TextFindBar(editor, theme, "Find…", "Find")
    layout = QVBoxLayout(page)
    layout.addWidget(made)
    layout.addWidget(editor)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitExposed(page)
    editor.show_text(encode(TEXT))
    yield made
    page.close()


def test_places_are_counted_and_gone_through_in_a_circle(bar: TextFindBar, qtbot: QtBot) -> None:
    bar.open_bar(replacing=False)
    assert not bar.other.isVisible()
    QTest.keyClicks(bar.line, "ink")
    qtbot.waitUntil(lambda: bar.count.text() == "4 places")
    said = []
    for _ in range(5):
        QTest.keyClick(bar.line, Qt.Key.Key_Return)
        said.append(bar.count.text())
    assert said == ["1 of 4", "2 of 4", "3 of 4", "4 of 4", "1 of 4"]
    QTest.keyClick(bar.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert bar.count.text() == "4 of 4"
    bar.line.setText("quill")
    qtbot.waitUntil(lambda: bar.count.text() == "Not found")
    QTest.keyClick(bar.line, Qt.Key.Key_Escape)
    assert bar.isHidden()
    assert bar._editor.hasFocus()


@pytest.mark.parametrize(
    ("text", "wanted", "said"),
    [
        ("Straße", "ss", "Not found"),
        ("Straße", "ß", "1 of 1"),
        ("İstanbul, İzmir", "İz", "1 of 1"),
        ("a\u00a0b", "a b", "1 of 1"),
    ],
)
def test_what_is_counted_is_what_can_be_gone_to(
    bar: TextFindBar, qtbot: QtBot, text: str, wanted: str, said: str
) -> None:
    bar._editor.show_text(encode(text))
    bar.open_bar(replacing=False)
    bar.line.setText(wanted)
    bar.step(1)
    assert bar.count.text() == said


def test_one_place_is_replaced_after_the_other(bar: TextFindBar) -> None:
    bar.open_bar(replacing=True)
    bar.line.setText("ink")
    bar.other.setText("tint")
    bar.replace()  # nothing is selected yet: goes to the first place
    assert bar._editor.display_text() == TEXT
    QTest.keyClick(bar.other, Qt.Key.Key_Return)
    QTest.keyClick(bar.other, Qt.Key.Key_Return)
    assert bar._editor.display_text() == "tint and tint\n\nmore INK, 𝄞 ink"


def test_all_places_are_replaced_in_one_step(bar: TextFindBar) -> None:
    bar.open_bar(replacing=True)
    bar.line.setText("ink")
    bar.other.setText("inkink")
    bar.replace_all()
    assert bar._editor.display_text() == "inkink and inkink\n\nmore inkink, 𝄞 inkink"
    assert bar.count.text() == "4 replaced"
    bar._editor.undo()
    assert bar._editor.display_text() == TEXT


def test_what_is_selected_is_looked_for(bar: TextFindBar, qtbot: QtBot) -> None:
    bar._editor.select_place(13, 17)
    bar.open_bar(replacing=False)
    assert bar.line.text() == "more"
    qtbot.waitUntil(lambda: bar.count.text() == "1 of 1")


ALT = Qt.KeyboardModifier.AltModifier


def places(bar: TextFindBar) -> list[str]:
    """Every place that F3 goes to, once round."""
    found: list[tuple[int, int]] = []
    bar._editor.moveCursor(QTextCursor.MoveOperation.Start)
    while True:
        bar.step(1)
        cursor = bar._editor.textCursor()
        place = (cursor.selectionStart(), cursor.selectionEnd())
        if place in found or place[0] == place[1]:
            break
        found.append(place)
    text = bar._editor.display_text().encode("utf-16-le")
    return [text[2 * start : 2 * end].decode("utf-16-le") for start, end in found]


@pytest.mark.parametrize(
    ("keys", "wanted", "found"),
    [
        ("", "ink", ["Ink", "ink", "INK", "ink"]),
        ("C", "ink", ["ink", "ink"]),
        ("W", "in", []),
        ("W", "ink", ["Ink", "ink", "INK", "ink"]),
        ("CW", "INK", ["INK"]),
        ("R", r"i.k\b", ["Ink", "ink", "INK", "ink"]),
        ("R", "^ink", ["Ink"]),
        ("R", "ink$", ["ink", "ink"]),
        ("CR", "[A-Z]+", ["I", "INK"]),
        ("R", "x*", []),
        ("C", "i.k", []),
        ("R", "(?<=𝄞 )ink", ["ink"]),
    ],
)
def test_case_whole_words_and_expressions(bar: TextFindBar, keys: str, wanted: str, found: list[str]) -> None:
    bar.open_bar(replacing=False)
    for key in keys:
        QTest.keyClick(bar.line, getattr(Qt.Key, f"Key_{key}"), ALT)
    bar.line.setText(wanted)
    assert places(bar) == found
    bar.step(1)
    assert bar.count.text() == (f"2 of {len(found)}" if len(found) > 1 else "1 of 1" if found else "Not found")
    if len(found) > 1:
        bar.step(-1)
        bar.step(-1)
        assert bar.count.text() == f"{len(found)} of {len(found)}", "round the other way"


def test_a_switch_that_is_pressed_counts_anew(bar: TextFindBar, qtbot: QtBot) -> None:
    bar.open_bar(replacing=False)
    bar.line.setText("ink")
    qtbot.waitUntil(lambda: bar.count.text() == "4 places")
    bar.options.case.click()
    qtbot.waitUntil(lambda: bar.count.text() == "2 places")


def test_an_expression_that_is_none_is_told_and_replaces_nothing(bar: TextFindBar, qtbot: QtBot) -> None:
    bar.open_bar(replacing=True)
    bar.options.pattern.click()
    bar.line.setText("(ink")
    qtbot.waitUntil(lambda: bar.count.text() == "Not an expression")
    assert bar.count.toolTip()
    bar.step(1)
    bar.replace()
    bar.replace_all()
    assert bar._editor.display_text() == TEXT


def test_an_expression_replaces_with_its_groups_in_one_step(bar: TextFindBar) -> None:
    bar.open_bar(replacing=True)
    bar.options.pattern.click()
    bar.line.setText(r"(\w+) and (\w+)")
    bar.other.setText("$2 or $1")
    bar.replace()
    bar.replace()
    assert bar._editor.display_text() == "ink or Ink\n\nmore INK, 𝄞 ink"
    bar.line.setText(r"(i)(n)")
    bar.other.setText("$2$1$1")
    bar.replace_all()
    assert bar._editor.display_text() == "niik or nIIk\n\nmore NIIK, 𝄞 niik"
    bar._editor.undo()
    assert bar._editor.display_text() == "ink or Ink\n\nmore INK, 𝄞 ink"


def test_whole_words_are_replaced_as_they_are_written(bar: TextFindBar) -> None:
    bar._editor.show_text(encode("ink inkwell ink"))
    bar.open_bar(replacing=True)
    bar.options.words.click()
    bar.line.setText("ink")
    bar.other.setText("$0 \\n")
    bar.replace_all()
    assert bar._editor.display_text() == "$0 \\n inkwell $0 \\n"


def test_an_expression_without_an_end_holds_nothing_up(bar: TextFindBar) -> None:
    bar._editor.show_text(encode("\n".join(["a" * 40 + "!"] * 2_000)))
    bar.open_bar(replacing=False)
    bar.options.pattern.click()
    began = time.monotonic()
    bar.line.setText("(a+)+$")
    bar._show_count()
    assert not bar.count.text()
    bar.step(1)
    assert bar.count.text() == "Takes too long"
    bar.step(-1)
    bar.other.setText("gone")
    bar.replace_all()
    assert bar.count.text() == "Takes too long"
    assert time.monotonic() - began < 20, "all of it would take minutes"
    assert "gone" not in bar._editor.display_text()


def test_an_expression_that_is_slow_at_each_place_of_one_line_holds_nothing_up(bar: TextFindBar) -> None:
    bar._editor.show_text(encode(("a" * 14 + "c z ") * 8_000))
    bar.open_bar(replacing=True)
    bar.options.pattern.click()
    bar.other.setText("y")
    began = time.monotonic()
    bar.line.setText("(a+)+b|z")
    bar._show_count()
    assert bar.count.text().endswith(" places and more")
    bar.step(1)
    assert bar._editor.textCursor().selectedText() == "z"
    bar.replace_all()
    assert bar.count.text() == "Takes too long"
    assert "y" not in bar._editor.display_text()
    assert time.monotonic() - began < 12, "all of it would take a minute"


def test_an_expression_that_is_slow_between_two_places_of_a_line_holds_nothing_up(bar: TextFindBar) -> None:
    bar._editor.show_text(encode(("a" * 22 + "c ") * 400 + "z"))
    bar.open_bar(replacing=True)
    bar.options.pattern.click()
    began = time.monotonic()
    bar.line.setText("(a+)+b|z")
    bar.step(1)
    assert bar.count.text() == "Takes too long"
    assert time.monotonic() - began < 5, "half a minute"


def test_the_place_that_is_selected_is_replaced_however_far_down_its_line_it_stands(bar: TextFindBar) -> None:
    bar._editor.show_text(encode(("a" * 22 + "c ") * 200 + "z"))
    bar.open_bar(replacing=True)
    bar.options.pattern.click()
    bar.line.setText("((a+)+b)|(z)")
    bar.other.setText("<$3>")
    cursor = bar._editor.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.End)
    cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor)
    bar._editor.setTextCursor(cursor)
    bar.replace()
    assert bar._editor.display_text().endswith("c <z>")


def test_the_switches_go_below_where_there_is_no_room(bar: TextFindBar, qtbot: QtBot) -> None:
    bar.open_bar(replacing=False)
    page = bar.parentWidget()
    assert page is not None
    page.resize(1_000, 400)
    qtbot.waitUntil(lambda: bar.options.y() < bar.line.geometry().bottom())
    page.resize(400, 400)
    qtbot.waitUntil(lambda: bar.options.y() > bar.line.geometry().bottom())
    assert bar.line.width() > 150
