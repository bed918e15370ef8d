"""What every screen's test shares, and the rule that no test may leave a Qt warning or a logged error behind."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme

#: The offscreen platform says this at every first show of a window; it means nothing.
_HARMLESS = "This plugin does not support propagateSizeHints()"


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def no_complaints(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test at a Qt warning or a logged error. `@pytest.mark.allow_errors` lifts the second half."""
    warnings: list[str] = []

    def listen(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if kind != QtMsgType.QtDebugMsg and kind != QtMsgType.QtInfoMsg and message != _HARMLESS:
            warnings.append(message)

    errors = _Errors()
    logging.getLogger().addHandler(errors)
    previous = qInstallMessageHandler(listen)
    try:
        yield
    finally:
        qInstallMessageHandler(previous)
        logging.getLogger().removeHandler(errors)
    assert not warnings, f"Qt complained: {warnings}"
    if request.node.get_closest_marker("allow_errors") is None:
        assert not errors.lines, f"errors were logged: {errors.lines}"


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
