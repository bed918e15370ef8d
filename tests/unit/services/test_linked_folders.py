"""Linked folders on a real store and a real disk."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import AttachmentMissingError, LinkedFolderError
from desktop_app.domain.folder_sync import FolderState, LinkedFolder, SyncReport
from desktop_app.domain.notes import Note, NoteFilter
from desktop_app.domain.source_folders import FolderKind
from desktop_app.services import import_files
from desktop_app.services.linked_folders import disk_files, folder_scan, linked_folders, sync_round, sync_steps
from desktop_app.services.linked_folders.files_beside import FilesBeside
from desktop_app.services.linked_folders.gathered_changes import GatheredChanges
from desktop_app.services.linked_folders.linked_folders import LinkedFolders
from desktop_app.services.note_attachments import NoteAttachmentService
from desktop_app.services.note_import import NoteImport
from desktop_app.services.notes import NoteService
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def quiet(_done: float, _total: int, _name: str) -> None:
    """No progress is shown."""


class Desk:
    """A linked folder with two notes, and what is asked of it."""

    def __init__(self, store: Store, notes: NoteService, folder: Path) -> None:
        self.store = store
        self.notes = notes
        self.root = folder
        self.folders = LinkedFolders(store, notes, "me", lambda: NOW)
        self.linked: LinkedFolder

    def link(self) -> SyncReport:
        self.linked, report = self.folders.link(self.root, quiet, CancelToken())
        return report

    def look(self) -> SyncReport:
        return self.folders.look(self.linked, CancelToken())

    def note(self, title: str) -> Note:
        found = [one for one in self.notes.list_notes(NoteFilter()) if one.title == title]
        assert len(found) == 1, [one.title for one in self.notes.list_notes(NoteFilter())]
        return self.notes.get(found[0].id)

    def titles(self) -> set[str]:
        return {one.title for one in self.notes.list_notes(NoteFilter())}

    def write(self, name: str, text: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def read(self, name: str) -> str:
        return (self.root / name).read_bytes().decode()

    def files(self) -> set[str]:
        return {path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file()}


@pytest.fixture
def desk(real_store: Store, note_service: NoteService, tmp_path: Path) -> Desk:
    folder = tmp_path / "vault"
    desk = Desk(real_store, note_service, folder)
    desk.write("Alpha.md", "first text #one")
    desk.write("work/Beta.md", "---\ntitle: Bee\nmood: good\n---\r\n# Other\r\ntext")
    desk.link()
    return desk


def test_files_become_notes_and_stay_as_they_are(desk: Desk) -> None:
    before = {name: desk.read(name) for name in desk.files()}
    alpha, bee = desk.note("Alpha"), desk.note("Bee")
    assert (alpha.folder, alpha.tags, alpha.text) == ("vault", ("one",), "first text #one")
    assert (bee.folder, bee.text, bee.front_matter) == ("vault/work", "# Other\r\ntext", "title: Bee\nmood: good\n")
    again = desk.look()
    assert not again.changed
    assert {name: desk.read(name) for name in desk.files()} == before
    status = desk.folders.statuses()[0]
    assert (status.state, status.notes) == (FolderState.IN_STEP, 2)


def test_an_edit_there_is_taken_in(desk: Desk) -> None:
    told: list[int] = []
    desk.notes.subscribe(told.extend)
    alpha = desk.note("Alpha")
    desk.write("Alpha.md", "second text #two")
    assert desk.look().taken == 1
    changed = desk.notes.get(alpha.id)
    assert (changed.text, changed.tags) == ("second text #two", ("two",))
    assert [one.text for one in desk.notes.versions(alpha.id)] == ["first text #one"]
    assert told == [alpha.id]
    assert not desk.look().changed


def test_an_edit_of_the_same_size_and_time_is_seen_when_it_comes_at_once(desk: Desk) -> None:
    stamp = os.stat(desk.root / "Alpha.md")
    desk.write("Alpha.md", "FIRST text #one")
    os.utime(desk.root / "Alpha.md", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert desk.look().taken == 1


def test_an_edit_here_is_written_whole_with_mode_and_front_matter(desk: Desk) -> None:
    (desk.root / "work/Beta.md").chmod(0o640)
    bee = desk.note("Bee")
    desk.notes.save(bee.id, "# Other\r\nmine")
    desk.folders.look_at_notes([bee.id], CancelToken())
    assert desk.read("work/Beta.md") == "---\ntitle: Bee\nmood: good\n---\r\n# Other\r\nmine"
    assert (desk.root / "work/Beta.md").stat().st_mode & 0o777 == 0o640
    assert desk.files() == {"Alpha.md", "work/Beta.md"}
    assert not desk.look().changed


def test_tags_given_here_are_written(desk: Desk) -> None:
    alpha = desk.note("Alpha")
    desk.notes.set_tags(alpha.id, ["one", "more"])
    assert desk.look().written == 1
    assert desk.read("Alpha.md") == '---\ntags: ["more"]\n---\nfirst text #one'
    assert not desk.look().changed
    desk.write("Alpha.md", desk.read("Alpha.md").replace("more", "less"))
    desk.look()
    assert desk.note("Alpha").tags == ("less", "one")


def test_a_conflict_keeps_both_here_and_there(desk: Desk) -> None:
    alpha = desk.note("Alpha")
    desk.notes.save(alpha.id, "mine #one")
    desk.write("Alpha.md", "theirs")
    report = desk.look()
    name = "Alpha (conflict 2026-11-27)"
    assert [one.title for one in report.conflicts] == [name]
    assert desk.notes.get(alpha.id).text == "theirs" == desk.read("Alpha.md")
    assert desk.note(name).text == "mine #one"
    assert desk.read(f"{name}.md") == "mine #one"
    status = desk.folders.statuses()[0]
    assert (status.state, [one.note_id for one in status.conflicts]) == (
        FolderState.CONFLICTS,
        [desk.note(name).id],
    )
    assert not desk.look().changed
    desk.folders.settle(desk.note(name).id)
    assert desk.folders.statuses()[0].state is FolderState.IN_STEP


def test_the_same_edit_on_both_sides_is_none(desk: Desk) -> None:
    desk.notes.save(desk.note("Alpha").id, "same")
    desk.write("Alpha.md", "same")
    assert not desk.look().conflicts
    assert desk.titles() == {"Alpha", "Bee"}
    assert not desk.look().changed


def test_a_text_changed_while_it_is_taken_in_is_not_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = desk.note("Alpha")
    desk.write("Alpha.md", "theirs")
    take = NoteService.take_from_file

    def saved_before(self: NoteService, *args: object, **kwargs: object) -> Note:
        monkeypatch.setattr(NoteService, "take_from_file", take)
        desk.store.notes.save(alpha.id, title="Alpha", text="typed meanwhile")
        return take(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(NoteService, "take_from_file", saved_before)
    desk.look()
    assert desk.notes.get(alpha.id).text == "theirs"
    assert desk.note("Alpha (conflict 2026-11-27)").text == "typed meanwhile"


def test_new_files_and_notes_come_to_the_other_side(desk: Desk) -> None:
    desk.write("work/New.md", "there")
    made = desk.notes.create("vault/work/deep", "# Made: here?\ntext")
    desk.notes.create("elsewhere", "not of the folder")
    report = desk.look()
    assert (report.added, report.created) == (1, 1)
    assert desk.note("New").folder == "vault/work"
    assert desk.read("work/deep/Made here.md") == "# Made: here?\ntext"
    assert desk.files() == {"Alpha.md", "work/Beta.md", "work/New.md", "work/deep/Made here.md"}
    assert not desk.look().changed
    assert desk.notes.get(made.id).source_path == "work/deep/Made here.md"


def test_a_file_deleted_there_puts_the_note_into_the_trash_and_back(desk: Desk) -> None:
    alpha = desk.note("Alpha")
    (desk.root / "Alpha.md").unlink()
    assert desk.look().trashed == 1
    assert desk.notes.get(alpha.id).trashed_at is not None
    desk.notes.restore([alpha.id])
    desk.folders.look_at_notes([alpha.id], CancelToken())
    assert desk.read("Alpha.md") == "first text #one"


def test_a_file_that_comes_back_is_the_same_note(desk: Desk) -> None:
    alpha = desk.note("Alpha")
    (desk.root / "Alpha.md").rename(desk.root.parent / "aside.md")
    desk.look()
    (desk.root.parent / "aside.md").rename(desk.root / "Alpha.md")
    desk.look()
    assert desk.note("Alpha").id == alpha.id


def test_a_note_deleted_here_moves_its_file_to_the_trash_of_the_folder(desk: Desk) -> None:
    bee = desk.note("Bee")
    text = desk.read("work/Beta.md")
    desk.notes.trash([bee.id])
    desk.folders.look_at_notes([bee.id], CancelToken())
    assert desk.files() == {"Alpha.md", ".trash/work/Beta.md"}
    assert desk.read(".trash/work/Beta.md") == text
    desk.notes.delete_forever([bee.id])
    assert not desk.look().changed
    desk.write("work/Beta.md", "again")
    desk.look()
    desk.notes.trash([desk.note("Beta").id])
    desk.look()
    assert ".trash/work/Beta (2).md" in desk.files()


def test_a_note_deleted_for_good_does_not_come_back_from_its_file(desk: Desk) -> None:
    alpha = desk.note("Alpha")
    desk.notes.trash([alpha.id])
    desk.notes.delete_forever([alpha.id])
    desk.look()
    assert desk.files() == {"work/Beta.md", ".trash/Alpha.md"}
    assert desk.titles() == {"Bee"}


def test_a_change_is_stronger_than_a_deletion(desk: Desk) -> None:
    alpha, bee = desk.note("Alpha"), desk.note("Bee")
    desk.notes.save(alpha.id, "kept")
    (desk.root / "Alpha.md").unlink()
    desk.notes.trash([bee.id])
    desk.write("work/Beta.md", "# Changed")
    desk.look()
    assert desk.read("Alpha.md") == "kept"
    assert desk.notes.get(bee.id).trashed_at is None
    assert desk.notes.get(bee.id).text == "# Changed"
    assert not desk.look().changed


def test_moves_on_the_disk_are_followed(desk: Desk) -> None:
    alpha, bee = desk.note("Alpha"), desk.note("Bee")
    (desk.root / "deep").mkdir()
    (desk.root / "Alpha.md").rename(desk.root / "deep" / "Omega.md")
    copied = (desk.root / "work/Beta.md").read_bytes()
    (desk.root / "work/Beta.md").unlink()
    desk.write("deep/Beta.md", copied)  # another file with the same bytes, as over a network
    report = desk.look()
    assert (report.moved, report.added, report.trashed) == (2, 0, 0)
    assert (desk.notes.get(alpha.id).title, desk.notes.get(alpha.id).folder) == ("Omega", "vault/deep")
    assert (desk.notes.get(bee.id).title, desk.notes.get(bee.id).folder) == ("Bee", "vault/deep")
    assert not desk.look().changed


def test_moves_here_move_the_file(desk: Desk) -> None:
    alpha = desk.note("Alpha")
    desk.notes.move([alpha.id], "vault/work")
    desk.folders.look_at_notes([alpha.id], CancelToken())
    assert desk.files() == {"work/Alpha.md", "work/Beta.md"}
    desk.notes.save(alpha.id, "first text #one", "Better name")
    desk.look()
    assert desk.files() == {"work/Better name.md", "work/Beta.md"}
    assert desk.read("work/Better name.md") == "first text #one"
    assert not desk.look().changed
    desk.notes.move([alpha.id], "elsewhere")
    desk.look()
    assert desk.files() == {".trash/work/Better name.md", "work/Beta.md"}
    assert desk.notes.get(alpha.id).trashed_at is None


def test_a_folder_that_vanishes_trashes_nothing(desk: Desk) -> None:
    away = desk.root.with_name("unplugged")
    desk.root.rename(away)
    assert not desk.look().there
    desk.root.mkdir()  # the empty place that a disk leaves
    assert not desk.look().there
    assert desk.titles() == {"Alpha", "Bee"}
    assert desk.folders.statuses()[0].state is FolderState.EMPTY
    desk.notes.save(desk.note("Alpha").id, "meanwhile")
    desk.root.rmdir()
    assert desk.folders.statuses()[0].state is FolderState.NOT_THERE
    desk.root.mkdir()
    desk.root.rmdir()
    away.rename(desk.root)
    assert desk.look().written == 1
    assert desk.read("Alpha.md") == "meanwhile"


def test_a_folder_that_vanishes_while_it_is_looked_through(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = folder_scan._entries

    def pulled_out(root: Path, relative: str, result: folder_scan.Scan) -> object:
        if relative == "work":
            root.rename(root.with_name("unplugged"))
        return entries(root, relative, result)

    monkeypatch.setattr(folder_scan, "_entries", pulled_out)
    assert not desk.look().there
    assert desk.titles() == {"Alpha", "Bee"}


def test_a_full_disk_leaves_the_note_saved_and_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = desk.note("Alpha")
    desk.notes.save(alpha.id, "not on the disk yet")
    sync = os.fsync

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk_files.os, "fsync", full)
    report = desk.look()
    assert [one.path for one in report.problems] == ["Alpha.md"]
    assert "disk of the folder is full" in report.problems[0].reason
    monkeypatch.setattr(disk_files.os, "fsync", sync)
    status = desk.folders.statuses()[0]
    assert (status.state, [one.note_id for one in status.unwritten]) == (FolderState.WRITING, [alpha.id])
    assert desk.read("Alpha.md") == "first text #one"
    assert desk.files() == {"Alpha.md", "work/Beta.md"}
    assert desk.look().written == 1
    assert desk.folders.statuses()[0].state is FolderState.IN_STEP


def test_killed_between_file_and_store_it_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = desk.note("Alpha")
    desk.notes.save(alpha.id, "written")
    monkeypatch.setattr(GatheredChanges, "commit", lambda self: None)
    desk.look()
    monkeypatch.undo()
    assert desk.read("Alpha.md") == "written"
    report = desk.look()
    assert (report.conflicts, report.taken) == ((), 0)
    assert not desk.look().changed
    assert desk.notes.get(alpha.id).text == "written"


def test_what_is_no_note_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("secret")
    desk.write(".obsidian/app.md", "x")
    desk.write(".hidden.md", "x")
    desk.write("picture.png", b"\x89PNG")
    desk.write("binary.md", bytes(range(32)) * 10)
    (desk.root / "link.md").symlink_to(outside)
    (desk.root / "inside.md").symlink_to(desk.root / "Alpha.md")
    report = desk.look()
    assert desk.titles() == {"Alpha", "Bee"}
    reasons = {one.path: one.reason for one in report.problems}
    assert set(reasons) == {"link.md", "binary.md"}
    assert "not followed" in reasons["link.md"]
    assert outside.read_text() == "secret"
    assert {one.path for one in desk.look().problems} == {"link.md", "binary.md"}
    desk.write("binary.md", "text now")
    assert desk.look().added == 1


def test_a_note_is_not_written_through_a_link(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    text = desk.read("work/Beta.md")
    shutil.move(desk.root / "work", outside)
    (desk.root / "work").symlink_to(outside)
    bee = desk.note("Bee")
    desk.notes.save(bee.id, "mine")
    desk.look()
    desk.folders.look_at_notes([bee.id], CancelToken())
    assert (outside / "Beta.md").read_bytes().decode() == text
    assert desk.notes.get(bee.id).trashed_at is None


def test_unlinked_notes_stay_as_copies_and_files_are_left_alone(desk: Desk) -> None:
    desk.folders.unlink(desk.linked)
    alpha = desk.note("Alpha")
    desk.notes.save(alpha.id, "mine alone")
    assert desk.folders.look_at_all(CancelToken()) == []
    assert desk.read("Alpha.md") == "first text #one"
    assert desk.folders.kind_of(desk.root) is FolderKind.COPIED
    # Linked again they are the same notes, and what was written meanwhile goes to the file.
    report = desk.link()
    assert (report.written, desk.read("Alpha.md")) == (1, "mine alone")
    assert desk.note("Alpha").id == alpha.id
    assert desk.titles() == {"Alpha", "Bee"}
    assert desk.note("Alpha").folder == "vault"


def test_notes_that_were_copied_before_are_linked(real_store: Store, note_service: NoteService, tmp_path: Path) -> None:
    desk = Desk(real_store, note_service, tmp_path / "vault")
    desk.write("work/A.md", "as it was")
    desk.write("work/B.md", "as it was, too")
    imported = NoteImport(note_service).run([desk.root], quiet, CancelToken()).imported
    note_service.save(desk.note("B").id, "edited here")
    desk.write("work/A.md", "edited there")
    desk.link()
    assert {desk.note("A").id, desk.note("B").id} == set(imported)
    assert desk.note("A").text == "edited there"
    assert desk.read("work/B.md") == "edited here"
    assert desk.note("A").folder == "vault/work"


def test_what_was_done_to_copied_notes_goes_to_their_files_when_they_are_linked(
    real_store: Store, note_service: NoteService, tmp_path: Path
) -> None:
    desk = Desk(real_store, note_service, tmp_path / "vault")
    for name in ("A", "B", "C", "D"):
        desk.write(f"{name}.md", f"---\ntags: [x, y]\n---\ntext of {name}")
    NoteImport(note_service).run([desk.root], quiet, CancelToken())
    note_service.set_tags(desk.note("A").id, ["x"])
    note_service.set_tags(desk.note("B").id, ["x", "y", "z"])
    note_service.set_tags(desk.note("C").id, [])
    note_service.save(desk.note("C").id, "edited here")
    note_service.save(desk.note("D").id, "text of D", "Renamed")
    desk.link()
    assert not desk.look().changed
    assert desk.read("A.md") == '---\ntags: ["x"]\n---\ntext of A'
    assert desk.read("B.md") == '---\ntags: ["x", "y", "z"]\n---\ntext of B'
    assert desk.read("C.md") == "---\n---\nedited here"
    assert desk.read("Renamed.md") == "---\ntags: [x, y]\n---\ntext of D"
    assert desk.titles() == {"A", "B", "C", "Renamed"}
    assert (desk.note("A").tags, desk.note("C").tags) == (("x",), ())


def test_tags_given_to_a_copied_note_are_added_to_its_file_that_was_edited(
    real_store: Store, note_service: NoteService, tmp_path: Path
) -> None:
    desk = Desk(real_store, note_service, tmp_path / "vault")
    desk.write("A.md", "---\ntags: [x]\n---\nas it was")
    NoteImport(note_service).run([desk.root], quiet, CancelToken())
    note_service.set_tags(desk.note("A").id, ["x", "z"])
    desk.write("A.md", "---\ntags: [x]\n---\nedited there")
    desk.link()
    assert not desk.look().changed
    assert desk.read("A.md") == '---\ntags: ["x", "z"]\n---\nedited there'
    assert desk.note("A").tags == ("x", "z")


def test_files_whose_titles_and_tags_an_import_reads_otherwise_stay_as_they_are_when_they_are_linked(
    real_store: Store, note_service: NoteService, tmp_path: Path
) -> None:
    desk = Desk(real_store, note_service, tmp_path / "vault")
    page = f"Home {'0123456789abcdef' * 2}.md"
    desk.write(page, "# Home: all of it\n\nTags: Red, blue\nCreated: January 2, 2020 3:04 PM\n\nText\n")
    desk.write(f"Plain {'fedcba9876543210' * 2}.md", "no heading")
    desk.write("Bundle.textbundle/text.md", "in a bundle")
    before = {name: desk.read(name) for name in desk.files()}
    NoteImport(note_service).run([desk.root], quiet, CancelToken())
    desk.link()
    desk.look()
    assert {name: desk.read(name) for name in desk.files()} == before


def test_a_folder_of_notes_that_is_there_already_is_not_taken_for_the_linked_one(
    real_store: Store, note_service: NoteService, tmp_path: Path
) -> None:
    note_service.create("vault", "mine, and no file")
    desk = Desk(real_store, note_service, tmp_path / "vault")
    desk.write("A.md", "x")
    desk.link()
    assert desk.files() == {"A.md"}
    assert desk.note("A").folder == "vault (2)"


def test_folders_that_cannot_be_linked(desk: Desk, tmp_path: Path) -> None:
    for path in (desk.root / "work", desk.root.parent, tmp_path / "data", tmp_path / "nothing"):
        with pytest.raises(LinkedFolderError):
            desk.folders.link(path, quiet, CancelToken())
    assert desk.folders.kind_of(desk.root / "work") is FolderKind.LINKED


def test_stopping_keeps_what_is_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_round, "_TOLD_EVERY", 1)
    for number in range(5):
        desk.write(f"more/{number}.md", f"text {number}")
    token = CancelToken()

    def stop(done: float, _total: int, _name: str) -> None:
        if done >= 4:
            token.cancel()

    _folder, report = desk.folders.link(desk.root, stop, token)
    assert report.stopped
    assert 0 < report.added < 5
    assert desk.look().added == 5 - report.added


def test_a_look_without_changes_opens_no_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("binary.md", bytes(range(32)) * 9)
    for name in desk.files():
        os.utime(desk.root / name, (1, 1_000_000_000))
    desk.look()
    opened: list[Path] = []
    for module in (sync_round, sync_steps):
        monkeypatch.setattr(module, "read_bytes", lambda path, **_kinds: opened.append(path) or path.read_bytes())
    assert not desk.look().changed
    assert opened == []


PNG = b"\x89PNG\r\n\x1a\n"


def test_pictures_are_shown_from_the_folder_and_new_ones_are_put_there(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "secret.png"
    outside.write_bytes(PNG + b"secret")
    desk.write("work/img/a.png", PNG + b"beside")
    desk.write("assets/b.png", PNG + b"by name")
    (desk.root / "assets" / "link.png").symlink_to(outside)
    (desk.root / "leading out").symlink_to(tmp_path)
    files = AttachmentFiles(tmp_path / "data" / "attachments")
    beside = FilesBeside(desk.store.source_folders)
    service = NoteAttachmentService(desk.store.note_attachments, files, None, beside)
    desk.folders = LinkedFolders(desk.store, desk.notes, "me", lambda: NOW, files, beside)
    bee = desk.note("Bee")
    targets = ["img/a.png", "b.png", "assets/b.png", "../../secret.png", "link.png", "none.png"]
    targets += ["leading out/secret.png", str(outside)]
    found = service.resolve(bee.id, targets)
    assert {target: service.read(file) for target, file in found.items()} == {
        "img/a.png": PNG + b"beside",
        "b.png": PNG + b"by name",
        "assets/b.png": PNG + b"by name",
    }
    assert files.folder.exists() is False  # no copy was made
    desk.write("work/img/a.png", PNG + b"changed")
    with pytest.raises(AttachmentMissingError):
        service.read(found["img/a.png"])
    assert service.read(service.resolve(bee.id, ["img/a.png"])["img/a.png"]) == PNG + b"changed"
    added = service.add_bytes(bee.id, PNG + b"pasted", "paste.png")
    desk.notes.save(bee.id, f"# Other\n{added.markdown} ![](img/a.png)")
    desk.folders.look_at_notes([bee.id], CancelToken())
    assert (desk.root / "work/paste.png").read_bytes() == PNG + b"pasted"
    assert desk.read("work/Beta.md").endswith("![paste.png](paste.png) ![](img/a.png)")
    assert (desk.root / "work/img/a.png").read_bytes() == PNG + b"changed"


def test_many_files_are_moved_at_once_and_looked_at_without_being_opened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        desk.write(f"many/{number}.md", f"text {number}")
        os.utime(desk.root / f"many/{number}.md", (number + 1, number + 1))
    desk.look()
    ids = {desk.note(str(number)).id for number in (0, 30, 59)}
    (desk.root / "many").rename(desk.root / "elsewhere")
    opened: list[Path] = []
    monkeypatch.setattr(linked_folders, "read_bytes", lambda path, **_kinds: opened.append(path) or path.read_bytes())
    for module in (sync_round, sync_steps):
        monkeypatch.setattr(module, "read_bytes", lambda path, **_kinds: opened.append(path) or path.read_bytes())
    report = desk.look()
    assert (report.moved, report.added, report.trashed) == (60, 0, 0)
    assert {path.name for path in opened} <= {"Alpha.md", "Beta.md"}  # they changed just now
    assert {desk.notes.get(note_id).folder for note_id in ids} == {"vault/elsewhere"}
    assert not desk.look().changed


def test_a_file_of_fifty_megabytes_is_a_note_and_a_larger_one_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_files, "MOST_BYTES", 10_000)
    desk.write("just.md", "x" * 10_000)
    desk.write("over.md", "x" * 10_001)
    report = desk.look()
    assert [(one.path, "too large" in one.reason) for one in report.problems] == [("over.md", True)]
    just = desk.note("just")
    assert len(just.text) == 10_000
    desk.write("just.md", "y" * 10_001)
    assert len(desk.look().problems) == 2
    assert desk.notes.get(just.id).text == "x" * 10_000  # as it was last read
    desk.write("just.md", "z")
    assert desk.look().taken == 1


def test_a_file_that_became_a_link_is_not_gone(desk: Desk) -> None:
    alpha = desk.note("Alpha")
    (desk.root / "Alpha.md").rename(desk.root.parent / "elsewhere.md")
    (desk.root / "Alpha.md").symlink_to(desk.root.parent / "elsewhere.md")
    desk.look()
    assert desk.notes.get(alpha.id).trashed_at is None


def test_a_file_changed_while_it_is_written_is_not_overwritten(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.notes.save(desk.note("Alpha").id, "mine")
    sync = os.fsync

    def meanwhile(descriptor: int) -> None:
        monkeypatch.setattr(disk_files.os, "fsync", sync)
        desk.write("Alpha.md", "theirs")
        sync(descriptor)

    monkeypatch.setattr(disk_files.os, "fsync", meanwhile)
    desk.look()
    assert desk.read("Alpha.md") == "theirs" == desk.note("Alpha").text
    assert desk.note("Alpha (conflict 2026-11-27)").text == "mine"


def test_tags_given_here_are_no_conflict_with_a_text_changed_there(desk: Desk) -> None:
    desk.notes.set_tags(desk.note("Alpha").id, ["one", "mine"])
    desk.write("Alpha.md", "theirs #one")
    report = desk.look()
    assert (report.conflicts, report.taken, report.written) == ((), 1, 1)
    assert desk.read("Alpha.md") == '---\ntags: ["mine"]\n---\ntheirs #one'
    assert desk.note("Alpha").tags == ("mine", "one")
    assert not desk.look().changed


def test_a_note_that_is_put_back_gets_its_own_file_back(desk: Desk) -> None:
    wide = b"\xff\xfe" + "# Wide é\r\n".encode("utf-16-le")
    desk.write("work/odd name.md", wide)
    desk.look()
    note = desk.note("Wide é")
    for text in (note.text, note.text + "more"):
        desk.notes.trash([note.id])
        desk.folders.look_at_notes([note.id], CancelToken())
        assert desk.files() == {"Alpha.md", "work/Beta.md", ".trash/work/odd name.md"}
        if text != note.text:
            desk.store.notes.save(note.id, title=note.title, text=text)
        desk.notes.restore([note.id])
        desk.folders.look_at_notes([note.id], CancelToken())
        assert desk.files() == {"Alpha.md", "work/Beta.md", "work/odd name.md"}
        assert (desk.root / "work/odd name.md").read_bytes() == b"\xff\xfe" + text.encode("utf-16-le")
    assert not desk.look().changed


def test_a_note_deleted_while_its_file_is_taken_in_does_not_stop_the_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    alpha = desk.note("Alpha")
    desk.write("Alpha.md", "theirs")
    desk.write("work/Beta.md", "# Bee\ntheirs, too")
    commit = GatheredChanges.commit

    def deleted_before(self: GatheredChanges) -> None:
        monkeypatch.setattr(GatheredChanges, "commit", commit)
        desk.store.notes.delete_forever([alpha.id])
        commit(self)

    monkeypatch.setattr(GatheredChanges, "commit", deleted_before)
    report = desk.look()
    assert desk.note("Bee").text == "# Bee\ntheirs, too"
    assert (desk.note("Alpha").text, report.added) == ("theirs", 1)


def test_each_written_file_is_known_before_the_next_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for title in ("Alpha", "Bee"):
        note = desk.note(title)
        desk.notes.save(note.id, note.text + " mine")
    write = sync_steps.write_file
    unknown: list[int] = []

    def counted(root: Path, path: str, data: bytes, expected: folder_scan.Stamp | None) -> folder_scan.Stamp:
        known = desk.store.source_folders.files(desk.linked.id)
        there = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in known}
        unknown.append(sum(there[name] != known[name].hash for name in known))
        return write(root, path, data, expected)

    monkeypatch.setattr(sync_steps, "write_file", counted)
    assert desk.look().written == 2
    assert unknown == [0, 0]


def test_what_a_killed_inkwell_left_behind_is_removed_once_nobody_writes_it(desk: Desk) -> None:
    for name in ("work/.Beta.md.inkwell-1", ".Alpha.md.inkwell-2", ".mine.inkwell-x"):
        desk.write(name, "half")
    os.utime(desk.root / "work/.Beta.md.inkwell-1", (1, 1))
    os.utime(desk.root / ".mine.inkwell-x", (1, 1))
    desk.look()
    assert desk.files() == {"Alpha.md", "work/Beta.md", ".Alpha.md.inkwell-2", ".mine.inkwell-x"}


def test_a_real_vault_is_linked_without_touching_a_byte(
    real_store: Store, note_service: NoteService, tmp_path: Path, shared_data: Path
) -> None:
    desk = Desk(real_store, note_service, tmp_path / "til")
    shutil.copytree(shared_data / "vaults" / "til", desk.root)
    before = {name: (desk.root / name).read_bytes() for name in desk.files()}
    assert desk.link().problems == ()
    edited = desk.notes.list_notes(NoteFilter(), limit=1)[0].id
    note = desk.notes.get(edited)
    desk.notes.save(edited, note.text + "\nmore\n")
    assert desk.look().written == 1
    after = {name: (desk.root / name).read_bytes() for name in desk.files()}
    assert {name for name in before if after[name] != before[name]} == {note.source_path}
    assert after[note.source_path] == before[note.source_path] + b"\nmore\n"
    assert not desk.look().changed
