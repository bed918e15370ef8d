"""`inkwell notes`: what is asked of the services, what is printed, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from desktop_app.domain.notes import ExportReport, ImportFailure, ImportReport, Note
from tests.fakes.fake_container import NOW, FakeContainer
from tests.unit.app.command_line import Line


@pytest.mark.skipif(sys.platform == "win32", reason="pipes with names")
def test_what_a_shell_pipes_in_by_name_has_no_title_of_its_own(line: Line, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "63")
    writer = threading.Thread(target=(tmp_path / "63").write_text, args=("first line\nmore",))
    writer.start()
    assert line("notes", "add", str(tmp_path / "63")) == 0
    writer.join()
    assert line.made.notes.notes[1].title == "first line"


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


def test_a_title_of_several_lines_stays_on_its_line_of_the_list(line: Line, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text")
    line("notes", "add", str(tmp_path / "a.md"))
    made = line.made.notes.notes
    made[1] = replace(made[1], title="one\ntwo\tthree")
    line("notes", "list")
    assert line.out == "1\tone two three\n"


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
