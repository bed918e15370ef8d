"""Shortcuts: every action with its keys, from the one list of actions."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from desktop_app.ui.actions import Actions
from desktop_app.ui.settings.form_page import ColumnPage, rule
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel

_WORDS_WIDTH = 90


class _KeysRow(QFrame):
    """What an action does and its keys, beside each other where there is room for it."""

    def __init__(self, words: str, keys: list[str], theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(f"{words}: {', '.join(keys)}")
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 7, 0, 7)
        self._line.addWidget(PlainLabel(words, wrap=True), 1)
        self._keys = QWidget()
        column = QVBoxLayout(self._keys)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for text in keys:  # below each other: two beside each other are wider than a narrow page at large letters
            column.addWidget(PlainLabel(text.replace("+", " "), "keys"), 0, Qt.AlignmentFlag.AlignRight)
        self._line.addWidget(self._keys, 0, Qt.AlignmentFlag.AlignVCenter)

    def minimumSizeHint(self) -> QSize:
        """As narrow as the keys below the words are."""
        width = max(self._theme.px(_WORDS_WIDTH), self._keys.minimumSizeHint().width())
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = self.width() >= self._theme.px(_WORDS_WIDTH) + self._keys.sizeHint().width()
        directions = QBoxLayout.Direction
        self._line.setDirection(directions.LeftToRight if beside else directions.TopToBottom)


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
            self.column.addWidget(_KeysRow(action.text(), keys, theme))
            self.column.addWidget(rule())
