"""Nothing that Linux alone has is needed to import the program and to keep notes: a stand-in for other systems."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems are themselves")
@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_the_rooms_without_a_window_work_without_what_linux_alone_has(platform: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.architecture.other_system_probe", platform, str(tmp_path)],
        cwd=ROOT,
        env=dict(os.environ) | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    modules, end = done.stdout.split()
    assert int(modules) > 300
    assert end == "done"
