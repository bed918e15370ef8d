"""Modules imported beside Qt keep their source unread."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_IMPORT = """
import linecache, sys
import PySide6.QtCore
{spared}
sys.path.insert(0, sys.argv[1])
import looked_at
print(any(name.endswith("looked_at.py") for name in linecache.cache))
"""
_SPARED = "from desktop_app.app.shiboken_sources import leave_sources_unread; leave_sources_unread()"


@pytest.mark.parametrize(
    ("spared", "read"),
    [
        pytest.param("", True, id="shiboken reads them, or there is nothing left to spare"),
        pytest.param(_SPARED, False, id="spared"),
    ],
)
def test_the_source_of_an_imported_module(tmp_path: Path, spared: str, read: bool) -> None:
    (tmp_path / "looked_at.py").write_text("VALUE = 1\n", encoding="utf-8")
    script = _IMPORT.format(spared=spared)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == [str(read)]
