"""A dialog that asks for one line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QCompleter, QDialog, QLineEdit, QVBoxLayout, QWidget

from desktop_app.ui.widgets.cards import button_row
from desktop_app.ui.widgets.labels import PlainLabel, least_width


class _LastWordCompleter(QCompleter):
    """Completes the last of several words; those before it stay."""

    def splitPath(self, path: str) -> list[str]:
        return [re.split(r"[\s,]", path)[-1].lstrip("#")]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        widget = self.widget()
        typed = widget.text() if isinstance(widget, QLineEdit) else ""
        begun = re.split(r"[\s,]", typed)[-1]
        return typed[: len(typed) - len(begun)] + super().pathFromIndex(index)


class LineDialog(QDialog):
    """A title, a sentence of help, a line to type into; `known` are offered while typing."""

    answered = Signal(str)  # without blanks around it; only when it was accepted

    def __init__(
        self,
        title: str,
        help_: str,
        text: str,
        known: Sequence[str],
        *,
        act: str,
        cancel: str,
        parent: QWidget | None,
        words: bool = False,
    ) -> None:
        """`act` and `cancel` are the words of the two buttons. `words`: each word is completed by itself."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(least_width(420, parent))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(PlainLabel(title, "title", wrap=True))
        layout.addWidget(PlainLabel(help_, "muted", wrap=True))
        self.line = QLineEdit(text)
        self.line.setAccessibleName(title)
        self.line.setAccessibleDescription(help_)
        self.line.setAcceptDrops(False)  # a file's path is no name
        completer = _LastWordCompleter(list(known), self.line) if words else QCompleter(list(known), self.line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.line.setCompleter(completer)
        self.line.selectAll()
        layout.addWidget(self.line)
        row = button_row(((act, self.accept), (cancel, self.reject)))
        row.insertStretch(0)
        layout.addLayout(row)
        self.line.returnPressed.connect(self.accept)
        self.accepted.connect(lambda: self.answered.emit(self.text))

    @property
    def text(self) -> str:
        """What was typed, without blanks around it."""
        return self.line.text().strip()
