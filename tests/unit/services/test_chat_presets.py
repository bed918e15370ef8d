"""A chat's preset and its own changes decide what the decoder is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.context_budget import WhenFull
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import MessageTooLongError
from desktop_app.domain.presets import INSTRUCTIONS_KEY
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.services.presets import PresetService
from tests.fakes.chat_desk import ChatDesk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ChatDesk]:
    made = ChatDesk(tmp_path)
    yield made
    made.close()


@pytest.fixture
def presets(desk: ChatDesk) -> PresetService:
    return PresetService(desk.store.presets, desk.conversations)


def test_instructions_sampling_and_length_come_from_the_preset(desk: ChatDesk, presets: PresetService) -> None:
    desk.settings.person[INSTRUCTIONS_KEY] = "Everybody's instructions."
    chat, other = desk.chat.create(), desk.chat.create()
    made = presets.add(
        "Brief", "", {INSTRUCTIONS_KEY: "Be brief.", "sampling.temperature": 0.1, "decoder.max_answer_tokens": 32}
    )
    presets.apply(chat.id, made)
    presets.set_own(chat.id, "sampling.top_k", 7)
    answer = desk.ask(chat.id, "What is ink?")[-1]
    request = desk.decoder.requests[-1]
    assert (request.turns[0].role, request.turns[0].text) == (Role.SYSTEM, "Be brief.")
    assert (request.sampling.temperature, request.sampling.top_k, request.max_tokens) == (0.1, 7, 32)
    assert answer.settings_used["preset"] == "Brief"
    assert answer.settings_used["system_prompt"] == "Be brief."
    assert answer.settings_used["temperature"] == 0.1
    desk.ask(other.id, "What is ink?")
    request = desk.decoder.requests[-1]
    assert request.turns[0].text == "Everybody's instructions."
    assert request.sampling.temperature != 0.1


def test_an_empty_system_prompt_of_a_chat_is_one(desk: ChatDesk, presets: PresetService) -> None:
    desk.settings.person[INSTRUCTIONS_KEY] = "Everybody's instructions."
    chat = desk.chat.create()
    presets.set_own(chat.id, INSTRUCTIONS_KEY, "")
    desk.ask(chat.id, "What is ink?")
    assert [turn.role for turn in desk.decoder.requests[-1].turns] == [Role.USER]


def test_the_context_length_a_chat_asks_for_is_loaded(
    desk: ChatDesk, presets: PresetService, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []

    def context(path: Path, wanted: int | None = None) -> int:
        asked.append(wanted)
        return 1000

    monkeypatch.setattr(desk.library, "context_in_force", context)
    chat = desk.chat.create()
    presets.set_own(chat.id, "decoder.context_length", 512)
    desk.ask(chat.id, "What is ink?")
    desk.ask(desk.chat.create().id, "What is ink?")
    assert asked == [512, None]


def test_the_meter_and_the_refusal_count_the_chats_own_instructions(desk: ChatDesk, presets: PresetService) -> None:
    chat = desk.chat.create()
    desk.ask(chat.id, "What is ink?")
    before = desk.chat.meter(chat.id, "")
    presets.set_own(chat.id, INSTRUCTIONS_KEY, "word " * 900)
    after = desk.chat.meter(chat.id, "")
    assert before is not None
    assert after is not None
    assert after.instructions > before.instructions + 800
    with pytest.raises(MessageTooLongError):
        list(desk.chat.send(chat.id, "word " * 80, CancelToken()))


def test_what_is_given_for_one_answer_stands_above_preset_and_chat(desk: ChatDesk, presets: PresetService) -> None:
    desk.settings.person[INSTRUCTIONS_KEY] = "Everybody's instructions."
    chat = desk.chat.create()
    values = {INSTRUCTIONS_KEY: "Be brief.", "sampling.temperature": 0.1, "sampling.top_k": 5}
    presets.apply(chat.id, presets.add("Brief", "", values))
    presets.set_own(chat.id, "decoder.max_answer_tokens", 32)
    desk.chat.window.choose_when_full(chat.id, WhenFull.ASK)
    once = {
        INSTRUCTIONS_KEY: "Be long.",
        "sampling.temperature": 0.9,
        "sampling.top_k": None,
        "decoder.max_answer_tokens": 64,
        "decoder.when_full": "summarise",
    }
    usual, desk.chat = desk.chat, desk.chat_service(once)
    answer = desk.ask(chat.id, "What is ink?")[-1]
    request = desk.decoder.requests[-1]
    assert request.turns[0].text == answer.settings_used["system_prompt"] == "Be long."
    assert request.sampling.temperature == answer.settings_used["temperature"] == 0.9
    assert request.sampling.top_k == answer.settings_used["top_k"] == SamplingSettings().top_k, (
        "unset, not the preset's"
    )
    assert request.max_tokens == answer.settings_used["max_answer_tokens"] == 64
    assert desk.chat.window.when_full(chat.id) == (WhenFull.SUMMARISE, True)
    desk.chat = usual
    answer = desk.ask(chat.id, "And now?")[-1]
    assert (answer.settings_used["temperature"], answer.settings_used["max_answer_tokens"]) == (0.1, 32)
    assert desk.chat.window.when_full(chat.id) == (WhenFull.ASK, True)
