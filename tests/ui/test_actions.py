"""The one list of actions, in the real window: each does something, and Ctrl+K lists what can be done now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import SIGNAL, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import StopReason
from desktop_app.domain.notes import NoteFilter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.settings.schema import Section
from desktop_app.ui.action_words import OTHER_WORDS
from desktop_app.ui.actions import ACTIONS
from desktop_app.ui.chat.chat_screen import ChatScreen
from desktop_app.ui.chat.message_text import MarkdownText
from desktop_app.ui.models.models_screen import ModelsScreen
from desktop_app.ui.notes.note_view import NoteView
from desktop_app.ui.notes.notes_screen import NotesScreen
from desktop_app.ui.rail import ROOMS
from desktop_app.ui.search.search_screen import SearchScreen
from desktop_app.ui.settings.settings_screen import PAGES, SettingsScreen
from tests.ui.empty_program import EmptyProgram


class Window(EmptyProgram):
    """The program, and what its Ctrl+K lists."""

    def listed(self) -> set[str]:
        """The actions that Ctrl+K lists."""
        return {item.title for item in self.window._palette_actions()}

    def take(self, action_id: str) -> None:
        """As Ctrl+K does it."""
        item = next(item for item in self.window._palette_actions() if item.title == self.actions[action_id].text())
        item.run()
        self.settle()


@pytest.fixture
def program(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    made = Window(tmp_path, qtbot, monkeypatch)
    yield made
    made.close()


def test_every_action_is_answered_and_every_request_understood(program: Window) -> None:
    for room in ROOMS:
        program.window.show_room(room)
    unanswered = [each for each in program.actions if not program.actions[each].receivers(SIGNAL("triggered(bool)"))]
    assert unanswered == []
    for spec in ACTIONS:
        if spec.request:
            assert callable(getattr(program.window.screen_of(spec.room), spec.request[0], None)), spec.id


def test_every_page_of_the_settings_has_a_way_in_ctrl_k(program: Window) -> None:
    ways = {spec.request[1]: spec.id for spec in ACTIONS if spec.request[:1] == ("show_page",)}
    assert set(ways) | {"Shortcuts"} == set(PAGES), "F1 shows the shortcuts"
    for page, action_id in ways.items():
        program.take(action_id)
        screen = program.window.screen_of("settings")
        assert isinstance(screen, SettingsScreen)
        assert screen.save_state() == {"page": page}
    program.take("settings.find")
    assert screen._filter.hasFocus()


def test_a_first_template_is_made_and_ready_to_be_named(program: Window) -> None:
    assert "New template" in program.listed()
    program.take("note.new_template")
    screen = program.window.screen_of("notes")
    assert isinstance(screen, NotesScreen)
    program.until(lambda: screen.view.editor.textCursor().selectedText() == "New template")
    assert "{{date}}" in screen.view.editor.toPlainText()
    named = program.desk.named.templates_by_name("templ", 5)
    assert [item.title for item in named] == ["Insert “New template”"]


def test_lines_of_notes_end_as_the_setting_says_at_once(program: Window) -> None:
    program.window.show_room("notes")
    screen = program.window.screen_of("notes")
    assert isinstance(screen, NotesScreen)
    note = program.container.notes.create("", "Ink dries,\npaper waits.")
    screen.open_note(note.id)
    screen.view.set_mode("read")

    def read(view: NoteView) -> str:
        parts = [part for body in view.reader.bodies for part in body.parts]
        return parts[0].toPlainText() if parts and isinstance(parts[0], MarkdownText) else ""

    program.until(lambda: read(screen.view) == "Ink dries,\npaper waits.")
    assert program.container.note_parts.note_export.keeps_lines
    program.container.settings_file.set("notes.line_breaks", "off")
    program.until(lambda: read(screen.view) == "Ink dries, paper waits.")
    assert not program.container.note_parts.note_export.keeps_lines
    screen.open_beside(program.container.notes.create("", "a\nb").id)
    beside = screen.desk.beside
    assert beside is not None
    beside.view.set_mode("read")
    program.until(lambda: read(beside.view) == "a b")
    program.container.settings_file.set("notes.line_breaks", "on")
    program.until(lambda: (read(screen.view), read(beside.view)) == ("Ink dries,\npaper waits.", "a\nb"))


def test_a_page_of_the_settings_is_reset(program: Window) -> None:
    program.container.settings_file.set("appearance.font_size", 18.0)
    assert "Reset this page of settings" in program.listed()
    program.take("settings.about")
    program.take("settings.reset")
    assert program.container.settings_file.real("appearance.font_size") == 18.0
    program.take("settings.appearance")
    program.take("settings.reset")
    program.until(lambda: program.container.settings_file.real("appearance.font_size") == 13.5)


@pytest.mark.parametrize(
    ("action_id", "mode"), [("search.meaning", "meaning"), ("search.words", "words"), ("search.both", "both")]
)
def test_the_ways_of_searching(program: Window, action_id: str, mode: str) -> None:
    program.window.show_room("search")
    program.take("search.words" if mode != "words" else "search.both")
    program.take(action_id)
    screen = program.window.screen_of("search")
    assert isinstance(screen, SearchScreen)
    assert (screen.segments.value, screen.save_state()["mode"]) == (mode, mode)


def test_what_can_be_done_with_a_search(program: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _place: opened.append(menu))
    chats = program.container.store.conversations
    said = chats.add_message(chats.create("Ink").id, None, Role.USER, "Is xylographic ink black?")
    program.container.notes.create("Home", "# Xylographic\n\nCut in wood")
    program.desk.shell.search("xylographic")
    screen = program.window.screen_of("search")
    assert isinstance(screen, SearchScreen)
    program.until(lambda: screen.count.text() == "1 note · 1 message")
    for action_id, chip in (("search.filter", screen.filters.filter_chip), ("search.saved", screen.filters.saved_chip)):
        program.take(action_id)
        assert opened[-1] is chip.menu()
    program.take("search.why")
    assert screen.results.cards[0].why.isVisible()
    program.take("search.likeness")
    program.take("search.weaker")
    program.take("search.order")
    program.until(lambda: screen.results.cards[0].title.text() == "Xylographic")
    assert screen.save_state()["order"] == "date"
    program.take("search.box")
    assert screen.box.hasFocus()
    screen.box.setText("xylographic in:chats")
    program.until(lambda: screen.count.text() == "1 message" and not screen._presenter.view.pending)
    screen._open_selected()
    program.settle()
    assert program.window.room == "chat"
    chat = program.window.screen_of("chat")
    assert isinstance(chat, ChatScreen)
    program.until(lambda: [message.id for message in chat._presenter.transcript.messages] == [said.id])


def test_notes_similar_to_a_note(program: Window) -> None:
    note = program.container.notes.create("Home", "# Ink\n\nBlack or blue")
    program.desk.shell.show_note(note.id)
    program.until(lambda: "Similar notes" in program.listed())
    program.take("note.similar")
    screen = program.window.screen_of("search")
    assert isinstance(screen, SearchScreen)
    assert (program.window.room, screen.box.text()) == ("search", f"similar:{note.id} ")
    program.until(lambda: [chip.text() for chip in screen.filters.chips] == ["like “Ink”  ×"])
    program.until(lambda: not screen._presenter.view.pending)
    program.take("search.similar")
    assert screen.box.text() == f"similar:{note.id} ", "without results there is nothing to go on from"


def test_what_can_be_done_with_models(program: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_words: asked.append("folder") or "")  # type: ignore[func-returns-value]
    program.take("model.encoder")
    assert (program.window.room, asked) == ("models", ["folder"])
    screen = program.window.screen_of("models")
    assert isinstance(screen, ModelsScreen)
    verified: list[object] = []
    monkeypatch.setattr(screen._presenter, "verify", verified.append)
    monkeypatch.setattr(screen._presenter, "use_starter", verified.append)
    program.take("model.verify")
    program.take("model.starter")
    assert [str(kind) for kind in verified] == ["decoder", "encoder", "decoder"]


def test_what_can_be_done_with_notes(program: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _place: opened.append(menu))
    assert "Put note back" not in program.listed(), "only what is shown can be put back"
    screen = program.window.show_room("notes")
    assert isinstance(screen, NotesScreen)
    presenter = screen._presenter
    program.until(lambda: presenter.model.rows)
    for action_id, chip in (
        ("note.by_folder", screen.pane.folder_chip),
        ("note.by_tag", screen.pane.tag_chip),
        ("note.sort", screen.pane.sort_chip),
    ):
        program.take(action_id)
        assert opened[-1] is chip.menu()
    program.take("note.remove_welcome")
    program.until(lambda: presenter.state.empty)
    assert "Remove the welcome notes" not in program.listed()
    in_trash = _open_in_trash(program, presenter)
    program.take("note.restore")
    program.until(lambda: presenter.state.empty is False and len(presenter.model.rows) == in_trash - 1)
    _open_in_trash(program, presenter)
    screen._questions.confirm = lambda *_words: True  # type: ignore[method-assign]
    program.take("note.delete_forever")
    program.until(lambda: len(presenter.model.rows) == in_trash - 2)
    program.take("note.empty_trash")
    program.until(lambda: presenter.state.empty)
    assert "Empty the trash…" not in program.listed()


def _open_in_trash(program: Window, presenter: NotesPresenter) -> int:
    """Show the trash with its first note open; how many are in it."""
    screen = program.window.screen_of("notes")
    assert isinstance(screen, NotesScreen)
    program.take("note.trash")
    program.until(lambda: presenter.filter.trashed and presenter.model.rows)
    screen.pane.list.setCurrentIndex(presenter.model.index(0))
    screen.pane.list.chosen.emit(presenter.model.rows[0].id)
    program.until(lambda: "Put note back" in program.listed())
    return len(presenter.model.rows)


def test_settings_pages_are_called_as_the_schema_calls_them() -> None:
    assert {section.value for section in Section} <= set(PAGES)


def test_what_can_be_done_with_the_last_answer(program: Window) -> None:
    chats = program.container.store.conversations
    chat = chats.create("Ink")
    question = chats.add_message(chat.id, None, Role.USER, "What is ink?")
    answer = chats.add_message(chat.id, question.id, Role.ASSISTANT, "")
    assert "Continue the answer" not in program.listed()
    chats.finish_message(answer.id, "A dye", [], StopReason.LIMIT, None)
    program.desk.shell.show_chat(chat.id)
    program.until(lambda: "Copy the last answer" in program.listed())
    assert {"Continue the answer", "Go to the latest message"} <= program.listed()


def test_a_note_is_asked_about_and_an_answer_becomes_one(program: Window) -> None:
    note = program.container.notes.create("Home", "# Ink\n\nBlack or blue")
    program.desk.shell.show_note(note.id)
    program.until(lambda: "Ask about this note" in program.listed())
    program.take("note.ask")
    assert program.window.room == "chat"
    screen = program.window.screen_of("chat")
    assert isinstance(screen, ChatScreen)
    program.until(lambda: screen.composer.where_button.text() == "Ink")
    program.settle()
    assert program.container.note_grounding.scope(screen._presenter.conversation_id or 0) == f"among:{note.id}"
    chats = program.container.store.conversations
    chat = chats.create("Blue")
    question = chats.add_message(chat.id, None, Role.USER, "What is ink?")
    answer = chats.add_message(chat.id, question.id, Role.ASSISTANT, "")
    chats.finish_message(answer.id, "A dye.\nOf many colours.", [], StopReason.END, None)
    program.desk.shell.show_chat(chat.id)
    program.until(lambda: "Save the answer or the selection as a note" in program.listed())
    program.take("chat.save_note")
    program.until(lambda: ("Chats", 1) in program.container.notes.folders())
    assert program.container.notes.list_notes(NoteFilter(folder="Chats"))[0].title == "A dye."


def test_what_a_draft_carries_survives_a_restart(program: Window) -> None:
    note = program.container.notes.create("Home", "# Ink\n\nBlack or blue")
    program.desk.shell.go("chat")
    screen = program.window.screen_of("chat")
    assert isinstance(screen, ChatScreen)
    screen._presenter.attachments.add_note(note.id)
    program.until(lambda: screen.composer.chips.chips)
    program.settle()
    chat = screen.save_state()["chat"]
    screen._presenter.new_chat()
    assert screen.composer.chips.chips == []
    screen.restore_state({"chat": chat})
    program.until(lambda: [each.chip.name for each in screen.composer.chips.chips] == ["Ink"])


@pytest.mark.parametrize("name", ["note_map", "near_duplicates", "self_check"])
def test_pages_behind_search_open_without_vectors_and_esc_leaves_them(program: Window, name: str) -> None:
    """Ctrl+K and ⋯ lead to the same page, and a program without a model has something to say on each."""
    program.take(f"search.{name}")
    screen = program.window.screen_of("search")
    assert isinstance(screen, SearchScreen)
    assert program.actions[f"search.{name}"] in screen.menu.actions()
    program.settle()
    assert screen.page is not None
    assert screen.page.isVisible()
    program.actions["window.escape"].trigger()
    assert screen.page is None


def test_other_words_are_of_actions_that_the_palette_lists() -> None:
    listed = {spec.id for spec in ACTIONS if spec.in_palette}
    assert set(OTHER_WORDS) <= listed


def test_shift_f10_opens_the_menu_of_what_has_the_keyboard(program: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    program.container.notes.create("", "Alpha")
    program.window.show_room("notes")
    screen = program.window.screen_of("notes")
    assert isinstance(screen, NotesScreen)
    program.settle()
    asked: list[object] = []
    screen.pane.list.menu_wanted.connect(lambda note_id, _place: asked.append(note_id))
    monkeypatch.setattr(QMenu, "popup", lambda *_: None)
    screen.pane.focus_list()
    program.settle()
    QTest.keyClick(program.window, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert asked == screen.pane.selected_ids


def test_a_room_gone_to_again_leaves_the_page_that_lies_over_it(program: Window) -> None:
    program.take("search.near_duplicates")
    screen = program.window.screen_of("search")
    assert isinstance(screen, SearchScreen)
    assert screen.page is not None
    program.actions["go.search"].trigger()
    assert screen.page is None
