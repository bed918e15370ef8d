"""The page of near duplicates: pairs side by side, with what differs and what can be done."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.near_duplicates import DuplicatePair, Side
from desktop_app.domain.search import Span
from desktop_app.domain.word_changes import Spans, changed_words
from desktop_app.presenters.near_duplicates import NearDuplicatesPresenter, PairsPhase
from desktop_app.ui.dates import day_in_words
from desktop_app.ui.search.passage_text import PassageText
from desktop_app.ui.search.search_page import Column, SearchPage
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import (
    Card,
    ElidedLabel,
    EmptyState,
    ErrorBox,
    PlainLabel,
    TextButton,
    ThinProgress,
    breakable,
)
from desktop_app.ui.widgets.flow_row import FlowRow

_NARROWEST, _BESIDE = 220, 480


class PairCard(Card):
    """One pair, what differs, and what can be done with it."""

    open_wanted = Signal(int)
    merge_wanted = Signal(int, int)

    def __init__(self, pair: DuplicatePair, presenter: NearDuplicatesPresenter, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.pair = pair
        self._presenter = presenter
        titles = [side.title or self.tr("Untitled") for side in (pair.first, pair.second)]
        name = self.tr("{one} and {other}").format(one=titles[0], other=titles[1])
        self.setAccessibleName(name)
        column = self.layout_
        column.setSpacing(10)
        self._beside: list[QBoxLayout] = []
        both = self._add_line(column)
        for side in (pair.first, pair.second):
            both.addLayout(self._side(side), 1)
        self._add_differences(column)
        self._add_foot(column, name)

    def _add_foot(self, column: QVBoxLayout, name: str) -> None:
        """How much alike they are, and what can be done with both; `name` is that of the pair."""
        pair, presenter = self.pair, self._presenter
        foot = QHBoxLayout()
        words = self.tr("{n} % alike").format(n=round(100 * pair.alike))
        foot.addWidget(PlainLabel(words, "small"))
        foot.addStretch()
        self.keep_button = TextButton(self.tr("Keep both"))
        self.keep_button.clicked.connect(lambda: presenter.keep_both(pair))
        self.keep_button.setAccessibleName(self.tr("Keep both: {pair}").format(pair=name))
        merge = TextButton(self.tr("Merge…"))
        merge.setAccessibleName(self.tr("Merge {pair}").format(pair=name))
        merge.clicked.connect(lambda: self.merge_wanted.emit(pair.first.note_id, pair.second.note_id))
        foot.addWidget(merge)
        foot.addWidget(self.keep_button)
        column.addLayout(foot)

    def minimumSizeHint(self) -> QSize:
        """As narrow as one note is: two of them stand below each other then."""
        return QSize(self._theme.px(_NARROWEST), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        below = self.width() < self._theme.px(_BESIDE)
        directions = QBoxLayout.Direction
        for line in self._beside:
            line.setDirection(directions.TopToBottom if below else directions.LeftToRight)
            line.setSpacing(8 if below else 24)

    def _add_line(self, column: QVBoxLayout) -> QBoxLayout:
        """For what is of the one note, and of the other."""
        line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        line.setSpacing(24)
        self._beside.append(line)
        column.addLayout(line)
        return line

    def _side(self, side: Side) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        title = side.title or self.tr("Untitled")
        column.addWidget(ElidedLabel(title, "strong"))
        edited = self.tr("edited {when}").format(when=day_in_words(side.edited_at, datetime.now(UTC)))
        column.addWidget(ElidedLabel(f"{side.folder} · {edited}" if side.folder else edited, "small"))
        column.addWidget(PlainLabel(breakable(side.preview), "muted", wrap=True))
        column.addStretch()
        buttons = FlowRow()
        opens = TextButton(self.tr("Open"), "link")
        opens.setAccessibleName(self.tr("Open {title}").format(title=title))
        opens.clicked.connect(lambda: self.open_wanted.emit(side.note_id))
        trash = TextButton(self.tr("Move to trash"), "link")
        trash.setAccessibleName(self.tr("Move {title} to the trash").format(title=title))
        trash.clicked.connect(lambda: self._presenter.move_to_trash(side))
        buttons.set_widgets([opens, trash])
        column.addWidget(buttons)
        return column

    def _words(self, words: str, changed: Spans) -> PassageText:
        """A sentence with the words marked that the other one does not have."""
        text = PassageText(self._theme, name=words)
        text.show_text(words, [Span(start, end) for start, end in changed])
        return text

    def _add_differences(self, column: QVBoxLayout) -> None:
        found = self.pair.differences
        column.addWidget(PlainLabel(self.tr("What differs") if found else self.tr("The texts are the same"), "small"))
        for difference in found:
            row = self._add_line(column)
            changed = changed_words(difference.first, difference.second)
            for words, spans in zip((difference.first, difference.second), changed, strict=True):
                row.addWidget(self._words(words, spans) if words else PlainLabel(self.tr("(not here)"), "small"), 1)


class NearDuplicatesPage(SearchPage):
    """Looks for pairs when it is opened."""

    open_note = Signal(int)
    merge_wanted = Signal(int, int)  # ids of two notes

    def __init__(self, presenter: NearDuplicatesPresenter, theme: Theme) -> None:
        super().__init__("", theme)
        self.head.title.setText(self.tr("Near duplicates"))
        self.setAccessibleName(self.head.title.text())
        self._presenter = presenter
        self.count = PlainLabel("", "small")
        self.again_button = TextButton(self.tr("Look again"), "quiet")
        self.again_button.clicked.connect(presenter.look)
        self.stop_button = TextButton(self.tr("Stop"), "quiet")
        self.stop_button.clicked.connect(presenter.stop)
        for widget in (self.count, self.again_button, self.stop_button):
            self.head.add(widget)
        column = Column(theme)
        self.body.addWidget(column, 1)
        self._rows = column.layout_of_page
        self.progress = ThinProgress(theme, name=self.tr("Notes compared"))
        self._rows.addWidget(self.progress)
        words = self.tr("There may be more pairs than are listed. Look again when you are through with these.")
        self.more = PlainLabel(words, "muted", wrap=True)
        self.more.hide()
        self._rows.addWidget(self.more)
        self._rows.addStretch(1)
        self.cards: list[PairCard] = []
        self._message: QWidget | None = None
        presenter.changed.connect(self._show)
        presenter.progressed.connect(self.progress.set_fraction)
        self.setFocusProxy(self.back)

    def opened(self) -> None:
        if self._presenter.phase is not PairsPhase.LOOKING:
            self._presenter.look()
        self.back.setFocus()

    def _show(self) -> None:
        presenter = self._presenter
        looking = presenter.phase is PairsPhase.LOOKING
        self.progress.setVisible(looking)
        self._exchange_buttons(looking)
        count = len(presenter.pairs)
        compared = presenter.phase is PairsPhase.LISTED or bool(count)
        pairs = self.tr("The first {n} pairs") if presenter.more else self.tr("{n} pairs")
        self.count.setText(
            "" if not compared or looking else self.tr("1 pair") if count == 1 else pairs.format(n=count)
        )
        self._show_pairs([] if looking else presenter.pairs)
        self.more.setVisible(presenter.phase is PairsPhase.LISTED and presenter.more)
        failed = presenter.phase is PairsPhase.FAILED
        self._say(self._words() if failed or not (looking or self.cards) else None)

    def _exchange_buttons(self, looking: bool) -> None:
        """Stop or Look again; the keyboard stays on the one that is there."""
        shown, other = (self.stop_button, self.again_button) if looking else (self.again_button, self.stop_button)
        had_focus = other.hasFocus()
        shown.show()
        if had_focus:
            shown.setFocus()
        other.hide()

    def _show_pairs(self, pairs: list[DuplicatePair]) -> None:
        kept = {card.pair.key: card for card in self.cards if card.pair in pairs}
        focused = self.focusWidget()
        had_focus = next((at for at, card in enumerate(self.cards) if focused and card.isAncestorOf(focused)), None)
        stays = had_focus is not None and self.cards[had_focus].pair.key in kept
        for card in self.cards:
            if card.pair.key not in kept:
                self._rows.removeWidget(card)
                card.deleteLater()
        self.cards = []
        for place, pair in enumerate(pairs):
            if pair.key not in kept:
                kept[pair.key] = PairCard(pair, self._presenter, self.theme)
                kept[pair.key].open_wanted.connect(self.open_note)
                kept[pair.key].merge_wanted.connect(self.merge_wanted)
                self._rows.insertWidget(place + 1, kept[pair.key])
            self.cards.append(kept[pair.key])
        if had_focus is not None and not stays:  # on the pair that stands there now
            (self.cards[min(had_focus, len(self.cards) - 1)].keep_button if self.cards else self.back).setFocus()

    def _words(self) -> QWidget:
        presenter = self._presenter
        if presenter.phase is PairsPhase.FAILED and presenter.error is not None:
            again = ((self.tr("Try again"), presenter.look),)
            return ErrorBox(presenter.error, again, icon=self.theme.icon("warning", "warning"))
        if presenter.phase is PairsPhase.STOPPED:
            words = self.tr("You stopped it."), self.tr("Nothing was changed.")
        elif presenter.phase is PairsPhase.UNINDEXED:
            words = (
                self.tr("There is nothing to compare yet"),
                self.tr("Notes are compared once they are indexed by meaning. Indexing needs the search model."),
            )
        else:
            words = (
                self.tr("No two notes are nearly the same"),
                self.tr("Notes that are not indexed by meaning yet were not compared. Pairs you keep are not listed."),
            )
        return EmptyState(self.theme.icon("copy", "muted_text"), *words)

    def _say(self, widget: QWidget | None) -> None:
        if self._message is not None:
            self._rows.removeWidget(self._message)
            self._message.deleteLater()
        self._message = widget
        if widget is not None:
            self._rows.insertWidget(1, widget)
            widget.show()
