"""One window for one data folder."""

from __future__ import annotations

import os
import queue
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from desktop_app.app import single_instance
from desktop_app.app.paths import DataPaths, data_paths
from desktop_app.app.single_instance import Claim, Message, SingleInstance


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    made = data_paths(tmp_path / "data", {})
    made.create()
    return made


@pytest.fixture
def first(paths: DataPaths) -> Iterator[tuple[SingleInstance, queue.Queue[Message]]]:
    received: queue.Queue[Message] = queue.Queue()
    instance = SingleInstance(paths)
    assert instance.acquire()
    instance.serve(received.put)
    yield instance, received
    instance.close()


def test_a_second_start_is_refused_and_can_raise_the_first(
    paths: DataPaths, first: tuple[SingleInstance, queue.Queue[Message]]
) -> None:
    second = SingleInstance(paths)
    assert not second.acquire()
    assert second.notify_first({"raise": True})
    assert first[1].get(timeout=5) == {"raise": True}


def test_a_second_start_waits_for_a_first_that_is_still_starting(paths: DataPaths) -> None:
    (paths.data / ".window.lock").write_text('{"address": "left by an earlier one", "key": "old"}')
    instance, received = SingleInstance(paths), queue.Queue[Message]()
    assert instance.acquire()
    answers = queue.Queue[bool]()
    knocking = threading.Thread(target=lambda: answers.put(SingleInstance(paths).notify_first({"raise": True})))
    knocking.start()
    instance.serve(received.put)
    assert answers.get(timeout=10)
    assert received.get(timeout=5) == {"raise": True}
    knocking.join(5)
    instance.close()


def test_while_the_first_starts_its_file_is_empty_where_locking_moves_in_it(
    paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows a byte far behind the text is locked, and the file stands there afterwards."""

    def lock(file: IO[bytes]) -> bool:
        return bool(file.seek(1 << 20))

    monkeypatch.setattr(single_instance, "_lock", lock)
    (paths.data / ".window.lock").write_text('{"address": "left by an earlier one", "key": "old"}')
    instance = SingleInstance(paths)
    assert instance.acquire()
    assert (paths.data / ".window.lock").read_bytes() == b""
    instance.close()


def test_another_data_folder_is_another_window(
    tmp_path: Path, first: tuple[SingleInstance, queue.Queue[Message]]
) -> None:
    other_paths = data_paths(tmp_path / "other", {})
    other_paths.create()
    other = SingleInstance(other_paths)
    assert other.acquire()
    other.close()


def test_closing_gives_the_folder_back_at_once(paths: DataPaths) -> None:
    instance = SingleInstance(paths)
    assert instance.acquire()
    instance.serve(lambda message: None)
    started = time.monotonic()
    instance.close()
    assert time.monotonic() - started < 1.5
    again = SingleInstance(paths)
    assert again.acquire()
    again.close()


def test_a_knock_without_the_key_is_turned_away_and_the_next_is_heard(
    paths: DataPaths, first: tuple[SingleInstance, queue.Queue[Message]]
) -> None:
    import json
    from multiprocessing import AuthenticationError
    from multiprocessing.connection import Client

    address = json.loads((paths.data / ".window.lock").read_text())["address"]
    with pytest.raises((AuthenticationError, OSError, EOFError)):
        Client(address, authkey=b"guessed")
    assert SingleInstance(paths).notify_first({"raise": 2})
    assert first[1].get(timeout=5) == {"raise": 2}


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX systems")
def test_only_the_owner_can_read_the_key(paths: DataPaths, first: tuple[SingleInstance, queue.Queue[Message]]) -> None:
    assert stat.S_IMODE((paths.data / ".window.lock").stat().st_mode) == 0o600


def test_a_start_while_the_first_ends_waits_for_its_end(
    paths: DataPaths, first: tuple[SingleInstance, queue.Queue[Message]]
) -> None:
    """The window is gone, and what it worked at is brought to an end: raising it would show nothing."""
    instance, received = first
    assert SingleInstance(paths).acquire_or_notify({"show": True}) is Claim.NOTIFIED
    assert received.get(timeout=5) == {"show": True}
    instance.stop_serving()
    second, claims = SingleInstance(paths), queue.Queue[Claim]()
    starting = threading.Thread(target=lambda: claims.put(second.acquire_or_notify({"show": True})))
    starting.start()
    with pytest.raises(queue.Empty):
        claims.get(timeout=0.3)
    instance.close()
    assert claims.get(timeout=5) is Claim.FIRST
    starting.join(5)
    assert received.empty()
    second.close()


def test_a_first_that_does_not_answer_is_not_waited_for(
    paths: DataPaths, first: tuple[SingleInstance, queue.Queue[Message]], monkeypatch: pytest.MonkeyPatch
) -> None:
    second = SingleInstance(paths)
    monkeypatch.setattr(second, "notify_first", lambda message: False)
    started = time.monotonic()
    assert second.acquire_or_notify({"show": True}) is Claim.REFUSED
    assert time.monotonic() - started < 2


def test_a_killed_first_leaves_nothing_in_the_way(paths: DataPaths) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from desktop_app.app.paths import data_paths\n"
        "from desktop_app.app.single_instance import SingleInstance\n"
        "i = SingleInstance(data_paths(Path(sys.argv[1]), {})); assert i.acquire(); i.serve(print)\n"
        "print('ready', flush=True); sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(paths.data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env=dict(os.environ),
    )
    assert child.stdout is not None
    assert child.stdout.readline().rstrip() == b"ready"
    instance = SingleInstance(paths)
    assert not instance.acquire()
    child.kill()
    child.communicate()
    assert not instance.notify_first({"raise": True})
    assert instance.acquire()
    received: queue.Queue[Message] = queue.Queue()
    instance.serve(received.put)
    assert SingleInstance(paths).notify_first({"raise": 3})
    assert received.get(timeout=5) == {"raise": 3}
    instance.close()
