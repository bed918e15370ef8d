"""A bound on the memory of a worker."""

from __future__ import annotations

import contextlib
import importlib
import sys

from desktop_app.protocol.windows_job import limit_own_memory


def limit_memory(most: int) -> None:
    """Where the system can: more than `most` bytes of memory raise MemoryError in this process."""
    if sys.platform == "win32":
        limit_own_memory(most)
    else:
        resource = importlib.import_module("resource")
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
