"""The command line as a person runs it: own processes, the real starter models, one data folder."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import note_files as made

ROOT = Path(__file__).resolve().parents[2]


class Inkwell:
    """Runs `inkwell` in processes of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("INKWELL_")}
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "desktop_app", *arguments, "--data-dir", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT)},
        )

    def __call__(self, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(stdin, timeout=110)
        return process.returncode, out, err

    def json(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        code, out, err = self(*arguments, "--json", stdin=stdin)
        assert code == 0, err
        assert out.count("\n") == 1
        values: dict[str, Any] = json.loads(out)
        return values


@pytest.fixture
def inkwell(tmp_path: Path) -> Inkwell:
    return Inkwell(tmp_path / "data")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Inkwell:
    """A data folder with a few notes, imported and indexed once for the tests that only read."""
    vault = tmp_path_factory.mktemp("vault")
    texts = {
        "health/sleep.md": "---\ntags: [health]\n---\n# Falling asleep\n\nKeep the bedroom cold and dark; no coffee.\n",
        "kitchen/bread.md": "# Sourdough\n\nFeed the starter, knead, let the dough rise, bake at 240 degrees.\n",
        "garden/tomato.txt": "Water tomatoes at the root in the morning and pinch out the side shoots.\n",
        "work/meeting.md": "# Budget meeting\n\nThe finance department wants the quarterly figures by Friday.\n",
    }
    for name, text in texts.items():
        (vault / name).parent.mkdir(parents=True, exist_ok=True)
        (vault / name).write_text(text, encoding="utf-8")
    (vault / "empty.md").write_bytes(b"")
    program = Inkwell(tmp_path_factory.mktemp("data"))
    report = program.json("notes", "import", str(vault))
    assert report["imported"] >= 4
    assert program.json("notes", "import", str(vault))["imported"] == 0
    return program


def test_exports_of_other_programs_come_in_through_their_own_process(tmp_path: Path) -> None:
    inkwell, exports = Inkwell(tmp_path / "data"), tmp_path / "exports"
    exports.mkdir()
    made.write_tar(exports / "export.jex", made.joplin_items())
    made.write_enex(exports / "Trips.enex", made.enex_note("Trip", "<div>far away</div>"))
    made.write_epub(exports / "book.epub", {"1.xhtml": "<p>a chapter</p>"})
    (exports / "cut.jex").write_bytes((exports / "export.jex").read_bytes()[:2048])
    first, second = (inkwell.json("notes", "import", str(exports)) for _ in range(2))
    assert (first["imported"], first["unchanged"]) == (4, 0)
    assert (first["attachments"], first["skipped_attachments"]) == (1, 1)
    assert (second["imported"], second["updated"], second["unchanged"]) == (0, 0, 4)
    assert [failure["path"] for failure in second["failed"]] == [str(exports / "cut.jex")]


def test_ask_streams_a_real_answer_and_the_same_seed_gives_the_same_text(inkwell: Inkwell) -> None:
    line = ("ask", "What is the capital of France?", "--max-tokens", "24", "--seed", "7")
    first = inkwell.json(*line)
    assert "Paris" in first["text"]
    assert first["stop_reason"] in ("end", "limit")
    assert 0 < first["generated_tokens"] <= 24
    assert first["prompt_tokens"] > 5
    assert first["first_token_s"] > 0
    assert first["tokens_per_s"] > 0
    assert "SmolLM2" in first["model"]
    code, out, _ = inkwell(*line)
    assert code == 0
    assert out.rstrip("\n") == first["text"].rstrip("\n")


def test_ask_stores_no_chat(inkwell: Inkwell, tmp_path: Path) -> None:
    assert inkwell("ask", "Hello", "--max-tokens", "4")[0] == 0
    folder = tmp_path / "exported"
    assert inkwell("export", str(folder))[0] == 0
    assert not [path for path in folder.rglob("*.md") if "Hello" in path.read_text(encoding="utf-8")]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
def test_ctrl_c_in_mid_answer_stops_at_once_and_leaves_no_process(inkwell: Inkwell) -> None:
    process = inkwell.start("ask", "Tell me a very long story about a lighthouse.", "--max-tokens", "1000")
    assert process.stdout is not None
    assert process.stdout.read(1)
    children = _children(process.pid)
    assert children
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert time.monotonic() - started < 4
    assert process.returncode == 130
    assert err.strip().endswith("Stopped.")
    deadline = time.monotonic() + 3
    while any(_runs(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(_runs(pid) for pid in children)


def _children(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def _runs(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a model at all" * 100])
def test_a_model_file_that_is_none_is_refused_in_one_line(inkwell: Inkwell, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(content)
    code, out, err = inkwell("ask", "Hello", "--model", str(file))
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_notes_come_back_byte_for_byte(inkwell: Inkwell, tmp_path: Path) -> None:
    text = "# Ünïcode\r\n\tnul \x00, emoji \U0001f98a, עברית\n\ntrailing  \n"
    file = tmp_path / "note.md"
    file.write_bytes(text.encode())
    code, out, err = inkwell("notes", "add", str(file), "--folder", "a/b")
    assert code == 0, err
    shown = inkwell.json("notes", "show", out.strip())
    assert shown["text"] == text
    assert (shown["title"], shown["folder"]) == ("Ünïcode", "a/b")
    assert inkwell("notes", "delete", out.strip())[0] == 0
    assert inkwell.json("notes", "list")["notes"] == []


def test_index_and_search_by_other_words(library: Inkwell) -> None:
    report = library.json("index")
    assert report["notes"] >= 4
    assert report["embedded"] >= 4
    assert library.json("index")["embedded"] == 0
    found = library.json("search", "insomnia remedies", "--limit", "2")
    assert found["hits"][0]["path"].endswith("health/sleep.md")
    assert found["hits"][0]["title"] == "Falling asleep"
    assert found["hits"][0]["meaning_rank"] == 1
    assert found["hits"][0]["words_rank"] is None
    assert "bedroom" in found["hits"][0]["passage"]
    words = library.json("search", "dough", "--mode", "words")
    assert [hit["title"] for hit in words["hits"]] == ["Sourdough"]
    assert words["hits"][0]["words_rank"] == 1
    assert library.json("search", "zzqx vlorp", "--mode", "words")["hits"] == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
def test_a_killed_indexer_is_taken_over_at_once_and_nothing_is_embedded_twice(inkwell: Inkwell, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    for number in range(120):
        words = " ".join(f"{word}{number}" for word in ("garden", "bread", "engine", "letter", "winter") * 12)
        (vault / f"{number}.md").write_text(f"# Note {number}\n\n{words}\n", encoding="utf-8")
    inkwell.json("notes", "import", str(vault))
    killed = inkwell.start("index")
    while not (kept := _count(inkwell, "vectors")):
        assert killed.poll() is None, killed.communicate()
        time.sleep(0.02)
    killed.kill()
    # Wait for its end without asking for it: to the system it is still there, as when a shell is busy.
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
    kept = _count(inkwell, "vectors")
    assert 0 < kept < 120
    code, out, err = inkwell("index", "--json")
    killed.communicate()
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert report["chunks"] == _count(inkwell, "vectors") == 120
    assert report["embedded"] == 120 - kept


def _count(inkwell: Inkwell, table: str) -> int:
    with closing(sqlite3.connect(f"{(inkwell.folder / 'inkwell.sqlite3').as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_export_writes_what_was_imported(library: Inkwell, tmp_path: Path) -> None:
    assert library("export", str(tmp_path / "out"))[0] == 0
    written = "\n".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*.md"))
    assert "Feed the starter" in written
    assert "health" in written


def test_a_backup_brings_back_what_was_deleted(inkwell: Inkwell) -> None:
    inkwell("notes", "add", "-", stdin="# Kept\n")
    path = inkwell.json("backup")["path"]
    assert Path(path).exists()
    inkwell("notes", "delete", "1")
    assert inkwell.json("notes", "list")["notes"] == []
    code, _, err = inkwell("restore", path)
    assert code == 0, err
    assert [note["title"] for note in inkwell.json("notes", "list")["notes"]] == ["Kept"]
    assert inkwell("restore", str(Path(path).with_name("nothing")))[0] == 1


def test_settings_and_models_and_doctor(inkwell: Inkwell) -> None:
    assert inkwell.json("settings", "set", "sampling.temperature", "0.5")["value"] == 0.5
    assert inkwell("settings", "get", "sampling.temperature")[1].strip().startswith("0.5")
    models = inkwell.json("models", "list")["models"]
    assert [model["role"] for model in models if model["in_use"]] == ["decoder", "encoder"]
    assert "SmolLM2" in models[0]["name"]
    code, out, _ = inkwell("doctor", "--json")
    report = json.loads(out)
    states = {check["name"]: check["state"] for check in report["checks"]}
    assert states["decoder"] == states["encoder"] == "ok", report
    assert code == (0 if report["healthy"] else 1)
