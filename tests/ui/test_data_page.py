"""Backups, restoring, and what can be made again, on the page of the data folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import BackupError
from desktop_app.presenters.data_folder import DataJob, JobPhase
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.settings.schema import Section
from desktop_app.ui.actions import Actions
from desktop_app.ui.settings.data_page import DataPage
from desktop_app.ui.theme.theme import Theme
from tests.ui.settings_room import Rig


@pytest.fixture
def rig(tmp_path: Path, qtbot: QtBot, tasks: TaskRunner, theme: Theme, actions: Actions) -> Iterator[Rig]:
    made = Rig(tmp_path, tasks, theme, actions, {})
    qtbot.addWidget(made.screen)
    made.screen.show()
    qtbot.waitUntil(lambda: tasks.idle)
    yield made
    qtbot.waitUntil(lambda: tasks.idle and not made.presenter._pending and not made.presenter._writing)
    made.watcher.close()


def test_a_backup_is_busy_then_done_and_a_failure_says_why(rig: Rig, qtbot: QtBot) -> None:
    rig.screen.show_page(Section.DATA.value)
    page = rig.screen._pages[Section.DATA.value]
    assert isinstance(page, DataPage)
    row = page.jobs[DataJob.BACK_UP]
    rig.data.go_on.clear()
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    assert not row.button.isEnabled()
    assert row.progress.isVisible()
    assert not page.jobs[DataJob.RESTORE].button.isEnabled()
    rig.data.go_on.set()
    qtbot.waitUntil(lambda: "inkwell-1.sqlite3" in row.status.text())
    assert row.button.isEnabled()
    rig.data.error = BackupError("The backup failed.", "The disk is full.", "Free some space.")
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rig.data_presenter.state(DataJob.BACK_UP).phase is JobPhase.FAILED)
    assert row.problem.box is not None
    assert row.problem.box.isVisible()


def test_kept_chat_states_say_their_size_and_are_cleared(rig: Rig, qtbot: QtBot) -> None:
    rig.screen.show_page(Section.DATA.value)
    page = rig.screen._pages[Section.DATA.value]
    assert isinstance(page, DataPage)
    row = page.jobs[DataJob.CLEAR_STATES]
    qtbot.waitUntil(lambda: row.status.text() == "123 MB are kept now.")
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: row.status.text() == "Removed 123 MB.")
    assert rig.data.states_bytes == 0


def test_a_size_that_comes_late_does_not_end_the_removal(
    rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_measure, may_clear, measured = threading.Event(), threading.Event(), threading.Event()

    def size() -> int:
        may_measure.wait(10)
        measured.set()
        return 5_000_000

    rig.screen.show_page(Section.DATA.value)
    presenter = rig.screen._data
    qtbot.waitUntil(lambda: presenter._tasks.idle)
    actions = replace(presenter._actions, states_size=size, clear_states=lambda: may_clear.wait(10))
    monkeypatch.setattr(presenter, "_actions", actions)
    try:
        presenter.measure_states()
        presenter.clear_states()
        may_measure.set()
        qtbot.waitUntil(measured.is_set)
        qtbot.wait(0)
        qtbot.waitUntil(lambda: len(presenter._tasks._tasks) == 1)
        assert presenter.busy
    finally:
        may_measure.set()
        may_clear.set()
    qtbot.waitUntil(lambda: presenter._tasks.idle)
    assert presenter.state(DataJob.CLEAR_STATES).text == "Removed 5 MB."


def test_restoring_asks_which_backup_and_cancel_changes_nothing(rig: Rig, qtbot: QtBot) -> None:
    rig.screen.show_page(Section.DATA.value)
    page = rig.screen._pages[Section.DATA.value]
    assert isinstance(page, DataPage)
    qtbot.mouseClick(page.jobs[DataJob.RESTORE].button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.dialog is not None)
    assert page.dialog is not None
    assert page.dialog.list.count() == 2
    page.dialog.cancel.click()
    assert rig.data.done == []
    page.dialog = None
    qtbot.mouseClick(page.jobs[DataJob.RESTORE].button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.dialog is not None)
    page.dialog.list.setCurrentRow(1)
    with qtbot.waitSignal(rig.data_presenter.restored):
        page.dialog.restore.click()
    assert rig.data.done == [f"restore {Path('/b/3')}"]


def test_why_backups_could_not_be_listed_goes_once_they_are(rig: Rig, qtbot: QtBot) -> None:
    presenter, error = rig.data_presenter, BackupError("The disk is gone.")
    rig.data.list_error = error
    presenter.list_backups()
    qtbot.waitUntil(lambda: presenter.state(DataJob.RESTORE).error is error)
    rig.data.list_error = None
    presenter.list_backups()
    qtbot.waitUntil(lambda: presenter.state(DataJob.RESTORE).error is None)


def test_an_action_starts_a_job_on_its_page(rig: Rig, qtbot: QtBot) -> None:
    rig.screen.resize(1000, 640)
    rig.screen.start_job(DataJob.BACK_UP)
    assert rig.screen._head.title.text() == Section.DATA.value
    qtbot.waitUntil(lambda: rig.data.done == ["backup"])
    page = rig.screen._pages[Section.DATA.value]
    assert isinstance(page, DataPage)
    row = page.jobs[DataJob.BACK_UP]
    qtbot.waitUntil(lambda: row.status.text().startswith("Backed up") and not row.status.visibleRegion().isEmpty())
