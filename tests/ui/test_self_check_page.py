"""The self-check in its page: started, stopped, shown, and a weight taken only by a press."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import StoreDamagedError
from desktop_app.domain.search import SearchMode
from desktop_app.domain.self_check import LegFigures, Question, SelfCheckProgress, SelfCheckReport
from desktop_app.presenters.self_check import CheckPhase, SelfCheckPresenter, WeightSetting
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.search.self_check_page import SelfCheckPage
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Banner, ErrorBox, PlainLabel

BOTH, WORDS = LegFigures(50, 47, 30, 0.8), LegFigures(50, 45, 40, 0.85)
REPORT = SelfCheckReport(
    0.7,
    {SearchMode.WORDS: WORDS, SearchMode.MEANING: BOTH, SearchMode.BOTH: BOTH},
    {0.3: WORDS, 0.7: BOTH},
    (Question(9, "Lost note", "whole", "half of it"),),
    2.0,
    offer=0.3,
)


class Check:
    """Reports when the gate opens."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.report = REPORT
        self.error: StoreDamagedError | None = None

    def run(self, cancel: CancelToken) -> Iterator[SelfCheckProgress | SelfCheckReport]:
        yield SelfCheckProgress(24, 50)
        with cancel.telling(self.gate.set):
            assert self.gate.wait(10)
        cancel.raise_if_cancelled()
        if self.error is not None:
            raise self.error
        yield self.report


class Page:
    def __init__(self, theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.check = Check()
        self.weights = [0.7]
        setting = WeightSetting(lambda: self.weights[-1], self.weights.append)
        self.presenter = SelfCheckPresenter(self.check, setting, tasks)
        self.taken: list[tuple[float, float]] = []
        self.presenter.weight_taken.connect(lambda *both: self.taken.append(both))
        self.page = SelfCheckPage(self.presenter, theme)
        self.qtbot = qtbot
        qtbot.addWidget(self.page)
        self.page.resize(900, 700)
        self.page.show()
        qtbot.waitExposed(self.page)
        self.page.activateWindow()

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=5000)

    def finish(self) -> None:
        self.page.start_button.click()
        self.check.gate.set()
        self.until(lambda: self.presenter.report is not None)

    def press(self, words: str) -> None:
        next(button for button in self.page.findChildren(QPushButton) if button.text() == words).click()

    @property
    def words(self) -> str:
        return "\n".join(label.text() for label in self.page.findChildren(PlainLabel) if label.isVisibleTo(self.page))


@pytest.fixture
def page(theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> Page:
    return Page(theme, tasks, qtbot)


def test_it_shows_how_far_it_is_and_then_how_many_were_found(page: Page) -> None:
    assert "half-remembered" in page.words
    page.page.opened()
    QTest.keyClick(page.page.start_button, Qt.Key.Key_Space)
    page.until(lambda: page.page.progress_label.text() == "Question 25 of 50")
    assert page.page.progress_bar.fraction == pytest.approx(0.48)
    assert page.page.stop_button.hasFocus()
    page.check.gate.set()
    page.until(lambda: page.page.result.text() == "47 of 50 found")
    assert page.page.start_button.hasFocus()
    assert "recall@10" not in page.words
    page.page.details_button.click()
    assert "recall@10" in page.words
    assert "0.94" in page.words
    opened: list[int] = []
    page.page.open_note.connect(opened.append)
    page.press("Lost note")
    assert opened == [9]


def test_stop_leads_back_to_the_start(page: Page) -> None:
    page.page.start_button.click()
    page.until(lambda: page.presenter.progress.done)
    page.page.stop_button.click()
    page.until(page.page.start_button.isVisible)
    assert not page.page.result.isVisible()
    assert not page.page.details_button.isVisible()


def test_a_weight_changes_only_by_a_press_and_can_go_back(page: Page) -> None:
    page.finish()
    assert page.weights == [0.7]
    page.press("Use 0.3")
    page.until(lambda: page.taken == [(0.3, 0.7)])
    assert page.weights[-1] == 0.3
    assert not [each for each in page.page.findChildren(Banner) if each.isVisible()]
    page.presenter.set_weight(0.7)
    page.until(lambda: page.weights[-1] == 0.7)


def test_one_note_that_meaning_did_not_know_is_said_as_one(page: Page) -> None:
    page.check.report = msgspec.structs.replace(REPORT, offer=None, notes_unindexed=1)
    page.finish()
    page.until(lambda: "1 note is not indexed yet, so meaning did not know it." in page.words)


def test_nothing_is_wider_than_a_small_window_at_a_large_font(page: Page, theme: Theme, qtbot: QtBot) -> None:
    theme.set_font_size(27.0)
    page.page.resize(621, 440)
    long = Question(9, "A long title " * 20, "whole", "https://example.org/" + "path" * 60)
    page.check.report = msgspec.structs.replace(REPORT, missed=(long,))
    page.finish()
    page.page.details_button.setChecked(True)
    qtbot.wait(50)  # its layouts settle over some turns of the event loop
    column = page.page.findChild(QScrollArea)
    assert column is not None
    assert column.widget().width() == column.viewport().width()


def test_a_weight_that_could_not_be_saved_is_saved_at_the_second_try(page: Page) -> None:
    page.finish()
    setting = page.presenter._weight
    page.presenter._weight = WeightSetting(setting.get, _refuse)
    page.press("Use 0.3")
    page.until(lambda: page.page.findChildren(ErrorBox))
    page.presenter._weight = setting
    page.press("Try again")
    page.until(lambda: page.taken == [(0.3, 0.7)])
    assert page.page.result.text() == "47 of 50 found"
    assert page.presenter.phase is CheckPhase.DONE


def _refuse(_weight: float) -> None:
    raise StoreDamagedError("The settings cannot be written.")


def test_an_offer_can_be_declined(page: Page) -> None:
    page.finish()
    page.press("Keep 0.7")
    assert page.weights == [0.7]
    assert page.presenter.offer is None


def test_a_failure_is_shown_with_a_way_to_try_again(page: Page) -> None:
    page.check.error = StoreDamagedError("The database is damaged.")
    page.page.start_button.click()
    page.check.gate.set()
    page.until(lambda: page.page.findChildren(ErrorBox))
    page.check.error = None
    page.press("Try again")
    page.until(lambda: page.page.result.text() == "47 of 50 found")
