"""The answer format of a chat: kept with it, asked for with every answer, and what does not fit is marked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from referencing.exceptions import Unresolvable

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.constraint import ANSWER_FORMAT, CONSTRAINT_KEY, Constraint, ConstraintKind
from desktop_app.domain.errors import ConstraintError
from desktop_app.domain.generation import StopReason
from desktop_app.services.chat_constraint import ChatConstraints
from desktop_app.services.constraint_check import what_is_wrong
from desktop_app.storage.store import Store
from tests.unit.services.test_chat import Desk

AGE = Constraint(ConstraintKind.JSON_SCHEMA, '{"properties": {"age": {"type": "integer"}}, "required": ["age"]}')
YES = Constraint(ConstraintKind.GRAMMAR, 'root ::= "yes" | "no"')


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = Store.open(tmp_path / "inkwell.sqlite3", backups=tmp_path / "backups")
    yield Desk(store)
    store.close()


def test_a_chats_constraint_goes_with_every_request_until_it_is_taken_away(desk: Desk) -> None:
    constraints, chat, other = ChatConstraints(desk.store.conversations), desk.chat.create(), desk.chat.create()
    desk.store.conversations.set_settings_of(chat.id, {"temperature": 0.5})
    assert constraints.of(chat.id) is None
    constraints.set(chat.id, YES)
    for each in (chat, chat, other):
        desk.ask(each.id, "Well?")
    constraints.set(chat.id, None)
    desk.ask(chat.id, "Well?")
    assert [request.constraint for request in desk.decoder.requests] == [YES, YES, None, None]
    assert desk.store.conversations.settings_of(chat.id) == {"temperature": 0.5}


def test_a_bad_constraint_is_not_kept(desk: Desk) -> None:
    constraints, chat = ChatConstraints(desk.store.conversations), desk.chat.create()
    constraints.set(chat.id, YES)
    with pytest.raises(ConstraintError):
        constraints.set(chat.id, Constraint(ConstraintKind.GRAMMAR, "root ::= other"))
    assert constraints.of(chat.id) == YES


def test_one_that_came_in_unchecked_is_refused_before_anything_is_stored(desk: Desk) -> None:
    chat = desk.chat.create()
    bad = Constraint(ConstraintKind.JSON_SCHEMA, '{"minimum": 3}')
    desk.store.conversations.set_settings_of(chat.id, {CONSTRAINT_KEY: bad.as_settings()})
    with pytest.raises(ConstraintError):
        list(desk.chat.send(chat.id, "Well?", CancelToken()))
    assert desk.chat.messages(chat.id) == []


def test_an_answer_that_does_not_fit_says_so(desk: Desk) -> None:
    constraints, chat = ChatConstraints(desk.store.conversations), desk.chat.create()
    constraints.set(chat.id, AGE)
    desk.ask(chat.id, "How old?")
    answer = desk.chat.messages(chat.id)[-1]
    assert (answer.stop_reason, answer.error) == (StopReason.END, "The answer is not JSON.")
    desk.decoder.answer = '{"age": 3}'
    desk.ask(chat.id, "How old?")
    assert desk.chat.messages(chat.id)[-1].error == ""


def test_an_answer_remembers_what_it_was_asked_under(desk: Desk) -> None:
    constraints, chat = ChatConstraints(desk.store.conversations), desk.chat.create()
    constraints.set(chat.id, AGE)
    desk.ask(chat.id, "How old?")
    constraints.set(chat.id, YES)
    desk.ask(chat.id, "Well?")
    constraints.set(chat.id, None)
    desk.ask(chat.id, "And?")
    answers = desk.chat.messages(chat.id)[1::2]
    assert [each.settings_used.get(ANSWER_FORMAT) for each in answers] == ["json_schema", "grammar", None]


def test_what_is_thought_before_the_answer_is_no_part_of_it(desk: Desk) -> None:
    constraints, chat = ChatConstraints(desk.store.conversations), desk.chat.create()
    constraints.set(chat.id, AGE)
    desk.decoder.answer = '<think>Three, I guess.</think>\n{"age": 3}'
    desk.ask(chat.id, "How old?")
    assert desk.chat.messages(chat.id)[-1].error == ""


@pytest.mark.parametrize(
    ("text", "reason", "constraint", "words"),
    [
        ('{"age": 3}', StopReason.END, AGE, ""),
        ('{"age": 3.5}', StopReason.END, AGE, "at /age"),
        ("{}", StopReason.END, AGE, "at the whole"),
        ('{"age": 3}', StopReason.STOPPED, AGE, "cut"),
        ("ye", StopReason.REPETITION, YES, "cut"),
        ("yes", StopReason.END, YES, ""),
        ("anything", StopReason.LIMIT, None, ""),
    ],
)
def test_what_is_wrong_with_an_answer(text: str, reason: StopReason, constraint: Constraint | None, words: str) -> None:
    found = what_is_wrong(text, reason, constraint)
    assert words in found
    assert bool(found) == bool(words)


def test_a_check_fetches_nothing_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[object] = []
    monkeypatch.setattr("urllib.request.urlopen", lambda *arguments, **_: fetched.append(arguments))
    outside = Constraint(ConstraintKind.JSON_SCHEMA, '{"$ref": "https://example.org/schema.json"}')
    with pytest.raises(Unresolvable):
        what_is_wrong("1", StopReason.END, outside)
    assert fetched == []
