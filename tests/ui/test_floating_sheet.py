"""The sheet that palette, quick note and shortcuts stand on: where it lies, and who has the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.floating_sheet import FloatingSheet


@pytest.fixture
def window(theme: Theme, qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.field = QLineEdit()  # type: ignore[attr-defined]
    QVBoxLayout(made).addWidget(made.field)  # type: ignore[attr-defined]
    qtbot.addWidget(made)
    made.setGeometry(0, 0, 800, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture(params=[None, 0.2])
def sheet(window: QWidget, theme: Theme, request: pytest.FixtureRequest) -> FloatingSheet:
    made = FloatingSheet(theme, window, width=500, height=420, from_top=request.param)
    made.content.addWidget(QLineEdit())
    return made


def middle(widget: QWidget) -> int:
    return widget.mapToGlobal(widget.rect().center()).x()


def test_it_stays_over_the_window_as_that_moves_and_shrinks(
    window: QWidget, sheet: FloatingSheet, qtbot: QtBot
) -> None:
    sheet.open_over(window)
    assert (sheet.width(), sheet.height()) == (500, 420)
    window.setGeometry(40, 60, 440, 380)
    qtbot.waitUntil(lambda: sheet.width() == 400 and abs(middle(sheet) - middle(window)) <= 1)
    assert window.geometry().contains(sheet.geometry())
    before = sheet.y()
    window.move(140, 160)
    qtbot.waitUntil(lambda: sheet.y() > before and abs(middle(sheet) - middle(window)) <= 1)


def test_it_grows_with_the_font_as_far_as_the_window_lets_it(
    window: QWidget, sheet: FloatingSheet, theme: Theme
) -> None:
    sheet.open_over(window)
    theme.set_font_size(20)
    assert sheet.width() == theme.px(500) > 500
    assert window.geometry().contains(sheet.geometry())


def test_escape_gives_the_keyboard_back(window: QWidget, sheet: FloatingSheet, qtbot: QtBot) -> None:
    field: QLineEdit = window.field  # type: ignore[attr-defined]
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    sheet.open_over(window)
    qtbot.waitUntil(sheet.isActiveWindow)
    assert not field.hasFocus()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    qtbot.waitUntil(field.hasFocus)


def test_a_closed_sheet_lets_the_window_go(window: QWidget, sheet: FloatingSheet) -> None:
    sheet.open_over(window)
    sheet.hide()
    place = sheet.geometry()
    window.resize(440, 380)
    assert sheet.geometry() == place


def test_what_is_typed_before_the_desktop_makes_it_active_is_its_own(
    window: QWidget, sheet: FloatingSheet, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    below: QLineEdit = window.field  # type: ignore[attr-defined]
    below.setFocus()
    qtbot.waitUntil(below.hasFocus)
    own = sheet.findChild(QLineEdit)
    assert isinstance(own, QLineEdit)
    sheet.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    monkeypatch.setattr(sheet, "activateWindow", lambda: None)  # a desktop that takes its time
    sheet.open_over(window)
    own.setFocus()
    assert window.isActiveWindow()
    handle = window.windowHandle()
    QTest.keyClick(handle, Qt.Key.Key_V)
    assert (own.text(), below.text()) == ("v", "")
    monkeypatch.undo()
    sheet.activateWindow()
    qtbot.waitUntil(sheet.isActiveWindow)
    window.activateWindow()  # the person's own choice, with the sheet still open
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(handle, Qt.Key.Key_W)
    assert (own.text(), below.text()) == ("v", "w")
    sheet.hide()
    QTest.keyClick(handle, Qt.Key.Key_X)
    assert (own.text(), below.text()) == ("v", "wx")


def test_a_press_on_the_window_below_gives_it_its_keys(
    window: QWidget, sheet: FloatingSheet, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    below: QLineEdit = window.field  # type: ignore[attr-defined]
    sheet.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    monkeypatch.setattr(sheet, "activateWindow", lambda: None)
    sheet.open_over(window)
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=below.geometry().center())
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_V)
    assert below.text() == "v"


def test_nothing_of_it_is_outside_its_round_corners(window: QWidget, sheet: FloatingSheet) -> None:
    """Where no compositor blends them, corners that are only transparent are black."""
    sheet.open_over(window)
    shape = sheet.outline()
    right, bottom = sheet.width() - 1, sheet.height() - 1
    for corner in (QPoint(0, 0), QPoint(right, 0), QPoint(0, bottom), QPoint(right, bottom)):
        assert not shape.contains(corner)
    for edge in (QPoint(right // 2, 0), QPoint(0, bottom // 2), QPoint(right, bottom // 2), QPoint(right // 2, bottom)):
        assert shape.contains(edge)
