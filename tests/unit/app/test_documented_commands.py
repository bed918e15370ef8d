"""Commands and JSON in the README and the user guide are those of the program."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from desktop_app.app.cli import ask, chats, linked_folders, notes, search
from desktop_app.app.cli.command_line import build_parser
from desktop_app.app.doctor import Check, DoctorReport, State
from desktop_app.app.paths import split_data_dir
from desktop_app.domain.chat_record import ChatImportReport, ChatRecord, ChatSummary, LeftOut
from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.folder_sync import Conflict, LinkedFolder, SyncProblem, SyncReport
from desktop_app.domain.generation import GenerationFigures, StopReason
from desktop_app.domain.notes import ImportFailure, ImportReport, Note, NoteSummary
from desktop_app.domain.search import SearchHit, SearchMode, SearchResult

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "user-guide.md"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def commands_in(path: Path) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("inkwell ")]


@pytest.mark.parametrize("path", [ROOT / "README.md", GUIDE], ids=lambda path: path.name)
def test_every_documented_command_is_understood(path: Path) -> None:
    commands = commands_in(path)
    assert len(commands) > 5
    for command in commands:
        _, arguments = split_data_dir(shlex.split(command, comments=True)[1:])
        assert callable(build_parser().parse_args(search.with_text_apart(arguments)).run), command


def verbs(parser: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Each verb of the command line with its long options."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from verbs(below, (*words, name))
    if words and not any(isinstance(action, argparse._SubParsersAction) for action in parser._actions):
        options = {option for action in parser._actions for option in action.option_strings if option[:2] == "--"}
        yield " ".join(words), options - {"--help"}


def test_the_guide_shows_every_verb_and_every_option() -> None:
    section = GUIDE.read_text(encoding="utf-8").partition("\n## Command line\n")[2].partition("\n## ")[0]
    shown = "\n".join(commands_in(GUIDE))
    found = dict(verbs(build_parser()))
    assert len(found) > 20
    for verb, options in found.items():
        assert re.search(rf"^inkwell {verb}\b(?!-)", shown, re.MULTILINE), f"no example of inkwell {verb}"
        assert {option for option in options if option not in section} == set(), verb


def documented_json() -> dict[str, Any]:
    found = re.findall(r"^```json (\w+)\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return {name: json.loads(text) for name, text in found}


def shape(value: Any) -> Any:
    """Keys all the way down, of lists the first element; values do not matter."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return None


def test_the_documented_json_has_the_keys_of_the_program() -> None:
    figures = GenerationFigures(1, 0, 0, 1, 0.0, 0.0, 0.0, 0.0, 0)
    hit = SearchHit(1, "t", "p", "f", (), "x", 0, 1, 0.5, None, 1, NOW)
    note = Note(1, "t", "x", "f", (), NOW, NOW)
    failures = (ImportFailure("p", "r"),)
    check = Check("store", "Database", State.OK, "fine")
    left_out = (LeftOut("n", "r"),)
    summary = ChatSummary(1, "t", NOW, NOW, None, None, None, "", "chat", 1)
    real = {
        "ask": ask._as_json("x", StopReason.END, figures, "m"),
        "search": search.as_json(SearchResult("q", SearchMode.BOTH, (hit,), 0.1)),
        "import": notes._report_as_json(ImportReport((1,), (), 0, failures)),
        "list": {"notes": [notes._summary_as_json(NoteSummary(1, "t", "f", "s", NOW))]},
        "show": notes._note_as_json(note),
        "sync": {
            "folders": [
                linked_folders._as_json(
                    LinkedFolder(1, Path("p"), "t"),
                    SyncReport(conflicts=(Conflict(1, "p", "t"),), problems=(SyncProblem("p", "r"),)),
                )
            ]
        },
        "chats_list": {"chats": [chats._summary_as_json(summary)]},
        "chats_show": chats._chat_as_json(1, ChatRecord("t", NOW, NOW), [Message(1, 1, None, 0, Role.USER, "x", NOW)]),
        "chats_import": chats._report_as_json(ChatImportReport((1,), 1, left_out, left_out)),
        "doctor": DoctorReport((check,), {"inkwell": "0"}, {"data": "d"}, ("avx2",)).as_json(),
    }
    documented = documented_json()
    assert {"index", "add", *real} == set(documented)
    for name, values in real.items():
        assert shape(documented[name]) == shape(values), name


def test_the_documented_stop_reasons_are_those_of_the_program() -> None:
    sentence = re.search(r"`stop_reason` is (.*?)\.", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert sentence is not None
    assert set(re.findall(r"`(\w+)`", sentence.group(1))) == {reason.value for reason in StopReason} - {"interrupted"}
