"""What every editor of a setting is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.presenters.setting_row import SettingRow
from desktop_app.settings.schema import Setting


class Editor(QWidget):
    """Base of all editors."""

    edited = Signal(object)
    """The value the person entered, not yet checked."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(14)

    def width_to_read(self) -> int:
        """The width from which on all of it can be read."""
        return self.minimumSizeHint().width()

    def show_row(self, row: SettingRow) -> None:
        """Show the value in force without sending `edited`."""
        raise NotImplementedError
