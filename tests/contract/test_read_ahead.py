"""Reading ahead of a message that is still being written, asked of the real worker with the starter model."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderSpec,
    GenerateRequest,
    GenerationEnded,
    StopReason,
    TokensWritten,
)
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from tests.fakes.workers import starter_decoder

SAMPLING = SamplingSettings(temperature=0.7, seed=7)
HISTORY = (
    ChatTurn(Role.SYSTEM, "You know the sea."),
    ChatTurn(Role.USER, "What did the keeper write of?"),
    ChatTurn(Role.ASSISTANT, "Of wind and ships."),
)
LONG = "The keeper wrote of wind, of ships and of the long winter nights above the sea. " * 60


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DecoderProcess]:
    made = DecoderProcess(WorkerLauncher(tmp_path_factory.mktemp("decoder")))
    made.load(DecoderSpec(starter_decoder(), 2048, 2))
    yield made
    made.close()


def draft(text: str) -> tuple[ChatTurn, ...]:
    return (*HISTORY, ChatTurn(Role.USER, text))


def generate(
    decoder: DecoderProcess, turns: tuple[ChatTurn, ...], cancel: CancelToken | None = None
) -> GenerationEnded:
    *_, last = decoder.generate(GenerateRequest(turns, SAMPLING, 4), cancel or CancelToken())
    assert isinstance(last, GenerationEnded)
    return last


def test_what_is_certain_need_not_be_read_again_and_the_meter_knows(decoder: DecoderProcess) -> None:
    assert decoder.read_ahead(draft("And what of the"), CancelToken())
    whole = draft("And what of the long winter nights?")
    measure = decoder.measure(whole)
    opening = decoder.measure(draft("")).turn_tokens[-1]
    assert measure.cached_tokens >= sum(measure.turn_tokens[:3]) + opening - 3
    assert measure.total_tokens - measure.cached_tokens < 20
    assert generate(decoder, whole).figures.cached_tokens == measure.cached_tokens


def test_a_draft_that_grows_is_read_only_where_it_grew(decoder: DecoderProcess) -> None:
    decoder.read_ahead(draft(""), CancelToken())
    before = decoder.measure(draft("Did he see the moon?")).cached_tokens
    decoder.read_ahead(draft("Did he see"), CancelToken())
    after = decoder.measure(draft("Did he see the moon?")).cached_tokens
    assert after == before + 3


def test_a_draft_that_shrank_lets_nothing_go(decoder: DecoderProcess) -> None:
    decoder.read_ahead(draft("And what of the winter"), CancelToken())
    held = decoder.measure(draft("And what of the winter nights?")).cached_tokens
    assert decoder.read_ahead(draft("And what"), CancelToken())
    assert decoder.measure(draft("And what of the winter nights?")).cached_tokens == held


def test_a_real_question_goes_first(decoder: DecoderProcess) -> None:
    """The reading ends when the question comes, long before it is whole, and what it read stays."""
    whole: list[bool] = []
    reading = threading.Thread(target=lambda: whole.append(decoder.read_ahead(draft(LONG), CancelToken())))
    reading.start()
    generate(decoder, (ChatTurn(Role.USER, "Hi"),))
    reading.join(30)
    assert whole == [False]


def test_a_change_ends_it_at_once(decoder: DecoderProcess) -> None:
    cancel = CancelToken()
    whole: list[bool] = []
    reading = threading.Thread(target=lambda: whole.append(decoder.read_ahead(draft(LONG), cancel)))
    reading.start()
    cancel.cancel()
    reading.join(2)
    assert whole == [False]
    assert decoder.loaded is not None


def test_a_newer_one_takes_the_place_of_an_older_one(decoder: DecoderProcess) -> None:
    whole: list[bool] = []
    reading = threading.Thread(target=lambda: whole.append(decoder.read_ahead(draft(LONG), CancelToken())))
    reading.start()
    while decoder.measure(draft(LONG)).cached_tokens < 40 and reading.is_alive():
        pass
    assert decoder.read_ahead(draft("And what of"), CancelToken())
    reading.join(30)
    assert whole == [False]


def test_nothing_is_read_ahead_while_an_answer_is_written(decoder: DecoderProcess) -> None:
    running = decoder.generate(GenerateRequest(draft("Tell me a long story."), SAMPLING, 200), CancelToken())
    for event in running:
        if isinstance(event, TokensWritten):
            assert not decoder.read_ahead(draft("And what of"), CancelToken())
            break
    running.close()
    assert generate(decoder, draft("Tell me a long story.")).stop_reason is StopReason.LIMIT
