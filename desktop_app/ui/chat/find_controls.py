"""Puts finding in a chat together: the actions, the bar, and the marks in the messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop_app.presenters.chat import ChatPresenter
from desktop_app.ui.chat.find_bar import ChatFindBar
from desktop_app.ui.chat.find_marks import FindMarks
from desktop_app.ui.chat.transcript_view import TranscriptView

if TYPE_CHECKING:
    from desktop_app.ui.actions import Actions
    from desktop_app.ui.theme.theme import Theme
    from desktop_app.ui.widgets.text_find_bar import TextFindBar

_LONGEST_SELECTION = 100


class FindControls(QObject):
    """`bar` is shown by Ctrl+F, over a page of free writing that page's own; another chat closes them."""

    def __init__(
        self,
        presenter: ChatPresenter,
        view: TranscriptView,
        theme: Theme,
        actions: Actions,
        page_bar: Callable[[], TextFindBar],
    ) -> None:
        """`page_bar()` is the bar of the page of free writing, asked for while one is shown."""
        super().__init__(view)
        self._presenter = presenter
        self._page_bar = page_bar
        self._view = view
        self._actions = actions
        self.bar = ChatFindBar(presenter.find, theme)
        self.marks = FindMarks(presenter.find, view, theme)
        self.bar.text_changed.connect(self._look_for)
        self.bar.closed.connect(view.setFocus)
        presenter.opened.connect(self._chat_opened)
        presenter.find.changed.connect(self._enable)
        presenter.transcript.appended.connect(lambda _index: self._enable())
        presenter.transcript.truncated.connect(lambda _index: self._enable())
        actions["chat.find"].triggered.connect(self._open)
        actions["chat.find_next"].triggered.connect(lambda: self._step(1))
        actions["chat.find_previous"].triggered.connect(lambda: self._step(-1))
        self._enable()

    def close(self) -> bool:
        """Close the bar that is shown; false where none is."""
        if self._presenter.slot.is_writing:
            return self._page_bar().close_bar()
        return self.bar.close_bar()

    def _step(self, direction: int) -> None:
        if self._presenter.slot.is_writing:
            self._page_bar().step(direction)
        else:
            self._presenter.find.step(direction)

    def _open(self) -> None:
        if self._presenter.slot.is_writing:
            self._page_bar().open_bar(replacing=False)
            return
        selected = self._view.selected_text()
        fits = len(selected) <= _LONGEST_SELECTION and "\n" not in selected
        self.bar.show_bar(selected if fits else "")

    def _look_for(self, text: str) -> None:
        anchor = self._view.anchor()
        self._presenter.find.look_for(text, anchor[0] if anchor is not None else 0)

    def _chat_opened(self) -> None:
        if not self.bar.isHidden():
            self.bar.hide()
            self._presenter.find.close()
        self._enable()

    def _enable(self) -> None:
        is_page = self._presenter.slot.is_writing
        self._actions["chat.find"].setEnabled(is_page or not self._presenter.is_empty)
        for name in ("chat.find_next", "chat.find_previous"):
            self._actions[name].setEnabled(is_page or self._presenter.find.total > 0)
