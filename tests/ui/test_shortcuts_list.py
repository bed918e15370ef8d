"""The sheet of all keys."""

from __future__ import annotations

import pytest
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
