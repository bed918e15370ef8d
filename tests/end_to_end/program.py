"""The program as `app.window` puts it together, opened in the test's own process and driven by keys and buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
from desktop_app.app.window import Desk
from desktop_app.domain.conversation import Message
from desktop_app.presenters.chat import Phase
from desktop_app.ui.chat.chat_screen import ChatScreen
from desktop_app.ui.theme.theme import Theme
from tests.fakes.workers import scripted_decoder

PATIENCE_MS = 60_000
"""How long a condition may take on a machine with other work to do."""


class Program:
    """One running Inkwell. `script` puts the scripted worker in the decoder's place."""

    def __init__(
        self,
        folder: Path,
        qtbot: QtBot,
        theme: Theme,
        *,
        settings: Mapping[str, Any] | None = None,
        script: Mapping[str, object] | None = None,
    ) -> None:
        self._qtbot = qtbot
        self._closed = False
        paths = data_paths(folder, {})
        paths.create()
        self.container = Container(paths)
        for key, value in {"decoder.threads": 1, **(settings or {})}.items():
            self.container.settings_file.set(key, value)
        if script is not None:
            # The container makes each part when it is first asked for; this one is made already.
            self.container.__dict__["decoder"] = scripted_decoder(folder / "scripted", **script)
        self.desk = Desk(self.container, theme)
        self.window = self.desk.window
        self.desk.show()
        self.window.activateWindow()

    def close(self) -> None:
        """As when a person closes the window."""
        if self._closed:
            return
        self._closed = True
        self.window.close()
        self.desk.close()
        self.window.deleteLater()
        self.desk.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QApplication.processEvents()

    def until(self, condition: Callable[[], object], timeout: int = PATIENCE_MS) -> None:
        """Let the program work until `condition` holds."""
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=timeout)

    # The chat screen ----------------------------------------------------------------------------

    @property
    def chat(self) -> ChatScreen:
        """The chat screen, gone to."""
        screen = self.window.show_room("chat")
        assert isinstance(screen, ChatScreen)
        return screen

    @property
    def idle(self) -> bool:
        """True while no answer is under way anywhere."""
        return self.chat.composer.send_button.isVisible() and self.desk.tasks.idle

    @property
    def answering(self) -> bool:
        """True while the answer grows."""
        return self.phase is Phase.WRITING and len(self.messages[-1].text) > 20

    @property
    def phase(self) -> Phase:
        """Where the answer stands."""
        return self.chat._presenter.activity.phase

    @property
    def messages(self) -> list[Message]:
        """The messages in the transcript, as its rows hold them."""
        return [row.message for row in self.chat.transcript.rows]

    def model_ready(self) -> None:
        """Wait for the decoder."""
        self.until(lambda: self.container.decoder.loaded is not None)

    def send(self, text: str) -> None:
        """Write a message and press Enter."""
        edit = self.chat.composer.edit
        edit.setFocus()
        QTest.keyClicks(edit, text)
        QTest.keyClick(edit, Qt.Key.Key_Return)


Open = Callable[..., Program]
"""Opens the program on the test's own data folder, with Program's options."""


def words_in(widget: QWidget | None) -> str:
    """All that is to be read in a widget's labels and buttons."""
    if widget is None:
        return ""
    parts = [child.text() for child in widget.findChildren(QLabel) if child.isVisibleTo(widget)]
    parts += [child.text() for child in widget.findChildren(QPushButton) if child.isVisibleTo(widget)]
    return "\n".join(parts)


def press(widget: QWidget | None, words: str) -> None:
    """Press the button with these words in `widget`."""
    assert widget is not None
    (button,) = (each for each in widget.findChildren(QPushButton) if each.text() == words and each.isVisibleTo(widget))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
