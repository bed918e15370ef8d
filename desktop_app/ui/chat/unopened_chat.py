"""What stands in the place of a chat that could not be opened."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_app.presenters.chat import UnopenedChat
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import ButtonAction
from desktop_app.ui.widgets.cards import ErrorBox
from desktop_app.ui.widgets.problem_place import ProblemPlace

_WIDTH = 560
_MARGIN = 24


class UnopenedChatPage(QScrollArea):
    """Says what happened, why and what to do. `again()` tries to open the chat once more, `begin()` begins another."""

    def __init__(self, theme: Theme, again: Callable[[], object], begin: Callable[[], object]) -> None:
        super().__init__()
        self._theme = theme
        self._again = again
        self._begin = begin
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        self.setWidget(inner)
        column = QVBoxLayout(inner)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._middle = QWidget()
        holder = QHBoxLayout()
        holder.addWidget(self._middle)
        column.addStretch(2)
        column.addLayout(holder)
        column.addStretch(3)
        rows = QVBoxLayout(self._middle)
        rows.setContentsMargins(0, 0, 0, 0)
        self._place = ProblemPlace(rows, theme, self._middle)
        theme.changed.connect(self._fit)
        self._fit()

    @property
    def box(self) -> ErrorBox | None:
        """What is said."""
        return self._place.box

    def show_chat(self, unopened: UnopenedChat) -> None:
        """Say it of this chat."""
        actions: list[ButtonAction] = [(self.tr("New chat"), self._begin)]
        if unopened.may_open_later:
            actions.insert(0, (self.tr("Try again"), self._again))
        self._place.show(unopened.error, actions)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._middle.setMaximumWidth(self._theme.px(_WIDTH))
