"""What the waits of these tests count."""

from __future__ import annotations

import itertools

import pytest
from pytestqt.exceptions import TimeoutError as WaitedTooLongError
from pytestqt.qtbot import QtBot

from tests.fakes import patient_qtbot


def test_time_without_a_turn_is_not_waited(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped_for = itertools.count(0.0, 60.0)
    monkeypatch.setattr(patient_qtbot.time, "monotonic", lambda: next(stopped_for))
    turns = itertools.count()
    qtbot.waitUntil(lambda: next(turns) == 3, timeout=350)


def test_what_never_comes_ends_the_wait(qtbot: QtBot) -> None:
    def never() -> None:
        raise AssertionError("it is missing")

    with pytest.raises(WaitedTooLongError) as waited:
        qtbot.waitUntil(never, timeout=50)
    assert "it is missing" in str(waited.value.__cause__)
    with pytest.raises(WaitedTooLongError):
        qtbot.waitUntil(lambda: False, timeout=50)
    with pytest.raises(ValueError, match="returned 3"):
        qtbot.waitUntil(lambda: 3, timeout=50)  # type: ignore[arg-type, return-value]
