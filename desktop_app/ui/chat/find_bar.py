"""The bar over the transcript that finds a text in the open chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.presenters.find_in_chat import FindInChat
from desktop_app.ui.widgets.find_bar import FindBar

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme


class ChatFindBar(FindBar):
    """Shows what the presenter found; who listens to `text_changed` has it look."""

    text_changed = Signal(str)

    def __init__(self, presenter: FindInChat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, self.tr("Find in this chat…"), self.tr("Find in chat"), parent)
        self._presenter = presenter
        presenter.changed.connect(self._show_count)
        self._show_count()

    def step(self, direction: int) -> None:
        """Go to the next place (1) or to the one before (-1)."""
        self._presenter.step(direction)

    def _look_for(self, text: str) -> None:
        self.text_changed.emit(text)

    def _leave(self) -> None:
        self._presenter.close()

    def _show_count(self) -> None:
        presenter = self._presenter
        some = presenter.total > 0
        if some:
            self.say_place(presenter.number, presenter.total)
        elif presenter.text and presenter.is_current:
            self.say_not_found()
        else:
            self.say(self.tr("Looking…") if presenter.text else "")
        self.enable_steps(some)
