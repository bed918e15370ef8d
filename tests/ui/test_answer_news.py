"""A long answer's end is told where the person cannot see it, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import WorkerCrashedError
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.answer_watch import LONG_SECONDS, AnswerWatch
from desktop_app.presenters.chat import Phase
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat import answer_news
from desktop_app.ui.chat.answer_news import AnswerNews
from desktop_app.ui.theme.theme import Theme
from tests.ui.chat_room import Room, open_room


class Told:
    """What the desktop was told, in the place of the desktop."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.active = False
        self.alerts: list[QWidget] = []
        self.messages: list[tuple[str, ...]] = []
        told = self

        class Tray:
            isSystemTrayAvailable = staticmethod(lambda: True)
            supportsMessages = staticmethod(lambda: True)
            messageClicked = activated = type("Signal", (), {"connect": staticmethod(lambda _slot: None)})

            def __init__(self, *_arguments: object) -> None:
                self.hidden = False

            def show(self) -> None: ...

            def hide(self) -> None: ...

            def deleteLater(self) -> None: ...

            def showMessage(self, title: str, text: str, *_more: object) -> None:
                told.messages.append((title, text))

        class Timer:
            singleShot = staticmethod(lambda *_arguments: None)

        monkeypatch.setattr(answer_news, "QSystemTrayIcon", Tray)
        monkeypatch.setattr(answer_news, "QTimer", Timer)
        monkeypatch.setattr(QApplication, "alert", lambda window, *_ms: self.alerts.append(window))
        monkeypatch.setattr(QWidget, "isActiveWindow", lambda _window: self.active)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(monkeypatch)


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        made.show()
        yield made


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def answered(
    room: Room,
    seconds: float,
    *,
    wanted: bool = True,
    elsewhere: bool = False,
    stop: bool = False,
    end: StopReason | Exception = StopReason.END,
) -> None:
    """An answer of so many seconds, from question to end."""
    clock = Clock()
    watch = AnswerWatch(room.presenter.answers, clock=clock, parent=room.presenter)
    AnswerNews(watch, room.presenter, room.shell, room.screen, wanted=lambda: wanted)
    room.type_and_send("What is ink?")
    room.service.feed("A secret dye.")
    room.until(lambda: room.presenter.activity.phase is Phase.WRITING)
    if elsewhere:
        room.presenter.new_chat()
    clock.now = seconds
    if stop:
        room.presenter.stop()
    room.service.feed(end)
    room.until(lambda: room.presenter.activity.phase is Phase.IDLE)


def test_a_long_answer_is_told_by_the_desktop_without_its_words(room: Room, told: Told) -> None:
    answered(room, LONG_SECONDS)
    assert told.alerts == [room.screen.window()]
    assert told.messages == [("Inkwell", "Your answer is ready.")]
    assert room.notices == []


def test_a_short_answer_is_no_news(room: Room, told: Told) -> None:
    answered(room, LONG_SECONDS - 0.1)
    assert told.alerts == []
    assert told.messages == []


def test_what_a_person_stopped_is_no_news(room: Room, told: Told) -> None:
    answered(room, LONG_SECONDS, stop=True)
    assert told.alerts == []


def test_notifications_can_be_switched_off(room: Room, told: Told) -> None:
    answered(room, LONG_SECONDS, wanted=False)
    assert told.alerts == []
    assert told.messages == []


def test_in_an_active_window_the_shown_chat_speaks_for_itself(room: Room, told: Told) -> None:
    told.active = True
    answered(room, LONG_SECONDS)
    assert told.alerts == []
    assert room.notices == []


def test_an_answer_in_another_chat_is_told_by_a_notice_that_leads_there(room: Room, told: Told) -> None:
    told.active = True
    answered(room, LONG_SECONDS, elsewhere=True)
    assert told.alerts == []
    [notice] = room.notices
    assert notice.text == "The answer in “What is ink?” is ready"
    opened: list[int] = []
    room.shell.open_chat.connect(opened.append)
    assert notice.action is not None
    notice.action()
    assert len(opened) == 1


def test_one_that_broke_off_is_said_to_have(room: Room, told: Told) -> None:
    told.active = True
    answered(room, LONG_SECONDS, elsewhere=True, end=WorkerCrashedError("The chat model stopped."))
    assert [notice.text for notice in room.notices] == ["The answer in “What is ink?” broke off"]


def test_an_answer_behind_another_room_is_told_of(room: Room, told: Told) -> None:
    told.active = True
    room.screen.hide()
    answered(room, LONG_SECONDS)
    assert len(room.notices) == 1


def test_who_comes_back_to_the_window_is_led_to_an_answer_elsewhere(room: Room, told: Told) -> None:
    answered(room, LONG_SECONDS, elsewhere=True)
    assert len(told.alerts) == 1
    assert len(room.notices) == 1


def test_without_a_tray_the_window_still_asks_for_attention(
    room: Room, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_news, "QSystemTrayIcon", QSystemTrayIcon)
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: False))
    answered(room, LONG_SECONDS)
    assert len(told.alerts) == 1
    assert told.messages == []
