"""The documents speak of files, names, settings and pictures that are there; and each check is shown to bite."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from desktop_app.settings.schema import SETTINGS
from tests.architecture.documents import (
    anchor,
    dead_links,
    missing_modules,
    prose,
    unknown_names,
    unknown_settings,
)
from tests.architecture.rules import python_files

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "benchmarks" / "RESULTS.md",
    *(ROOT / "docs").rglob("*.md"),
]
SOURCES = [ROOT / "desktop_app", ROOT / "packaging", ROOT / "benchmarks"]
KEYS = {setting.key for setting in SETTINGS}
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


@cache
def source_files() -> tuple[str, ...]:
    places = [path for folder in SOURCES for path in folder.rglob("*") if path.suffix in (".py", ".sql")]
    places += [ROOT / "pyproject.toml", *(ROOT / "resources").rglob("*.toml"), *(ROOT / "tests").rglob("*.py")]
    return tuple(path.relative_to(ROOT).as_posix() for path in places)


@cache
def source_words() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for folder in SOURCES for path in python_files(folder)]
    return {word for text in texts for word in re.findall(r"\w+", text)}


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    assert dead_links(document) == []


def test_dead_links_are_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# The house\n[a](#the-house) [b](#no) [c](gone.md) [d](https://x.org)\n```\n[e](no)\n```\n")
    assert dead_links(page) == ["#no", "gone.md"]
    assert anchor("Where your data lives: `x`") == "where-your-data-lives-x"


@each_document
def test_files_and_names_of_the_source_are_there(document: Path) -> None:
    text = prose(document)
    assert missing_modules(text, source_files(), lambda path: (ROOT / path).read_text(encoding="utf-8")) == []
    assert unknown_names(text, source_words()) == []


def test_missing_files_and_names_are_seen() -> None:
    text = "`ui/chat.py` `ui/chat.py: Chat` `ui/chat.py: Gone` `ui/gone.py` `settings.toml` `Chat.send` `Chat.gone`"
    assert missing_modules(text, ["desktop_app/ui/chat.py"], lambda _path: "class Chat") == [
        "ui/chat.py: Gone",
        "ui/gone.py",
    ]
    assert unknown_names(text, {"Chat", "send"}) == ["Chat.gone"]


@each_document
def test_settings_that_are_named_exist(document: Path) -> None:
    known = KEYS | {"search.kept_duplicates"}  # a small value of the store
    assert unknown_settings(prose(document), {key.split(".")[0] for key in KEYS}, known) == []


def test_unknown_settings_are_seen() -> None:
    assert unknown_settings(
        "`encoder.dimensions` `encoder.size` `other.size`", {"encoder"}, {"encoder.dimensions"}
    ) == ["encoder.size"]


def test_the_table_of_rooms_names_every_room() -> None:
    table = (
        (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("| room |")[2].partition("\n\n")[0]
    )
    named = set(re.findall(r"^\| `(?:desktop_app/)?([\w.]+)/?` \|", table, re.MULTILINE))
    rooms = {path.parent.name for path in (ROOT / "desktop_app").glob("*/__init__.py")}
    assert named == rooms | {"__main__.py"}


def test_every_picture_is_shown_somewhere() -> None:
    shown = {name for document in DOCUMENTS for name in re.findall(r"pictures/([\w-]+\.png)", prose(document))}
    assert shown == {path.name for path in (ROOT / "docs" / "pictures").iterdir()}


def test_every_dependency_has_its_line() -> None:
    """And one that gives a version gives the pinned one, or what it begins with."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "docs" / "decisions" / "dependencies.md").read_text(encoding="utf-8")
    columns = re.findall(r"^\| (.+?) \|", text, re.MULTILINE)
    parts = [part for column in columns for part in re.split(r", with |, | and ", column)]
    said = {name.lower(): version for name, _, version in (part.partition(" ") for part in parts)}
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
        name, pinned = re.fullmatch(r"([\w-]+)(?:==([\d.]+)|>=.*)", requirement).groups()  # type: ignore[union-attr]
        version = said.get(name.lower())
        assert version is not None, f"{name} has no line in docs/decisions/dependencies.md"
        assert not version or version.startswith("≥") or f"{pinned}.".startswith(f"{version}."), (
            f"{name} {version}, pinned: {pinned}"
        )
