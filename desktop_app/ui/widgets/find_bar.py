"""A bar over a text that finds: a line to type into, "3 of 12", and the ways to the next place and the one before."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import IconButton
from desktop_app.ui.widgets.labels import PlainLabel, set_role


class FindLine(QLineEdit):
    """Enter goes on, Shift+Enter back, Esc closes."""

    step_wanted = Signal(int)
    close_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._takers: list[Callable[[QKeyEvent], bool]] = []

    def add_key_taker(self, takes: Callable[[QKeyEvent], bool]) -> None:
        """`takes(event)` is asked first, and says whether the key was its own."""
        self._takers.append(takes)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of a search."""
        if any(takes(event) for takes in self._takers):
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step_wanted.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_wanted.emit()
        else:
            super().keyPressEvent(event)


class FindBar(QFrame):
    """The bar; its subclasses look into a text: `_look_for`, `step`, `_leave`."""

    closed = Signal()

    def __init__(self, theme: Theme, hint: str, name: str, parent: QWidget | None = None) -> None:
        """`hint` stands in the empty line, `name` is read aloud."""
        super().__init__(parent)
        self.setProperty("role", "head")
        self.setAccessibleName(name)
        self.line = self.make_line(hint, self.tr("Text to find"))
        self.line.step_wanted.connect(self.step)
        self.line.textChanged.connect(self._look_for)
        self.count = PlainLabel("", "muted")
        self.before = IconButton(theme.icon("chevron-up"), self.tr("Place before (Shift+F3)"))
        self.before.clicked.connect(lambda: self.step(-1))
        self.next = IconButton(theme.icon("chevron-down"), self.tr("Next place (F3)"))
        self.next.clicked.connect(lambda: self.step(1))
        end = IconButton(theme.icon("close"), self.tr("Close (Esc)"))
        end.clicked.connect(self.close_bar)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(20, 8, 16, 8)
        self._grid.setSpacing(8)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(self.line, 0, 0)
        self._steps = self.make_row(self.count, self.before, self.next, end)
        self._grid.addWidget(self._steps, 0, 1)
        self.hide()

    def show_bar(self, text: str = "") -> None:
        """Show the bar with the keyboard in it; `text` replaces what was looked for last."""
        if text:
            self.line.setText(text)
        self.show()
        self.line.setFocus()
        self.line.selectAll()
        self._look_for(self.line.text())

    def close_bar(self) -> bool:
        """Hide the bar and look for nothing; false when it was hidden."""
        if self.isHidden():
            return False
        self.hide()
        self._leave()
        self.closed.emit()
        return True

    def step(self, direction: int) -> None:
        """Go to the next place (1) or to the one before (-1)."""
        raise NotImplementedError

    def _look_for(self, text: str) -> None:
        """What is to be found was typed."""
        raise NotImplementedError

    def _leave(self) -> None:
        """The bar was closed."""

    def enable_steps(self, enabled: bool) -> None:
        """Whether there is a place to go to."""
        self.before.setEnabled(enabled)
        self.next.setEnabled(enabled)

    def say(self, words: str, *, warns: bool = False) -> None:
        """Show how many there are, or that there is none."""
        set_role(self.count, "warning" if warns else "muted")
        self.count.setText(words)

    def say_place(self, number: int, total: int) -> None:
        """Show that this is place `number` of `total`."""
        self.say(self.tr("{0} of {1}").format(f"{number:,}", f"{total:,}"))

    def say_not_found(self) -> None:
        """Show that there is no place."""
        self.say(self.tr("Not found"), warns=True)

    def make_line(self, hint: str, name: str) -> FindLine:
        """A line to type into whose Esc closes the bar."""
        line = FindLine()
        line.setPlaceholderText(hint)
        line.setAccessibleName(name)
        line.close_wanted.connect(self.close_bar)
        return line

    def make_row(self, *widgets: QWidget) -> QWidget:
        """Widgets side by side."""
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in widgets:
            row.addWidget(widget)
        return holder
