"""The window: rooms, memory, notices, palette, quick note, drops, Esc, compact mode, closing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import DiskFullError, StoreReadOnlyError
from desktop_app.domain.generation import WorkerPhase, WorkerStatus
from desktop_app.domain.notes import Note
from desktop_app.domain.search import IndexingProgress
from desktop_app.presenters.command_palette import PaletteItem
from desktop_app.presenters.shell import Notice, NoticeKind, ShellPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.rail import ROOMS
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.labels import PlainLabel


class State:
    """Keeps JSON, as the store does."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.fails = False

    def get(self, key: str, default: Any = None) -> Any:
        return json.loads(self.values[key]) if key in self.values else default

    def set(self, key: str, value: Any) -> None:
        if self.fails:
            raise StoreReadOnlyError("The data folder cannot be written.")
        self.values[key] = json.dumps(value)


class Screen(QWidget):
    """A screen that notes what it is told."""

    def __init__(self, room: str) -> None:
        super().__init__()
        self.room = room
        self.told: list[tuple[Any, ...]] = []
        self.scroll = 0
        self.takes_escape = False
        self.field = QLineEdit()
        QVBoxLayout(self).addWidget(self.field)

    def save_state(self) -> dict[str, Any]:
        return {"scroll": self.scroll}

    def restore_state(self, state: dict[str, Any]) -> None:
        self.scroll = state.get("scroll", 0)

    def set_compact(self, compact: bool) -> None:
        self.told.append(("compact", compact))

    def focus_default(self) -> None:
        self.field.setFocus()

    def on_escape(self) -> bool:
        self.told.append(("escape",))
        return self.takes_escape

    def open_chat(self, chat: int) -> None:
        self.told.append(("chat", chat))

    def open_note(self, note: int, *place: int) -> None:
        self.told.append(("note", note, *place))

    def search_for(self, text: str) -> None:
        self.told.append(("search", text))

    def import_paths(self, paths: Sequence[Path]) -> None:
        self.told.append(("import", list(paths)))

    def add_model_file(self, path: Path) -> None:
        self.told.append(("model", path))


def note_of(text: str) -> Note:
    now = datetime.now(UTC)
    return Note(7, text, text, "", (), now, now)


class House:
    """A window with everything around it."""

    def __init__(self, theme: Theme, tasks: TaskRunner, qtbot: QtBot, state: State | None = None) -> None:
        self.theme, self.tasks, self.qtbot = theme, tasks, qtbot
        self.state = state or State()
        self.built: list[str] = []
        self.kept: list[str] = []
        self.keep_error: Exception | None = None
        self.actions = Actions(theme)
        self.shell = ShellPresenter(tasks, quick_note=self.keep)
        self.notices: list[Notice] = []
        self.shell.notice.connect(self.notices.append)
        self.window = MainWindow(
            self.shell,
            self.actions,
            theme,
            {room: self.factory(room) for room in ROOMS},
            self.state,
            name_providers=[self.names],
        )
        qtbot.addWidget(self.window, before_close_func=lambda _: self.shell._closers.clear())
        self.window.show()
        qtbot.waitUntil(lambda: self.window._was_painted)

    def factory(self, room: str) -> Callable[[], Screen]:
        def build() -> Screen:
            self.built.append(room)
            return Screen(room)

        return build

    def names(self, text: str, limit: int) -> list[PaletteItem]:
        return [
            PaletteItem(title, "Chats", lambda title=title: self.shell.show_chat(len(title)))
            for title in ("Attention", "Backups at home")
            if text.lower() in title.lower()
        ]

    def keep(self, text: str) -> Note:
        if self.keep_error is not None:
            raise self.keep_error
        self.kept.append(text)
        return note_of(text)

    def screen(self, room: str) -> Screen:
        screen = self.window.screen_of(room)
        assert isinstance(screen, Screen)
        return screen

    def told(self, room: str) -> list[tuple[Any, ...]]:
        return [what for what in self.screen(room).told if what[0] != "compact"]

    def press(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        held = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            held |= modifier
        self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, held)


@pytest.fixture(autouse=True)
def _no_question_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that no test expects must fail it, not wait for ever."""
    monkeypatch.setattr(QMessageBox, "exec", lambda box: pytest.fail(f"asked: {box.informativeText()}"))


@pytest.fixture
def house(theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> Iterator[House]:
    made = House(theme, tasks, qtbot)
    yield made
    made.window._memory.save_now()


CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_only_the_first_room_is_built_at_the_start(house: House) -> None:
    assert house.built == ["chat"]
    assert house.window.room == "chat"


@pytest.mark.parametrize(("number", "room"), list(enumerate(ROOMS, 1)))
def test_ctrl_and_a_number_go_to_a_room(house: House, number: int, room: str) -> None:
    house.press(Qt.Key(Qt.Key.Key_0 + number), CTRL)
    assert house.window.room == room
    assert house.window._rail.button(room).isChecked()
    house.press(Qt.Key(Qt.Key.Key_0 + number), CTRL)
    assert house.built.count(room) == 1


def test_the_rail_goes_to_rooms(house: House, qtbot: QtBot) -> None:
    qtbot.mouseClick(house.window._rail.button("models"), Qt.MouseButton.LeftButton)
    assert house.window.room == "models"


def test_two_rooms_share_a_shortcut(house: House) -> None:
    taken: list[str] = []
    house.actions["chat.new"].triggered.connect(lambda: taken.append("chat"))
    house.actions["note.new"].triggered.connect(lambda: taken.append("note"))
    house.press(Qt.Key.Key_N, CTRL)
    house.window.show_room("notes")
    house.press(Qt.Key.Key_N, CTRL)
    assert taken == ["chat", "note"]


def test_requests_show_the_room_and_tell_its_screen(house: House) -> None:
    house.shell.show_note(3, 10, 20)
    assert house.window.room == "notes"
    house.shell.show_note(4)
    assert house.told("notes") == [("note", 3, 10, 20), ("note", 4)]
    house.shell.show_chat(5)
    assert house.told("chat") == [("chat", 5)]
    house.shell.search("ink")
    assert house.told("search") == [("search", "ink")]


def test_search_everything_carries_the_text_over(house: House) -> None:
    house.screen("chat").field.setText("half a thought")
    house.screen("chat").field.setFocus()
    house.press(Qt.Key.Key_F, CTRL, SHIFT)
    assert house.window.room == "search"
    assert house.told("search") == [("search", "half a thought")]


def test_room_place_and_screens_come_back(theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> None:
    state = State()
    first = House(theme, tasks, qtbot, state)
    first.window.setGeometry(30, 40, 900, 600)
    first.window.show_room("notes")
    first.screen("notes").scroll = 17
    first.window.close()
    second = House(theme, tasks, qtbot, state)
    assert second.built == ["notes"]
    assert second.screen("notes").scroll == 17
    assert (second.window.width(), second.window.height()) == (900, 600)
    assert second.window.geometry().topLeft() == QPoint(30, 40)


def test_state_is_written_while_the_window_is_open(house: House, qtbot: QtBot) -> None:
    house.window.show_room("search")
    qtbot.waitUntil(lambda: house.state.get("window.room") == "search")


def test_a_window_off_every_screen_is_brought_back(theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> None:
    state = State()
    state.set("window.place", [90_000, 90_000, 900, 600, False])
    house = House(theme, tasks, qtbot, state)
    place = house.window.geometry()
    assert house.window.screen().availableGeometry().intersects(place)
    assert (place.width(), place.height()) == (900, 600)


@pytest.mark.parametrize("broken", ["nonsense", [1, 2], {"x": 1}, None, ["a", "b", "c", "d", True]])
def test_broken_state_is_survived(theme: Theme, tasks: TaskRunner, qtbot: QtBot, broken: Any) -> None:
    state = State()
    for key in ("window.place", "window.room", "screen.chat"):
        state.set(key, broken)
    assert House(theme, tasks, qtbot, state).window.room == "chat"


def test_a_store_that_cannot_be_written_does_not_hold_the_window(house: House) -> None:
    house.state.fails = True
    assert house.window.close()


def test_a_late_resize_after_the_end_is_harmless(house: House, qtbot: QtBot) -> None:
    house.window.close()
    house.tasks.close()
    with qtbot.captureExceptions() as caught:
        house.window.resize(900, 500)
        house.window._memory._save_in_background()
    assert caught == []


def test_compact_below_1200(house: House) -> None:
    house.window.resize(1300, 700)
    house.window.resize(1000, 640)
    assert house.screen("chat").told[-1] == ("compact", True)
    assert house.screen("notes").told == [("compact", True)]
    house.window.resize(1300, 700)
    assert house.screen("notes").told[-1] == ("compact", False)


def test_escape_goes_to_the_screen_first_and_then_to_the_notice(house: House) -> None:
    house.shell.show_notice("Moved to trash")
    screen = house.screen("chat")
    screen.takes_escape = True
    house.press(Qt.Key.Key_Escape)
    assert house.told("chat") == [("escape",)]
    assert house.window.notices.shown
    screen.takes_escape = False
    house.press(Qt.Key.Key_Escape)
    assert not house.window.notices.shown


def test_undo_of_a_notice_runs_once(house: House, qtbot: QtBot) -> None:
    undone: list[int] = []
    house.shell.show_notice("Moved to trash", lambda: undone.append(1))
    toast = house.window.notices.toasts()[0]
    button = next(b for b in toast.findChildren(QPushButton) if b.text() == "Undo")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    toast._do()
    assert undone == [1]
    assert not house.window.notices.shown


def test_plain_notices_leave_and_problems_stay(house: House, qtbot: QtBot) -> None:
    house.shell.show_notice("Saved")
    house.shell.show_error(DiskFullError("The note is not saved.", "The disk is full.", "Make room."))
    plain, problem = house.window.notices.toasts()
    assert not plain.stays
    assert problem.stays
    plain._timer.setInterval(0)
    plain._timer.start()
    qtbot.waitUntil(lambda: len(house.window.notices.shown) == 1)
    assert house.window.notices.shown[0].kind is NoticeKind.PROBLEM
    assert house.window.notices.shown[0].detail == "The disk is full. Make room."


def test_the_same_problem_is_said_once_and_the_pile_stays_small(house: House) -> None:
    for _ in range(3):
        house.shell.show_error(DiskFullError("The note is not saved."))
    assert len(house.window.notices.shown) == 1
    for number in range(5):
        house.shell.show_notice(f"Notice {number}")
    assert [notice.text for notice in house.window.notices.shown] == [
        "The note is not saved.",
        "Notice 3",
        "Notice 4",
    ]


def test_errors_nobody_took_become_notices(house: House, qtbot: QtBot) -> None:
    def work(token: object) -> None:
        raise DiskFullError("No space left.")

    house.tasks.run(work, done=lambda _: None)
    qtbot.waitUntil(lambda: bool(house.window.notices.shown))
    assert house.window.notices.shown[0].text == "No space left."


def test_notices_lie_inside_the_window(house: House) -> None:
    house.window.resize(760, 520)
    house.shell.show_error(DiskFullError("What happened. " * 6, "Why. " * 20, "What to do. " * 10))
    pile = house.window.notices
    parent = pile.parentWidget()
    assert parent is not None
    assert parent.rect().contains(pile.geometry())
    assert pile.height() > 60
    for label in pile.findChildren(PlainLabel):
        assert label.height() >= label.heightForWidth(label.width())


def test_a_screen_built_for_a_request_hears_it(house: House) -> None:
    heard: list[int] = []
    build = house.window._factories["models"]

    def listening() -> QWidget:
        house.shell.open_chat.connect(heard.append)
        return build()

    house.window._factories["chat"] = listening
    house.window._screens.pop("chat")
    house.window.show_room("notes")
    house.shell.show_chat(9)
    assert heard == [9]


# The palette ------------------------------------------------------------------------------------


def lines(house: House) -> list[str]:
    listed = house.window.open_palette().list if house.window._palette is None else house.window._palette.list
    return [listed.item(row).text() for row in range(listed.count())]


def test_the_palette_lists_names_and_actions_and_ends_with_search(house: House, qtbot: QtBot) -> None:
    house.press(Qt.Key.Key_K, CTRL)
    qtbot.waitUntil(lambda: "Attention" in lines(house))
    palette = house.window._palette
    assert palette is not None
    assert palette.isVisible()
    qtbot.keyClicks(palette.field, "ba")
    qtbot.waitUntil(lambda: "Backups at home" in lines(house) and house.tasks.idle)
    assert lines(house) == ["Back up now", "Restore a backup…", "Backups at home", "Search everything for “ba”"]


def test_taking_a_line_closes_the_palette_and_goes_there(house: House, qtbot: QtBot) -> None:
    palette = house.window.open_palette()
    qtbot.keyClicks(palette.field, "att")
    qtbot.waitUntil(lambda: lines(house)[:1] == ["Attention"])
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert house.told("chat") == [("chat", len("Attention"))]


def test_up_from_the_top_is_the_search_through_everything(house: House, qtbot: QtBot) -> None:
    palette = house.window.open_palette()
    qtbot.keyClicks(palette.field, "zebra")
    qtbot.waitUntil(lambda: lines(house) == ["Search everything for “zebra”"] and house.tasks.idle)
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert house.told("search") == [("search", "zebra")]


def test_an_action_of_another_room_goes_there_first(house: House, qtbot: QtBot) -> None:
    made: list[str] = []
    house.actions["note.new"].triggered.connect(lambda: made.append(house.window.room))
    palette = house.window.open_palette()
    qtbot.keyClicks(palette.field, "new note")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert made == ["notes"]


def test_disabled_actions_are_not_listed(house: House) -> None:
    house.actions["data.back_up"].setEnabled(False)
    house.window.open_palette()
    assert "Back up now" not in lines(house)


def test_escape_closes_the_palette(house: House, qtbot: QtBot) -> None:
    palette = house.window.open_palette()
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_shortcuts_are_listed_from_the_actions(house: House, qtbot: QtBot) -> None:
    house.press(Qt.Key.Key_F1)
    sheet = house.window._shortcuts
    assert sheet is not None
    assert sheet.isVisible()
    from PySide6.QtWidgets import QLabel

    texts = {label.text() for label in sheet.findChildren(QLabel)}
    for action_id in house.actions:
        if house.actions[action_id].shortcuts():
            assert house.actions[action_id].text() in texts


# Quick note -------------------------------------------------------------------------------------


def test_a_quick_note_is_kept_and_the_sheet_closes(house: House, qtbot: QtBot) -> None:
    house.press(Qt.Key.Key_N, CTRL, SHIFT)
    sheet = house.window._quick_note
    assert sheet is not None
    qtbot.keyClicks(sheet.editor, "buy ink")
    qtbot.keyClick(sheet.editor, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not sheet.isVisible())
    assert house.kept == ["buy ink"]
    assert sheet.text == ""
    assert house.window.notices.shown[0].text == "Note saved"


def test_a_quick_note_that_cannot_be_saved_stays(house: House, qtbot: QtBot) -> None:
    house.keep_error = DiskFullError("The disk is full.")
    sheet = house.window.open_quick_note()
    qtbot.keyClicks(sheet.editor, "buy ink")
    sheet.save()
    qtbot.waitUntil(sheet._problem.isVisible)
    assert sheet.text == "buy ink"
    assert "The disk is full." in sheet._problem.text()
    house.keep_error = None
    sheet.save()
    qtbot.waitUntil(lambda: not sheet.isVisible())
    assert house.kept == ["buy ink"]


def test_what_is_typed_while_saving_is_not_lost(house: House, qtbot: QtBot) -> None:
    gate = threading.Event()
    keep = house.keep

    def slow(text: str) -> Note:
        gate.wait(5)
        return keep(text)

    house.shell._quick_note = slow
    sheet = house.window.open_quick_note()
    qtbot.keyClicks(sheet.editor, "one")
    sheet.save()
    qtbot.keyClicks(sheet.editor, " two")
    gate.set()
    qtbot.waitUntil(lambda: house.kept == ["one"] and house.tasks.idle)
    assert sheet.text == "one two"
    sheet.editor.clear()


def test_escape_puts_the_quick_note_away_with_its_text(house: House, qtbot: QtBot) -> None:
    sheet = house.window.open_quick_note()
    qtbot.keyClicks(sheet.editor, "later")
    qtbot.keyClick(sheet.editor, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert house.window.open_quick_note().text == "later"
    sheet.editor.clear()


# Drops ------------------------------------------------------------------------------------------


def drop(house: House, paths: Sequence[Path], at: QPoint | None = None) -> None:
    """As the desktop does it: the window is told, and finds the widget below the pointer."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at = at or QPoint(20, 20)
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, copy, data, left, none)
    QApplication.sendEvent(house.window.windowHandle(), enter)
    assert enter.isAccepted()
    assert house.window._veil.isVisible()
    QApplication.sendEvent(house.window.windowHandle(), QDropEvent(QPointF(at), copy, data, left, none))
    assert not house.window._veil.isVisible()


def test_files_dropped_on_a_field_are_imported_too(house: House, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    field = house.screen("chat").field
    drop(house, [tmp_path / "a.md"], field.mapTo(house.window, field.rect().center()))
    qtbot.waitUntil(lambda: house.window.import_question is not None)
    assert field.text() == ""


def test_a_screen_keeps_the_drops_that_are_its_own(house: House, tmp_path: Path) -> None:
    house.screen("chat").takes_drop = lambda data: True  # type: ignore[attr-defined]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none)
    QApplication.sendEvent(house.window.windowHandle(), enter)
    assert not house.window._veil.isVisible()


def test_dropped_files_are_imported_after_one_question(house: House, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "Papers"
    (folder / "deep").mkdir(parents=True)
    for number in range(3):
        (folder / "deep" / f"{number}.md").write_text("x")
    (folder / ".hidden").write_text("x")
    drop(house, [folder])
    qtbot.waitUntil(lambda: house.window.import_question is not None)
    question = house.window.import_question
    assert question is not None
    assert question.text() == "Import 3 files from “Papers”?"
    assert house.told("notes") == []
    with qtbot.waitSignal(house.shell.import_wanted) as asked:
        question._yes.click()
    assert asked.args == [[folder]]
    assert house.told("notes") == [("import", [folder])]
    assert house.window.room == "notes"


def test_no_means_no(house: House, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    drop(house, [tmp_path / "a.md"])
    qtbot.waitUntil(lambda: house.window.import_question is not None)
    question = house.window.import_question
    assert question is not None
    assert question.text() == "Import “a.md”?"
    with qtbot.assertNotEmitted(house.shell.import_wanted):
        question.reject()
    assert house.window.room == "chat"


def test_an_empty_folder_is_said_to_be_empty(house: House, qtbot: QtBot, tmp_path: Path) -> None:
    drop(house, [tmp_path])
    qtbot.waitUntil(lambda: bool(house.window.notices.shown))
    assert house.window.import_question is None


def test_a_dropped_model_goes_to_models(house: House, tmp_path: Path) -> None:
    drop(house, [tmp_path / "a.GGUF"])
    assert house.window.room == "models"
    assert house.told("models") == [("model", tmp_path / "a.GGUF")]


# Status -----------------------------------------------------------------------------------------


class Process:
    def __init__(self) -> None:
        self.status = WorkerStatus(WorkerPhase.OFF)
        self.listener: Callable[[WorkerStatus], None] | None = None

    def subscribe(self, listener: Callable[[WorkerStatus], None]) -> Callable[[], None]:
        self.listener = listener

        def leave() -> None:
            self.listener = None

        return leave

    def say(self, status: WorkerStatus) -> None:
        """From another thread, as engines do."""
        assert self.listener is not None
        thread = threading.Thread(target=self.listener, args=(status,))
        thread.start()
        thread.join()


def test_the_status_bar_follows_models_and_index(house: House, qtbot: QtBot) -> None:
    decoder = Process()
    house.shell.watch_decoder(decoder)
    bar = house.window.status_bar
    assert bar.texts == []
    decoder.say(WorkerStatus(WorkerPhase.LOADING, progress=0.4))
    qtbot.waitUntil(lambda: bar.texts == ["Loading the chat model 40%…"])
    house.shell.set_indexing(IndexingProgress(1204, 12, 20, 0, 0.0))
    assert bar.texts == ["Loading the chat model 40%…", "12 notes still to index"]
    decoder.say(WorkerStatus(WorkerPhase.READY))
    house.shell.set_indexing(IndexingProgress(1204, 12, 20, 0, 0.0, problem=DiskFullError("No room.")))
    assert [(text.text, text.is_problem, text.detail) for text in house.shell.status_texts[:1]] == [
        ("Indexing stopped", True, "No room.")
    ]
    house.shell.set_indexing(IndexingProgress(1204, 0, 0, 0, 0.0))
    qtbot.waitUntil(lambda: bar.texts == ["1,204 notes indexed"])
    house.shell.close()
    assert decoder.listener is None


def test_a_problem_stands_first_and_leads_somewhere(house: House, qtbot: QtBot) -> None:
    house.shell.set_indexing(IndexingProgress(1, 0, 0, 0, 0.0))
    decoder = Process()
    house.shell.watch_decoder(decoder)
    error = DiskFullError("It crashed three times.")
    decoder.say(WorkerStatus(WorkerPhase.QUARANTINED, error=error))
    bar = house.window.status_bar
    qtbot.waitUntil(lambda: bar.texts == ["The chat model is set aside", "1 note indexed"])
    qtbot.mouseClick(bar._buttons[0], Qt.MouseButton.LeftButton)
    assert house.window.room == "models"


# Closing ----------------------------------------------------------------------------------------


def answer_question(house: House, monkeypatch: pytest.MonkeyPatch, words: str) -> list[str]:
    asked: list[str] = []

    def answer(box: QMessageBox) -> int:
        asked.append(box.informativeText())
        next(button for button in box.buttons() if button.text() == words).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    return asked


def test_closing_saves_and_asks_nothing_when_all_is_safe(house: House, qtbot: QtBot) -> None:
    saved: list[str] = []
    house.shell.add_closer(lambda: saved.append("note") or "")  # type: ignore[func-returns-value]
    with qtbot.waitSignal(house.window.closed):
        assert house.window.close()
    assert saved == ["note"]


@pytest.mark.parametrize(("words", "closes"), [("Keep open", False), ("Close anyway", True)])
def test_unsaved_text_holds_the_window(house: House, monkeypatch: pytest.MonkeyPatch, words: str, closes: bool) -> None:
    asked = answer_question(house, monkeypatch, words)
    house.shell.add_closer(lambda: "“Attention” is not saved: the disk is full.")
    assert house.window.close() is closes
    assert asked == ["“Attention” is not saved: the disk is full."]


def test_an_unsaved_quick_note_holds_the_window(house: House, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    asked = answer_question(house, monkeypatch, "Keep open")
    sheet = house.window.open_quick_note()
    qtbot.keyClicks(sheet.editor, "not yet")
    assert not house.window.close()
    assert asked
    sheet.editor.clear()


# Keyboard and screen reader ---------------------------------------------------------------------


def test_every_control_has_a_name(house: House) -> None:
    from PySide6.QtWidgets import QAbstractButton

    house.shell.show_error(DiskFullError("The disk is full."))
    house.window.open_palette()
    house.window.open_quick_note()
    house.window.open_shortcuts()
    unnamed = [
        button
        for button in house.window.findChildren(QAbstractButton)
        if not button.accessibleName() and not button.text() and button.isVisible()
    ]
    assert unnamed == []


def test_shortcuts_are_unique_within_a_room() -> None:
    from desktop_app.ui.actions import ACTIONS

    for room in ("", *ROOMS):
        keys = [key for spec in ACTIONS if spec.room in ("", room) for key in spec.keys]
        assert len(keys) == len(set(keys)), room
