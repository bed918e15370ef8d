"""A real window on a data folder of its own, driven to a state and photographed in both themes and both sizes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QEventLoop, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
from desktop_app.app.window import Desk
from desktop_app.domain.generation import WorkerPhase
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.ui.theme.theme import Theme

SIZES = ((1440, 900), (1000, 640))
MODES = ("light", "dark")
LOOK_MS = 20

T = TypeVar("T", bound=QObject)
Condition = Callable[[], object]


class StageError(Exception):
    """A state did not come about, or did not last."""


class Camera:
    """Where pictures go."""

    def __init__(self, folder: Path, app: QApplication) -> None:
        self.folder = folder
        self.app = app
        self.taken: list[Path] = []

    def save(self, picture: QPixmap, name: str) -> None:
        """Write one picture as PNG."""
        path = self.folder / f"{name}.png"
        if not picture.save(str(path)):
            raise StageError(f"{path} could not be written")
        self.taken.append(path)


class Stage:
    """One running Inkwell.

    `script` replaces the chat model's process with the scripted one (see workers.scripted_worker.Script); `settings`
    are set and `prepare` fills the data folder before the window opens.
    """

    def __init__(
        self,
        camera: Camera,
        folder: Path,
        *,
        script: dict[str, object] | None = None,
        settings: dict[str, object] | None = None,
        prepare: Callable[[Container], object] | None = None,
    ) -> None:
        self._camera = camera
        self.folder = folder
        paths = data_paths(folder, {})
        paths.create()
        self.container = Container(paths)
        if script is not None:
            launcher = WorkerLauncher(folder / "scripted", {"INKWELL_SCRIPT": json.dumps(script)})
            # The container makes each part when it is first asked for; this one is made already.
            self.container.__dict__["decoder"] = DecoderProcess(launcher, worker="scripted")
        for key, value in (settings or {}).items():
            self.container.settings_file.set(key, value)
        if prepare is not None:
            prepare(self.container)
        self.theme = Theme(MODES[0])  # one for each window: nothing of an earlier one listens to it
        self.theme.apply(camera.app)
        self.desk = Desk(self.container, self.theme)
        self.window = self.desk.window
        self.window.resize(*SIZES[0])
        self.desk.show()

    def close(self) -> None:
        """End the program."""
        for sheet in self._sheets():
            sheet.close()
        self.window.hide()
        self.desk.close()
        self.window.deleteLater()
        self.desk.deleteLater()
        QApplication.processEvents()

    # Driving ------------------------------------------------------------------------------------

    def presenter(self, kind: type[T]) -> T:
        """The presenter of that kind; its screen must have been shown."""
        found = self.desk.screens.findChild(kind)
        if not isinstance(found, kind):
            raise StageError(f"there is no {kind.__name__} yet")
        return found

    def screen(self, room: str) -> Any:
        """Go to a room; its screen."""
        return self.window.show_room(room)

    def until(self, condition: Condition, what: str, seconds: float = 240.0) -> None:
        """Let the program work until `condition` holds. Raises StageError after `seconds`."""
        if not run_until(condition, seconds):
            raise StageError(f"waited {seconds:.0f} s in vain: {what}")

    def write(self, widget: QWidget, text: str) -> None:
        """Type into a widget."""
        widget.setFocus()
        QTest.keyClicks(widget, text)

    def press(self, widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier | None = None) -> None:
        """Press a key."""
        QTest.keyClick(widget, key, modifiers or Qt.KeyboardModifier.NoModifier)

    def send(self, text: str) -> None:
        """Write a message and send it. Long ones stand there at once: pasted, they would become an attachment."""
        composer = self.screen("chat").composer
        composer.set_draft("")
        if len(text) > 200:
            composer.edit.setPlainText(text)
        else:
            self.write(composer.edit, text)
        self.press(composer.edit, Qt.Key.Key_Return)

    # Pictures -----------------------------------------------------------------------------------

    def shoot(
        self,
        name: str,
        *,
        sheet: QWidget | None = None,
        lasting: Condition | None = None,
        sizes: Sequence[tuple[int, int]] = SIZES,
    ) -> None:
        """Photograph the window in every theme and in each of `sizes`, with `sheet` over it.

        `lasting` must still hold after each picture: else it shows something other than its name says.
        """
        for width, height in sizes:
            self.window.resize(width, height)
            for mode in MODES:
                self.theme.set_mode(mode)
                picture = self._still_picture()
                if sheet is not None:
                    picture = self._with_sheet(picture, sheet)
                if lasting is not None and not lasting():
                    raise StageError(f"{name} was over before its picture was taken")
                self._camera.save(picture, f"{name}-{mode}-{width}x{height}")
        self.window.resize(*SIZES[0])
        self.theme.set_mode(MODES[0])
        QApplication.processEvents()

    def _still_picture(self, seconds: float = 0.6) -> QPixmap:
        """The window once two pictures in a row are equal; what keeps moving is taken as it is."""
        deadline = time.monotonic() + seconds
        before = self.window.grab()
        while time.monotonic() < deadline:
            run_until(lambda: False, 0.06)
            now = self.window.grab()
            if now.toImage() == before.toImage():
                return now
            before = now
        return before

    def _with_sheet(self, picture: QPixmap, sheet: QWidget) -> QPixmap:
        """The picture with a dialog in its place over it, as a desktop would show them."""
        sheet.resize(sheet.width(), min(sheet.height(), self.window.height() - 40))
        QApplication.processEvents()
        corner = QPoint((self.window.width() - sheet.width()) // 2, (self.window.height() - sheet.height()) // 2)
        both = QPixmap(picture)
        painter = QPainter(both)
        painter.fillRect(both.rect(), QColor(0, 0, 0, 40))
        painter.drawPixmap(corner, sheet.grab())
        painter.end()
        return both

    def _sheets(self) -> list[QWidget]:
        return [widget for widget in self.window.findChildren(QWidget) if widget.isWindow() and widget.isVisible()]


def run_until(condition: Condition, seconds: float) -> bool:
    """Run the event loop until `condition` holds; false when it did not within `seconds`.

    A real loop sleeps between events, so that the models have the processor, and deletes widgets that were let go.
    """
    if condition():
        return True
    deadline = time.monotonic() + seconds
    loop, look = QEventLoop(), QTimer()
    held = False

    def look_again() -> None:
        nonlocal held
        held = bool(condition())  # asked once more after the loop, a moment's truth such as "idle" may be over
        if held or time.monotonic() > deadline:
            loop.quit()

    look.timeout.connect(look_again)
    look.start(LOOK_MS)
    loop.exec()
    return held


@contextmanager
def playing(camera: Camera, folder: Path, prepare: Callable[[Container], object] | None = None) -> Iterator[Stage]:
    """A stage that ends with the scene, however that ends."""
    stage = Stage(camera, folder, prepare=prepare)
    try:
        yield stage
    finally:
        end(stage)


def end(stage: Stage) -> None:
    """Close a stage whatever state a failed scene left it in."""
    with suppress(RuntimeError):  # its widgets may be gone already
        stage.close()


def decoder_ready(stage: Stage) -> None:
    """Wait for the chat model."""
    stage.screen("chat")
    stage.until(lambda: stage.container.decoder.status.phase is WorkerPhase.READY, "the chat model")
