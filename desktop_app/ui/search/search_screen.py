"""The search screen: a question, the notes that answer it, and the one that is looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.search import IndexingProgress, SearchHit, SearchMode
from desktop_app.presenters.search import Preview, SearchPhase, SearchPresenter, SearchView
from desktop_app.ui.actions import Actions
from desktop_app.ui.search.preview_pane import PreviewPane
from desktop_app.ui.search.result_card import ResultCard
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import (
    Banner,
    EmptyState,
    ErrorBox,
    IconLabel,
    PlainLabel,
    SegmentedControl,
    SideDrawer,
    TextButton,
    ThinProgress,
)

_COLUMN = 760
_SIDE = 24


class SearchScreen(QWidget):
    """Search as typed. All of it works from the search box: Up and Down choose, Enter opens."""

    open_note = Signal(int, int, int)  # note id, start, end (character offsets of the passage)
    ask_wanted = Signal(int, str)  # note id, title
    models_wanted = Signal()

    def __init__(self, presenter: SearchPresenter, theme: Theme, actions: Actions) -> None:
        super().__init__()
        self._presenter = presenter
        self._theme = theme
        self._actions = actions
        self._cards: list[ResultCard] = []
        self._shown = 0
        self._selected_note: int | None = None
        self._chosen_by_hand = False  # else the first result is shown, whichever it is by now
        self._weaker_shown_for = ""
        self._compact = False
        self.preview = PreviewPane(theme)
        self.drawer = SideDrawer(
            self._make_middle(),
            self.preview,
            close_icon=theme.icon("close", "muted_text"),
            close_text=self.tr("Close the preview"),
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.drawer)
        self._connect()
        self._show_view(presenter.view)
        if presenter.indexing is not None:
            self._show_indexing(presenter.indexing)

    # For the window -----------------------------------------------------------------------------

    def search_for(self, text: str) -> None:
        """Ask `text` at once (carried over from elsewhere)."""
        self.box.setText(text)
        self._presenter.set_query(text, at_once=True)
        self.focus_default()

    def choose_mode(self, mode: str) -> None:
        """Search by both legs or by one; a value of SearchMode."""
        self.segments.set_value(mode)
        self._presenter.set_mode(SearchMode(mode))

    def focus_default(self) -> None:
        """The search box, its text ready to be replaced."""
        self.box.setFocus()
        self.box.selectAll()

    def set_compact(self, compact: bool) -> None:
        """The preview becomes a drawer."""
        self._compact = compact
        self.drawer.set_compact(compact)

    def on_escape(self) -> bool:
        """Esc closes the drawer, else empties the box."""
        if self.drawer.close_drawer():
            return True
        if self.box.text():
            self.box.clear()
            self.box.setFocus()
            return True
        return False

    def save_state(self) -> dict[str, Any]:
        """Question, mode and widths for the next start."""
        view = self._presenter.view
        return {"query": self.box.text(), "mode": str(view.mode), "widths": self.drawer.splitter.sizes()}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up where `save_state` left; what does not fit is passed over."""
        widths = state.get("widths")
        if isinstance(widths, list) and len(widths) == 2 and all(isinstance(width, int) for width in widths):
            self.drawer.splitter.setSizes(widths)
        if state.get("mode") in list(SearchMode):
            self.choose_mode(state["mode"])
        if isinstance(state.get("query"), str):
            self.box.setText(state["query"])

    # Building -----------------------------------------------------------------------------------

    def _make_middle(self) -> QWidget:
        middle = self._middle = QWidget()
        middle.setMinimumWidth(360)
        outer = QVBoxLayout(middle)
        outer.setContentsMargins(0, 34, 0, 0)
        outer.setSpacing(0)
        self._top = QVBoxLayout()
        self._top.setSpacing(10)
        self._top.addWidget(self._make_box())
        self._top.addLayout(self._make_choices())
        self._top.addWidget(self._make_indexing())
        self._banner_place = QVBoxLayout()
        self._banner: Banner | None = None
        self._banner_text = ""
        self._top.addLayout(self._banner_place)
        outer.addLayout(self._top)
        outer.addSpacing(10)
        self._stack = QStackedWidget()
        self._scroll = self._make_results()
        self._stack.addWidget(self._scroll)
        self._message: QWidget | None = None
        outer.addWidget(self._stack, 1)
        middle.installEventFilter(self)
        return middle

    def _make_box(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("role", "composer")
        row = QHBoxLayout(frame)
        row.setContentsMargins(18, 15, 18, 15)
        row.setSpacing(12)
        row.addWidget(IconLabel(self._theme.icon("search", "muted_text"), 20))
        self.box = QLineEdit()
        self.box.setProperty("role", "search")
        self.box.setPlaceholderText(self.tr("Ask in your own words, or type words of the note"))
        self.box.setAccessibleName(self.tr("Search your notes"))
        self.box.setMaxLength(2_000)
        self.box.installEventFilter(self)
        row.addWidget(self.box, 1)
        return frame

    def _make_choices(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        self.segments = SegmentedControl(
            (
                (SearchMode.BOTH.value, self.tr("Best of both")),
                (SearchMode.MEANING.value, self.tr("Meaning")),
                (SearchMode.WORDS.value, self.tr("Exact words")),
            ),
            name=self.tr("How to search"),
            value=self._presenter.view.mode.value,
        )
        self.count = PlainLabel("", "small")
        self.count.setAccessibleName(self.tr("Number of notes found"))
        row.addWidget(self.segments)
        row.addStretch()
        row.addWidget(self.count)
        return row

    def _make_indexing(self) -> QWidget:
        self._indexing = QWidget()
        column = QVBoxLayout(self._indexing)
        column.setContentsMargins(2, 2, 2, 0)
        column.setSpacing(5)
        self.indexing_label = PlainLabel("", "small")
        self.indexing_bar = ThinProgress(self._theme, name=self.tr("Notes indexed"))
        column.addWidget(self.indexing_label)
        column.addWidget(self.indexing_bar)
        self._indexing.hide()
        return self._indexing

    def _make_results(self) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        self._results = QVBoxLayout(page)
        self._results.setSpacing(13)
        self._end = QHBoxLayout()
        self._end_label = PlainLabel(self.tr("Nothing else is related enough to show."), "muted")
        self._weaker_button = TextButton(self.tr("Show weaker matches"), "link")
        self._weaker_button.clicked.connect(self._show_weaker)
        self._end.addStretch()
        self._end.addWidget(self._end_label)
        self._end.addWidget(self._weaker_button)
        self._end.addStretch()
        self._results.addLayout(self._end)
        self._results.addStretch(1)
        area.setWidget(page)
        return area

    def _connect(self) -> None:
        presenter = self._presenter
        self.box.textChanged.connect(presenter.set_query)
        self.segments.changed.connect(lambda value: presenter.set_mode(SearchMode(value)))
        presenter.view_changed.connect(self._show_view)
        presenter.preview_ready.connect(self._show_preview)
        presenter.preview_failed.connect(self.preview.show_error)
        presenter.indexing_changed.connect(self._show_indexing)
        self.preview.open_wanted.connect(self._open)
        self.preview.ask_wanted.connect(self._ask)
        self._scroll.verticalScrollBar().rangeChanged.connect(lambda *_: self._fit())

    # Showing ------------------------------------------------------------------------------------

    def _show_view(self, view: SearchView) -> None:
        self._show_banner(view)
        if view.phase is SearchPhase.RESULTS:
            self._show_hits(view)
            self._take_message(None)
            return
        self._hide_cards()
        self.count.setText("")
        self._selected_note = None
        self._chosen_by_hand = False
        self.preview.show_nothing()
        self.drawer.close_drawer()
        self._take_message(self._message_for(view))

    def _message_for(self, view: SearchView) -> QWidget:
        if view.phase is SearchPhase.EMPTY:
            return self._start_page()
        if view.phase is SearchPhase.SEARCHING:
            return EmptyState(None, "", self.tr("Searching…"))
        if view.phase is SearchPhase.FAILED and view.error is not None:
            holder = QWidget()
            column = QVBoxLayout(holder)
            side = self._side()
            column.setContentsMargins(side, 6, side, 0)
            column.addWidget(
                ErrorBox(
                    view.error,
                    ((self.tr("Try again"), self._presenter.search_again),),
                    icon=self._theme.icon("warning", "warning"),
                )
            )
            column.addStretch()
            return holder
        return self._nothing_page(view)

    def _start_page(self) -> QWidget:
        page = EmptyState(
            self._theme.icon("search", "muted_text"),
            self.tr("Find notes by what they mean"),
            self.tr("You need not remember the words that stand in them."),
        )
        if self._presenter.suggestions:
            holder = QWidget()
            column = QVBoxLayout(holder)
            column.setSpacing(6)
            column.addWidget(
                PlainLabel(self.tr("Try it on the welcome notes:"), "small"), 0, Qt.AlignmentFlag.AlignHCenter
            )
            for words in self._presenter.suggestions:
                button = TextButton(words, "link")
                button.clicked.connect(lambda _=False, words=words: self.search_for(words))
                column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
            page.add(holder)
        return page

    def _nothing_page(self, view: SearchView) -> QWidget:
        hints: list[tuple[str, Callable[[], object]]] = []
        if view.mode is not SearchMode.BOTH:
            hints.append((self.tr("Search by both"), lambda: self._take_mode(SearchMode.BOTH)))
        if view.result is not None and view.result.weaker:
            hints.append((self.tr("Show weaker matches"), self._show_weaker))
        due = self._presenter.indexing.notes_due if self._presenter.indexing is not None else 0
        due = max(due, view.result.notes_unindexed if view.result is not None else 0)
        sentence = (
            self.tr("{n} notes are not indexed yet, so meaning does not know them. Words find them already.").replace(
                "{n}", f"{due:,}"
            )
            if due
            else self.tr("Try other words, fewer words, or a whole question.")
        )
        title = (
            self.tr("No note has these words.")
            if view.mode is SearchMode.WORDS
            else self.tr("Nothing in your notes is close to this.")
        )
        return EmptyState(self._theme.icon("search", "muted_text"), title, sentence, hints)

    def _take_message(self, widget: QWidget | None) -> None:
        if self._message is not None:
            self._stack.removeWidget(self._message)
            self._message.deleteLater()
        self._message = widget
        if widget is None:
            self._stack.setCurrentWidget(self._scroll)
        else:
            self._stack.addWidget(widget)
            self._stack.setCurrentWidget(widget)

    def _show_hits(self, view: SearchView) -> None:
        result = view.result
        if result is None:
            return
        with_weaker = self._weaker_shown_for == view.query
        hits = (*result.hits, *(result.weaker if with_weaker else ()))
        now = datetime.now(UTC)
        while len(self._cards) < len(hits):
            self._add_card()
        for card, hit in zip(self._cards, hits, strict=False):
            card.show_hit(hit, result.query, now)
            card.show()
        for card in self._cards[len(hits) :]:
            card.hide()
        self._shown = len(hits)
        self.count.setText(self._count_words(len(hits)))
        self._end_label.setVisible(result.final)
        self._weaker_button.setVisible(result.final and bool(result.weaker) and not with_weaker)
        self._keep_selection(hits)

    def _count_words(self, count: int) -> str:
        return self.tr("1 note") if count == 1 else self.tr("{n} notes").replace("{n}", str(count))

    def _hide_cards(self) -> None:
        self._shown = 0
        for card in self._cards:
            card.hide()

    def _add_card(self) -> None:
        card = ResultCard(self._theme)
        card.chosen.connect(lambda: self._choose(self._cards.index(card), by_hand=True))
        card.opened.connect(lambda: self._open(card.hit))
        self._results.insertWidget(len(self._cards), card)
        self._cards.append(card)

    def _show_banner(self, view: SearchView) -> None:
        result = view.result
        text, actions = "", []
        if result is not None and view.mode is not SearchMode.WORDS and not result.meaning_ready:
            if result.meaning_problem:
                text = result.meaning_problem + " " + self.tr("These are word matches.")
                actions = [(self.tr("Open Models"), self.models_wanted.emit)]
            else:
                text = self.tr("Meaning is still loading: these are word matches.")
        if text == self._banner_text:
            return
        self._banner_text = text
        if self._banner is not None:
            self._banner_place.removeWidget(self._banner)
            self._banner.deleteLater()
            self._banner = None
        if text:
            self._banner = Banner(text, actions, icon=self._theme.icon("info", "accent"))
            self._banner_place.addWidget(self._banner)
            self._banner.show()  # at once, not with the next turn of the event loop

    def _show_indexing(self, progress: IndexingProgress) -> None:
        due = progress.notes_due
        self._indexing.setVisible(due > 0)
        words = self.tr("1 note still to index") if due == 1 else self.tr("{n} notes still to index")
        words = words.replace("{n}", f"{due:,}")
        if progress.paused:
            words += self.tr(" · waits while an answer is written")
        self.indexing_label.setText(words)
        total = progress.chunks_embedded + progress.chunks_due
        self.indexing_bar.set_fraction(progress.chunks_embedded / total if total else None)

    # Choosing -----------------------------------------------------------------------------------

    def _keep_selection(self, hits: tuple[SearchHit, ...]) -> None:
        """After a newer answer: the note chosen by hand where it is still there, else the first; preview follows."""
        row = next((number for number, hit in enumerate(hits) if hit.note_id == self._selected_note), -1)
        if row < 0:
            self._chosen_by_hand = False
        if not self._chosen_by_hand:
            row = 0 if hits and not self._compact else -1
        if row >= 0:
            self._select(row)
            return
        self._selected_note = None
        self.preview.show_nothing()
        for card in self._cards:
            card.set_selected(False)

    def _choose(self, row: int, *, by_hand: bool = False) -> None:
        self._select(row)
        self._chosen_by_hand = by_hand
        if by_hand and self._compact:
            self.drawer.open_drawer()

    def _select(self, row: int) -> None:
        if not 0 <= row < self._shown:
            return
        hit = self._cards[row].hit
        if hit is None:
            return
        self._selected_note = hit.note_id
        for number, card in enumerate(self._cards):
            card.set_selected(number == row)
        self._presenter.load_preview(hit)

    @property
    def selected_row(self) -> int:
        """The chosen result's place, -1 for none."""
        for number, card in enumerate(self._cards[: self._shown]):
            if card.hit is not None and card.hit.note_id == self._selected_note:
                return number
        return -1

    def _show_preview(self, preview: Preview) -> None:
        if preview.hit.note_id == self._selected_note:
            self.preview.show_preview(preview)

    def _step(self, by: int) -> None:
        row = min(max(0, self.selected_row + by), self._shown - 1)
        if row >= 0:
            self._select(row)
            self._chosen_by_hand = True
            self._scroll.ensureWidgetVisible(self._cards[row], 0, 20)

    def _open(self, hit: SearchHit | None) -> None:
        if hit is not None:
            span = hit.nearest_span
            start = hit.start + span.start if span else hit.start
            end = hit.start + span.end if span else hit.end
            self.open_note.emit(hit.note_id, start, end)

    def ask_about_chosen(self) -> None:
        """Ask about the chosen result, else the first one."""
        if self._shown:
            self._ask(self._cards[max(0, self.selected_row)].hit)

    def _ask(self, hit: SearchHit | None) -> None:
        if hit is not None:
            self.ask_wanted.emit(hit.note_id, hit.title)

    def _open_selected(self) -> None:
        row = self.selected_row if self.selected_row >= 0 else 0
        if self._shown:
            self._open(self._cards[row].hit)

    def _take_mode(self, mode: SearchMode) -> None:
        self.segments.set_value(mode.value)
        self._presenter.set_mode(mode)

    def _show_weaker(self) -> None:
        view = self._presenter.view
        self._weaker_shown_for = view.query
        if view.result is not None:
            self._show_hits(view)
            self._take_message(None)

    # Events -------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.box and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._box_key(event)
        if watched is self._middle and event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _box_key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Down:
                self._step(1)
            case Qt.Key.Key_Up:
                self._step(-1)
            case Qt.Key.Key_PageDown:
                self._step(4)
            case Qt.Key.Key_PageUp:
                self._step(-4)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                if self._presenter.view.pending and not self._shown:
                    self._presenter.set_query(self.box.text(), at_once=True)
                else:
                    self._open_selected()
            case _:
                return False
        return True

    def _side(self) -> int:
        return max(_SIDE, (self._middle.width() - self._theme.px(_COLUMN)) // 2)

    def _fit(self) -> None:
        side = self._side()
        self._top.setContentsMargins(side, 0, side, 0)
        scroll_bar = self._scroll.verticalScrollBar()
        bar = scroll_bar.sizeHint().width() if scroll_bar.maximum() > 0 else 0
        self._results.setContentsMargins(side, 4, max(0, side - bar), 28)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
