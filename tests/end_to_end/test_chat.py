"""Chats through ChatService, with the real starter decoder and the real store."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import (
    AnswerFinished,
    ChatEvent,
    MemoryMoved,
    MessageAdded,
    Reading,
    TextAdded,
)
from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.errors import MessageTooLongError
from desktop_app.domain.generation import DecoderEvent, GenerateRequest, StopReason
from desktop_app.engines.decoder import DecoderProcess
from tests.fakes.workers import starter_decoder

STOP_WITHIN_SECONDS = 1.0
SYSTEM_PROMPT = "You are a harbour master. Answer briefly."
LONG_STORY = "Tell me a very long story about a lighthouse keeper, with many chapters."
SENTENCE = "The tide comes in over the sand and carries the small boats back to the harbour wall. "


def finished(events: list[ChatEvent]) -> Message:
    """The final answer; there must be exactly one."""
    ends = [event.message for event in events if isinstance(event, AnswerFinished)]
    assert len(ends) == 1
    return ends[0]


def text_of(events: list[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextAdded))


def say(container: Container, chat_id: int, text: str) -> list[ChatEvent]:
    return list(container.chat.send(chat_id, text, CancelToken()))


@pytest.fixture
def short(settings: Container) -> Container:
    """Answers of at most 24 tokens, always the same draw."""
    settings.settings_file.set("decoder.max_answer_tokens", 24)
    settings.settings_file.set("sampling.seed", 7)
    return settings


def test_an_answer_streams_and_is_stored_as_it_was_shown(short: Container) -> None:
    chat = short.chat.create()
    events = say(short, chat.id, "What is the capital of France?")
    kinds = [type(event) for event in events]
    assert kinds[:2] == [MessageAdded, MessageAdded]
    assert kinds[-1] is AnswerFinished
    assert kinds.count(TextAdded) > 3
    assert Reading in kinds
    assert kinds.index(Reading) < kinds.index(TextAdded)
    answer = finished(events)
    assert "Paris" in answer.text
    assert answer.text == text_of(events)
    question, stored = short.chat.messages(chat.id)
    assert (question.role, question.text) == (Role.USER, "What is the capital of France?")
    assert stored == answer
    assert stored.stop_reason in (StopReason.END, StopReason.LIMIT)
    assert stored.figures is not None
    assert stored.token_ids is not None
    assert stored.figures.generated_tokens >= len(stored.token_ids) > 0
    assert stored.settings_used["seed"] == 7
    assert short.chat.get(chat.id).title == "What is the capital of France?"


def test_stopped_while_writing(settings: Container) -> None:
    chat = settings.chat.create()
    pid = settings.decoder.pid
    cancel, pieces, asked = CancelToken(), 0, 0.0
    events: list[ChatEvent] = []
    for event in settings.chat.send(chat.id, LONG_STORY, cancel):
        events.append(event)
        pieces += isinstance(event, TextAdded)
        if pieces == 5 and not asked:
            asked = time.monotonic()
            cancel.cancel()
    assert time.monotonic() - asked < STOP_WITHIN_SECONDS
    answer = finished(events)
    assert answer.stop_reason is StopReason.STOPPED
    assert answer.text == text_of(events) != ""
    assert settings.chat.messages(chat.id)[-1] == answer
    assert settings.decoder.pid == pid  # it stopped because it was asked to, not because it was killed


def test_stopped_while_reading(settings: Container) -> None:
    chat = settings.chat.create()
    pid = settings.decoder.pid
    cancel, asked = CancelToken(), 0.0
    events: list[ChatEvent] = []
    for event in settings.chat.send(chat.id, SENTENCE * 150 + "What was this about?", cancel):
        events.append(event)
        if isinstance(event, Reading) and not asked:
            assert event.done < event.total
            asked = time.monotonic()
            cancel.cancel()
    assert time.monotonic() - asked < STOP_WITHIN_SECONDS
    answer = finished(events)
    assert (answer.stop_reason, answer.text) == (StopReason.STOPPED, "")
    assert settings.decoder.pid == pid


def test_a_message_that_cannot_fit_is_refused_before_it_is_stored(short: Container) -> None:
    chat = short.chat.create()
    text = SENTENCE * 400
    short.chat.save_draft(chat.id, text)
    with pytest.raises(MessageTooLongError) as caught:
        say(short, chat.id, text)
    assert caught.value.tokens > caught.value.room > 0
    assert "Settings" in caught.value.todo
    assert short.chat.messages(chat.id) == []
    assert short.chat.get(chat.id).draft == text
    assert short.chat.get(chat.id).title == ""


def test_a_second_turn_reads_only_what_is_new(short: Container) -> None:
    chat = short.chat.create()
    first = finished(say(short, chat.id, SENTENCE * 12 + "What comes in?")).figures
    second = finished(say(short, chat.id, "And where do they go?")).figures
    assert first is not None
    assert second is not None
    # The last token of an answer is sampled and never decoded.
    assert second.cached_tokens >= first.prompt_tokens + first.generated_tokens - 1
    assert second.prompt_tokens - second.cached_tokens < 40


def test_going_on_after_the_limit_appends_to_the_same_message(short: Container) -> None:
    chat = short.chat.create()
    first = finished(say(short, chat.id, LONG_STORY))
    assert first.stop_reason is StopReason.LIMIT
    assert first.token_ids is not None
    assert len(first.token_ids) == 24
    events = list(short.chat.continue_answer(chat.id, first.id, CancelToken()))
    longer = finished(events)
    assert longer.id == first.id
    assert longer.text == first.text + text_of(events)
    assert len(longer.text) > len(first.text)
    assert longer.token_ids is not None
    assert longer.token_ids[:24] == first.token_ids
    assert len(longer.token_ids) > 24
    assert longer.figures is not None
    assert longer.figures.generated_tokens >= len(longer.token_ids)
    assert longer.figures.cached_tokens >= longer.figures.prompt_tokens - 2
    assert len(short.chat.messages(chat.id)) == 2


def test_an_answer_made_again_stands_beside_the_old_one(short: Container) -> None:
    chat = short.chat.create()
    old = finished(say(short, chat.id, "Name a colour."))
    short.settings_file.set("sampling.seed", 8)
    new = finished(list(short.chat.regenerate(chat.id, old.id, CancelToken())))
    assert (new.parent_id, new.sibling_order) == (old.parent_id, old.sibling_order + 1)
    assert [message.id for message in short.chat.messages(chat.id)] == [old.parent_id, new.id]
    assert short.store.conversations.get_message(old.id) == old


def test_switching_back_to_an_older_version_reads_only_what_it_adds(short: Container) -> None:
    """Each path's answers keep their token ids: a prompt's beginning stays token for token what the model holds."""
    branches = short.chat.branches
    chat = short.chat.create()
    say(short, chat.id, SENTENCE * 12 + "What comes in?")
    say(short, chat.id, "And where do they go?")
    old_path = short.chat.messages(chat.id)
    edited = list(short.chat.edit(chat.id, old_path[2].id, "And who owns them?", CancelToken()))
    new = finished(edited).figures
    assert new is not None
    assert new.cached_tokens > 200, "what stands above the edited message is not read again"
    branches.show(chat.id, old_path[2].id)
    assert short.chat.messages(chat.id) == old_path
    back = finished(say(short, chat.id, "And when?")).figures
    assert back is not None
    assert back.cached_tokens >= new.cached_tokens - 8
    assert back.prompt_tokens - back.cached_tokens < 24 + 2 * 40, "an old answer and two questions, no more"
    branches.show(chat.id, finished(edited).id)
    assert [message.text for message in short.chat.messages(chat.id)][2] == "And who owns them?"


def test_the_same_seed_gives_the_same_text(settings: Container) -> None:
    settings.settings_file.set("decoder.max_answer_tokens", 40)
    settings.settings_file.set("sampling.temperature", 1.0)

    def write(seed: int) -> str:
        """In a new chat, the prompt read as at a first start: a kept prefix differs in the last bits."""
        settings.settings_file.set("sampling.seed", seed)
        settings.decoder.unload()
        return finished(say(settings, settings.chat.create().id, "Tell me a story about a fox.")).text

    first = write(11)
    assert write(11) == first
    assert write(12) != first


# A small window -----------------------------------------------------------------------------------

WINDOW = 512
ANSWER_TOKENS = 16


class ListeningDecoder(DecoderProcess):
    """The real decoder; keeps what it was asked for."""

    asked: list[GenerateRequest]

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[DecoderEvent]:
        self.asked.append(request)
        return super().generate(request, cancel)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """An Inkwell of its own with a small context window, and with instructions."""
    starter_decoder()
    paths = data_paths(Path(tmp_path_factory.mktemp("small")), {})
    paths.create()
    container = Container(paths)
    decoder = ListeningDecoder(container.launcher)
    decoder.asked = []
    container.__dict__["decoder"] = decoder
    for key, value in {
        "decoder.context_length": WINDOW,
        "decoder.threads": 1,
        "decoder.max_answer_tokens": ANSWER_TOKENS,
        "decoder.system_prompt": SYSTEM_PROMPT,
        "sampling.seed": 5,
    }.items():
        container.settings_file.set(key, value)
    try:
        container.session.ensure_decoder()
        yield container
    finally:
        container.close()


def asked_last(container: Container) -> GenerateRequest:
    decoder = container.decoder
    assert isinstance(decoder, ListeningDecoder)
    return decoder.asked[-1]


def test_a_chat_longer_than_the_window_forgets_its_oldest_in_one_step(small: Container) -> None:
    chat = small.chat.create()
    moves: list[tuple[int, MemoryMoved]] = []
    sent = 0
    for number in range(9):
        events = say(small, chat.id, f"{number}. {SENTENCE * 3}")
        answer = finished(events)
        assert answer.text
        assert answer.figures is not None
        assert answer.figures.prompt_tokens + ANSWER_TOKENS <= WINDOW
        sent += 2
        assert [(turn.role, turn.text) for turn in asked_last(small).turns[:1]] == [(Role.SYSTEM, SYSTEM_PROMPT)]
        moved = [event for event in events if isinstance(event, MemoryMoved)]
        if moved:
            moves.append((number, moved[0]))
            before, left = sent - 1, len(asked_last(small).turns) - 1
            assert answer.figures.prompt_tokens <= WINDOW * 0.55
            assert asked_last(small).turns[1].role is Role.USER
            assert before - left >= 4  # a big step
    assert moves
    turns_between = [later[0] - earlier[0] for earlier, later in pairwise(moves)]
    assert all(turns > 1 for turns in turns_between)  # not one more at each turn
    assert small.chat.get(chat.id).memory_start_id == moves[-1][1].first_message_id
    stored = small.chat.messages(chat.id)
    assert len(stored) == sent
    assert stored[0].text.startswith("0. ")
    remembered = [message.id for message in stored].index(moves[-1][1].first_message_id)
    assert [turn.text for turn in asked_last(small).turns[1:]] == [message.text for message in stored[remembered:-1]]


def test_an_answer_that_fills_the_window_says_so_and_goes_on(small: Container) -> None:
    """It goes on in the same message, at the price of the oldest ones."""
    settings = small.settings_file
    chat = small.chat.create()
    for number in range(3):
        say(small, chat.id, f"{number}. {SENTENCE * 4}")
    settings.set("decoder.max_answer_tokens", 400)
    settings.set("sampling.temperature", 0.9)
    try:
        answer = finished(say(small, chat.id, LONG_STORY))
    finally:
        settings.set("decoder.max_answer_tokens", ANSWER_TOKENS)
        settings.reset("sampling.temperature")
    assert answer.stop_reason is StopReason.CONTEXT_FULL
    assert small.chat.get(chat.id).memory_start_id is None
    events = list(small.chat.continue_answer(chat.id, answer.id, CancelToken()))
    longer = finished(events)
    assert [type(event) for event in events].count(MemoryMoved) == 1
    assert longer.id == answer.id
    assert longer.text == answer.text + text_of(events)
    assert longer.figures is not None
    assert answer.figures is not None
    assert longer.figures.generated_tokens > answer.figures.generated_tokens
