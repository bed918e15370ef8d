"""A linked folder of which a large part is gone at once: nothing is concluded until it is back, or a person says so."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.folder_sync import FolderState, SyncReport
from desktop_app.domain.notes import NoteFilter
from desktop_app.domain.vanished_files import HeldFiles
from desktop_app.services.linked_folders import folder_scan
from desktop_app.services.linked_folders.linked_folders import LinkedFolders
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store
from tests.unit.services.test_linked_folders import Desk


@pytest.fixture
def desk(real_store: Store, note_service: NoteService, tmp_path: Path) -> Desk:
    desk = Desk(real_store, note_service, tmp_path / "vault")
    for number in range(14):
        desk.write(f"{number}.md", f"text {number}")
    for number in range(6):
        desk.write(f"disk/{number + 20}.md", f"text {number + 20}")
    desk.link()
    return desk


def held(desk: Desk) -> HeldFiles:
    found = desk.folders.statuses()[0].held
    assert found is not None
    return found


def unmounted(desk: Desk) -> Path:
    """The folder "disk" is an empty place now; where its files are."""
    away = desk.root.with_name("away")
    (desk.root / "disk").rename(away)
    (desk.root / "disk").mkdir()
    return away


def mounted(desk: Desk, away: Path) -> None:
    shutil.rmtree(desk.root / "disk", ignore_errors=True)
    away.rename(desk.root / "disk")


def trash(desk: Desk) -> SyncReport:
    return desk.folders.trash_held(desk.linked, held(desk), CancelToken())


def test_a_folder_of_it_that_vanishes_trashes_nothing_and_goes_on_by_itself(desk: Desk) -> None:
    away = unmounted(desk)
    report = desk.look()
    assert report.held is not None
    assert (report.trashed, report.held.gone, report.held.known) == (0, 6, 20)
    status = desk.folders.statuses()[0]
    assert (status.state, status.held) == (FolderState.HELD, report.held)
    assert len(desk.titles()) == 20
    mounted(desk, away)
    report = desk.look()
    assert (report.held, report.changed) == (None, False)
    assert desk.folders.statuses()[0].state is FolderState.IN_STEP


def test_more_than_half_of_the_files_that_vanish_trash_nothing(desk: Desk) -> None:
    for number in range(11):
        (desk.root / f"{number}.md").rename(desk.root.parent / f"{number}.md")
    assert desk.look().held is not None
    assert len(desk.titles()) == 20
    for number in range(11):
        (desk.root.parent / f"{number}.md").rename(desk.root / f"{number}.md")
    assert desk.look().held is None


def test_a_few_that_are_deleted_go_to_the_trash_unasked(desk: Desk) -> None:
    for number in range(5):
        (desk.root / f"{number}.md").unlink()
    report = desk.look()
    assert (report.trashed, report.held) == (5, None)


def test_the_rest_is_kept_in_step_meanwhile_and_nothing_is_written_to_the_place_of_the_disk(desk: Desk) -> None:
    edited, elsewhere = desk.note("20"), desk.note("1")
    away = unmounted(desk)
    desk.look()
    desk.write("0.md", "theirs")
    desk.notes.save(edited.id, "mine")
    desk.notes.move([elsewhere.id], "vault/disk")
    made = desk.notes.create("vault/disk/deep", "made meanwhile")
    desk.folders.look_at_notes([edited.id, elsewhere.id, made.id], CancelToken())
    report = desk.look()
    assert (report.taken, report.written, report.created, report.moved) == (1, 0, 0, 0)
    assert list((desk.root / "disk").iterdir()) == []
    mounted(desk, away)
    report = desk.look()
    assert (report.written, report.created, report.moved, report.trashed) == (1, 1, 1, 0)
    assert desk.read("disk/20.md") == "mine"
    assert desk.read("disk/deep/made meanwhile.md") == "made meanwhile"
    assert desk.read("disk/1.md") == "text 1"
    assert not desk.look().changed


def test_a_note_deleted_here_meanwhile_stays_deleted(desk: Desk) -> None:
    away = unmounted(desk)
    desk.look()
    desk.notes.trash([desk.note("20").id])
    desk.look()
    assert held(desk).gone == 5
    mounted(desk, away)
    assert desk.look().removed == 1
    assert "20" not in desk.titles()


def test_the_person_says_that_they_were_deleted_and_takes_it_back(desk: Desk) -> None:
    unmounted(desk)
    desk.look()
    ids = held(desk).note_ids
    assert trash(desk).trashed == 6
    assert len(desk.titles()) == 14
    assert desk.folders.statuses()[0].state is FolderState.IN_STEP
    desk.folders.put_back(ids)
    assert desk.look().created == 6
    assert desk.read("disk/20.md") == "text 20"


def test_more_that_vanish_meanwhile_wait_again(desk: Desk) -> None:
    unmounted(desk)
    desk.look()
    (desk.root / "0.md").unlink()
    report = trash(desk)
    assert report.trashed == 0
    assert held(desk).gone == 7


def test_a_folder_that_is_moved_or_unlinked_is_not_held(desk: Desk) -> None:
    (desk.root / "disk").rename(desk.root / "shelf")
    report = desk.look()
    assert (report.moved, report.held) == (6, None)
    shutil.rmtree(desk.root / "shelf")
    assert desk.look().held is not None
    desk.folders.unlink(desk.linked)
    assert desk.folders.statuses() == []
    assert desk.notes.count(NoteFilter()) == 20


def test_files_that_vanish_a_few_at_every_look_trash_less_than_half(desk: Desk) -> None:
    for number in range(9):
        (desk.root / f"{number}.md").rename(desk.root.parent / f"{number}.md")
        if number % 3 == 2:
            report = desk.look()
            assert (report.held, report.trashed) == (None, 3)
    for number in (9, 10):
        (desk.root / f"{number}.md").rename(desk.root.parent / f"{number}.md")
    report = desk.look()
    assert report.held is not None
    assert (report.trashed, report.held.gone) == (0, 2)
    assert desk.folders.statuses()[0].state is FolderState.HELD
    ids = {title: desk.note(title).id for title in ("9", "10")}

    # Back again, they are the notes that they were.
    for number in range(11):
        (desk.root.parent / f"{number}.md").rename(desk.root / f"{number}.md")
    assert desk.look().held is None
    assert len(desk.titles()) == 20
    assert desk.notes.list_notes(NoteFilter(trashed=True)) == []
    assert ids == {title: desk.note(title).id for title in ids}
    (desk.root / "0.md").unlink()
    assert (desk.look().trashed, desk.folders.statuses()[0].held) == (1, None)


def test_those_that_vanish_slowly_go_on_after_a_word_and_after_a_while(desk: Desk) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    desk.folders = LinkedFolders(desk.store, desk.notes, "me", lambda: now[0])
    for number in range(10):
        (desk.root / f"{number}.md").unlink()
    assert desk.look().trashed == 10
    now[0] += timedelta(minutes=11)
    (desk.root / "10.md").unlink()
    assert desk.look().trashed == 1
    for number in range(11, 14):
        desk.write(f"{number}.md", f"other {number}")
    for number in range(12):
        desk.write(f"more {number}.md", f"more {number}")
    desk.look()
    for first in range(0, 12, 4):
        for number in range(first, first + 4):
            (desk.root / f"more {number}.md").unlink()
        desk.look()
    assert trash(desk).trashed == 4
    (desk.root / "11.md").unlink()
    assert desk.look().trashed == 1


def shut(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder "disk" is there and cannot be read."""
    listed = os.scandir

    def refuse(path: Path) -> object:
        if path == desk.root / "disk":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(folder_scan.os, "scandir", refuse)


def test_notes_whose_folder_cannot_be_read_are_neither_trashed_nor_said_to_be_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        shut(desk, patched)
        (desk.root / "0.md").unlink()
        report = desk.look()
        assert [(one.path, one.reason) for one in report.problems] == [
            ("disk", "The folder cannot be read: Permission denied.")
        ]
        assert (report.held, report.trashed) == (None, 1), "the one that is gone is; of the others nothing is known"
        assert desk.folders.statuses()[0].held is None
        desk.notes.trash([desk.note("20").id])
        desk.write("copy.md", "text 21")
        report = desk.look()
        assert (report.moved, report.added, report.trashed) == (0, 1, 0), "another file of that text, not the one moved"
    assert len(desk.titles()) == 19
    assert desk.look().removed == 1
    assert desk.titles() >= {"21", "22", "23", "24", "25", "copy"}
    assert desk.note("21").folder == "vault/disk"
    assert not desk.look().changed


def test_what_is_known_of_a_file_without_a_note_is_kept_while_its_folder_cannot_be_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("disk/broken.md", b"\0" * 5000)
    desk.look()
    assert [one.path for one in desk.folders.statuses()[0].unread] == ["disk/broken.md"]
    with monkeypatch.context() as patched:
        shut(desk, patched)
        desk.look()
        assert [one.path for one in desk.folders.statuses()[0].unread] == ["disk/broken.md"]
    (desk.root / "disk" / "broken.md").unlink()
    desk.look()
    assert desk.folders.statuses()[0].unread == ()


def test_files_of_notes_that_were_deleted_here_hold_nothing_back(desk: Desk) -> None:
    for number in range(14, 18):
        desk.write(f"{number}.md", f"text {number}")
    desk.look()
    for number in range(11):
        (desk.root / f"{number}.md").unlink()
    assert desk.look().trashed == 11
    desk.notes.trash([desk.note(title).id for title in ("11", "12", "13")])
    for number in range(11, 14):
        (desk.root / f"{number}.md").unlink()
    assert desk.look().held is None, "of 21, 11 went lately, and none of a note that is there"
    assert desk.folders.statuses()[0].state is FolderState.IN_STEP


def test_files_that_came_back_are_not_counted_among_those_that_go_slowly(desk: Desk) -> None:
    for number in range(10):
        (desk.root / f"{number}.md").unlink()
    assert desk.look().trashed == 10
    for number in range(10):
        desk.write(f"{number}.md", f"text {number}")
    assert desk.look().held is None
    assert len(desk.titles()) == 20
    (desk.root / "10.md").unlink()
    report = desk.look()
    assert (report.held, report.trashed) == (None, 1)


def test_a_clock_that_was_set_back_forgets_what_went_lately(desk: Desk) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    desk.folders = LinkedFolders(desk.store, desk.notes, "me", lambda: now[0])
    for number in range(10):
        (desk.root / f"{number}.md").unlink()
    assert desk.look().trashed == 10
    now[0] -= timedelta(days=1)
    (desk.root / "10.md").unlink()
    assert desk.look().trashed == 1
