"""What another thread told before the program ended, and what arrives only afterwards, starts no work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from desktop_app.domain.search import IndexingProgress, SearchMode, SearchResult
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.search import SearchPresenter
from desktop_app.presenters.settings_watcher import SettingsWatcher
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.settings.values import SettingsFile
from tests.fakes.fake_notes import FakeNotes
from tests.fakes.fake_search import FakeIndexer, FakeSearch, hit


def in_another_thread(act: Callable[[], object]) -> None:
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def deliver() -> None:
    """Hand out what other threads told. A slot that fails fails the test."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall)


def test_a_note_saved_at_the_very_end_is_not_read_again(qtbot: QtBot) -> None:
    notes, tasks = FakeNotes(), TaskRunner()
    note = notes.add("# Note")
    presenter, editor = NotesPresenter(notes, tasks), NoteEditorPresenter(notes, tasks)
    presenter.store_changed.connect(editor.refresh)
    editor.open(note.id)
    qtbot.waitUntil(lambda: editor.note is not None and tasks.idle)
    in_another_thread(lambda: notes.save(note.id, "# Changed"))
    editor.close()
    presenter.close()
    tasks.close()
    deliver()
    assert not presenter._refresh_soon.isActive()
    assert editor.note is not None
    assert editor.note.text == "# Note"


def test_an_index_that_is_ready_at_the_very_end_is_not_searched_again(qtbot: QtBot) -> None:
    search, tasks = FakeSearch(), TaskRunner()
    hits = (hit(1, "Ink", "a passage"),)
    search.answers["ink"] = [SearchResult("ink", SearchMode.BOTH, hits, 0.01, notes_unindexed=1)]
    indexer = FakeIndexer()
    presenter = SearchPresenter(search, FakeNotes(), tasks, indexer, debounce_ms=1)
    presenter.set_query("ink", at_once=True)
    qtbot.waitUntil(lambda: not presenter.view.pending and tasks.idle)
    indexer.tell(IndexingProgress(1, 1, 1, 0, 1.0))
    in_another_thread(lambda: indexer.tell(IndexingProgress(1, 0, 0, 1, 1.0)))
    presenter.close()
    tasks.close()
    deliver()
    assert len(search.asked) == 1


def test_a_setting_changed_at_the_very_end_is_told_to_nobody(qtbot: QtBot, tmp_path: Path) -> None:
    settings = SettingsFile(tmp_path / "settings.toml", {})
    settings.load()
    watcher = SettingsWatcher(settings)
    told: list[str] = []
    watcher.changed.connect(told.append)
    in_another_thread(lambda: settings.set("sampling.temperature", 1.0))
    deliver()
    assert told == ["sampling.temperature"]
    in_another_thread(lambda: settings.set("sampling.temperature", 0.5))
    watcher.close()
    deliver()
    assert told == ["sampling.temperature"]
