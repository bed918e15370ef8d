"""The search screen over a fake search with two notes and a message, for tests."""

from __future__ import annotations

from collections.abc import Callable

import msgspec.structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.chat_search import MessagePassage
from desktop_app.domain.saved_search import SavedSearch
from desktop_app.domain.search import SearchHit, SearchMode, SearchResult
from desktop_app.presenters.saved_searches import SavedSearchesPresenter
from desktop_app.presenters.search import SearchPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.search.search_screen import SearchScreen
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel
from tests.fakes.fake_notes import FakeNotes
from tests.fakes.fake_search import FakeIndexer, FakeMessages, FakeSearch, hit, message_hit, spans_of

ONE = "# One\n\n🙂 The first passage. Its second sentence."
TWO = "# Two\n\nAnother passage about models."
PASSAGE_ONE = "🙂 The first passage. Its second sentence."
PASSAGE_TWO = "Another passage about models."


class Shelf:
    """Saved searches in memory."""

    def __init__(self) -> None:
        self.kept: list[SavedSearch] = []

    def all(self) -> list[SavedSearch]:
        return list(self.kept)

    def save(self, search: SavedSearch) -> list[SavedSearch]:
        self.kept = [each for each in self.kept if each.name != search.name] + [search]
        return self.all()

    def forget(self, name: str) -> list[SavedSearch]:
        self.kept = [each for each in self.kept if each.name != name]
        return self.all()

    def put_back(self, search: SavedSearch, place: int) -> list[SavedSearch]:
        self.kept.insert(place, search)
        return self.all()


class Room:
    """The screen. `hits` and `messages` are what `ask` finds; `opened` and `notices` what the screen sent out."""

    def __init__(self, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.notes = FakeNotes()
        self.notes.add(ONE, "Gen AI")
        self.notes.add(TWO, "Gen AI")
        self.hits: tuple[SearchHit, ...] = (
            hit(1, "One", PASSAGE_ONE, ONE, words_rank=None, similarity=0.6),
            hit(2, "Two", PASSAGE_TWO, TWO, meaning_rank=2, word_spans=spans_of(PASSAGE_TWO, "models")),
        )
        self.messages: tuple[MessagePassage, ...] = ()
        self.said = FakeMessages()
        self.search = FakeSearch()
        self.indexer = FakeIndexer()
        self.shelf = Shelf()
        self.presenter = SearchPresenter(
            self.search, self.notes, tasks, self.indexer, debounce_ms=1, messages=self.said
        )
        self.saved = SavedSearchesPresenter(self.shelf, tasks, self.presenter)
        self.screen = SearchScreen(self.presenter, theme, actions, self.saved)
        self.opened: list[tuple[int, int, int]] = []
        self.opened_messages: list[tuple[int, int]] = []
        self.notices: list[tuple[str, Callable[[], object] | None]] = []
        self.screen.open_message.connect(lambda *place: self.opened_messages.append(place))
        self.screen.notice_wanted.connect(lambda *notice: self.notices.append(notice))
        self.screen.open_note.connect(lambda *place: self.opened.append(place))
        qtbot.addWidget(self.screen)
        self.screen.resize(1300, 800)
        self.screen.show()
        qtbot.waitExposed(self.screen)

    def result(self, query: str, **values: object) -> SearchResult:
        return msgspec.structs.replace(
            SearchResult(query, SearchMode.BOTH, self.hits, 0.01, messages=self.messages),
            **values,  # type: ignore[arg-type]
        )

    def ask(self, query: str, **values: object) -> None:
        self.search.answers[query] = [self.result(query, **values)]
        self.screen.box.setText(query)
        self.until(lambda: self.presenter.view.query == query and not self.presenter.view.pending)

    def say(self, message_id: int, title: str, text: str, *words: str, **values: object) -> MessagePassage:
        """Something that was said in a chat, and is found by `ask` from then on."""
        self.said.texts[message_id] = text
        found = message_hit(message_id, title, text, *words, **values)
        self.messages = (*self.messages, found)
        return found

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=5000)

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.screen.box, key)

    @property
    def words(self) -> list[str]:
        return [label.text() for label in self.screen.findChildren(PlainLabel) if label.isVisibleTo(self.screen)]
