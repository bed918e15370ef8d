"""The rail at the left edge: the five rooms. Notes that are dragged over Chat open it, and may be dropped there."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from desktop_app.ui.actions import Actions
from desktop_app.ui.note_drag import dragged_notes
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import keys_of, pressed_by_enter
from desktop_app.ui.widgets.labels import plain_tool_tip

#: Rooms from the top; the last one stands at the bottom.
ROOMS = ("chat", "notes", "search", "models", "settings")
_WIDTH = 60
_NOTES_GO_TO = ROOMS[0]
_HOVER_MS = 450  # that a drag rests over Chat before the room is shown


class _RoomButton(QToolButton):
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not pressed_by_enter(self, event):
            super().keyPressEvent(event)


class Rail(QFrame):
    """Icons with their names below. `chosen(room)` follows a press, or notes that are held over Chat."""

    chosen = Signal(str)
    notes_dropped = Signal(list)  # of note ids, on Chat

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
        self._open_soon = QTimer(self)
        self._open_soon.setSingleShot(True)
        self._open_soon.setInterval(_HOVER_MS)
        self._open_soon.timeout.connect(lambda: self.chosen.emit(_NOTES_GO_TO))
        self.setAcceptDrops(True)
        theme.changed.connect(self._fit)
        self._fit()

    def set_room(self, room: str) -> None:
        """Mark the room that is shown."""
        self._buttons[room].setChecked(True)

    def button(self, room: str) -> QToolButton:
        """The room's button."""
        return self._buttons[room]

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Notes may be held over Chat; anything else is the window's."""
        if dragged_notes(event.mimeData()):
            event.acceptProposedAction()
            self._hold(self._is_on_chat(event.position().toPoint()))

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        over = self._is_on_chat(event.position().toPoint())
        if over:
            event.acceptProposedAction()
        else:
            event.ignore()
        self._hold(over)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._hold(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._hold(False)
        if self._is_on_chat(event.position().toPoint()):
            event.acceptProposedAction()
            self.notes_dropped.emit(dragged_notes(event.mimeData()))

    def _is_on_chat(self, place: QPoint) -> bool:
        return self._buttons[_NOTES_GO_TO].geometry().contains(place)

    def _hold(self, over: bool) -> None:
        """Begin to wait when a drag comes over Chat, and wait no more when it leaves."""
        button = self._buttons[_NOTES_GO_TO]
        if over == button.isDown():
            return
        button.setDown(over)
        if over:
            self._open_soon.start()
        else:
            self._open_soon.stop()

    def _make_button(self, room: str, actions: Actions) -> QToolButton:
        action = actions[f"go.{room}"]
        button = _RoomButton()
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
