"""Tells the window of changed settings; apart from the form, which only the Settings screen needs."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from desktop_app.settings.values import SettingsFile


class SettingsWatcher(QObject):
    """Tells of changed settings in the GUI thread, whoever changed them and in which thread."""

    changed = Signal(str)
    _told = Signal(str)

    def __init__(self, settings: SettingsFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._closed = False
        self._told.connect(self._tell)
        self._unsubscribe = settings.subscribe(self._told.emit)

    def look(self) -> str:
        """Take in what another program wrote into the file; its notice, empty when there is none."""
        report = self._settings.refresh()
        return report.notice if report else ""

    def close(self) -> None:
        """Stop telling, also what another thread told before and arrives only now."""
        self._closed = True
        self._unsubscribe()

    def _tell(self, key: str) -> None:
        if not self._closed:
            self.changed.emit(key)
