"""The other places of a note that was found: one row each, closed until somebody asks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain.search import SearchHit
from desktop_app.presenters.search_words import excerpt, place_in_note
from desktop_app.ui.search.passage_text import PassageText
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Card, PlainLabel

_EXCERPT = 170


class PlaceRow(Card):
    """Headings and page of a place, and its words."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(interactive=True, role="place")
        self.layout_.setContentsMargins(10, 3, 4, 5)
        self.layout_.setSpacing(2)
        self.place = PlainLabel("", "small")
        self.text = PassageText(theme, name=self.tr("Passage"))
        self.layout_.addWidget(self.place)
        self.layout_.addWidget(self.text)

    def show_place(self, hit: SearchHit, number: int, count: int) -> None:
        """Show a hit at one of its places; `number` of `count`, from 1."""
        place = place_in_note(hit)
        self.place.setText(place)
        self.place.setVisible(bool(place))
        part = excerpt(hit, _EXCERPT)
        self.text.show_text(part.text, part.marks, part.strong, code=part.code)
        name = self.tr("Place {number} of {count}").replace("{number}", str(number)).replace("{count}", str(count))
        self.setAccessibleName(name)
        self.setAccessibleDescription(f"{place}. {part.text}" if place else part.text)


class PlaceList(QWidget):
    """Rows that are taken again for another hit."""

    chosen = Signal(int)  # number of the place among all of the hit; 0 is the one that the card shows

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: list[PlaceRow] = []
        self._shown = 0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 2, 0, 2)
        self._column.setSpacing(4)
        self.setAccessibleName(self.tr("More places in this note"))

    @property
    def tab_stops(self) -> tuple[QWidget, ...]:
        """The rows that are shown."""
        return tuple(self.rows[: self._shown])

    def show_places(self, hits: Sequence[SearchHit]) -> None:
        """Show the hit at these places, the first of which is number 1."""
        while len(self.rows) < len(hits):
            self._add_row()
        self._shown = len(hits)
        for number, (row, hit) in enumerate(zip(self.rows, hits, strict=False), start=1):
            row.show_place(hit, number + 1, len(hits) + 1)
            row.show()
        for row in self.rows[len(hits) :]:
            row.hide()

    def select(self, number: int) -> None:
        """Give one row the accent's edge; 0 for none."""
        for place, row in enumerate(self.rows, start=1):
            row.set_selected(place == number)

    def _add_row(self) -> None:
        row = PlaceRow(self._theme)
        number = len(self.rows) + 1
        row.clicked.connect(lambda: self.chosen.emit(number))
        self.rows.append(row)
        self._column.addWidget(row)
