"""The whole program on an empty data folder, without models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Never

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.app.container import Container
from desktop_app.app.paths import DataPaths
from desktop_app.app.window import Desk
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import WorkerStartError
from desktop_app.ui.theme.theme import Theme

NO_MODEL = "No model in this test."


def no_model(_cancel: CancelToken | None = None) -> Never:
    """Loads nothing, in place of what loads a model."""
    raise WorkerStartError(NO_MODEL)


class EmptyProgram:
    """Its window is shown, and the welcome notes are there. `close` before the test ends."""

    def __init__(self, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        paths = DataPaths(folder / "data", folder / "data", folder / "cache", folder / "run")
        paths.create()
        self._qtbot = qtbot
        self.container = Container(paths)
        monkeypatch.setattr(self.container.session, "ensure_decoder", no_model)
        monkeypatch.setattr(self.container.session, "ensure_encoder", no_model)
        self.desk = Desk(self.container, Theme("light"))
        self.actions = self.desk.actions
        self.window = self.desk.window
        self.desk.show()
        self.until(self.container.note_parts.welcome.present)
        self.settle()

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for it."""
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=10_000)

    def settle(self) -> None:
        """Wait until no task runs."""
        self.until(lambda: self.desk.tasks.idle)

    def close(self) -> None:
        """End the program."""
        self.window.close()
        self.desk.close()
