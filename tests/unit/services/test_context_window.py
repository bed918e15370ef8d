from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import AnswerFinished, MemoryMoved, Summarising
from desktop_app.domain.context_budget import WhenFull
from desktop_app.domain.conversation import SUMMARY, Message, Role
from desktop_app.domain.errors import ContextFullError, MessageTooLongError, TemplateError
from desktop_app.domain.generation import StopReason
from desktop_app.services.chat import ChatService
from desktop_app.services.context_window import ContextWindow
from desktop_app.services.model_session import ModelSession
from desktop_app.services.recall import Recall
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder
from tests.unit.services.test_chat import Desk

FACT = "My grandmother's tortoise is called Balthazar and it sleeps in the cellar."
FILLER = "Tell me more about number {0} " + "please go on with it " * 16
CONTEXT = 1000


class WindowDesk(Desk):
    """A desk whose chats recall."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.encoder = FakeEncoder()
        self.session = ModelSession(self.decoder, self.encoder, self.settings, self.library)
        self.settings.defaults |= {"encoder.precision": "auto", "encoder.threads": 0, "encoder.dimensions": 0}
        recall = Recall(store.conversations, self.encoder)
        self.window = ContextWindow(store.conversations, self.decoder, self.session, self.settings, recall)
        self.chat = ChatService(store.conversations, self.decoder, self.session, self.settings, window=self.window)

    def policy(self, when_full: WhenFull) -> None:
        self.settings.person["decoder.when_full"] = when_full.value

    def fill(self, chat: int, turns: int, first: int = 0) -> list[Any]:
        events: list[Any] = []
        for number in range(first, first + turns):
            events += self.ask(chat, FILLER.format(number))
        return events

    def fill_until(self, chat: int, condition: Callable[[], bool]) -> None:
        for number in range(60):
            if condition():
                return
            self.fill(chat, 1, number)
        raise AssertionError("it never came to that")

    def moved(self, chat: int) -> bool:
        return self.chat.get(chat).memory_start_id is not None

    def read(self) -> str:
        """Everything the last request gave to the decoder."""
        return "\n".join(turn.text for turn in self.decoder.requests[-1].turns)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[WindowDesk]:
    store = Store.open(tmp_path / "inkwell.sqlite3", backups=tmp_path / "backups")
    yield WindowDesk(store)
    store.close()


# Drop oldest, recall by meaning -----------------------------------------------------------------


@pytest.mark.parametrize("with_encoder", [True, False], ids=["encoder", "words"])
def test_a_fact_from_the_beginning_of_a_chat_of_eight_windows_is_recalled(desk: WindowDesk, with_encoder: bool) -> None:
    if with_encoder:
        desk.encoder.ensure()
    chat = desk.chat.create().id
    desk.ask(chat, FACT)
    number = 0
    while sum(len(message.text.split()) for message in desk.chat.messages(chat)) < 8 * CONTEXT:
        desk.fill(chat, 1, number)
        number += 1
    assert "Balthazar" not in desk.read()
    desk.ask(chat, "What is the name of the tortoise of my grandmother?")
    *before, last = desk.decoder.requests[-1].turns
    assert "Balthazar" in last.text
    assert last.text.index("Balthazar") < last.text.index("What is the name")
    assert all("Balthazar" not in turn.text for turn in before)
    answer = desk.chat.messages(chat)[-1]
    recalled = desk.window.recalled(answer.id)
    assert FACT in [passage.text for passage in recalled]


def test_what_was_recalled_leaves_the_stored_question_and_the_rest_of_the_prompt_as_they_were(desk: WindowDesk) -> None:
    chat = desk.chat.create().id
    desk.ask(chat, FACT)
    desk.fill_until(chat, lambda: desk.moved(chat))
    desk.ask(chat, "What is the name of the tortoise?")
    first = desk.decoder.requests[-1].turns
    assert FACT in first[-1].text
    assert desk.chat.messages(chat)[-2].text == "What is the name of the tortoise?"
    desk.ask(chat, "Zebra crossing?")
    second = desk.decoder.requests[-1].turns
    assert second[: len(first) - 1] == first[:-1]
    assert second[len(first) - 1].text == "What is the name of the tortoise?"


def test_unrelated_messages_do_not_come_back(desk: WindowDesk) -> None:
    desk.encoder.ensure()
    chat = desk.chat.create().id
    desk.ask(chat, FACT)
    desk.fill_until(chat, lambda: desk.moved(chat))
    question = "Quantum chromodynamics lattice?"
    desk.ask(chat, question)
    assert desk.decoder.requests[-1].turns[-1].text == question
    assert desk.window.recalled(desk.chat.messages(chat)[-1].id) == []


def test_what_the_decoder_sees_anyway_does_not_come_back(desk: WindowDesk) -> None:
    chat = desk.chat.create().id
    desk.ask(chat, FACT)
    desk.fill_until(chat, lambda: desk.moved(chat))
    question = "What is the name of the tortoise?"
    desk.ask(chat, question)
    assert FACT in desk.read()
    desk.ask(chat, f"You know: {FACT}")
    desk.ask(chat, question)
    assert desk.read().count(FACT) == 1
    assert FACT not in [passage.text for passage in desk.window.recalled(desk.chat.messages(chat)[-1].id)]


def test_recalled_messages_take_an_eighth_of_the_window_at_most(desk: WindowDesk) -> None:
    chat = desk.chat.create().id
    for number in range(30):
        desk.ask(chat, f"The tortoise number {number} " + "likes green lettuce leaves " * 10)
    question = "Which tortoise likes lettuce?"
    desk.ask(chat, question)
    last = desk.decoder.requests[-1].turns[-1]
    assert "number" in last.text
    assert len(last.text.split()) - len(question.split()) <= CONTEXT / 8


def test_an_answer_is_continued_with_what_was_recalled_for_it(desk: WindowDesk) -> None:
    chat = desk.chat.create().id
    desk.ask(chat, FACT)
    desk.fill_until(chat, lambda: desk.moved(chat))
    desk.ask(chat, "What is the name of the tortoise?")
    asked = desk.decoder.requests[-1].turns
    assert FACT in asked[-1].text
    first, answer = desk.chat.messages(chat)[0], desk.chat.messages(chat)[-1]
    list(desk.chat.continue_answer(chat, answer.id, CancelToken()))
    assert desk.decoder.requests[-1].turns[:-1] == asked
    desk.store.conversations.add_settings_used(answer.id, {"recalled": [[first.id, 0, 14]]})
    list(desk.chat.continue_answer(chat, answer.id, CancelToken()))
    quoted = desk.decoder.requests[-1].turns[-2].text
    assert f"> {FACT[:14]}\n" in quoted, "what was recalled then, not what would be now"


def test_no_turn_reads_more_again_than_it_must(desk: WindowDesk) -> None:
    """Between two steps: the exchange before, what is recalled and the question. At a step: all that stays."""
    chat = desk.chat.create().id
    desk.ask(chat, FACT)
    steps = 0
    for number in range(80):
        question = "The tortoise?" if number % 3 == 0 else FILLER.format(number)
        before = desk.chat.get(chat).memory_start_id
        desk.ask(chat, question)
        stepped = desk.chat.get(chat).memory_start_id != before
        steps += stepped
        exchange = len(FILLER.split()) + len(desk.decoder.answer.split()) + 3 * 4
        most = 0.75 * CONTEXT if stepped else exchange + len(question.split()) + CONTEXT / 8 + 8
        assert desk.decoder.prefilled[-1] <= most
    assert 0 < steps < 80 / 2


def test_only_what_left_is_learned(desk: WindowDesk) -> None:
    desk.encoder.ensure()
    chat = desk.chat.create().id
    desk.ask(chat, FACT)
    desk.window.learn_left_out(chat, CancelToken())
    assert desk.encoder.sentences == []
    desk.fill_until(chat, lambda: desk.moved(chat))
    desk.encoder.sentences.clear()
    desk.window.learn_left_out(chat, CancelToken())
    embedded = list(desk.encoder.sentences)
    desk.window.learn_left_out(chat, CancelToken())
    assert desk.encoder.sentences == embedded, "nothing is embedded twice"


# Summarise --------------------------------------------------------------------------------------


def test_a_summary_is_made_of_what_leaves_on_the_prefix_that_is_held(desk: WindowDesk) -> None:
    desk.policy(WhenFull.SUMMARISE)
    desk.settings.person["decoder.system_prompt"] = "Be brief"
    chat = desk.chat.create().id
    desk.ask(chat, FACT)
    events: list[Any] = []
    for number in range(60):
        desk.decoder.answer = "Balthazar the tortoise sleeps."
        events = desk.fill(chat, 1, number)
        if desk.moved(chat):
            break
    moved = next(event for event in events if isinstance(event, MemoryMoved))
    assert any(isinstance(event, Summarising) for event in events)
    assert moved.summary is not None
    assert (moved.summary.kind, moved.summary.text) == (SUMMARY, "Balthazar the tortoise sleeps.")
    asked, answered = desk.decoder.requests[-2:]
    assert asked.turns[-1].role is Role.USER
    assert FACT in asked.turns[1].text
    assert desk.decoder.prefilled[-2] <= len(asked.turns[-1].text.split()) + 4 + 1, "only the request itself is read"
    assert answered.turns[0].role is Role.SYSTEM
    assert answered.turns[0].text.startswith("Be brief\n\n")
    assert "Balthazar the tortoise sleeps." in answered.turns[0].text
    assert all(FACT not in turn.text for turn in answered.turns)
    texts = [message.text for message in desk.chat.messages(chat)]
    assert "Balthazar the tortoise sleeps." in texts[-1]
    assert FACT in texts[0], "stored text is never touched"
    assert len(texts) % 2 == 0, "the summary is no message of the path"


def summarised(desk: WindowDesk) -> tuple[int, Message]:
    desk.policy(WhenFull.SUMMARISE)
    chat = desk.chat.create().id
    desk.fill_until(chat, lambda: desk.moved(chat))
    summary = desk.window.summary(chat)
    assert summary is not None
    return chat, summary


def test_an_edited_summary_is_what_the_decoder_is_told_from_then_on(desk: WindowDesk) -> None:
    chat, summary = summarised(desk)
    desk.window.edit_summary(summary.id, "We spoke of lighthouses.")
    desk.ask(chat, "And now?")
    assert "We spoke of lighthouses." in desk.decoder.requests[-1].turns[0].text
    desk.window.edit_summary(summary.id, "")
    desk.ask(chat, "And now?")
    assert desk.decoder.requests[-1].turns[0].role is Role.USER


def test_a_summary_is_no_version_and_no_end_of_a_branch(desk: WindowDesk) -> None:
    chat, summary = summarised(desk)
    start = desk.chat.get(chat).memory_start_id
    assert start is not None
    assert desk.chat.branches.versions([start]) == {}
    first = desk.chat.messages(chat)[0]
    desk.chat.branches.delete(chat, start)
    desk.chat.branches.show(chat, first.id)
    shown = desk.chat.messages(chat)
    assert shown[-1].id == summary.parent_id
    assert all(message.kind == "" for message in shown)


def test_a_chat_that_is_branched_off_takes_summary_and_recalled_places_along(desk: WindowDesk) -> None:
    chat, summary = summarised(desk)
    last = desk.chat.messages(chat)[-1]
    desk.store.conversations.add_settings_used(last.id, {"recalled": [[desk.chat.messages(chat)[0].id, 0, 4]]})
    copy = desk.chat.branches.branch_off(chat, last.id)
    taken = desk.window.summary(copy.id)
    assert taken is not None
    assert (taken.text, taken.conversation_id) == (summary.text, copy.id)
    first, answer = desk.chat.messages(copy.id)[0], desk.chat.messages(copy.id)[-1]
    assert [passage.message_id for passage in desk.window.recalled(answer.id)] == [first.id]


def test_the_next_summary_follows_the_earlier_one(desk: WindowDesk) -> None:
    chat, first = summarised(desk)
    desk.window.edit_summary(first.id, "Lighthouses first.")
    desk.fill_until(chat, lambda: (desk.window.summary(chat) or first).id != first.id)
    asked = next(r for r in reversed(desk.decoder.requests) if "Summarise" in r.turns[-1].text)
    assert "Lighthouses first." in asked.turns[0].text
    second = desk.window.summary(chat)
    assert second is not None
    assert second.text in desk.decoder.requests[-1].turns[0].text
    assert "Lighthouses first." not in desk.decoder.requests[-1].turns[0].text


def test_a_failed_summary_lets_the_messages_leave_and_says_so(desk: WindowDesk) -> None:
    desk.policy(WhenFull.SUMMARISE)
    chat = desk.chat.create().id
    generate = desk.decoder.generate

    def failing(request: Any, cancel: CancelToken) -> Any:
        if "Summarise" in request.turns[-1].text:
            raise TemplateError("No.")
        return generate(request, cancel)

    desk.decoder.generate = failing  # type: ignore[method-assign]
    desk.fill_until(chat, lambda: desk.moved(chat))
    assert desk.window.summary(chat) is None
    answer = desk.chat.messages(chat)[-1]
    assert answer.stop_reason is StopReason.END
    assert answer.settings_used["summary_failed"] is True


def test_stopping_while_it_summarises_stores_no_summary_and_moves_nothing(desk: WindowDesk) -> None:
    desk.policy(WhenFull.SUMMARISE)
    chat = desk.chat.create().id
    for number in range(60):
        cancel = CancelToken()
        events = []
        for event in desk.chat.send(chat, FILLER.format(number), cancel):
            events.append(event)
            if isinstance(event, Summarising) and event.fraction > 0.5:
                cancel.cancel()
        if cancel.cancelled:
            break
    assert isinstance(events[-1], AnswerFinished)
    assert events[-1].message.stop_reason is StopReason.STOPPED
    assert not desk.moved(chat)
    assert desk.window.summary(chat) is None


# Stop and ask -----------------------------------------------------------------------------------


def full_chat(desk: WindowDesk) -> int:
    """A chat that asks what to do at its next message."""
    desk.policy(WhenFull.ASK)
    chat = desk.chat.create().id
    desk.session.ensure_decoder()
    number = 0
    while not will_drop(desk, chat):
        desk.fill(chat, 1, number)
        number += 1
    return chat


def will_drop(desk: WindowDesk, chat: int) -> bool:
    meter = desk.chat.meter(chat, FILLER.format(0))
    return meter is not None and meter.will_drop


def test_a_full_chat_that_asks_stores_and_moves_nothing(desk: WindowDesk) -> None:
    chat = full_chat(desk)
    stored = desk.chat.messages(chat)
    desk.chat.save_draft(chat, FILLER.format(0))
    with pytest.raises(ContextFullError) as asked:
        desk.fill(chat, 1)
    assert asked.value.todo
    assert desk.chat.messages(chat) == stored
    assert desk.chat.get(chat).draft == FILLER.format(0)
    assert not desk.moved(chat)


@pytest.mark.parametrize("choice", [WhenFull.RECALL, WhenFull.SUMMARISE])
def test_a_full_chat_asks_and_goes_on_as_chosen_this_once(desk: WindowDesk, choice: WhenFull) -> None:
    chat = full_chat(desk)
    desk.window.choose_once(chat, choice)
    desk.fill(chat, 1, 99)
    assert desk.moved(chat)
    assert (desk.window.summary(chat) is not None) == (choice is WhenFull.SUMMARISE)
    with pytest.raises(ContextFullError):
        desk.fill(chat, 60, 100)


def test_an_edit_that_makes_a_chat_too_full_stores_nothing_until_it_is_chosen_how_to_make_room(
    desk: WindowDesk,
) -> None:
    chat = full_chat(desk)
    tree = desk.store.conversations.tree(chat)
    path = desk.chat.messages(chat)
    last = path[-2]
    longer = " ".join([last.text, FILLER.format(0), FILLER.format(1)])
    with pytest.raises(ContextFullError):
        list(desk.chat.edit(chat, last.id, longer, CancelToken()))
    assert desk.store.conversations.tree(chat) == tree
    assert desk.chat.messages(chat) == path
    list(desk.chat.edit(chat, path[0].id, "Short", CancelToken()))
    assert desk.chat.messages(chat)[0].text == "Short", "what stood behind it does not count"
    desk.chat.branches.show(chat, path[0].id)
    desk.window.choose_once(chat, WhenFull.RECALL)
    list(desk.chat.edit(chat, last.id, longer, CancelToken()))
    assert desk.chat.messages(chat)[-2].text == longer
    assert desk.moved(chat)


def test_an_answer_that_no_longer_fits_is_not_begun_anew(desk: WindowDesk) -> None:
    chat = full_chat(desk)
    last = desk.chat.messages(chat)[-1]
    desk.settings.person["decoder.system_prompt"] = FILLER.format(0)
    tree = desk.store.conversations.tree(chat)
    with pytest.raises(ContextFullError):
        list(desk.chat.regenerate(chat, last.id, CancelToken()))
    assert desk.store.conversations.tree(chat) == tree


def on_the_brink(desk: WindowDesk) -> int:
    """A chat that asks what to do before its last answer, which stopped half-way, is written on."""
    desk.policy(WhenFull.RECALL)
    chat = desk.chat.create().id
    desk.fill_until(chat, lambda: will_drop(desk, chat))
    desk.decoder.answer = "word " * 200 + "end"
    desk.decoder.stop_reason = StopReason.STOPPED
    desk.ask(chat, "Begin a long story")
    desk.decoder.answer, desk.decoder.stop_reason = "So on.", StopReason.END
    assert not desk.moved(chat)
    desk.policy(WhenFull.ASK)
    return chat


def go_on(desk: WindowDesk, chat: int, message: int) -> list[Any]:
    return list(desk.chat.continue_answer(chat, message, CancelToken()))


def branch_at(desk: WindowDesk, chat: int, message: int) -> list[Any]:
    return list(desk.chat.branch_at_token(chat, message, 190, 7, CancelToken()))


@pytest.mark.parametrize("act", [go_on, branch_at])
def test_an_answer_that_a_full_chat_cannot_write_on_stays_as_it_is_until_it_is_chosen(
    desk: WindowDesk, act: Callable[[WindowDesk, int, int], list[Any]]
) -> None:
    chat = on_the_brink(desk)
    tree, path = desk.store.conversations.tree(chat), desk.chat.messages(chat)
    asked = len(desk.decoder.requests)
    with pytest.raises(ContextFullError, match="full"):
        act(desk, chat, path[-1].id)
    assert desk.store.conversations.tree(chat) == tree
    assert desk.chat.messages(chat) == path, "neither another end nor an error"
    assert len(desk.decoder.requests) == asked
    desk.window.choose_once(chat, WhenFull.RECALL)
    act(desk, chat, path[-1].id)
    assert desk.chat.messages(chat)[-1].text.endswith("So on.")
    assert desk.moved(chat)


@pytest.mark.parametrize("act", [go_on, branch_at])
def test_an_answer_that_fills_the_window_alone_is_not_touched(
    desk: WindowDesk, act: Callable[[WindowDesk, int, int], list[Any]]
) -> None:
    chat = desk.chat.create().id
    desk.decoder.answer = "word " * 600 + "end"
    desk.ask(chat, "Begin a long story")
    desk.settings.person["decoder.system_prompt"] = "rule " * 200
    tree, path = desk.store.conversations.tree(chat), desk.chat.messages(chat)
    answer = path[-1].id
    with pytest.raises(MessageTooLongError, match="no room left to go on"):
        act(desk, chat, answer) if act is go_on else list(
            desk.chat.branch_at_token(chat, answer, 590, 7, CancelToken())
        )
    assert desk.store.conversations.tree(chat) == tree
    assert desk.chat.messages(chat) == path


def test_a_branch_at_a_token_reads_what_was_recalled_for_the_old_answer(desk: WindowDesk) -> None:
    chat = desk.chat.create().id
    desk.ask(chat, FACT)
    desk.fill_until(chat, lambda: desk.moved(chat))
    desk.ask(chat, "What is the name of the tortoise?")
    before = desk.decoder.requests[-1].turns
    assert FACT in before[-1].text
    old = desk.chat.messages(chat)[-1]
    list(desk.chat.branch_at_token(chat, old.id, 2, 7, CancelToken()))
    assert desk.decoder.requests[-1].turns[:-1] == before
    new = desk.chat.messages(chat)[-1]
    assert desk.window.recalled(new.id) == desk.window.recalled(old.id) != []


def test_where_the_memory_began_on_the_path_counts_for_an_edit(desk: WindowDesk) -> None:
    desk.policy(WhenFull.RECALL)
    chat = desk.chat.create().id
    desk.fill_until(chat, lambda: desk.moved(chat))
    moved_at = desk.chat.messages(chat)[-1]
    desk.fill(chat, 1, 98)
    last = desk.chat.messages(chat)[-2]
    start = desk.chat.get(chat).memory_start_id
    assert desk.store.conversations.memory_start_at(moved_at.id) == start
    desk.policy(WhenFull.ASK)
    list(desk.chat.edit(chat, last.id, "Short", CancelToken()))
    assert desk.chat.messages(chat)[-2].text == "Short", "not all of the path is in the window"
    assert desk.chat.get(chat).memory_start_id == start


def test_a_chats_own_choice_goes_before_the_setting(desk: WindowDesk) -> None:
    desk.policy(WhenFull.ASK)
    chat = desk.chat.create().id
    desk.store.conversations.set_settings_of(chat, {"preset": "own"})
    desk.window.choose_when_full(chat, WhenFull.RECALL)
    assert desk.window.when_full(chat) == (WhenFull.RECALL, True)
    desk.fill_until(chat, lambda: desk.moved(chat))
    desk.window.choose_when_full(chat, None)
    assert desk.window.when_full(chat) == (WhenFull.ASK, False)
    assert desk.store.conversations.settings_of(chat) == {"preset": "own"}


# Pinned messages --------------------------------------------------------------------------------


def test_a_pinned_message_never_leaves_the_window(desk: WindowDesk) -> None:
    desk.settings.person["decoder.system_prompt"] = "Be brief"
    chat = desk.chat.create().id
    desk.ask(chat, FACT)
    pinned = desk.chat.messages(chat)[0]
    before = desk.decoder.requests[-1].turns
    desk.window.set_pinned(pinned.id, True)
    desk.ask(chat, "Go on")
    assert desk.decoder.requests[-1].turns[: len(before)] == before, "pinning alone makes nothing be read again"
    desk.fill_until(chat, lambda: desk.moved(chat))
    for number in range(20):
        desk.fill(chat, 1, number)
        first = desk.decoder.requests[-1].turns[0]
        assert first.role is Role.SYSTEM
        assert first.text.startswith("Be brief\n\n")
        assert FACT in first.text
        assert desk.read().count(FACT) == 1
    desk.window.set_pinned(pinned.id, False)
    desk.ask(chat, "Go on")
    assert FACT not in desk.decoder.requests[-1].turns[0].text


def test_the_plan_counts_what_is_pinned(desk: WindowDesk) -> None:
    chat = desk.chat.create().id
    desk.ask(chat, "word " * 200)
    desk.window.set_pinned(desk.chat.messages(chat)[0].id, True)
    desk.fill(chat, 40)
    for request in desk.decoder.requests:
        assert desk.decoder.measure(request.turns).total_tokens <= 750


def test_pinned_messages_that_leave_no_room_are_named(desk: WindowDesk) -> None:
    chat = desk.chat.create().id
    for _ in range(3):
        desk.ask(chat, "word " * 200)
        desk.window.set_pinned(desk.chat.messages(chat)[-2].id, True)
    with pytest.raises(MessageTooLongError, match="pinned") as refused:
        desk.ask(chat, "word " * 200)
    assert "Unpin" in refused.value.todo


# The meter --------------------------------------------------------------------------------------


def test_the_meter_divides_the_prompt_among_its_parts(desk: WindowDesk) -> None:
    desk.settings.person["decoder.system_prompt"] = "Be brief"
    desk.session.ensure_decoder()
    chat = desk.chat.create().id
    desk.ask(chat, FACT)
    desk.ask(chat, "one two three")
    pinned = desk.chat.messages(chat)[0]
    desk.window.set_pinned(pinned.id, True)
    meter = desk.chat.meter(chat, "draft")
    assert meter is not None
    assert meter.pinned == len(FACT.split()) + 4
    assert [message.message_id for message in meter.pinned_messages] == [pinned.id]
    assert meter.pinned_messages[0].beginning == FACT
    assert len(meter.conversation_messages) == 3
    assert meter.prompt_tokens + meter.reserved + meter.free == meter.context_length
    desk.ask(chat, "draft")
    assert meter.prompt_tokens == desk.decoder.measure(desk.decoder.requests[-1].turns).total_tokens
    assert meter.to_read_tokens == desk.decoder.prefilled[-1]


def test_the_meter_tells_what_the_next_step_costs_and_what_comes_back(desk: WindowDesk) -> None:
    chat = desk.chat.create().id
    desk.ask(chat, FACT)
    question = FILLER.format(0) + "tortoise called Balthazar"
    for number in range(60):
        meter = desk.chat.meter(chat, question)
        assert meter is not None
        if meter.will_drop:
            break
        desk.fill(chat, 1, number)
    assert meter.will_drop
    desk.ask(chat, question)
    assert desk.moved(chat)
    assert meter.to_read_tokens == desk.decoder.prefilled[-1]
    assert meter.left_out > 0
    assert FACT in [message.beginning for message in meter.recalled_messages]
