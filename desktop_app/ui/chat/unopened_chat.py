"""What stands in the place of a chat that could not be opened."""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.presenters.chat import UnopenedChat
from desktop_app.ui.chat.middle_page import MiddlePage
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import ButtonAction
from desktop_app.ui.widgets.cards import ErrorBox
from desktop_app.ui.widgets.problem_place import ProblemPlace


class UnopenedChatPage(MiddlePage):
    """Says what happened, why and what to do. `again()` tries to open the chat once more, `begin()` begins another."""

    def __init__(self, theme: Theme, again: Callable[[], object], begin: Callable[[], object]) -> None:
        super().__init__(theme)
        self._again = again
        self._begin = begin
        self._place = ProblemPlace(self._column, theme, self._middle)
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
