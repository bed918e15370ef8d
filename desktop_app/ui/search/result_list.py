"""The middle of the search screen: what was found, one card each, in groups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_app.domain.chat_search import MessagePassage
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.search import SearchOrder
from desktop_app.presenters.search import HitLikeness
from desktop_app.presenters.search_rows import Hit, SearchRow, key_of
from desktop_app.ui.search.result_card import ResultCard
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton
from desktop_app.ui.widgets.tab_order import place_in_tab_order


class ResultList(QScrollArea):
    """Cards that are taken again for the next answer. One of them may be selected."""

    chosen = Signal(int)  # row: pressed, or gone to by Tab
    opened = Signal(object)  # Hit
    place_chosen = Signal(int, int)  # row, number of the place among all of its hit
    weaker_wanted = Signal()
    more_wanted = Signal()
    ask_wanted = Signal()
    likeness_wanted = Signal(object)  # Hit
    similar_wanted = Signal(int)  # note id

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.cards: list[ResultCard] = []
        self._rows: list[SearchRow] = []
        self.selected: tuple[str, int] | None = None
        """The key of the selected row."""
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.setSpacing(13)
        self.chats_heading = PlainLabel(self.tr("IN CHATS"), "section_strong")
        self.weaker_heading = PlainLabel(self.tr("WEAKER MATCHES"), "section_strong")
        self.end_label = PlainLabel("", "muted")
        self.weaker_button = TextButton(self.tr("Show weaker matches"), "link")
        self.weaker_button.clicked.connect(self.weaker_wanted)
        self.more_button = TextButton(self.tr("Show more"), "link")
        self.more_button.clicked.connect(self.more_wanted)
        end = QHBoxLayout()
        end.addStretch()
        end.addWidget(self.end_label)
        end.addWidget(self.more_button)
        end.addStretch()
        self._column.addLayout(end)
        self.ask_button = TextButton(self.tr("Ask about these results"), "link")
        self.ask_button.clicked.connect(self.ask_wanted)
        for button in (self.weaker_button, self.ask_button):
            self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addStretch(1)
        self.setWidget(page)
        self._hide_headings()

    @property
    def shown(self) -> int:
        """How many hits there are."""
        return len(self._rows)

    @property
    def selected_row(self) -> int:
        """The selected hit's place, -1 for none."""
        return next((place for place, row in enumerate(self._rows) if row.key == self.selected), -1)

    def show_gone(self, hit: Hit, error: InkwellError) -> None:
        """Say on a hit's card that it is not there any more, and bring it into view."""
        for card in self.cards:
            if card.isVisibleTo(self) and card.hit is not None and key_of(card.hit) == key_of(hit):
                card.show_gone(error)
                self.ensureWidgetVisible(card)

    def hit_at(self, row: int) -> Hit | None:
        """The hit in a row, None where there is none."""
        return self._rows[row].hit if 0 <= row < len(self._rows) else None

    def show_rows(self, rows: Sequence[SearchRow], question: str, like: str, order: SearchOrder, now: datetime) -> None:
        """Show these; the scroll position stays."""
        self._rows = list(rows)
        self._hide_headings()
        while len(self.cards) < len(rows):
            self._add_card()
        for card, row in zip(self.cards, rows, strict=False):
            card.show_row(row, question, like, now)
            card.show()
        for card in self.cards[len(rows) :]:
            card.hide()
        self._place_headings(order)

    def show_end(self, words: str, *, offers_more: bool, offers_weaker: bool, offers_asking: bool) -> None:
        """Say below the last result what follows, and offer more of it, what fell short, and a chat about it."""
        self.ask_button.setVisible(offers_asking)
        self.more_button.setVisible(offers_more)
        self.end_label.setText(words)
        self.end_label.setVisible(bool(words))
        self.weaker_button.setVisible(offers_weaker)

    def clear(self) -> None:
        """Show nothing."""
        self._rows = []
        self.selected = None
        for card in self.cards:
            card.hide()

    def select(self, row: int, place: int = 0) -> Hit | None:
        """Select a row (-1 for none), at one of its hit's places; its hit."""
        hit = self.hit_at(row)
        self.selected = self._rows[row].key if hit is not None else None
        for at, card in enumerate(self.cards):
            is_selected = hit is not None and at == row
            card.set_selected(is_selected)
            card.select_place(place if is_selected else 0)
        return hit

    def reveal(self, row: int, place: int = 0) -> None:
        """Bring a row into view, or one of the places in it."""
        if 0 <= row < len(self._rows):
            card = self.cards[row]
            if not place:
                self.ensureWidgetVisible(card, 0, 20)
                return
            shown = card.places.rows[place - 1]
            # Its list may have been opened just now: it is laid out first.
            QTimer.singleShot(0, shown, lambda: self.ensureWidgetVisible(shown, 0, 20))

    def show_likeness(self, likeness: HitLikeness) -> None:
        """Shade the words in the card of that hit."""
        for card in self.cards[: len(self._rows)]:
            card.show_likeness(likeness)

    def fit(self, side: int) -> None:
        """Keep `side` pixels free at both sides, the scroll bar counted in."""
        scroll_bar = self.verticalScrollBar()
        bar = scroll_bar.sizeHint().width() if scroll_bar.maximum() > 0 else 0
        self._column.setContentsMargins(side, 4, max(0, side - bar), 28)

    def _add_card(self) -> None:
        card = ResultCard(self._theme)
        card.chosen.connect(lambda: self.chosen.emit(self.cards.index(card)))
        card.opened.connect(lambda: self.opened.emit(card.hit))
        card.likeness_wanted.connect(self.likeness_wanted)
        card.similar_wanted.connect(self.similar_wanted)
        card.place_chosen.connect(lambda place: self.place_chosen.emit(self.cards.index(card), place))
        card.tab_stops_changed.connect(self._order_tab_stops)
        self._column.insertWidget(len(self.cards), card)
        self.cards.append(card)
        self._order_tab_stops()

    def _order_tab_stops(self) -> None:
        if page := self.widget():
            place_in_tab_order(page, [stop for each in self.cards for stop in each.tab_stops])

    def _hide_headings(self) -> None:
        for heading in (self.chats_heading, self.weaker_heading):
            self._column.removeWidget(heading)
            heading.setParent(self.widget())
            heading.hide()

    def _place_headings(self, order: SearchOrder) -> None:
        """Above the first message and the first weaker match; by date messages stand among the notes."""
        places: list[tuple[int, PlainLabel]] = []
        first_message = next((at for at, row in enumerate(self._rows) if isinstance(row.hit, MessagePassage)), -1)
        first_weaker = next((at for at, row in enumerate(self._rows) if row.weaker), -1)
        if first_message > 0 and order is SearchOrder.RELEVANCE:
            places.append((first_message, self.chats_heading))
        if first_weaker >= 0:
            places.append((first_weaker, self.weaker_heading))
        for place, heading in reversed(places):
            self._column.insertWidget(place, heading)
            heading.show()
