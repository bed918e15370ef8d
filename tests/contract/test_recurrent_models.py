"""Models whose state cannot be rolled back, asked of the real worker: what is read again, said, and answered alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderSpec,
    GenerateRequest,
    GenerationEnded,
    GenerationFigures,
    TokensWritten,
)
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from tests.fakes.recurrent_model import write_recurrent_model

QUESTION = ChatTurn(Role.USER, "The keeper wrote of wind, of ships and of the long winter nights. " * 20)
NEXT = ChatTurn(Role.USER, "Who wrote of the sea?")
TOKENS = 4


@pytest.fixture(scope="module", params=[False, True], ids=["recurrent", "hybrid"])
def decoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DecoderProcess]:
    folder = tmp_path_factory.mktemp("recurrent")
    process = DecoderProcess(WorkerLauncher(folder / "worker"))
    try:
        model = write_recurrent_model(folder / "tiny.gguf", hybrid=request.param)
        process.load(DecoderSpec(model, 512, 1, states_folder=folder / "kv", states_bytes=10**9))
        yield process
    finally:
        process.close()


def ask(
    decoder: DecoderProcess, *turns: ChatTurn, reuse_prefix: bool = True, keep_state: bool = False
) -> tuple[ChatTurn, GenerationFigures]:
    sampling = SamplingSettings(temperature=0, seed=1)
    request = GenerateRequest(turns, sampling, TOKENS, reuse_prefix=reuse_prefix, keep_state=keep_state)
    *events, last = decoder.generate(request, CancelToken())
    assert isinstance(last, GenerationEnded)
    written = [event for event in events if isinstance(event, TokensWritten)]
    ids = tuple(number for event in written for number in event.token_ids)
    return ChatTurn(Role.ASSISTANT, "".join(event.text for event in written), ids), last.figures


def test_a_turn_that_only_adds_reads_what_is_new_and_answers_as_a_fresh_read(decoder: DecoderProcess) -> None:
    assert decoder.loaded is not None
    assert not decoder.loaded.can_roll_back
    answer, first = ask(decoder, QUESTION, reuse_prefix=False)
    talk = (QUESTION, answer, NEXT)
    expected = decoder.measure(talk).cached_tokens
    second, figures = ask(decoder, *talk)
    assert figures.cached_tokens == expected >= first.prompt_tokens + TOKENS - 1
    fresh, whole = ask(decoder, *talk, reuse_prefix=False)
    assert (whole.cached_tokens, whole.prompt_tokens) == (0, figures.prompt_tokens)
    assert second == fresh


def test_a_turn_that_changes_something_reads_everything_again_and_says_so(decoder: DecoderProcess) -> None:
    answer, _figures = ask(decoder, QUESTION, reuse_prefix=False)
    edited = (QUESTION, ChatTurn(Role.ASSISTANT, f"Changed. {answer.text}"), NEXT)
    assert decoder.measure(edited).cached_tokens == 0
    second, figures = ask(decoder, *edited)
    assert figures.cached_tokens == 0
    assert second == ask(decoder, *edited, reuse_prefix=False)[0]


def test_asking_again_reads_everything_again_and_answers_alike(decoder: DecoderProcess) -> None:
    answer, _figures = ask(decoder, QUESTION, reuse_prefix=False)
    again, figures = ask(decoder, QUESTION)
    assert figures.cached_tokens == 0
    assert again == answer


def test_a_state_from_disk_goes_on_with_the_very_chat_alone(decoder: DecoderProcess) -> None:
    answer, first = ask(decoder, QUESTION, reuse_prefix=False, keep_state=True)
    ask(decoder, NEXT, keep_state=True)  # another chat takes the context
    changed = (ChatTurn(Role.USER, QUESTION.text[:-30]), answer, NEXT)
    assert decoder.measure(changed, keep_state=True).restorable_tokens == 0
    talk = (QUESTION, answer, NEXT)
    second, figures = ask(decoder, *talk, keep_state=True)
    assert figures.restored_tokens >= first.prompt_tokens
    assert second == ask(decoder, *talk, reuse_prefix=False)[0]
