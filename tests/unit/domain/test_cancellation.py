"""The flag that asks work to stop: who hears of it, how often, and for how long."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import weakref

import pytest

from desktop_app.domain.cancellation import CancelToken, held
from desktop_app.domain.errors import CancelledError


class Work:
    """Something that listens."""

    def __init__(self) -> None:
        self.stopped = 0

    def stop(self) -> None:
        self.stopped += 1


def test_a_listener_hears_of_it_once() -> None:
    token, work = CancelToken(), Work()
    with token.telling(work.stop):
        assert work.stopped == 0
        token.cancel()
        token.cancel()
    assert work.stopped == 1


def test_a_listener_that_comes_late_hears_of_it_at_once() -> None:
    token, work = CancelToken(), Work()
    token.cancel()
    with token.telling(work.stop):
        assert work.stopped == 1


def test_work_that_is_over_hears_nothing_and_is_not_kept() -> None:
    """The token of background work lives as long as the program, and listens to each request of it."""
    token, work = CancelToken(), Work()
    kept = weakref.ref(work)
    with pytest.raises(ZeroDivisionError), token.telling(work.stop):
        raise ZeroDivisionError
    del work
    gc.collect()
    assert kept() is None
    token.cancel()


def test_listeners_hear_of_it_in_the_order_in_which_they_came() -> None:
    token, heard = CancelToken(), list[str]()
    with token.telling(lambda: heard.append("first")), token.telling(lambda: heard.append("second")):
        token.cancel()
    assert heard == ["first", "second"]


@pytest.mark.skipif(sys.platform == "win32", reason="sends itself a signal")
def test_a_signal_may_raise_it_while_a_listener_is_added() -> None:
    """A handler runs in the thread that it interrupts, between any two steps of it."""
    token, work = CancelToken(), Work()
    seen: list[int] = []

    def interrupt(frame: object, event: str, _argument: object) -> object:
        if event == "line" and len(seen) == steps:
            sys.settrace(None)
            signal.raise_signal(signal.SIGUSR1)
        seen.append(1)
        return interrupt

    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: token.cancel())
    try:
        for steps in range(40):
            token, work = CancelToken(), Work()
            seen.clear()
            sys.settrace(interrupt)
            with token.telling(work.stop):
                sys.settrace(None)
                token.cancel()
            assert work.stopped == 1, steps
    finally:
        sys.settrace(None)
        signal.signal(signal.SIGUSR1, before)


def test_who_waits_for_a_lock_can_be_cancelled() -> None:
    lock, token = threading.Lock(), CancelToken()
    lock.acquire()
    threading.Timer(0.05, token.cancel).start()
    with pytest.raises(CancelledError), held(lock, token):
        pytest.fail("the lock was another's")
    lock.release()
    with held(lock, CancelToken()):
        assert lock.locked()
    assert not lock.locked()
