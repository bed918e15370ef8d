"""What Windows holds worker processes to."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="job objects are Windows' own")

_HOST = """
import os, subprocess, sys
from desktop_app.protocol.windows_job import end_with_this_process
deaf = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
assert end_with_this_process(int(deaf._handle))
print(deaf.pid, flush=True)
sys.stdin.read()
"""
_LIMITED = """
from desktop_app.protocol.windows_job import limit_own_memory
assert limit_own_memory(300 * 1024**2)
bytearray(50 * 1024**2)
try:
    bytearray(600 * 1024**2)
except MemoryError:
    print("refused")
"""


def _is_wine() -> bool:
    if sys.platform != "win32":
        return False
    return hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


_ROOT = Path(__file__).resolve().parents[3]


def test_a_worker_that_hears_nothing_ends_with_a_killed_host() -> None:
    host = subprocess.Popen(
        [sys.executable, "-c", _HOST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT, text=True
    )
    assert host.stdout is not None
    worker = psutil.Process(int(host.stdout.readline()))
    assert worker.is_running()
    host.kill()
    host.wait()
    worker.wait(timeout=10)


@pytest.mark.skipif(_is_wine(), reason="Wine takes the limit and does not hold it")
def test_more_memory_than_allowed_is_not_given() -> None:
    done = subprocess.run([sys.executable, "-c", _LIMITED], cwd=_ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "refused"
