"""Who is told of changes: in order, each registration by itself, and free to come and go meanwhile."""

from __future__ import annotations

import threading

from desktop_app.domain.listeners import Listeners


def test_all_are_told_in_order_until_they_are_taken_off() -> None:
    listeners, heard = Listeners[int](), []
    take_off = listeners.add(lambda value: heard.append(("first", value)))
    listeners.add(lambda value: heard.append(("second", value)))
    listeners.tell(1)
    take_off()
    take_off()
    listeners.tell(2)
    assert heard == [("first", 1), ("second", 1), ("second", 2)]


def test_one_that_was_added_twice_is_taken_off_once() -> None:
    listeners, heard = Listeners[int](), list[int]()
    take_off = listeners.add(heard.append)
    listeners.add(heard.append)
    take_off()
    take_off()
    listeners.tell(1)
    assert heard == [1]


def test_a_listener_may_take_off_and_add_others_while_it_is_told() -> None:
    listeners, heard = Listeners[int](), list[str]()

    def first(_value: int) -> None:
        heard.append("first")
        take_off()
        listeners.add(lambda _value: heard.append("late"))
        # No lock is held: another thread gets through, too.
        thread = threading.Thread(target=listeners.present)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()

    take_off = listeners.add(first)
    listeners.add(lambda _value: heard.append("second"))
    listeners.tell(1)
    listeners.tell(2)
    assert heard == ["first", "second", "second", "late"]
