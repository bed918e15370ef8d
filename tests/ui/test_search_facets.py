"""Where the results lie: folders, tags and chats with their numbers, on demand, each a press away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.search import ResultSurvey
from desktop_app.domain.search_question import FilterKind, parse_question
from desktop_app.presenters.search_facets import MOST_OF_A_KIND, Facet, narrowed
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from tests.ui.search_room import Room

SURVEY = ResultSurvey(34, True, (("Gen AI", 34), ("Gen AI/Papers", 12), ("Work", 3)), (("decoder", 7), ("once", 1)))


@pytest.fixture
def room(theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    made = Room(theme, actions, tasks, qtbot)
    made.search.surveys["heron"] = SURVEY
    made.ask("heron")
    made.until(made.screen.facets_button.isVisible)
    yield made
    made.presenter.close()


def chips(room: Room) -> list[str]:
    return [chip.text() for chip in room.screen.facets.chips]


def test_they_are_closed_until_somebody_asks_and_stay_open_then(room: Room) -> None:
    assert not room.screen.facets.isVisible()
    room.screen.show_facets()
    assert room.screen.facets.isVisible()
    assert chips(room) == ["Gen AI/Papers  12", "Work  3", "#decoder  7"]  # what all have narrows nothing
    assert room.screen.facets.chips[0].hasFocus()
    room.search.surveys["gull"] = ResultSurvey(9, True, (("Sea", 4),))
    room.ask("gull")
    room.until(lambda: chips(room) == ["Sea  4"])
    assert room.screen.facets.isVisible()
    room.screen.show_facets()
    assert not room.screen.facets.isVisible()


def test_a_press_narrows_the_question(room: Room) -> None:
    room.screen.facets_button.click()
    QTest.keyClick(room.screen.facets.chips[0], Qt.Key.Key_Return)
    assert room.screen.box.text() == 'heron folder:"Gen AI/Papers" '
    room.until(lambda: room.search.asked[-1][0] == 'heron folder:"Gen AI/Papers"')


def test_messages_are_one_of_them(room: Room) -> None:
    room.say(1, "Chat", "A heron said.", "heron")
    room.ask("herons")
    room.until(lambda: chips(room) == ["in notes  2", "in chats  1"])
    room.screen.facets.chips[1].click()
    assert room.screen.box.text() == "herons in:chats "


def test_without_any_there_is_no_button(room: Room) -> None:
    room.screen.show_facets()
    room.ask("one place")
    room.until(lambda: not room.screen.facets_button.isVisible())
    assert not room.screen.facets.isVisible()
    room.hits = ()
    room.ask("nothing")
    assert not room.screen.facets_button.isVisible()


def test_few_of_each_kind_are_offered(room: Room) -> None:
    room.search.surveys["many"] = ResultSurvey(34, True, tuple((f"f{number}", 20 - number) for number in range(15)))
    room.ask("many")
    room.until(lambda: len(chips(room)) == MOST_OF_A_KIND)


@pytest.mark.parametrize(
    ("text", "facet", "becomes"),
    [
        ("heron", Facet(FilterKind.TAG, "bird", 3), "heron tag:bird "),
        ("heron tag:sea ", Facet(FilterKind.TAG, "bird", 3), "heron tag:sea tag:bird "),
        ("heron folder:a grey", Facet(FilterKind.FOLDER, "a/b", 3), "heron grey folder:a/b "),
        ("folder:a heron", Facet(FilterKind.FOLDER, "a/b", 3), "heron folder:a/b "),
        ("heron -folder:c", Facet(FilterKind.FOLDER, "a b", 3), 'heron -folder:c folder:"a b" '),
        ("heron in:notes", Facet(FilterKind.IN, "chats", 3), "heron in:chats "),
    ],
)
def test_a_folder_takes_the_place_of_another_since_several_mean_any(text: str, facet: Facet, becomes: str) -> None:
    assert narrowed(parse_question(text, today=date(2026, 3, 9)), facet) == becomes
