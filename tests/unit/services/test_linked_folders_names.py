"""Linked folders: what texts that are kept apart are called, and names that some disks do not tell apart."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.folder_sync import FolderState
from desktop_app.domain.notes import NoteFilter
from desktop_app.services.linked_folders import disk_files
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store
from tests.unit.services.test_linked_folders import Desk


@pytest.fixture
def desk(real_store: Store, note_service: NoteService, tmp_path: Path) -> Desk:
    desk = Desk(real_store, note_service, tmp_path / "vault")
    desk.write("Alpha.md", "first text #one")
    desk.write("work/Beta.md", "---\ntitle: Bee\nmood: good\n---\n# Other\ntext")
    desk.link()
    return desk


def test_a_text_that_is_kept_apart_is_listed_and_has_the_whole_front_matter(desk: Desk) -> None:
    bee = desk.notes.set_tags(desk.note("Bee").id, ["mine"])
    desk.look()
    desk.write("work/Beta.md", "---\ntitle: Bee\nmood: bad\n---\ntheirs")
    desk.look()
    copy = desk.notes.keep_apart(bee, "mine", "Bee (conflict 2026-11-27)")
    assert (copy.folder, copy.tags, copy.front_matter) == ("vault/work", ("mine",), "title: Bee\nmood: good\n")
    assert [one.note_id for one in desk.folders.statuses()[0].conflicts] == [copy.id]
    desk.folders.look_at_notes([copy.id], CancelToken())
    written = desk.read("work/Bee (conflict 2026-11-27).md")
    assert written == '---\ntitle: "Bee (conflict 2026-11-27)"\nmood: good\ntags: ["mine"]\n---\nmine'
    assert not desk.look().changed
    assert [one.note_id for one in desk.folders.statuses()[0].conflicts] == [copy.id]
    desk.folders.settle(copy.id)
    assert desk.folders.statuses()[0].state is FolderState.IN_STEP


def test_a_text_kept_apart_from_a_note_that_is_no_linked_file_is_no_conflict_of_a_folder(desk: Desk) -> None:
    other = desk.notes.create("elsewhere", "text")
    copy = desk.notes.keep_apart(other, "# Mine", "")
    assert (copy.title, copy.folder) == ("Mine", "elsewhere")
    desk.folders.unlink(desk.linked)
    desk.notes.keep_apart(desk.note("Alpha"), "mine", "Alpha, mine")
    assert desk.store.source_folders.files(desk.linked.id) == {}


def test_files_are_known_again_where_a_folder_tells_little_of_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a folder says no inode of its files, and times that may be old."""
    real_scandir = os.scandir

    class Entry:
        def __init__(self, real: os.DirEntry[str]) -> None:
            self.name, self.path = real.name, real.path
            self.is_symlink, self.is_dir, self.is_file = real.is_symlink, real.is_dir, real.is_file

        def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
            return os.stat_result((0o100644, 0, 0, 0, 0, 0, 1, 0, 0, 0))

    @contextmanager
    def scandir(path: Path) -> Iterator[list[Entry]]:
        with real_scandir(path) as entries:
            yield [Entry(one) for one in entries]

    monkeypatch.setattr(os, "scandir", scandir)
    assert not desk.look().changed
    desk.notes.save(desk.note("Alpha").id, "mine")
    assert desk.look().written == 1
    assert desk.read("Alpha.md") == "mine"


def test_a_title_changed_in_case_alone_renames_the_file_in_place(desk: Desk) -> None:
    alpha = desk.note("Alpha")
    desk.notes.save(alpha.id, "first text #one", "alpha")
    report = desk.look()
    assert report.moved == 1
    assert desk.files() == {"alpha.md", "work/Beta.md"}
    assert not desk.look().changed
    desk.write("ALPHA.md", "another")  # a disk that tells them apart
    desk.look()
    desk.notes.save(alpha.id, "first text #one", "ALPHA")
    desk.look()
    assert desk.files() == {"ALPHA.md", "ALPHA (2).md", "work/Beta.md"}
    assert desk.read("ALPHA.md") == "another"


def test_a_disk_that_does_not_tell_cases_apart_takes_the_new_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_rename, real_link, real_lexists, real_same = os.rename, os.link, os.path.lexists, os.path.samefile

    def found(path: Path) -> Path:
        same = (one for one in path.parent.iterdir() if one.name.casefold() == path.name.casefold())
        return next(same, path)

    def rename(source: Path, target: Path) -> None:
        if found(source) != found(target):  # two names of one file: nothing happens, as POSIX says
            real_rename(found(source), target)

    def link(source: Path, target: Path, *, follow_symlinks: bool) -> None:
        if real_lexists(found(target)):
            raise FileExistsError(target)
        real_link(found(source), target, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(disk_files.os, "rename", rename)
    monkeypatch.setattr(disk_files.os, "link", link)
    monkeypatch.setattr(disk_files.os.path, "lexists", lambda path: real_lexists(found(Path(path))))
    monkeypatch.setattr(disk_files.os.path, "samefile", lambda a, b: real_same(found(Path(a)), found(Path(b))))
    (tmp_path / "Alpha.md").write_text("text")
    assert disk_files.is_same_file(tmp_path, "Alpha.md", "alpha.md")
    disk_files.move_file(tmp_path, "Alpha.md", "alpha.md")
    assert [one.name for one in tmp_path.iterdir()] == ["alpha.md"]


def test_names_that_differ_in_case_or_form_only(desk: Desk) -> None:
    composed = unicodedata.normalize("NFC", "Café.md")
    apart = unicodedata.normalize("NFD", "Café.md")
    for name, text in (("twin.md", "lower"), ("Twin.md", "upper"), (composed, "one"), (apart, "two")):
        desk.write(name, text)
    desk.look()
    texts = {desk.notes.get(one.id).text for one in desk.notes.list_notes(NoteFilter())}
    assert {"lower", "upper", "one", "two"} <= texts
    assert not desk.look().changed
    desk.notes.create("vault", "TWIN")
    desk.look()
    assert desk.read("TWIN (2).md") == "TWIN"


def test_many_new_notes_list_their_folder_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        desk.notes.create("vault/work/inbox", f"note {number}")
    listed: list[str] = []
    listdir = os.listdir
    monkeypatch.setattr(disk_files.os, "listdir", lambda path: listed.append(str(path)) or listdir(path))
    assert desk.look().created == 12
    assert len(listed) == 1


def test_a_name_that_is_left_in_a_look_can_be_taken_in_it(desk: Desk) -> None:
    alpha = desk.note("Alpha")
    bee = desk.notes.create("vault", "# Zoe")
    desk.look()
    desk.notes.save(alpha.id, "first text #one", "Omega")
    desk.notes.save(bee.id, "# Alpha")
    desk.look()
    assert desk.files() == {"Omega.md", "Alpha.md", "work/Beta.md"}


def test_a_file_of_the_same_name_that_is_made_just_now_is_not_replaced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.notes.create("vault", "mine")
    take = disk_files.FreePaths.take

    def made_meanwhile(self: disk_files.FreePaths, folder: str, name: str) -> str:
        path = take(self, folder, name)
        monkeypatch.undo()
        desk.write("mine.md", "theirs")
        return path

    monkeypatch.setattr(disk_files.FreePaths, "take", made_meanwhile)
    desk.look()
    assert desk.read("mine.md") == "theirs"
    assert desk.read("mine (2).md") == "mine"


def test_a_file_that_got_a_number_follows_its_note_like_any_other(desk: Desk) -> None:
    """Else a folder fills with "untitled (2).md": a new note has a file before it has a title."""
    first, second = desk.notes.create("vault"), desk.notes.create("vault")
    desk.look()
    assert {"untitled.md", "untitled (2).md"} < desk.files()
    desk.notes.save(first.id, "# Pen", "Pen")
    desk.notes.save(second.id, "# Ink", "Ink")
    desk.look()
    assert desk.files() == {"Alpha.md", "work/Beta.md", "Pen.md", "Ink.md"}
    assert not desk.look().changed
    third = desk.notes.create("vault", "# Ink")
    desk.look()
    desk.notes.save(third.id, "# Quill", "Quill")
    desk.look()
    assert desk.files() == {"Alpha.md", "work/Beta.md", "Pen.md", "Ink.md", "Quill.md"}
