"""Where Tab goes: in the order of what is seen, out of a text, too."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ChipButton, TextButton, long_text_editor
from desktop_app.ui.widgets.flow_row import FlowRow


def house_of(qtbot: QtBot, *widgets: QWidget) -> QWidget:
    house = QWidget()
    qtbot.addWidget(house)
    column = QVBoxLayout(house)
    for widget in widgets:
        column.addWidget(widget)
    house.resize(500, 300)
    house.show()
    house.activateWindow()
    qtbot.waitUntil(house.isActiveWindow)
    return house


def test_what_is_made_later_comes_where_it_stands(theme: Theme, qtbot: QtBot) -> None:
    first, row, last = TextButton("First"), FlowRow(), TextButton("Last")
    house = house_of(qtbot, first, row, last)
    chips = [ChipButton("one"), ChipButton("two")]
    row.set_widgets(chips)
    chips.append(ChipButton("three"))
    row.set_widgets(chips[1:])
    first.setFocus()
    gone_to: list[QWidget | None] = []
    for _ in range(3):
        qtbot.keyClick(house.focusWidget(), Qt.Key.Key_Tab)
        gone_to.append(house.focusWidget())
    assert gone_to == [chips[1], chips[2], last]


@pytest.mark.parametrize("leaves", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.MetaModifier])
def test_a_text_is_left_by_keys_in_both_directions(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, leaves: Qt.KeyboardModifier
) -> None:
    """On macOS by the control key, which Qt calls Meta."""
    monkeypatch.setattr(long_text_editor, "_KEY_THAT_LEAVES", leaves)
    before, editor, behind = TextButton("Before"), MarkdownEditor(theme), TextButton("Behind")
    house = house_of(qtbot, before, editor, behind)
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Tab, leaves)
    assert house.focusWidget() is behind
    editor.setFocus()
    keys = leaves | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(editor, Qt.Key.Key_Backtab, keys)
    assert before.hasFocus()
    assert editor.toPlainText() == ""
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.hasFocus()
    assert editor.toPlainText() == "\t"
