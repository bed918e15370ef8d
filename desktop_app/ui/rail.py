"""The rail at the left edge: the five rooms."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import keys_of
from desktop_app.ui.widgets.labels import plain_tool_tip

#: Rooms from the top; the last one stands at the bottom.
ROOMS = ("chat", "notes", "search", "models", "settings")
_WIDTH = 60


class Rail(QFrame):
    """Icons with their names below. `chosen(room)` follows a press."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("role", "rail")
        self.setAccessibleName(self.tr("Rooms"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 14, 5, 14)
        layout.setSpacing(6)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[str, QToolButton] = {}
        for room in ROOMS:
            if room == ROOMS[-1]:
                layout.addStretch()
            layout.addWidget(self._make_button(room, actions))
        theme.changed.connect(self._fit)
        self._fit()

    def set_room(self, room: str) -> None:
        """Mark the room that is shown."""
        self._buttons[room].setChecked(True)

    def button(self, room: str) -> QToolButton:
        """The room's button."""
        return self._buttons[room]

    def _make_button(self, room: str, actions: Actions) -> QToolButton:
        action = actions[f"go.{room}"]
        button = QToolButton()
        button.setProperty("role", "rail")
        button.setText(action.text())
        button.setIcon(self._theme.icon(actions.spec(f"go.{room}").icon, "muted_text", "accent"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(action.text())
        button.setToolTip(plain_tool_tip(f"{action.text()}  {keys_of(action)}"))
        button.clicked.connect(lambda _=False, room=room: self.chosen.emit(room))
        self._group.addButton(button)
        self._buttons[room] = button
        return button

    def _fit(self) -> None:
        # Wide enough for the longest name at the chosen font size.
        metrics = QFontMetrics(self._theme.interface_font(10.5))
        widest = max(metrics.horizontalAdvance(button.text()) for button in self._buttons.values())
        width = max(_WIDTH, widest + 17)
        self.setFixedWidth(width)
        for button in self._buttons.values():
            button.setIconSize(QSize(self._theme.px(20), self._theme.px(20)))
            button.setFixedWidth(width - 12)
            button.setMinimumHeight(2 * self._theme.px(20) + 9)
