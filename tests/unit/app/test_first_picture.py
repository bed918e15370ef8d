"""What is imported before the window's first picture: each module of it is paid for by every start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.app.paths import data_paths
from desktop_app.storage.store import Store

ROOT = Path(__file__).parents[3]
MOST_OWN_MODULES = 201
"""A module costs some 0.3 ms; one that the first picture does without is imported where it is used."""
START = """
import json, sys, time
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from desktop_app.__main__ import import_window

run = import_window()
from desktop_app.app.paths import data_paths
from desktop_app.ui.chat.chat_screen import ChatScreen
from desktop_app.ui.main_window import MainWindow

show = ChatScreen.showEvent

def show_slowly(screen, event):
    show(screen, event)
    time.sleep(1)

ChatScreen.showEvent = show_slowly
build = MainWindow.__init__

def watched(window, *args, **kwargs):
    def end():
        window.close()
        QApplication.quit()

    def painted():
        print(json.dumps(sorted(sys.modules)), flush=True)
        QTimer.singleShot(0, end)

    build(window, *args, **kwargs)
    window.first_painted.connect(painted)

MainWindow.__init__ = watched
run(data_paths(Path(sys.argv[1]), {}))
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """All modules there are when the window of a store that was used before has been painted.

    A second passes between its show and the picture, as on a busy computer; what waits for the picture counts from it.
    """
    paths = data_paths(tmp_path_factory.mktemp("data"), {})
    paths.create()
    store = Store.open(paths.database, backups=paths.backups)
    store.conversations.create("A chat")
    store.close()
    done = subprocess.run(
        [sys.executable, "-c", START, str(paths.data)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    modules: list[str] = json.loads(done.stdout.splitlines()[0])
    return modules


def test_the_first_picture_needs_few_modules(imported: list[str]) -> None:
    own = [name for name in imported if name.startswith("desktop_app")]
    assert len(own) <= MOST_OWN_MODULES, own


def test_the_first_picture_needs_no_models_networks_or_other_rooms(imported: list[str]) -> None:
    unneeded = (
        "asyncio",
        "ssl",
        "email",
        "importlib.metadata",
        "multiprocessing",
        "numpy",
        "markdown_it",
        "pygments",
        "desktop_app.engines",
        "desktop_app.protocol",
        "desktop_app.workers",
        "desktop_app.ui.notes",
        "desktop_app.ui.search",
        "desktop_app.ui.settings",
        "desktop_app.ui.models",
        "desktop_app.storage.notes",
        "desktop_app.ui.chat.message_rows",
    )
    assert [name for name in imported if name.startswith(unneeded)] == []
