"""The notes list: filters, pages, trash and undo, moves, imports."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import StoreLockedError
from desktop_app.domain.notes import ImportFailure, ImportReport, NoteFilter, NoteSort, NoteSummary
from desktop_app.presenters.notes import PAGE, NotesPresenter
from desktop_app.presenters.tasks import TaskRunner
from tests.fakes.fake_notes import FakeImporter, FakeNotes, FakeWelcome


@pytest.fixture
def notes() -> FakeNotes:
    return FakeNotes()


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.close()


@pytest.fixture
def presenter(notes: FakeNotes, tasks: TaskRunner) -> Iterator[NotesPresenter]:
    made = NotesPresenter(notes, tasks)
    yield made
    made.close()


def titles(presenter: NotesPresenter) -> list[str]:
    return [row.title for row in presenter.model.rows]


class Notices:
    """Collects notices, and lets a test take one back."""

    def __init__(self, presenter: NotesPresenter) -> None:
        self.texts: list[str] = []
        self.undos: list[Callable[[], None]] = []
        presenter.notice.connect(self._add)

    def _add(self, text: str, undo: Callable[[], None]) -> None:
        self.texts.append(text)
        self.undos.append(undo)


def test_filters_narrow_and_sorts_order(presenter: NotesPresenter, notes: FakeNotes, qtbot: QtBot) -> None:
    notes.add("Banana", "Food", ("fruit",))
    notes.add("Apple", "Food/Raw", ("fruit",))
    notes.add("Car", "Things")
    presenter.refresh()
    qtbot.waitUntil(lambda: titles(presenter) == ["Car", "Apple", "Banana"])
    presenter.set_folder("Food")
    qtbot.waitUntil(lambda: titles(presenter) == ["Apple", "Banana"])
    presenter.set_sort(NoteSort.TITLE)
    presenter.set_folder(None)
    qtbot.waitUntil(lambda: titles(presenter) == ["Apple", "Banana", "Car"])
    presenter.set_tag("fruit")
    presenter.set_text(" ban ")
    qtbot.waitUntil(lambda: titles(presenter) == ["Banana"])
    assert presenter.facets.folders == (("Food", 2), ("Food/Raw", 1), ("Things", 1))


def test_long_lists_come_page_by_page(presenter: NotesPresenter, notes: FakeNotes, qtbot: QtBot) -> None:
    for number in range(PAGE + 30):
        notes.add(f"Note {number}")
    presenter.refresh()
    qtbot.waitUntil(lambda: presenter.model.rowCount() == PAGE)
    assert max(limit or 0 for _, limit, _ in notes.list_calls) == PAGE
    assert presenter.model.canFetchMore(QModelIndex())
    presenter.model.fetchMore(QModelIndex())
    assert not presenter.model.canFetchMore(QModelIndex())
    qtbot.waitUntil(lambda: presenter.model.rowCount() == PAGE + 30)
    assert not presenter.model.canFetchMore(QModelIndex())


class HeldList:
    """Lets the next list that does not begin at the top come only when it is let go."""

    def __init__(self, notes: FakeNotes, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waits, self.go_on = threading.Event(), threading.Event()
        listed = notes.list_notes

        def held(filter: NoteFilter, *, limit: int | None = None, offset: int = 0) -> list[NoteSummary]:
            rows = listed(filter, limit=limit, offset=offset)
            if offset and not self.waits.is_set():
                self.waits.set()
                assert self.go_on.wait(20)
            return rows

        monkeypatch.setattr(notes, "list_notes", held)


def test_a_page_that_could_not_be_read_is_asked_for_again(
    presenter: NotesPresenter, notes: FakeNotes, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(PAGE + 30):
        notes.add(f"Note {number}")
    presenter.refresh()
    qtbot.waitUntil(lambda: presenter.model.rowCount() == PAGE)

    def locked(*_arguments: object, **_named: object) -> list[NoteSummary]:
        raise StoreLockedError("The store is locked.")

    with monkeypatch.context() as held:
        held.setattr(notes, "list_notes", locked)
        with qtbot.waitSignal(presenter.failed):
            presenter.model.fetchMore(QModelIndex())
    presenter.model.fetchMore(QModelIndex())
    qtbot.waitUntil(lambda: presenter.model.rowCount() == PAGE + 30)


@pytest.mark.parametrize("revealing", [False, True])
def test_a_page_of_another_filter_is_not_shown(
    revealing: bool,
    presenter: NotesPresenter,
    notes: FakeNotes,
    tasks: TaskRunner,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    oldest = notes.add("Note of old")
    for number in range(PAGE + 30):
        notes.add(f"Note {number}")
    wanted = [notes.add(f"Wanted {number}", "Folder").title for number in range(3)]
    presenter.refresh()
    qtbot.waitUntil(lambda: presenter.model.rowCount() == PAGE)
    held = HeldList(notes, monkeypatch)
    if revealing:
        presenter.reveal(oldest.id)
    else:
        presenter.model.fetchMore(QModelIndex())
    qtbot.waitUntil(held.waits.is_set)
    presenter.set_folder("Folder")
    qtbot.waitUntil(lambda: presenter.model.rowCount() == 3)
    held.go_on.set()
    qtbot.waitUntil(lambda: tasks.idle)
    assert sorted(titles(presenter)) == wanted


def test_a_store_change_refreshes_what_was_fetched(presenter: NotesPresenter, notes: FakeNotes, qtbot: QtBot) -> None:
    notes.add("First")
    presenter.refresh()
    qtbot.waitUntil(lambda: titles(presenter) == ["First"])
    thread = threading.Thread(target=lambda: notes.add("Second"))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: titles(presenter) == ["Second", "First"])


def test_trashing_can_be_undone(presenter: NotesPresenter, notes: FakeNotes, qtbot: QtBot) -> None:
    note = notes.add("Keep me")
    presenter.refresh()
    qtbot.waitUntil(lambda: presenter.model.rowCount() == 1)
    notices = Notices(presenter)
    presenter.trash([note.id])
    qtbot.waitUntil(lambda: bool(notices.texts) and presenter.model.rowCount() == 0)
    assert notices.texts == ["Moved “Keep me” to the trash."]
    notices.undos[0]()
    qtbot.waitUntil(lambda: titles(presenter) == ["Keep me"])
    assert notes.get(note.id).trashed_at is None


def test_the_welcome_notes_go_to_the_trash_and_come_back(notes: FakeNotes, tasks: TaskRunner, qtbot: QtBot) -> None:
    welcome = [notes.add(f"Welcome {number}", "Welcome").id for number in range(3)]
    mine = notes.add("Mine").id
    presenter = NotesPresenter(notes, tasks, welcome=FakeWelcome(notes, "Welcome"))
    notices = Notices(presenter)
    gone: list[list[int]] = []
    presenter.gone.connect(gone.append)
    presenter.refresh()
    qtbot.waitUntil(lambda: presenter.state.welcome)
    presenter.remove_welcome_notes()
    qtbot.waitUntil(lambda: titles(presenter) == ["Mine"] and not presenter.state.welcome)
    assert notices.texts == ["Moved the welcome notes to the trash."]
    assert [sorted(ids) for ids in gone] == [welcome], "an open one is closed"
    notices.undos[0]()
    qtbot.waitUntil(lambda: presenter.model.rowCount() == 4 and presenter.state.welcome)
    assert all(notes.get(note_id).trashed_at is None for note_id in (*welcome, mine))
    presenter.close()


def test_several_notes_move_and_come_back(presenter: NotesPresenter, notes: FakeNotes, qtbot: QtBot) -> None:
    one, two = notes.add("One", "A"), notes.add("Two", "B")
    presenter.refresh()
    qtbot.waitUntil(lambda: presenter.model.rowCount() == 2)
    notices = Notices(presenter)
    presenter.move([one.id, two.id], "C")
    qtbot.waitUntil(lambda: notices.texts == ["Moved 2 notes to C."])
    assert {notes.get(one.id).folder, notes.get(two.id).folder} == {"C"}
    notices.undos[0]()
    qtbot.waitUntil(lambda: (notes.get(one.id).folder, notes.get(two.id).folder) == ("A", "B"))


def test_a_move_out_of_a_linked_folder_says_where_the_files_go(
    presenter: NotesPresenter, notes: FakeNotes, qtbot: QtBot
) -> None:
    one, two, other = (notes.add(name, folder).id for name, folder in (("One", "v"), ("Two", "v/w"), ("Other", "vw")))
    presenter.refresh()
    qtbot.waitUntil(lambda: presenter.model.rowCount() == 3)
    presenter.set_linked(["v"])
    notices = Notices(presenter)
    for ids, folder, words in (
        ([one, two, other], "v/x", "Moved 3 notes to v/x."),
        ([one, two], "Elsewhere", "Moved 2 notes to Elsewhere. 2 files go to “.trash” in “v”."),
        ([two], "v", "Moved “Two” to v."),
        ([two], "", "Moved “Two” to no folder. Its file goes to “.trash” in “v”."),
    ):
        presenter.move(ids, folder)
        qtbot.waitUntil(lambda words=words: notices.texts[-1:] == [words])
        qtbot.waitUntil(lambda ids=ids, folder=folder: {r.folder for r in presenter.chosen_rows(ids)} == {folder})


def test_the_last_undo_can_be_reached_after_its_notice_until_a_change_makes_it_wrong(
    presenter: NotesPresenter, notes: FakeNotes, tasks: TaskRunner, qtbot: QtBot
) -> None:
    ids = [notes.add(f"Note {number}", "A").id for number in range(2)]
    presenter.refresh()
    qtbot.waitUntil(lambda: presenter.model.rowCount() == 2)
    assert presenter.undo_words == ""
    presenter.move(ids, " B/ ")
    qtbot.waitUntil(lambda: presenter.undo_words == "move of 2 notes")
    notes.save(ids[0], "Written on meanwhile")
    notes.add("Another one")
    qtbot.waitUntil(lambda: tasks.idle)
    assert presenter.undo_words == "move of 2 notes", "what was typed since is not in its way"
    presenter.undo_last()
    qtbot.waitUntil(lambda: {notes.get(note_id).folder for note_id in ids} == {"A"})
    qtbot.waitUntil(lambda: presenter.undo_words == "", timeout=2000)

    presenter.change_tags(ids, ["ink"], [])
    qtbot.waitUntil(lambda: presenter.undo_words == "tags of 2 notes")
    presenter.trash(ids[:1])
    qtbot.waitUntil(lambda: presenter.undo_words.startswith("trashing of “Written"))
    presenter.undo_last()
    qtbot.waitUntil(lambda: notes.get(ids[0]).trashed_at is None and presenter.undo_words == "")

    presenter.move(ids, "C")
    qtbot.waitUntil(lambda: presenter.undo_words == "move of 2 notes")
    notes.move(ids[1:], "D")  # by somebody else
    qtbot.waitUntil(lambda: presenter.undo_words == "")
    presenter.undo_last()
    qtbot.waitUntil(lambda: tasks.idle)
    assert [notes.get(note_id).folder for note_id in ids] == ["C", "D"]

    presenter.change_tags(ids, ["pen"], [])
    qtbot.waitUntil(lambda: presenter.undo_words == "tags of 2 notes")
    notes.delete_forever(ids[:1])
    qtbot.waitUntil(lambda: presenter.undo_words == "")


def test_the_trash_is_emptied_for_good(presenter: NotesPresenter, notes: FakeNotes, qtbot: QtBot) -> None:
    kept, gone = notes.add("Kept"), notes.add("Gone")
    notes.trash([gone.id])
    presenter.show_trash(True)
    qtbot.waitUntil(lambda: titles(presenter) == ["Gone"])
    presenter.empty_trash()
    qtbot.waitUntil(lambda: presenter.state.empty)
    assert [note.id for note in notes.list_notes_all()] == [kept.id]


def test_all_of_the_trash_is_put_back_and_the_notice_takes_it_back(
    presenter: NotesPresenter, notes: FakeNotes, qtbot: QtBot
) -> None:
    one, two = notes.add("One", "A"), notes.add("Two")
    notes.trash([one.id, two.id])
    presenter.show_trash(True)
    qtbot.waitUntil(lambda: presenter.model.rowCount() == 2)
    notices = Notices(presenter)
    presenter.restore_all()
    qtbot.waitUntil(lambda: notices.texts == ["Put 2 notes back."])
    qtbot.waitUntil(lambda: presenter.state.empty)
    assert [notes.get(note.id).trashed_at for note in (one, two)] == [None, None]
    notices.undos[0]()
    qtbot.waitUntil(lambda: all(notes.get(note.id).trashed_at is not None for note in (one, two)))
    notes.restore([one.id, two.id])
    presenter.restore_all()
    qtbot.waitUntil(lambda: presenter.state.empty)
    assert len(notices.texts) == 2, "of nothing, nothing is said"


def test_a_new_note_is_made_in_the_chosen_folder(presenter: NotesPresenter, notes: FakeNotes, qtbot: QtBot) -> None:
    notes.add("Old", "Work")
    presenter.set_folder("Work")
    with qtbot.waitSignal(presenter.note_created) as made:
        presenter.new_note()
    assert made.args is not None
    assert notes.get(made.args[0]).folder == "Work"


def test_an_unreadable_list_is_an_error_state(presenter: NotesPresenter, notes: FakeNotes, qtbot: QtBot) -> None:
    def fail(filter: NoteFilter, **_: object) -> list[object]:
        raise StoreLockedError("The database is busy.")

    notes.list_notes = fail  # type: ignore[method-assign,assignment]
    presenter.refresh()
    qtbot.waitUntil(lambda: isinstance(presenter.state.error, StoreLockedError))


def test_an_import_reports_and_refreshes(notes: FakeNotes, tasks: TaskRunner, qtbot: QtBot) -> None:
    report = ImportReport((1,), (), 2, (ImportFailure("a.md", "not text"),))
    importer = FakeImporter(report)
    presenter = NotesPresenter(notes, tasks, importer)
    steps: list[tuple[int, int, str]] = []
    presenter.import_progress.connect(lambda *step: steps.append(step))
    with qtbot.waitSignal(presenter.import_finished) as finished:
        presenter.import_paths([Path("notes")])
    assert finished.args == [report]
    assert importer.paths == [Path("notes")]
    qtbot.waitUntil(lambda: steps == [(1, 3, "first.md")])
    assert not presenter.transferring


def test_an_import_can_be_stopped_and_only_one_runs(notes: FakeNotes, tasks: TaskRunner, qtbot: QtBot) -> None:
    importer = FakeImporter(ImportReport())
    importer.gate = threading.Event()
    presenter = NotesPresenter(notes, tasks, importer)
    notices = Notices(presenter)
    presenter.import_paths([Path("one")])
    presenter.import_paths([Path("two")])
    qtbot.waitUntil(lambda: bool(importer.paths))
    presenter.stop_transfer()
    qtbot.waitUntil(lambda: not presenter.transferring)
    assert importer.paths == [Path("one")]
    assert notices.texts == ["Stopped. What was done so far is kept."]
