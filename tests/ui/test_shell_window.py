"""The window: rooms, memory, notices, palette, quick note, drops, Esc, compact mode, closing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import DiskFullError
from desktop_app.domain.generation import WorkerPhase, WorkerStatus
from desktop_app.domain.notes import Note
from desktop_app.domain.search import IndexingProgress
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.rail import ROOMS
from desktop_app.ui.theme.theme import Theme
from tests.ui.window_house import CTRL, SHIFT, House, State, no_question_unasked

T = TypeVar("T")


@pytest.fixture
def house(theme: Theme, tasks: TaskRunner, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    no_question_unasked(monkeypatch)
    made = House(theme, tasks, qtbot)
    yield made
    made.window._memory.save_now()


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


def test_a_screen_may_want_to_be_alone_and_another_room_ends_that(house: House) -> None:
    window = house.window
    house.window.show_room("notes")
    window.screen_of("notes").set_alone(True)  # type: ignore[attr-defined]
    assert not window._rail.isVisible()
    assert not window.status_bar.isVisible()
    window.show_room("search")
    assert window._rail.isVisible()
    assert window.status_bar.isVisible()


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


# Status -----------------------------------------------------------------------------------------


class Teller(Generic[T]):
    """Tells its listener from another thread, as engines and the indexer do."""

    def __init__(self) -> None:
        self.listener: Callable[[T], None] | None = None

    def subscribe(self, listener: Callable[[T], None]) -> Callable[[], None]:
        self.listener = listener

        def leave() -> None:
            self.listener = None

        return leave

    def say(self, news: T) -> None:
        assert self.listener is not None
        thread = threading.Thread(target=self.listener, args=(news,))
        thread.start()
        thread.join()


class Process(Teller[WorkerStatus]):
    status = WorkerStatus(WorkerPhase.OFF)


class Indexer(Teller[IndexingProgress]):
    pass


def test_the_status_bar_follows_models_and_index(house: House, qtbot: QtBot) -> None:
    decoder = Process()
    house.shell.watch_decoder(decoder)
    bar = house.window.status_bar
    assert bar.texts == []
    decoder.say(WorkerStatus(WorkerPhase.LOADING, progress=0.4))
    qtbot.waitUntil(lambda: bar.texts == ["Loading the chat model, 40 %"])
    encoder = Process()
    house.shell.watch_encoder(encoder)
    encoder.say(WorkerStatus(WorkerPhase.LOADING, progress=0.05))  # a step, and no share of the time
    qtbot.waitUntil(lambda: bar.texts == ["Loading the chat model, 40 %", "Loading the search model…"])
    encoder.say(WorkerStatus(WorkerPhase.READY))
    indexer = Indexer()
    house.shell.watch_indexer(indexer)
    indexer.say(IndexingProgress(1204, 12, 20, 0, 0.0))
    qtbot.waitUntil(lambda: bar.texts == ["Loading the chat model, 40 %", "12 notes still to index"])
    decoder.say(WorkerStatus(WorkerPhase.READY))
    for counts in ((1204, 12, 20), (0, 0, 0)):  # the second where the store does not even count
        indexer.say(IndexingProgress(*counts, 0, 0.0, problem=DiskFullError("No room.")))
        qtbot.waitUntil(lambda: bar.texts == ["Indexing stopped"])
        text = house.shell.status_texts[0]
        assert (text.is_problem, text.detail) == (True, "No room.")
        indexer.say(IndexingProgress(1204, 0, 0, 0, 0.0))
        qtbot.waitUntil(lambda: bar.texts == ["1,204 notes indexed"])
    house.shell.close()
    assert (decoder.listener, indexer.listener) == (None, None)


def test_a_status_text_ends_in_dots_where_room_is_short(house: House, theme: Theme, qtbot: QtBot) -> None:
    indexer = Indexer()
    house.shell.watch_indexer(indexer)
    indexer.say(IndexingProgress(1204, 12, 20, 0, 0.0, problem=DiskFullError("No room.")))
    decoder = Process()
    house.shell.watch_decoder(decoder)
    decoder.say(WorkerStatus(WorkerPhase.QUARANTINED, error=DiskFullError("It crashed three times.")))
    bar = house.window.status_bar
    qtbot.waitUntil(lambda: len(bar.texts) == 2)
    theme.set_font_size(27.0)
    house.window.resize(720, 480)
    qtbot.waitUntil(lambda: "…" in bar._buttons[0].text())
    assert bar._buttons[0].accessibleName() == "The chat model is set aside"
    for button in bar._buttons[:2]:
        assert button.fontMetrics().horizontalAdvance(button.text()) <= button.width()
    assert "No room." in bar._buttons[1].toolTip()


def test_a_problem_stands_first_and_leads_somewhere(house: House, qtbot: QtBot) -> None:
    indexer = Indexer()
    house.shell.watch_indexer(indexer)
    indexer.say(IndexingProgress(1, 0, 0, 0, 0.0))
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


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_shortcuts_are_unique_within_a_room(house: House, platform: str) -> None:
    from desktop_app.ui.actions import ACTIONS, Actions

    actions = Actions(house.theme, platform=platform)
    for room in ("", *ROOMS):
        keys = [key.toString() for spec in ACTIONS if spec.room in ("", room) for key in actions[spec.id].shortcuts()]
        assert len(keys) == len(set(keys)), room
    everywhere = {key.toString() for spec in ACTIONS for key in actions[spec.id].shortcuts()}
    taken = {"Ctrl+H", "F11", "Alt+Left", "Alt+Right", "Alt+Up", "Alt+Down", "Ctrl+M", "Ctrl+Space"}
    assert (not everywhere & taken) is (platform == "darwin")
