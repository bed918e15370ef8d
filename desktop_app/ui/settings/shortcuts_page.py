"""Shortcuts: every action with its keys, from the one list of actions."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from desktop_app.ui.actions import Actions
from desktop_app.ui.settings.form_page import ColumnPage, rule
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel


class ShortcutsPage(ColumnPage):
    """A row for each action that has keys, under its group."""

    def __init__(self, actions: Actions, theme: Theme) -> None:
        super().__init__(theme, QCoreApplication.translate("ShortcutsPage", "Shortcuts"))
        group = ""
        for action_id in actions:
            action = actions[action_id]
            keys = [keys.toString(QKeySequence.SequenceFormat.NativeText) for keys in action.shortcuts()]
            if not keys:
                continue
            if actions.group(action_id) != group:
                group = actions.group(action_id)
                self.add_heading(group)
            self.column.addWidget(self._row(action.text(), keys))
            self.column.addWidget(rule())

    def _row(self, words: str, keys: list[str]) -> QFrame:
        row = QFrame()
        row.setAccessibleName(f"{words}: {', '.join(keys)}")
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 7, 0, 7)
        line.addWidget(PlainLabel(words, wrap=True), 1)
        column = QVBoxLayout()  # below each other: two beside each other are wider than a narrow page at large letters
        column.setSpacing(3)
        for text in keys:
            column.addWidget(PlainLabel(text.replace("+", " "), "keys"), 0, Qt.AlignmentFlag.AlignRight)
        line.addLayout(column)
        return row
