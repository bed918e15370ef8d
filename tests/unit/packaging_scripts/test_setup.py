"""The set-up of a checkout: each step once, none forgotten, none half done; with a pip that only pretends."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
sys.path.insert(0, str(PACKAGING))

import child_process  # noqa: E402
import dev  # noqa: E402
import setup_steps  # noqa: E402
import system_check  # noqa: E402

posix_only = pytest.mark.skipif(os.name != "posix", reason="process groups of POSIX systems")


class PretendedPip:
    """Stands in for venv and pip: makes the folders they would make and remembers what it was asked."""

    def __init__(self, checkout: setup_steps.Checkout) -> None:
        self._checkout = checkout
        self.commands: list[str] = []
        self.on_install: Callable[[str], int] = lambda requirements: 0

    def __call__(self, command: Sequence[str], log_path: str, tick: Callable[[float], None]) -> int:
        os.makedirs(os.path.dirname(log_path), exist_ok=True)
        Path(log_path).write_text("ERROR: the reason stands here\n")
        if "venv" in command:
            self.commands.append("venv")
            os.makedirs(self._checkout.scripts)
            Path(self._checkout.python).write_text("#!")
            os.makedirs(os.path.join(self._checkout.environment, "lib", "python3.11", "site-packages"))
            return 0
        if "--version" in command:
            return 0 if os.path.isdir(os.path.join(self._checkout.environment, "lib")) else 1
        if "compileall" in command:
            self.commands.append("compileall")
            return 1
        assert "--no-compile" in command
        name = Path(command[-1]).stem
        self.commands.append(" ".join([name, *[option for option in command if option == "--no-deps"]]))
        return self.on_install(name)


class Setting:
    """A checkout in a folder of its own, with the real steps and a pretended pip."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.requirements = folder / "requirements"
        self.requirements.mkdir(parents=True)
        for file in (PACKAGING / "requirements").glob("*.txt"):
            (self.requirements / file.name).write_text(file.read_text())
        self.checkout = setup_steps.Checkout(str(folder), str(self.requirements))
        self.pip = PretendedPip(self.checkout)
        self.records = setup_steps.Records(self.checkout)
        monkeypatch.setattr(dev, "_run_logged", self.pip)
        monkeypatch.setattr(dev, "index_answers", lambda address: False)
        monkeypatch.setattr(system_check, "missing_packages", lambda environ, compiles: [])
        monkeypatch.setattr(system_check, "missing_libraries", lambda environ: {})
        monkeypatch.setattr(system_check, "has_venv", lambda: True)
        monkeypatch.setattr(system_check, "has_compiler", lambda environ: True)

    def steps(self, with_tests: bool = False) -> list[setup_steps.Step]:
        return dev.all_steps(self.checkout, with_tests=with_tests)

    def set_up(self, with_tests: bool = False) -> list[str]:
        """Run the set-up; what was asked of venv and pip."""
        self.pip.commands.clear()
        setup_steps.carry_out(self.steps(with_tests), self.records, lambda *_: lambda seconds: None)
        return list(self.pip.commands)


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setting:
    if os.name != "posix":
        pytest.skip("the pretended environment has the layout of POSIX systems")
    return Setting(tmp_path / "checkout", monkeypatch)


ALL = ["venv", "1-torch", "2-llama-cpp", "3-libraries", "4-starter-models --no-deps", "compileall"]


def test_a_fresh_checkout_goes_through_every_step_and_a_second_run_through_none(setting: Setting) -> None:
    assert setting.set_up() == ALL
    assert setup_steps.due_steps(setting.steps(), setting.records) == []
    assert setting.set_up() == []


def test_the_test_tools_are_a_further_step(setting: Setting) -> None:
    setting.set_up()
    assert setting.set_up(with_tests=True) == ["5-test", "compileall"]
    assert setting.set_up() == []


def test_a_changed_pin_brings_back_its_step_only(setting: Setting) -> None:
    setting.set_up()
    (setting.requirements / "3-libraries.txt").write_text("msgspec==99\n")
    assert setting.set_up() == ["3-libraries", "compileall"]


def test_a_failed_step_is_explained_and_done_again(setting: Setting) -> None:
    setting.pip.on_install = lambda name: 1 if name == "3-libraries" else 0
    with pytest.raises(setup_steps.SetupError, match="the reason stands here"):
        setting.set_up()
    setting.pip.on_install = lambda name: 0
    assert setting.set_up() == ["3-libraries", "4-starter-models --no-deps", "compileall"]


@pytest.mark.parametrize("name", ["1-torch", "2-llama-cpp", "3-libraries", "4-starter-models"])
def test_after_ctrl_c_in_any_step_the_next_run_goes_on(setting: Setting, name: str) -> None:
    def interrupt(step: str) -> int:
        if step == name:
            raise KeyboardInterrupt
        return 0

    setting.pip.on_install = interrupt
    with pytest.raises(KeyboardInterrupt):
        setting.set_up()
    setting.pip.on_install = lambda step: 0
    done = setting.set_up()
    assert done[0].split()[0] == name
    assert done == [command for command in ALL if command >= name and command != "venv"]


def test_a_pin_that_was_changed_interrupted_and_changed_back_is_installed_again(setting: Setting) -> None:
    setting.set_up()
    libraries = setting.requirements / "3-libraries.txt"
    pinned = libraries.read_text()
    libraries.write_text("msgspec==99\n")
    setting.pip.on_install = lambda name: 1
    with pytest.raises(setup_steps.SetupError):
        setting.set_up()
    libraries.write_text(pinned)
    setting.pip.on_install = lambda name: 0
    assert setting.set_up() == ["3-libraries", "compileall"]


def test_pip_never_meets_a_half_installed_package(setting: Setting) -> None:
    setting.set_up()
    half = Path(setting.checkout.site_packages(), "msgspec-1.dist-info")
    half.mkdir()
    seen: list[bool] = []
    setting.pip.on_install = lambda name: seen.append(half.exists()) or 0
    setting.set_up(with_tests=True)
    assert seen == [False]


def test_a_half_made_environment_is_made_anew(setting: Setting) -> None:
    os.makedirs(setting.checkout.scripts)
    Path(setting.checkout.python).write_text("#!")
    assert setting.set_up() == ALL


def test_an_environment_whose_python_is_gone_is_made_anew(setting: Setting) -> None:
    setting.set_up()
    os.remove(setting.checkout.python)
    assert setting.set_up() == ALL


def test_what_an_interrupted_pip_left_is_removed_before_it_goes_on(tmp_path: Path) -> None:
    whole, half, moved = (tmp_path / name for name in ("a-1.dist-info", "b-1.dist-info", "~c"))
    for folder in (whole, half, moved):
        folder.mkdir()
    (whole / "INSTALLER").write_text("pip")
    assert setup_steps.remove_half_installed(str(tmp_path)) == ["b-1.dist-info", "~c"]
    assert sorted(os.listdir(tmp_path)) == ["a-1.dist-info"]


def test_the_checkout_is_importable_and_has_its_command(setting: Setting) -> None:
    setting.set_up()
    link = Path(setting.checkout.site_packages(), "inkwell_checkout.pth")
    assert link.read_text() == setting.checkout.root + "\n"
    assert os.access(os.path.join(setting.checkout.scripts, "inkwell"), os.X_OK)


def test_without_a_compiler_the_message_says_what_to_install(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_check, "has_compiler", lambda environ: False)
    setting.pip.on_install = lambda name: 1 if name == "2-llama-cpp" else 0
    with pytest.raises(setup_steps.SetupError, match=r"no C\+\+ compiler"):
        setting.set_up()


@pytest.mark.skipif(os.name == "nt", reason="a script takes the place of a program")
@pytest.mark.parametrize(("answer", "has_one"), [("echo C:/BuildTools", True), ("true", False)])
def test_a_compiler_that_visual_studio_brought_is_found_although_none_is_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, has_one: bool
) -> None:
    finder = tmp_path / "Microsoft Visual Studio" / "Installer" / "vswhere.exe"
    finder.parent.mkdir(parents=True)
    finder.write_text(f"#!/bin/sh\n{answer}\n")
    finder.chmod(0o755)
    monkeypatch.setattr(system_check.shutil, "which", lambda name: None)
    assert system_check.has_compiler({"ProgramFiles(x86)": str(tmp_path)}) is has_one
    assert not system_check.has_compiler({})


def test_the_way_to_the_checkout_is_written_as_python_reads_it() -> None:
    """Python 3.11 on Windows reads it in the system's code page, which lacks most letters of UTF-8."""
    assert setup_steps.path_file_encoding("nt", (3, 11)) == "locale"
    assert setup_steps.path_file_encoding("nt", (3, 12)) == setup_steps.path_file_encoding("posix", (3, 11)) == "utf-8"


# What the system must bring along ------------------------------------------------------------------

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
VENV_PACKAGE = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


@pytest.fixture
def debian(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system with apt-get, a whole Python and a compiler."""
    monkeypatch.setattr(system_check, "has_apt", lambda: True)
    monkeypatch.setattr(system_check, "has_venv", lambda: True)
    monkeypatch.setattr(system_check, "has_compiler", lambda environ: True)


@linux_only
@pytest.mark.usefixtures("debian")
def test_missing_libraries_are_named_by_package() -> None:
    assert system_check.missing_packages({}, lambda library: True) == []
    assert system_check.missing_packages({}, lambda library: library != "libEGL.so.1") == ["libegl1"]
    only_cursor_missing = system_check.missing_packages({"DISPLAY": ":0"}, lambda name: "cursor" not in name)
    assert only_cursor_missing == ["libxcb-cursor0"]
    assert system_check.missing_packages({}, lambda name: "cursor" not in name) == []


@linux_only
@pytest.mark.usefixtures("debian")
def test_one_command_brings_all_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_check, "has_venv", lambda: False)
    monkeypatch.setattr(system_check, "has_compiler", lambda environ: False)
    all_missing = system_check.missing_packages({}, lambda library: library != "libEGL.so.1")
    assert all_missing == ["g++", "libegl1", VENV_PACKAGE]
    once_compiled = system_check.missing_packages({}, lambda library: True, compiles=False)
    assert once_compiled == [VENV_PACKAGE]


def test_a_library_that_is_not_there_is_noticed() -> None:
    assert not system_check.can_load("libthat-nobody-has.so.9")


def test_a_python_without_the_parts_for_environments_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert system_check.has_venv()
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name))
    assert not system_check.has_venv()


def test_without_them_nothing_is_made_and_the_one_command_is_said(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system_check, "has_venv", lambda: False)
    monkeypatch.setattr(system_check, "missing_packages", lambda environ, compiles: ["libegl1", VENV_PACKAGE])
    monkeypatch.setattr(system_check, "may_install", lambda: False)
    with pytest.raises(setup_steps.SetupError, match=f"apt-get install -y .* libegl1 {VENV_PACKAGE}"):
        setting.set_up()
    assert setting.pip.commands == []
    assert not os.path.exists(setting.checkout.environment)


def test_a_compiler_is_asked_for_only_until_llama_is_compiled(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(system_check, "missing_packages", lambda environ, compiles: asked.append(compiles) or [])
    setting.set_up()
    monkeypatch.setattr(dev, "system_content", lambda: "a screen appeared")
    setting.set_up()
    assert asked == [True, False]


def test_without_rights_the_one_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_check, "missing_packages", lambda environ, compiles: ["libegl1", "libgl1"])
    monkeypatch.setattr(system_check, "may_install", lambda: False)
    command = "sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1 libgl1"
    with pytest.raises(setup_steps.SetupError, match=command):
        dev.check_system(lambda seconds: None, compiles=True)


def test_root_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["libegl1"], []])
    ran: list[list[str]] = []
    monkeypatch.setattr(system_check, "missing_packages", lambda environ, compiles: next(answers))
    monkeypatch.setattr(system_check, "missing_libraries", lambda environ: {})
    monkeypatch.setattr(system_check, "may_install", lambda: True)
    uncut: list[list[str]] = []
    monkeypatch.setattr(dev, "_run_logged", lambda command, log, tick: ran.append(list(command)) or 0)
    monkeypatch.setattr(dev, "_run_to_its_end", lambda command, log, tick: uncut.append(list(command)) or 0)
    dev.check_system(lambda seconds: None, compiles=True)
    assert ran[0] == ["apt-get", "update"]
    assert "--download-only" in ran[1]
    assert "--download-only" not in uncut[-1]
    assert ran[1][-1] == uncut[-1][-1] == "libegl1"


def test_a_dpkg_that_cannot_be_repaired_at_once_does_not_stop_its_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["libegl1"], []])
    monkeypatch.setattr(system_check, "missing_packages", lambda environ, compiles: next(answers))
    monkeypatch.setattr(system_check, "missing_libraries", lambda environ: {})
    monkeypatch.setattr(system_check, "may_install", lambda: True)
    monkeypatch.setattr(dev, "_run_logged", lambda command, log, tick: 0)
    monkeypatch.setattr(dev, "_run_to_its_end", lambda command, log, tick: 1 if "dpkg" in command else 0)
    dev.check_system(lambda seconds: None, compiles=True)


def test_an_installation_that_fails_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_check, "missing_packages", lambda environ, compiles: ["libegl1"])
    monkeypatch.setattr(system_check, "may_install", lambda: True)
    monkeypatch.setattr(dev, "_run_logged", lambda command, log, tick: 0)
    monkeypatch.setattr(dev, "_run_to_its_end", lambda command, log, tick: 1)
    with pytest.raises(setup_steps.SetupError, match="could not be installed"):
        dev.check_system(lambda seconds: None, compiles=True)


@linux_only
def test_without_apt_the_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_check, "has_apt", lambda: False)
    monkeypatch.setattr(system_check, "missing_libraries", lambda environ: {"libEGL.so.1": "libegl1"})
    with pytest.raises(setup_steps.SetupError, match=r"does not have: libEGL\.so\.1\."):
        dev.check_system(lambda seconds: None, compiles=True)


# PyTorch -------------------------------------------------------------------------------------------


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
@pytest.mark.parametrize(("gpu", "answers", "asked"), [(False, True, True), (False, False, False), (True, True, False)])
def test_the_cpu_build_is_asked_for_only_where_it_helps_and_answers(
    monkeypatch: pytest.MonkeyPatch, gpu: bool, answers: bool, asked: bool
) -> None:
    monkeypatch.setattr(system_check, "has_nvidia_gpu", lambda: gpu)
    monkeypatch.setattr(dev, "index_answers", lambda address: answers)
    assert bool(dev.torch_options()) is asked


def test_an_index_that_cannot_be_reached_does_not_answer() -> None:
    assert not dev.index_answers("http://127.0.0.1:9/nothing")


# Commands ------------------------------------------------------------------------------------------


def test_extra_arguments_go_to_pytest_and_slow_tests_wait_for_all() -> None:
    assert dev.pytest_command("py", False, ["-k", "x"]) == ["py", "-m", "pytest", "-m", "not slow", "-k", "x"]
    two = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    assert dev.pytest_command("py", False, []) == ["py", "-m", "pytest", *two, "-m", "not slow"]
    assert dev.pytest_command("py", True, []) == ["py", "-m", "pytest", *two]
    assert dev.pytest_command("py", False, ["-m", "slow"]) == ["py", "-m", "pytest", "-m", "slow"]


def ends_with(code: int, words: str = "") -> list[str]:
    return [sys.executable, "-c", f"print({words!r}); raise SystemExit({code})"]


def test_all_checks_run_and_the_first_failure_is_the_exit_code(capfd: pytest.CaptureFixture[str]) -> None:
    checks = [("One", ends_with(0, "fine")), ("Two", ends_with(3, "this is wrong")), ("Three", ends_with(4))]
    results = dev.run_beside(checks)
    assert results == [("One", 0), ("Two", 3), ("Three", 4)]
    assert dev.exit_code(results) == 3
    assert dev.exit_code([("One", 0)]) == 0
    said = capfd.readouterr().out
    assert "this is wrong\n      Two: FAILED" in said
    assert "fine" not in said
    assert said.endswith("Failed: Two, Three\n")


@posix_only
def test_checks_run_beside_each_other(tmp_path: Path) -> None:
    """Either waits until the other opens the pipe's other end."""
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    ends = [[sys.executable, "-c", f"open({pipe!r}, {mode!r}).close()"] for mode in ("rb", "wb")]
    assert dev.run_beside([("Reader", ends[0]), ("Writer", ends[1])]) == [("Reader", 0), ("Writer", 0)]


@posix_only
def test_a_stop_ends_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[subprocess.Popen[str]] = []

    def interrupted(child: subprocess.Popen[str], timeout: float | None = None) -> int:
        monkeypatch.undo()
        children.append(child)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dev.run_beside([("Long", [sys.executable, "-c", "import time; time.sleep(100)"])])
    assert children[0].wait(10) != 0


def test_the_tests_write_as_they_go(capfd: pytest.CaptureFixture[str]) -> None:
    assert dev.run_alone("Tests", ends_with(5, "a dot")) == ("Tests", 5)
    assert "a dot\n      Tests: FAILED" in capfd.readouterr().out


def test_the_tests_come_after_all_else_and_keep_bytecode_where_python_is_told_not_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(dev, "set_up", lambda with_tests: setup_steps.Checkout(str(PACKAGING.parent)))
    ran: list[str] = []

    def beside(checks: list[tuple[str, list[str]]]) -> list[tuple[str, int]]:
        assert "PYTHONDONTWRITEBYTECODE" not in os.environ
        ran.extend(title for title, _command in checks)
        return [(title, 3 if title == "Types" else 0) for title, _command in checks]

    def alone(title: str, command: list[str]) -> tuple[str, int]:
        ran.append(title)
        return title, 1

    monkeypatch.setattr(dev, "run_beside", beside)
    monkeypatch.setattr(dev, "run_alone", alone)
    assert dev.main(["test"]) == 3
    assert ran == ["Lint", "Format", "Import contracts", "Collection", "Types", "Tests"]
    assert dev.main(["lint"]) == 3


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["nonsense"], 2), (["--help"], 0)])
def test_a_wrong_command_shows_the_usage(arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(arguments) == code
    said = capsys.readouterr()
    assert "packaging/dev.py COMMAND" in (said.out if code == 0 else said.err)


def test_only_the_standard_library_is_needed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(PACKAGING / "dev.py"), "--help"], capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr


# Ending children -----------------------------------------------------------------------------------


def test_the_output_of_a_child_goes_to_its_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "x.log"
    code = child_process.run_logged([sys.executable, "-c", "print('said'); exit(3)"], str(log), lambda seconds: None)
    assert code == 3
    assert log.read_text() == "said\n"


def test_what_a_child_leaves_in_its_scratch_folder_is_removed(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    script = "import pathlib, tempfile; f = tempfile.mkdtemp(); pathlib.Path(f, 'big').write_text('x'); print(f)"
    assert child_process.run_logged([sys.executable, "-c", script], str(log), lambda seconds: None) == 0
    assert not Path(log.read_text().strip()).exists()


@posix_only
def test_ctrl_c_ends_the_child_and_what_the_child_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = (
        "import os, subprocess, sys, time\n"
        "grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(pids)!r} + '.new', 'w').write(f'{{os.getpid()}} {{grandchild.pid}}')\n"
        f"os.rename({str(pids)!r} + '.new', {str(pids)!r})\n"
        "time.sleep(600)\n"
    )

    def interrupt_when_started(seconds: float) -> None:
        if pids.exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        child_process.run_logged([sys.executable, "-c", script], str(tmp_path / "x.log"), interrupt_when_started)
    for pid in map(int, pids.read_text().split()):
        deadline = time.monotonic() + 5
        while _runs(pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not _runs(pid)


@posix_only
def test_what_must_not_be_cut_off_ends_by_itself_before_the_stop(tmp_path: Path) -> None:
    started, whole = tmp_path / "started", tmp_path / "whole"
    script = (
        "import pathlib, time\n"
        f"pathlib.Path({str(started)!r}).touch()\n"
        "time.sleep(1.5)\n"
        f"pathlib.Path({str(whole)!r}).touch()\n"
    )

    def interrupt_when_started(seconds: float) -> None:
        if started.exists():
            raise KeyboardInterrupt

    command = [sys.executable, "-c", script]
    with pytest.raises(KeyboardInterrupt):
        child_process.run_logged(command, str(tmp_path / "x.log"), interrupt_when_started, to_its_end=True)
    assert whole.exists()


@posix_only
def test_a_child_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "GRACE_S", 0.2)
    started = tmp_path / "started"
    script = (
        "import os, pathlib, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(started)!r} + '.new').write_text(str(os.getpid()))\n"
        f"os.rename({str(started)!r} + '.new', {str(started)!r})\n"
        "time.sleep(20)\n"
    )

    def interrupt_when_started(seconds: float) -> None:
        if started.exists():
            raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        child_process.run_logged([sys.executable, "-c", script], str(tmp_path / "x.log"), interrupt_when_started)
    assert time.monotonic() - begun < 15
    assert not _runs(int(started.read_text()))


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    except ProcessLookupError:
        return False
    return state != "Z"


@posix_only
def test_a_request_to_end_counts_as_ctrl_c() -> None:
    def ask_to_end() -> None:
        with child_process.interruptible():
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)  # cut short by the signal

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        ask_to_end()
    assert signal.getsignal(signal.SIGTERM) is before


@posix_only
def test_a_machine_without_python_is_told_so(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/bash", str(PACKAGING.parent / ".ci" / "run")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Python 3.11" in done.stderr
    assert "apt-get install -y python3" in done.stderr
