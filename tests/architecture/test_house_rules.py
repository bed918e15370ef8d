"""The rooms and arrows of the house, enforced; and each rule shown to bite."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.rules import (
    FORBIDDEN_WORDS,
    LONGEST_FILE,
    VAGUE_NAMES,
    broken_import_rules,
    early_numpy,
    python_files,
    slow_values,
    swallowed_errors,
)

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "desktop_app"
ROOMS = [PROGRAM, ROOT / "tests", ROOT / "packaging", ROOT / "benchmarks"]
WORDS_OF_THE_RULES = ROOT / "tests" / "architecture"


def own_files() -> Iterator[Path]:
    for room in ROOMS:
        yield from python_files(room)


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_libraries_stay_in_their_rooms() -> None:
    broken = [
        line
        for path in python_files(PROGRAM)
        for line in broken_import_rules(path.relative_to(PROGRAM).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert broken == []


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("services/chat.py", "import llama_cpp"),
        ("workers/encoder_worker.py", "import llama_cpp"),
        ("workers/decoder/loop.py", "import torch"),
        ("engines/encoder.py", "def f():\n    from sentence_transformers import SentenceTransformer"),
        ("services/attachments.py", "import pypdfium2"),
        ("engines/importer.py", "import zipfile"),
        ("workers/import_worker/pdf.py", "import torch"),
        ("workers/decoder_worker/loop.py", "from xml.parsers import expat"),
        ("services/notes.py", "from sqlalchemy.orm import Session"),
        ("app/container.py", "import alembic.config"),
        ("settings/form.py", "from PySide6.QtCore import QObject"),
        ("presenters/chat.py", "from PySide6.QtWidgets import QLabel"),
        ("presenters/chat.py", "from PySide6 import QtGui"),
        ("ui/chat/view.py", "from PySide6.QtNetwork import QNetworkAccessManager"),
        ("ui/chat/view.py", "from PySide6 import QtWebEngineWidgets"),
        ("app/cli/ask.py", "from PySide6.QtCore import QObject"),
        ("domain/notes.py", "import numpy"),
        ("storage/notes.py", "import numpy"),
        ("ui/search/view.py", "import numpy"),
        ("presenters/search.py", "def f():\n    import numpy as np"),
        ("services/model_library.py", "from urllib.request import urlopen"),
        ("app/single_instance.py", "import socket"),
    ],
)
def test_the_import_rules_bite(place: str, source: str) -> None:
    assert broken_import_rules(place, source)


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("workers/decoder/loop.py", "import llama_cpp"),
        ("workers/encoder_worker.py", "import torch"),
        ("storage/store.py", "import sqlalchemy"),
        ("storage/connection.py", "from urllib.parse import quote"),
        ("ui/chat/view.py", "from PySide6.QtWidgets import QLabel"),
        ("presenters/chat.py", "from PySide6.QtCore import QObject, Signal"),
        ("domain/notes.py", "import re\nfrom desktop_app.domain.errors import InkwellError"),
    ],
)
def test_the_import_rules_let_the_rest_pass(place: str, source: str) -> None:
    assert broken_import_rules(place, source) == []


def test_numbers_are_loaded_only_when_they_are_needed() -> None:
    early = [
        line
        for path in python_files(PROGRAM)
        for line in early_numpy(path.relative_to(PROGRAM).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert early == []


@pytest.mark.parametrize("source", ["import numpy as np", "if True:\n    from numpy.typing import NDArray"])
def test_the_rule_on_numbers_bites(source: str) -> None:
    assert early_numpy("services/search.py", source)
    assert early_numpy("storage/word_ranking.py", source)
    assert early_numpy("services/search.py", f"def f():\n    {source}".replace("\n    from", "\n        from")) == []
    assert early_numpy("services/search.py", "if TYPE_CHECKING:\n    import numpy as np") == []


def test_no_file_is_too_long_to_read() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in own_files()}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_names_say_what_is_inside() -> None:
    assert [path for path in own_files() if path.stem in VAGUE_NAMES or path.parent.name in VAGUE_NAMES] == []


def test_nothing_is_left_for_later_in_the_code() -> None:
    marked = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in own_files()
        if not path.is_relative_to(WORDS_OF_THE_RULES)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if FORBIDDEN_WORDS.search(line)
    ]
    assert marked == []


def test_no_error_is_swallowed() -> None:
    found = [
        line
        for path in python_files(PROGRAM)
        for line in swallowed_errors(path.relative_to(PROGRAM).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_rule_against_swallowing_bites() -> None:
    assert swallowed_errors("x.py", "try:\n    f()\nexcept Exception:\n    pass")
    assert swallowed_errors("x.py", "try:\n    f()\nexcept ValueError:\n    pass") == []


def test_values_are_made_fast() -> None:
    found = [
        line
        for path in python_files(PROGRAM)
        for line in slow_values(path.relative_to(PROGRAM).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_rule_on_values_bites() -> None:
    value = "@dataclass(frozen=True, slots=True)\nclass Value:\n    name: str = field(default='', compare={})"
    assert slow_values("x.py", value.format(True))
    assert slow_values("x.py", value.format(False)) == []


def test_the_domain_is_cheap_to_import() -> None:
    modules = [
        f"desktop_app.domain.{path.stem}" for path in python_files(PROGRAM / "domain") if path.stem != "__init__"
    ]
    code = f"import sys\nbefore = set(sys.modules)\nimport {', '.join(modules)}\nprint(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded - set(sys.stdlib_module_names) == {"desktop_app", "msgspec", "typing_extensions"}


def test_the_folder_packaging_does_not_hide_the_library_of_that_name() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_requirements_are_pinned_and_agree_with_the_project() -> None:
    import tomllib

    pinned: dict[str, str] = {}
    for file in sorted((ROOT / "packaging" / "requirements").glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                name, _, version = line.partition("==")
                assert version, f"{file.name}: {line} is not pinned"
                key = name.lower().replace("_", "-")
                assert key not in pinned, f"{name} is pinned twice"
                pinned[key] = version
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
        name, _, version = requirement.partition("==")
        if version:
            assert pinned[name.lower().replace("_", "-")] == version, requirement


def test_every_shipped_part_is_in_the_list_of_licences() -> None:
    listed = (ROOT / "resources" / "licences" / "THIRD_PARTY.md").read_text(encoding="utf-8")
    for file in sorted((ROOT / "packaging" / "requirements").glob("[1-4]-*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                name, _, version = line.partition("==")
                assert f"| {name} | {version} | " in listed, f"{name}: run packaging/licences.py"
    resources = ROOT / "resources"
    for text in re.findall(r"[\w./-]+\.txt", listed):
        assert (resources / "licences" / text).is_file() or (resources / text).is_file(), text
    assert "|  |" not in listed
