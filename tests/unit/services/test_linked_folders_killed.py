"""Linked folders when Inkwell is killed between writing a file and the commit that knows of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.domain.notes import NoteFilter
from desktop_app.services.linked_folders import sync_steps
from desktop_app.services.linked_folders.folder_scan import Stamp
from desktop_app.services.linked_folders.gathered_changes import GatheredChanges
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store
from tests.unit.services.test_linked_folders import Desk

_LOOK_AND_DIE = """
import os, signal, sys
from pathlib import Path
from desktop_app.domain.cancellation import CancelToken
from desktop_app.services.linked_folders.gathered_changes import GatheredChanges
from desktop_app.services.linked_folders.linked_folders import LinkedFolders
from desktop_app.services.notes import NoteService
from desktop_app.storage.lease_owner import this_process
from desktop_app.storage.store import Store

store = Store.open(Path(sys.argv[1]), backups=Path(sys.argv[2]))
folders = LinkedFolders(store, NoteService(store), this_process())
GatheredChanges.commit = lambda self: os.kill(os.getpid(), signal.SIGKILL)
folders.look(folders.linked()[0], CancelToken())
"""


@pytest.fixture
def desk(real_store: Store, note_service: NoteService, tmp_path: Path) -> Desk:
    desk = Desk(real_store, note_service, tmp_path / "vault")
    desk.write("Alpha.md", "---\ntags: [one]\n---\nfirst text")
    desk.write("work/Beta.md", "# Beta\n\nsecond text")
    desk.link()
    return desk


def killed_look(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a look does on the disk, without what it gathered for the store."""
    with monkeypatch.context() as patch:
        patch.setattr(GatheredChanges, "commit", lambda self: None)
        desk.look()


def texts(desk: Desk) -> list[str]:
    return sorted(desk.notes.get(one.id).text for one in desk.notes.list_notes(NoteFilter()))


def _saved(desk: Desk) -> int:
    note = desk.note("Alpha")
    desk.notes.save(note.id, "written")
    return note.id


def _retitled(desk: Desk) -> int:
    note = desk.note("Alpha")
    desk.notes.save(note.id, "written", title="Omega")
    return note.id


def _created(desk: Desk) -> int:
    note = desk.notes.create("vault")
    desk.notes.save(note.id, "written", title="Gamma")
    return note.id


@pytest.mark.parametrize("change", [_saved, _retitled, _created])
def test_our_own_writing_is_no_conflict_with_what_was_typed_after_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, change: Callable[[Desk], int]
) -> None:
    note = change(desk)
    killed_look(desk, monkeypatch)
    assert any("written" in path.read_text() for path in desk.root.rglob("*.md"))
    desk.notes.save(note, "typed after it")
    report = desk.look()
    assert (report.conflicts, report.taken, report.added, report.trashed) == ((), 0, 0, 0)
    assert texts(desk) == sorted(["typed after it", "# Beta\n\nsecond text", *(["first text"] * (change is _created))])
    name = {_saved: "Alpha.md", _retitled: "Omega.md", _created: "Gamma.md"}[change]
    assert "typed after it" in desk.read(name)
    assert len(desk.files()) == len(texts(desk))
    assert not desk.look().changed


def test_tags_that_were_written_and_taken_away_again_are_gone_from_the_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    alpha = desk.note("Alpha")
    desk.notes.set_tags(alpha.id, ["one", "two"])
    killed_look(desk, monkeypatch)
    assert "two" in desk.read("Alpha.md")
    desk.notes.set_tags(alpha.id, ["one"])
    assert desk.look().conflicts == ()
    assert "two" not in desk.read("Alpha.md")
    assert desk.notes.get(alpha.id).tags == ("one",)


def test_a_title_that_was_written_and_taken_back_is_the_old_one_in_the_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("Alpha.md", "---\ntitle: First\n---\ntext")
    desk.look()
    note = desk.note("First")
    desk.notes.save(note.id, "text", title="Second")
    killed_look(desk, monkeypatch)
    assert 'title: "Second"' in desk.read("Alpha.md")
    desk.notes.save(note.id, "text", title="First")
    assert desk.look().conflicts == ()
    assert desk.read("Alpha.md") == "---\ntitle: First\n---\ntext"
    assert desk.titles() == {"First", "Beta"}


def test_another_programs_writing_is_a_conflict_as_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    note = _saved(desk)
    killed_look(desk, monkeypatch)
    desk.write("Alpha.md", "theirs")
    desk.notes.save(note, "typed after it")
    assert len(desk.look().conflicts) == 1
    assert texts(desk) == ["# Beta\n\nsecond text", "theirs", "typed after it"]


def test_a_name_that_another_program_took_just_now_is_not_the_notes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = sync_steps.write_file

    def taken_before(root: Path, path: str, data: bytes, expected: Stamp | None) -> Stamp:
        monkeypatch.undo()
        desk.write(path, "theirs")
        return write(root, path, data, expected)

    monkeypatch.setattr(sync_steps, "write_file", taken_before)
    _created(desk)
    assert desk.look().conflicts == ()
    assert not desk.look().changed
    assert texts(desk) == ["# Beta\n\nsecond text", "first text", "theirs", "written"]
    assert len(desk.files()) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_a_process_that_is_killed_between_file_and_commit_leaves_no_conflict(desk: Desk) -> None:
    note = _saved(desk)
    command = [sys.executable, "-c", _LOOK_AND_DIE, str(desk.store.path), str(desk.root.parent / "backups")]
    killed = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.getcwd()}, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert "written" in desk.read("Alpha.md")
    desk.notes.save(note, "typed after it")
    assert desk.look().conflicts == ()
    assert texts(desk) == ["# Beta\n\nsecond text", "typed after it"]
