"""A worker's surroundings: nothing inherited that could make it run or load something else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import desktop_app
from desktop_app.engines.launcher import WorkerLauncher


def test_the_command_names_the_worker_and_nothing_else(tmp_path: Path) -> None:
    assert WorkerLauncher(tmp_path).command("decoder") == [
        sys.executable, "-P", "-m", "desktop_app", "--worker", "decoder",
    ]  # fmt: skip


def test_frozen_programs_start_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    launcher = WorkerLauncher(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert launcher.command("encoder") == [sys.executable, "--worker", "encoder"]
    assert "PYTHONPATH" not in launcher.environment()
    assert launcher.environment()["PYINSTALLER_RESET_ENVIRONMENT"] == "1"


@pytest.mark.parametrize(
    "name", ["GGML_BACKEND_PATH", "LLAMA_CPP_LIB_PATH", "LD_PRELOAD", "PYTHONSTARTUP", "PYTHONINSPECT"]
)
def test_dangerous_variables_are_dropped(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "/evil")
    assert name not in WorkerLauncher(tmp_path).environment()


def test_a_foreign_python_path_is_replaced_by_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/evil")
    path = WorkerLauncher(tmp_path).environment().get("PYTHONPATH")
    assert path in (None, str(Path(desktop_app.__file__).resolve().parent.parent))


def test_nothing_goes_online(tmp_path: Path) -> None:
    environment = WorkerLauncher(tmp_path).environment()
    assert environment["HF_HUB_OFFLINE"] == environment["TRANSFORMERS_OFFLINE"] == "1"
    assert environment["TOKENIZERS_PARALLELISM"] == "false"


@pytest.mark.parametrize(
    ("given", "spins"),
    [({}, "10000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "active"}, None)],
)
def test_threads_that_wait_soon_sleep_unless_the_person_says_otherwise(
    given: dict[str, str], spins: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert WorkerLauncher(tmp_path).environment().get("GOMP_SPINCOUNT") == spins


def test_modules_lying_in_the_working_folder_are_not_imported(tmp_path: Path) -> None:
    folder = tmp_path / "worker"
    folder.mkdir()
    (folder / "msgspec.py").write_text("import os; os._exit(99)")
    child = WorkerLauncher(folder).launch("scripted")
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(10) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")
def test_the_terminals_interrupt_does_not_reach_a_worker(tmp_path: Path) -> None:
    child = WorkerLauncher(tmp_path).launch("scripted")
    assert os.getpgid(child.pid) == child.pid != os.getpgid(0)
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(10) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_the_working_folder_is_private(tmp_path: Path) -> None:
    child: subprocess.Popen[bytes] = WorkerLauncher(tmp_path / "own").launch("scripted")
    child.kill()
    child.wait()
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700
