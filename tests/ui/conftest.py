"""What every screen's test shares, and the rule that no test may leave a Qt warning or a logged error behind."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

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


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The light theme, applied."""
    made = Theme("light")
    made.apply(qapp)
    yield made
    qapp.setStyleSheet("")
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
