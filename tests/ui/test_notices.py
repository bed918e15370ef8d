"""Notices: what they offer, when they leave, where they stand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
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
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    toast._do()
    assert undone == [1]
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
