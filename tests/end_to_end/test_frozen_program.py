"""What people install, where `dev.py build` has made it: the archive unpacked elsewhere, with no Python to be found.

Repeats on it what the other files of this folder hold for a checkout: each door, each worker, both starter models.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from desktop_app.domain.formulas import Formula
from desktop_app.engines.formula_typesetter import FormulaProcess
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.spelling import SpellingProcess
from tests.fakes import note_files as made
from tests.fakes.office_files import write_docx, write_pdf

ROOT = Path(__file__).resolve().parents[2]
ARCHIVES = sorted((ROOT / "dist").glob("inkwell-*-linux-*.tar.gz"))
WORKERS = ("decoder", "encoder", "formula", "import", "spelling")
START_SECONDS = 60
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not ARCHIVES or sys.platform != "linux", reason="no build for Linux lies in dist/"),
]


class Build:
    """The unpacked program, run with an empty environment in a home of its own."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.program = folder / "inkwell"
        self.home = home
        self.environment = {"HOME": str(home), "PATH": "/nonexistent", "LANG": "C.UTF-8"}

    def __call__(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.program), *arguments],
            env={**self.environment, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            cwd=self.home,
            check=False,
            timeout=300,
        )

    def json(self, *arguments: str) -> dict[str, Any]:
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        values: dict[str, Any] = json.loads(done.stdout)
        return values


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The newest archive, unpacked under a name with blanks and letters beyond ASCII."""
    folder = tmp_path_factory.mktemp("Täglich genutzt")
    with tarfile.open(max(ARCHIVES, key=lambda path: path.stat().st_mtime)) as archive:
        archive.extractall(folder, filter="tar")
    (program,) = folder.iterdir()
    yield program
    shutil.rmtree(folder)


@pytest.fixture
def build(unpacked: Path, tmp_path: Path) -> Build:
    home = tmp_path / "home"
    home.mkdir()
    return Build(unpacked, home)


def test_the_doctor_finds_everything_in_the_build_itself(build: Build) -> None:
    report = build.json("doctor")
    checks = {check["name"]: check for check in report["checks"]}
    for name in ("packages", "decoder", "encoder", "folders"):
        assert checks[name]["state"] == "ok", checks[name]
    assert "missing" not in report["versions"].values()


def test_the_decoder_answers(build: Build) -> None:
    answer = build.json("ask", "What is the capital of France?", "--max-tokens", "24", "--seed", "7")
    assert "Paris" in answer["text"]
    assert "SmolLM2" in answer["model"]


def test_letters_survive_any_locale(build: Build) -> None:
    note = build.home / "Größe, 日本.md"
    note.write_text("Größe und 日本\n", encoding="utf-8")
    done = build("notes", "import", str(note), LANG="C", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    (found,) = build.json("notes", "list")["notes"]
    assert found["title"] == "Größe, 日本"


def test_files_of_strangers_are_imported_and_found_by_meaning(build: Build) -> None:
    vault = build.home / "vault"
    vault.mkdir()
    (vault / "sleep.md").write_text("# Falling asleep\n\nKeep the bedroom cold and dark; no coffee.\n")
    (vault / "bread.md").write_text("# Sourdough\n\nFeed the starter, let the dough rise, bake at 240 degrees.\n")
    made.write_tar(vault / "export.jex", made.joplin_items())
    made.write_epub(vault / "book.epub", {"1.xhtml": "<p>a chapter on lighthouses</p>"})
    made.write_enex(vault / "Trips.enex", made.enex_note("Trip", "<div>far away</div>"))
    write_pdf(vault / "bill.pdf", ["Invoice for a bicycle"])
    write_docx(vault / "letter.docx", "<w:p><w:r><w:t>Dear landlord</w:t></w:r></w:p>")
    report = build.json("notes", "import", str(vault))
    assert report["failed"] == []
    assert report["imported"] == 8
    assert build.json("index")["embedded"] >= 8
    first = build.json("search", "insomnia remedies")["hits"][0]
    assert (first["title"], first["words_rank"], first["meaning_rank"]) == ("Falling asleep", None, 1)
    assert build.json("search", "bicycle", "--mode", "words")["hits"]
    assert build.json("index")["embedded"] == 0


@pytest.mark.parametrize("name", WORKERS)
def test_every_worker_starts_and_ends_with_its_input(build: Build, name: str) -> None:
    done = build("--worker", name)
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr


def test_formulas_and_spelling_are_asked_of_the_build(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(build.program))
    launcher = WorkerLauncher(tmp_path / "work")
    (tmp_path / "xx.aff").write_text("SET UTF-8\n")
    (tmp_path / "xx.dic").write_text("2\nink\nwell\n")
    formulas, spelling = FormulaProcess(launcher), SpellingProcess(launcher)
    try:
        picture = formulas.typeset(Formula(r"\frac{a}{b}", display=True))
        assert picture is not None
        assert picture.width > 0.5
        assert spelling.wrong([tmp_path / "xx"], ["ink", "wel"]) == {"wel"}
    finally:
        formulas.close()
        spelling.close()


def test_a_store_of_an_older_version_is_migrated(build: Build) -> None:
    from tests.migrations.test_migrations import _migrated

    folder = build.home / "old"
    folder.mkdir(mode=0o700)
    _migrated(folder / "inkwell.sqlite3", "0001")
    done = build("notes", "list", "--data-dir", str(folder))
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(folder / "inkwell.sqlite3")) as store:
        assert store.execute("SELECT version_num FROM alembic_version").fetchone()[0] > "0001"


@pytest.fixture
def screen() -> Iterator[str]:
    """A display of Xvfb's."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is not installed")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


_PICTURE = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication(["grab"])
app.primaryScreen().grabWindow(0).save(sys.argv[1])
"""


def test_the_window_opens_is_raised_by_a_second_start_and_uses_nothing_from_elsewhere(
    build: Build, screen: str, tmp_path: Path
) -> None:
    from PySide6.QtGui import QImage

    environment = {**build.environment, "DISPLAY": screen}
    window = subprocess.Popen([str(build.program)], env=environment, cwd=build.home, stderr=subprocess.PIPE)
    try:
        picture = tmp_path / "window.png"
        grab = {**os.environ, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"}
        deadline = time.monotonic() + START_SECONDS
        colours: set[int] = set()
        while len(colours) < 50 and time.monotonic() < deadline:
            assert window.poll() is None
            subprocess.run([sys.executable, "-c", _PICTURE, str(picture)], env=grab, check=True)
            image = QImage(str(picture))
            colours = {image.pixel(x, y) for x in range(0, 1280, 5) for y in range(0, 800, 5)}
        assert len(colours) >= 50, "the window shows nothing"
        assert elsewhere(window.pid, build.folder) == set()
        assert build(DISPLAY=screen).returncode == 0
        assert window.poll() is None
        window.terminate()
        assert window.wait(30) == 0
        assert window.stderr is not None
        assert window.stderr.read() == b""
    finally:
        window.kill()
        window.wait()


def elsewhere(pid: int, folder: Path) -> set[str]:
    """Files that a process and its children have mapped and that are neither the build's nor the system's."""
    found = set()
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        found |= {region.path for region in process.memory_maps() if region.path.startswith("/")}
    system = (
        "/lib/",
        "/usr/lib/",
        "/usr/share/",
        "/lib64/",
        "/memfd",
        "/dev/",
        "/SYSV",
        "/etc/ld.so.cache",
        "/var/cache/fontconfig/",
    )
    theirs = {path for path in found if not path.startswith((str(folder), *system))}
    pythons = {path for path in found if "python" in path.lower() and not path.startswith(str(folder))}
    return {path for path in theirs if ".so" in path or "/bin/" in path} | pythons
