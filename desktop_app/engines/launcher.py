"""Starting a worker process: its command line, its surroundings, and nothing of ours that could harm it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

import desktop_app
from desktop_app.domain.resources import is_frozen, program_command
from desktop_app.protocol.signals import HOSTS_SIGNALS
from desktop_app.protocol.windows_job import end_with_this_process

_NEVER_INHERITED = (
    "GGML_BACKEND_PATH",
    "LLAMA_CPP_LIB",
    "LLAMA_CPP_LIB_PATH",
    "LD_PRELOAD",
    "LD_AUDIT",
    "DYLD_INSERT_LIBRARIES",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONINSPECT",
    "PYTHONWARNINGS",
)
"""Variables that make a process load or run something from elsewhere."""

_ALWAYS_SET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUTF8": "1",
}

_SET_UNLESS_GIVEN = {
    # How often libgomp's threads look for each other before they sleep. Its 300,000 times are some 15 ms in which a
    # thread keeps its core from the one it waits for: beside one busy program on two cores writing took ten times as
    # long as it does with 10,000, which cost nothing that could be measured where nothing else runs.
    "GOMP_SPINCOUNT": "10000",
}


class WorkerLauncher(msgspec.Struct, frozen=True):
    """Starts workers.

    The command is `python -P -m desktop_app --worker NAME`, or `program --worker NAME` when frozen. With `-P` and a
    working folder of ours nothing is imported, and no ggml backend loaded, from wherever the program was started. The
    inherited PYTHONPATH is dropped; where the package does not lie in the interpreter's own site-packages (a checkout),
    PYTHONPATH is set to the one folder this very package was imported from.

    Attributes:
        working_folder: current directory of the workers; made (mode 0700) when missing. Nothing is kept in it.
        extra_environment: more variables, for tests.
    """

    working_folder: Path
    extra_environment: Mapping[str, str] = msgspec.field(default_factory=dict)

    def command(self, worker: str) -> list[str]:
        """The command line."""
        return [*program_command(), "--worker", worker]

    def environment(self) -> dict[str, str]:
        """This process's variables, cleaned."""
        environment = {name: value for name, value in os.environ.items() if name not in _NEVER_INHERITED}
        environment.update(_ALWAYS_SET)
        if "OMP_WAIT_POLICY" not in environment:
            environment = _SET_UNLESS_GIVEN | environment
        if is_frozen():
            # Else PyInstaller's starter takes the worker for a part of this process, whose search path of libraries
            # it would share, and which was put back for other programs (app.frozen_start).
            environment["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
        else:
            package_parent = Path(desktop_app.__file__).resolve().parent.parent
            site_folders = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
            if package_parent not in site_folders:
                environment["PYTHONPATH"] = str(package_parent)
        environment.update(self.extra_environment)
        return environment

    def launch(self, worker: str) -> subprocess.Popen[bytes]:
        """Start it with pipes on all three streams. Raises OSError.

        On Linux a worker asks to be killed when the *thread* that started it ends: call this from a thread that lives
        as long as the worker may. Windows ends it with this process.

        Signals for the whole program are the program's affair, which ends its workers itself: those have a process
        group of their own, and begin with these signals blocked (see protocol.signals).
        """
        own_group: dict[str, Any] = {"process_group": 0} if os.name == "posix" else {}
        self.working_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _hosts_signals_blocked():
            process = subprocess.Popen(
                self.command(worker),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.working_folder,
                env=self.environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                **own_group,
            )
        if sys.platform == "win32":
            end_with_this_process(int(process._handle))  # type: ignore[attr-defined]
        return process


@contextmanager
def _hosts_signals_blocked() -> Iterator[None]:
    """Blocked in this thread alone: the program's other threads hear of them meanwhile, and this one afterwards."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HOSTS_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
