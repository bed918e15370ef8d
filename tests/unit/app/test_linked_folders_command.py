"""`inkwell notes link`, `unlink`, `sync` and `export-folder` on a real store."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop_app.app.cli import main
from desktop_app.services.folder_export import FolderExport
from desktop_app.services.linked_folders.linked_folders import LinkedFolders
from desktop_app.services.notes import NoteService
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store
from tests.fakes.fake_container import FakeContainer


class Line:
    """Runs command lines over one store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups")
        self.notes = NoteService(self.store)
        self.out = self.err = ""

    def __call__(self, *arguments: str) -> int:
        def make(paths: Any, overrides: Any) -> Any:
            container: Any = FakeContainer(paths, overrides)
            container.linked_folders = LinkedFolders(self.store, self.notes, "me")
            files = AttachmentFiles(self.folder / "attachments")
            container.folder_export = FolderExport(self.store, self.notes, files)
            return container

        out, err = io.StringIO(), io.StringIO()
        code = main(
            [*arguments, "--data-dir", str(self.folder)],
            container_factory=make,
            environ={},
            stdin=io.StringIO(),
            stdout=out,
            stderr=err,
        )
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    def json(self, *arguments: str) -> dict[str, Any]:
        assert self(*arguments, "--json") == 0, self.err
        values: dict[str, Any] = json.loads(self.out)
        return values


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path / "data")
    yield line
    line.store.close()


def test_link_sync_and_unlink(line: Line, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "a.md").write_text("text")
    (vault / "b.md").write_bytes(bytes(range(32)) * 9)
    linked = line.json("notes", "link", str(vault))
    assert (linked["folder"], linked["notes_folder"], linked["added"]) == (str(vault), "vault", 1)
    assert [one["path"] for one in linked["problems"]] == ["b.md"]
    line.notes.save(1, "mine")
    assert [one["written"] for one in line.json("notes", "sync")["folders"]] == [1]
    assert (vault / "a.md").read_text() == "mine"
    assert line("notes", "sync") == 0
    assert "0 conflicts" in line.out
    assert "b.md: It is not a text file." in line.err
    assert line.json("notes", "unlink", str(vault)) == {"folder": str(vault), "linked": False}
    assert line.json("notes", "sync") == {"folders": []}
    assert line("notes", "unlink", str(vault)) == 1
    assert "not linked" in line.err


def test_a_folder_that_is_not_there_is_said(line: Line, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "a.md").write_text("text")
    line("notes", "link", str(vault))
    vault.rename(tmp_path / "away")
    assert line("notes", "sync") == 1
    assert "is not there; its notes are as last seen" in line.err
    assert line("notes", "link", str(vault / "none")) == 1


def test_files_that_are_gone_at_once_wait_until_it_is_said_that_they_were_deleted(line: Line, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    (vault / "disk").mkdir(parents=True)
    (vault / "a.md").write_text("text")
    for number in range(5):
        (vault / "disk" / f"{number}.md").write_text(f"text {number}")
    line("notes", "link", str(vault))
    shutil.rmtree(vault / "disk")
    assert line("notes", "sync") == 1
    assert "5 of 6 files are gone. Their notes wait until the files are back" in line.err
    assert line("notes", "sync", "--json") == 1
    assert json.loads(line.out)["folders"][0]["held"] == {"gone": 5, "known": 6}
    assert line("notes", "sync", "--trash-missing", str(tmp_path)) == 1
    report = line.json("notes", "sync", "--trash-missing", str(vault))["folders"][0]
    assert (report["trashed"], report["held"]) == (5, None)
    assert line("notes", "sync") == 0


def test_a_folder_is_exported_by_its_path_and_by_its_name(line: Line, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "a.md").write_bytes(b"\xef\xbb\xbftext")
    line("notes", "link", str(vault))
    for source in (str(vault), "vault"):
        report = line.json("notes", "export-folder", source, str(tmp_path / f"out {len(source)}"))
        assert (report["notes"], report["unchanged"], report["files"], report["missing"]) == (1, 1, 0, [])
        assert (Path(report["folder"]) / "a.md").read_bytes() == b"\xef\xbb\xbftext"
    assert line("notes", "export-folder", "nothing", str(tmp_path / "none")) == 1
    assert "There is no such folder of notes." in line.err
    assert "or the path of the one that was imported" in line.err
