"""All shortcuts on one sheet, made from the list of actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import IconButton
from desktop_app.ui.widgets.labels import PlainLabel


class ShortcutsList(QDialog):
    """Groups of actions with their keys. Esc closes it."""

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        sheet = QFrame()
        sheet.setProperty("role", "popup")
        outer.addWidget(sheet)
        layout = QVBoxLayout(sheet)
        layout.setContentsMargins(20, 14, 12, 14)
        head = QHBoxLayout()
        head.addWidget(PlainLabel(self.tr("Keyboard shortcuts"), "title"))
        head.addStretch()
        close = IconButton(theme.icon("close", "muted_text"), self.tr("Close"), size=16)
        close.clicked.connect(self.hide)
        head.addWidget(close)
        layout.addLayout(head)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._make_table(actions))
        layout.addWidget(area, 1)

    def open_over(self, window: QWidget) -> None:
        """Show the sheet in the middle of `window`."""
        self.resize(min(self._theme.px(460), window.width() - 40), min(self._theme.px(560), window.height() - 60))
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(
            corner.x() + (window.width() - self.width()) // 2, corner.y() + (window.height() - self.height()) // 2
        )
        self.show()
        self.activateWindow()

    def _make_table(self, actions: Actions) -> QWidget:
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 10, 0)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(0, 1)
        group, row = "", 0
        for action_id in actions:
            keys = actions[action_id].shortcuts()
            if not keys:
                continue
            if actions.group(action_id) != group:
                group = actions.group(action_id)
                heading = PlainLabel(group.upper(), "section_strong")
                heading.setContentsMargins(0, 10 if row else 0, 0, 0)
                grid.addWidget(heading, row, 0, 1, 2)
                row += 1
            grid.addWidget(PlainLabel(actions[action_id].text()), row, 0)
            shown = "   ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
            grid.addWidget(PlainLabel(shown, "keys"), row, 1, Qt.AlignmentFlag.AlignRight)
            row += 1
        grid.setRowStretch(row, 1)
        return table
