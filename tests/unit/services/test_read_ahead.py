"""What the chat service has read ahead: the prompt up to the end of what is certain of the draft."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import DecoderSpec
from tests.fakes.chat_desk import ChatDesk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ChatDesk]:
    made = ChatDesk(tmp_path)
    yield made
    made.close()


def test_the_history_and_the_certain_words_are_read(desk: ChatDesk) -> None:
    chat = desk.chat.create()
    list(desk.chat.send(chat.id, "What is ink?", CancelToken()))
    assert desk.chat.read_prompt_ahead(chat.id, "And what", CancelToken())
    (turns,) = desk.decoder.read_ahead_of
    assert [turn.role for turn in turns] == [Role.USER, Role.ASSISTANT, Role.USER]
    assert turns[1].token_ids
    assert turns[-1].text == "And what"
    list(desk.chat.send(chat.id, "And what is paper?", CancelToken()))
    assert desk.decoder.requests[-1].turns[:2] == turns[:2]


def test_an_unanswered_question_is_part_of_what_is_certain(desk: ChatDesk) -> None:
    chat = desk.chat.create()
    cancel = CancelToken()
    desk.store.conversations.add_message(chat.id, None, Role.USER, "What is ink?")
    desk.decoder.load(DecoderSpec(Path("starter.gguf")))
    desk.chat.read_prompt_ahead(chat.id, "And", cancel)
    desk.chat.read_prompt_ahead(chat.id, "", cancel)
    assert [turns[-1].text for turns in desk.decoder.read_ahead_of] == ["What is ink?\n\nAnd", "What is ink?"]


def test_nothing_is_read_without_a_model_or_when_it_is_switched_off(desk: ChatDesk) -> None:
    assert not desk.chat.read_prompt_ahead(None, "Hello", CancelToken())
    desk.decoder.load(DecoderSpec(Path("starter.gguf")))
    desk.settings.person["decoder.read_ahead"] = "off"
    assert desk.chat.read_prompt_ahead(None, "Hello", CancelToken())
    assert desk.decoder.read_ahead_of == []


def test_what_would_make_messages_leave_is_not_read(desk: ChatDesk) -> None:
    chat = desk.chat.create()
    for number in range(4):
        list(desk.chat.send(chat.id, f"{number} " + "word " * 150, CancelToken()))
    desk.chat.read_prompt_ahead(chat.id, "word " * 300, CancelToken())
    assert desk.decoder.read_ahead_of == []
    assert desk.chat.get(chat.id).memory_start_id is None
