"""The window with screens that only note what they are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import StoreReadOnlyError
from desktop_app.domain.notes import Note
from desktop_app.presenters.command_palette import PaletteItem
from desktop_app.presenters.shell import Notice, ShellPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.rail import ROOMS
from desktop_app.ui.theme.theme import Theme

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


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

    alone_changed = Signal(bool)

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

    def set_alone(self, alone: bool) -> None:
        self.told.append(("alone", alone))
        self.alone_changed.emit(alone)

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
            name_providers=lambda: [self.names],
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
            PaletteItem(
                title,
                "Chats",
                lambda title=title: self.shell.show_chat(len(title)),  # type: ignore[misc]
                run_beside=lambda title=title: self.shell.show_note_beside(len(title)),  # type: ignore[misc]
            )
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


def no_question_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that no test expects must fail it, not wait for ever."""
    monkeypatch.setattr(QMessageBox, "exec", lambda box: pytest.fail(f"asked: {box.informativeText()}"))
