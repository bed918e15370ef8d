"""The search screen: a question, the notes and messages that answer it, and the one that is looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.editor_text import unit_count
from desktop_app.domain.saved_search import SavedSearch
from desktop_app.domain.search import SearchHit, SearchMode, SearchOrder
from desktop_app.domain.search_question import MOST_AMONG, MOST_CHARACTERS, FilterKind, written
from desktop_app.presenters.saved_searches import SavedSearchesPresenter
from desktop_app.presenters.search import SearchPhase, SearchPresenter, SearchView
from desktop_app.presenters.search_facets import facets_of, narrowed
from desktop_app.presenters.search_preview import Preview
from desktop_app.presenters.search_rows import Hit, has_weaker, key_of, rows_of
from desktop_app.ui.actions import Actions
from desktop_app.ui.search.chosen_result import ChosenResult
from desktop_app.ui.search.facet_row import FacetRow
from desktop_app.ui.search.filter_bar import FilterBar
from desktop_app.ui.search.how_to_search import HowToSearch
from desktop_app.ui.search.indexing_line import IndexingLine
from desktop_app.ui.search.meaning_banner import MeaningBanner
from desktop_app.ui.search.preview_pane import PreviewPane
from desktop_app.ui.search.question_completer import QuestionCompleter
from desktop_app.ui.search.question_controls import QuestionControls
from desktop_app.ui.search.result_place import ResultPlace
from desktop_app.ui.search.result_words import count_words, end_words
from desktop_app.ui.search.search_page import SearchPage
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import (
    IconLabel,
    SideDrawer,
)

_COLUMN = 760
_SIDE = 24
_WORDS_OF_A_QUESTION = 3


class SearchScreen(QWidget):
    """Search as typed. All of it works from the search box: Up and Down choose, Enter opens."""

    open_note = Signal(int, int, int)  # note id, start, end (character offsets of the passage)
    open_beside = Signal(int, int, int)  # the same, beside the note that is open
    open_message = Signal(int, int)  # chat id, message id
    ask_wanted = Signal(int, str)  # note id, title
    ask_among = Signal(list, list, str)  # ids and titles of notes, question
    models_wanted = Signal()
    notice_wanted = Signal(str, object)  # words, and what takes it back

    def __init__(
        self,
        presenter: SearchPresenter,
        theme: Theme,
        actions: Actions,
        saved: SavedSearchesPresenter | None = None,
    ) -> None:
        super().__init__()
        self._presenter = presenter
        self._theme = theme
        self._actions = actions
        self._saved = saved
        self.modifiers: Callable[[], Qt.KeyboardModifier] = QGuiApplication.keyboardModifiers
        """The keys that are held down."""
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
        self._pages = QStackedWidget()
        self._pages.addWidget(self.drawer)
        self._page_factories: dict[str, Callable[[], SearchPage]] = {}
        self._made_pages: dict[str, SearchPage] = {}
        layout.addWidget(self._pages)
        self._connect()
        self._show_view(presenter.view)
        presenter.load_choices()
        if presenter.indexing is not None:
            self.indexing.show_progress(presenter.indexing)

    # For the window -----------------------------------------------------------------------------

    def search_for(self, text: str) -> None:
        """Ask `text` at once (carried over from elsewhere)."""
        self.show_search()
        self.box.setText(text)
        self._presenter.set_query(text, at_once=True)
        self.focus_default()

    def choose_mode(self, mode: str) -> None:
        """Search by both legs or by one; a value of SearchMode."""
        self.show_search()
        self.segments.set_value(mode)
        self._presenter.set_mode(SearchMode(mode))

    def go_to_box(self) -> None:
        """Back from a page, if one is shown, and to the search box."""
        self.show_search()
        self.focus_default()

    def search_similar(self, note_id: int) -> None:
        """Look for the like of a note."""
        self.search_for(written(FilterKind.SIMILAR, str(note_id)) + " ")

    def toggle_order(self) -> None:
        """From relevance to date and back."""
        self.show_search()
        by_date = self._presenter.view.order is SearchOrder.DATE
        self._presenter.set_order(SearchOrder.RELEVANCE if by_date else SearchOrder.DATE)

    def open_saved_search(self, search: SavedSearch) -> None:
        """Ask a saved search again, in its mode and order."""
        self.choose_mode(search.mode)
        self._presenter.set_order(search.order)
        self.search_for(search.text)

    def save_search(self) -> None:
        """Keep the question under a name."""
        self.show_search()
        self.controls.save_search()

    def open_filters(self) -> None:
        """The menu of filters."""
        self.show_search()
        self.filters.open_menu(self.filters.filter_chip)

    def open_saved(self) -> None:
        """The menu of saved searches."""
        self.show_search()
        self.filters.open_menu(self.filters.saved_chip)

    def show_facets(self) -> None:
        """Show where the results lie, the keyboard on the first chip, or put the chips away."""
        self.show_search()
        self.facets_button.toggle()
        if self.facets_button.isChecked() and self.facets.chips:
            self.facets.chips[0].setFocus()

    def show_weaker(self) -> None:
        """Show the matches that fell short, where there are some."""
        self.show_search()
        view = self._presenter.view
        if view.result is not None and has_weaker(view.result):
            self._weaker_shown_for = view.query
            self._show_view(view)

    def explain_chosen(self) -> None:
        """Open or close the reasons of the chosen result, else the first one."""
        self.show_search()
        if self.results.shown:
            self.results.cards[self._chosen.row].why_button.toggle()

    def show_likeness_of_chosen(self) -> None:
        """Show which words carry the likeness of the chosen result, else the first one."""
        self.show_search()
        if self.results.shown:
            self.results.cards[self._chosen.row].ask_likeness()

    def next_place(self) -> None:
        """Look at the next place in the chosen note."""
        self._step_place(1)

    def previous_place(self) -> None:
        """Look at the place before it."""
        self._step_place(-1)

    def copy_quotation(self) -> None:
        """Copy what the preview shows as a quote that says where it stands."""
        if self.preview.hit is not None:
            self.preview.copy_quotation()
            self.notice_wanted.emit(self.tr("Quotation copied"), None)

    def find_similar_to_chosen(self) -> None:
        """Look for the like of the chosen note, else the first one."""
        hit = self._chosen.hit
        if isinstance(hit, SearchHit):
            self.search_similar(hit.note_id)

    def focus_default(self) -> None:
        """The search box, its text ready to be replaced; on a page, the page."""
        if self.page is not None:
            self.page.setFocus()
            return
        self.box.setFocus()
        self.box.selectAll()

    def set_compact(self, compact: bool) -> None:
        """The preview becomes a drawer."""
        self._compact = compact
        self.drawer.set_compact(compact)

    def leave_page(self) -> None:
        """From a page to the search; nothing where that is shown."""
        if self.page is not None:
            self.show_search()

    def on_escape(self) -> bool:
        """Esc leaves a page, closes the drawer, or else empties the box."""
        if self.page is not None:
            if not self.page.on_escape():
                self.show_search()
            return True
        if self.completer.isVisible():
            self.completer.dismiss()
            return True
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
        return {
            "query": self.box.text(),
            "mode": str(view.mode),
            "order": str(view.order),
            "widths": self.drawer.splitter.sizes(),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up where `save_state` left; what does not fit is passed over."""
        widths = state.get("widths")
        if isinstance(widths, list) and len(widths) == 2 and all(isinstance(width, int) for width in widths):
            self.drawer.splitter.setSizes(widths)
        if state.get("mode") in list(SearchMode):
            self.choose_mode(state["mode"])
        if state.get("order") in list(SearchOrder):
            self._presenter.set_order(SearchOrder(state["order"]))
        if isinstance(state.get("query"), str):
            self.box.setText(state["query"])

    # Pages behind ⋯ -----------------------------------------------------------------------------

    def add_page(self, name: str, make: Callable[[], SearchPage]) -> None:
        """Offer a page in the menu, under the action `search.NAME`; it is made when it is first gone to."""
        self._page_factories[name] = make
        self.menu.addAction(self._actions[f"search.{name}"])
        self.more_button.show()

    @property
    def page(self) -> SearchPage | None:
        """The page that is shown in the place of the search."""
        shown = self._pages.currentWidget()
        return shown if isinstance(shown, SearchPage) else None

    def open_page(self, name: str) -> None:
        """Go to a page that was added."""
        page = self._made_pages.get(name)
        if page is None:
            page = self._made_pages[name] = self._page_factories[name]()
            page.back_wanted.connect(self.show_search)
            self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        page.opened()

    def show_search(self) -> None:
        """Go back from a page."""
        if self.page is not None:
            self._pages.setCurrentWidget(self.drawer)
            self.box.setFocus()

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
        middle.setFocusProxy(self.box)
        self.choices = HowToSearch(self._theme, self._presenter.view.mode)
        self.segments, self.count = self.choices.segments, self.choices.number
        self.facets_button, self.more_button = self.choices.facets_button, self.choices.more_button
        self.menu = QMenu(self)
        self.more_button.set_menu(self.menu)
        self._top.addLayout(self.choices)
        self.filters = FilterBar(self._theme)
        self._top.addWidget(self.filters)
        self.facets = FacetRow()
        self._top.addWidget(self.facets)
        self.indexing = IndexingLine(self._theme, self._actions["index.keep_encoder"], self._presenter.hold_indexing)
        self._top.addWidget(self.indexing)
        self.banner = MeaningBanner(self._theme)
        self._top.addWidget(self.banner)
        outer.addLayout(self._top)
        outer.addSpacing(10)
        self.place = ResultPlace(self._presenter, self._theme, lambda: self.controls.saved)
        self.results = self.place.results
        self._chosen = ChosenResult(self.results, self._presenter)
        outer.addWidget(self.place, 1)
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
        self.box.setPlaceholderText(self.tr("Ask in your own words, or type words of a note or chat"))
        self.box.setAccessibleName(self.tr("Search your notes and chats"))
        self.box.setMaxLength(2 * MOST_CHARACTERS)  # what is over the limit is said, not swallowed
        self.box.installEventFilter(self)
        row.addWidget(self.box, 1)
        return frame

    def _connect(self) -> None:
        presenter = self._presenter
        self.box.textChanged.connect(presenter.set_query)
        self.segments.changed.connect(lambda value: presenter.set_mode(SearchMode(value)))
        presenter.view_changed.connect(self._show_view)
        presenter.preview_ready.connect(self._show_preview)
        presenter.preview_failed.connect(self.preview.show_error)
        presenter.indexing_changed.connect(self.indexing.show_progress)
        presenter.likeness_ready.connect(self.results.show_likeness)
        self.facets_button.toggled.connect(self.facets.open)
        self.facets.offered.connect(self.facets_button.setVisible)
        self.completer = QuestionCompleter(self.box, self._theme, lambda: presenter.choices)
        self.controls = QuestionControls(self.box, self.filters, presenter, self._saved, self)
        self.controls.notice_wanted.connect(self.notice_wanted)
        self.controls.open_wanted.connect(self.open_saved_search)
        self.facets.narrow_wanted.connect(
            lambda facet: self.controls.rewrite(narrowed(self._presenter.question, facet))
        )
        self.controls.saved_changed.connect(self.place.show_saved)
        self.place.saved_wanted.connect(self.open_saved_search)
        self.place.question_wanted.connect(self.search_for)
        self.place.rewrite_wanted.connect(self.controls.rewrite)
        self.place.both_wanted.connect(lambda: self._take_mode(SearchMode.BOTH))
        self.place.weaker_wanted.connect(self.show_weaker)
        self.banner.models_wanted.connect(self.models_wanted)
        self.preview.open_wanted.connect(self._open)
        self.preview.ask_wanted.connect(self._ask)
        self.results.chosen.connect(lambda row: self._choose(row, by_hand=True))
        self.results.opened.connect(self._open)
        self.results.place_chosen.connect(self._choose_place)
        self.preview.place_wanted.connect(self._step_place)
        self.results.weaker_wanted.connect(self.show_weaker)
        self.results.more_wanted.connect(self._show_more)
        self.results.ask_wanted.connect(self.ask_about_results)
        self.results.likeness_wanted.connect(presenter.load_likeness)
        self.results.similar_wanted.connect(self.search_similar)
        self.results.verticalScrollBar().rangeChanged.connect(lambda *_: self._fit())

    # Showing ------------------------------------------------------------------------------------

    def _show_view(self, view: SearchView) -> None:
        self.banner.show_view(view, self._presenter.question)
        self._show_order(view)
        weaker = view.phase is SearchPhase.NOTHING and self._shows_weaker(view)
        if view.phase is SearchPhase.RESULTS or weaker:
            self._show_hits(view)
            self.place.show_results()
            return
        self.results.clear()
        self.facets.show_facets([])
        self.count.setText("")
        self._chosen_by_hand = False
        self._chosen.forget()
        self.preview.show_nothing()
        self.drawer.close_drawer()
        self.place.show_message(view)

    def _shows_weaker(self, view: SearchView) -> bool:
        """Somebody asked for the weaker matches of this question, and there are some."""
        return view.result is not None and has_weaker(view.result) and self._weaker_shown_for == view.query

    def _show_order(self, view: SearchView) -> None:
        lists = self._presenter.question.is_list
        self.filters.show_order(SearchOrder.DATE if lists else view.order, fixed=lists)

    def _show_hits(self, view: SearchView) -> None:
        result = view.result
        if result is None:
            return
        with_weaker = self._weaker_shown_for == view.query
        rows = rows_of(result, with_weaker=with_weaker)
        like = self._presenter.similar_title
        self.results.show_rows(rows, result.words, like, result.order, datetime.now(UTC))
        end = end_words(result, view.limit, is_list=self._presenter.question.is_list) if result.final else ""
        self.results.show_end(
            end,
            offers_more=self._presenter.has_more,
            offers_weaker=result.final and has_weaker(result) and not with_weaker,
            offers_asking=result.final and bool(result.hits),
        )
        self.count.setText(count_words(result, with_weaker=with_weaker))
        if result.survey is not None:  # until then the last ones stand
            self.facets.show_facets(facets_of(result))
        self._keep_selection()

    # Choosing -----------------------------------------------------------------------------------

    def _keep_selection(self) -> None:
        """After a newer answer: the hit chosen by hand where it is still there, else the first; preview follows."""
        row = self.results.selected_row
        if row < 0:
            self._chosen_by_hand = False
        if not self._chosen_by_hand:
            row = 0 if self.results.shown and not self._compact else -1
        if not self._chosen.choose(row, self._chosen.place if self._chosen_by_hand else 0):
            self._chosen.forget()
            self.preview.show_nothing()

    def _choose(self, row: int, *, by_hand: bool = False) -> None:
        self._chosen.choose(row, self._chosen.place if row == self.results.selected_row else 0)
        self._chosen_by_hand = by_hand
        if by_hand and self._compact:
            self.drawer.open_drawer()

    def _choose_place(self, row: int, place: int) -> None:
        """One of a card's places; the first again when its list is closed."""
        if place or row == self.results.selected_row:
            self._chosen.choose(row, place)
            self._chosen_by_hand = True
            if place and self._compact:
                self.drawer.open_drawer()

    def _step_place(self, by: int) -> bool:
        """Whether there is another place in that direction."""
        row, place = self._chosen.row, self._chosen.place + by
        if not 0 <= place < len(self._chosen.places):
            return False
        self._choose_place(row, place)
        self.results.reveal(row, place)
        return True

    def _show_preview(self, preview: Preview) -> None:
        if key_of(preview.hit) == self.results.selected:
            self.preview.show_preview(preview)
            self.preview.show_place(self._chosen.place + 1, len(self._chosen.places))

    def _show_more(self) -> None:
        """The chosen result stays chosen, and the list where it is."""
        self._chosen_by_hand = self._chosen_by_hand or not self._compact
        self._presenter.show_more()

    def _step(self, by: int) -> None:
        """Down from the last result asks for more."""
        if by > 0 and self.results.selected_row == self.results.shown - 1 and self._presenter.has_more:
            self._show_more()
            return
        row = min(max(0, self.results.selected_row + by), self.results.shown - 1)
        if self._chosen.choose(row):
            self._chosen_by_hand = True
            self.results.reveal(row)

    def open_chosen_beside(self) -> None:
        """Open the chosen note, else the first one, beside the note that is open."""
        self._open(self._chosen.hit, beside=True)

    def _open(self, hit: Hit | None, *, beside: bool = False) -> None:
        """With Ctrl held, beside. What was deleted since it was found is said so on its card."""
        beside = beside or bool(self.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if hit is not None:
            self._presenter.find_out(
                hit, lambda: self._go_to(hit, beside=beside), lambda error: self.results.show_gone(hit, error)
            )

    def _go_to(self, hit: Hit, *, beside: bool) -> None:
        if isinstance(hit, SearchHit):
            opened = self.open_beside if beside else self.open_note
            span = hit.nearest_span
            start = hit.start + span.start if span else hit.start
            end = hit.start + span.end if span else hit.end
            opened.emit(hit.note_id, start, end)
        else:
            self.open_message.emit(hit.conversation_id, hit.message_id)

    def ask_about_chosen(self) -> None:
        """Ask about the chosen note, else the first one."""
        self._ask(self._chosen.hit)

    def ask_about_results(self) -> None:
        """Have a chat model answer from the first notes that were found."""
        self.show_search()
        result = self._presenter.view.result
        notes = [hit for hit in result.hits if isinstance(hit, SearchHit)][:MOST_AMONG] if result is not None else []
        if notes and result is not None:
            words = result.words.strip()
            question = words if len(words.split()) >= _WORDS_OF_A_QUESTION else ""
            self.ask_among.emit([hit.note_id for hit in notes], [hit.title for hit in notes], question)

    def _ask(self, hit: Hit | None) -> None:
        if isinstance(hit, SearchHit):
            self.ask_wanted.emit(hit.note_id, hit.title)

    def _open_selected(self) -> None:
        self._open(self._chosen.hit)

    def _take_mode(self, mode: SearchMode) -> None:
        self.segments.set_value(mode.value)
        self._presenter.set_mode(mode)

    # Events -------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.box and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._box_key(event)
        if watched is self._middle and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
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
            case Qt.Key.Key_Right if self._is_at_end():
                return self._step_place(1)
            case Qt.Key.Key_Left if self._chosen.place and self._is_at_end():
                return self._step_place(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                if self._presenter.view.pending and not self.results.shown:
                    self._presenter.set_query(self.box.text(), at_once=True)
                else:
                    self._open_selected()
            case _:
                return False
        return True

    def _is_at_end(self) -> bool:
        """Whether → has nowhere to go in the box."""
        return self.box.cursorPosition() == unit_count(self.box.text()) and not self.box.hasSelectedText()

    def _fit(self) -> None:
        side = max(_SIDE, (self._middle.width() - self._theme.px(_COLUMN)) // 2)
        self._top.setContentsMargins(side, 0, side, 0)
        self.choices.fit(self._middle.width() - 2 * side)
        self.place.fit(side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
