"""Linked folders while other programs write, link and mount there at the worst moment."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import LinkedFolderError
from desktop_app.domain.folder_sync import FolderState
from desktop_app.domain.notes import NoteFilter
from desktop_app.domain.source_folders import SourceFile
from desktop_app.services.linked_folders import disk_files, folder_scan, linked_folders
from desktop_app.services.linked_folders.files_beside import FilesBeside
from desktop_app.services.linked_folders.linked_folders import LinkedFolders
from desktop_app.services.linked_folders.sync_steps import SyncSteps
from desktop_app.services.notes import NoteService
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store
from tests.unit.services.test_linked_folders import NOW, Desk, quiet

LATER = "saved at that moment"


@pytest.fixture
def desk(real_store: Store, note_service: NoteService, tmp_path: Path) -> Desk:
    desk = Desk(real_store, note_service, tmp_path / "vault")
    desk.write("Alpha.md", "first text")
    desk.write("work/Beta.md", "second text")
    desk.link()
    return desk


def texts(desk: Desk) -> list[str]:
    return sorted(path.read_text() for path in desk.root.rglob("*.md") if ".trash" not in path.parts)


@pytest.mark.parametrize("there", [".", "work"])
def test_a_folder_is_not_linked_twice_by_a_link_to_it(desk: Desk, tmp_path: Path, there: str) -> None:
    (tmp_path / "other").symlink_to(desk.root / there)
    with pytest.raises(LinkedFolderError):
        desk.folders.link(tmp_path / "other", quiet, CancelToken())
    assert len(desk.folders.linked()) == 1


@pytest.mark.parametrize("edited", [False, True])
def test_a_note_that_left_the_folder_is_not_taken_for_a_new_file_of_its_name(desk: Desk, edited: bool) -> None:
    alpha = desk.note("Alpha")
    if edited:
        desk.notes.save(alpha.id, "mine")
        desk.look()
    text = desk.notes.get(alpha.id).text
    desk.notes.move([alpha.id], "archive")
    desk.look()
    desk.write("Alpha.md", "a new day")
    assert desk.look().added == 1
    left = desk.notes.get(alpha.id)
    assert (left.folder, left.text) == ("archive", text)
    desk.notes.move([alpha.id], "vault")
    desk.look()
    assert desk.files() >= {"Alpha.md", "Alpha (2).md"}
    assert desk.read("Alpha.md") == "a new day"
    assert desk.read("Alpha (2).md").endswith(text)
    assert not desk.look().changed


@pytest.mark.parametrize("act", ["move", "trash"])
def test_a_save_between_a_files_two_names_is_not_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    alpha = desk.note("Alpha")
    if act == "move":
        desk.notes.move([alpha.id], "vault/work")
    else:
        desk.notes.trash([alpha.id])
    link = os.link

    def saved(source: Path, target: Path, *, follow_symlinks: bool) -> None:
        monkeypatch.setattr(disk_files.os, "link", link)
        link(source, target, follow_symlinks=follow_symlinks)
        new = source.with_name("new.tmp")
        new.write_text(LATER)
        os.replace(new, source)

    monkeypatch.setattr(disk_files.os, "link", saved)
    desk.look()
    assert texts(desk) == [LATER, "second text"]
    assert (desk.notes.get(alpha.id).text, desk.notes.get(alpha.id).trashed_at) == (LATER, None)
    assert {Path(name).suffix for name in desk.files()} == {".md"}
    desk.look()  # what was taken in is moved now
    assert texts(desk) == [LATER, "second text"]
    assert not desk.look().changed


def test_a_file_that_an_editor_has_away_for_a_moment_is_not_gone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = desk.note("Alpha")
    (desk.root / "Alpha.md").rename(desk.root / "Alpha.md~")
    trash_note = SyncSteps.trash_note

    def saved(self: SyncSteps, row: SourceFile) -> None:
        trash_note(self, row)
        desk.write("Alpha.md", LATER)

    monkeypatch.setattr(SyncSteps, "trash_note", saved)
    assert desk.look().trashed == 0
    assert desk.notes.get(alpha.id).text == LATER


@pytest.mark.parametrize("step", ["write", "new_note", "remove", "agree"])
def test_nothing_is_written_where_the_folder_was_when_it_vanishes_in_the_middle_of_a_look(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    desk.look()
    away = desk.root.with_name("unplugged")
    match step:
        case "write":
            desk.notes.save(desk.note("Alpha").id, LATER)
        case "new_note":
            desk.notes.create("vault/more", LATER)
        case "remove":
            desk.notes.trash([desk.note("Alpha").id])
        case "agree":
            desk.notes.move([desk.note("Alpha").id], "vault/more")
    done = getattr(SyncSteps, step)

    def vanish(self: SyncSteps, *arguments: object) -> None:
        if desk.root.exists():
            desk.root.rename(away)
        done(self, *arguments)

    monkeypatch.setattr(SyncSteps, step, vanish)
    assert not desk.look().there
    assert not desk.root.exists()
    monkeypatch.undo()
    away.rename(desk.root)
    report = desk.look()
    assert (report.trashed, report.conflicts, report.problems) == (0, (), ())
    assert not desk.look().changed
    assert sorted(texts(desk)) == sorted(desk.notes.get(row.id).text for row in desk.notes.list_notes(NoteFilter()))


def test_a_place_for_a_disk_with_nothing_but_hidden_files_is_no_folder(desk: Desk) -> None:
    desk.write(".DS_Store", "x")
    shutil.copytree(desk.root, away := desk.root.with_name("unplugged"))
    (desk.root / "Alpha.md").unlink()
    shutil.rmtree(desk.root / "work")
    assert not desk.look().there
    made = desk.notes.create("vault", "made meanwhile")
    desk.folders.look_at_notes([made.id], CancelToken())
    assert desk.titles() == {"Alpha", "Beta", "made meanwhile"}
    assert desk.files() == {".DS_Store"}
    assert desk.folders.statuses()[0].state is FolderState.EMPTY
    shutil.rmtree(desk.root)
    away.rename(desk.root)
    assert desk.look().created == 1


def test_a_new_vault_with_nothing_but_hidden_files_can_be_linked(
    real_store: Store, note_service: NoteService, tmp_path: Path
) -> None:
    desk = Desk(real_store, note_service, tmp_path / "vault")
    desk.write(".obsidian/app.json", "{}")
    assert desk.link().there
    note_service.create("vault", "the first")
    assert desk.look().created == 1


def test_a_vault_begins_as_an_empty_folder(real_store: Store, note_service: NoteService, tmp_path: Path) -> None:
    desk = Desk(real_store, note_service, tmp_path / "vault")
    desk.root.mkdir()
    assert desk.link().there
    assert desk.folders.statuses()[0].state is FolderState.IN_STEP
    note_service.create("vault", "the first")
    assert desk.look().created == 1
    shutil.rmtree(desk.root)
    desk.root.mkdir()
    assert not desk.look().there
    assert desk.titles() == {"the first"}


def test_a_changed_file_behind_a_link_is_not_taken_in(desk: Desk, tmp_path: Path) -> None:
    shutil.move(desk.root / "work", tmp_path / "outside")
    (desk.root / "work").symlink_to(tmp_path / "outside")
    (tmp_path / "outside/Beta.md").write_text("secret")
    beta = desk.note("Beta")
    desk.folders.look_at_notes([beta.id], CancelToken())
    assert desk.notes.get(beta.id).text == "second text"


def test_a_file_that_becomes_a_link_while_it_is_looked_at_is_not_read(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outside.md").write_text("secret")
    desk.write("New.md", "x")

    def swapped(root: Path, cancel: CancelToken) -> folder_scan.Scan:
        found = folder_scan.scan(root, cancel)
        (root / "New.md").unlink()
        (root / "New.md").symlink_to(tmp_path / "outside.md")
        return found

    monkeypatch.setattr(linked_folders, "scan", swapped)
    desk.look()
    assert desk.titles() == {"Alpha", "Beta"}


def with_files(desk: Desk, title: str, files: AttachmentFiles, *names: str) -> None:
    """The note names these files, and the store has them."""
    desk.folders = LinkedFolders(
        desk.store, desk.notes, "me", lambda: NOW, files, FilesBeside(desk.store.source_folders)
    )
    note = desk.note(title)
    for name in names:
        desk.store.note_attachments.attach(note.id, name, files.put_bytes(name.encode(), "x"))
    desk.notes.save(note.id, " ".join(f"![](<{name}>)" for name in names))


@pytest.fixture
def files(tmp_path: Path) -> AttachmentFiles:
    return AttachmentFiles(tmp_path / "data" / "attachments")


def test_no_file_of_a_note_becomes_another_programs_own(desk: Desk, files: AttachmentFiles) -> None:
    with_files(desk, "Alpha", files, ".obsidian/plugins/x/main.js", "img/../.git/config", "img/a.png")
    desk.look()
    assert desk.files() == {"Alpha.md", "work/Beta.md", "img/a.png"}


def test_no_file_of_a_note_is_put_out_of_the_folder(desk: Desk, files: AttachmentFiles, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (desk.root / "out").symlink_to(elsewhere)
    away = f"{tmp_path}/elsewhere/a.png"
    with_files(desk, "Beta", files, away, "../../elsewhere/b.png", "../out/c.png", "out/d.png", "last.png")
    report = desk.look()
    assert (report.written, [one.path for one in report.problems]) == (1, ["out"])
    assert list(elsewhere.iterdir()) == []
    assert desk.files() == {"Alpha.md", "work/Beta.md", "work/out/d.png", "work/last.png"}


def test_a_file_of_a_note_replaces_none_and_is_not_put_there_twice(desk: Desk, files: AttachmentFiles) -> None:
    desk.write("work/a.png", "theirs")
    desk.write("assets/b.png", "theirs, found by its name")
    (desk.root / "work" / "c.png").mkdir()
    with_files(desk, "Beta", files, "a.png", "b.png", "c.png", "last.png")
    report = desk.look()
    assert (report.written, report.problems) == (1, ())
    assert desk.files() == {"Alpha.md", "work/Beta.md", "work/a.png", "assets/b.png", "work/last.png"}
    assert desk.read("work/a.png") == "theirs"
    assert not desk.look().changed


def test_a_file_that_is_not_in_the_store_keeps_no_other_from_the_folder(desk: Desk, files: AttachmentFiles) -> None:
    with_files(desk, "Beta", files, "gone.png", "last.png")
    desk.notes.save(desk.note("Beta").id, "![](never.png) ![](gone.png) ![](last.png)")
    for path in list(files.folder.rglob("*")):
        if path.is_file() and path.read_bytes() == b"gone.png":
            path.unlink()
    report = desk.look()
    assert (report.written, report.problems) == (1, ())
    assert desk.files() == {"Alpha.md", "work/Beta.md", "work/last.png"}


def test_two_that_write_at_once_have_a_file_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("0")
    stamp = folder_scan.stamp_of(tmp_path / "a.md")
    sync = os.fsync

    def other_writes(descriptor: int) -> None:
        monkeypatch.setattr(disk_files.os, "fsync", full)
        with pytest.raises(OSError, match="full"):  # the other one is ended in the middle
            disk_files.write_file(tmp_path, "a.md", b"half of it", stamp)
        monkeypatch.setattr(disk_files.os, "fsync", sync)

    def full(descriptor: int) -> None:
        raise OSError("full")

    monkeypatch.setattr(disk_files.os, "fsync", other_writes)
    disk_files.write_file(tmp_path, "a.md", b"whole", stamp)
    assert (tmp_path / "a.md").read_bytes() == b"whole"


def test_a_number_that_was_the_titles_own_goes_with_it(desk: Desk) -> None:
    desk.write("Chapter (1).md", "It begins.")
    desk.look()
    chapter = desk.note("Chapter (1)")
    desk.notes.save(chapter.id, "It begins.", "Chapter")
    desk.look()
    assert "Chapter.md" in desk.files()
    assert "Chapter (1).md" not in desk.files()
    assert desk.read("Chapter.md") == "It begins.", "no line for a title that the name says"
    assert not desk.look().changed
