"""What every screen's test shares, and the rule that no test may leave a Qt warning or a logged error behind."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.read_view import ReadView
from desktop_app.ui.theme.theme import Theme
from tests.fakes.complaints import none_allowed


@pytest.fixture(autouse=True)
def no_complaints() -> Iterator[None]:
    """Fail the test at a Qt warning or a logged error."""
    with none_allowed():
        yield


@pytest.fixture(autouse=True)
def no_window_left(qapp: QApplication) -> Iterator[None]:
    """Delete what the test put on the screen: each later theme would style all of it again."""
    yield
    for window in qapp.topLevelWidgets():
        if window.parent() is None:
            window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [type(window).__name__ for window in qapp.topLevelWidgets()]
    assert not left, f"windows that cannot be deleted: {left}"


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The light theme, applied. It stays on when the test is over: taking it off would style every widget once more."""
    made = Theme("light")
    made.apply(qapp)
    yield made
    made.deleteLater()


@pytest.fixture
def actions(theme: Theme) -> Iterator[Actions]:
    """All actions."""
    made = Actions(theme)
    yield made
    made.deleteLater()


@pytest.fixture
def tasks(qapp: QApplication) -> Iterator[TaskRunner]:
    """A task runner that is closed after the test."""
    made = TaskRunner()
    yield made
    made.close()


@pytest.fixture
def read_view(theme: Theme, qtbot: QtBot) -> Iterator[ReadView]:
    """What shows a note that is read, on the screen and empty."""
    made = ReadView(theme)
    _put_on_screen(made, qtbot)
    yield made
    made.hide()


@pytest.fixture
def markdown_editor(theme: Theme, qtbot: QtBot) -> Iterator[MarkdownEditor]:
    """Where a note is written, on the screen and empty."""
    made = MarkdownEditor(theme)
    _put_on_screen(made, qtbot)
    yield made
    made.hide()


def _put_on_screen(widget: QWidget, qtbot: QtBot) -> None:
    qtbot.addWidget(widget)
    widget.resize(900, 700)
    widget.show()
    qtbot.waitExposed(widget)
