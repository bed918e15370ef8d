"""Export and import of chats in the window."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_record import ChatImportReport, LeftOut
from desktop_app.ui.chat.chat_files import ChatFiles
from desktop_app.ui.chat.chat_import_sheet import ChatImportSheet
from desktop_app.ui.chat.chat_screen import ChatScreen
from desktop_app.ui.drop_zone import ChatImportQuestion
from desktop_app.ui.theme.theme import Theme
from tests.ui.empty_program import EmptyProgram


def chatgpt(*titles: str) -> str:
    said = {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Hello there"]}}
    mapping = {"a": {"parent": None, "children": [], "message": said}}
    return json.dumps([{"title": title, "mapping": mapping, "current_node": "a"} for title in titles])


class Window(EmptyProgram):
    """The program, and its sheets for chats in files."""

    def act(self, name: str) -> None:
        assert self.desk.actions[name].isEnabled()
        self.desk.actions[name].trigger()

    @property
    def chat(self) -> ChatScreen:
        screen = self.desk.window.screen_of("chat")
        assert isinstance(screen, ChatScreen)
        return screen

    def sheet(self) -> ChatImportSheet:
        files = self.chat.findChild(ChatFiles)
        assert files is not None
        self.until(lambda: files.sheet is not None and not files.sheet._running)
        assert files.sheet is not None
        return files.sheet


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    made = Window(tmp_path, qtbot, monkeypatch)
    qtbot.addWidget(made.desk.window)
    yield made
    made.close()


def words(sheet: ChatImportSheet) -> str:
    labels = [label.text() for label in sheet.findChildren(QLabel) if label.isVisibleTo(sheet)]
    return "\n".join([*labels, *(box.toPlainText() for box in sheet.findChildren(QPlainTextEdit))])


def button(sheet: ChatImportSheet, text: str) -> QPushButton:
    return next(one for one in sheet.findChildren(QPushButton) if one.text() == text)


def choose(monkeypatch: pytest.MonkeyPatch, paths: Sequence[Path]) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path) for path in paths], ""))


def test_imported_chats_are_told_listed_and_opened(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "conversations.json"
    file.write_text(chatgpt("First one", "Second one"))
    choose(monkeypatch, [file])
    window.act("chat.import")
    sheet = window.sheet()
    assert "Imported 2 chats" in words(sheet)
    assert "2 messages" in words(sheet)
    listed = window.chat._presenter.chats
    window.until(lambda: {each.title for each in listed.conversations} == {"First one", "Second one"})
    button(sheet, "Open the first").click()
    window.until(lambda: window.chat.head.title.text() == "First one")
    files = window.chat.findChild(ChatFiles)
    assert files is not None
    window.until(lambda: files.sheet is None)


def test_what_failed_is_named_and_nothing_is_changed(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "half.json"
    file.write_text(chatgpt("One")[:-20])
    choose(monkeypatch, [file])
    window.act("chat.import")
    sheet = window.sheet()
    assert "Nothing was imported" in words(sheet)
    assert "half.json: “half.json” is cut off" in words(sheet)
    button(sheet, "Copy the list").click()
    assert "half.json" in QGuiApplication.clipboard().text()
    assert window.container.chat_transfer.summaries() == []
    button(sheet, "Done").click()
    files = window.chat.findChild(ChatFiles)
    assert files is not None
    window.until(lambda: files.sheet is None)


def test_leaving_the_dialog_does_nothing(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, [])
    window.act("chat.import")
    files = window.chat.findChild(ChatFiles)
    assert files is not None
    assert files.sheet is None


def test_a_chat_is_exported_in_both_formats(window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    actions = window.desk.actions
    assert not actions["chat.export_json"].isEnabled(), "there is no chat yet"
    file = tmp_path / "conversations.json"
    file.write_text(chatgpt("A/B: chat"))
    (chat_id,) = window.container.chat_transfer.import_file(file, lambda *_: None, CancelToken()).chat_ids
    window.desk.shell.show_chat(chat_id)
    window.until(actions["chat.export_json"].isEnabled)
    offered: list[str] = []

    def answer(_parent: object, _title: str, name: str, _kind: str) -> tuple[str, str]:
        offered.append(name)
        return str(tmp_path / "out" / "chat"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    (tmp_path / "out").mkdir()
    for name in ("chat.export_markdown", "chat.export_json"):
        window.act(name)
    window.until(lambda: len(list((tmp_path / "out").iterdir())) == 2 and window.desk.tasks.idle)
    assert offered == ["A B chat.md", "A B chat.json"]
    assert (tmp_path / "out" / "chat.md").read_text() == "# A/B: chat\n\n## You\n\nHello there\n"
    assert json.loads((tmp_path / "out" / "chat.json").read_text())["format"] == "inkwell"
    told = {notice.text for notice in window.desk.window.notices.shown}
    assert told == {"Exported to chat.md", "Exported to chat.json"}


def test_an_export_that_cannot_be_written_is_said(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "conversations.json"
    file.write_text(chatgpt("One"))
    (chat_id,) = window.container.chat_transfer.import_file(file, lambda *_: None, CancelToken()).chat_ids
    window.desk.shell.show_chat(chat_id)
    window.until(window.desk.actions["chat.export_json"].isEnabled)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "x.json"), ""))
    window.act("chat.export_json")
    window.until(lambda: any("was not written" in notice.text for notice in window.desk.window.notices.shown))


@pytest.mark.parametrize("room", ["notes", "chat"])
def test_dropped_exports_of_chats_are_offered_as_such(window: Window, tmp_path: Path, room: str) -> None:
    file = tmp_path / "conversations.json"
    file.write_text(chatgpt("One"))
    window.desk.window.show_room(room)
    window.desk.window._veil.dropped.emit([file])
    window.until(lambda: window.desk.window.import_question is not None)
    question = window.desk.window.import_question
    assert isinstance(question, ChatImportQuestion)
    assert question.text() == "Import the chats of “conversations.json”?"
    question._yes.click()
    assert "Imported 1 chat" in words(window.sheet())
    assert window.desk.window.room == "chat"


def test_other_json_files_are_dropped_as_before(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    other, export = tmp_path / "package.json", tmp_path / "conversations.json"
    other.write_text('{"name": "x"}')
    export.write_text(chatgpt("One"))
    shell = window.desk.shell
    for paths in ([other], [other, export], [tmp_path], [tmp_path / "a.md", export]):
        with qtbot.waitSignal(shell.files_dropped) as dropped, qtbot.assertNotEmitted(shell.chats_dropped):
            shell.sort_drop(paths)
        assert dropped.args == [paths]


def test_the_sheet_stops_the_import_before_it_closes(qtbot: QtBot, theme: Theme) -> None:
    sheet = ChatImportSheet(theme)
    qtbot.addWidget(sheet)
    sheet.show()
    sheet.show_progress(2, 8, "<b>a.json</b>")
    assert "Chat 3 of 8 · <b>a.json</b>" in words(sheet)
    with qtbot.waitSignal(sheet.stop_wanted):
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.isVisible()
    sheet.close_stopped()
    assert not sheet.isVisible()


def test_the_report_shows_titles_as_they_are(qtbot: QtBot, theme: Theme) -> None:
    sheet = ChatImportSheet(theme)
    qtbot.addWidget(sheet)
    left_out = tuple(LeftOut(f"<img src=x> {number}", "Empty.") for number in range(300))
    sheet.show_report(ChatImportReport((1,), 1, skipped=left_out))
    shown = words(sheet)
    assert "Imported 1 chat\n1 message" in shown
    assert "<img src=x> 199: Empty." in shown
    assert "… and 100 more" in shown
    for label in sheet.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText
