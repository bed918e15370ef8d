"""What was acknowledged is there after a kill, and each acknowledgement comes after the data reached the disk."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.storage.store import Store

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")

_CHILD = """
import os, sys
from pathlib import Path
from desktop_app.storage.store import Store
store = Store.open(Path(sys.argv[1]), backups=Path(sys.argv[2]))
note = store.notes.create("first", "0")
number = 0
while True:
    number += 1
    if number % 3:
        store.notes.save(note.id, title="first", text=f"{number} " + "x" * (number % 50) * 200)
    else:
        note = store.notes.create(f"note {number}", str(number))
    os.write(1, f"{note.id} {number}\\n".encode())
"""


def _kill_at(acknowledgements: int, database: Path, backups: Path) -> list[tuple[int, int]]:
    """Let a process save until it acknowledged so many times, kill it, and return all it acknowledged."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(database), str(backups)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(acknowledgements)]
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read()
    child.wait(30)
    lines += re.findall(r".*\n", rest)
    return [(int(note), int(number)) for note, number in (line.split() for line in lines if line.strip())]


def _check(points: list[int], folder: Path) -> None:
    database, backups = folder / "inkwell.sqlite3", folder / "backups"
    for point in points:
        acknowledged = _kill_at(point, database, backups)
        assert len(acknowledged) >= point
        store = Store.open(database, backups=backups)
        assert store.open_report.damaged_copy is None
        newest = dict(acknowledged)
        for note_id, number in newest.items():
            assert int(store.notes.get(note_id).text.split()[0]) >= number
        assert store.integrity_check() == []
        store.close()


def test_acknowledged_saves_survive_a_kill(tmp_path: Path) -> None:
    _check([1 + (point * 13) % 60 for point in range(20)], tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_acknowledged_saves_survive_a_kill_at_two_hundred_points(tmp_path: Path) -> None:
    _check([1 + (point * 37) % 211 for point in range(200)], tmp_path)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_every_acknowledgement_comes_after_a_sync(tmp_path: Path) -> None:
    log = tmp_path / "calls"
    code = _CHILD.replace("while True:", "for _ in range(20):")
    command = ["strace", "-f", "-e", "trace=fsync,fdatasync,write", "-o", str(log)]
    done = subprocess.run(
        [*command, sys.executable, "-c", code, str(tmp_path / "inkwell.sqlite3"), str(tmp_path / "b")],
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
