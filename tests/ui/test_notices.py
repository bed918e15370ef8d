"""Notices: what they offer, when they leave, where they stand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import DiskFullError
from desktop_app.presenters.shell import NoticeKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.labels import PlainLabel
from tests.ui.window_house import House, no_question_unasked


@pytest.fixture
def house(theme: Theme, tasks: TaskRunner, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    no_question_unasked(monkeypatch)
    made = House(theme, tasks, qtbot)
    yield made
    made.window._memory.save_now()


def test_undo_of_a_notice_runs_once(house: House, qtbot: QtBot) -> None:
    undone: list[int] = []
    house.shell.show_notice("Moved to trash", lambda: undone.append(1))
    toast = house.window.notices.toasts()[0]
    button = next(b for b in toast.findChildren(QPushButton) if b.text() == "Undo")
    had_focus = house.window.focusWidget()
    assert had_focus is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    toast._do()
    assert undone == [1]
    assert house.window.focusWidget() is had_focus
    assert not house.window.notices.shown


def test_plain_notices_leave_and_problems_stay(house: House, qtbot: QtBot) -> None:
    house.shell.show_notice("Saved")
    house.shell.show_error(DiskFullError("The note is not saved.", "The disk is full.", "Make room."))
    plain, problem = house.window.notices.toasts()
    assert not plain.stays
    assert problem.stays
    plain._timer.setInterval(0)
    plain._timer.start()
    qtbot.waitUntil(lambda: len(house.window.notices.shown) == 1)
    assert house.window.notices.shown[0].kind is NoticeKind.PROBLEM
    assert house.window.notices.shown[0].detail == "The disk is full. Make room."


def test_the_same_problem_is_said_once_and_the_pile_stays_small(house: House) -> None:
    for _ in range(3):
        house.shell.show_error(DiskFullError("The note is not saved."))
    assert len(house.window.notices.shown) == 1
    for number in range(5):
        house.shell.show_notice(f"Notice {number}")
    assert [notice.text for notice in house.window.notices.shown] == [
        "The note is not saved.",
        "Notice 3",
        "Notice 4",
    ]


def test_no_problem_makes_room_for_another(house: House) -> None:
    for number in range(5):
        house.shell.show_error(DiskFullError(f"Note {number} is not saved."))
    house.shell.show_notice("Saved")
    texts = [notice.text for notice in house.window.notices.shown]
    assert [*(f"Note {number} is not saved." for number in range(5)), "Saved"] == texts


def test_a_notice_waits_for_whoever_came_to_its_button_by_keys(house: House, qtbot: QtBot) -> None:
    house.window.activateWindow()
    house.shell.show_notice("Moved to trash", lambda: None)
    toast = house.window.notices.toasts()[0]
    assert not toast.stays
    button = next(b for b in toast.findChildren(QPushButton) if b.text() == "Undo")
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(button.hasFocus)
    assert toast.stays
    house.window.setFocus()
    button.clearFocus()
    qtbot.waitUntil(lambda: not toast.stays)


def test_errors_nobody_took_become_notices(house: House, qtbot: QtBot) -> None:
    def work(token: object) -> None:
        raise DiskFullError("No space left.")

    house.tasks.run(work, done=lambda _: None)
    qtbot.waitUntil(lambda: bool(house.window.notices.shown))
    assert house.window.notices.shown[0].text == "No space left."


def test_notices_lie_inside_the_window(house: House) -> None:
    house.window.resize(760, 520)
    house.shell.show_error(DiskFullError("What happened. " * 6, "Why. " * 20, "What to do. " * 10))
    pile = house.window.notices
    parent = pile.parentWidget()
    assert parent is not None
    assert parent.rect().contains(pile.geometry())
    assert pile.height() > 60
    for label in pile.findChildren(PlainLabel):
        assert label.height() >= label.heightForWidth(label.width())


LONG = DiskFullError("What happened. " * 6, "Why. " * 20, "What to do. " * 10)


@pytest.fixture
def composer(house: House) -> QWidget:
    """A widget at the foot of the chat screen that notices keep clear of."""
    screen = house.screen("chat")
    foot = QWidget()
    foot.setFixedHeight(120)
    layout = screen.layout()
    assert isinstance(layout, QVBoxLayout)
    layout.addStretch()
    layout.addWidget(foot)
    screen.notices_keep_clear_of = lambda: foot  # type: ignore[attr-defined]
    house.window.show_room("notes")
    house.window.show_room("chat")
    house.window.resize(1000, 640)
    return foot


def covered(house: House, widget: QWidget) -> bool:
    """True when the pile of notices lies over a part of `widget`."""
    pile = house.window.notices
    stack = pile.parentWidget()
    assert stack is not None
    assert pile.isVisible()
    assert pile.geometry().top() >= 0
    place = QRect(widget.mapTo(stack, QPoint(0, 0)), widget.size())
    return place.intersects(pile.geometry())


def test_notices_never_lie_over_what_is_written_in(house: House, composer: QWidget, qtbot: QtBot) -> None:
    for size in ((1440, 900), (1000, 640), (720, 480)):
        house.window.resize(*size)
        house.shell.show_error(LONG)
        house.shell.show_notice("Moved to trash", lambda: None)
        qtbot.waitUntil(lambda: not covered(house, composer))


def settle() -> None:
    for _ in range(8):
        QApplication.processEvents()


def test_notices_follow_what_they_keep_clear_of(house: House, composer: QWidget, qtbot: QtBot) -> None:
    stack = house.window.notices.parentWidget()
    assert stack is not None
    house.shell.show_error(LONG)
    for height in (260, 60):  # a draft grows, and is sent
        settle()
        composer.setFixedHeight(height)
        settle()
        assert composer.height() == height
        assert not covered(house, composer)
    assert house.window.notices.geometry().bottom() > stack.height() - 110
    settle()
    below = QWidget()
    below.setFixedHeight(90)
    layout = house.screen("chat").layout()
    assert layout is not None
    layout.addWidget(below)
    qtbot.waitUntil(lambda: below.isVisible() and not covered(house, composer))
    assert house.window.notices.geometry().bottom() < stack.height() - 150


def test_a_long_problem_is_set_wider_in_a_low_window(house: House, composer: QWidget, qtbot: QtBot) -> None:
    house.window.resize(1000, 480)
    composer.setFixedHeight(330)
    settle()
    house.shell.show_error(LONG)
    settle()
    assert house.window.notices.width() > 700
    assert not covered(house, composer)
    for label in house.window.notices.findChildren(PlainLabel):
        assert label.height() >= label.heightForWidth(label.width())


def test_the_foot_of_another_room_is_free(house: House, composer: QWidget, qtbot: QtBot) -> None:
    house.shell.show_error(LONG)
    qtbot.waitUntil(lambda: not covered(house, composer))
    house.window.show_room("notes")
    stack = house.window.notices.parentWidget()
    assert stack is not None
    assert house.window.notices.geometry().bottom() > stack.height() - 40
    house.window.show_room("chat")
    qtbot.waitUntil(lambda: not covered(house, composer))


def test_where_room_is_short_the_oldest_wait(house: House, composer: QWidget, qtbot: QtBot) -> None:
    house.window.resize(720, 480)
    house.shell.show_error(LONG)
    house.shell.show_notice("First")
    house.shell.show_notice("Second")
    composer.setFixedHeight(290)
    problem, first, second = house.window.notices.toasts()
    qtbot.waitUntil(lambda: not problem.isVisible())
    assert first.isVisible()
    assert second.isVisible()
    assert not covered(house, composer)
    second.close_notice()
    first.close_notice()
    assert problem.isVisible()


def test_a_short_notice_stands_on_one_line(house: House) -> None:
    house.window.resize(1000, 640)
    house.shell.show_notice("“A chat with quite a long title” moved to the trash", lambda: None)
    (toast,) = house.window.notices.toasts()
    (label,) = toast.findChildren(PlainLabel)
    assert label.height() < 2 * label.fontMetrics().lineSpacing()
