"""`inkwell ask`: what reaches the decoder, what is printed, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.errors import TemplateError
from desktop_app.domain.generation import StopReason
from tests.fakes.fake_container import FIGURES, FakeContainer
from tests.unit.app.command_line import Line


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
