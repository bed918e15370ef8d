"""What is done to files of a linked folder, and what is seen of them, without the rule that decides about it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.domain.source_folders import SourceFile
from desktop_app.services.linked_folders import disk_files, folder_scan
from desktop_app.services.linked_folders.disk_files import FileChangedError, move_file, remove_file, write_file
from desktop_app.services.linked_folders.folder_scan import (
    FolderGoneError,
    Scan,
    Stamp,
    scan,
    stamp_inside,
    stamp_of,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "vault"
    made.mkdir()
    (made / "a.md").write_text("as it was")
    return made


@pytest.fixture
def outside(root: Path) -> Path:
    """A folder that a link in the linked one leads to."""
    made = root.parent / "outside"
    made.mkdir()
    try:
        (root / "out").symlink_to(made)
    except OSError:
        pytest.skip("this system makes no links")
    return made


def stamp(path: Path) -> Stamp:
    found = stamp_of(path)
    assert found is not None
    return found


def test_nothing_is_written_moved_or_removed_through_a_link_that_leads_out(root: Path, outside: Path) -> None:
    (outside / "theirs.md").write_text("theirs")
    with pytest.raises(FileChangedError):
        write_file(root, "out/new.md", b"x", None)
    with pytest.raises(FileChangedError):
        write_file(root, "out/theirs.md", b"x", stamp(outside / "theirs.md"))
    with pytest.raises(FileChangedError):
        move_file(root, "a.md", "out/deeper/a.md")
    with pytest.raises(FileChangedError):
        remove_file(root, "out/theirs.md", stamp(outside / "theirs.md"))
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"theirs.md": "theirs"}
    assert (root / "a.md").read_text() == "as it was"


def test_nothing_is_written_moved_or_removed_at_a_path_from_elsewhere(root: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.md"
    theirs.write_text("theirs")
    for path in (str(theirs), "../theirs.md", "deeper/../../theirs.md"):
        with pytest.raises(FileChangedError, match="path leads out"):
            write_file(root, path, b"x", stamp(theirs))
        with pytest.raises(FileChangedError, match="path leads out"):
            move_file(root, path, "b.md")
        with pytest.raises(FileChangedError, match="path leads out"):
            remove_file(root, path, stamp(theirs))
    assert theirs.read_text() == "theirs"
    assert [one.name for one in root.iterdir()] == ["a.md"]


def test_a_file_that_changed_since_it_was_looked_at_is_not_removed(root: Path) -> None:
    before = stamp(root / "a.md")
    (root / "a.md").write_text("written just now")
    with pytest.raises(FileChangedError):
        remove_file(root, "a.md", before)
    assert (root / "a.md").read_text() == "written just now"


def test_the_folder_is_synced_after_each_change_of_its_names(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(disk_files, "_sync_folder", lambda folder: synced.append(folder.relative_to(root)))
    write_file(root, "a.md", b"other", stamp(root / "a.md"))
    write_file(root, "b.md", b"new", None)
    assert synced == [Path("."), Path(".")]
    synced.clear()
    move_file(root, "a.md", "sub/a.md")
    assert sorted(synced) == [Path("."), Path("sub")]
    synced.clear()
    remove_file(root, "b.md", stamp(root / "b.md"))
    assert sorted(synced) == [Path("."), Path(".trash")]


def test_of_a_link_nothing_is_concluded(root: Path, outside: Path) -> None:
    (root / "inside.md").symlink_to(root / "a.md")
    found = scan(root, CancelToken())
    assert list(found.files) == ["a.md"]
    assert not found.knows("out/theirs.md")
    assert not found.knows("inside.md")
    assert found.knows("gone.md")
    assert [problem.path for problem in found.problems] == ["out"], "a link that stays inside is no problem"


def test_a_folder_that_goes_at_the_end_of_the_look_was_not_looked_at(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = folder_scan._entries

    def pulled_out(place: Path, relative: str, result: Scan) -> list[os.DirEntry[str]]:
        list(listed(place, relative, result))
        root.rename(root.with_name("elsewhere"))
        return []

    monkeypatch.setattr(folder_scan, "_entries", pulled_out)
    with pytest.raises(FolderGoneError):
        scan(root, CancelToken())


def test_of_what_lies_in_a_folder_that_cannot_be_read_nothing_is_said(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "shut").mkdir()
    (root / "shut" / "b.md").write_text("there still")
    listed = os.scandir

    def refuse(path: Path) -> object:
        if path == root / "shut":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(folder_scan.os, "scandir", refuse)
    found = scan(root, CancelToken())
    assert list(found.files) == ["a.md"]
    assert [(one.path, one.reason) for one in found.problems] == [
        ("shut", "The folder cannot be read: Permission denied.")
    ]
    assert found.folders == [""]
    assert not found.knows("shut/b.md")
    assert not found.knows("shut/deeper/c.md")
    assert found.knows("a.md")
    assert found.knows("shutters/b.md")


def test_a_folder_that_is_there_and_cannot_be_listed_has_lost_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed, looks = os.scandir, []

    def refuse_once(path: Path) -> object:
        looks.append(path)
        if len(looks) == 1:
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(folder_scan.os, "scandir", refuse_once)
    found = scan(root, CancelToken())
    assert [one.path for one in found.problems] == ["."]
    assert not found.knows("a.md")
    assert not found.knows("deep/b.md")


def test_what_lies_in_a_folder_that_vanished_is_away() -> None:
    found = Scan(vanished={"disk/notes"})
    assert found.is_away("disk/notes")
    assert found.is_away("disk/notes/2026")
    assert not found.is_away("disk")
    assert not found.is_away("disk/notes2")
    assert not Scan().is_away("")


def test_a_walk_through_many_files_can_be_stopped(root: Path) -> None:
    for number in range(60):
        (root / f"{number}.md").write_text("")
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        scan(root, cancel)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such files")
def test_what_is_called_like_a_note_and_is_no_ordinary_file_is_none(root: Path) -> None:
    os.mkfifo(root / "pipe.md")
    (root / "folder.md").mkdir()
    assert list(scan(root, CancelToken()).files) == ["a.md"]
    assert stamp_of(root / "pipe.md") is None
    assert stamp_inside(root, "pipe.md") is None
    assert stamp_inside(root, "a.md") == stamp_of(root / "a.md")


def test_a_name_that_is_no_text_is_told_and_not_taken_for_gone(root: Path) -> None:
    try:
        (root / os.fsdecode(b"b\xff.md")).write_text("x")
    except (OSError, UnicodeError):
        pytest.skip("this system has no such names")
    (root / "b\u00e4.md").write_text("x")
    found = scan(root, CancelToken())
    assert set(found.files) == {"a.md", "b\u00e4.md"}
    assert [(one.path, found.knows(one.path)) for one in found.problems] == [("b\ufffd.md", False)]


def test_a_file_that_has_to_be_looked_into_is_surely_nothing_of_before() -> None:
    assert not Stamp(0, 0, 0).is_of(SourceFile("a.md", 1))
    assert Stamp(3, 5, 7).is_of(SourceFile("a.md", 1, size=3, mtime_ns=5, inode=7))
    assert not Stamp(3, 5, 8).is_of(SourceFile("a.md", 1, size=3, mtime_ns=5, inode=7))
