"""A worker of low priority leaves the processor to other programs, by the means of the system it runs on."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from desktop_app.workers import priority

_NICE = "import os; from desktop_app.workers.priority import sink_own_process; sink_own_process(7); print(os.nice(0))"


@pytest.mark.skipif(not hasattr(os, "nice"), reason="POSIX")
def test_it_is_nice() -> None:
    before = os.nice(0)
    done = subprocess.run([sys.executable, "-c", _NICE], capture_output=True, text=True, check=True)
    assert int(done.stdout) == min(19, before + 7)


def test_where_no_process_can_be_nice_it_gets_a_lower_class(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    process = SimpleNamespace(nice=given.append)
    windows = SimpleNamespace(Process=lambda: process, BELOW_NORMAL_PRIORITY_CLASS="below normal")
    monkeypatch.delattr(os, "nice", raising=False)
    monkeypatch.setitem(sys.modules, "psutil", windows)
    priority.sink_own_process(19)
    assert given == ["below normal"]


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS tells no class of service")
def test_a_thread_sinks_alone() -> None:
    """On Windows as it tells its priority, on Linux as the system has it."""
    told: list[int] = []

    def sink() -> None:
        priority.sink_own_thread()
        told.append(_own_priority())

    before = _own_priority()
    thread = threading.Thread(target=sink)
    thread.start()
    thread.join()
    assert told == [-2 if sys.platform == "win32" else 19]
    assert _own_priority() == before


def _own_priority() -> int:
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentThread.restype = ctypes.c_void_p
        kernel.GetThreadPriority.argtypes = [ctypes.c_void_p]
        return int(kernel.GetThreadPriority(kernel.GetCurrentThread()))
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
