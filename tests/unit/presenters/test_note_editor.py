"""Opening, autosave, failures, conflicts and changes from elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import DiskFullError, InkwellError, NotFoundError
from desktop_app.domain.notes import Note, NoteFilter
from desktop_app.presenters import note_saver
from desktop_app.presenters.note_editor import NoteEditorPresenter, OpenedNote, SaveKind
from desktop_app.presenters.tasks import TaskRunner
from tests.fakes.fake_notes import FakeNotes

FULL = DiskFullError("The note is not saved.", "No space is left.", "Free some space.")


class Desk:
    """A presenter and the text that a widget would hold."""

    def __init__(self, notes: FakeNotes, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.notes = notes
        self.tasks = tasks
        self.text = ""
        self.opened: list[OpenedNote] = []
        self.presenter = NoteEditorPresenter(notes, tasks, lambda: 1)
        self.presenter.set_source(lambda: self.text)
        self.presenter.opened.connect(self._show)

    def _show(self, opened: OpenedNote) -> None:
        self.text = opened.encoded.display
        self.opened.append(opened)

    def open(self, note_id: int, place: tuple[int, int] | None = None) -> None:
        before = len(self.opened)
        self.presenter.open(note_id, place)
        self.until(lambda: len(self.opened) > before)

    def type(self, text: str) -> None:
        self.text = text
        self.presenter.edited()

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=5000)

    def until_kind(self, kind: SaveKind) -> None:
        self.until(lambda: self.presenter.state.kind is kind)


@pytest.fixture
def notes() -> FakeNotes:
    return FakeNotes()


@pytest.fixture
def desk(notes: FakeNotes, qtbot: QtBot) -> Iterator[Desk]:
    tasks = TaskRunner()
    made = Desk(notes, tasks, qtbot)
    yield made
    made.presenter.close()
    tasks.close()


def test_typing_is_saved_after_a_pause(desk: Desk) -> None:
    note = desk.notes.add("# One")
    desk.open(note.id)
    desk.type("# One\nmore")
    assert desk.presenter.state.kind is SaveKind.EDITED
    desk.until_kind(SaveKind.SAVED)
    assert desk.notes.get(note.id).text == "# One\nmore"


def test_saved_is_not_said_before_the_commit(desk: Desk) -> None:
    note = desk.notes.add("old")
    desk.open(note.id)
    desk.notes.hold_saves = threading.Event()
    kinds: list[SaveKind] = []
    desk.presenter.save_state_changed.connect(lambda state: kinds.append(state.kind))
    desk.type("new")
    desk.presenter.save_now()
    desk.until_kind(SaveKind.SAVING)
    assert kinds == [SaveKind.EDITED, SaveKind.SAVING]
    assert desk.notes.get(note.id).text == "old"
    desk.notes.hold_saves.set()
    desk.until_kind(SaveKind.SAVED)


def test_what_is_typed_during_a_save_is_saved_after_it(desk: Desk) -> None:
    note = desk.notes.add("old")
    desk.open(note.id)
    desk.notes.hold_saves = threading.Event()
    desk.type("one")
    desk.presenter.save_now()
    desk.type("two")
    desk.presenter.save_now()
    desk.notes.hold_saves.set()
    desk.until(lambda: desk.notes.get(note.id).text == "two")
    desk.until_kind(SaveKind.SAVED)
    assert desk.presenter.note is not None
    assert desk.presenter.note.id == note.id


def test_line_ends_and_nul_survive_an_edit(desk: Desk) -> None:
    note = desk.notes.add("a\r\nb\0\u2028\r\nc")
    desk.open(note.id)
    desk.type(desk.text + "\nd")
    desk.until_kind(SaveKind.SAVED)
    assert desk.notes.get(note.id).text == "a\r\nb\0\u2028\r\nc\r\nd"


def test_another_note_can_be_opened_while_text_is_unsaved(desk: Desk) -> None:
    first, second = desk.notes.add("first"), desk.notes.add("second")
    desk.open(first.id)
    desk.type("first, changed")
    desk.open(second.id)
    desk.until(lambda: desk.notes.get(first.id).text == "first, changed")
    assert desk.text == "second"
    assert desk.presenter.state.kind is SaveKind.SAVED


class Held:
    """Lets the next caller have what `get` reads, or what a version's text makes, only when it is let go."""

    def __init__(self, notes: FakeNotes, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on, self.waits = threading.Event(), threading.Event()
        work = getattr(notes, name)

        def held(*arguments: int) -> Note:
            note: Note = work(*arguments)
            if not self.waits.is_set():
                self.waits.set()
                assert self.go_on.wait(20)
            return note

        monkeypatch.setattr(notes, name, held)


@pytest.mark.parametrize("saved", [False, True])
@pytest.mark.parametrize("same", [False, True])
def test_what_is_typed_while_a_note_is_opened_is_saved(
    same: bool, saved: bool, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = desk.notes.add("first"), desk.notes.add("second")
    desk.open(first.id)
    held = Held(desk.notes, "get", monkeypatch)
    desk.presenter.open(first.id if same else second.id)
    desk.until(held.waits.is_set)
    desk.type("first and more")
    if saved:
        desk.until(lambda: not desk.presenter.unsaved)
    held.go_on.set()
    desk.until(lambda: len(desk.opened) == 2 and not desk.presenter.unsaved)
    assert desk.text == ("first and more" if same else "second")
    assert desk.notes.get(first.id).text == "first and more"


@pytest.mark.parametrize("handed_over", [False, True])
def test_what_is_typed_while_a_version_is_put_back_is_saved(
    handed_over: bool, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = desk.notes.add("first")
    desk.open(note.id)
    desk.type("second")
    desk.until_kind(SaveKind.SAVED)
    held = Held(desk.notes, "restore_version", monkeypatch)
    desk.presenter.restore_version(desk.notes.versions(note.id)[0].id)
    desk.until(held.waits.is_set)
    desk.type("second and more")
    if handed_over:
        desk.until(lambda: not desk.presenter.dirty)
    held.go_on.set()
    desk.until(lambda: not desk.presenter.unsaved and desk.tasks.idle)
    assert (desk.text, desk.notes.get(note.id).text) == ("second and more", "second and more")
    assert [version.text for version in desk.notes.versions(note.id)][:2] == ["first", "second"]
    assert len(desk.notes.list_notes(NoteFilter())) == 1


def test_what_was_saved_before_a_version_could_not_be_put_back_is_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = desk.notes.add("first")
    desk.open(note.id)
    desk.notes.save_error = FULL
    desk.type("second")
    desk.until_kind(SaveKind.FAILED)
    desk.notes.save_error = None

    def gone(version_id: int) -> Note:
        raise NotFoundError("This version does not exist any more.")

    monkeypatch.setattr(desk.notes, "restore_version", gone)
    failures: list[InkwellError] = []
    desk.presenter.open_failed.connect(failures.append)
    desk.presenter.restore_version(1)
    desk.until(lambda: bool(failures))
    assert desk.presenter.state.kind is SaveKind.SAVED
    assert (desk.text, desk.notes.get(note.id).text) == ("second", "second")


def test_a_full_disk_loses_nothing(desk: Desk) -> None:
    first, second = desk.notes.add("first"), desk.notes.add("second")
    desk.open(first.id)
    desk.notes.save_error = FULL
    desk.type("precious")
    desk.until_kind(SaveKind.FAILED)
    assert desk.presenter.state.error is FULL
    assert desk.presenter.unsaved
    desk.open(second.id)
    desk.open(first.id)
    assert desk.text == "precious"
    assert desk.presenter.state.kind is SaveKind.FAILED
    desk.notes.save_error = None
    desk.presenter.save_now()
    desk.until_kind(SaveKind.SAVED)
    assert desk.notes.get(first.id).text == "precious"
    assert not desk.presenter.unsaved


def test_what_could_not_be_saved_is_tried_again_by_itself(
    notes: FakeNotes, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(note_saver, "RETRY_MS", 50)
    tasks = TaskRunner()
    desk = Desk(notes, tasks, qtbot)
    note = notes.add("first")
    desk.open(note.id)
    notes.save_error = FULL
    desk.type("precious")
    desk.until_kind(SaveKind.FAILED)
    notes.save_error = None
    desk.until_kind(SaveKind.SAVED)
    assert notes.get(note.id).text == "precious"
    desk.presenter.close()
    tasks.close()


def test_typing_on_after_a_failure_keeps_saying_so(desk: Desk) -> None:
    note = desk.notes.add("first")
    desk.open(note.id)
    desk.notes.save_error = FULL
    desk.type("one")
    desk.until_kind(SaveKind.FAILED)
    desk.type("two")
    assert desk.presenter.state.kind is SaveKind.FAILED


def test_flush_commits_before_it_returns(desk: Desk) -> None:
    note = desk.notes.add("first")
    desk.open(note.id)
    desk.type("last words")
    assert desk.presenter.flush() == []
    assert desk.notes.get(note.id).text == "last words"
    desk.type("more")
    desk.notes.save_error = FULL
    assert desk.presenter.flush() == [FULL]


def test_a_change_elsewhere_keeps_both_texts(desk: Desk) -> None:
    note = desk.notes.add("# Shared\nbase")
    desk.notes.set_tags(note.id, ["ink"])
    desk.open(note.id)
    conflicts: list[tuple[int, int | None]] = []
    desk.presenter.conflict.connect(lambda mine, other: conflicts.append((mine.id, other)))
    desk.notes.change_elsewhere(note.id, "# Shared\ntheirs")
    desk.type("# Shared\nmine")
    desk.until(lambda: bool(conflicts))
    copy_id, other_id = conflicts[0]
    assert other_id == note.id
    assert copy_id != note.id
    assert desk.notes.get(note.id).text == "# Shared\ntheirs"
    assert desk.notes.get(copy_id).text == "# Shared\nmine"
    assert desk.notes.get(copy_id).tags == ("ink",)
    desk.type("# Shared\nmine, later")
    desk.until_kind(SaveKind.SAVED)
    assert desk.notes.get(copy_id).text == "# Shared\nmine, later"
    assert desk.notes.get(note.id).text == "# Shared\ntheirs"


def test_a_moved_note_is_no_conflict(desk: Desk) -> None:
    note = desk.notes.add("text")
    desk.open(note.id)
    desk.notes.move([note.id], "Work")
    desk.type("text, changed")
    desk.until_kind(SaveKind.SAVED)
    assert desk.notes.get(note.id).text == "text, changed"
    assert len(desk.notes.list_notes_all()) == 1


def test_a_change_elsewhere_is_shown_when_nothing_is_unsaved(desk: Desk) -> None:
    note = desk.notes.add("before")
    desk.open(note.id)
    desk.notes.change_elsewhere(note.id, "after")
    desk.presenter.refresh()
    desk.until(lambda: desk.text == "after")
    assert desk.opened[-1].reloaded
    desk.type("after, mine")
    desk.until_kind(SaveKind.SAVED)
    assert desk.notes.get(note.id).text == "after, mine"


def test_a_refresh_leaves_unsaved_text_alone(desk: Desk) -> None:
    note = desk.notes.add("before")
    desk.open(note.id)
    desk.notes.save_error = FULL
    desk.type("mine")
    desk.until_kind(SaveKind.FAILED)
    desk.notes.change_elsewhere(note.id, "after")
    desk.presenter.refresh()
    desk.until(lambda: desk.tasks.idle)
    assert desk.text == "mine"
    assert len(desk.opened) == 1


def test_a_note_deleted_elsewhere_is_left(desk: Desk) -> None:
    note = desk.notes.add("before")
    desk.open(note.id)
    desk.notes.delete_forever([note.id])
    with desk.qtbot.waitSignal(desk.presenter.closed):
        desk.presenter.refresh()
    assert desk.presenter.note is None


def test_text_typed_into_a_note_deleted_elsewhere_becomes_a_note_of_its_own(desk: Desk) -> None:
    note = desk.notes.add("before")
    desk.notes.add("another")
    conflicts: list[tuple[int, int | None]] = []
    desk.presenter.conflict.connect(lambda mine, other: conflicts.append((mine.id, other)))
    desk.open(note.id)
    desk.notes.delete_forever([note.id])
    desk.presenter._autosave_ms = lambda: 60_000
    desk.type("before, and much more")
    desk.presenter.refresh()
    desk.until(lambda: desk.tasks.idle)
    assert desk.presenter.unsaved
    desk.presenter.save_now()
    desk.until_kind(SaveKind.SAVED)
    kept = desk.presenter.note
    assert kept is not None
    assert desk.notes.get(kept.id).text == "before, and much more"
    assert conflicts == [(kept.id, None)]  # there is no other note to be opened


def test_a_note_deleted_for_good_does_not_come_back_by_a_late_save(desk: Desk) -> None:
    note = desk.notes.add("before")
    desk.open(note.id)
    desk.notes.hold_saves = threading.Event()
    desk.type("late")
    desk.until_kind(SaveKind.SAVING)
    desk.notes.delete_forever([note.id])
    desk.presenter.discard_note()
    desk.notes.hold_saves.set()
    desk.until(lambda: desk.tasks.idle)
    assert desk.notes.list_notes_all() == []


def test_a_place_is_given_in_the_widgets_units(desk: Desk) -> None:
    text = "\U0001f642\U0001f642 the passage"
    note = desk.notes.add(text)
    start = text.index("the")
    desk.open(note.id, (start, len(text)))
    assert desk.opened[-1].selection == (start + 2, len(text) + 2)


def test_versions_hold_what_is_on_the_screen_only_after_it_is_saved(desk: Desk) -> None:
    note = desk.notes.add("one")
    desk.open(note.id)
    desk.type("two")
    seen: list[list[str]] = []
    desk.presenter.load_versions(lambda versions: seen.append([version.text for version in versions]), pytest.fail)
    desk.until(lambda: bool(seen))
    assert seen == [["one"]]
    assert desk.notes.get(note.id).text == "two"
    desk.until_kind(SaveKind.SAVED)
    desk.presenter.restore_version(1)
    desk.until(lambda: desk.text == "one")
    assert desk.notes.get(note.id).text == "one"


def test_setting_tags_does_not_end_in_a_conflict(desk: Desk) -> None:
    note = desk.notes.add("one")
    desk.open(note.id)
    with desk.qtbot.waitSignal(desk.presenter.note_changed):
        desk.presenter.set_tags(["idea"])
    desk.type("two")
    desk.until_kind(SaveKind.SAVED)
    saved = desk.notes.get(note.id)
    assert (saved.text, saved.tags) == ("two", ("idea",))


def test_what_was_changed_elsewhere_waits_for_a_save_that_is_not_told_yet(
    notes: FakeNotes, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = notes.add("text")
    desk.open(note.id)
    notes.change_elsewhere(note.id, "theirs")
    monkeypatch.setattr(desk.presenter.saver, "is_saving", lambda note_id: note_id == note.id)
    desk.presenter.refresh()
    desk.until(lambda: desk.tasks.idle)
    assert desk.text == "text"
    monkeypatch.undo()
    desk.presenter.refresh()
    desk.until(lambda: desk.text == "theirs")


def test_a_change_that_comes_while_a_save_is_told_of_is_shown_after_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = desk.notes.add("one")
    desk.open(note.id)
    desk.notes.save(note.id, "two")
    with monkeypatch.context() as patched:
        patched.setattr(desk.presenter.saver, "is_saving", lambda _note_id: True)
        desk.presenter.refresh()
        desk.until(lambda: desk.tasks.idle)
        assert desk.text == "one"
    desk.presenter.saver.rested.emit(note.id)
    desk.until(lambda: desk.text == "two")


def test_the_end_of_a_save_is_told(desk: Desk) -> None:
    note = desk.notes.add("one")
    desk.open(note.id)
    rested: list[int] = []
    desk.presenter.saver.rested.connect(rested.append)
    desk.type("two")
    desk.until(lambda: rested == [note.id])
    assert not desk.presenter.saver.is_saving(note.id)
