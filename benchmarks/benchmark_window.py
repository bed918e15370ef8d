"""The real window, driven by a benchmark."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
from desktop_app.app.window import Desk
from desktop_app.domain.generation import WorkerPhase
from desktop_app.presenters.chat import ChatPresenter, Phase
from desktop_app.ui.theme.theme import Theme

_LOOK_MS = 100


class BenchmarkWindow:
    """The program on an empty data folder, its chat model loaded, showing the chat."""

    def __init__(self, folder: Path, prepare: Callable[[Container], None]) -> None:
        """`prepare` changes settings, or parts, before the window is made."""
        app = QApplication.instance() or QApplication([])
        assert isinstance(app, QApplication)
        paths = data_paths(folder, {})
        paths.create()
        self.container = Container(paths)
        prepare(self.container)
        theme = Theme("light")
        theme.apply(app)
        self.desk = Desk(self.container, theme)
        self.desk.window.resize(1440, 900)
        self.desk.show()
        self.screen: Any = self.desk.window.show_room("chat")
        presenter = self.desk.screens.findChild(ChatPresenter)
        assert presenter is not None
        self.presenter = presenter
        self.turn_until(lambda: self.container.decoder.status.phase is WorkerPhase.READY)
        # What a start brings with it (welcome notes, their index) is over before anything is measured.
        self.turn_until(lambda: any("indexed" in text for text in self.desk.window.status_bar.texts))

    def turn_until(self, condition: Callable[[], object]) -> None:
        """Run the event loop until `condition` holds, looked at ten times a second."""
        loop, timer = QEventLoop(), QTimer()
        timer.timeout.connect(lambda: loop.quit() if condition() else None)
        timer.start(_LOOK_MS)
        if not condition():
            loop.exec()

    def turn_for(self, seconds: float) -> None:
        """Run the event loop for a while."""
        deadline = time.monotonic() + seconds
        self.turn_until(lambda: time.monotonic() >= deadline)

    def send(self, text: str = "Write a lot") -> None:
        """Ask, and wait until the answer is being written."""
        QTest.keyClicks(self.screen.composer.edit, text)
        QTest.keyClick(self.screen.composer.edit, Qt.Key.Key_Return)
        self.turn_until(lambda: self.presenter.activity.phase is Phase.WRITING)

    def close(self) -> None:
        """End the program."""
        self.desk.window.close()
        self.desk.close()
