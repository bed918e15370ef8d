"""The tokens of an answer, what else was likely, and answers that go the other way from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import AnswerFinished, MessageAdded, TextAdded
from desktop_app.domain.constraint import Constraint, ConstraintKind
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import ConstraintError, InkwellError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.token_alternatives import unpack_choices
from desktop_app.services.chat_constraint import ChatConstraints
from desktop_app.storage.store import Store
from tests.unit.services.test_chat import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = Store.open(tmp_path / "inkwell.sqlite3", backups=tmp_path / "backups")
    made = Desk(store)
    made.decoder.answer = "Ink is a liquid"
    yield made
    store.close()


@pytest.fixture
def answered(desk: Desk) -> tuple[int, int]:
    """(chat, its answer)."""
    chat = desk.chat.create()
    desk.ask(chat.id, "What is ink?")
    return chat.id, desk.chat.messages(chat.id)[-1].id


def branch(desk: Desk, chat: int, message: int, position: int, token: int) -> list[Any]:
    return list(desk.chat.branch_at_token(chat, message, position, token, CancelToken()))


def test_each_token_shows_its_text_and_what_else_was_likely(desk: Desk, answered: tuple[int, int]) -> None:
    places = desk.chat.tokens.places(answered[1], CancelToken())
    assert [place.text for place in places] == ["Ink", " is", " a", " liquid"]
    assert places[2].position == 2
    assert places[2].probability == pytest.approx(0.5, abs=1e-3)
    likely = places[2].likeliest
    assert [(each.text, each.chosen) for each in likely] == [
        (" a", True), (" t7", False), (" t8", False), (" t9", False), ("", False)
    ]  # fmt: skip
    assert likely[1].probability == pytest.approx(0.2, abs=1e-3)


def test_another_token_begins_a_sibling_that_is_continued(desk: Desk, answered: tuple[int, int]) -> None:
    chat, old = answered
    events = branch(desk, chat, old, 2, 7)
    assert isinstance(events[0], MessageAdded)
    assert (events[0].message.text, events[0].message.token_ids) == ("Ink is t7", (1000, 1001, 7))
    request = desk.decoder.requests[-1]
    assert request.continue_last
    assert request.turns[-1].token_ids == (1000, 1001, 7)
    assert "".join(each.text for each in events if isinstance(each, TextAdded)) == "Ink is a liquid"
    question, new = desk.chat.messages(chat)
    assert (question.role, new.text, new.stop_reason) == (Role.USER, "Ink is t7Ink is a liquid", StopReason.END)
    assert new.token_ids == (1000, 1001, 7, 1000, 1001, 1002, 1003)
    assert desk.store.conversations.siblings(old) == [old, new.id], "the old answer stays"
    choices = unpack_choices(desk.store.conversations.alternatives_of(new.id))
    assert len(choices) == 7
    assert choices[2] is not None
    assert choices[2].probability == pytest.approx(0.2, abs=1e-3)


def test_choosing_the_end_ends_the_answer_there(desk: Desk, answered: tuple[int, int]) -> None:
    chat, old = answered
    asked = len(desk.decoder.requests)
    events = branch(desk, chat, old, 2, 999)
    assert isinstance(events[-1], AnswerFinished)
    new = desk.chat.messages(chat)[-1]
    assert (new.text, new.token_ids, new.stop_reason) == ("Ink is", (1000, 1001), StopReason.END)
    assert len(desk.decoder.requests) == asked


@pytest.mark.parametrize("token", [7, 999])
def test_a_token_that_the_answer_format_forbids_is_refused_before_anything_is_stored(
    desk: Desk, answered: tuple[int, int], token: int
) -> None:
    chat, old = answered
    ChatConstraints(desk.store.conversations).set(chat, Constraint(ConstraintKind.GRAMMAR, 'root ::= "Ink is t8"'))
    desk.decoder.forbidden = {7, 999}
    before = desk.chat.messages(chat)
    asked = len(desk.decoder.requests)
    for refuse in (
        lambda: branch(desk, chat, old, 2, token),
        lambda: desk.chat.tokens.check(old, 2, token, CancelToken()),
    ):
        with pytest.raises(ConstraintError, match="does not fit the answer format"):
            refuse()
    assert desk.chat.messages(chat) == before
    assert desk.store.conversations.siblings(old) == [old]
    assert len(desk.decoder.requests) == asked
    assert desk.decoder.checked[-1] == ('root ::= "Ink is t8"', (1000, 1001, token)), "the end is asked about, too"
    desk.chat.tokens.check(old, 2, 8, CancelToken())
    branch(desk, chat, old, 2, 8)
    assert len(desk.store.conversations.siblings(old)) == 2


def test_without_an_answer_format_every_token_may_follow(desk: Desk, answered: tuple[int, int]) -> None:
    desk.decoder.forbidden = {7}
    branch(desk, *answered, 2, 7)
    assert desk.decoder.checked == []


def test_a_continued_answer_keeps_the_records_of_its_beginning(desk: Desk, answered: tuple[int, int]) -> None:
    chat, message = answered
    list(desk.chat.continue_answer(chat, message, CancelToken()))
    choices = unpack_choices(desk.store.conversations.alternatives_of(message))
    assert len(choices) == 8
    assert all(choices)


def test_an_answer_copied_into_a_chat_of_its_own_keeps_its_tokens(desk: Desk, answered: tuple[int, int]) -> None:
    copy = desk.chat.branches.branch_off(*answered)
    places = desk.chat.tokens.places(desk.chat.messages(copy.id)[-1].id, CancelToken())
    assert [place.text for place in places] == ["Ink", " is", " a", " liquid"]
    assert all(place.probability for place in places)


def test_tokens_of_another_model_and_unknown_ones_say_so(desk: Desk, answered: tuple[int, int]) -> None:
    chat, message = answered
    stranger = desk.store.conversations.add_message(chat, None, Role.ASSISTANT, "Hi", model_fingerprint="other")
    with pytest.raises(InkwellError, match="not known"):
        desk.chat.tokens.places(stranger.id, CancelToken())
    desk.store.conversations.save_partial(stranger.id, "Hi", [1, 2])
    with pytest.raises(InkwellError, match="another model is loaded"):
        desk.chat.tokens.places(stranger.id, CancelToken())
    for position in (-1, 4):
        with pytest.raises(InkwellError, match="not there"):
            branch(desk, chat, message, position, 7)
    assert desk.store.conversations.siblings(message) == [message], "nothing was stored"


def test_records_that_were_lost_leave_the_tokens_readable(desk: Desk, answered: tuple[int, int]) -> None:
    _, message = answered
    answer = desk.chat.messages(answered[0])[-1]
    desk.store.conversations.finish_message(
        message, answer.text, answer.token_ids or (), StopReason.END, answer.figures
    )
    places = desk.chat.tokens.places(message, CancelToken())
    assert [(place.text, place.probability, place.likeliest) for place in places[:1]] == [("Ink", None, ())]
