"""Saved searches for the screen: read, kept and forgotten off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.saved_search import SavedSearch
from desktop_app.presenters.tasks import TaskRunner


class SearchShelf(Protocol):
    """What this needs of the service."""

    def all(self) -> list[SavedSearch]: ...
    def save(self, search: SavedSearch) -> list[SavedSearch]: ...
    def forget(self, name: str) -> list[SavedSearch]: ...
    def put_back(self, search: SavedSearch, place: int) -> list[SavedSearch]: ...


class SavedSearchesPresenter(QObject):
    """The list as last read. Failures go where no screen has a better place for them."""

    changed = Signal(list)  # of SavedSearch
    forgotten = Signal(object, int)  # SavedSearch, and where it stood in the list

    def __init__(self, shelf: SearchShelf, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._tasks = tasks
        self._searches: list[SavedSearch] = []

    @property
    def searches(self) -> list[SavedSearch]:
        """In the order they were first saved."""
        return self._searches

    def load(self) -> None:
        """Read them; `changed` follows where they are not as before."""
        self._run(self._shelf.all)

    def save(self, search: SavedSearch) -> None:
        """Keep one, in place of one of the same name."""
        self._run(lambda: self._shelf.save(search))

    def forget(self, name: str) -> None:
        """Remove one; `forgotten` follows."""
        place = next((at for at, each in enumerate(self._searches) if each.name == name), None)
        if place is not None:
            search = self._searches[place]
            self._run(lambda: self._shelf.forget(name), lambda: self.forgotten.emit(search, place))

    def put_back(self, search: SavedSearch, place: int) -> None:
        """Keep a forgotten one again, where it stood; what was saved since stays."""
        self._run(lambda: self._shelf.put_back(search, place))

    def _run(self, work: Callable[[], list[SavedSearch]], then: Callable[[], None] = lambda: None) -> None:
        def done(searches: list[SavedSearch]) -> None:
            if searches != self._searches:
                self._searches = searches
                self.changed.emit(searches)
            then()

        self._tasks.run(lambda _token: work(), done=done)
