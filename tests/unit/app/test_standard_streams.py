"""Standard streams that are closed, full, or in a locale without letters: an exit code, at most one line, no report."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.app.cli import main
from tests.fakes.fake_container import FakeContainer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell's redirections")

ROOT = Path(__file__).parents[3]
VERBS = (
    "--help",
    "--version",
    "ask hi",
    "index",
    "notes add -",
    "search x",
    "settings list --json",
)
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"} | {"PYTHONPATH": str(ROOT)}
_SCRIPT = """
import sys
from desktop_app.app.cli import main
from tests.fakes.fake_container import FakeContainer
sys.exit(main(sys.argv[1:], container_factory=FakeContainer))
"""


def run(
    folder: Path, verb: str, redirection: str = "", *, stdin: bytes = b"text"
) -> subprocess.CompletedProcess[bytes]:
    """One verb with the fake services, its streams as the shell redirects them."""
    line = [sys.executable, "-c", _SCRIPT, *verb.split(), "--data-dir", str(folder)]
    return subprocess.run(
        ["sh", "-c", f'"$@" {redirection}', "sh", *line],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=BUFFERED,
    )


def reports(folder: Path) -> list[Path]:
    return list(folder.rglob("crash-*"))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("redirection", [">&-", ">/dev/full"])
def test_output_that_cannot_be_written_is_one_line(tmp_path: Path, verb: str, redirection: str) -> None:
    if redirection == ">/dev/full" and not os.path.exists("/dev/full"):
        pytest.skip("no device that is always full")
    done = run(tmp_path, verb, redirection)
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.startswith(b"inkwell: ")
    assert done.stderr.count(b"\n") == 1
    assert reports(tmp_path) == []


def test_nothing_is_done_where_the_result_could_not_be_told(tmp_path: Path) -> None:
    assert run(tmp_path / "data", "notes add -", ">&-").returncode == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("verb", VERBS)
def test_what_stderr_does_not_take_is_lost_and_nothing_else(tmp_path: Path, verb: str) -> None:
    with_errors = run(tmp_path, verb)
    for redirection in ("2>&-", "2>/dev/full"):
        done = run(tmp_path, verb, redirection)
        assert (done.returncode, done.stdout) == (with_errors.returncode, with_errors.stdout)
        assert (done.returncode, done.stderr) == (0, b"")
    assert reports(tmp_path) == []


def test_a_failure_without_stderr_still_has_its_code(tmp_path: Path) -> None:
    for redirection in ("2>&-", "2>/dev/full"):
        assert run(tmp_path, "nonsense", redirection).returncode == 2
        assert run(tmp_path, "settings get no.such.key", redirection).returncode == 1


def test_only_who_reads_standard_input_needs_it(tmp_path: Path) -> None:
    for verb in ("notes add -", "ask -"):
        for redirection in ("<&-", "<&- 2>&1"):
            done = run(tmp_path, verb, redirection)
            assert done.returncode == 1
            said = done.stdout + done.stderr
            assert said.startswith(b"inkwell: ")
            assert said.count(b"\n") == 1
    assert run(tmp_path, "settings list", "<&-").returncode == 0
    assert reports(tmp_path) == []


def test_all_three_closed_are_no_crash(tmp_path: Path) -> None:
    assert run(tmp_path, "settings list", "<&- >&- 2>&-").returncode == 1
    assert run(tmp_path, "settings get no.such.key", "<&- 2>&-").returncode == 1
    assert reports(tmp_path) == []


@pytest.mark.parametrize("verb", VERBS)
def test_a_pipe_that_nobody_reads_is_left_quietly(tmp_path: Path, verb: str) -> None:
    # The verb starts only when the right side's end is gone.
    line = '{ cat gate >/dev/null; "$@"; echo $? >code; } | { exec <&-; echo >gate; }; exec cat code'
    os.mkfifo(tmp_path / "gate")
    done = subprocess.run(
        ["sh", "-c", line, "sh", sys.executable, "-c", _SCRIPT, *verb.split(), "--data-dir", str(tmp_path / "data")],
        input=b"text",
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env=BUFFERED,
    )
    assert (done.stdout.strip(), done.stderr) == (b"1", b"")
    assert reports(tmp_path) == []


def test_a_closed_stream_leaves_no_number_for_the_database(tmp_path: Path) -> None:
    script = (
        "import os\nfrom desktop_app.app.standard_streams import hold_descriptors\nhold_descriptors()\n"
        f"os._exit(os.open({str(tmp_path / 'file')!r}, os.O_CREAT | os.O_RDWR))\n"
    )
    done = subprocess.run(["sh", "-c", '"$@" <&- >&- 2>&-', "sh", sys.executable, "-c", script], check=False, cwd=ROOT)
    assert done.returncode == 3


@pytest.mark.parametrize("variables", [{"PYTHONUTF8": "0"}, {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}, {}])
def test_letters_survive_a_locale_that_knows_none(tmp_path: Path, variables: dict[str, str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUTF8"}
    environment |= {"LC_ALL": "C", "PYTHONPATH": str(ROOT), **variables}
    folder = tmp_path / "Öl"

    def inkwell(*arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "desktop_app", *arguments, "--data-dir", str(folder)],
            input=stdin.encode(),
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env=environment,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode("utf-8")

    (tmp_path / "Straße.md").write_text("größer", encoding="utf-8")
    assert inkwell("notes", "add", "--title", "Grüße 東京", "--folder", "Küche", "-", stdin="Möhren 🥕") == "1\n"
    assert inkwell("notes", "add", "Straße.md") == "2\n"
    assert inkwell("notes", "list") == "2\tStraße\n1\tKüche/Grüße 東京\n"
    assert inkwell("notes", "show", "1") == "Möhren 🥕"
    assert "Grüße 東京" in inkwell("search", "Möhren", "--mode", "words")
    inkwell("export", "Ausfuhr")
    assert (tmp_path / "Ausfuhr" / "notes" / "Küche" / "Grüße 東京.md").exists()


class _Interrupted(io.StringIO):
    """A terminal at which somebody presses Ctrl+C instead of writing."""

    def read(self, size: int | None = -1, /) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(10_000_000):  # the signal is handled between two steps
            pass
        return "went on reading"


def test_one_ctrl_c_ends_waiting_for_input(tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    line = ["notes", "add", "-", "--data-dir", str(tmp_path)]
    code = main(
        line,
        container_factory=FakeContainer,  # type: ignore[arg-type]
        environ={},
        stdin=_Interrupted(),
        stdout=out,
        stderr=err,
    )
    assert (code, out.getvalue(), err.getvalue()) == (130, "", "Stopped.\n")
