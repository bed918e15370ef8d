"""Which result is looked at, and which of the places in it."""

from __future__ import annotations

from desktop_app.presenters.search import SearchPresenter
from desktop_app.presenters.search_rows import Hit, at_places
from desktop_app.ui.search.result_list import ResultList


class ChosenResult:
    """The list shows it, and the presenter reads it for the preview. `place` counts from 0, as it was found first."""

    def __init__(self, results: ResultList, presenter: SearchPresenter) -> None:
        self._results = results
        self._presenter = presenter
        self.place = 0

    @property
    def row(self) -> int:
        """Its row, else the first one."""
        return max(0, self._results.selected_row)

    @property
    def places(self) -> list[Hit]:
        """The chosen hit, else the first one, at each of its places; empty without results."""
        hit = self._results.hit_at(self.row)
        return at_places(hit) if hit is not None else []

    @property
    def hit(self) -> Hit | None:
        """The chosen hit, else the first one, at the place that is looked at."""
        places = self.places
        return places[min(self.place, len(places) - 1)] if places else None

    def choose(self, row: int, place: int = 0) -> bool:
        """Look at a row's hit, at one of its places, else the first. False where there is no such row."""
        hit = self._results.hit_at(row)
        if hit is None:
            return False
        places = at_places(hit)
        self.place = place if place < len(places) else 0
        self._results.select(row, self.place)
        self._presenter.load_preview(places[self.place])
        return True

    def forget(self) -> None:
        """There is nothing to look at."""
        self.place = 0
        self._results.select(-1)
        self._presenter.drop_preview()
