"""Names of lease holders, from which it can be told that a holder is gone.

A name says process, when that process started, machine and boot, and something random. A number of a process that was
given again is told by the start. Of a process on another machine, in another container or of an unknown name nothing is
known: its lease runs out.
"""

from __future__ import annotations

import os
import platform
import sys
import uuid
from pathlib import Path

_ON_LINUX = sys.platform == "linux"
_PROC = Path("/proc")
_ENDED_STATES = ("Z", "X")
"""A killed process whose parent has not asked for its end yet still has its number."""


def this_process() -> str:
    """A new name for a holder in this process."""
    return f"{os.getpid()} {_start(os.getpid())} {_machine()} {uuid.uuid4().hex[:8]}"


def has_ended(name: str) -> bool:
    """True where the holder's process is surely gone."""
    parts = name.split()
    if len(parts) != 4 or not parts[0].isdigit() or not parts[1] or parts[2] != _machine():
        return False
    start = _start(int(parts[0]))
    return start is not None and start != parts[1]


def _machine() -> str:
    """This machine since it started, and the numbers its processes have (a container has its own)."""
    if _ON_LINUX:
        try:
            boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
            return f"{boot}/{os.readlink(_PROC / 'self/ns/pid')}"
        except OSError:
            pass  # a system that hides them
    return "".join(platform.node().split()) or "unknown"


def _start(process: int) -> str | None:
    """When the process started, in the system's own counting; "ended" for none, None where that cannot be told."""
    return _start_on_linux(process) if _ON_LINUX else _start_elsewhere(process)


def _start_on_linux(process: int) -> str | None:
    try:
        line = (_PROC / str(process) / "stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return "ended" if (_PROC / "self").exists() else None
    except OSError:
        return None
    # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name, in brackets, may hold brackets itself.
    fields = line.rpartition(")")[2].split()
    return "ended" if fields[0] in _ENDED_STATES else fields[19]


def _start_elsewhere(process: int) -> str | None:
    import psutil  # type: ignore[import-untyped]

    try:
        found = psutil.Process(process)
        return "ended" if found.status() == psutil.STATUS_ZOMBIE else f"{found.create_time():.2f}"
    except psutil.NoSuchProcess:
        return "ended"
    except psutil.Error:
        return None
