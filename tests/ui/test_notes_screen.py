"""The notes screen: writing, saving, failing, deleting and coming back, by hand and by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec.structs
import pytest
from PySide6.QtCore import QEvent, QItemSelectionModel, QMimeData, Qt
from PySide6.QtGui import QFocusEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import DiskFullError
from desktop_app.domain.notes import ImportFailure, ImportReport
from desktop_app.presenters.note_editor import NoteEditorPresenter, SaveKind
from desktop_app.presenters.note_list import ListState
from desktop_app.presenters.notes import PAGE, NotesPresenter
from desktop_app.presenters.rows import RowRole
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.import_dialog import ImportReportDialog
from desktop_app.ui.notes.note_side import SidePresenters
from desktop_app.ui.notes.notes_screen import NotesScreen
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.notes.versions_dialog import TEXT, VersionsDialog
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Banner, EmptyState, PlainLabel, TextButton
from tests.fakes.fake_notes import FakeImporter, FakeNotes
from tests.ui.notes_room import texts_in

REPORT = ImportReport((1, 2), (3,), 4, (ImportFailure("a.md", "It is not text."),))


class FakeQuestions(Questions):
    """Answers as told, and remembers what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.yes = True
        self.asked: list[str] = []
        self.chosen_folder = "Work"
        self.chosen_tags = ["idea"]
        self.path: Path | None = Path("somewhere")

    def confirm(self, question: str, detail: str, act: str) -> bool:
        self.asked.append(question)
        return self.yes

    def files(self) -> list[Path]:
        return [self.path] if self.path else []

    def folder(self, title: str) -> Path | None:
        return self.path

    def note_folder(self, current: str, known: Sequence[str], notes: int = 1) -> str | None:
        self.asked_of_folder = (current, notes)
        return self.chosen_folder

    def tags(self, current: Sequence[str], known: Sequence[str], notes: int = 1) -> list[str] | None:
        self.asked_about = (list(current), notes)
        return self.chosen_tags


class Room:
    """The screen with all that belongs to it."""

    def __init__(self, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.tasks = tasks
        self.actions = actions
        self.notes = FakeNotes()
        self.importer = FakeImporter(REPORT)
        self.presenter = NotesPresenter(self.notes, tasks, self.importer, FakeImporter(ImportReport()))
        self.editor = NoteEditorPresenter(self.notes, tasks, lambda: 1)
        self.questions = FakeQuestions()
        self.undos: list[Callable[[], None]] = []
        self.notices: list[str] = []
        self.presenter.notice.connect(self._notice)
        self.screen = NotesScreen(self.presenter, SidePresenters(self.editor), theme, actions, self.questions)
        qtbot.addWidget(self.screen)
        self.screen.resize(1100, 700)
        self.screen.show()
        qtbot.waitExposed(self.screen)

    def _notice(self, text: str, undo: Callable[[], None]) -> None:
        self.notices.append(text)
        self.undos.append(undo)

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=5000)

    def add(self, *texts: str, folder: str = "") -> list[int]:
        ids = [self.notes.add(text, folder).id for text in texts]
        self.presenter.refresh()
        self.until(lambda: {row.id for row in self.presenter.model.rows} >= set(ids))
        return ids

    def open(self, note_id: int) -> None:
        self.screen.open_note(note_id)
        self.until(lambda: self.editor.note is not None and self.editor.note.id == note_id)
        self.until(lambda: self.screen.view._page() is self.screen.view.editor)

    def close(self) -> None:
        self.editor.flush()
        self.editor.close()
        self.presenter.close()


@pytest.fixture
def room(theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    made = Room(theme, actions, tasks, qtbot)
    yield made
    made.close()


def test_an_empty_desk_says_what_to_do(room: Room) -> None:
    room.until(lambda: room.screen.view.findChildren(EmptyState))
    assert "Write your first note" in texts_in(room.screen.view)
    room.questions.path = Path("my notes")
    button = next(each for each in room.screen.view.findChildren(QPushButton) if each.text() == "Import a folder…")
    button.click()
    room.until(lambda: room.importer.paths == [Path("my notes")])


def test_new_note_is_ready_to_be_written(room: Room) -> None:
    room.actions["note.new"].trigger()
    room.until(lambda: room.editor.note is not None)
    room.until(lambda: room.screen.focusWidget() is room.screen.view.editor)
    QTest.keyClicks(room.screen.view.editor, "Milk and bread")
    room.until(lambda: room.editor.state.kind is SaveKind.SAVED and room.notes.saves)
    assert room.editor.note is not None
    assert room.notes.get(room.editor.note.id).text == "Milk and bread"
    assert room.screen.view.head.save_label.text() == "Saved"
    room.until(lambda: room.screen.view.head.title.text() == "Milk and bread")


def test_a_click_in_the_list_opens_the_note(room: Room) -> None:
    first, _second = room.add("# First\n\nBody", "# Second", folder="Gen AI/Deep")
    row = room.presenter.model.row_of(first)
    rect = room.screen.pane.list.visualRect(room.presenter.model.index(row))
    QTest.mouseClick(room.screen.pane.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    room.until(lambda: room.screen.view.head.title.text() == "Gen AI / Deep / First")
    assert room.screen.view.editor.display_text() == "# First\n\nBody"


def test_a_full_disk_is_said_and_the_text_stays(room: Room) -> None:
    (note_id,) = room.add("# Note")
    room.open(note_id)
    room.notes.save_error = DiskFullError("The note is not saved.", "No space is left.", "Free some space.")
    room.screen.view.editor.insertPlainText("precious ")
    room.until(lambda: room.editor.state.kind is SaveKind.FAILED)
    view = room.screen.view
    assert view.head.save_label.text() == "Not saved: disk full"
    assert "Free some space. What you typed is still here." in texts_in(view)
    assert view.editor.display_text().startswith("precious")
    assert room.screen.flush()
    room.notes.save_error = None
    view.head.retry_button.click()
    room.until(lambda: view.head.save_label.text() == "Saved")
    assert not view.head.retry_button.isVisible()
    assert "Free some space." not in texts_in(view)
    assert room.notes.get(note_id).text.startswith("precious")


def test_the_note_is_saved_when_another_is_opened(room: Room) -> None:
    first, second = room.add("# First", "# Second")
    room.open(first)
    room.screen.view.editor.insertPlainText("kept ")
    room.open(second)
    room.until(lambda: room.notes.get(first).text == "kept # First")
    assert room.screen.view.editor.display_text() == "# Second"


def test_a_note_left_in_the_middle_of_a_paste_is_saved_whole(room: Room) -> None:
    first, second = room.add("# First\n", "# Second")
    room.open(first)
    editor = room.screen.view.editor
    editor.moveCursor(QTextCursor.MoveOperation.End)
    pasted = QMimeData()
    pasted.setText("x" * 200_000 + "\r\nand more")
    editor.insertFromMimeData(pasted)
    assert editor.isReadOnly(), "it comes in piece by piece"
    room.open(second)
    room.until(lambda: room.notes.get(first).text == "# First\n" + "x" * 200_000 + "\nand more")
    assert editor.display_text() == "# Second"
    assert not editor.isReadOnly()


def test_leaving_the_editor_saves_at_once(room: Room) -> None:
    (note_id,) = room.add("# Note")
    room.open(note_id)
    room.editor._autosave_ms = lambda: 60_000
    room.screen.view.editor.insertPlainText("now ")
    # Sent by hand: whether a window is active is up to the platform.
    QApplication.sendEvent(room.screen.view.editor, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))
    room.until(lambda: room.notes.get(note_id).text == "now # Note")


def test_delete_key_trashes_and_undo_brings_back(room: Room) -> None:
    first, second = room.add("# First", "# Second")
    room.open(second)
    room.screen.pane.list.setFocus()
    QTest.keyClick(room.screen.pane.list, Qt.Key.Key_Delete)
    room.until(lambda: room.notes.get(second).trashed_at)
    room.until(lambda: room.editor.note is not None and room.editor.note.id == first)
    assert room.notices == ["Moved “Second” to the trash."]
    room.undos[0]()
    room.until(lambda: room.notes.get(second).trashed_at is None)


@pytest.mark.parametrize("others", [["# Other", "# Third"], []])
def test_the_focus_of_a_note_that_goes_stays_in_the_notes(room: Room, others: list[str]) -> None:
    """Else it goes to the next control of the window, Undo perhaps, which Space or Enter would press."""
    *_, last = room.add(*others, "# Last")
    room.open(last)
    view, pane = room.screen.view, room.screen.pane
    room.until(lambda: view.editor is room.screen.window().focusWidget())
    room.actions["note.delete"].trigger()
    room.until(lambda: room.notes.get(last).trashed_at)
    room.until(lambda: room.screen.window().focusWidget() is (pane.list if others else pane.filter_box))
    room.until(lambda: (room.editor.note.id if room.editor.note else None) == (last - 1 if others else None))


def test_several_notes_are_pinned_and_tagged_together(room: Room) -> None:
    first, second, third = room.add("# One", "# Two", "# Three")
    for note_id, tags in ((first, ["ink", "old"]), (second, ["ink"])):
        room.notes.set_tags(note_id, tags)
    room.until(lambda: room.presenter.chosen_rows([first])[0].tags == ("ink", "old"))
    flags = QItemSelectionModel.SelectionFlag.Select
    for note_id in (first, second):
        index = room.presenter.model.index(room.presenter.model.row_of(note_id))
        room.screen.pane.list.selectionModel().select(index, flags)
    room.questions.chosen_tags = ["Paper"]
    room.actions["note.tags"].trigger()
    assert room.questions.asked_about == (["ink"], 2)
    room.until(lambda: room.notices == ["Changed the tags of 2 notes."])
    assert [room.notes.get(note_id).tags for note_id in (first, second)] == [("old", "paper"), ("paper",)]
    room.undos[0]()
    room.until(lambda: room.notes.get(first).tags == ("ink", "old"))
    assert room.notes.get(second).tags == ("ink",)
    room.actions["note.pin"].trigger()
    room.until(lambda: room.presenter.model.row_of(third) == 2)
    assert room.presenter.model.index(0).data(RowRole.ICON) == "pin"
    assert set(room.screen.pane.selected_ids) == {first, second}
    room.actions["note.pin"].trigger()
    room.until(lambda: room.presenter.model.row_of(third) == 0)


def test_several_selected_notes_are_trashed_together(room: Room) -> None:
    ids = room.add("# One", "# Two", "# Three")
    room.screen.pane.list.selectAll()
    assert set(room.screen.pane.selected_ids) == set(ids)
    room.actions["note.delete"].trigger()
    room.until(lambda: room.notices == ["Moved 3 notes to the trash."])
    assert all(room.notes.get(note_id).trashed_at for note_id in ids)


def test_the_trash_is_read_only_and_asks_before_it_deletes(room: Room) -> None:
    (note_id,) = room.add("# Old")
    room.notes.trash([note_id])
    room.screen.pane.trash_button.click()
    room.until(lambda: room.presenter.model.rowCount() == 1)
    room.editor.open(note_id)
    room.until(room.screen.view.head.delete_button.isVisible)
    assert room.screen.view._stack.currentWidget() is room.screen.view.reader
    assert not room.screen.view.head.segments.isVisible()
    room.questions.yes = False
    room.screen.view.head.delete_button.click()
    assert room.questions.asked == ["Delete this note forever?"]
    assert room.notes.get(note_id)
    room.questions.yes = True
    room.screen.pane.empty_button.click()
    room.until(lambda: room.notes.list_notes_all() == [])
    room.until(lambda: room.editor.note is None)


def test_a_trashed_note_is_put_back(room: Room) -> None:
    (note_id,) = room.add("# Old")
    room.notes.trash([note_id])
    room.presenter.show_trash(True)
    room.editor.open(note_id)
    room.until(room.screen.view.head.restore_button.isVisible)
    room.screen.view.head.restore_button.click()
    room.until(lambda: room.notes.get(note_id).trashed_at is None)
    assert room.screen.on_escape()
    room.until(lambda: room.presenter.model.row_of(note_id) >= 0)


def test_filter_narrows_and_ends_with_search_everything(room: Room, qtbot: QtBot) -> None:
    room.add("# Apple", "# Banana")
    pane = room.screen.pane
    pane.filter_box.setText("ban")
    room.until(lambda: [row.title for row in room.presenter.model.rows] == ["Banana"])
    assert pane.search_link.text() == "Search everything for “ban”"
    with qtbot.waitSignal(room.screen.search_everything) as asked:
        pane.search_link.click()
    assert asked.args == ["ban"]
    pane.filter_box.setText("zzz")
    room.until(lambda: "No note fits" in texts_in(pane))
    assert room.screen.on_escape()
    assert pane.filter_box.text() == ""
    assert not room.screen.on_escape()


def test_read_shows_the_rendered_note_and_write_comes_back(room: Room) -> None:
    (note_id,) = room.add("# Title\n\nSome **bold** words")
    room.open(note_id)
    room.actions["note.view"].trigger()
    view = room.screen.view
    assert view._stack.currentWidget() is view.reader
    assert view.reader.shown_text == "# Title\n\nSome **bold** words"
    room.actions["note.view"].trigger()
    assert view._page() is view.editor


def test_what_is_found_is_found_in_the_way_the_note_is_shown(room: Room) -> None:
    (note_id,) = room.add("# Title\n\nSome **bold** words")
    room.open(note_id)
    view = room.screen.view
    room.actions["note.view"].trigger()
    room.actions["note.find"].trigger()
    assert view.read_find_bar.isVisible()
    assert view.mode == "read"
    view.read_find_bar.line.setText("bold words")
    room.until(lambda: view.read_find_bar.count.text() == "1 of 1")
    room.actions["note.replace"].trigger()
    assert view.mode == "write"
    assert view.find_bar.isVisible()
    assert not view.read_find_bar.isVisible()
    room.actions["note.view"].trigger()
    assert not view.find_bar.isVisible()
    room.actions["note.find"].trigger()
    assert room.screen.on_escape()
    assert not view.read_find_bar.isVisible()


def test_both_stand_side_by_side_where_there_is_room(room: Room) -> None:
    (note_id,) = room.add("# Title\n\nSome **bold** words")
    room.open(note_id)
    view = room.screen.view
    room.screen.resize(1_300, 700)
    room.until(room.actions["note.both"].isEnabled)
    room.actions["note.both"].trigger()
    assert view.head.segments.value == "both"
    room.until(lambda: view.preview.isVisible() and view.preview.is_complete)
    assert abs(view.preview.width() - view.editor.width()) < 20
    left, right = view._desk.sizes()
    view._desk.moveSplitter((left + right) * 2 // 3, 1)
    assert room.screen.save_state()["text_share"] == pytest.approx(2 / 3, abs=0.01)
    room.actions["note.both"].trigger()
    room.actions["note.both"].trigger()
    left, right = view._desk.sizes()
    assert left / (left + right) == pytest.approx(2 / 3, abs=0.02), "as it was divided before"
    room.screen.resize(700, 700)
    room.until(lambda: not view.preview.isVisible())
    assert (view.mode, view.head.segments.value) == ("both", "write")
    assert not room.actions["note.both"].isEnabled()
    assert view.preview.bodies == [], "nothing is rendered that is not seen"
    room.screen.resize(1_300, 700)
    room.until(view.preview.isVisible)
    room.actions["note.view"].trigger()
    assert view._page() is view.reader
    room.actions["note.view"].trigger()
    assert view.mode == "both", "back to the way it was written in"
    assert room.screen.save_state()["mode"] == "both"
    room.actions["note.both"].trigger()
    assert view.mode == "write"


def test_move_and_tags_keep_the_note_open_without_conflict(room: Room) -> None:
    (note_id,) = room.add("# Note")
    room.open(note_id)
    room.actions["note.move"].trigger()
    room.until(lambda: room.screen.view.head.title.text() == "Work / Note")
    room.actions["note.tags"].trigger()
    room.until(lambda: room.notes.get(note_id).tags == ("idea",))
    room.screen.view.editor.insertPlainText("more ")
    room.until(lambda: room.notes.get(note_id).text == "more # Note")
    assert len(room.notes.list_notes_all()) == 1


def test_a_conflict_keeps_both_and_says_so(room: Room) -> None:
    (note_id,) = room.add("# Shared")
    room.open(note_id)
    room.notes.change_elsewhere(note_id, "# Shared, theirs")
    room.screen.view.editor.insertPlainText("mine ")
    room.until(lambda: room.screen.view.findChildren(Banner))
    assert "Both texts are kept" in room.screen.view.findChildren(Banner)[0].accessibleName()
    assert {note.text for note in room.notes.list_notes_all()} == {"# Shared, theirs", "mine # Shared"}
    assert room.screen.view.editor.display_text() == "mine # Shared"


def test_a_note_that_was_deleted_for_good_elsewhere_is_not_offered_to_be_opened(room: Room) -> None:
    (note_id,) = room.add("# Shared")
    room.open(note_id)
    room.editor._autosave_ms = lambda: 60_000
    room.screen.view.editor.insertPlainText("mine ")
    room.notes.delete_forever([note_id])
    room.editor.save_now()
    room.until(lambda: room.screen.view.findChildren(Banner))
    banner = room.screen.view.findChildren(Banner)[0]
    assert banner.accessibleName().startswith("This note was deleted elsewhere. Your text is kept")
    assert [button.text() for button in banner.findChildren(QPushButton)] == ["OK"]
    assert [note.text for note in room.notes.list_notes_all()] == ["mine # Shared"]


def test_a_change_from_elsewhere_shows_without_moving_the_cursor(room: Room) -> None:
    (note_id,) = room.add("one two three")
    room.open(note_id)
    cursor = room.screen.view.editor.textCursor()
    cursor.setPosition(4)
    room.screen.view.editor.setTextCursor(cursor)
    room.notes.change_elsewhere(note_id, "one two three four")
    room.editor.refresh()
    room.until(lambda: room.screen.view.editor.display_text() == "one two three four")
    assert room.screen.view.editor.textCursor().position() == 4


def test_versions_are_listed_and_put_back(room: Room) -> None:
    (note_id,) = room.add("# First text")
    room.notes.save(note_id, "# Second text")
    room.open(note_id)
    room.actions["note.versions"].trigger()
    dialog = room.screen.findChildren(VersionsDialog)[0]
    room.until(lambda: dialog.preview.toPlainText() == "− # First text\n+ # Second text")
    dialog.tabs.choose(TEXT)
    assert dialog.preview.toPlainText() == "# First text"
    dialog.restore_button.click()
    room.until(lambda: room.screen.view.editor.display_text() == "# First text")
    assert room.notes.get(note_id).text == "# First text"


def test_an_import_ends_in_a_report(room: Room) -> None:
    room.presenter.import_paths([Path("a"), Path("b")])
    room.until(lambda: room.screen.findChildren(ImportReportDialog))
    dialog = room.screen.findChildren(ImportReportDialog)[0]
    assert {"2", "new notes", "4", "1", "failed"} <= set(texts_in(dialog))
    dialog.accept()


def test_the_menu_of_a_note_finds_in_it(room: Room) -> None:
    assert room.screen.view.head.menu.actions()[0] is room.actions["note.find"]


def test_the_report_of_an_import_leads_to_what_came_in(room: Room) -> None:
    first, _second = room.add("# First that came in", "# Second", folder="Inbox")
    (other,) = room.add("# Other", folder="Work")
    room.presenter.set_folder("Work")
    room.open(other)
    room.importer.report = ImportReport((first, _second))
    room.presenter.import_paths([Path("a")])
    room.until(lambda: room.screen.findChildren(ImportReportDialog))
    (dialog,) = room.screen.findChildren(ImportReportDialog)
    (button,) = (each for each in dialog.findChildren(TextButton) if each.text() == "Open the first one")
    button.click()
    room.until(lambda: room.editor.note is not None and room.editor.note.id == first)
    room.until(lambda: room.screen.pane.list.selectionModel().selectedIndexes())
    assert room.presenter.filter.folder is None


def test_the_place_of_a_passage_is_marked(room: Room) -> None:
    (note_id,) = room.add("# Note\n\n🙂 before the passage after")
    text = room.notes.get(note_id).text
    start = text.index("the passage")
    room.screen.open_note(note_id, start, start + len("the passage"))
    room.until(lambda: room.screen.view.editor.textCursor().selectedText() == "the passage")


def test_state_comes_back(room: Room) -> None:
    first, _ = room.add("# First", "# Second")
    room.open(first)
    room.screen.view.set_mode("read")
    state = room.screen.save_state()
    room.editor.close_note()
    room.screen.view.set_mode("write")
    room.screen.restore_state(state)
    room.until(lambda: room.editor.note is not None and room.editor.note.id == first)
    assert room.screen.view.mode == "read"
    room.screen.restore_state({"pane": "nonsense", "note": None, "sort": 7})


@pytest.mark.parametrize("mode", ["write", "read"])
def test_the_scroll_position_comes_back(room: Room, mode: str) -> None:
    long, other = room.add("# Long\n\n" + "A line of words.\n\n" * 300, "# Other")
    room.open(long)
    room.screen.view.set_mode(mode)
    room.until(lambda: room.screen.view._page().verticalScrollBar().maximum() > 900)
    room.screen.view.scroll_to(900)
    state = room.screen.save_state()
    assert state["scroll"] == 900
    room.screen.view.set_mode("write")
    room.open(other)
    room.screen.restore_state(state)
    room.until(lambda: room.editor.note is not None and room.editor.note.id == long)
    room.until(lambda: room.screen.view.scroll_position == 900)


def test_the_trash_says_what_can_be_done_there(room: Room) -> None:
    kept, gone = room.add("# Kept", "# Gone")
    room.notes.trash([gone])
    room.open(kept)
    room.presenter.show_trash(True)
    room.until(lambda: "Then it can be put back, or deleted forever." in texts_in(room.screen.view))


def test_going_to_the_trash_from_a_note_keeps_the_keyboard_in_the_notes(room: Room) -> None:
    kept, gone = room.add("# Kept", "# Gone")
    room.notes.trash([gone])
    room.open(kept)
    room.screen.view.focus_text()
    room.presenter.show_trash(True)
    room.until(lambda: "Then it can be put back, or deleted forever." in texts_in(room.screen.view))
    focused = room.screen.window().focusWidget()
    assert focused is not None
    assert room.screen.pane.isAncestorOf(focused)


def test_the_foot_of_the_trash_is_not_cut_off(room: Room) -> None:
    (gone,) = room.add("# Gone")
    room.notes.trash([gone])
    room.presenter.show_trash(True)
    room.until(room.screen.pane.restore_all_button.isVisible)
    room.screen.pane.setFixedWidth(room.screen.pane.minimumWidth())
    QApplication.processEvents()
    for button in (room.screen.pane.trash_button, room.screen.pane.restore_all_button, room.screen.pane.empty_button):
        assert button.width() >= button.sizeHint().width(), button.text()


def test_the_sentence_beside_the_list_changes_with_the_trash_when_no_note_is_open(room: Room) -> None:
    """Both lists are alike in being there and not empty."""
    _kept, gone = room.add("# Kept", "# Gone")
    room.notes.trash([gone])
    start = f"Or start a new one with {room.actions['note.new'].shortcut().toString()}."
    put_back = "Then it can be put back, or deleted forever."
    room.until(lambda: start in texts_in(room.screen.view))
    room.presenter.show_trash(True)
    room.until(lambda: put_back in texts_in(room.screen.view) and start not in texts_in(room.screen.view))
    room.presenter.show_trash(False)
    room.until(lambda: start in texts_in(room.screen.view) and put_back not in texts_in(room.screen.view))


def test_beside_an_empty_trash_nothing_is_said_to_be_chosen(room: Room) -> None:
    (gone,) = room.add("# Gone")
    room.notes.trash([gone])
    room.presenter.show_trash(True)
    room.until(lambda: "Choose a note at the left" in texts_in(room.screen.view))
    room.notes.restore([gone])
    room.until(lambda: "The trash is empty" in texts_in(room.screen.pane))
    room.until(lambda: "Choose a note at the left" not in texts_in(room.screen.view))
    assert any("waits here until you put it back" in text for text in texts_in(room.screen.view))
    room.presenter.show_trash(False)
    room.until(lambda: "Choose a note at the left" in texts_in(room.screen.view))
    room.screen.pane.filter_box.setText("zzz")
    room.until(lambda: "No note fits" in texts_in(room.screen.pane))
    assert "Choose a note at the left" not in texts_in(room.screen.view)


def test_a_list_that_is_not_read_yet_says_so(room: Room) -> None:
    room.until(lambda: not room.presenter.state.loading)
    room.screen.pane._show_state(ListState(loading=True))
    assert "Loading…" in texts_in(room.screen.pane)


def test_note_text_is_never_taken_for_html(room: Room) -> None:
    (note_id,) = room.add("<img src='file:///etc/passwd'> <b>x</b>")
    room.open(note_id)
    assert room.screen.view.head.title.text().startswith("<img")
    assert room.screen.view.head.title.textFormat() is Qt.TextFormat.PlainText
    box = ImportReportDialog(
        room.screen._theme, msgspec.structs.replace(REPORT, failed=(ImportFailure("<b>x</b>", "<i>y</i>"),))
    )
    room.qtbot.addWidget(box)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in box.findChildren(PlainLabel))


def test_every_control_has_a_name(room: Room) -> None:
    (note_id,) = room.add("# Note")
    room.open(note_id)
    for kind in (QAbstractButton, QLineEdit):
        for widget in room.screen.findChildren(kind):
            decoration = isinstance(widget.parent(), QLineEdit)  # the glass in a filter box
            if widget.isVisibleTo(room.screen) and not decoration:
                assert widget.accessibleName() or widget.text(), widget
    assert room.screen.pane.list.accessibleName()
    assert room.screen.view.editor.accessibleName()


def test_the_questions_dialogs_give_what_was_typed(theme: Theme, qtbot: QtBot) -> None:
    from PySide6.QtCore import QTimer

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        line = dialog.findChildren(QLineEdit)[0]
        line.setText("#one, two  one")
        QTest.keyClick(line, Qt.Key.Key_Return)

    QTimer.singleShot(0, answer)
    assert Questions().tags(["old"], ["one"]) == ["one", "two"]

    def leave() -> None:
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    QTimer.singleShot(0, leave)
    assert Questions().note_folder("a", []) is None
    QTimer.singleShot(0, leave)
    assert not Questions().confirm("Delete?", "Gone.", "Delete")


def test_a_note_far_down_is_marked_in_the_list_when_it_is_opened(room: Room) -> None:
    ids = [room.notes.add(f"Note {number}\n\nText.").id for number in range(1_000)]
    room.until(lambda: len(room.presenter.model.rows) == PAGE and not room.presenter._refresh_soon.isActive())
    room.until(lambda: room.tasks.idle)
    room.notes.list_calls.clear()
    far = ids[120]
    room.open(far)
    room.until(lambda: room.screen.pane.selected_ids == [far])
    assert room.presenter.model.row_of(far) == 1_000 - 121
    assert [call[1:] for call in room.notes.list_calls] == [(800, PAGE)]
    index = room.presenter.model.index(room.presenter.model.row_of(far))
    room.until(lambda: room.screen.pane.list.viewport().rect().intersects(room.screen.pane.list.visualRect(index)))


def test_a_note_that_the_filter_leaves_out_fetches_nothing(room: Room) -> None:
    hidden = room.notes.add("Elsewhere", "Other").id
    for number in range(300):
        room.notes.add(f"Note {number}", "Here")
    room.presenter.set_folder("Here")
    room.until(lambda: len(room.presenter.model.rows) == PAGE)
    room.open(hidden)
    room.qtbot.waitUntil(lambda: room.presenter._to_reveal is None, timeout=5000)
    assert len(room.presenter.model.rows) == PAGE
    assert room.screen.pane.selected_ids == []


def test_fields_and_their_hints_follow_the_font_size(room: Room, theme: Theme) -> None:
    (note_id,) = room.add("Text")
    room.open(note_id)
    fields = [room.screen.pane.filter_box, room.screen.view.title.line]
    assert all(field.placeholderText() for field in fields)
    before = [field.fontMetrics().height() for field in fields]
    theme.set_font_size(27.0)
    for field, height in zip(fields, before, strict=True):
        assert field.fontMetrics().height() == pytest.approx(2 * height, rel=0.1), field.placeholderText()


def test_the_list_keeps_its_width_in_letters_at_another_font_size(room: Room, theme: Theme) -> None:
    before = room.screen._splitter.sizes()[0]
    theme.set_font_size(20)
    assert abs(room.screen._splitter.sizes()[0] - before * 20 / 13.5) <= 2
    theme.set_font_size(27)
    assert room.screen._splitter.sizes()[0] < room.screen.width() / 2
    theme.set_font_size(13.5)
    assert abs(room.screen._splitter.sizes()[0] - before) <= 2, "though it could not grow as far as the letters"


def test_a_width_chosen_for_the_list_stays(room: Room, theme: Theme) -> None:
    splitter = room.screen._splitter
    splitter.setSizes([500, 600])
    splitter.splitterMoved.emit(500, 1)  # as by the mouse
    room.screen.resize(900, 700)
    room.screen.resize(1100, 700)
    assert abs(splitter.sizes()[0] - 500) <= 2
    state = room.screen.save_state()
    room.screen._pane_chosen = None
    room.screen._fit_pane()
    assert splitter.sizes()[0] < 400
    room.screen.restore_state(state)
    assert abs(splitter.sizes()[0] - 500) <= 2


def test_the_bar_shows_how_far_a_single_file_is(room: Room) -> None:
    bar = room.screen._transfers.bar
    bar.show_kind("import")
    bar.show_progress(0, 1, "export.jex")
    assert bar.progress.fraction is None
    bar.show_progress(0.4, 1, "export.jex")
    assert "Importing 0 of 1 · export.jex" in texts_in(bar)
    assert bar.progress.fraction == pytest.approx(0.4)


def test_what_is_under_way_stands_in_lines_of_their_own(room: Room, theme: Theme) -> None:
    bars = room.screen.transfers
    importing, exporting = bars.add(), bars.add()
    importing.show_kind("import")
    exporting.show_kind("export")
    importing.show_progress(1, 4, "a.md")
    exporting.show_progress(2, 3, "b.md")
    assert "Importing 1 of 4 · a.md" in texts_in(importing)
    assert "Exporting 2 of 3 · b.md" in texts_in(exporting)
    exporting.show_kind("")
    assert importing.isVisibleTo(room.screen)
    assert not exporting.isVisibleTo(room.screen)
