from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import AnswerFinished, MemoryMoved, MessageAdded, Reading, TextAdded
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import (
    CancelledError,
    MessageTooLongError,
    ModelDamagedError,
    ModelMissingError,
    WorkerCrashedError,
)
from desktop_app.domain.generation import StopReason
from desktop_app.domain.sampling import ValueSource
from desktop_app.services.chat import ChatService
from desktop_app.services.model_session import ModelSession
from desktop_app.storage.store import Store
from tests.fakes.fake_decoder import FakeDecoder


class FakeSettings:
    def __init__(self) -> None:
        self.defaults: dict[str, Any] = {
            "decoder.context_length": 1000,
            "decoder.max_answer_tokens": 1024,
            "decoder.threads": 0,
            "decoder.batch_size": 512,
            "decoder.kept_states_size": 1000,
            "decoder.gpu_layers": "auto",
            "decoder.system_prompt": "",
        }
        self.person: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self.person.get(key, self.defaults.get(key))

    def person_value(self, key: str) -> Any:
        return self.person.get(key)


class FakeLibrary:
    def __init__(self) -> None:
        self.damaged = False

    def decoder_path(self) -> Path:
        return Path("starter.gguf")

    def encoder_path(self) -> Path:
        return Path("encoder")

    def describe(self, path: Path) -> Any:
        return SimpleNamespace(
            name="Fake 1B",
            sampling={},
            catalogue_sampling={"temperature": 0.2},
            expected_sha256=None,
            built_in_template=None,
        )

    def verify_hash(self, path: Path, progress: None, cancel: CancelToken | None) -> None:
        if self.damaged:
            raise ModelDamagedError("The file is damaged.")

    def context_in_force(self, path: Path, asked: int | None = None) -> int:
        return 1000


class Desk:
    """A chat service on a real store with a decoder without a process."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.decoder = FakeDecoder()
        self.settings = FakeSettings()
        self.library = FakeLibrary()
        self.answering: list[bool] = []
        self.session = ModelSession(self.decoder, None, self.settings, self.library)  # type: ignore[arg-type]
        self.chat = ChatService(
            store.conversations, self.decoder, self.session, self.settings, while_answering=self.answering.append
        )

    def ask(self, conversation_id: int, text: str) -> list[Any]:
        return list(self.chat.send(conversation_id, text, CancelToken()))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = Store.open(tmp_path / "inkwell.sqlite3", backups=tmp_path / "backups")
    yield Desk(store)
    store.close()


def leave_unanswered(desk: Desk, conversation_id: int, text: str) -> None:
    """The model crashes before its first word."""
    desk.decoder.error = WorkerCrashedError("Ended.")
    with pytest.raises(WorkerCrashedError):
        desk.ask(conversation_id, text)
    desk.decoder.error = None


def test_an_answer_is_streamed_and_kept_with_its_token_ids(desk: Desk) -> None:
    chat = desk.chat.create()
    events = desk.ask(chat.id, "What is ink?")
    assert [type(event) for event in events[:3]] == [MessageAdded, MessageAdded, Reading]
    assert "".join(e.text for e in events if isinstance(e, TextAdded)) == desk.decoder.answer
    assert isinstance(events[-1], AnswerFinished)
    question, answer = desk.chat.messages(chat.id)
    assert (question.role, question.text) == (Role.USER, "What is ink?")
    assert answer.text == desk.decoder.answer
    assert answer.token_ids == (1000, 1001, 1002, 1003, 1004)
    assert answer.stop_reason is StopReason.END
    assert answer.figures is not None
    assert answer.figures.generated_tokens == 5
    assert answer.settings_used["temperature"] == 0.2


def test_the_title_comes_from_the_first_message_and_stays(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.ask(chat.id, "Explain **rank fusion** to me")
    desk.ask(chat.id, "Another question")
    assert desk.chat.get(chat.id).title == "Explain rank fusion to me"


def test_background_work_gives_way_while_an_answer_is_written(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.ask(chat.id, "Hello")
    assert desk.answering == [True, False]


def test_the_second_turn_carries_the_first_answers_token_ids(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.ask(chat.id, "One")
    desk.ask(chat.id, "Two")
    turns = desk.decoder.requests[-1].turns
    assert [turn.role for turn in turns] == [Role.USER, Role.ASSISTANT, Role.USER]
    assert turns[1].token_ids == (1000, 1001, 1002, 1003, 1004)


def test_a_crash_in_mid_answer_keeps_what_came(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.decoder.error = WorkerCrashedError("The chat model's process ended.")
    desk.decoder.fail_after = 3
    with pytest.raises(WorkerCrashedError):
        desk.ask(chat.id, "Hello")
    answer = desk.chat.messages(chat.id)[-1]
    assert answer.text == "An answer of"
    assert answer.stop_reason is StopReason.INTERRUPTED
    assert answer.error == "The chat model's process ended."
    assert desk.answering == [True, False]


def test_an_interrupted_answer_is_continued_from_its_tokens(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.decoder.error = WorkerCrashedError("Ended.")
    desk.decoder.fail_after = 2
    with pytest.raises(WorkerCrashedError):
        desk.ask(chat.id, "Hello")
    desk.decoder.error = None
    desk.decoder.answer = " and more"
    answer = desk.chat.messages(chat.id)[-1]
    list(desk.chat.continue_answer(chat.id, answer.id, CancelToken()))
    request = desk.decoder.requests[-1]
    assert request.continue_last
    assert request.turns[-1].token_ids == (1000, 1001)
    whole = desk.chat.messages(chat.id)[-1]
    assert whole.id == answer.id
    assert whole.text == "An answer and more"
    assert whole.token_ids == (1000, 1001, 1000, 1001, 1002)
    assert whole.figures is not None
    assert whole.figures.generated_tokens == 5


def test_without_a_model_nothing_is_stored_and_the_draft_stays(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.chat.save_draft(chat.id, "Hello")
    desk.decoder.load_error = ModelMissingError("No model.")
    with pytest.raises(ModelMissingError):
        desk.ask(chat.id, "Hello")
    assert desk.chat.messages(chat.id) == []
    assert (desk.chat.get(chat.id).title, desk.chat.get(chat.id).draft) == ("", "Hello")
    desk.decoder.load_error = None
    desk.ask(chat.id, "Hello")
    assert [m.text for m in desk.chat.messages(chat.id)] == ["Hello", desk.decoder.answer]
    assert desk.chat.get(chat.id).draft == ""


def test_a_send_stopped_while_the_model_loads_stores_nothing(desk: Desk) -> None:
    chat = desk.chat.create()
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(desk.chat.send(chat.id, "Hello", cancel))
    assert desk.chat.messages(chat.id) == []


def test_a_question_left_without_answer_can_be_retried(desk: Desk) -> None:
    chat = desk.chat.create()
    leave_unanswered(desk, chat.id, "Hello")
    list(desk.chat.retry(chat.id, desk.chat.messages(chat.id)[0].id, CancelToken()))
    assert [m.text for m in desk.chat.messages(chat.id)] == ["Hello", desk.decoder.answer]


def test_questions_left_without_answer_become_one_turn(desk: Desk) -> None:
    chat = desk.chat.create()
    leave_unanswered(desk, chat.id, "First")
    desk.ask(chat.id, "Second")
    (turn,) = desk.decoder.requests[-1].turns
    assert turn.text == "First\n\nSecond"


def test_a_message_too_long_only_with_the_unanswered_one_is_refused_before_it_is_stored(desk: Desk) -> None:
    chat = desk.chat.create()
    leave_unanswered(desk, chat.id, "word " * 500)
    before = desk.chat.messages(chat.id)
    with pytest.raises(MessageTooLongError, match="together"):
        desk.ask(chat.id, "word " * 500)
    assert desk.chat.messages(chat.id) == before


def test_regenerating_leaves_the_old_answer_in_the_tree(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.ask(chat.id, "Hello")
    old = desk.chat.messages(chat.id)[-1]
    desk.decoder.answer = "Another one"
    list(desk.chat.regenerate(chat.id, old.id, CancelToken()))
    path = desk.chat.messages(chat.id)
    assert [m.text for m in path] == ["Hello", "Another one"]
    assert path[-1].sibling_order == 1
    assert desk.store.conversations.get_message(old.id).text == old.text


def test_regenerating_in_vain_keeps_the_old_answer_in_view(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.ask(chat.id, "Hello")
    before = desk.chat.messages(chat.id)
    desk.decoder.load_error = ModelMissingError("No model.")
    with pytest.raises(ModelMissingError):
        list(desk.chat.regenerate(chat.id, before[-1].id, CancelToken()))
    assert desk.chat.messages(chat.id) == before


def test_stopping_keeps_the_part_that_was_shown(desk: Desk) -> None:
    chat = desk.chat.create()
    cancel = CancelToken()
    for event in desk.chat.send(chat.id, "Hello", cancel):
        if isinstance(event, TextAdded) and "answer" in event.text:
            cancel.cancel()
    answer = desk.chat.messages(chat.id)[-1]
    assert (answer.text, answer.stop_reason) == ("An answer", StopReason.STOPPED)


def test_a_dropped_stream_leaves_no_answer_open(desk: Desk) -> None:
    chat = desk.chat.create()
    stream = desk.chat.send(chat.id, "Hello", CancelToken())
    while not isinstance(next(stream), TextAdded):
        pass
    stream.close()
    answer = desk.chat.messages(chat.id)[-1]
    assert (answer.text, answer.stop_reason) == ("An", StopReason.STOPPED)
    assert desk.answering == [True, False]


@pytest.mark.parametrize("loaded", [True, False])
def test_a_message_that_cannot_fit_is_refused_before_it_is_stored(desk: Desk, loaded: bool) -> None:
    if loaded:
        desk.session.ensure_decoder()
    chat = desk.chat.create()
    desk.chat.save_draft(chat.id, "word " * 900)
    with pytest.raises(MessageTooLongError) as refused:
        desk.ask(chat.id, "word " * 900)
    assert refused.value.tokens > refused.value.room
    assert "Settings" in refused.value.todo
    assert desk.chat.messages(chat.id) == []
    assert (desk.chat.get(chat.id).title, desk.chat.get(chat.id).draft) == ("", "word " * 900)


def test_a_full_window_lets_oldest_messages_leave_but_never_the_instructions(desk: Desk) -> None:
    desk.settings.person["decoder.system_prompt"] = "Be brief"
    chat = desk.chat.create()
    moved: list[MemoryMoved] = []
    for _ in range(12):
        moved += [e for e in desk.ask(chat.id, "word " * 100) if isinstance(e, MemoryMoved)]
    assert moved
    stored = desk.chat.get(chat.id)
    assert stored.memory_start_id == moved[-1].first_message_id
    assert len(desk.chat.messages(chat.id)) == 24
    for request in desk.decoder.requests:
        assert request.turns[0].role is Role.SYSTEM
        assert request.turns[1].role is Role.USER
        assert desk.decoder.measure(request.turns).total_tokens <= 750
    assert len(moved) <= 3, "whole steps, not one message a turn"


def test_partial_answers_are_committed_while_they_grow(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.decoder.answer = "x" * 600 + " " + "y" * 600 + " end"
    seen = ""
    for event in desk.chat.send(chat.id, "Hello", CancelToken()):
        if isinstance(event, TextAdded) and event.text.startswith(" y"):
            seen = desk.chat.messages(chat.id)[-1].text
    assert len(seen) >= 1200


def test_the_meter_counts_as_the_decoder_does(desk: Desk) -> None:
    assert desk.chat.meter(None, "draft") is None
    desk.session.ensure_decoder()
    chat = desk.chat.create()
    desk.ask(chat.id, "one two three")
    meter = desk.chat.meter(chat.id, "four words of draft")
    assert meter is not None
    assert meter.draft == 4 + 4
    assert meter.conversation == (3 + 4) + (5 + 4)
    assert meter.instructions == 3
    assert meter.reserved == 250
    assert meter.free == 1000 - 250 - meter.draft - meter.conversation - meter.instructions
    assert meter.seconds_to_first_token is not None
    assert meter.seconds_to_first_token > 0
    assert meter.fits


@pytest.mark.parametrize("draft", ["", " \n "])
def test_an_empty_draft_counts_nothing(desk: Desk, draft: str) -> None:
    desk.session.ensure_decoder()
    chat = desk.chat.create()
    desk.ask(chat.id, "one two three")
    for conversation_id in (None, chat.id):
        meter = desk.chat.meter(conversation_id, draft)
        assert meter is not None
        assert meter.draft == 0
    assert meter.conversation == (3 + 4) + (5 + 4)


def test_a_draft_after_unanswered_messages_counts_as_itself(desk: Desk) -> None:
    """The decoder reads them as one message; the meter keeps apart what is stored and what is not."""
    desk.session.ensure_decoder()
    chat = desk.chat.create()
    desk.ask(chat.id, "one two three")
    desk.decoder.error = WorkerCrashedError("The model stopped.")
    with pytest.raises(WorkerCrashedError):
        desk.ask(chat.id, "never answered at all")
    without = desk.chat.meter(chat.id, "")
    meter = desk.chat.meter(chat.id, "now two")
    assert without is not None
    assert meter is not None
    assert (without.draft, without.unanswered) == (0, 0)
    assert meter.draft == 2
    assert meter.unanswered == 4 + 4
    assert meter.conversation == without.conversation
    assert meter.free == without.free - meter.draft


def test_the_meter_says_when_a_draft_cannot_be_sent(desk: Desk) -> None:
    desk.session.ensure_decoder()
    meter = desk.chat.meter(None, "word " * 900)
    assert meter is not None
    assert not meter.fits


def test_a_chat_is_copied_as_markdown(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.ask(chat.id, "Hello")
    assert desk.chat.as_markdown(chat.id) == "# Hello\n\n## You\n\nHello\n\n## Fake 1B\n\nAn answer of five words.\n"


def test_values_come_from_person_then_catalogue_then_default(desk: Desk) -> None:
    desk.settings.person["sampling.top_k"] = 12
    resolved = desk.session.resolved_sampling()
    assert (resolved.settings.top_k, resolved.sources["top_k"]) == (12, ValueSource.PERSON)
    assert (resolved.settings.temperature, resolved.sources["temperature"]) == (0.2, ValueSource.CATALOGUE)
    assert resolved.sources["min_p"] is ValueSource.DEFAULT


def test_the_decoder_is_asked_for_as_the_settings_say(desk: Desk) -> None:
    desk.settings.person.update({"decoder.gpu_layers": "7", "decoder.threads": 3})
    spec = desk.session.decoder_spec()
    assert (spec.context_length, spec.gpu_layers, spec.threads, spec.batch_size) == (1000, 7, 3, 512)
    desk.settings.person["decoder.gpu_layers"] = "none"
    assert desk.session.decoder_spec().gpu_layers == 0
    desk.settings.person["decoder.gpu_layers"] = "auto"
    assert desk.session.decoder_spec().gpu_layers is None


def test_a_file_with_a_wrong_hash_never_reaches_the_decoder(desk: Desk) -> None:
    desk.library.damaged = True
    with pytest.raises(ModelDamagedError):
        desk.session.ensure_decoder()
    assert desk.decoder.loaded is None


THOUGHT = "<think> It may be ink. </think> Because ."


def test_reasoning_is_counted_and_left_out_of_later_turns_but_stays_in_the_store(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.decoder.answer = THOUGHT
    desk.ask(chat.id, "Why?")
    answer = desk.chat.messages(chat.id)[-1]
    assert answer.text == THOUGHT
    assert answer.settings_used["reasoning_tokens"] == 6
    assert answer.settings_used["reasoning_s"] >= 0
    assert answer.settings_used["temperature"] == 0.2
    desk.ask(chat.id, "And then?")
    turns = desk.decoder.requests[-1].turns
    assert turns[1].text == "Because ."
    assert turns[1].token_ids is None
    assert desk.chat.conversations()[0].preview == "Because ."
    assert "ink" not in desk.chat.as_markdown(chat.id)


def test_what_a_person_wrote_is_never_taken_for_reasoning(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.ask(chat.id, "<think>My own words.</think> What do these marks mean?")
    assert "<think>My own words.</think> What" in desk.chat.as_markdown(chat.id)
    assert desk.decoder.requests[-1].turns[0].text.startswith("<think>My own words.")


def test_an_answer_that_is_continued_keeps_its_reasoning(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.decoder.answer = THOUGHT
    desk.decoder.stop_reason = StopReason.LIMIT
    desk.ask(chat.id, "Why?")
    answer = desk.chat.messages(chat.id)[-1]
    desk.decoder.answer = " And more."
    list(desk.chat.continue_answer(chat.id, answer.id, CancelToken()))
    turns = desk.decoder.requests[-1].turns
    assert turns[-1].text == THOUGHT
    assert turns[-1].token_ids == answer.token_ids
    assert desk.chat.messages(chat.id)[-1].settings_used["reasoning_tokens"] == 6


def test_a_thought_without_an_answer_is_no_turn(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.decoder.answer = "<think> Hm . "
    desk.ask(chat.id, "Why?")
    desk.ask(chat.id, "Well?")
    assert [turn.text for turn in desk.decoder.requests[-1].turns] == ["Why?\n\nWell?"]


def test_an_answer_without_reasoning_has_none_of_its_figures(desk: Desk) -> None:
    chat = desk.chat.create()
    desk.ask(chat.id, "Why?")
    assert "reasoning_tokens" not in desk.chat.messages(chat.id)[-1].settings_used
