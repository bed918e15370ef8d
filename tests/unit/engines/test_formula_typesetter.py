"""The process that typesets formulas: started by the first one, ended by one that takes too long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.formulas import Formula
from desktop_app.engines import question_process
from desktop_app.engines.formula_typesetter import MOST_FAILURES, FormulaProcess
from desktop_app.engines.launcher import WorkerLauncher

SLOW = Formula("\\left(" * 8 + "x" + "\\right)" * 8)
"""Half a second's work and more."""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[FormulaProcess]:
    made = FormulaProcess(WorkerLauncher(tmp_path / "workers"))
    yield made
    made.close()


def test_no_process_before_the_first_formula(process: FormulaProcess) -> None:
    assert process.pid is None
    assert process.typeset(Formula("  ")) is None
    assert process.pid is None


def test_a_formula_becomes_a_picture_and_the_process_stays(process: FormulaProcess) -> None:
    picture = process.typeset(Formula("x^2", display=True))
    assert picture is not None
    assert picture.svg.startswith("<svg")
    pid = process.pid
    assert process.typeset(Formula("\\foo")) is None
    assert process.typeset(Formula("y")) is not None
    assert process.pid == pid is not None


def test_a_formula_that_takes_too_long_costs_its_process_and_the_next_one_has_another(tmp_path: Path) -> None:
    process = FormulaProcess(WorkerLauncher(tmp_path / "workers"), seconds=0.1)
    try:
        assert process.typeset(Formula("x")) is not None
        first = process.pid
        assert first is not None
        assert process.typeset(SLOW) is None
        assert process.typeset(Formula("y")) is not None
        assert process.pid != first
        assert not psutil.pid_exists(first) or psutil.Process(first).status() == psutil.STATUS_ZOMBIE
    finally:
        process.close()


def test_a_process_that_never_lives_is_not_started_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    class Broken:
        alive = False
        pid = None

        def __init__(self, *_arguments: object, **_more: object) -> None:
            started.append(self)

        def start(self) -> None:
            raise InkwellError("It does not start.")

    monkeypatch.setattr(question_process, "WorkerProcess", Broken)
    process = FormulaProcess(WorkerLauncher(tmp_path / "workers"))
    for number in range(3 * MOST_FAILURES):
        assert process.typeset(Formula(f"x_{number}")) is None
    assert len(started) == MOST_FAILURES


def test_closing_ends_the_process_for_good(process: FormulaProcess) -> None:
    assert process.typeset(Formula("x")) is not None
    pid = process.pid
    assert pid is not None
    process.close()
    assert not psutil.pid_exists(pid)
    assert process.typeset(Formula("y")) is None
    assert process.pid is None
