"""Where the results lie, on demand: one chip each, which narrows the search to it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal

from desktop_app.presenters.search_facets import Facet
from desktop_app.ui.widgets import TextButton
from desktop_app.ui.widgets.flow_row import FlowRow


class FacetRow(FlowRow):
    """Closed at first; once opened it stays so for the next questions, too."""

    narrow_wanted = Signal(object)  # Facet
    offered = Signal(bool)  # whether there is anything to narrow to

    def __init__(self) -> None:
        super().__init__()
        self._facets: list[Facet] = []
        self._opened = False
        self.chips: list[TextButton] = []
        self.setAccessibleName(self.tr("Where the results lie"))
        self.hide()

    @property
    def facets(self) -> list[Facet]:
        """What is offered."""
        return self._facets

    def show_facets(self, facets: Sequence[Facet]) -> None:
        """Offer these."""
        if list(facets) == self._facets:
            return
        self._facets = list(facets)
        self.chips = [self._made(facet) for facet in facets]
        self.set_widgets(self.chips)
        self.setVisible(self._opened and bool(facets))
        self.offered.emit(bool(facets))

    def open(self, opened: bool) -> None:
        """Show or hide the chips."""
        self._opened = opened
        self.setVisible(opened and bool(self._facets))

    def _made(self, facet: Facet) -> TextButton:
        chip = TextButton(facet.words, "chip", tip=self.tr("Narrow the search to this"))
        chip.clicked.connect(lambda: self.narrow_wanted.emit(facet))
        return chip
