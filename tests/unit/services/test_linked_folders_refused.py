"""Linked folders whose disk refuses something, or whose notes change between the writing of a file and its commit."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.domain.folder_sync import FolderState
from desktop_app.services import import_files
from desktop_app.services.linked_folders import sync_steps
from desktop_app.services.linked_folders.gathered_changes import GatheredChanges
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store
from tests.unit.services.test_linked_folders import Desk


@pytest.fixture
def desk(real_store: Store, note_service: NoteService, tmp_path: Path) -> Desk:
    desk = Desk(real_store, note_service, tmp_path / "vault")
    desk.write("Alpha.md", "first text")
    desk.write("work/Beta.md", "second text")
    desk.link()
    return desk


def before_the_commit(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do this once what was found is about to be committed for the first time."""
    commit = GatheredChanges.commit

    def first(self: GatheredChanges) -> None:
        monkeypatch.setattr(GatheredChanges, "commit", commit)
        act()
        commit(self)

    monkeypatch.setattr(GatheredChanges, "commit", first)


@pytest.mark.parametrize("edited", [False, True])
def test_a_file_that_cannot_be_moved_is_told_and_moved_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, edited: bool
) -> None:
    alpha = desk.note("Alpha")
    desk.notes.move([alpha.id], "vault/work")
    if edited:
        desk.notes.save(alpha.id, "edited, too")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(sync_steps, "move_file", refuse)
        report = desk.look()
    assert [one.path for one in report.problems] == ["Alpha.md"]
    assert report.problems[0].reason.startswith("It could not be moved: ")
    assert (report.moved, desk.files()) == (0, {"Alpha.md", "work/Beta.md"})
    assert desk.read("Alpha.md") == ("edited, too" if edited else "first text")
    assert desk.look().moved == 1
    assert desk.files() == {"work/Alpha.md", "work/Beta.md"}
    assert desk.notes.get(alpha.id).folder == "vault/work"
    assert not desk.look().changed
    assert desk.folders.statuses()[0].state is FolderState.IN_STEP


@pytest.mark.parametrize("moved", [False, True])
def test_a_note_saved_while_its_file_is_written_is_written_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, moved: bool
) -> None:
    alpha = desk.note("Alpha")
    desk.notes.save(alpha.id, "mine")
    if moved:
        desk.notes.move([alpha.id], "vault/work")
    before_the_commit(monkeypatch, lambda: desk.store.notes.save(alpha.id, title=alpha.title, text="typed meanwhile"))
    report = desk.look()
    assert (report.conflicts, report.trashed, report.added, report.moved) == ((), 0, 0, int(moved))
    assert desk.files() == {"work/Alpha.md" if moved else "Alpha.md", "work/Beta.md"}
    assert desk.read("work/Alpha.md" if moved else "Alpha.md") == "typed meanwhile" == desk.notes.get(alpha.id).text
    assert desk.titles() == {"Alpha", "Beta"}
    assert not desk.look().changed


def test_a_note_deleted_while_its_file_is_written_stops_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    alpha, beta = desk.note("Alpha"), desk.note("Beta")
    desk.notes.save(alpha.id, "mine")
    desk.notes.save(beta.id, "mine, too")
    before_the_commit(monkeypatch, lambda: desk.store.notes.delete_forever([alpha.id]))
    desk.look()
    desk.look()
    assert desk.read("work/Beta.md") == "mine, too" == desk.notes.get(beta.id).text
    assert not desk.look().changed
    assert desk.folders.statuses()[0].state is FolderState.IN_STEP


def test_a_file_that_cannot_be_read_wins_no_conflict(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = desk.note("Alpha")
    monkeypatch.setattr(import_files, "MOST_BYTES", 1_000)
    desk.notes.save(alpha.id, "mine")
    desk.write("Alpha.md", "x" * 1_001)
    report = desk.look()
    assert [one.path for one in report.problems] == ["Alpha.md"]
    assert "too large" in report.problems[0].reason
    assert (report.conflicts, desk.notes.get(alpha.id).text) == ((), "mine")
    assert desk.read("Alpha.md") == "x" * 1_001
    desk.write("Alpha.md", "theirs")
    assert len(desk.look().conflicts) == 1


def test_a_file_that_holds_no_text_wins_no_conflict(desk: Desk) -> None:
    alpha = desk.note("Alpha")
    desk.notes.save(alpha.id, "mine")
    desk.write("Alpha.md", b"\0" * 5000)
    report = desk.look()
    assert [(one.path, one.note_id) for one in report.problems] == [("Alpha.md", alpha.id)]
    assert (report.conflicts, desk.notes.get(alpha.id).text) == ((), "mine")
    assert desk.read("Alpha.md") == "\0" * 5000
    assert [one.path for one in desk.folders.statuses()[0].unwritten] == ["Alpha.md"]
    desk.write("Alpha.md", "theirs")
    assert len(desk.look().conflicts) == 1
