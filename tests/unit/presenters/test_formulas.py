from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import WorkerStartError
from desktop_app.domain.formulas import Formula, FormulaPicture
from desktop_app.presenters import formulas
from desktop_app.presenters.formulas import FormulaBook
from desktop_app.presenters.tasks import TaskRunner

PICTURE = FormulaPicture("<svg/>", 1.0, 0.7, 0.2)


class Typesetter:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_go = threading.Event()
        self.may_go.set()

    def typeset(self, formula: Formula) -> FormulaPicture | None:
        self.may_go.wait(5)
        self.asked.append(formula.source)
        return None if formula.source == "bad" else PICTURE


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.close()


def test_each_formula_is_typeset_once_and_the_last_wanted_first(qtbot: QtBot, tasks: TaskRunner) -> None:
    typesetter = Typesetter()
    typesetter.may_go.clear()
    book = FormulaBook(lambda: typesetter, tasks)
    arrived: set[Formula] = set()
    book.arrived.connect(arrived.update)
    book.want([Formula("a")])
    book.want([Formula("b"), Formula("c"), Formula("a")])
    typesetter.may_go.set()
    qtbot.waitUntil(lambda: len(arrived) == 3)
    assert typesetter.asked == ["a", "c", "b"]
    book.want([Formula("a"), Formula("b")])
    assert book.picture(Formula("a")) == PICTURE
    assert tasks.idle


def test_one_that_cannot_be_drawn_is_known_and_not_asked_again(qtbot: QtBot, tasks: TaskRunner) -> None:
    typesetter = Typesetter()
    book = FormulaBook(lambda: typesetter, tasks)
    with qtbot.waitSignal(book.arrived):
        book.want([Formula("bad")])
    assert book.picture(Formula("bad")) is None
    assert book.is_known(Formula("bad"))
    book.want([Formula("bad")])
    assert tasks.idle


def test_without_a_process_formulas_show_their_source(qtbot: QtBot, tasks: TaskRunner) -> None:
    def none_there() -> Typesetter:
        raise WorkerStartError("It did not start.")

    book = FormulaBook(none_there, tasks)
    with qtbot.waitSignal(book.arrived):
        book.want([Formula("x")])
    assert book.is_known(Formula("x"))
    assert book.picture(Formula("x")) is None


def test_pictures_kept_are_bounded(qtbot: QtBot, tasks: TaskRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formulas, "MOST_KEPT", 2)
    typesetter = Typesetter()
    book = FormulaBook(lambda: typesetter, tasks)
    book.want([Formula("a"), Formula("b"), Formula("c")])
    qtbot.waitUntil(lambda: len(typesetter.asked) == 3 and tasks.idle)
    assert [name for name in "abc" if book.is_known(Formula(name))] == ["a", "b"]


def test_nothing_is_asked_of_a_closed_task_runner(qtbot: QtBot, tasks: TaskRunner) -> None:
    book = FormulaBook(Typesetter, tasks)
    tasks.close()
    book.want([Formula("a")])
    assert not book.is_known(Formula("a"))
