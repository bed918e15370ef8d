"""Choosing a preset for a chat, and what a chat changes of it, over a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import PresetError
from desktop_app.domain.presets import INSTRUCTIONS_KEY, ChatChoices, Preset
from desktop_app.presenters.chat_service import ChatSlot
from desktop_app.presenters.presets import PresetsPresenter
from desktop_app.presenters.setting_row import ModelFacts, SettingRow, build_row
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.presets import PresetService
from desktop_app.settings.schema import setting_for
from desktop_app.storage.store import Store
from desktop_app.ui.chat.chat_settings_sheet import ChatSettingsSheet
from desktop_app.ui.chat.preset_sheet import PresetSheet
from desktop_app.ui.theme.theme import Theme


class PersonRows:
    """The settings of a person who set a temperature of 0.5; the model has a top-k of its own, once it was asked."""

    def __init__(self) -> None:
        self._facts = ModelFacts()
        self._changed: Callable[[str], object] = lambda _key: None

    def row(self, key: str) -> SettingRow:
        value = 0.5 if key == "sampling.temperature" else None
        return build_row(setting_for(key), value, self._facts)

    def refresh_model(self) -> None:
        self._facts = ModelFacts(catalogue_sampling={"top_k": 7})
        self._changed("sampling.top_k")

    def watch_rows(self, changed: Callable[[str], object]) -> None:
        self._changed = changed


class Desk:
    """A chat, its presets and the two sheets."""

    def __init__(self, qtbot: QtBot, theme: Theme, store: Store, tasks: TaskRunner) -> None:
        self.qtbot = qtbot
        self.store = store
        self.service = PresetService(store.presets, store.conversations)
        self.made: list[ChatSlot] = []
        self.presenter = PresetsPresenter(self.service, PersonRows(), tasks, self._ensure, self.made.append)
        self.tasks = tasks
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(1200, 800)
        self.window.show()
        self.sheet = PresetSheet(self.presenter, theme, self.window)
        self.settings = ChatSettingsSheet(self.presenter, theme, self.window)
        self.picked: list[tuple[str, ChatChoices]] = []
        self.presenter.picked.connect(lambda name, before: self.picked.append((name, before)))
        self.chat = store.conversations.create().id
        self.presenter.show(ChatSlot(self.chat))
        self.presenter.refresh()
        qtbot.waitUntil(lambda: bool(self.presenter.presets) and tasks.idle)

    def _ensure(self, slot: ChatSlot) -> int:
        if slot.id is None:
            slot.id = self.store.conversations.create().id
        return slot.id

    def names(self) -> list[str]:
        return [self.sheet.list.item(row).text() for row in range(self.sheet.list.count())]

    def press(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.sheet.field, key)

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: self.tasks.idle)


@pytest.fixture
def desk(qtbot: QtBot, theme: Theme, tmp_path: Path) -> Iterator[Desk]:
    store = Store.open(tmp_path / "a.sqlite3", backups=tmp_path / "backups")
    tasks = TaskRunner()
    yield Desk(qtbot, theme, store, tasks)
    tasks.close()
    store.close()


def test_a_few_letters_and_enter_choose_a_preset(desk: Desk) -> None:
    desk.sheet.open_over(desk.window)
    assert desk.names()[0] == "No preset"
    desk.qtbot.keyClicks(desk.sheet.field, "proof")
    assert desk.names() == ["Proofreader"]
    desk.press(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: bool(desk.picked))
    assert not desk.sheet.isVisible()
    assert desk.service.choices(desk.chat).preset_name == "Proofreader"
    assert desk.picked == [("Proofreader", ChatChoices())]


def test_the_one_in_use_is_marked_and_taking_it_back_is_possible(desk: Desk) -> None:
    desk.presenter.pick(desk.service.named("Summary"))
    desk.qtbot.waitUntil(lambda: desk.presenter.choices.preset_name == "Summary")
    desk.sheet.open_over(desk.window)
    assert desk.sheet.list.currentItem().text() == "Summary"
    assert "in use" in desk.sheet.words_of(desk.sheet.list.currentItem().data(Qt.ItemDataRole.UserRole))
    name, before = desk.picked[0]
    desk.presenter.put_back(before)
    desk.qtbot.waitUntil(lambda: not desk.presenter.choices.preset_ref)
    assert name == "Summary"


def test_the_marked_line_goes_round_at_the_ends(desk: Desk) -> None:
    desk.sheet.open_over(desk.window)
    rows = desk.sheet.list
    desk.press(Qt.Key.Key_Up)
    assert rows.currentRow() == rows.count() - 1
    desk.press(Qt.Key.Key_PageDown)
    assert rows.currentRow() == rows.count() - 1
    desk.press(Qt.Key.Key_Down)
    assert rows.currentRow() == 0


def test_a_name_nobody_has_says_what_to_do(desk: Desk) -> None:
    desk.sheet.open_over(desk.window)
    desk.qtbot.keyClicks(desk.sheet.field, "qzxwv")
    assert desk.sheet.nothing.isVisible()
    desk.press(Qt.Key.Key_Return)
    assert desk.sheet.isVisible()
    assert not desk.sheet.more_button.isEnabled()


def test_a_chat_that_is_not_made_yet_is_made_for_its_preset(desk: Desk) -> None:
    slot = ChatSlot()
    desk.presenter.show(slot)
    desk.presenter.pick(desk.service.named("Outline"))
    desk.qtbot.waitUntil(lambda: desk.presenter.choices.preset_name == "Outline")
    assert slot.id not in (None, desk.chat)
    assert desk.made == [slot]


def test_rows_say_what_the_chat_changes_and_what_it_goes_back_to(desk: Desk) -> None:
    row = desk.presenter.row("sampling.temperature")
    assert (row.value, row.changed, row.remark) == (0.5, False, "as in Settings")
    desk.presenter.pick(desk.service.named("Proofreader"))
    desk.qtbot.waitUntil(lambda: desk.presenter.row("sampling.temperature").value == 0.1)
    assert desk.presenter.row("sampling.temperature").remark == "from the preset"
    desk.settings.open_over(desk.window)
    widget = desk.settings.page.rows["sampling.temperature"]
    desk.presenter.set("sampling.temperature", 0.9)
    desk.qtbot.waitUntil(lambda: desk.presenter.row("sampling.temperature").changed)
    assert widget.reset.text() == "↺ 0.10 (preset)"
    assert desk.settings.summary.text() == "1 value changed in this chat."
    widget.reset.click()
    desk.qtbot.waitUntil(lambda: not desk.presenter.row("sampling.temperature").changed)
    assert desk.settings.summary.text() == "As the preset “Proofreader” has it."


def test_the_sheet_asks_what_the_model_decides_before_settings_were_ever_opened(desk: Desk) -> None:
    row = desk.settings.page.rows["sampling.top_k"]
    assert desk.presenter.row("sampling.top_k").value != 7
    desk.settings.open_over(desk.window)
    assert desk.presenter.row("sampling.top_k").value == 7
    assert "7" in [field.text() for field in row.findChildren(QLineEdit)]


def test_a_value_that_does_not_fit_is_refused_at_its_row(desk: Desk) -> None:
    refused: list[tuple[str, object]] = []
    desk.presenter.refused.connect(lambda key, error: refused.append((key, error)))
    desk.presenter.set("sampling.temperature", 99.0)
    desk.qtbot.waitUntil(lambda: bool(refused))
    assert refused[0][0] == "sampling.temperature"
    assert isinstance(refused[0][1], PresetError)
    assert not desk.service.choices(desk.chat).own


def test_what_a_chat_uses_is_saved_under_a_name(desk: Desk) -> None:
    desk.presenter.set(INSTRUCTIONS_KEY, "Be brief.")
    desk.settings.open_over(desk.window)
    assert not desk.settings.save_button.isEnabled()
    desk.qtbot.keyClicks(desk.settings.name_field, "Brief")
    desk.settings.save_button.click()
    desk.qtbot.waitUntil(lambda: desk.presenter.choices.preset_name == "Brief")
    assert desk.service.named("brief").instructions == "Be brief."
    desk.settle()
    desk.qtbot.keyClicks(desk.settings.name_field, "BRIEF")
    desk.settings.save_button.click()
    desk.qtbot.waitUntil(desk.settings.problem.isVisible)
    assert "already" in desk.settings.problem.text()


def test_a_deleted_preset_comes_back(desk: Desk) -> None:
    made = desk.service.add("Mine", "", {})
    gone: list[Preset] = []
    desk.presenter.deleted.connect(gone.append)
    desk.presenter.delete(made)
    desk.qtbot.waitUntil(lambda: bool(gone) and desk.tasks.idle)
    assert "Mine" not in [preset.name for preset in desk.presenter.presets]
    desk.presenter.add_again(gone[0])
    desk.qtbot.waitUntil(lambda: "Mine" in [preset.name for preset in desk.presenter.presets])


def test_a_preset_travels_as_a_file(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "proof.toml"
    desk.presenter.export(desk.service.named("Proofreader"), path)
    desk.qtbot.waitUntil(lambda: path.exists() and desk.tasks.idle)
    desk.presenter.import_file(path)
    desk.qtbot.waitUntil(lambda: len([one for one in desk.presenter.presets if one.name == "Proofreader"]) == 2)
    failures: list[object] = []
    desk.presenter.failed.connect(failures.append)
    desk.presenter.export(desk.service.named("Proofreader"), tmp_path / "no" / "such" / "folder.toml")
    desk.qtbot.waitUntil(lambda: bool(failures))
    assert isinstance(failures[0], PresetError)


def test_a_presets_menu_is_gone_once_it_is_closed(desk: Desk) -> None:
    desk.sheet.open_over(desk.window)
    desk.qtbot.waitUntil(lambda: desk.sheet.list.count() > 0)
    before = len(desk.sheet.findChildren(QMenu))
    lines = (desk.sheet.list.item(number) for number in range(desk.sheet.list.count()))
    preset = next(line for line in lines if line.data(Qt.ItemDataRole.UserRole) is not None)
    desk.sheet._open_menu(desk.sheet.list.visualItemRect(preset).center())
    menus = desk.sheet.findChildren(QMenu)
    assert len(menus) == before + 1
    menus[-1].close()
    desk.qtbot.waitUntil(lambda: len(desk.sheet.findChildren(QMenu)) == before)
