"""A holder is called gone only where that is sure."""

from __future__ import annotations

import subprocess
import sys

import pytest

from desktop_app.storage import lease_owner
from desktop_app.storage.lease_owner import has_ended, this_process


def test_this_process_lives_and_has_a_new_name_each_time() -> None:
    first, second = this_process(), this_process()
    assert first != second
    assert not has_ended(first)


def test_a_number_that_was_given_again_is_another_process() -> None:
    number, start, machine, rest = this_process().split()
    assert has_ended(f"{number} {start}1 {machine} {rest}")


def test_a_process_that_is_gone_has_ended() -> None:
    script = "from desktop_app.storage.lease_owner import this_process\nprint(this_process())"
    name = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout
    assert has_ended(name)


@pytest.mark.skipif(sys.platform == "win32", reason="a process that ended keeps no number there")
def test_a_killed_process_whose_end_nobody_asked_for_has_ended() -> None:
    script = "from desktop_app.storage.lease_owner import this_process\nprint(this_process(), flush=True)\ninput()"
    process = subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        name = process.stdout.readline()
        assert not has_ended(name)
        process.kill()
        assert process.stdout.read() == ""  # it is gone
        deadline = iter(range(10_000_000))
        while not has_ended(name) and next(deadline, None) is not None:
            pass
        assert has_ended(name)
    process.wait()


@pytest.mark.parametrize("change", ["4294967295-ab12", "", "x y z w", "{number} {start} elsewhere {rest}"])
def test_of_strangers_nothing_is_known(change: str) -> None:
    number, start, _, rest = this_process().split()
    assert not has_ended(change.format(number=int(number) + 1, start=start, rest=rest))


def test_where_the_system_does_not_tell_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    number, start, machine, rest = this_process().split()
    monkeypatch.setattr(lease_owner, "_start", lambda process: None)
    assert not has_ended(f"{number} {start}1 {machine} {rest}")


def test_systems_other_than_linux_are_asked_through_psutil(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_owner, "_ON_LINUX", False)
    name = this_process()
    assert not has_ended(name)
    number, start, machine, rest = name.split()
    assert has_ended(f"{number} {start}1 {machine} {rest}")
    assert has_ended(f"{2**22 + 5} {start} {machine} {rest}")
