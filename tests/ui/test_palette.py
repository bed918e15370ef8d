"""Ctrl+K: what it lists, and what Enter takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.presenters.command_palette import PaletteItem
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.theme.theme import Theme
from tests.ui.window_house import CTRL, House, no_question_unasked


@pytest.fixture
def house(theme: Theme, tasks: TaskRunner, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    no_question_unasked(monkeypatch)
    made = House(theme, tasks, qtbot)
    yield made
    made.window._memory.save_now()


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
    assert lines(house) == [
        "Back up now",
        "Put chat back",
        "Restore a backup…",
        "Put all notes of the trash back",
        "Backups at home",
        "Search everything for “ba”",
        "New note “ba”",
    ]


def test_taking_a_line_closes_the_palette_and_goes_there(house: House, qtbot: QtBot) -> None:
    palette = house.window.open_palette()
    qtbot.keyClicks(palette.field, "atten")
    qtbot.waitUntil(lambda: lines(house)[:1] == ["Attention"])
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert house.told("chat") == [("chat", len("Attention"))]


def test_ctrl_and_enter_opens_beside_and_does_not_stay_held(house: House, qtbot: QtBot) -> None:
    beside: list[int] = []
    house.shell.open_note_beside.connect(lambda note_id, *_: beside.append(note_id))
    house.window.show_room("notes")
    house.actions["note.follow_link"].setEnabled(True)  # it has the same keys
    for modifiers in (CTRL, Qt.KeyboardModifier.NoModifier):
        palette = house.window.open_palette()
        qtbot.keyClicks(palette.field, "atten")
        qtbot.waitUntil(lambda: lines(house)[:1] == ["Attention"] and house.tasks.idle)
        qtbot.keyClick(palette.field, Qt.Key.Key_Return, modifiers)
        assert not palette.isVisible()
    assert beside == [len("Attention")]
    assert house.told("chat") == [("chat", len("Attention"))]


def test_up_from_the_top_leads_to_the_search_through_everything(house: House, qtbot: QtBot) -> None:
    palette = house.window.open_palette()
    qtbot.keyClicks(palette.field, "ba")
    qtbot.waitUntil(lambda: "Backups at home" in lines(house) and house.tasks.idle)
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert house.told("search") == [("search", "ba")]


def test_where_nothing_fits_enter_searches_and_a_note_of_that_name_is_one_key_away(house: House, qtbot: QtBot) -> None:
    wanted: list[str] = []
    house.shell.note_wanted.connect(wanted.append)
    palette = house.window.open_palette()
    qtbot.keyClicks(palette.field, "zebra 2")
    offered = ["Search everything for “zebra 2”", "New note “zebra 2”"]
    qtbot.waitUntil(lambda: lines(house) == offered and house.tasks.idle)
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert wanted == ["zebra 2"]
    assert not palette.isVisible()
    palette = house.window.open_palette()
    qtbot.keyClicks(palette.field, "zebra")
    qtbot.waitUntil(lambda: lines(house)[:1] == ["Search everything for “zebra”"] and house.tasks.idle)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: house.told("search") == [("search", "zebra")])


def test_an_action_of_another_room_goes_there_first(house: House, qtbot: QtBot) -> None:
    made: list[str] = []
    house.actions["note.new"].triggered.connect(lambda: made.append(house.window.room))
    palette = house.window.open_palette()
    qtbot.keyClicks(palette.field, "new note")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert made == ["notes"]


@pytest.mark.parametrize(("room", "first"), [("notes", "Show the trash"), ("chat", "Show chats in the trash")])
def test_what_the_shown_room_can_do_comes_first(house: House, qtbot: QtBot, room: str, first: str) -> None:
    house.window.show_room(room)
    palette = house.window.open_palette()
    qtbot.keyClicks(palette.field, "trash")
    qtbot.waitUntil(lambda: house.tasks.idle and "Show the trash" in lines(house))
    assert lines(house)[0] == first


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


class SlowNames:
    """Finds names only when the test lets it."""

    def __init__(self, house: House, *titles: str) -> None:
        self.opened = threading.Event()
        self.taken: list[int] = []
        self._titles = titles
        house.window._name_providers = lambda: [self]

    def __call__(self, text: str, limit: int) -> list[PaletteItem]:
        if text:
            assert self.opened.wait(20)
        return [
            PaletteItem(title, "Notes", lambda number=number: self.taken.append(number), key=f"{number}")  # type: ignore[misc]
            for number, title in enumerate(self._titles)
            if text.lower() in title.lower()
        ]


def test_enter_waits_for_the_names_that_fit(house: House, qtbot: QtBot) -> None:
    names = SlowNames(house, "Zebra")
    palette = house.window.open_palette()
    qtbot.waitUntil(lambda: "Zebra" in lines(house))
    palette._presenter._names = []  # as if more recent ones had filled the list
    qtbot.keyClicks(palette.field, "zeb")
    assert lines(house) == ["Search everything for “zeb”", "New note “zeb”"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    names.opened.set()
    qtbot.waitUntil(lambda: names.taken == [0])
    assert not palette.isVisible()
    assert house.told("search") == []


def test_an_action_needs_no_names(house: House, qtbot: QtBot) -> None:
    names = SlowNames(house)
    palette = house.window.open_palette()
    qtbot.keyClicks(palette.field, "models")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert house.window.room == "models"
    names.opened.set()


def test_escape_takes_a_waiting_enter_back(house: House, qtbot: QtBot) -> None:
    names = SlowNames(house, "Zebra")
    palette = house.window.open_palette()
    qtbot.keyClicks(palette.field, "zeb")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    names.opened.set()
    qtbot.waitUntil(lambda: palette._presenter.is_current)
    assert names.taken == []
    assert house.told("search") == []


def test_what_a_person_marked_stays_marked_when_names_come_in_above(house: House, qtbot: QtBot) -> None:
    names = SlowNames(house, "Zebra", "Zebra")
    palette = house.window.open_palette()
    qtbot.waitUntil(lambda: lines(house)[:2] == ["Zebra", "Zebra"] and house.tasks.idle)
    palette._presenter._names = []
    qtbot.keyClicks(palette.field, "zeb")
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    names.opened.set()
    qtbot.waitUntil(lambda: len(lines(house)) == 4)
    assert palette.list.currentRow() == 3
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    palette._presenter._find_names()
    qtbot.waitUntil(lambda: house.tasks.idle)
    assert palette.list.currentRow() == 1
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert names.taken == [1]


def test_words_of_an_action_may_run_together(house: House, qtbot: QtBot) -> None:
    palette = house.window.open_palette()
    qtbot.keyClicks(palette.field, "backup")
    assert {"Back up now", "Restore a backup…"} <= set(lines(house))
    qtbot.waitUntil(lambda: house.tasks.idle)
