"""The map on the screen: by keys, by mouse, quick with ten thousand notes, and read aloud."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import StoreDamagedError
from desktop_app.domain.note_map import NoteMap
from desktop_app.presenters.note_map import MapPhase, NoteMapPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.search.map_places import MapPlaces
from desktop_app.ui.search.note_map_page import NoteMapPage
from desktop_app.ui.search.note_map_view import NoteMapView, colours_apart
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ErrorBox, PlainLabel
from tests.ui.event_loop import seconds_with_a_core

CROSS = NoteMap(
    (11, 12, 13, 14, 15),
    ("middle", "left", "right", "up", "down"),
    (0.0, -2.0, 2.0, 0.0, 0.0),
    (0.0, 0.0, 0.0, -2.0, 2.0),
    (0, 0, 0, 1, 1),
    ("bread · oven", ""),
)


class Maps:
    def __init__(self) -> None:
        self.gate = threading.Event()
        self.made: NoteMap | None = CROSS
        self.error: StoreDamagedError | None = None

    def make(self, cancel: CancelToken, progress: Callable[[float], None]) -> NoteMap | None:
        progress(0.25)
        with cancel.telling(self.gate.set):
            assert self.gate.wait(10)
        cancel.raise_if_cancelled()
        if self.error is not None:
            raise self.error
        return self.made


@pytest.fixture
def maps() -> Maps:
    return Maps()


@pytest.fixture
def page(maps: Maps, theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> NoteMapPage:
    made = NoteMapPage(NoteMapPresenter(maps, tasks), theme)
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.opened()
    return made


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> NoteMapView:
    made = NoteMapView(theme)
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show_map(CROSS)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_progress_then_the_map_with_the_keyboard_on_it(page: NoteMapPage, maps: Maps, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.progress.fraction == 0.25)
    assert page.stop_button.isVisible()
    maps.gate.set()
    qtbot.waitUntil(page.view.isVisible)
    assert page.count.text() == "5 notes"
    assert page.view.hasFocus()


def test_stop_leaves_a_way_to_draw_it_after_all(page: NoteMapPage, maps: Maps, qtbot: QtBot) -> None:
    page.stop_button.click()
    qtbot.waitUntil(lambda: any(b.text() == "Draw the map" for b in page.findChildren(QPushButton)))
    assert page._presenter.phase is MapPhase.STOPPED
    next(b for b in page.findChildren(QPushButton) if b.text() == "Draw the map").click()
    qtbot.waitUntil(page.view.isVisible)


@pytest.mark.parametrize("fails", [True, False])
def test_failure_and_too_few_notes_are_said(page: NoteMapPage, maps: Maps, qtbot: QtBot, fails: bool) -> None:
    maps.made = None
    maps.error = StoreDamagedError("The database is damaged.") if fails else None
    maps.gate.set()
    if fails:
        qtbot.waitUntil(lambda: bool(page.findChildren(ErrorBox)))
    else:
        qtbot.waitUntil(lambda: page._presenter.phase is MapPhase.NOTHING)
        assert any("three notes" in label.text() for label in page.findChildren(PlainLabel))


def test_a_newer_map_takes_no_key_from_whoever_types_elsewhere(page: NoteMapPage, maps: Maps, qtbot: QtBot) -> None:
    maps.gate.set()
    qtbot.waitUntil(page.view.isVisible)
    page.back.setFocus()
    page._presenter.load()
    newer = maps.made = msgspec.structs.replace(CROSS, titles=("m", "l", "r", "u", "d"))
    qtbot.waitUntil(lambda: page._presenter.map is newer)
    assert page.back.hasFocus()
    field = QLineEdit(page.parentWidget())
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    page._presenter.map = None
    page._presenter.load()
    assert page.stop_button.isVisible()
    qtbot.waitUntil(page.view.isVisible)
    assert field.hasFocus()


def test_try_again_shows_that_it_is_tried_even_beside_an_older_map(page: NoteMapPage, maps: Maps, qtbot: QtBot) -> None:
    maps.gate.set()
    qtbot.waitUntil(page.view.isVisible)
    maps.error = StoreDamagedError("The database is damaged.")
    page._presenter.load()
    qtbot.waitUntil(lambda: bool(page.findChildren(ErrorBox)))
    maps.error = None
    maps.gate.clear()
    next(b for b in page.findChildren(QPushButton) if b.text() == "Try again").click()
    assert page.stop_button.isVisible()
    maps.gate.set()
    qtbot.waitUntil(page.view.isVisible)


def test_a_long_title_is_never_cut_by_the_edge(view: NoteMapView, theme: Theme) -> None:
    theme.set_font_size(27.0)
    view.resize(300, 300)
    view.show_map(msgspec.structs.replace(CROSS, titles=("A title that is long " * 5,) * 5))
    title, box = view.title_shown(0)
    assert title.endswith("…")
    assert 0 <= box.left() < box.right() <= 300


def test_arrow_keys_go_to_the_nearest_note_and_enter_opens(view: NoteMapView, qtbot: QtBot) -> None:
    opened: list[int] = []
    view.opened.connect(opened.append)
    assert "5 notes" in view.accessibleDescription()
    chosen = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down):
        QTest.keyClick(view, key)
        assert view.current is not None
        chosen.append(CROSS.titles[view.current])
    assert chosen == ["middle", "right", "middle", "up", "middle", "down"]
    assert view.accessibleDescription() == "down"
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.accessibleDescription() == "middle, near bread · oven"
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened == [11]


def test_a_click_opens_and_a_drag_does_not(view: NoteMapView) -> None:
    opened: list[int] = []
    view.opened.connect(opened.append)
    place = view.place_of(2).toPoint()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert opened == [13]
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(view, place + QPoint(60, 40))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=place + QPoint(60, 40))
    assert opened == [13]
    assert view.place_of(2).toPoint() == place + QPoint(60, 40)


def test_zoom_keeps_its_place_and_0_shows_all(view: NoteMapView) -> None:
    fitted = [view.place_of(point) for point in range(5)]
    about = fitted[1]
    view.zoom(2.0, about)
    assert view.place_of(1) == about
    assert view.place_of(2).x() > fitted[2].x()
    QTest.keyClick(view, Qt.Key.Key_0)
    assert [view.place_of(point) for point in range(5)] == fitted
    for _ in range(100):
        view.zoom(3.0)
    assert all(abs(view.place_of(point).x()) < 1e6 for point in range(5))


def test_what_is_chosen_by_keys_is_in_view(view: NoteMapView) -> None:
    QTest.keyClick(view, Qt.Key.Key_Right)
    view.zoom(8.0)
    for _ in range(2):
        QTest.keyClick(view, Qt.Key.Key_Right)
        assert view.current is not None
        assert view.rect().contains(view.place_of(view.current).toPoint())


def test_nearest_point_is_found_by_the_grid() -> None:
    places = MapPlaces((0.0, 1.0, 5.0), (0.0, 0.0, 5.0))
    assert places.near(0.6, 0.1, 1.0) == 1
    assert places.near(3.0, 3.0, 1.0) is None
    assert places.near(3.2, 3.2, 1e9) == 2
    assert MapPlaces((), ()).near(0.0, 0.0, 9.0) is None


def test_points_in_a_rectangle_are_found_unless_they_are_many() -> None:
    places = MapPlaces((0.0, 1.0, 5.0, 1.0), (0.0, 0.0, 5.0, 0.5))
    assert places.inside(0.5, -1.0, 2.0, 1.0, 10) == [1, 3]
    assert places.inside(-9.0, -9.0, 9.0, 9.0, 4) == [0, 1, 2, 3]
    assert places.inside(-9.0, -9.0, 9.0, 9.0, 3) == []


def test_titles_stand_beside_the_notes_once_it_is_near(view: NoteMapView) -> None:
    assert view.titles_shown(view.names_shown()) == []
    view.zoom(2.0, view.place_of(1))
    names = view.names_shown()
    titles = view.titles_shown(names)
    assert titles
    assert {title for title, _ in titles} <= set(CROSS.titles)
    boxes = [box for _, box in (*names, *titles)]
    assert all(not one.intersects(other) for one, other in itertools.combinations(boxes, 2))
    points = [view.place_of(point) for point in range(len(CROSS.titles))]
    assert not any(box.contains(point) for _, box in titles for point in points)
    assert all(box.right() <= view.width() for _, box in titles)
    view.current = CROSS.titles.index(titles[0][0])
    assert titles[0][0] not in [title for title, _ in view.titles_shown(names)], "it stands above it already"
    view.grab()


def test_a_title_does_not_cover_another_note(theme: Theme, qtbot: QtBot) -> None:
    view = NoteMapView(theme)
    qtbot.addWidget(view)
    view.resize(800, 600)
    far, near = "lies alone", "has a neighbour"
    view.show_map(NoteMap((1, 2, 3), (near, "neighbour", far), (0.0, 0.4, -9.0), (0.0, 0.0, 9.0), (0, 0, 0), ("",)))
    view.zoom(1.6, view.place_of(0))
    assert near not in [title for title, _ in view.titles_shown([])]
    assert "neighbour" in [title for title, _ in view.titles_shown([])]


def test_a_name_of_several_regions_stands_once(theme: Theme, qtbot: QtBot) -> None:
    view = NoteMapView(theme)
    qtbot.addWidget(view)
    view.resize(800, 600)
    alike = ("ink", "ink", "paper")
    view.show_map(NoteMap((1, 2, 3), ("a", "b", "c"), (0.0, 9.0, 5.0), (0.0, 9.0, 2.0), (0, 1, 2), alike))
    assert [name for name, _ in view.names_shown()] == ["ink", "paper"]


def test_neighbouring_regions_have_different_colours() -> None:
    row = [QPointF(float(place), 0.0) for place in (0, 10, 20, 30, 1, 11, 21, 31, 2)]
    colours = colours_apart(row, 4)
    by_place = [colour for _place, colour in sorted(zip((p.x() for p in row), colours, strict=True))]
    assert all(one != other for one, other in itertools.pairwise(by_place))


def test_many_titles_are_placed_within_a_part_of_a_frame(theme: Theme, qtbot: QtBot) -> None:
    count = 115
    spread = [((point * 7919) % 10_007 / 100.0, (point * 104_729) % 10_009 / 100.0) for point in range(count)]
    shown = NoteMap(
        tuple(range(count)),
        tuple(f"A note about the number {point}" for point in range(count)),
        tuple(x for x, _ in spread),
        tuple(y for _, y in spread),
        tuple(point % 4 for point in range(count)),
        ("ink", "bread", "stars", "keys"),
    )
    view = NoteMapView(theme)
    qtbot.addWidget(view)
    view.resize(3000, 2000)
    view.show_map(shown)
    view._fitted = view._scale / 1.6  # as if more lay around
    names = view.names_shown()
    seconds = []
    for _ in range(5):
        started = seconds_with_a_core()
        titles = view.titles_shown(names)
        seconds.append(seconds_with_a_core() - started)
    assert len(titles) > 50
    boxes = [box for _, box in (*names, *titles)]
    assert not any(one.intersects(other) for one, other in itertools.combinations(boxes, 2))
    assert min(seconds) < 0.008, seconds


def test_ten_thousand_notes_are_painted_between_two_frames(theme: Theme, qtbot: QtBot) -> None:
    count, regions = 10_000, 18
    spread = [((point * 7919) % 10_007 / 100.0, (point * 104_729) % 10_009 / 100.0) for point in range(count)]
    many = NoteMap(
        tuple(range(count)),
        tuple(f"Note {point}" for point in range(count)),
        tuple(x for x, _ in spread),
        tuple(y for _, y in spread),
        tuple(point % regions for point in range(count)),
        tuple(f"region {region}" for region in range(regions)),
    )
    view = NoteMapView(theme)
    qtbot.addWidget(view)
    view.resize(1440, 900)
    view.show_map(many)
    view.show()
    qtbot.waitExposed(view)
    view.grab()
    frames = []
    for number in range(7):
        view.zoom(1.05, QPointF(300, 200))
        view.point_at(QPointF(400, 300 + number))
        started = seconds_with_a_core()
        view.grab()
        frames.append(seconds_with_a_core() - started)
    # About 10 ms; the bound leaves room for a busy machine, and none for antialiased discs.
    assert min(frames) < 0.03, frames
