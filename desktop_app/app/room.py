"""What every room of the window is made with, and what it gives to the window's life."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from desktop_app.app.container import Container
    from desktop_app.presenters.settings_watcher import SettingsWatcher
    from desktop_app.presenters.shell import ShellPresenter
    from desktop_app.presenters.visits import VisitHistory
    from desktop_app.ui.actions import Actions
    from desktop_app.ui.theme.theme import Theme

Act = Callable[[], None]


class Upkeep:
    """What rooms have done for their presenters when the store was changed behind them, and at the end."""

    def __init__(self) -> None:
        self.on_change: list[Act] = []
        """Shows what another program changed, or what was restored."""
        self.on_restore: list[Act] = []
        """Shows anew, after `on_change`, what a restored store may have otherwise."""
        self.on_close: list[Act] = []
        """Lets go of what is listened to; the last one first."""

    def refresh(self) -> None:
        """The store was changed by another program."""
        for act in self.on_change:
            act()

    def restore(self) -> None:
        """The store is a restored one."""
        self.refresh()
        for act in self.on_restore:
            act()

    def close(self) -> None:
        """The window closes."""
        for act in reversed(self.on_close):
            act()


class WindowParts(msgspec.Struct, frozen=True):
    """What the rooms of one window share on the side of the screens."""

    shell: ShellPresenter
    theme: Theme
    actions: Actions
    watcher: SettingsWatcher
    visits: VisitHistory
    upkeep: Upkeep


class Room(QObject):
    """Makes a room's presenters and its screen, when the room is first gone to."""

    def __init__(self, container: Container, window: WindowParts, parent: QObject) -> None:
        super().__init__(parent)
        self._container = container
        self._window = window
        self._shell = window.shell
        self._tasks = window.shell.tasks
        self._theme = window.theme
        self._actions = window.actions
        self._watcher = window.watcher
        self._visits = window.visits
        self._upkeep = window.upkeep
