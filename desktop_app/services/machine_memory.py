"""How much memory this computer, or the container the program runs in, can still give."""

from __future__ import annotations

from pathlib import Path

import msgspec

_CGROUP = Path("/sys/fs/cgroup")


class MachineMemory(msgspec.Struct, frozen=True):
    """Bytes installed and available now; both 0 where they cannot be told."""

    installed: int
    available: int


def read_machine_memory(cgroup: Path = _CGROUP) -> MachineMemory:
    """Memory of the machine, cut to the limit of the container (Linux control group, version 2) where there is one."""
    import psutil  # type: ignore[import-untyped,unused-ignore]

    try:
        memory = psutil.virtual_memory()
    except (OSError, RuntimeError):
        return MachineMemory(0, 0)
    limit, used = _number(cgroup / "memory.max"), _number(cgroup / "memory.current")
    installed, available = int(memory.total), int(memory.available)
    if limit and limit < installed:
        return MachineMemory(limit, max(0, min(available, limit - used)))
    return MachineMemory(installed, available)


def _number(path: Path) -> int:
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return 0
    return int(text) if text.isdigit() else 0
