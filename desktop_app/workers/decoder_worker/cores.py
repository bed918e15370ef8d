"""Which cores of this machine there are for the decoder."""

from __future__ import annotations

import os
from pathlib import Path


def default_threads() -> int:
    """Physical cores this process may use: more threads than cores slow llama.cpp down."""
    allowed = _allowed_cores()
    usable = min(allowed, _cgroup_cores() or allowed)
    cores = _physical_cores()
    return max(1, min(usable, cores) if cores > 1 else usable)


def _physical_cores() -> int:
    """Physical cores of the machine; 0 where unknown."""
    import psutil  # type: ignore[import-untyped]

    return psutil.cpu_count(logical=False) or 0


def _cgroup_cores() -> int:
    """Cores a container's quota is worth; 0 without a quota."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        return 0
    return 0 if quota == "max" else max(1, round(int(quota) / int(period)))


def whole_machine() -> int:
    """Logical cores of the machine; 0 where this process may not use them all, by its affinity or a quota."""
    cores = os.cpu_count() or 0
    return 0 if _allowed_cores() != cores or _cgroup_cores() else cores


def _allowed_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
