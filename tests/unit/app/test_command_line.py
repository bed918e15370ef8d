"""The verbs: what they ask of the services, what they print, and how they end."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desktop_app.app.cli import main
from desktop_app.app.paths import DataPaths
from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.errors import CancelledError, ModelMissingError, TemplateError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.notes import ExportReport, ImportFailure, ImportReport, Note
from desktop_app.domain.search import IndexingProgress
from tests.fakes.fake_container import FIGURES, NOW, FakeContainer


class Line:
    """Runs command lines against one fake container."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.container: FakeContainer | None = None
        self.prepare: Callable[[FakeContainer], None] = lambda container: None
        self.out = ""
        self.err = ""

    def __call__(self, *arguments: str, stdin: str = "") -> int:
        out, err = io.StringIO(), io.StringIO()
        code = main(
            [*arguments, "--data-dir", str(self.folder)],
            container_factory=self._make,  # type: ignore[arg-type]
            environ={},
            stdin=io.StringIO(stdin),
            stdout=out,
            stderr=err,
        )
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    def json(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        assert self(*arguments, "--json", stdin=stdin) == 0, self.err
        assert self.out.count("\n") == 1
        values: dict[str, Any] = json.loads(self.out)
        return values

    def _make(self, paths: DataPaths, overrides: Mapping[str, str]) -> FakeContainer:
        if self.container is None:
            self.container = FakeContainer(paths, overrides)
            self.prepare(self.container)
        return self.container

    @property
    def made(self) -> FakeContainer:
        assert self.container is not None
        return self.container


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path / "data")


# Ends --------------------------------------------------------------------------------------------


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


# ask ---------------------------------------------------------------------------------------------


def test_ask_streams_the_answer(line: Line) -> None:
    assert line("ask", "hi") == 0
    assert line.out == "Hello\n"
    assert line.err == ""
    (request,) = line.made.decoder.requests
    assert [turn.text for turn in request.turns] == ["hi"]
    assert request.max_tokens == 1024


def test_ask_json_has_all_figures(line: Line) -> None:
    assert line.json("ask", "hi") == {
        "text": "Hello",
        "stop_reason": "end",
        "prompt_tokens": FIGURES.prompt_tokens,
        "cached_tokens": 3,
        "restored_tokens": 1,
        "generated_tokens": 2,
        "first_token_s": 0.25,
        "tokens_per_s": 40.0,
        "model": "Tiny",
    }


def test_ask_options_reach_the_decoder(line: Line, tmp_path: Path) -> None:
    options = ["--system", "Be brief.", "--max-tokens", "9", "--temperature", "0", "--seed", "5", "--context", "2048"]
    assert line("ask", "hi", *options, "--model", str(tmp_path / "m.gguf")) == 0
    (request,) = line.made.decoder.requests
    assert [turn.text for turn in request.turns] == ["Be brief.", "hi"]
    assert (request.max_tokens, request.sampling.temperature, request.sampling.seed) == (9, 0.0, 5)
    assert line.made.overrides == {
        "INKWELL_DECODER__CONTEXT_LENGTH": "2048",
        "INKWELL_DECODER__MODEL_FILE": str(tmp_path / "m.gguf"),
    }


def test_ask_sets_any_setting_for_this_call_alone(line: Line) -> None:
    line.folder.mkdir()
    before = line.folder / "settings.toml"
    before.write_text("[sampling]\ntop_k = 7\nmin_p = 0.5\n")
    values = ["sampling.top_k=unset", "sampling.mirostat=2", "decoder.max_answer_tokens=33", "decoder.system_prompt="]
    assert line("ask", "hi", *(part for value in values for part in ("--set", value))) == 0
    settings = line.made.settings_file
    assert settings.person_value("sampling.top_k") is None, "what the file says counts no more"
    assert settings.person_value("sampling.min_p") == 0.5
    assert settings.person_value("sampling.mirostat") == 2
    assert line.made.decoder.requests[0].max_tokens == 33
    assert before.read_text() == "[sampling]\ntop_k = 7\nmin_p = 0.5\n"


def test_ask_names_the_option_for_a_template_that_fails(line: Line) -> None:
    failure = TemplateError("The model's chat template does not work.", "It loops.", built_in=BuiltInTemplate.CHATML)
    line.prepare = lambda container: setattr(container, "failure", failure)
    assert line("ask", "hi") == 1
    assert "It loops. Ask with --template chatml" in line.err


@pytest.mark.parametrize(("name", "template"), [("chatml", BuiltInTemplate.CHATML), ("file", None)])
def test_ask_takes_a_template_for_one_answer(line: Line, name: str, template: BuiltInTemplate | None) -> None:
    kept = BuiltInTemplate.GEMMA
    line.prepare = lambda container: container.template_choices.choose("f", kept)
    assert line("ask", "hi", "--template", name) == 0
    assert line.container is not None
    assert line.container.template_choices.of("f") is template
    assert line("ask", "hi", "--template", "other") == 2
    assert "choose from 'file', 'chatml'" in line.err


def test_ask_with_a_preset_uses_its_values_below_those_of_the_command_line(line: Line) -> None:
    assert line("ask", "hi", "--preset", "Brief") == 0
    (request,) = line.made.decoder.requests
    assert [turn.text for turn in request.turns] == ["Be brief.", "hi"]
    assert (request.max_tokens, request.sampling.temperature) == (12, 0.1)
    given = ["--system", "Be long.", "--max-tokens", "9", "--set", "sampling.temperature=0.7"]
    assert line("ask", "hi", "--preset", "brief", *given) == 0
    request = line.made.decoder.requests[-1]
    assert [turn.text for turn in request.turns] == ["Be long.", "hi"]
    assert (request.max_tokens, request.sampling.temperature) == (9, 0.7)


def test_ask_names_the_presets_where_there_is_none_of_that_name(line: Line) -> None:
    assert line("ask", "hi", "--preset", "other") == 1
    assert "Choose one of these: Brief." in line.err


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("sampling.topk=1", "Did you mean “sampling.top_k”?"),
        ("sampling.top_k", "not KEY=VALUE"),
        ("sampling.top_k=many", "a whole number"),
        ("sampling.logit_bias=sea", "“sea” is not one"),
        ("storage.data_folder=/tmp", "cannot be changed here"),
    ],
)
def test_ask_refuses_a_setting_that_is_none(line: Line, value: str, reason: str) -> None:
    assert line("ask", "hi", "--set", value) == 2
    assert reason in " ".join(line.err.split())
    assert line.container is None


@pytest.mark.parametrize("option", [["--max-tokens", "0"], ["--temperature", "hot"], ["--context", "-1"]])
def test_ask_checks_its_options_like_settings(line: Line, option: list[str]) -> None:
    assert line("ask", "hi", *option) == 2


def answering(text: str, reason: StopReason = StopReason.END) -> Callable[[FakeContainer], None]:
    def prepare(container: FakeContainer) -> None:
        container.decoder.pieces = [text]
        container.decoder.reason = reason

    return prepare


@pytest.mark.parametrize(
    ("answer", "reason", "code", "words"),
    [
        ('{"age": 3}', StopReason.END, 0, ""),
        ('{"age": "3"}', StopReason.END, 1, "does not fit the schema: at /age, '3' is not of type 'integer'"),
        ("age 3", StopReason.END, 1, "not JSON"),
        ('{"age": 3', StopReason.LIMIT, 1, "was cut"),
        ('{"age": 3', StopReason.CONTEXT_FULL, 1, "was cut"),
        ("", StopReason.STOPPED, 130, "was cut"),
    ],
)
def test_ask_with_a_schema_says_whether_the_answer_fits(
    line: Line, tmp_path: Path, answer: str, reason: StopReason, code: int, words: str
) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"properties": {"age": {"type": "integer"}}, "required": ["age"]}')
    line.prepare = answering(answer, reason)
    assert line("ask", "hi", "--schema", str(schema), "--json") == code
    assert json.loads(line.out)["constraint_held"] is (code == 0)
    assert words in line.err
    constraint = line.made.decoder.requests[0].constraint
    assert constraint is not None
    assert "root ::=" in constraint.grammar()


def test_ask_with_a_grammar_fails_where_the_answer_was_cut(line: Line, tmp_path: Path) -> None:
    grammar = tmp_path / "list.gbnf"
    grammar.write_text('root ::= "yes" | "no"')
    line.prepare = answering("ye", StopReason.LIMIT)
    assert line("ask", "hi", "--grammar", str(grammar)) == 1
    assert line.out == "ye\n"
    assert "cut" in line.err


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        ("--schema", '{"type": "integer", "minimum": 3}', "minimum (at #)"),
        ("--schema", "{", "not JSON"),
        ("--grammar", "root ::= other", "no rule “other”"),
        ("--grammar", None, "cannot be read"),
        ("--grammar", b"\xff", "not UTF-8"),
    ],
)
def test_a_bad_constraint_is_said_before_the_model_is_loaded(
    line: Line, tmp_path: Path, option: str, text: str | bytes | None, words: str
) -> None:
    path = tmp_path / "constraint"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert line("ask", "hi", option, str(path)) == 1
    assert words in line.err
    assert line.container is None


def test_ask_reads_standard_input_and_refuses_nothing(line: Line) -> None:
    assert line("ask", "-", stdin="from a pipe") == 0
    assert line.made.decoder.requests[0].turns[0].text == "from a pipe"
    assert line("ask", "  ") == 1


@pytest.mark.parametrize(
    ("words", "options", "room"),
    [
        (4096 - 5 - 1024, [], None),
        (4096 - 5 - 1024 + 1, [], 3067),
        (4096 - 5 - 100, ["--max-tokens", "100"], None),
        (4096 - 5 - 100 + 1, ["--max-tokens", "100"], 3991),
        (4096 - 5 - 1024, ["--max-tokens", "4000"], None),
        (4096 - 5 - 1024, ["--system", "Be brief."], 3065),
    ],
)
def test_ask_keeps_room_for_the_answer(line: Line, words: int, options: list[str], room: int | None) -> None:
    code = line("ask", "-", *options, stdin="word " * words)
    assert code == (0 if room is None else 1)
    assert len(line.made.decoder.requests) == (1 if room is None else 0)
    if room is not None:
        assert f"{words:,} tokens, and there is room for {room:,}." in line.err
        assert "--context N" in line.err


def test_ask_says_where_the_instructions_are_what_is_too_long(line: Line) -> None:
    assert line("ask", "hi", "--system", "word " * 4000) == 1
    assert "The instructions leave no room for a message: they are 4,005 tokens long." in line.err


@pytest.mark.skipif(sys.platform == "win32", reason="pipes with names")
def test_what_a_shell_pipes_in_by_name_has_no_title_of_its_own(line: Line, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "63")
    writer = threading.Thread(target=(tmp_path / "63").write_text, args=("first line\nmore",))
    writer.start()
    assert line("notes", "add", str(tmp_path / "63")) == 0
    writer.join()
    assert line.made.notes.notes[1].title == "first line"


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


def test_ask_says_how_a_cut_answer_ended(line: Line) -> None:
    line.prepare = lambda container: setattr(container.decoder, "reason", StopReason.LIMIT)
    assert line("ask", "hi") == 0
    assert "maximum answer length" in line.err


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
def test_ctrl_c_stops_the_answer_and_keeps_what_came(line: Line) -> None:
    def interrupt(number: int) -> None:
        if number == 1:
            os.kill(os.getpid(), signal.SIGINT)

    line.prepare = lambda container: setattr(container.decoder, "before_piece", interrupt)
    before = signal.getsignal(signal.SIGINT)
    assert line("ask", "hi") == 130
    assert line.out == "Hel\n"
    assert line.err == "Stopped.\n"
    assert signal.getsignal(signal.SIGINT) is before


# notes -------------------------------------------------------------------------------------------


def test_notes_add_prints_the_id_and_show_gives_the_text_back(line: Line, tmp_path: Path) -> None:
    text = "# Möhren\r\n\tnul \x00 \U0001f955 عربي"
    file = tmp_path / "carrots.md"
    file.write_bytes(text.encode())
    assert line("notes", "add", str(file), "--folder", "kitchen") == 0
    assert line.out == "1\n"
    assert line("notes", "show", "1") == 0
    assert line.out == text
    assert line.json("notes", "show", "1")["text"] == text
    assert line.json("notes", "list")["notes"][0]["folder"] == "kitchen"


def test_notes_add_takes_the_title_from_option_heading_or_file_name(line: Line, tmp_path: Path) -> None:
    file = tmp_path / "carrots.md"
    file.write_text("no heading")
    line("notes", "add", str(file))
    assert line.made.notes.notes[1].title == "carrots"
    line("notes", "add", "-", stdin="# From input\ntext")
    assert line.made.notes.notes[2].title == "From input"
    line("notes", "add", "-", "--title", "Mine", stdin="# Other")
    assert line.made.notes.notes[3].title == "Mine"


def test_notes_add_reads_front_matter(line: Line, tmp_path: Path) -> None:
    text = "---\ntitle: Bee\ntags: [X, y]\nfolder: garden\naliases: [Hive]\n---\n# Other\ntext"
    file = tmp_path / "b.md"
    file.write_text(text)
    for source in (str(file), "-"):
        number = line.json("notes", "add", source, stdin=text)["id"]
        shown = line.json("notes", "show", str(number))
        assert (shown["title"], shown["tags"], shown["folder"]) == ("Bee", ["x", "y"], "garden")
        assert shown["text"] == "# Other\ntext"
        assert "aliases: [Hive]" in shown["front_matter"]
    line("notes", "add", str(file), "--folder", "mine", "--title", "Mine")
    assert (line.made.notes.notes[3].folder, line.made.notes.notes[3].title) == ("mine", "Mine")


def test_broken_front_matter_becomes_no_title(line: Line) -> None:
    text = "---\ntitle: [never closed\n\nThe text begins."
    number = line.json("notes", "add", "-", stdin=text)["id"]
    shown = line.json("notes", "show", str(number))
    assert (shown["title"], shown["text"]) == ("The text begins.", text)


def test_notes_add_refuses_what_is_not_text(line: Line, tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_bytes(b"\xff\xfe\xfa")
    assert line("notes", "add", str(tmp_path / "bad.md")) == 1
    assert "not UTF-8" in line.err
    assert line("notes", "add", str(tmp_path / "missing.md")) == 1
    assert "cannot be read" in line.err


def test_notes_delete_moves_to_the_trash(line: Line) -> None:
    line("notes", "add", "-", stdin="text")
    assert line.json("notes", "delete", "1") == {"id": 1, "trashed": True}
    assert line.json("notes", "list") == {"notes": []}
    assert len(line.json("notes", "list", "--trashed")["notes"]) == 1
    assert line("notes", "show", "9") == 1
    assert "There is no note 9." in line.err


def test_notes_import_counts_and_lists_failures(line: Line, tmp_path: Path) -> None:
    report = ImportReport((1, 2), (3,), 4, (ImportFailure("bad.md", "It is empty."),))
    line.prepare = lambda container: setattr(container, "import_report", report)
    assert line.json("notes", "import", str(tmp_path)) == {
        "imported": 2,
        "updated": 1,
        "unchanged": 4,
        "failed": [{"path": "bad.md", "reason": "It is empty."}],
        "attachments": 0,
        "skipped_attachments": 0,
        "not_taken": [],
        "broken_off": "",
    }
    assert line.made.imported_paths == [tmp_path]
    assert line.err == ""
    assert line("notes", "import", str(tmp_path)) == 0
    assert "bad.md: It is empty." in line.err
    assert "attachments" not in line.err


def test_notes_import_says_what_was_not_taken(line: Line) -> None:
    report = ImportReport((1,), skipped_attachments=120, not_taken=tuple(f"a/{number}.png" for number in range(120)))
    line.prepare = lambda container: setattr(container, "import_report", report)
    written = line.json("notes", "import", "a.jex")
    assert (written["skipped_attachments"], written["not_taken"][119]) == (120, "a/119.png")
    assert "a/0.png" not in line.err
    assert line("notes", "import", "a.jex") == 0
    assert "120 attachments were not taken: no note names them.\na/0.png: not taken\n" in line.err
    assert "a/99.png: not taken\n… and 20 more" in line.err


def test_notes_import_says_why_it_broke_off(line: Line) -> None:
    report = ImportReport((1,), broken_off="The disk is full.")
    line.prepare = lambda container: setattr(container, "import_report", report)
    assert line("notes", "import", "a.jex") == 1
    assert line.out.startswith("1 imported")
    assert line.err == "The disk is full.\n"


def test_notes_import_fails_when_nothing_came_in(line: Line) -> None:
    report = ImportReport(failed=(ImportFailure("bad.md", "It is empty."),))
    line.prepare = lambda container: setattr(container, "import_report", report)
    assert line("notes", "import", "bad.md") == 1


def run_for_real(folder: Path, *arguments: str, stdin: bytes) -> subprocess.CompletedProcess[bytes]:
    """The verbs on real streams with the fake services, in a locale that knows no letter beyond ASCII."""
    script = (
        "import sys\nfrom desktop_app.app.cli import main\n"
        "from tests.fakes.fake_container import FakeContainer, FakeNotes\n"
        "notes = FakeNotes()\n"
        "def container(paths, overrides):\n"
        "    made = FakeContainer(paths, overrides)\n    made.notes = notes\n    return made\n"
        "folder, *line = sys.argv[1:]\n"
        "code = main([*line, '--data-dir', folder], container_factory=container)\n"
        "sys.exit(code or main(['notes', 'show', '1', '--data-dir', folder], container_factory=container))\n"
    )
    return subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", script, str(folder), *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"},
    )


def test_standard_input_comes_back_byte_for_byte_in_any_locale(tmp_path: Path) -> None:
    text = "Möhren\r\nnul \x00 \U0001f955\n".encode()
    done = run_for_real(tmp_path, "notes", "add", "-", stdin=text)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b"1\n" + text


def test_standard_input_that_is_no_text_is_refused_in_words(tmp_path: Path) -> None:
    done = run_for_real(tmp_path, "notes", "add", "-", stdin=b"\xff\xfe\xfa")
    assert done.returncode == 1
    assert done.stderr == b"inkwell: What came on standard input is not UTF-8 text.\n"


# index -------------------------------------------------------------------------------------------


def test_index_reports_what_it_did(line: Line) -> None:
    assert line.json("index") == {"notes": 2, "chunks": 7, "embedded": 4, "seconds": 0.123}
    assert line("index") == 0
    assert "4 embedded" in line.out
    assert line.err == ""  # no bar where nobody watches


def test_index_says_once_that_it_waits_for_another(line: Line) -> None:
    def slow(container: FakeContainer) -> None:
        waiting = IndexingProgress(2, 1, 3, 4, 10.0, waiting=True)
        container.progress = (waiting, waiting, IndexingProgress(2, 1, 3, 4, 10.0))

    line.prepare = slow
    assert line("index") == 0
    assert line.err == "Another Inkwell is indexing; waiting.\n"


# settings ----------------------------------------------------------------------------------------


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


# The door ----------------------------------------------------------------------------------------


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


def test_notes_import_that_was_stopped_says_so(line: Line) -> None:
    line.prepare = lambda container: setattr(container, "import_report", ImportReport((1,), stopped=True))
    assert line("notes", "import", "vault") == 130
    assert line.err.startswith("Stopped.")


def test_notes_export_writes_what_was_chosen(line: Line, tmp_path: Path) -> None:
    asked: list[tuple[str, list[int], str]] = []

    def writes(kind: str) -> Callable[..., ExportReport]:
        def write(ids: list[int], folder: Path, name: str, *_more: object) -> ExportReport:
            asked.append((kind, ids, name))
            return ExportReport(folder / "Ink", len(ids), 0, 2, ("lost.png",))

        return write

    def prepare(container: FakeContainer) -> None:
        container.note_export = SimpleNamespace(html=writes("html"), markdown=writes("markdown"))  # type: ignore[attr-defined]
        for number in (1, 2):
            container.notes.notes[number] = Note(number, "Ink", "", "Work/Ink", (), NOW, NOW)

    line.prepare = prepare
    out = str(tmp_path)
    assert line.json("notes", "export", "2", "--format", "html", "--output", out) == {
        "path": str(tmp_path / "Ink"),
        "notes": 1,
        "attachments": 2,
        "missing": ["lost.png"],
    }
    assert line("notes", "export", "--folder", "Work/Ink", "--output", out) == 0
    assert "lost.png" in line.err
    assert line("notes", "export", "--all", "--output", out) == 0
    assert asked == [("html", [2], "Notes"), ("markdown", [1, 2], "Ink"), ("markdown", [1, 2], "Notes")]
    assert line("notes", "export", "9", "--output", out) == 1
    assert line("notes", "export", "--output", out) == 2
