"""The sheet of all keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ui.actions import Actions
from desktop_app.ui.shortcuts_list import ShortcutsList
from desktop_app.ui.theme.theme import Theme


@pytest.mark.parametrize("letters", [13.5, 27.0])
def test_every_key_can_be_read(actions: Actions, theme: Theme, qtbot: QtBot, letters: float) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1000, 640)
    host.show()
    theme.set_font_size(letters)
    sheet = ShortcutsList(actions, theme, host)
    qtbot.addWidget(sheet)
    sheet.open_over(host)
    area = sheet.findChild(QScrollArea)
    assert area is not None
    table = area.widget()
    assert table is not None
    qtbot.waitUntil(lambda: table.width() == area.viewport().width())
    keys = [label for label in table.findChildren(QLabel) if label.property("role") == "keys"]
    assert len(keys) > 40
    assert all(label.geometry().right() < table.width() for label in keys)
    assert all(label.width() >= label.sizeHint().width() for label in keys)


def test_a_key_is_found_by_its_action_and_an_action_by_its_key(actions: Actions, theme: Theme, qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1000, 640)
    host.show()
    sheet = ShortcutsList(actions, theme, host)
    qtbot.addWidget(sheet)
    sheet.open_over(host)
    qtbot.waitUntil(sheet.filter.hasFocus)
    area = sheet.findChild(QScrollArea)
    assert area is not None
    bar = area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    qtbot.keyClick(sheet.filter, Qt.Key.Key_PageDown)
    scrolled = bar.value()
    assert scrolled > 0
    qtbot.keyClick(sheet.filter, Qt.Key.Key_Up)
    assert bar.value() < scrolled
    for typed, found in (
        ("today", "Today's note"),
        ("ctrl shift g", "Add the suggested tag"),
        ("notes F7", "Next misspelled word"),
    ):
        sheet.filter.setText(typed)
        assert found in [label.text() for label in sheet.findChildren(QLabel) if label.isVisible()]
        assert "Chat" not in [label.text() for label in sheet.findChildren(QLabel) if label.isVisible()]
        assert (
            len(
                [
                    label
                    for label in sheet.findChildren(QLabel)
                    if label.property("role") == "keys" and label.isVisible()
                ]
            )
            == 1
        )
        assert not sheet.nothing.isVisible()
    sheet.filter.setText("teapot")
    assert sheet.nothing.isVisible()
    qtbot.keyClick(sheet.filter, Qt.Key.Key_Escape)
    assert sheet.isVisible(), "the first Esc empties the box"
    assert not sheet.nothing.isVisible()
    qtbot.keyClick(sheet.filter, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
