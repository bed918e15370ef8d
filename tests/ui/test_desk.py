"""The window with everything behind it: it opens whatever the store says, and closes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from desktop_app.app.container import Container
from desktop_app.app.paths import DataPaths
from desktop_app.app.window import Desk
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import DiskFullError, WorkerStartError
from desktop_app.domain.generation import LoadedDecoder
from desktop_app.domain.notes import ImportSource, NoteFilter
from desktop_app.presenters.shell import Notice
from desktop_app.services.notes import IncomingNote
from desktop_app.storage.conversations import Conversations
from desktop_app.ui.theme.theme import Theme

FULL = DiskFullError("There is no space left on the disk.")
Loads = Callable[[CancelToken | None], LoadedDecoder]


def _no_model(_cancel: CancelToken | None = None) -> LoadedDecoder:
    raise WorkerStartError("No model in this test.")


@pytest.fixture
def make_desk(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Desk]]:
    """Makes windows whose chat model cannot be loaded; they are closed at the end."""
    made: list[Desk] = []

    def make(ensure_decoder: Loads = _no_model) -> Desk:
        paths = DataPaths(tmp_path / "data", tmp_path / "data", tmp_path / "cache", tmp_path / "run")
        paths.create()
        container = Container(paths)
        monkeypatch.setattr(container.session, "ensure_decoder", ensure_decoder)  # the window takes it when it is made
        made.append(Desk(container, Theme("light", 13.5)))
        return made[-1]

    yield make
    for desk in made:
        desk.window.close()
        desk.close()


@pytest.fixture
def desk(make_desk: Callable[[], Desk]) -> Desk:
    return make_desk()


def test_the_window_opens_where_cut_off_answers_cannot_be_marked(
    make_desk: Callable[[], Desk], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def fail(_self: Conversations) -> int:
        raise FULL

    monkeypatch.setattr(Conversations, "mark_interrupted", fail)
    desk = make_desk()
    notices: list[Notice] = []
    desk.shell.notice.connect(notices.append)
    desk.show()
    qtbot.waitUntil(lambda: any(notice.text == FULL.what for notice in notices))


def test_a_note_saved_in_the_window_is_due_for_indexing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(desk.container.search_parts.background_indexer, "wake", lambda: woken.append(1))
    desk.show()
    qtbot.waitUntil(lambda: bool(woken) and desk.container.note_parts.welcome.present() and desk.tasks.idle)
    woken.clear()
    desk.container.notes.create(text="# Ink\n\nIron gall and soot.")
    assert woken


def test_today_has_one_note_and_templates_are_put_into_it(desk: Desk, qtbot: QtBot) -> None:
    desk.show()
    qtbot.waitUntil(lambda: desk.container.note_parts.welcome.present() and desk.tasks.idle)
    desk.container.notes.create("Templates", "Plans for {{title}}\n- [ ] ")
    desk.actions["note.daily"].trigger()
    qtbot.waitUntil(lambda: desk.window.room == "notes")
    screen = desk.window.screen_of("notes")
    qtbot.waitUntil(lambda: bool(screen.open_title) and desk.tasks.idle)
    title = screen.open_title
    editor = screen.view.editor
    editor.insertPlainText("Met Ada.")
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    desk.actions["go.chat"].trigger()
    desk.actions["note.daily"].trigger()
    qtbot.waitUntil(lambda: desk.window.room == "notes" and desk.tasks.idle)
    assert screen.open_title == title, "what is written first does not become its title"
    qtbot.waitUntil(lambda: editor.hasFocus() and editor.textCursor().position() == len("Met Ada."))
    assert len(desk.container.notes.list_notes(NoteFilter(folder="Daily"))) == 1
    assert desk.named.templates_by_name("", 5) == []
    assert desk.named.templates_by_name("templ", 5)[0].key == desk.named.templates_by_name("plan", 5)[0].key
    assert desk.named.notes_by_name("plans", 5) == []
    assert [item.second_line for item in desk.named.template_notes_by_name("plans", 5)] == ["Templates"]
    desk.named.templates_by_name("plan", 5)[0].run()
    qtbot.waitUntil(lambda: f"Plans for {title}\n- [ ] " in screen.view.editor.toPlainText())


def test_ctrl_k_makes_a_note_and_goes_back_to_the_one_before(desk: Desk, qtbot: QtBot) -> None:
    desk.show()
    qtbot.waitUntil(lambda: desk.container.note_parts.welcome.present() and desk.tasks.idle)
    desk.shell.note_wanted.emit("Gall ink")
    qtbot.waitUntil(lambda: desk.window.room == "notes")
    screen = desk.window.screen_of("notes")
    qtbot.waitUntil(lambda: screen.open_title == "Gall ink" and desk.tasks.idle)
    assert screen.view.editor.toPlainText() == "# Gall ink\n\n"
    assert screen.view.editor.textCursor().atEnd()
    desk.shell.note_wanted.emit("Reed pen")
    qtbot.waitUntil(lambda: screen.open_title == "Reed pen" and desk.tasks.idle)
    qtbot.waitUntil(lambda: [item.title for item in desk.named.notes_by_name("", 3)][:1] == ["Gall ink"])
    desk.window.show_room("chat")
    assert [item.title for item in desk.named.notes_by_name("", 3)][:2] == ["Reed pen", "Gall ink"]


def test_ctrl_k_finds_folders_and_tags_and_lists_their_notes(desk: Desk, qtbot: QtBot) -> None:
    desk.show()
    qtbot.waitUntil(lambda: desk.container.note_parts.welcome.present() and desk.tasks.idle)
    notes = desk.container.notes
    notes.create("Vault/vim", "# Mouse support")
    notes.create("Vault/vimeo", "# Players")
    notes.set_tags(notes.create("", "# Ink").id, ["vimrc"])
    found = desk.named.folders_and_tags("vim", 5)
    assert [(item.title, item.second_line) for item in found] == [("vim", "Vault"), ("vimeo", "Vault"), ("#vimrc", "")]
    assert desk.named.folders_and_tags("vault/", 5) == desk.named.folders_and_tags("", 5) == []
    assert [item.title for item in desk.named.folders_and_tags("#vim", 5)] == ["#vimrc"]
    found[0].run()
    qtbot.waitUntil(lambda: desk.window.room == "notes")
    model = desk.window.screen_of("notes")._presenter.model
    qtbot.waitUntil(lambda: [row.title for row in model.rows] == ["Mouse support"])
    found[2].run()
    qtbot.waitUntil(lambda: [row.title for row in model.rows] == ["Ink"])


def test_ctrl_k_finds_notes_by_their_aliases(desk: Desk, qtbot: QtBot) -> None:
    desk.container.notes.add_imported(
        IncomingNote(
            title="Iron gall ink",
            text="dark",
            folder="",
            tags=(),
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            edited_at=datetime(2026, 1, 1, tzinfo=UTC),
            source=ImportSource(path="gall.md", file="/x/gall.md", hash="1", front_matter="aliases: [Eisentinte]\n"),
        )
    )
    (found,) = desk.named.notes_by_name("eisen", 5)
    assert (found.title, found.second_line) == ("Eisentinte", "Iron gall ink")
    assert [item.title for item in desk.named.notes_by_name("gall", 5)] == ["Iron gall ink"]


def test_daily_notes_lead_to_the_days_before_and_after(desk: Desk, qtbot: QtBot) -> None:
    desk.show()
    qtbot.waitUntil(lambda: desk.container.note_parts.welcome.present() and desk.tasks.idle)
    earlier = desk.container.notes.create("Daily", f"# {date.today() - timedelta(days=9)}")
    desk.actions["note.daily"].trigger()
    qtbot.waitUntil(lambda: desk.window.room == "notes" and desk.tasks.idle)
    screen = desk.window.screen_of("notes")
    qtbot.waitUntil(lambda: screen.open_title == str(date.today()))
    desk.actions["note.daily_before"].trigger()
    qtbot.waitUntil(lambda: screen.open_title == earlier.title)
    notices: list[str] = []
    desk.shell.notice.connect(lambda notice: notices.append(notice.text))
    desk.actions["note.daily_before"].trigger()
    qtbot.waitUntil(lambda: notices == ["There is no earlier daily note."])
    desk.actions["note.daily_after"].trigger()
    qtbot.waitUntil(lambda: screen.open_title == str(date.today()))


def test_a_newcomer_has_notes_to_search_even_without_a_model(make_desk: Callable[[Loads], Desk], qtbot: QtBot) -> None:
    loading = threading.Event()

    def load_forever(cancel: CancelToken | None = None) -> LoadedDecoder:
        loading.wait(30)
        return _no_model(cancel)

    desk = make_desk(load_forever)
    desk.show()
    try:
        qtbot.waitUntil(desk.container.note_parts.welcome.present)
    finally:
        loading.set()


def test_back_leads_over_notes_and_chats(desk: Desk, qtbot: QtBot) -> None:
    desk.show()
    qtbot.waitUntil(lambda: desk.container.note_parts.welcome.present() and desk.tasks.idle)
    chat = desk.container.chat.create()
    note = desk.container.notes.create(text="# Ink")
    back, forward = desk.actions["go.back"], desk.actions["go.forward"]
    visits: list[object] = []
    desk.screens.visits.changed.connect(lambda: visits.append(desk.screens.visits._at))
    desk.shell.show_chat(chat.id)
    qtbot.waitUntil(lambda: bool(visits))
    desk.shell.show_note(note.id)
    qtbot.waitUntil(lambda: back.isEnabled() and desk.tasks.idle)
    assert desk.window.room == "notes"
    back.trigger()
    assert desk.window.room == "chat"
    assert forward.isEnabled()
    qtbot.waitUntil(lambda: desk.tasks.idle)
    forward.trigger()
    assert desk.window.room == "notes"
    qtbot.waitUntil(lambda: desk.tasks.idle)
    desk.actions["go.chat"].trigger()  # by the room's name: what is shown there counts as looked at
    back.trigger()
    assert desk.window.room == "notes"


def test_a_setting_is_gone_to_by_what_people_call_it(desk: Desk, qtbot: QtBot) -> None:
    desk.show()
    qtbot.waitUntil(lambda: desk.container.note_parts.welcome.present() and desk.tasks.idle)
    palette = desk.window.open_palette()
    qtbot.keyClicks(palette.field, "bigger letters")
    qtbot.waitUntil(lambda: palette.list.count() == 3 and desk.tasks.idle)
    assert palette.list.item(0).text() == "Font size"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    screen = desk.window.screen_of("settings")
    row = screen._pages["Appearance"].rows["appearance.font_size"]
    qtbot.waitUntil(lambda: not row.visibleRegion().isEmpty())
    assert row.isAncestorOf(screen.focusWidget())
