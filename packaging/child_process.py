"""Runs one command for the set-up: output to a log, the time on the screen, and nothing left running after Ctrl+C."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

GRACE_S = 5.0


def run_logged(
    command: Sequence[str], log_path: str, tick: Callable[[float], None], *, to_its_end: bool = False
) -> int:
    """Run `command` with its output in `log_path`, call `tick(seconds)` about once a second, return the exit code.

    When interrupted, the command and everything it started (compilers, too) is ended before KeyboardInterrupt goes on.

    Args:
        to_its_end: for what must not be cut off: the first interruption waits until the command has ended by itself.
    """
    os.makedirs(os.path.dirname(log_path), exist_ok=True)
    environment = dict(
        os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PIP_USER="0", PYTHONUNBUFFERED="1"
    )
    environment.pop("PYTHONPATH", None)
    scratch = tempfile.mkdtemp(prefix="inkwell-setup-")  # builds and unpacked wheels; gone whatever happens
    environment.update(dict.fromkeys(("TMPDIR", "TMP", "TEMP"), scratch))
    started = time.monotonic()
    with open(log_path, "wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=os.name == "posix",
        )
        try:
            try:
                return _wait(process, tick, started)
            except KeyboardInterrupt:
                if to_its_end:
                    print("\nStopping as soon as this step is whole …", flush=True)
                    process.wait()
                raise
        except BaseException:
            if process.returncode is None:
                end_with_children(process)
            raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], tick: Callable[[float], None], started: float) -> int:
    while True:
        try:
            return process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            tick(time.monotonic() - started)


def end_with_children(process: subprocess.Popen[bytes]) -> None:
    """Ask the process and its children to end, and kill what is left after a short grace."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
        process.wait()
        return
    _signal_group(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=GRACE_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()


def _signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return  # the group is gone already


@contextmanager
def interruptible() -> Iterator[None]:
    """Treat a request to end (SIGTERM) like Ctrl+C, so that children are ended in both cases."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
