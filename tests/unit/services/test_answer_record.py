"""Whatever stands beside an answer in the store, it can be shown, read and written on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop_app.domain.constraint import CONSTRAINT_KEY, constraint_in
from desktop_app.domain.conversation import EDITED, Message, Role
from desktop_app.domain.errors import DiskFullError, WorkerCrashedError
from desktop_app.domain.generation import StopReason, TokensWritten
from desktop_app.domain.reasoning import (
    OPENS_REASONING,
    REASONING_SECONDS,
    REASONING_TOKENS,
    answer_of,
    reasoning_seconds,
    reasoning_tokens,
)
from desktop_app.domain.recalled_places import MEMORY_START, RECALLED, recalled_places, with_other_ids
from desktop_app.services.answer_record import AnswerRecord
from desktop_app.services.chat_settings import choices_from
from tests.fakes.odd_values import json_values

KEYS = (OPENS_REASONING, REASONING_TOKENS, REASONING_SECONDS, EDITED, RECALLED, MEMORY_START)
odd_settings = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, json_values))


class _Store:
    """Keeps what an answer ends with."""

    def __init__(self) -> None:
        self.added: dict[str, Any] = {}

    def finish_message(self, *_arguments: object, settings_added: dict[str, Any], **_more: object) -> None:
        self.added = settings_added


@given(odd_settings)
@example({REASONING_SECONDS: float("nan"), REASONING_TOKENS: float("inf")})
@example({REASONING_SECONDS: "2", REASONING_TOKENS: "many"})
@example({REASONING_SECONDS: [1], REASONING_TOKENS: None})
@example({REASONING_SECONDS: 10**400, REASONING_TOKENS: 10**400})
@example({RECALLED: [[10**30, 0, 1], [1, -3, 2], [1, 5, 2]]})
def test_an_answer_with_any_values_beside_it_is_written_on(used: dict[str, Any]) -> None:
    message = Message(1, 1, None, 0, Role.ASSISTANT, "<think>Hm", datetime(2026, 1, 2, tzinfo=UTC), settings_used=used)
    assert isinstance(answer_of(message.text, used), str)
    assert 0 <= reasoning_tokens(used) <= 10**9
    assert 0 <= reasoning_seconds(used) <= 10**9
    for message_id, start, end in recalled_places(used):
        assert 0 <= message_id < 2**63
        assert 0 <= start < end
    assert with_other_ids(used, {}).get(RECALLED, []) == []
    store = _Store()
    record = AnswerRecord(store, message, [], lambda: 0.0)  # type: ignore[arg-type]
    record.add(TokensWritten(" so</think>Yes", (1, 2)))
    record.finish(StopReason.END, None)
    assert store.added[REASONING_TOKENS] >= 2
    assert store.added[REASONING_SECONDS] >= 0


def test_what_was_thought_before_is_counted_on() -> None:
    used = {REASONING_TOKENS: 7, REASONING_SECONDS: 2.5}
    assert (reasoning_tokens(used), reasoning_seconds(used)) == (7, 2.5)
    assert (reasoning_tokens({}), reasoning_seconds({})) == (0, 0)
    assert (reasoning_tokens({REASONING_TOKENS: True}), reasoning_seconds({REASONING_SECONDS: -1})) == (0, 0)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("preset", "preset_name", "preset_values", "own"), json_values))
)
def test_a_chat_with_any_settings_has_choices(settings: dict[str, Any]) -> None:
    assert isinstance(choices_from(settings).preset_name, str)
    assert constraint_in({CONSTRAINT_KEY: settings}) is None


@given(
    st.dictionaries(
        st.sampled_from(["sampling.temperature", "sampling.top_k", "sampling.order", "decoder.max_answer_tokens", "x"]),
        json_values,
    )
)
def test_a_chats_own_values_that_do_not_fit_are_left_out(own: dict[str, Any]) -> None:
    kept = choices_from({"own": own}).own
    assert kept.keys() <= own.keys() - {"x"}


class _FullStore:
    """Takes nothing, as a full disk."""

    def finish_message(self, *_arguments: object, **_more: object) -> None:
        raise DiskFullError("The disk is full.")


@pytest.mark.parametrize("failure", [ZeroDivisionError, WorkerCrashedError, GeneratorExit])
def test_background_work_goes_on_even_where_the_end_of_an_answer_is_not_kept(failure: type[BaseException]) -> None:
    answer = Message(1, 1, None, 0, Role.ASSISTANT, "", datetime(2026, 1, 2, tzinfo=UTC))
    record = AnswerRecord(_FullStore(), answer, [], lambda: 0.0)  # type: ignore[arg-type]
    answering: list[bool] = []
    with pytest.raises(DiskFullError), record.under_way(answering.append):
        raise failure("away")
    assert answering == [True, False]
