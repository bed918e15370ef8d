"""A process that loads libraries to see whether they can be, and ends: the command line must not load Qt itself."""

from __future__ import annotations

import ctypes
import importlib
import os
import sys


def problem_of(name: str) -> str:
    """Why a shared library (an absolute path) or a module (its name) cannot be loaded; empty where it can."""
    try:
        if os.path.isabs(name):
            ctypes.CDLL(name)
        else:
            importlib.import_module(name)
    except (OSError, ImportError) as error:
        return str(error)
    return ""


def main() -> int:
    """Load what stands on the lines of standard input; the first problem is written, and ends it with exit status 1."""
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for line in sys.stdin:
        problem = problem_of(line.rstrip("\n"))
        if problem:
            print(problem.splitlines()[0], flush=True)
            return 1
    return 0
