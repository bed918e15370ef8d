"""Parts of the program are made once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from desktop_app.domain.part import MakesParts, late, part


class Whole(MakesParts):
    def __init__(self, making: Callable[[], None]) -> None:
        super().__init__()
        self._making = making
        self.made: list[object] = []

    @part
    def inner(self) -> object:
        """What the outer one needs."""
        self._making()
        self.made.append(object())
        return self.made[-1]

    @part
    def outer(self) -> tuple[object]:
        return (self.inner,)


def test_a_part_is_made_when_first_asked_for_and_kept() -> None:
    whole = Whole(lambda: None)
    assert "inner" not in vars(whole)
    assert whole.outer == (whole.inner,)
    assert whole.made == [whole.inner]
    assert vars(whole)["inner"] is whole.inner
    assert Whole.inner.__doc__ == "What the outer one needs."


def test_threads_that_ask_at_once_get_the_same_part() -> None:
    begun, others_came, got = threading.Event(), threading.Event(), list[object]()

    def making() -> None:
        begun.set()
        others_came.wait(0.2)  # no other one comes here: it waits for this one

    whole = Whole(making)

    def ask() -> None:
        got.append(whole.inner)

    first, second = threading.Thread(target=ask), threading.Thread(target=ask)
    first.start()
    assert begun.wait(10)
    second.start()
    for thread in (first, second):
        thread.join(10)
    assert got == [whole.inner, whole.inner]
    assert len(whole.made) == 1


def test_a_part_that_could_not_be_made_is_tried_again() -> None:
    failures = [OSError("full")]

    def making() -> None:
        if failures:
            raise failures.pop()

    whole = Whole(making)
    try:
        _ = whole.inner
    except OSError:
        assert whole.made == []
    assert whole.inner is whole.made[0]


def test_what_is_handed_out_late_is_made_with_its_first_use() -> None:
    asked = list[str]()

    class Tool:
        def use(self) -> str:
            return "used"

    def make() -> Tool:
        asked.append("made")
        return Tool()

    tool = late(make)
    assert asked == []
    assert tool.use() == "used"
    assert asked == ["made"]


def test_wholes_that_share_a_lock_can_need_each_other_in_two_threads() -> None:
    first_holds, second_holds = threading.Event(), threading.Event()

    class Half(MakesParts):
        other: Half

        def __init__(self, making: threading.RLock | None, holds: threading.Event, waits_for: threading.Event) -> None:
            super().__init__(making)
            self._holds, self._waits_for = holds, waits_for

        @part
        def mine(self) -> object:
            self._holds.set()
            self._waits_for.wait(0.2)  # of two locks, the other thread holds one by now
            return self.other.base

        @part
        def base(self) -> object:
            return object()

    one = Half(None, first_holds, second_holds)
    two = Half(one.making, second_holds, first_holds)
    one.other, two.other = two, one
    threads = [threading.Thread(target=lambda half=half: half.mine, daemon=True) for half in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)
    assert one.mine is two.base
    assert two.mine is one.base
