"""The verbs in common, and the small ones: what they print, and how they end."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from desktop_app.domain.errors import CancelledError, ModelMissingError
from desktop_app.domain.search import IndexingProgress
from tests.fakes.fake_container import NOW, FakeContainer
from tests.unit.app.command_line import Line


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["ask"],
        ["notes"],
        ["notes", "show", "x"],
        ["search", "x", "--mode", "y"],
        ["search", "x", "--in", "attic"],
        ["index", "--no"],
        ["notes", "import", ""],
        ["export", ""],
        ["notes", "show", "9" * 30],
        ["notes", "delete", "0"],
    ],
)
def test_a_wrong_line_is_a_usage_error(line: Line, arguments: list[str]) -> None:
    assert line(*arguments) == 2
    assert line.out == ""
    assert "usage: inkwell" in line.err
    assert line.container is None


def test_help_and_version_go_to_stdout(line: Line) -> None:
    assert line("--help") == 0
    assert "VERB" in line.out
    assert line("--version") == 0
    assert line.out.startswith("inkwell 0.")


@pytest.mark.parametrize("as_json", [False, True])
def test_a_failure_is_one_line_on_stderr(line: Line, as_json: bool) -> None:
    error = ModelMissingError("The model is not there.", "No file.", "Choose\nanother.")
    line.prepare = lambda container: setattr(container, "failure", error)
    assert line("ask", "hi", *(["--json"] if as_json else [])) == 1
    assert line.out == ""
    assert line.err == "inkwell: The model is not there. No file. Choose another.\n"
    assert line.made.closed


def test_what_nobody_expected_is_one_line_and_a_report_without_texts(line: Line) -> None:
    line.prepare = lambda container: setattr(container, "failure", RuntimeError("my secret"))
    assert line("ask", "hi") == 1
    assert line.err.count("\n") == 1
    assert "RuntimeError" in line.err
    assert "my secret" not in line.err
    (report,) = (line.folder / "logs").glob("crash-*.txt")
    assert "my secret" not in report.read_text()


def test_stopping_is_said_and_has_its_own_code(line: Line) -> None:
    line.prepare = lambda container: setattr(container, "failure", CancelledError("Stopped."))
    assert line("ask", "hi") == 130
    assert line.err == "Stopped.\n"


def test_what_was_mended_on_the_way_is_told(line: Line) -> None:
    def broken(container: FakeContainer) -> None:
        container.settings_notice = "The settings file was broken."
        container.store = SimpleNamespace(open_report=SimpleNamespace(notices=("The database was mended.",)))  # type: ignore[attr-defined]

    line.prepare = broken
    assert line("settings", "get", "decoder.context_length", "--json") == 0
    assert line.err == "The settings file was broken.\nThe database was mended.\n"


def test_a_reader_that_went_away_is_no_crash(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom desktop_app.app.cli import main\nfrom tests.fakes.fake_container import FakeContainer\n"
        "sys.stdin.read()\n"  # until the reader is gone
        "sys.exit(main(['settings', 'list', '--data-dir', sys.argv[1]], container_factory=FakeContainer))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stdin.close()
    assert process.wait(30) == 1
    assert process.stderr.read() == b""
    process.stderr.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the zone is set as POSIX systems do")
def test_backups_are_listed_in_local_time(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    made = SimpleNamespace(path=Path("/b"), made_at=NOW, size_bytes=1, reason="by-hand")
    line.prepare = lambda container: setattr(container, "backups", SimpleNamespace(list_backups=lambda: [made]))
    monkeypatch.setenv("TZ", "UTC-9")
    time.tzset()
    try:
        assert line("backup", "--list") == 0
        assert line.out.startswith("2026-01-02 12:04 ")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_index_reports_what_it_did(line: Line) -> None:
    told = {"notes": 2, "chunks": 7, "messages": 3, "message_chunks": 5, "embedded": 4, "seconds": 0.123}
    assert line.json("index") == told
    assert line("index") == 0
    assert "2 notes, 7 passages; 3 messages, 5 passages; 4 embedded" in line.out
    assert line.err == ""  # no bar where nobody watches


def test_index_says_once_that_it_waits_for_another(line: Line) -> None:
    def slow(container: FakeContainer) -> None:
        waiting = IndexingProgress(2, 1, 3, 4, 10.0, waiting=True)
        container.progress = (waiting, waiting, IndexingProgress(2, 1, 3, 4, 10.0))

    line.prepare = slow
    assert line("index") == 0
    assert line.err == "Another Inkwell is indexing; waiting.\n"


def test_settings_are_set_read_listed_and_reset(line: Line) -> None:
    assert line("settings", "get", "decoder.context_length") == 0
    assert line.out == "4096\n"
    assert line.json("settings", "set", "decoder.context_length", "8192")["value"] == 8192
    assert "8192" in (line.folder / "settings.toml").read_text()
    listed = {entry["key"]: entry for entry in line.json("settings", "list")["settings"]}
    assert listed["decoder.context_length"]["changed"] is True
    assert listed["sampling.temperature"]["value"] is None
    assert line.json("settings", "reset", "decoder.context_length")["value"] == 4096


def test_a_setting_that_nobody_set_is_read_as_what_is_in_force(line: Line) -> None:
    assert line("settings", "get", "sampling.temperature") == 0
    assert line.out == "0.80\n"
    assert line.json("settings", "get", "sampling.temperature") == {
        "key": "sampling.temperature",
        "value": None,
        "effective": 0.8,
    }
    for key in ("sampling.seed", "decoder.model_file"):
        assert line("settings", "get", key) == 0
        assert line.out == "\n"
    assert line("settings", "set", "sampling.seed", "3") == 0
    assert line.json("settings", "get", "sampling.seed")["effective"] == 3

    def without_model() -> None:
        raise ModelMissingError("The model is not there.")

    line.made.session.resolved_sampling = without_model
    assert line("settings", "get", "sampling.temperature") == 0
    assert line.out == "\n"


@pytest.mark.parametrize("change", [["decoder.context_lenght", "1"], ["decoder.context_length", "many"]])
def test_a_wrong_setting_is_refused_in_words(line: Line, change: list[str]) -> None:
    assert line("settings", "set", *change) == 1
    assert line.err.count("\n") == 1
    assert not (line.folder / "settings.toml").exists()


def test_no_verb_imports_qt_or_a_model_library(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom desktop_app.__main__ import main\n"
        "code = main(sys.argv[1:])\n"
        "heavy = {'PySide6', 'torch', 'llama_cpp', 'transformers', 'sentence_transformers'} & set(sys.modules)\n"
        "sys.exit(code if not heavy else f'imported: {heavy}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "settings", "list", "--data-dir", str(tmp_path)],
        capture_output=True,
        check=False,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    assert "decoder.context_length" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "window"),
    [
        ([], True),
        (["--data-dir", "d"], True),
        (["--data-dir=d"], True),
        (["--data-dir"], False),
        (["ask", "hi"], False),
        (["--version"], False),
        (["nonsense"], False),
        (["--worker"], False),
    ],
)
def test_only_an_empty_line_opens_the_window(arguments: list[str], window: bool) -> None:
    from desktop_app.__main__ import opens_window

    assert opens_window(arguments) is window
