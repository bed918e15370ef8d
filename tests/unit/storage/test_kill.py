"""What was acknowledged is there after a kill, and each acknowledgement comes after the data reached the disk."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.storage.store import Store

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")

_SAVE = """
def save(folder, acknowledge, times):
    store = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups")
    note = store.notes.create("first", "0")
    for number in times:
        if number % 3:
            store.notes.save(note.id, title="first", text=f"{number} " + "x" * (number % 50) * 200)
        else:
            note = store.notes.create(f"note {number}", str(number))
        os.write(acknowledge, f"{note.id} {number}\\n".encode())
"""
_IMPORTS = """
import itertools, os, sys
from pathlib import Path
from desktop_app.storage.store import Store
"""
_PARENT = f"""{_IMPORTS}
{_SAVE}
folder = Path(sys.argv[1])
for line in sys.stdin:
    child = os.fork()
    if not child:
        acknowledge = os.open(line.strip(), os.O_WRONLY)
        os.write(acknowledge, f"{{os.getpid()}}\\n".encode())
        save(folder, acknowledge, itertools.count(1))
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


class Savers:
    """Processes that save until they are killed, one after the other, forked by one that has all imported already."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._said = folder / "acknowledged"
        os.mkfifo(self._said)
        self._parent = subprocess.Popen(
            [sys.executable, "-c", _PARENT, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def kill_at(self, acknowledgements: int) -> list[tuple[int, int]]:
        """Let a process save until it acknowledged so many times, kill it, and return all it acknowledged."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        print(self._said, file=self._parent.stdin, flush=True)
        with self._said.open(encoding="ascii") as said:
            child = int(said.readline())
            lines = [said.readline() for _ in range(acknowledgements)]
            os.kill(child, signal.SIGKILL)
            lines += re.findall(r".*\n", said.read())
        assert self._parent.stdout.readline() == "gone\n"
        return [(int(note), int(number)) for note, number in (line.split() for line in lines if line.strip())]

    def close(self) -> None:
        """End the process that forks."""
        self._parent.communicate(timeout=30)


@pytest.fixture
def savers(tmp_path: Path) -> Iterator[Savers]:
    made = Savers(tmp_path)
    yield made
    made.close()


def _check(points: list[int], savers: Savers, folder: Path) -> None:
    for point in points:
        acknowledged = savers.kill_at(point)
        assert len(acknowledged) >= point
        store = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups")
        assert store.open_report.damaged_copy is None
        newest = dict(acknowledged)
        for note_id, number in newest.items():
            assert int(store.notes.get(note_id).text.split()[0]) >= number
        assert store.integrity_check() == []
        store.close()


def test_acknowledged_saves_survive_a_kill(savers: Savers, tmp_path: Path) -> None:
    _check([1 + (point * 13) % 60 for point in range(20)], savers, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_acknowledged_saves_survive_a_kill_at_two_hundred_points(savers: Savers, tmp_path: Path) -> None:
    _check([1 + (point * 37) % 211 for point in range(200)], savers, tmp_path)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_every_acknowledgement_comes_after_a_sync(tmp_path: Path) -> None:
    log = tmp_path / "calls"
    code = f"{_IMPORTS}{_SAVE}save(Path(sys.argv[1]), 1, range(1, 21))"
    command = ["strace", "-f", "-e", "trace=fsync,fdatasync,write", "-o", str(log)]
    done = subprocess.run(
        [*command, sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        check=False,
        timeout=60,
    )
    if done.returncode != 0 and "ptrace" in done.stderr.decode():
        pytest.skip("tracing is not allowed here")
    synced = False
    acknowledged = 0
    for line in log.read_text().splitlines():
        if "sync(" in line or "sync resumed" in line:
            synced = True
        elif re.search(r"write\(1, \"\d+ \d+", line):
            assert synced, line
            synced = False
            acknowledged += 1
    assert acknowledged == 20
