"""Back and Forward, as a browser does."""

from __future__ import annotations

from desktop_app.presenters.visits import MOST_VISITS, Visit, VisitHistory

NOTE, OTHER, CHAT = Visit("notes", 1), Visit("notes", 2), Visit("chat", 1)


def _walk(*visits: Visit) -> tuple[VisitHistory, list[Visit]]:
    history, wanted = VisitHistory(), []
    history.wanted.connect(wanted.append)
    for visit in visits:
        history.visit(visit)
    return history, wanted


def test_back_and_forward_over_rooms() -> None:
    history, wanted = _walk(NOTE, CHAT, OTHER)
    history.back()
    history.visit(CHAT)
    history.back()
    history.visit(NOTE)
    assert not history.can_go_back
    history.forward()
    assert wanted == [CHAT, NOTE, CHAT]
    assert history.can_go_forward


def test_going_elsewhere_drops_what_was_ahead() -> None:
    history, wanted = _walk(NOTE, CHAT)
    history.back()
    history.visit(NOTE)
    history.visit(OTHER)
    assert not history.can_go_forward
    history.back()
    assert wanted == [NOTE, NOTE]


def test_what_is_passed_on_the_way_back_changes_nothing() -> None:
    """Notes open in the background: the first of two steps may arrive after the second was asked for."""
    history, wanted = _walk(NOTE, CHAT, OTHER)
    history.back()
    history.back()
    history.visit(CHAT)
    history.visit(NOTE)
    history.forward()
    history.forward()
    assert wanted == [CHAT, NOTE, CHAT, OTHER]


def test_a_search_is_one_visit_however_it_is_typed() -> None:
    history, wanted = _walk(NOTE, Visit("search", text="i"), Visit("search", text="ink"), OTHER)
    history.back()
    assert wanted == [Visit("search", text="ink")]
    history.back()
    assert wanted[1] == NOTE


def test_a_room_gone_to_by_name_shows_what_was_last_there() -> None:
    history, wanted = _walk(NOTE, CHAT)
    history.visit_room("notes")
    history.visit_room("search")
    history.back()
    assert wanted == [CHAT]


def test_nobody_is_led_to_what_is_gone() -> None:
    history, _wanted = _walk(NOTE, OTHER, CHAT)
    history.forget("notes", [1, 2])
    assert not history.can_go_back
    history.visit_room("notes")
    assert not history.can_go_back
    history.forget("chat", [1])
    assert not history.can_go_back
    assert not history.can_go_forward
    history.visit(OTHER)
    assert not history.can_go_back


def test_the_oldest_are_forgotten() -> None:
    history, _ = _walk(*(Visit("notes", number) for number in range(MOST_VISITS + 50)))
    steps = 0
    while history.can_go_back:
        history.back()
        steps += 1
    assert steps == MOST_VISITS - 1
