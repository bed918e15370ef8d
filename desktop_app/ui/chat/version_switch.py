"""Which of its versions a message is, and the way to the others: ‹ 2/3 ›."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.presenters.transcript import Version
from desktop_app.ui.widgets import IconButton, PlainLabel

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

_ICON = 15


class VersionSwitch(QWidget):
    """Two arrows around "2/3". `step_wanted` carries -1 or 1."""

    step_wanted = Signal(int)

    def __init__(self, theme: Theme, version: Version, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._back = self._arrow(theme, "chevron-left", self.tr("Previous version"), -1)
        self._forward = self._arrow(theme, "chevron-right", self.tr("Next version"), 1)
        self._words = PlainLabel("", "small", parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for widget in (self._back, self._words, self._forward):
            row.addWidget(widget)
        self.show_version(version)

    def _arrow(self, theme: Theme, icon: str, name: str, step: int) -> IconButton:
        button = IconButton(theme.icon(icon, "muted_text"), name, size=_ICON, parent=self)
        button.setProperty("role", "slim")
        side = theme.px(22)
        button.setFixedSize(QSize(side, side))
        button.clicked.connect(lambda: self.step_wanted.emit(step))
        return button

    @property
    def words(self) -> str:
        """What stands between the arrows."""
        return self._words.text()

    def show_version(self, version: Version) -> None:
        """Say another one."""
        self._words.setText(f"{version.number}/{version.count}")
        name = self.tr("Version {0} of {1}").format(version.number, version.count)
        self._words.setAccessibleName(name)
        self.setAccessibleName(name)
        self._back.setEnabled(version.previous is not None)
        self._forward.setEnabled(version.next is not None)

    def focused_step(self) -> int:
        """The step of the arrow that has the keyboard, 0 for none."""
        return -1 if self._back.hasFocus() else 1 if self._forward.hasFocus() else 0

    def focus_step(self, step: int) -> None:
        """Give the keyboard to the arrow of this step, to the other one where there is no further version."""
        wanted, other = (self._back, self._forward) if step < 0 else (self._forward, self._back)
        (wanted if wanted.isEnabled() else other).setFocus()
