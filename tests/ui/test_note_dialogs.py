"""Dialogs about a note: closed before what they asked for is there, and their counts in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop_app.domain.note_statistics import NoteStatistics
from desktop_app.domain.notes import FolderExportReport, NoteVersion
from desktop_app.presenters.folder_export import FolderExportPresenter
from desktop_app.presenters.rows import RowRole
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.folder_export import FolderExportControls
from desktop_app.ui.notes.rename_dialog import RenameDialog
from desktop_app.ui.notes.statistics_dialog import StatisticsDialog
from desktop_app.ui.notes.tag_row import TagRow
from desktop_app.ui.notes.versions_dialog import VersionsDialog
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import TextButton
from tests.ui.notes_room import NotesRoom


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[NotesRoom]:
    made = NotesRoom(tmp_path, theme, actions, tasks, qtbot)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("action", "kind"), [("note.versions", VersionsDialog), ("note.rename", RenameDialog)], ids=["versions", "rename"]
)
def test_what_comes_after_a_dialog_was_closed_finds_nobody(
    room: NotesRoom, tasks: TaskRunner, action: str, kind: type[QDialog]
) -> None:
    note = room.notes.create("", "# One\n\nsome words")
    screen = room.open()
    room.show(note.id)
    room.actions[action].trigger()
    dialog = screen.findChild(kind)
    assert dialog is not None
    dialog.reject()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # before the answer is delivered
    assert not tasks.idle
    assert not isValid(dialog)
    room.until(lambda: tasks.idle)


def test_one_of_a_kind_is_said_as_one(room: NotesRoom, tasks: TaskRunner, theme: Theme, qtbot: QtBot) -> None:
    dialog = StatisticsDialog(10, "All notes", of_note=True)
    qtbot.addWidget(dialog)
    dialog.show_own(NoteStatistics(words=9))
    assert dialog.note.text() == "1 word is left to the goal of 10."
    dialog.show_own(NoteStatistics(words=8))
    assert dialog.note.text() == "2 words are left to the goal of 10."
    versions = VersionsDialog(theme, "One")
    qtbot.addWidget(versions)
    now = datetime.now(UTC)
    versions.show_versions([NoteVersion(1, 1, now, "T", "word"), NoteVersion(2, 1, now, "T", "two words")])
    assert [versions.list.model().index(row, 0).data(RowRole.SECOND_LINE) for row in (0, 1)] == ["1 word", "2 words"]


def test_tags_that_stay_the_same_keep_the_keyboard(theme: Theme, qtbot: QtBot) -> None:
    row = TagRow(theme)
    qtbot.addWidget(row)
    row.resize(600, 40)
    row.show_tags(["ink", "paper"])
    row.show()
    qtbot.waitExposed(row)
    row.activateWindow()
    second = row.findChildren(TextButton)[2]
    second.setFocus()
    qtbot.waitUntil(second.hasFocus)
    row.show_tags(["ink", "paper"])
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert isValid(second)
    assert second.hasFocus()
    assert second.text() == "#paper"


def test_one_tag_more_is_said_as_one(theme: Theme, qtbot: QtBot) -> None:
    row = TagRow(theme)
    qtbot.addWidget(row)
    row.show_tags(["ink", "p" * 400])
    row.fit(300)
    assert row.more.accessibleName() == "1 more tag"


class _Exporting:
    """Is not asked for anything."""

    def sources(self) -> list[Path]:
        raise AssertionError

    def export(self, *_arguments: object, **_more: object) -> FolderExportReport:
        raise AssertionError


def test_an_export_of_one_note_speaks_of_one(
    room: NotesRoom, actions: Actions, tasks: TaskRunner, tmp_path: Path
) -> None:
    room.notes.create("", "# One")
    screen = room.open()
    exports = FolderExportPresenter(_Exporting(), tasks, screen)
    FolderExportControls(exports, room.presenter, screen.transfers.add(), actions, screen)
    exports.exported.emit(FolderExportReport(tmp_path, 1, 1, 0, ("a.png",)))
    assert room.notices[-1] == f"1 note was exported to {tmp_path}, as it came in. 1 file was not there or damaged."
    exports.exported.emit(FolderExportReport(tmp_path, 1, 0, 0))
    assert room.notices[-1] == f"1 note was exported to {tmp_path}."
