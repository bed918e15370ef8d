"""Long work in short commits: others get their turn, and an error leaves what was committed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from desktop_app.services import bounded_commits
from desktop_app.services.bounded_commits import commit_in_batches

T = TypeVar("T")


def run(work: Callable[[], T]) -> T:
    """A commit of no store."""
    return work()


class Clock:
    """Each job takes 40 ms."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


def test_a_commit_is_ended_for_those_who_wait() -> None:
    waiting: list[bool] = [False, True, True, False, False]
    others = iter(waiting)

    given = commit_in_batches(run, [lambda number=number: number for number in range(5)], lambda: next(others))
    assert list(given) == [[0, 1], [2], [3, 4]]


def test_a_commit_is_ended_in_time_and_all_is_done_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(bounded_commits, "time", clock)
    events: list[object] = []

    def at_once(work: Callable[[], T]) -> T:
        events.append("begin")
        result = work()
        events.append("commit")
        return result

    def job(number: int) -> Callable[[], int]:
        def work() -> int:
            clock.now += 0.04
            events.append(number)
            return number

        return work

    given = list(commit_in_batches(at_once, [job(number) for number in range(7)]))
    assert given == [[0, 1, 2], [3, 4, 5], [6]]
    assert events == ["begin", 0, 1, 2, "commit", "begin", 3, 4, 5, "commit", "begin", 6, "commit"]


def test_an_error_leaves_what_was_committed() -> None:
    committed: list[list[int]] = []

    def fails() -> int:
        raise ValueError

    with pytest.raises(ValueError):
        committed.extend(commit_in_batches(run, [lambda: 1, fails]))
    assert committed == []
    assert list(commit_in_batches(run, [])) == []
