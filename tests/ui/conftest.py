"""What every screen's test shares, and the rule that no test may leave a Qt warning or a logged error behind."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
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
