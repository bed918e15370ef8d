"""A bound on the memory of a worker."""

from __future__ import annotations

import contextlib
import importlib
import sys


def limit_memory(most: int) -> None:
    """Where the system can: more than `most` bytes of memory raise MemoryError in this process."""
    if sys.platform != "win32":
        resource = importlib.import_module("resource")
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
