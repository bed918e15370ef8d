"""All shortcuts on one sheet, made from the list of actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QWidget

from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import IconButton
from desktop_app.ui.widgets.floating_sheet import FloatingSheet
from desktop_app.ui.widgets.labels import PlainLabel


class ShortcutsList(FloatingSheet):
    """Groups of actions with their keys. Esc closes it."""

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, width=460, height=560)
        self.set_name(self.tr("Keyboard shortcuts"))
        layout = self.content
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
            name = PlainLabel(actions[action_id].text())
            name.setWordWrap(True)  # a long one leaves the keys their room
            grid.addWidget(name, row, 0)
            shown = "   ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
            grid.addWidget(PlainLabel(shown, "keys"), row, 1, Qt.AlignmentFlag.AlignRight)
            row += 1
        grid.setRowStretch(row, 1)
        return table
