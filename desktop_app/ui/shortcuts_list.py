"""All shortcuts on one sheet, made from the list of actions, with a box that finds one."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QWidget

from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import IconButton
from desktop_app.ui.widgets.filter_box import FilterBox
from desktop_app.ui.widgets.floating_sheet import FloatingSheet
from desktop_app.ui.widgets.labels import PlainLabel


class _Line(NamedTuple):
    """An action: its labels, and the words that find it."""

    name: PlainLabel
    keys: PlainLabel
    words: tuple[str, ...]


class ShortcutsList(FloatingSheet):
    """Groups of actions with their keys. What is typed narrows them, the arrow and page keys scroll, Esc closes."""

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, width=460, height=560)
        self.set_name(self.tr("Keyboard shortcuts"))
        self._groups: list[tuple[PlainLabel, list[_Line]]] = []
        layout = self.content
        layout.setContentsMargins(20, 14, 12, 14)
        head = QHBoxLayout()
        head.addWidget(PlainLabel(self.tr("Keyboard shortcuts"), "title"))
        head.addStretch()
        close = IconButton(theme.icon("close", "muted_text"), self.tr("Close"), size=16)
        close.clicked.connect(self.hide)
        head.addWidget(close)
        layout.addLayout(head)
        self.filter = FilterBox(self.tr("Find an action or a key…"), parent=self)
        self.filter.textChanged.connect(self._narrow)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 8, 0)  # ends where the table does
        row.addWidget(self.filter)
        layout.addLayout(row)
        self.nothing = PlainLabel(
            self.tr("No key is for that. Ctrl+K finds actions without keys, too."), "muted", wrap=True
        )
        self.nothing.hide()
        layout.addWidget(self.nothing)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._make_table(actions))
        self.filter.leave_downwards.connect(lambda: self._scroll(Qt.Key.Key_Down))
        layout.addWidget(self._area, 1)

    def open_over(self, window: QWidget) -> None:
        self.filter.clear()
        self._area.verticalScrollBar().setValue(0)
        super().open_over(window)
        self.filter.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the box leaves over: the keys that scroll."""
        if not self._scroll(event.key()):
            super().keyPressEvent(event)

    def _scroll(self, key: int) -> bool:
        bar = self._area.verticalScrollBar()
        steps = {
            Qt.Key.Key_Down: bar.singleStep(),
            Qt.Key.Key_Up: -bar.singleStep(),
            Qt.Key.Key_PageDown: bar.pageStep(),
            Qt.Key.Key_PageUp: -bar.pageStep(),
        }
        if key not in steps:
            return False
        bar.setValue(bar.value() + steps[Qt.Key(key)])
        return True

    def _narrow(self, text: str) -> None:
        wanted = _words_of(text)
        found = False
        for heading, lines in self._groups:
            in_group = False
            for line in lines:
                shown = all(_begins_one(word, line.words) for word in wanted)
                line.name.setVisible(shown)
                line.keys.setVisible(shown)
                in_group = in_group or shown
            heading.setVisible(in_group)
            found = found or in_group
        self.nothing.setVisible(not found)

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
                self._groups.append((heading, []))
                row += 1
            name = PlainLabel(actions[action_id].text())
            name.setWordWrap(True)  # a long one leaves the keys their room
            grid.addWidget(name, row, 0)
            shown = "   ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
            label = PlainLabel(shown, "keys")
            grid.addWidget(label, row, 1, Qt.AlignmentFlag.AlignRight)
            self._groups[-1][1].append(_Line(name, label, _words_of(f"{group} {name.text()} {shown}")))
            row += 1
        grid.setRowStretch(row, 1)
        return table


def _words_of(text: str) -> tuple[str, ...]:
    """In small letters; "Ctrl+K", "ctrl k" and "CTRL + K" are the same words."""
    return tuple(text.casefold().replace("+", " ").split())


def _begins_one(wanted: str, words: tuple[str, ...]) -> bool:
    """A single letter is a key, and no beginning."""
    return wanted in words if len(wanted) == 1 else any(word.startswith(wanted) for word in words)
