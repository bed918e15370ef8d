"""A worker of low priority leaves the processor to other programs, by the means of the system it runs on."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from desktop_app.workers import worker_runtime

_NICE = "import os; from desktop_app.workers.worker_runtime import _give_way; _give_way(7); print(os.nice(0))"


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
    worker_runtime._give_way(19)
    assert given == ["below normal"]
