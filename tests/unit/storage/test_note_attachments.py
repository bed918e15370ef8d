"""Files of notes: stored under their hash, whole or not at all, and found by the names that texts give them."""

from __future__ import annotations

import errno
import io
import os
import shutil
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest

from desktop_app.domain.errors import (
    AttachmentMissingError,
    AttachmentTooLargeError,
    DiskFullError,
    NotFoundError,
    StoreReadOnlyError,
)
from desktop_app.domain.source_folders import FolderKind, SourceFile
from desktop_app.storage import attachment_batch
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.attachment_sweep import AttachmentSweep
from desktop_app.storage.backup import Backups
from desktop_app.storage.salvage import salvage
from desktop_app.storage.store import Store

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 50


@pytest.fixture
def files(database: Path) -> AttachmentFiles:
    return AttachmentFiles(database.parent / "attachments", most_bytes=3_000_000)


def _inside(files: AttachmentFiles) -> list[str]:
    return sorted(path.name for path in files.folder.rglob("*") if path.is_file())


def test_a_file_is_stored_once_under_its_hash_and_comes_back(files: AttachmentFiles) -> None:
    data = os.urandom(2_500_000)
    first = files.put(io.BytesIO(data), "a/../b\\Pic.BIN")
    second = files.put_bytes(data, "other.bin")
    assert (first.name, second.name, first.hash, first.size) == ("Pic.BIN", "other.bin", second.hash, 2_500_000)
    assert _inside(files) == [first.hash]
    assert files.read(first.hash) == data
    if os.name == "posix":
        assert stat.S_IMODE(files.path(first.hash).stat().st_mode) == 0o600
        assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700


def test_the_kind_is_told_by_the_first_bytes(files: AttachmentFiles) -> None:
    assert files.put_bytes(PNG, "photo.jpg").media_type == "image/png"
    assert files.put_bytes(b"no picture", "photo.png").media_type == "application/octet-stream"
    assert files.put_bytes(b"RIFF\x00\x00\x00\x00WEBPVP8 ", "x").is_shown
    assert files.put_bytes(b"<svg/>", "a.svg").media_type == "image/svg+xml"
    assert files.put_bytes(b"<svg/>", "a.svg").is_shown
    assert files.put_bytes(b"", "").media_type == "application/octet-stream"


def test_too_much_is_refused_while_it_is_read_and_leaves_nothing(files: AttachmentFiles) -> None:
    class Endless(io.RawIOBase):
        read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            self.read_bytes += size
            return b"x" * size

    source = Endless()
    with pytest.raises(AttachmentTooLargeError, match=r"“big\.iso” is too large"):
        files.put(source, "big.iso")  # type: ignore[arg-type]
    assert source.read_bytes < 5_000_000
    assert _inside(files) == []


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_nothing_half_stored(
    files: AttachmentFiles, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(f"desktop_app.storage.attachment_batch.os.{call}", full)
    with pytest.raises(DiskFullError):
        files.put_bytes(PNG, "a.png")
    assert _inside(files) == []


@pytest.fixture
def steps(files: AttachmentFiles, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is synced and renamed, in order, once the folder is there."""
    files.folder.mkdir(parents=True)
    told: list[str] = []
    sync, replace = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        told.append("file" if stat.S_ISREG(os.fstat(descriptor).st_mode) else "folder")
        sync(descriptor)

    def renamed(source: Path, target: Path) -> None:
        told.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", renamed)
    return told


def test_what_is_acknowledged_was_synced_before_it_got_its_name(files: AttachmentFiles, steps: list[str]) -> None:
    files.put_bytes(PNG, "a.png")
    assert steps == ["file", "folder", "rename", "folder"]


def test_files_of_a_batch_are_synced_before_any_has_its_name(files: AttachmentFiles, steps: list[str]) -> None:
    batch = files.batch()
    stored = [batch.put_bytes(b"%d" % number, "a.txt") for number in (1, 2, 3, 3)]
    assert (steps, [files.is_whole(each.hash) for each in stored]) == ([], [False] * 4)
    batch.settle()
    assert steps == ["file"] * 3 + ["folder"] + ["rename"] * 3 + ["folder"] * 3
    assert all(files.is_whole(each.hash) for each in stored)
    steps.clear()
    batch.put_bytes(b"1", "there.txt")
    batch.settle()
    assert steps == []
    assert len(_inside(files)) == 3


def test_what_was_not_settled_leaves_nothing(files: AttachmentFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    with files.batch() as batch:
        batch.put_bytes(b"1", "a")
        assert len(_inside(files)) == 1
    assert _inside(files) == []
    batch = files.batch()
    batch.put_bytes(b"1", "a")
    batch.put_bytes(b"2", "b")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(DiskFullError):
            batch.settle()
    assert _inside(files) == []
    batch.settle()  # empty now
    assert _inside(files) == []


def test_the_folder_itself_is_on_the_disk_before_what_lies_in_it(
    files: AttachmentFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(attachment_batch, "sync_folder", synced.append)
    stored = files.put_bytes(PNG, "a.png")
    assert synced == [files.folder.parent, files.folder, files.path(stored.hash).parent]


def test_many_files_do_not_wait_for_the_end(files: AttachmentFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.storage.attachment_batch._MOST_WAITING", 3)
    batch = files.batch()
    stored = [batch.put_bytes(b"%d" % number, "a") for number in range(4)]
    assert [files.is_whole(each.hash) for each in stored] == [True, True, True, False]


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="the system does not refuse root")
def test_a_folder_that_cannot_be_written_is_said(files: AttachmentFiles) -> None:
    files.folder.mkdir(parents=True, mode=0o500)
    with pytest.raises(StoreReadOnlyError):
        files.put_bytes(PNG, "a.png")


def test_damage_is_noticed_and_mended_by_the_same_bytes(files: AttachmentFiles) -> None:
    stored = files.put_bytes(PNG, "a.png")
    files.path(stored.hash).write_bytes(PNG[:-1] + b"\x01")
    assert not files.is_whole(stored.hash)
    with pytest.raises(AttachmentMissingError, match="damaged"):
        files.read(stored.hash)
    files.put_bytes(PNG, "a.png")
    assert files.is_whole(stored.hash)
    files.path(stored.hash).unlink()
    with pytest.raises(AttachmentMissingError):
        files.read(stored.hash)
    with pytest.raises(AttachmentMissingError, match="cannot be read"):
        files.read("../../inkwell.sqlite3")  # as a damaged row may have it


@pytest.mark.parametrize("name", ["../../inkwell.sqlite3", "/etc/passwd", "", "A" * 64, "a" * 63 + "\n"])
def test_what_is_no_hash_is_no_path(files: AttachmentFiles, name: str) -> None:
    with pytest.raises(ValueError, match="sha256"):
        files.path(name)
    assert not files.is_whole(name)


def test_names_mean_files(store: Store, files: AttachmentFiles) -> None:
    one, two = files.put_bytes(b"1", "pic.png"), files.put_bytes(b"2", "pic.png")
    first, second = store.notes.create("a", "x"), store.notes.create("b", "y")
    rows = store.note_attachments
    rows.attach_all(first.id, {"./img/pic.png": one, "only.pdf": one})
    rows.attach(second.id, "pic.png", two)
    assert rows.resolve(first.id, ["img/pic.png", "img\\pic.png"]) == {"img/pic.png": one, "img\\pic.png": one}
    assert rows.resolve(second.id, ["pic.png", "img/pic.png"]) == {"pic.png": two, "img/pic.png": one}
    assert rows.resolve(first.id, ["pic.png"]) == {"pic.png": two}  # the very name, in another note
    assert rows.resolve(None, ["ONLY.PDF", "elsewhere/only.pdf", "no.pdf", ""]) == {
        "ONLY.PDF": one,
        "elsewhere/only.pdf": one,
    }
    assert rows.resolve(first.id, ["other/pic.png"]) == {}  # two files have that name: none is guessed
    assert [(each.target, each.file) for each in rows.of_note(first.id)] == [("img/pic.png", one), ("only.pdf", one)]
    assert rows.is_name_used("PIC.png")
    assert not rows.is_name_used("pic")
    with pytest.raises(NotFoundError):
        rows.attach(99, "a", one)


def test_a_name_that_is_used_in_another_note_stays_when_the_first_goes(store: Store, files: AttachmentFiles) -> None:
    file = files.put_bytes(PNG, "pic.png")
    first = store.notes.create("a", "![[pic.png]]")
    store.note_attachments.attach(first.id, "pic.png", file)
    second = store.notes.create("b", "new ![[pic.png|200]]")
    third = store.notes.create("c", "")
    store.notes.save(third.id, title="c", text='[it](pic.png "t")')
    store.notes.save(third.id, title="c", text="taken out again")
    store.notes.delete_forever([first.id])
    for note in (second, third):
        assert [each.file for each in store.note_attachments.of_note(note.id)] == [file]
    store.notes.delete_forever([second.id, third.id])
    assert store.note_attachments.resolve(None, ["pic.png"]) == {}
    assert store.note_attachments.all_files() == []


def test_the_original_of_a_note_is_kept_beside_its_files(store: Store, files: AttachmentFiles) -> None:
    note = store.notes.create("a", "x")
    original, newer = files.put_bytes(b"\xff\xfe raw", "a.md"), files.put_bytes(b"newer", "a.md")
    rows = store.note_attachments
    assert rows.original_of(note.id) is None
    rows.keep_original(note.id, original)
    assert rows.original_of(note.id) == original
    rows.keep_original(note.id, newer)
    assert rows.original_of(note.id) == newer
    assert rows.of_note(note.id) == []
    assert rows.resolve(note.id, ["", "a.md"]) == {}
    assert rows.all_files() == [newer]


def test_files_survive_the_restoring_of_a_backup(store: Store, files: AttachmentFiles, backups_folder: Path) -> None:
    file = files.put_bytes(PNG, "pic.png")
    note = store.notes.create("a", "![[pic.png]]")
    store.note_attachments.attach(note.id, "pic.png", file)
    backups = Backups(store.path, backups_folder)
    made = backups.back_up("daily")
    store.notes.delete_forever([note.id])
    assert store.note_attachments.all_files() == []
    backups.restore(made)
    assert store.note_attachments.resolve(note.id, ["pic.png"]) == {"pic.png": file}
    assert files.read(file.hash) == PNG


def test_names_of_files_are_rescued_from_a_damaged_database(
    store: Store, files: AttachmentFiles, tmp_path: Path, backups_folder: Path
) -> None:
    file = files.put_bytes(PNG, "pic.png")
    note = store.notes.create("a", "![[pic.png]]")
    store.note_attachments.attach(note.id, "pic.png", file)
    store.close()
    lost = tmp_path / "lost.sqlite3"
    shutil.copy(store.path, lost)
    with closing(sqlite3.connect(lost)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("INSERT INTO note_attachments VALUES (99, 'named', 'x', 'x', ?)", (file.hash,))
        connection.execute("INSERT INTO note_attachments VALUES (1, 'named', 'y', 'y', 'gone')")
        connection.commit()
    with closing(Store.open(tmp_path / "fresh.sqlite3", backups=backups_folder)) as fresh:
        path = fresh.path
    salvage(lost, path, None)
    with closing(Store.open(path, backups=backups_folder)) as mended:
        assert [each.target for each in mended.note_attachments.of_note(note.id)] == ["pic.png"]
        assert mended.integrity_check() == []


class Sweeper:
    """A sweep at a time that tests choose."""

    def __init__(self, store: Store, files: AttachmentFiles, backups: Backups) -> None:
        self.days = 2.0
        clock = lambda: time.time() + self.days * 24 * 3600  # noqa: E731 - the clock that is turned
        self.sweep = AttachmentSweep(store.path, store.note_attachments, files, backups, clock)

    def run(self) -> int:
        return self.sweep.run()


@pytest.fixture
def sweeper(store: Store, files: AttachmentFiles, backups_folder: Path) -> Sweeper:
    return Sweeper(store, files, Backups(store.path, backups_folder))


def test_only_what_nothing_names_is_swept(store: Store, files: AttachmentFiles, sweeper: Sweeper) -> None:
    named, original, lost, beside = (files.put_bytes(data, "x") for data in (b"1", b"2", b"3", b"4"))
    note, gone = store.notes.create("a", "no name of it"), store.notes.create("b", "")
    store.note_attachments.attach(note.id, "a.png", named)
    store.note_attachments.keep_original(note.id, original)
    store.note_attachments.attach(gone.id, "b.png", lost)
    folder = store.source_folders.put_folder(Path("/vault"), FolderKind.COPIED, "")
    store.source_folders.put_stored(folder.id, [(SourceFile("b.bin", None, beside.hash), beside)])
    store.notes.delete_forever([gone.id])
    (files.folder / ".making-1-left").write_bytes(b"half")
    assert sweeper.run() == 2
    assert _inside(files) == sorted([named.hash, original.hash, beside.hash])
    assert sweeper.run() == 0


def test_a_file_that_gets_its_name_during_a_sweep_does_not_end_it(
    files: AttachmentFiles, sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        files.put_bytes(b"%d" % number, "unnamed")
    making = files.folder / ".making-1-here"
    making.write_bytes(b"whole")
    is_young = AttachmentSweep._is_young

    def settled_meanwhile(self: AttachmentSweep, path: Path) -> bool:
        if path == making:
            making.rename(files.folder / "settled")
        return is_young(self, path)

    monkeypatch.setattr(AttachmentSweep, "_is_young", settled_meanwhile)
    assert sweeper.run() == 2
    assert _inside(files) == ["settled"]


def test_what_a_backup_names_stays_until_the_backup_goes(
    store: Store, files: AttachmentFiles, sweeper: Sweeper, backups_folder: Path
) -> None:
    file = files.put_bytes(PNG, "a.png")
    note = store.notes.create("a", "")
    store.note_attachments.attach(note.id, "a.png", file)
    backup = Backups(store.path, backups_folder).back_up("daily")
    store.notes.delete_forever([note.id])
    assert sweeper.run() == 0
    kept = backup.read_bytes()
    backup.write_bytes(kept[:4096] + b"\xff" * 8192)
    assert sweeper.run() == 0  # who knows what it says
    backup.unlink()
    assert sweeper.run() == 1


def test_a_backup_from_before_notes_had_files_names_none(
    store: Store, files: AttachmentFiles, sweeper: Sweeper, backups_folder: Path
) -> None:
    backup = Backups(store.path, backups_folder).back_up("daily")
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("DROP TABLE note_files")
    files.put_bytes(PNG, "a.png")
    assert sweeper.run() == 1


def test_a_file_whose_sweep_was_cut_off_goes_with_the_next(files: AttachmentFiles, sweeper: Sweeper) -> None:
    path = files.path(files.put_bytes(PNG, "a.png").hash)
    path.rename(path.with_name(f".gone-{path.name}"))
    assert sweeper.run() == 1
    assert _inside(files) == []


def test_a_link_to_a_folder_is_not_followed(files: AttachmentFiles, sweeper: Sweeper, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ("ab" * 32)).write_bytes(b"mine")
    files.folder.mkdir(parents=True, exist_ok=True)
    try:
        (files.folder / "ab").symlink_to(elsewhere, target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    assert sweeper.run() == 0
    assert (elsewhere / ("ab" * 32)).read_bytes() == b"mine"


def test_without_any_file_there_is_nothing_to_sweep(files: AttachmentFiles, sweeper: Sweeper) -> None:
    assert not files.folder.exists()
    assert sweeper.run() == 0


def test_what_somebody_else_put_there_is_not_swept(files: AttachmentFiles, sweeper: Sweeper) -> None:
    files.put_bytes(b"unnamed", "x")
    for name in ("mine/letter.odt", "ab/notes.txt", "ab/folder/x"):
        (files.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (files.folder / name).write_bytes(b"mine")
    assert sweeper.run() == 1
    assert _inside(files) == ["letter.odt", "notes.txt", "x"]


def test_young_files_and_those_beside_a_damaged_database_stay(
    store: Store, files: AttachmentFiles, sweeper: Sweeper
) -> None:
    files.put_bytes(PNG, "a.png")
    sweeper.days = 0.5
    assert sweeper.run() == 0
    sweeper.days = 2
    damaged = store.path.with_name(store.path.name + ".damaged-20260101T000000Z")
    damaged.write_bytes(b"x")
    assert sweeper.run() == 0
    damaged.unlink()
    assert sweeper.run() == 1


def test_a_file_that_is_stored_again_while_it_is_swept_stays(
    files: AttachmentFiles, sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = files.put_bytes(PNG, "a.png")
    old = time.time() - 3 * 24 * 3600
    os.utime(files.path(file.hash), (old, old))
    sweeper.days = 0
    replace = os.replace

    def put_first(source: Path, target: Path) -> None:
        monkeypatch.undo()
        files.put_bytes(PNG, "a.png")  # finds it there, and makes it young
        replace(source, target)

    monkeypatch.setattr("desktop_app.storage.attachment_sweep.os.replace", put_first)
    assert sweeper.run() == 0
    assert files.is_whole(file.hash)
