"""What the search screen shows in place of results: before a question, and when nothing was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop_app.domain.saved_search import SavedSearch
from desktop_app.domain.search import SearchMode, SearchResult
from desktop_app.domain.search_question import Question
from desktop_app.presenters.search_rows import has_weaker
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ButtonAction, EmptyState, PlainLabel, TextButton

_SAVED_SHOWN = 8
_LONGEST_HINT = 48


class MessagePlace(QScrollArea):
    """A message in place of results; scrolled where it is higher than its room, at a large font in a small window."""

    def __init__(self, message: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(message)


class StartPage(EmptyState):
    """What can be done here, the saved searches, and questions to try."""

    def __init__(
        self,
        theme: Theme,
        saved: Sequence[SavedSearch],
        suggestions: Sequence[str],
        *,
        open_saved: Callable[[SavedSearch], object],
        ask: Callable[[str], object],
    ) -> None:
        super().__init__(
            theme.icon("search", "muted_text"),
            _tr("Find notes by what they mean"),
            _tr("You need not remember the words that stand in them. Chats are searched, too."),
        )
        self._add_links(
            _tr("Your saved searches:"),
            [(each.name, partial(open_saved, each)) for each in saved[:_SAVED_SHOWN]],
        )
        self._add_links(_tr("Try it on the welcome notes:"), [(words, partial(ask, words)) for words in suggestions])

    def _add_links(self, heading: str, links: Sequence[ButtonAction]) -> None:
        if not links:
            return
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setSpacing(6)
        column.addWidget(PlainLabel(heading, "small"), 0, Qt.AlignmentFlag.AlignHCenter)
        for words, act in links:
            button = TextButton(words, "link")
            button.clicked.connect(lambda _=False, act=act: act())
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.add(holder)


class NothingPage(EmptyState):
    """Why there is nothing, and what may help. `corrected` is the question as it was probably meant."""

    def __init__(
        self,
        theme: Theme,
        question: Question,
        mode: SearchMode,
        result: SearchResult | None,
        notes_due: int,
        corrected: str = "",
        *,
        search_corrected: Callable[[], object],
        search_by_both: Callable[[], object],
        show_weaker: Callable[[], object],
        without_filters: Callable[[], object],
    ) -> None:
        hints: list[ButtonAction] = []
        searched_words = bool(question.words.strip())
        if corrected:
            words = corrected if len(corrected) <= _LONGEST_HINT else corrected[: _LONGEST_HINT - 1] + "…"
            hints.append((_tr("Search for “{words}”").replace("{words}", words), search_corrected))
        if mode is not SearchMode.BOTH and searched_words:
            hints.append((_tr("Search by both"), search_by_both))
        if result is not None and has_weaker(result):
            hints.append((_tr("Show weaker matches"), show_weaker))
        if question.filters and searched_words:
            hints.append((_tr("Search without filters"), without_filters))
        icon = theme.icon("search", "muted_text")
        super().__init__(icon, _title(question, mode), _sentence(question, result, notes_due), hints)


def _title(question: Question, mode: SearchMode) -> str:
    if question.similar_to is not None:
        return _tr("No other note is close to this one.")
    if question.is_list:
        return _tr("Nothing meets these filters.")
    if mode is SearchMode.WORDS:
        if question.filters:
            return _tr("Nothing that meets these filters has these words.")
        return _tr("No note and no message has these words.")
    if question.filters:
        return _tr("Nothing that meets these filters is close to this.")
    return _tr("Nothing in your notes and chats is close to this.")


def _sentence(question: Question, result: SearchResult | None, notes_due: int) -> str:
    if result is not None and result.meaning_problem and question.similar_to is not None:
        return result.meaning_problem
    if notes_due and not question.is_list:
        one = _tr("1 note is not indexed yet, so meaning does not know it. Words find it already.")
        more = _tr("{n} notes are not indexed yet, so meaning does not know them. Words find them already.")
        return one if notes_due == 1 else more.replace("{n}", f"{notes_due:,}")
    if question.filters:
        return _tr("Take out a filter above, or try another one.")
    return _tr("Try other words, fewer words, or a whole question.")


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchPages", text)
