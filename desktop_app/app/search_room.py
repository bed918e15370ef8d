"""The room of search: its presenters, its screen, and what is connected with them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop_app.app.room import Room, WindowParts
from desktop_app.app.search_pages import SearchPages
from desktop_app.presenters.visits import Visit

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from desktop_app.app.container import Container
    from desktop_app.presenters.note_merging import NoteMergingPresenter
    from desktop_app.presenters.search import SearchView
    from desktop_app.ui.search.search_screen import SearchScreen

_log = logging.getLogger(__name__)


class SearchRoom(Room):
    """Its factory.

    Args:
        merging: makes one note out of two that are nearly the same.
        all_saved: keeps what is being typed in a note, and says whether it could.
    """

    def __init__(
        self,
        container: Container,
        window: WindowParts,
        parent: QObject,
        merging: NoteMergingPresenter,
        all_saved: Callable[[], bool],
    ) -> None:
        super().__init__(container, window, parent)
        self._merging = merging
        self._all_saved = all_saved

    def screen(self) -> SearchScreen:
        """Question, hits, and the pages behind its menu."""
        from desktop_app.presenters.saved_searches import SavedSearchesPresenter
        from desktop_app.presenters.search import SearchPresenter
        from desktop_app.ui.search.search_screen import SearchScreen

        container = self._container
        presenter = SearchPresenter(
            container.search_parts.search,
            container.notes,
            self._tasks,
            container.search_parts.background_indexer,
            messages=container.chat_search,
            parent=self,
        )
        self._upkeep.on_close.append(presenter.close)
        self._upkeep.on_change.append(presenter.refresh)
        saved = SavedSearchesPresenter(container.search_parts.saved_searches, self._tasks, presenter)
        self._upkeep.on_change.append(saved.load)
        screen = SearchScreen(presenter, self._theme, self._actions, saved)
        presenter.view_changed.connect(lambda view: self._visit_search(screen, view))
        screen.open_note.connect(self._shell.show_note)
        screen.open_beside.connect(self._shell.show_note_beside)
        screen.open_message.connect(self._shell.show_message)
        screen.notice_wanted.connect(self._shell.show_notice)
        screen.ask_wanted.connect(self._shell.ask_about_note)
        screen.ask_among.connect(self._shell.ask_among_notes)
        screen.models_wanted.connect(lambda: self._shell.go("models"))
        SearchPages(container, self._shell, self._theme, self._merging, self._all_saved, self).add_to(screen)
        container.search_parts.search.prepare()
        self._warm_encoder()
        return screen

    def _warm_encoder(self) -> None:
        """Load the search model before the first question; what is wrong with it, that question's answer says."""
        self._tasks.run(
            self._container.search_parts.serving_encoder.ensure,
            done=lambda _loaded: None,
            failed=lambda error: _log.warning("The search model was not loaded ahead: %s", error.code),
            channel="search.encoder",
        )

    def _visit_search(self, screen: SearchScreen, view: SearchView) -> None:
        # An answer also comes anew behind another room, when notes were indexed.
        if view.result is not None and screen.isVisible():
            self._visits.visit(Visit("search", text=view.query))
