"""Another preset for one answer: which are offered, what they cost, and that the chat stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import ChatEvent
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import MessageTooLongError
from desktop_app.domain.presets import INSTRUCTIONS_KEY, Preset
from desktop_app.services.other_presets import OtherPresets
from desktop_app.services.presets import PresetService
from tests.fakes.chat_desk import ChatDesk

PIRATE = Preset("own:9", "Pirate", "", {INSTRUCTIONS_KEY: "Talk like a pirate.", "decoder.context_length": 512})
HOT = Preset("own:8", "Hot", "", {"sampling.temperature": 1.5})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ChatDesk]:
    made = ChatDesk(tmp_path)
    yield made
    made.close()


@pytest.fixture
def presets(desk: ChatDesk, tmp_path: Path) -> PresetService:
    return PresetService(desk.store.presets, desk.conversations, tmp_path)


@pytest.fixture
def others(desk: ChatDesk, presets: PresetService) -> OtherPresets:
    return OtherPresets(presets, desk.chat.window, desk.decoder, lambda asked: asked or 1000)


@pytest.fixture
def chat(desk: ChatDesk, presets: PresetService) -> int:
    """A chat with a preset of its own, and one change."""
    chat = desk.chat.create().id
    presets.apply(chat, presets.add("Calm", "", {INSTRUCTIONS_KEY: "Be calm.", "sampling.temperature": 0.2}))
    desk.ask(chat, "What is ink?")
    return chat


def test_one_answer_is_written_with_the_preset_and_the_chat_stays(
    desk: ChatDesk, presets: PresetService, chat: int
) -> None:
    presets.set_own(chat, "sampling.top_k", 7)
    before = presets.choices(chat)
    old = desk.chat.messages(chat)[-1]
    desk.decoder.answer = "Arr"
    list(desk.chat.regenerate(chat, old.id, CancelToken(), PIRATE))
    request = desk.decoder.requests[-1]
    assert (request.turns[0].role, request.turns[0].text) == (Role.SYSTEM, "Talk like a pirate.")
    assert request.sampling.temperature != 0.2, "nothing of the chat's own preset"
    assert request.sampling.top_k != 7, "nor of what the chat changes"
    answer = desk.chat.messages(chat)[-1]
    assert (answer.text, answer.parent_id, answer.settings_used["preset"]) == ("Arr", old.parent_id, "Pirate")
    assert answer.settings_used["system_prompt"] == "Talk like a pirate."
    assert presets.choices(chat) == before
    desk.ask(chat, "And paper?")
    assert desk.decoder.requests[-1].turns[0].text == "Be calm."
    assert desk.decoder.requests[-1].sampling.top_k == 7


def test_that_answer_is_gone_on_with_and_tried_again_with_its_preset(desk: ChatDesk, chat: int) -> None:
    list(desk.chat.regenerate(chat, desk.chat.messages(chat)[-1].id, CancelToken(), PIRATE))
    answer = desk.chat.messages(chat)[-1]

    def instructions(events: Iterator[ChatEvent]) -> str:
        list(events)
        return desk.decoder.requests[-1].turns[0].text

    assert instructions(desk.chat.continue_answer(chat, answer.id, CancelToken())) == "Talk like a pirate."
    assert instructions(desk.chat.branch_at_token(chat, answer.id, 1, 7, CancelToken())) == "Talk like a pirate."
    branched = desk.chat.messages(chat)[-1]
    assert branched.settings_used["preset"] == "Pirate"
    assert instructions(desk.chat.retry(chat, branched.id, CancelToken())) == "Talk like a pirate."
    assert instructions(desk.chat.regenerate(chat, branched.id, CancelToken())) == "Be calm."
    again = desk.chat.messages(chat)[-1]
    assert again.settings_used["preset"] == "Calm"
    assert instructions(desk.chat.continue_answer(chat, again.id, CancelToken())) == "Be calm."


def test_values_that_no_setting_takes_are_left_out(desk: ChatDesk, chat: int) -> None:
    answer = desk.chat.messages(chat)[-1]
    values = {"decoder.max_answer_tokens": "many", "storage.data_folder": "/", INSTRUCTIONS_KEY: "Hm."}
    desk.store.conversations.add_settings_used(answer.id, {"one_answer_values": values})
    list(desk.chat.continue_answer(chat, answer.id, CancelToken()))
    assert desk.decoder.requests[-1].turns[0].text == "Hm."


def test_the_presets_context_length_is_loaded_for_it(
    desk: ChatDesk, chat: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []

    def context(path: Path, wanted: int | None = None) -> int:
        asked.append(wanted)
        return 1000

    monkeypatch.setattr(desk.library, "context_in_force", context)
    list(desk.chat.regenerate(chat, desk.chat.messages(chat)[-1].id, CancelToken(), PIRATE))
    desk.ask(chat, "And paper?")
    assert asked == [512, None]


def test_instructions_that_leave_no_room_are_refused_before_anything_is_stored(desk: ChatDesk, chat: int) -> None:
    old = desk.chat.messages(chat)
    long = Preset("own:7", "Long", "", {INSTRUCTIONS_KEY: "word " * 990})
    with pytest.raises(MessageTooLongError):
        list(desk.chat.regenerate(chat, old[-1].id, CancelToken(), long))
    assert desk.chat.messages(chat) == old
    assert desk.chat.branches.versions([old[-1].id]) == {}


def test_the_preset_that_is_followed_is_not_offered_unless_it_was_changed(
    presets: PresetService, others: OtherPresets, chat: int
) -> None:
    presets.add("Wild", "", {"sampling.temperature": 1.9})
    assert [each.name for each in others.choices(chat)] == ["Wild"]
    presets.set_own(chat, "sampling.top_k", 7)
    assert [each.name for each in others.choices(chat)] == ["Calm", "Wild"]


def test_only_another_beginning_costs(desk: ChatDesk, presets: PresetService, others: OtherPresets, chat: int) -> None:
    desk.decoder.read_tokens_per_s = 10.0
    cost = others.cost(chat, PIRATE)
    meter = desk.chat.window.for_one_answer(PIRATE).meter(chat, "")
    assert cost is not None
    assert meter is not None
    assert cost.tokens == meter.prompt_tokens > 0
    assert cost.seconds == pytest.approx(cost.tokens / 10.0)
    same = Preset("own:6", "Same words", "", {INSTRUCTIONS_KEY: " Be calm. ", "sampling.temperature": 1.0})
    assert others.cost(chat, same) is None
    shorter = Preset("own:5", "Short window", "", {INSTRUCTIONS_KEY: "Be calm.", "decoder.context_length": 512})
    assert others.cost(chat, shorter) is not None, "another context reads everything anew"
    assert others.cost(chat, HOT) is not None, "without the chat's instructions"
    desk.decoder.read_tokens_per_s = 0.0
    cost = others.cost(chat, PIRATE)
    assert cost is not None
    assert cost.seconds is None
