"""Near duplicates on the screen: opened, kept, thrown away, each with a way back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import StoreReadOnlyError
from desktop_app.domain.near_duplicates import Difference, DuplicatePair, FoundPairs, Side
from desktop_app.presenters.near_duplicates import NearDuplicatesPresenter, PairsPhase
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.search.near_duplicates_page import NearDuplicatesPage
from desktop_app.ui.search.passage_text import PassageText
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import EmptyState, ErrorBox, PlainLabel

WHEN = datetime(2026, 3, 1, tzinfo=UTC)


def side(note_id: int) -> Side:
    return Side(note_id, f"Note {note_id}", "Home", WHEN, f"Beginning of {note_id}")


class Desk:
    """The service and the notes in one."""

    def __init__(self) -> None:
        self.trashed: set[int] = set()
        self.kept: set[tuple[int, int]] = set()
        self.fails = False
        self.indexed = True
        self.more = False
        self.pairs = [
            DuplicatePair(side(1), side(2), 0.95, (Difference("nine grams", "ten grams"),)),
            DuplicatePair(side(2), side(3), 0.8, ()),
            DuplicatePair(side(4), side(5), 0.7, (Difference("", "only there"),)),
        ]

    def find(self, cancel: CancelToken, progress: Callable[[float], None]) -> FoundPairs | None:
        if not self.indexed:
            return None
        left = [pair for pair in self.pairs if pair.key not in self.kept and not self.trashed & set(pair.key)]
        return FoundPairs(tuple(left), self.more)

    def keep(self, key: tuple[int, int]) -> None:
        self.kept.add(key)

    def forget(self, key: tuple[int, int]) -> None:
        self.kept.discard(key)

    def trash(self, note_ids: Sequence[int]) -> None:
        if self.fails:
            raise StoreReadOnlyError("The data folder cannot be written.")
        self.trashed.update(note_ids)

    def restore(self, note_ids: Sequence[int]) -> None:
        self.trashed.difference_update(note_ids)


class Room:
    def __init__(self, theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.desk = Desk()
        self.presenter = NearDuplicatesPresenter(self.desk, self.desk, tasks)
        self.undos: list[Callable[[], None]] = []
        self.presenter.notice.connect(lambda _words, undo: self.undos.append(undo))
        self.page = NearDuplicatesPage(self.presenter, theme)
        self.qtbot = qtbot
        qtbot.addWidget(self.page)
        self.page.resize(1000, 800)
        self.page.show()
        qtbot.waitExposed(self.page)
        self.page.opened()
        self.until(lambda: self.presenter.phase is PairsPhase.LISTED)

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=5000)

    def press(self, card: int, words: str, place: int = 0) -> None:
        buttons = [b for b in self.page.cards[card].findChildren(QPushButton) if b.text() == words]
        buttons[place].click()

    @property
    def keys(self) -> list[tuple[int, int]]:
        return [card.pair.key for card in self.page.cards]


@pytest.fixture
def room(theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> Room:
    return Room(theme, tasks, qtbot)


def marked_words(text: PassageText, theme: Theme) -> list[str]:
    found = []
    block = text.document().begin()
    while block.isValid():
        for part in block.textFormats():
            if part.format.background().color() == theme.color("highlight"):
                found.append(block.text()[part.start : part.start + part.length])
        block = block.next()
    return found


def test_pairs_show_both_beginnings_and_what_differs(room: Room, theme: Theme) -> None:
    assert room.keys == [(1, 2), (2, 3), (4, 5)]
    assert room.page.count.text() == "3 pairs"
    words = [label.text() for label in room.page.cards[0].findChildren(PlainLabel)]
    assert {"Beginning of 1", "Beginning of 2"} <= set(words)
    sentences = room.page.cards[0].findChildren(PassageText)
    assert [one.toPlainText() for one in sentences] == ["nine grams", "ten grams"]
    assert [marked_words(one, theme) for one in sentences] == [["nine"], ["ten"]]
    assert "95 % alike" in words
    opened: list[int] = []
    room.page.open_note.connect(opened.append)
    room.press(0, "Open")
    room.press(0, "Open", 1)
    assert opened == [1, 2]


def test_moving_one_to_the_trash_takes_all_its_pairs_and_undo_brings_them_back(room: Room) -> None:
    room.press(0, "Move to trash", 1)
    room.until(lambda: room.keys == [(4, 5)])
    assert room.desk.trashed == {2}
    room.undos[-1]()
    room.until(lambda: room.keys == [(1, 2), (2, 3), (4, 5)])


def test_keep_both_is_remembered_and_undone(room: Room) -> None:
    room.press(2, "Keep both")
    room.until(lambda: room.keys == [(1, 2), (2, 3)])
    assert room.desk.kept == {(4, 5)}
    room.undos[-1]()
    room.until(lambda: (4, 5) in room.keys)


def test_a_pair_is_offered_for_merging_and_leaves_with_the_note(room: Room) -> None:
    wanted: list[tuple[int, int]] = []
    room.page.merge_wanted.connect(lambda one, other: wanted.append((one, other)))
    room.press(1, "Merge…")
    assert wanted == [(2, 3)]
    room.presenter.leave_out(2)
    assert room.keys == [(4, 5)]


def test_a_failure_keeps_the_list(room: Room) -> None:
    room.desk.fails = True
    room.press(0, "Move to trash")
    room.until(lambda: room.page.findChildren(ErrorBox))
    assert room.keys == [(1, 2), (2, 3), (4, 5)]


def test_no_word_folder_or_font_makes_a_pair_wider_than_the_page(room: Room, theme: Theme) -> None:
    long = Side(7, "A title " * 40, "Papers/of the year " * 12, WHEN, "See https://example.org/" + "path" * 80)
    room.desk.pairs = [DuplicatePair(long, long, 0.9, (Difference("x" * 300, "y" * 300),))]
    theme.set_font_size(27)
    room.page.resize(640, 600)
    room.presenter.look()
    room.until(lambda: room.keys == [(7, 7)])
    column = room.page.findChild(QScrollArea)
    assert column is not None
    room.qtbot.wait(50)  # its layouts settle over some turns of the event loop
    assert column.widget().minimumSizeHint().width() <= column.viewport().width()
    assert column.widget().width() == column.viewport().width()


def test_the_keyboard_stays_in_its_place_in_the_list(room: Room) -> None:
    room.page.cards[1].keep_button.setFocus()
    room.page.cards[1].keep_button.click()
    room.until(lambda: room.keys == [(1, 2), (4, 5)])
    assert room.page.focusWidget() is room.page.cards[1].keep_button


def test_a_note_that_is_thrown_away_while_it_is_looked_for_pairs_does_not_come_back(room: Room) -> None:
    first = room.page.cards[0].pair.first
    begun, go_on = threading.Event(), threading.Event()
    find = room.desk.find

    def slowly(cancel: CancelToken, progress: Callable[[float], None]) -> list[DuplicatePair] | None:
        found = find(cancel, progress)
        begun.set()
        go_on.wait(5)
        return found

    room.desk.find = slowly  # type: ignore[method-assign]
    room.presenter.look()
    assert begun.wait(5)
    room.presenter.move_to_trash(first)
    room.until(lambda: room.undos)
    go_on.set()
    room.until(lambda: room.presenter.phase is PairsPhase.LISTED)
    assert room.keys == [(2, 3), (4, 5)]


def test_no_pairs_are_said(room: Room) -> None:
    room.desk.pairs = []
    room.page.again_button.click()
    room.until(lambda: any("nearly the same" in each.text() for each in room.page.findChildren(PlainLabel)))
    assert room.page.cards == []


def test_where_nothing_is_indexed_it_does_not_say_that_there_are_none(room: Room) -> None:
    room.desk.pairs = []
    room.presenter.look()
    room.until(lambda: _said(room) == "No two notes are nearly the same")
    assert room.page.count.text() == "0 pairs"
    room.desk.indexed = False
    room.presenter.look()
    room.until(lambda: _said(room) == "There is nothing to compare yet")
    assert room.page.count.text() == ""


def _said(room: Room) -> str:
    return next((each.title.text() for each in room.page.findChildren(EmptyState) if each.isVisible()), "")


def test_more_pairs_than_are_listed_are_said(room: Room) -> None:
    assert not room.page.more.isVisible()
    room.desk.more = True
    room.page.again_button.click()
    room.until(room.page.more.isVisible)
    room.desk.more = False
    room.page.again_button.click()
    room.until(lambda: room.presenter.phase is PairsPhase.LISTED)
    assert not room.page.more.isVisible()
