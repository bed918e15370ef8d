"""Finding and replacing in the note that is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
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
