"""The place of the results, and what stands there when there are none to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.saved_search import SavedSearch
from desktop_app.presenters.search import SearchPhase, SearchPresenter, SearchView
from desktop_app.ui.search.result_list import ResultList
from desktop_app.ui.search.search_pages import MessagePlace, NothingPage, StartPage
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import EmptyState, ErrorBox


class ResultPlace(QStackedWidget):
    """The results; else a start page, that it searches, why there is nothing, or why it failed."""

    saved_wanted = Signal(object)  # SavedSearch
    question_wanted = Signal(str)  # one to try
    rewrite_wanted = Signal(str)  # what the question is to be instead
    both_wanted = Signal()  # by words and by meaning
    weaker_wanted = Signal()

    def __init__(self, presenter: SearchPresenter, theme: Theme, saved: Callable[[], Sequence[SavedSearch]]) -> None:
        """`saved` tells the saved searches, which the start page offers."""
        super().__init__()
        self._presenter = presenter
        self._theme = theme
        self._saved = saved
        self._side = 0
        self._message: MessagePlace | None = None
        self._failure: QVBoxLayout | None = None
        self.results = ResultList(theme)
        self.addWidget(self.results)

    def fit(self, side: int) -> None:
        """Leave so many pixels free on either side."""
        self._side = side
        self.results.fit(side)
        if self._failure is not None:
            self._failure.setContentsMargins(side, 6, side, 0)

    def show_results(self) -> None:
        """The list, in place of any message."""
        self._take(None)

    def show_message(self, view: SearchView) -> None:
        """What this state has to say in place of results."""
        if view.phase is SearchPhase.EMPTY:
            self._take(self._start_page())
        elif view.phase is SearchPhase.SEARCHING:
            self._take(EmptyState(None, "", self.tr("Searching…")))
        elif view.phase is SearchPhase.FAILED and view.error is not None:
            self._take_failure(view.error)
        else:
            self._take(self._nothing_page(view))

    def show_saved(self) -> None:
        """The saved searches are others now."""
        if self._presenter.view.phase is SearchPhase.EMPTY:
            self._take(self._start_page())

    def _take_failure(self, error: InkwellError) -> None:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(self._side, 6, self._side, 0)
        again = (self.tr("Try again"), self._presenter.search_again)
        column.addWidget(ErrorBox(error, (again,), icon=self._theme.icon("warning", "warning")))
        column.addStretch()
        self._take(holder)
        self._failure = column

    def _start_page(self) -> QWidget:
        return StartPage(
            self._theme,
            self._saved(),
            self._presenter.suggestions,
            open_saved=self.saved_wanted.emit,
            ask=self.question_wanted.emit,
        )

    def _nothing_page(self, view: SearchView) -> QWidget:
        question = self._presenter.question
        indexing = self._presenter.indexing
        due = indexing.notes_due if indexing is not None and not indexing.replaces else 0
        corrected = self._presenter.corrected_question
        return NothingPage(
            self._theme,
            question,
            view.mode,
            view.result,
            max(due, view.result.notes_unindexed if view.result is not None else 0),
            corrected,
            search_corrected=lambda: self.rewrite_wanted.emit(corrected),
            search_by_both=self.both_wanted.emit,
            show_weaker=self.weaker_wanted.emit,
            without_filters=lambda: self.rewrite_wanted.emit(question.words),
        )

    def _take(self, widget: QWidget | None) -> None:
        self._failure = None
        if self._message is not None:
            self.removeWidget(self._message)
            self._message.deleteLater()
        self._message = MessagePlace(widget) if widget is not None else None
        if self._message is None:
            self.setCurrentWidget(self.results)
        else:
            self.addWidget(self._message)
            self.setCurrentWidget(self._message)
