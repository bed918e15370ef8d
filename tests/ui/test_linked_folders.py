"""Linked folders on the notes screen, over a real store and a real folder."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.folder_sync import FolderState
from desktop_app.domain.source_folders import FolderKind
from desktop_app.presenters import linked_folders
from desktop_app.presenters.folder_export import FolderExportPresenter
from desktop_app.presenters.linked_folders import LinkedFoldersPresenter
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.shell import Notice, NoticeKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.folder_export import FolderExport
from desktop_app.services.linked_folders.linked_folders import LinkedFolders
from desktop_app.services.note_import import NoteImport
from desktop_app.services.notes import NoteService
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.folder_export import FolderExportControls
from desktop_app.ui.notes.note_side import SidePresenters
from desktop_app.ui.notes.notes_screen import NotesScreen
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.notices import Notices
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Banner


class Answers(Questions):
    """The folder a person would choose."""

    def __init__(self, chosen: Path) -> None:
        super().__init__()
        self.chosen = chosen

    def folder(self, title: str) -> Path | None:
        return self.chosen


class Desk:
    """The notes screen beside a folder with one file."""

    def __init__(self, folder: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.actions = actions
        self.vault = folder / "vault"
        self.vault.mkdir()
        self.file = self.vault / "Alpha.md"
        self.file.write_text("first text")
        self.store = Store.open(folder / "data" / "a.sqlite3", backups=folder / "data" / "b")
        self.notes = NoteService(self.store)
        self.service = LinkedFolders(self.store, self.notes, "me")
        self.linked = LinkedFoldersPresenter(self.service, tasks, self.notes.subscribe)
        self.presenter = NotesPresenter(self.notes, tasks, NoteImport(self.notes))
        self.editor = NoteEditorPresenter(self.notes, tasks, lambda: 1)
        self.beside = NoteEditorPresenter(self.notes, tasks, lambda: 1, beside=self.editor)
        self.notices: list[tuple[str, Callable[[], object] | None]] = []
        self.presenter.notice.connect(lambda words, undo: self.notices.append((words, undo)))
        self.screen = NotesScreen(
            self.presenter,
            SidePresenters(self.editor),
            theme,
            actions,
            Answers(self.vault),
            linked=self.linked,
            make_beside=lambda: SidePresenters(self.beside),
        )
        qtbot.addWidget(self.screen)
        self.screen.resize(1100, 700)
        self.screen.show()
        qtbot.waitExposed(self.screen)
        self.until(lambda: not self.presenter.state.loading)

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=8000)

    def link(self) -> int:
        self.linked.link([self.vault])
        self.until(lambda: self.linked.statuses and self.line() == "vault · in step")
        return self.presenter._notes.list_notes(self.presenter.filter)[0].id

    def line(self) -> str:
        assert self.screen.linked is not None
        return self.screen.linked.line.button.text()

    def menu(self) -> dict[str, object]:
        assert self.screen.linked is not None
        return {action.text(): action for action in self.screen.linked.make_menu().actions() if action.text()}

    def choose(self, words: str) -> None:
        self.menu()[words].trigger()  # type: ignore[attr-defined]


@pytest.fixture
def desk(
    tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setattr(linked_folders, "SETTLE_MS", 1)
    desk = Desk(tmp_path, theme, actions, tasks, qtbot)
    yield desk
    desk.linked.close()
    desk.presenter.close()
    desk.beside.close()
    desk.editor.close()
    tasks.close()
    desk.store.close()


def test_a_folder_that_comes_in_is_asked_about_once_and_kept_as_files(desk: Desk) -> None:
    controls = desk.screen.linked
    assert controls is not None
    assert not controls.line.isVisible()
    desk.actions["note.import_folder"].trigger()
    desk.until(lambda: controls.choice is not None)
    assert controls.choice is not None
    controls.choice.keep.clicked.emit()
    desk.until(lambda: desk.presenter.filter.folder == "vault" and desk.presenter.model.rows)
    assert [row.title for row in desk.presenter.model.rows] == ["Alpha"]
    desk.until(lambda: desk.line() == "vault · in step" and controls.line.isVisible())
    desk.until(lambda: desk.presenter.facets.folders)
    desk.screen.pane._fill_folders()
    folder_menu = desk.screen.pane._folder_menu.actions()
    assert "vault   1   · in step" in [action.text() for action in folder_menu]
    assert folder_menu[-1] is desk.actions["note.export_folder"]
    assert desk.notices[0][0] == "“vault” is linked: 1 note."
    desk.file.write_text("changed while nobody was asked")
    desk.actions["note.import_folder"].trigger()
    desk.until(lambda: desk.presenter.model.rows[0].snippet.startswith("changed while"))
    assert controls.choice is None


def test_a_copied_folder_is_remembered_and_its_files_are_left_alone(desk: Desk) -> None:
    controls = desk.screen.linked
    assert controls is not None
    desk.linked.bring_in([desk.vault])
    desk.until(lambda: controls.choice is not None)
    assert controls.choice is not None
    finished: list[object] = []
    desk.presenter.import_finished.connect(finished.append)
    controls.choice.copy.clicked.emit()
    desk.until(lambda: finished)
    assert desk.service.kind_of(desk.vault) is FolderKind.COPIED
    desk.linked.bring_in([desk.vault])
    desk.until(lambda: len(finished) == 2)
    assert controls.choice is None
    assert desk.linked.statuses == []


def test_an_answer_that_is_not_given_brings_nothing_in(desk: Desk) -> None:
    controls = desk.screen.linked
    assert controls is not None
    beside = desk.vault.with_name("beside.md")
    beside.write_text("dropped together with the folder")
    imports: list[object] = []
    desk.linked.import_wanted.connect(imports.append)
    desk.linked.bring_in([desk.vault, beside])
    desk.until(lambda: controls.choice is not None)
    assert controls.choice is not None
    controls.choice.reject()
    assert imports == []
    assert desk.service.kind_of(desk.vault) is None
    assert desk.presenter.model.rows == []


def test_what_is_written_goes_to_the_file_and_back(desk: Desk) -> None:
    note_id = desk.link()
    desk.screen.open_note(note_id)
    desk.until(lambda: desk.screen.view.editor.toPlainText() == "first text")
    desk.screen.view.editor.setFocus()
    desk.qtbot.keyClicks(desk.screen.view.editor, "my ")
    desk.until(lambda: desk.file.read_text() == "my first text")
    (desk.vault / "new.md").write_text("made there")  # the system tells of it
    desk.until(lambda: any(row.title == "new" for row in desk.presenter.model.rows))
    desk.file.write_text("theirs")
    desk.actions["note.sync_folders"].trigger()
    desk.until(lambda: desk.screen.view.editor.toPlainText() == "theirs")


def test_unsaved_text_and_a_changed_file_are_both_kept(desk: Desk) -> None:
    note_id = desk.link()
    desk.screen.open_note(note_id)
    desk.until(lambda: desk.screen.view.editor.toPlainText() == "first text")
    desk.editor._autosave_ms = lambda: 60_000
    desk.qtbot.keyClicks(desk.screen.view.editor, "mine ")
    desk.file.write_text("theirs")
    desk.linked.look()
    desk.until(lambda: desk.notes.get(note_id).text == "theirs")
    desk.editor.save_now()
    desk.until(lambda: any("(conflict " in row.title for row in desk.presenter.model.rows))
    desk.until(lambda: len(list(desk.vault.glob("*.md"))) == 2)
    desk.until(lambda: desk.line() == "vault · 1 conflict")
    texts = {path.name: path.read_text() for path in desk.vault.glob("*.md")}
    assert texts.pop("Alpha.md") == "theirs"
    assert list(texts.values()) == ["mine first text"]


def test_a_conflict_is_told_listed_and_settled(desk: Desk) -> None:
    note_id = desk.link()
    desk.store.notes.save(note_id, title="Alpha", text="mine")  # of which the look hears together with the file's
    desk.file.write_text("theirs")
    desk.linked.look()
    desk.until(lambda: desk.line() == "vault · 1 conflict")
    assert any("your text is in “Alpha (conflict " in words for words, _undo in desk.notices)
    controls = desk.screen.linked
    assert controls is not None
    dialog = controls.show_conflicts(desk.linked.statuses[0])
    conflict_id = desk.linked.statuses[0].conflicts[0].note_id
    dialog.list.chosen.emit(conflict_id)
    desk.until(lambda: desk.editor.note is not None and desk.editor.note.id == conflict_id)
    assert "Conflicts (1)…" in desk.menu()
    desk.linked.settle([conflict_id])
    desk.until(lambda: desk.line() == "vault · in step")


def said_of_conflict(desk: Desk) -> Banner | None:
    controls = desk.screen.linked
    assert controls is not None
    line = controls.conflict_lines.line_of(desk.screen.desk.main) if controls.conflict_lines is not None else None
    return line.findChild(Banner) if line is not None and line.isVisible() else None


def lose_what_was_typed(desk: Desk) -> Banner:
    """The file changes between a look and the one that what is typed brings about."""
    desk.until(lambda: desk.editor.note is not None and not desk.screen.view.editor.loading)
    desk.file.write_text("theirs")
    desk.screen.view.editor.insertPlainText("mine, ")
    desk.until(lambda: said_of_conflict(desk) and desk.screen.view.editor.display_text() == "theirs")
    banner = said_of_conflict(desk)
    assert banner is not None
    return banner


def test_a_conflict_is_said_in_the_note_that_is_written_until_it_is_closed(desk: Desk) -> None:
    note_id = desk.link()
    desk.screen.open_note(note_id)
    banner = lose_what_was_typed(desk)
    assert "yours is kept in “Alpha (conflict " in banner.accessibleName()
    (kept,) = desk.linked.statuses[0].conflicts
    assert desk.notes.get(kept.note_id).text == "mine, first text"
    other = desk.notes.create("vault", "Another one").id
    desk.screen.open_note(other)
    desk.until(lambda: desk.editor.note is not None and desk.editor.note.id == other)
    assert said_of_conflict(desk) is None
    desk.screen.open_note(note_id)
    desk.until(lambda: said_of_conflict(desk) is not None)
    again = said_of_conflict(desk)
    assert again is not None
    again.findChildren(QPushButton)[1].click()
    assert said_of_conflict(desk) is None
    assert desk.line() == "vault · 1 conflict", "it is still among the conflicts of the folder"


def test_the_kept_text_of_a_conflict_opens_beside_and_what_is_settled_is_said_no_more(desk: Desk) -> None:
    desk.screen.open_note(desk.link())
    banner = lose_what_was_typed(desk)
    (kept,) = desk.linked.statuses[0].conflicts
    banner.findChildren(QPushButton)[0].click()
    desk.until(lambda: desk.beside.note is not None and desk.beside.note.id == kept.note_id)
    assert said_of_conflict(desk) is not None
    desk.linked.settle([kept.note_id])
    desk.until(lambda: said_of_conflict(desk) is None)


def test_a_folder_that_is_gone_is_said_and_comes_back(desk: Desk) -> None:
    desk.link()
    away = desk.vault.with_name("away")
    desk.vault.rename(away)
    desk.linked.look()
    controls = desk.screen.linked
    assert controls is not None
    desk.until(controls.line.gone.isVisible)
    assert controls.line.gone.text() == f"The folder {desk.vault} is not there; its notes are as last seen."
    assert desk.linked.statuses[0].state is FolderState.NOT_THERE
    assert len(desk.presenter.model.rows) == 1
    desk.vault.mkdir()
    desk.linked.look_soon()
    desk.until(lambda: desk.line() == "vault · empty")
    assert controls.line.gone.text() == f"The folder {desk.vault} is empty; its notes are as last seen."
    desk.vault.rmdir()
    away.rename(desk.vault)
    desk.linked.look_soon()  # as when the window is gone to
    desk.until(lambda: desk.line() == "vault · in step")
    assert not controls.line.gone.isVisible()


def test_files_that_are_gone_at_once_are_asked_about_and_their_notes_wait(desk: Desk) -> None:
    for number in range(6):
        (desk.vault / "disk").mkdir(exist_ok=True)
        (desk.vault / "disk" / f"{number}.md").write_text(f"text {number}")
    desk.link()
    away = desk.vault.with_name("away")
    (desk.vault / "disk").rename(away)
    desk.linked.look()
    controls = desk.screen.linked
    assert controls is not None
    question = controls.line.held
    desk.until(question.isVisible)
    assert question.words.text() == "6 of 7 files of “vault” are gone. Their notes wait."
    assert desk.line() == "vault · 6 of 7 files gone"
    assert len(desk.presenter.model.rows) == 7
    question.wait.click()
    assert not question.isVisible()
    desk.linked.look_soon()
    away.rename(desk.vault / "disk")
    desk.until(lambda: desk.line() == "vault · in step")
    (desk.vault / "disk").rename(away)
    desk.linked.look()
    desk.until(question.isVisible)
    question.trash.click()
    desk.until(lambda: len(desk.presenter.model.rows) == 1)
    desk.until(lambda: desk.line() == "vault · in step")
    assert not question.isVisible()
    words, undo = desk.notices[-1]
    assert words == "Moved 6 notes to the trash."
    assert undo is not None
    undo()
    desk.until(lambda: len(list(desk.vault.rglob("*.md"))) == 7)
    desk.until(lambda: len(desk.presenter.model.rows) == 7)


def test_after_wait_the_menu_still_has_the_way_to_the_trash(desk: Desk) -> None:
    for number in range(5):
        (desk.vault / "disk").mkdir(exist_ok=True)
        (desk.vault / "disk" / f"{number}.md").write_text(f"text {number}")
    desk.link()
    shutil.rmtree(desk.vault / "disk")
    desk.linked.look()
    controls = desk.screen.linked
    assert controls is not None
    desk.until(controls.line.held.isVisible)
    desk.vault.rename(desk.vault.with_name("unplugged"))
    desk.linked.look()
    desk.until(controls.line.gone.isVisible)
    assert not controls.line.held.isVisible()  # that the folder is not there says it all
    desk.vault.with_name("unplugged").rename(desk.vault)
    desk.linked.look()
    desk.until(controls.line.held.isVisible)
    controls.line.held.wait.click()
    desk.choose("Move the notes of 5 missing files to the trash")
    desk.until(lambda: len(desk.presenter.model.rows) == 1)


def test_a_notice_does_not_lie_over_the_line_that_says_how_the_folder_is(desk: Desk, theme: Theme) -> None:
    desk.link()
    desk.vault.rename(desk.vault.with_name("away"))
    desk.linked.look()
    controls = desk.screen.linked
    assert controls is not None
    desk.until(controls.line.gone.isVisible)
    notices = Notices(theme, desk.screen)
    notices.keep_clear_of(desk.screen.notices_keep_clear_of())
    for size in ((1440, 900), (940, 600), (720, 480)):
        desk.screen.resize(*size)
        notices.add(Notice(NoticeKind.INFO, "What was done is told in a rather long sentence. " * 3))
        desk.until(lambda: notices.isVisible() and not notices.geometry().intersects(place(controls.line, desk.screen)))


def test_a_notice_does_not_lie_over_the_count_of_words(desk: Desk, theme: Theme) -> None:
    desk.screen.open_note(desk.link())
    words = desk.screen.view.words
    desk.until(lambda: desk.editor.note is not None and not desk.screen.view.editor.loading)
    desk.screen.view.show_words(2)
    desk.until(words.isVisible)
    notices = Notices(theme, desk.screen)
    notices.keep_clear_of(desk.screen.notices_keep_clear_of())
    for size in ((1440, 900), (940, 600), (720, 480)):
        desk.screen.resize(*size)
        notices.add(Notice("What was done is told in a rather long sentence. " * 3))
        desk.until(lambda: notices.isVisible() and notices.geometry().bottom() < place(words, desk.screen).top())


def place(widget: QWidget, on: QWidget) -> QRect:
    return QRect(widget.mapTo(on, QPoint(0, 0)), widget.size())


def test_the_folder_that_is_shown_is_exported(desk: Desk, tmp_path: Path, tasks: TaskRunner) -> None:
    desk.link()
    answers = Answers(tmp_path / "out")
    exporter = FolderExport(desk.store, desk.notes, AttachmentFiles(tmp_path / "data" / "attachments"))
    presenter = FolderExportPresenter(exporter, tasks)
    saved: list[bool] = []
    controls = FolderExportControls(
        presenter,
        desk.presenter,
        desk.screen.transfers.add(),
        desk.actions,
        desk.screen,
        answers,
        save=lambda: saved.append(True),
    )
    desk.presenter.set_folder("vault")
    desk.actions["note.export_folder"].trigger()
    desk.until(lambda: any("1 note was exported" in words for words, _undo in desk.notices))
    assert (tmp_path / "out" / "Alpha.md").read_text() == "first text"
    assert saved == [True]
    desk.presenter.set_folder(None)
    answers.chosen = tmp_path / "again"
    desk.actions["note.export_folder"].trigger()
    desk.until(lambda: controls.question is not None)
    assert controls.question is not None
    assert controls.question.text == str(desk.vault)
    controls.question.accept()
    desk.until((tmp_path / "again" / "Alpha.md").exists)


def test_unlinking_keeps_the_notes_and_can_be_taken_back(desk: Desk) -> None:
    note_id = desk.link()
    desk.choose("Unlink, keep its notes as copies")
    controls = desk.screen.linked
    assert controls is not None
    desk.until(lambda: not controls.line.isVisible())
    desk.notes.save(note_id, "mine alone")
    assert desk.file.read_text() == "first text"
    undo = desk.notices[-1][1]
    assert undo is not None
    undo()
    desk.until(lambda: desk.file.read_text() == "mine alone")


def test_a_folder_to_be_linked_while_another_is_waits_for_its_turn(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.link()
    other = tmp_path / "other"
    other.mkdir()
    (other / "Beta.md").write_text("second")
    held, go_on = threading.Event(), threading.Event()
    link = desk.service.link

    def slowly(path: Path, *more: Any) -> Any:
        if path == other:
            held.set()
            assert go_on.wait(20)
        return link(path, *more)

    monkeypatch.setattr(desk.service, "link", slowly)
    desk.choose("Unlink, keep its notes as copies")
    desk.until(lambda: not desk.linked.statuses)
    undo = desk.notices[-1][1]
    assert undo is not None
    desk.linked.link([other])
    desk.until(held.is_set)
    undo()
    go_on.set()
    desk.until(lambda: {one.folder.path for one in desk.linked.statuses} == {desk.vault, other})


def test_one_folder_that_cannot_be_linked_keeps_no_other_from_it(desk: Desk) -> None:
    failures: list[InkwellError] = []
    desk.linked.failed.connect(failures.append)
    desk.linked.link([desk.vault.parent / "nowhere", desk.vault])
    desk.until(lambda: desk.linked.statuses and desk.line() == "vault · in step")
    assert [error.what for error in failures] == ["This folder cannot be linked."]


def test_a_look_that_ends_late_does_not_bring_back_what_was_unlinked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.link()
    desk.until(lambda: not desk.linked._looking)
    held, go_on = threading.Event(), threading.Event()

    def directories(_most: int) -> list[Path]:
        held.set()
        assert go_on.wait(20)
        return [desk.vault]

    monkeypatch.setattr(desk.service, "directories", directories)
    desk.linked.look()
    desk.until(held.is_set)
    desk.choose("Unlink, keep its notes as copies")
    controls = desk.screen.linked
    assert controls is not None
    desk.until(lambda: not controls.line.isVisible())
    go_on.set()
    desk.until(lambda: not desk.linked._looking)
    assert not controls.line.isVisible()
    assert (desk.linked.statuses, desk.linked._watcher.directories()) == ([], [])


@pytest.mark.parametrize("holds", [False, True])
def test_folders_inside_are_not_watched_where_that_holds_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, holds: bool
) -> None:
    monkeypatch.setattr(linked_folders, "_HOLDS_WHAT_IT_WATCHES", holds)
    (desk.vault / "inside").mkdir()
    (desk.vault / "inside" / "b.md").write_text("b")
    desk.link()
    watched = [str(desk.vault), *([] if holds else [str(desk.vault / "inside")])]
    desk.until(lambda: sorted(desk.linked._watcher.directories()) == watched)


def test_what_was_written_last_is_in_its_file_when_the_program_ends(desk: Desk) -> None:
    note_id = desk.link()
    desk.notes.save(note_id, "last words")
    desk.linked.flush()
    assert desk.file.read_text() == "last words"


def test_the_end_of_the_program_does_not_wait_for_a_long_look(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    note_id = desk.link()
    monkeypatch.setattr(linked_folders, "_END_WAITS_S", 0.05)
    with desk.service._lock:
        desk.store.notes.save(note_id, title="Alpha", text="later")
        desk.linked._on_notes([note_id])
        desk.linked.flush()
    assert desk.file.read_text() == "first text"
    desk.linked.look()
    desk.until(lambda: desk.file.read_text() == "later")
