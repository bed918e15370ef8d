"""The window, told to end by the system."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ENDED_WHILE_PAINTING = """
import os, signal, sys
from pathlib import Path
from desktop_app.__main__ import import_window

run = import_window()
from desktop_app.app.paths import data_paths
from desktop_app.ui.chat.context_meter_bar import ContextMeterBar

paint = ContextMeterBar.paintEvent

def paint_and_end(self, event):
    os.kill(os.getpid(), signal.SIGTERM)
    paint(self, event)

ContextMeterBar.paintEvent = paint_and_end
paths = data_paths(Path(sys.argv[1]), {})
paths.create()
sys.exit(run(paths))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_signal_amid_painting_closes_the_window_afterwards(tmp_path: Path) -> None:
    """Python hears it wherever it is; a window that closes while it is painted has nothing left to be painted on."""
    done = subprocess.run(
        [sys.executable, "-c", _ENDED_WHILE_PAINTING, str(tmp_path)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "QBackingStore" not in done.stderr
