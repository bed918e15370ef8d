"""A note that matches in several places: each is counted, reached by keys, previewed, opened and quoted."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec.structs
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.search import HitPlace, ResultSurvey, Span
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from tests.fakes.fake_search import hit
from tests.ui.search_room import Room

LONG = "# One\n\nThe heron waits.\n\n# Two\n\nA heron flew.\n\n[page 12]\nThe last heron."


def place(passage: str, *heading_path: str, page: int = 0) -> HitPlace:
    start = LONG.index(passage)
    word = passage.index("heron")
    return HitPlace(start, start + len(passage), heading_path, passage, (Span(word, word + 5),), page=page)


@pytest.fixture
def room(theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    made = Room(theme, actions, tasks, qtbot)
    note = made.notes.add(LONG, "Birds")
    found = hit(note.id, "Long", "The heron waits.", LONG, meaning_rank=None)
    made.hits = (found, made.hits[1])
    made.search.places[note.id] = (place("A heron flew.", "Two"), place("The last heron.", "Two", page=12))
    made.ask("heron")
    made.until(made.screen.results.cards[0].places_button.isVisible)
    made.screen.box.end(False)
    yield made
    made.presenter.close()


def previewed(room: Room) -> str:
    return room.screen.preview.hit.passage if room.screen.preview.hit else ""


def test_a_card_says_how_many_more_places_there_are_and_lists_them_on_demand(room: Room) -> None:
    first, second = room.screen.results.cards[:2]
    assert first.places_button.text() == "2 more places"
    assert not second.places_button.isVisible()
    assert not first.places.isVisible()
    first.places_button.click()
    assert first.places.isVisible()
    texts = [row.text.toPlainText() for row in first.places.rows]
    assert texts == ["A heron flew.", "The last heron."]
    assert [row.place.text() for row in first.places.rows] == ["Two", "Two › page 12"]
    assert first.places.rows[1].accessibleName() == "Place 3 of 3"
    assert set(first.places.tab_stops) < set(first.tab_stops)


def test_keys_go_through_the_places_and_enter_opens_there(room: Room) -> None:
    card = room.screen.results.cards[0]
    room.key(Qt.Key.Key_Right)
    room.until(lambda: previewed(room) == "A heron flew.")
    assert card.places.isVisible()
    assert [row.property("selected") for row in card.places.rows] == [True, False]
    room.until(lambda: room.screen.preview.place_label.text() == "Place 2 of 3")
    room.key(Qt.Key.Key_Right)
    room.key(Qt.Key.Key_Right)  # there is no fourth
    room.until(lambda: previewed(room) == "The last heron.")
    assert not room.screen.preview.next_button.isEnabled()
    room.key(Qt.Key.Key_Return)
    start = LONG.index("The last heron.")
    room.until(lambda: room.opened)
    assert room.opened == [(room.hits[0].note_id, start, start + 15)]
    room.key(Qt.Key.Key_Left)
    room.until(lambda: previewed(room) == "A heron flew.")
    room.screen.previous_place()
    room.until(lambda: previewed(room) == "The heron waits.")
    room.key(Qt.Key.Key_Left)
    assert room.screen.box.cursorPosition() == len("heron") - 1  # in the box again


def test_nothing_is_wider_than_the_list_at_a_large_font(room: Room, theme: Theme) -> None:
    """A place that is gone to would else be shown without its beginning."""
    room.hits = (
        msgspec.structs.replace(room.hits[0], folder="A folder with a long name/and another below it/and one more"),
        room.hits[1],
    )
    room.screen.set_compact(True)
    room.screen.resize(880, 600)
    theme.set_font_size(27.0)
    try:
        room.ask("herons")
        room.until(room.screen.results.cards[0].places_button.isVisible)
        room.screen.next_place()
        results = room.screen.results
        page = results.widget()
        assert page is not None
        room.until(lambda: page.minimumSizeHint().width() <= results.viewport().width())
        room.until(lambda: results.horizontalScrollBar().value() == 0)
    finally:
        theme.set_font_size(13.5)


def test_keys_go_through_the_places_behind_an_emoji_too(room: Room) -> None:
    room.search.answers["heron 🙂"] = [room.result("heron 🙂")]
    room.ask("heron 🙂")
    room.until(room.screen.results.cards[0].places_button.isVisible)  # they come after the result
    room.screen.box.end(False)
    room.key(Qt.Key.Key_Right)
    room.until(lambda: previewed(room) == "A heron flew.")


def test_the_next_note_begins_at_its_first_place(room: Room) -> None:
    room.key(Qt.Key.Key_Right)
    room.key(Qt.Key.Key_Down)
    room.until(lambda: previewed(room) == room.hits[1].passage)
    assert not room.screen.preview.next_button.isVisible()
    room.key(Qt.Key.Key_Right)
    assert room.screen.results.selected_row == 1


def test_the_preview_goes_from_place_to_place(room: Room) -> None:
    room.until(room.screen.preview.next_button.isVisible)
    assert not room.screen.preview.previous_button.isEnabled()
    room.screen.preview.next_button.click()
    room.until(lambda: previewed(room) == "A heron flew.")
    room.screen.preview.previous_button.click()
    room.until(lambda: previewed(room) == "The heron waits.")


def test_a_place_is_chosen_by_a_click_and_left_when_its_list_is_closed(room: Room) -> None:
    card = room.screen.results.cards[0]
    card.places_button.click()
    QTest.mouseClick(card.places.rows[1], Qt.MouseButton.LeftButton)
    room.until(lambda: previewed(room) == "The last heron.")
    card.places_button.click()
    room.until(lambda: previewed(room) == "The heron waits.")
    assert not card.places.isVisible()


def test_a_newer_answer_keeps_the_place(room: Room) -> None:
    room.key(Qt.Key.Key_Right)
    room.until(lambda: previewed(room) == "A heron flew.")
    room.presenter.search_again()
    room.until(lambda: room.search.asked.count(room.search.asked[-1]) == 2 and not room.presenter.view.pending)
    room.until(lambda: (result := room.presenter.view.result) is not None and result.survey is not None)
    room.until(lambda: previewed(room) == "A heron flew.")


def test_another_note_in_the_card_closes_the_list(room: Room) -> None:
    card = room.screen.results.cards[0]
    room.key(Qt.Key.Key_Right)
    room.hits = (msgspec.structs.replace(room.hits[1]),)
    room.ask("other")
    assert not card.places.isVisible()
    assert not card.places_button.isVisible()


def test_a_quotation_says_where_it_stands(room: Room) -> None:
    room.until(lambda: previewed(room) == "The heron waits.")
    room.screen.preview.quote_button.click()
    assert QGuiApplication.clipboard().text() == "> The heron waits.\n>\n> — [[Long]]\n"
    room.screen.next_place()
    room.screen.next_place()
    room.until(lambda: previewed(room) == "The last heron.")
    room.screen.copy_quotation()
    assert QGuiApplication.clipboard().text() == "> The last heron.\n>\n> — [[Long#Two]], page 12\n"
    assert room.notices[-1][0] == "Quotation copied"


def test_all_that_is_found_is_counted_and_more_of_it_is_shown_on_demand(room: Room) -> None:
    room.hits = tuple(hit(100 + number, f"Note {number}", "A heron.") for number in range(20))
    room.search.surveys = {"herons": ResultSurvey(34, True), "swans": ResultSurvey(20, True)}
    room.ask("herons")
    room.until(lambda: room.screen.count.text() == "34 notes")
    assert room.screen.results.more_button.isVisible()
    room.screen.results.more_button.click()
    room.until(lambda: room.search.limits[-1] == 40 and not room.presenter.view.pending)
    assert not room.screen.results.more_button.isVisible()
    room.ask("swans")
    room.until(lambda: not room.screen.results.more_button.isVisible())
    assert room.screen.results.end_label.text() == "Nothing else is related enough to show."


def test_down_from_the_last_result_asks_for_more(room: Room) -> None:
    room.hits = tuple(hit(100 + number, f"Note {number}", "A heron.") for number in range(20))
    room.search.surveys = {"herons": ResultSurvey(34, False)}
    room.ask("herons")
    room.until(lambda: room.screen.count.text() == "34+ notes")
    room.screen.box.setFocus()
    for _ in range(19):
        room.key(Qt.Key.Key_Down)
    assert room.screen.results.selected_row == 19
    assert room.search.limits[-1] == 20
    room.key(Qt.Key.Key_Down)
    room.until(lambda: room.search.limits[-1] == 40 and not room.presenter.view.pending)
    assert room.screen.results.selected_row == 19
