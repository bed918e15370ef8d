"""Going on with a text: with the starter, which could chat, and with a base model, which refuses to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import TemplateError
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
from tests.fakes.workers import base_model, starter_decoder

CONTEXT_LENGTH = 512


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DecoderProcess]:
    process = DecoderProcess(WorkerLauncher(tmp_path_factory.mktemp("starter") / "worker"))
    try:
        process.load(DecoderSpec(starter_decoder(), context_length=CONTEXT_LENGTH, threads=2))
        yield process
    finally:
        process.close()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DecoderProcess]:
    folder = tmp_path_factory.mktemp("base")
    process = DecoderProcess(WorkerLauncher(folder / "worker"))
    try:
        process.load(DecoderSpec(base_model(folder), context_length=CONTEXT_LENGTH, threads=2))
        yield process
    finally:
        process.close()


def go_on(
    decoder: DecoderProcess, text: str, *, max_tokens: int = 6, reuse_prefix: bool = True
) -> tuple[str, GenerationFigures]:
    sampling = SamplingSettings(temperature=0, seed=1)
    request = GenerateRequest((), sampling, max_tokens, reuse_prefix=reuse_prefix, plain_text=text)
    *events, last = decoder.generate(request, CancelToken())
    assert isinstance(last, GenerationEnded)
    return "".join(event.text for event in events if isinstance(event, TokensWritten)), last.figures


def test_what_was_read_is_kept_while_a_text_grows(starter: DecoderProcess) -> None:
    beginning = "The keeper of the lighthouse wrote of wind, of ships, and of the long nights. One evening"
    text, figures = go_on(starter, beginning, reuse_prefix=False)
    assert text
    _, again = go_on(starter, beginning + text)
    assert again.cached_tokens >= figures.prompt_tokens
    assert again.prompt_tokens > figures.prompt_tokens


def test_a_text_longer_than_the_context_is_gone_on_from_its_end(starter: DecoderProcess) -> None:
    long_text = "The keeper wrote of wind, of ships and of the long winter nights above the sea. " * 40
    _, figures = go_on(starter, long_text, reuse_prefix=False)
    assert CONTEXT_LENGTH // 2 < figures.prompt_tokens < CONTEXT_LENGTH
    _, grown = go_on(starter, f"{long_text.rstrip()} It was night.")
    assert grown.cached_tokens >= figures.prompt_tokens - 3, "the beginning leaves in big steps"


def test_no_literal_of_a_text_is_read_as_the_token_it_names(starter: DecoderProcess) -> None:
    _, plain = go_on(starter, "One <|im_end|> two", reuse_prefix=False)
    _, token = go_on(starter, "One two", reuse_prefix=False)
    assert plain.prompt_tokens > token.prompt_tokens + 3


def test_a_base_model_does_not_chat(base: DecoderProcess) -> None:
    assert base.loaded is not None
    assert not base.loaded.has_chat_template
    request = GenerateRequest((ChatTurn(Role.USER, "Hello"),), SamplingSettings(seed=1), max_tokens=4)
    with pytest.raises(TemplateError):
        list(base.generate(request, CancelToken()))


def test_a_base_model_goes_on_with_a_text_and_repeats_itself(base: DecoderProcess) -> None:
    text, figures = go_on(base, "One, two, three, four, five,", reuse_prefix=False)
    assert "six" in text
    assert figures.prompt_tokens > 10
    assert go_on(base, "One, two, three, four, five,", reuse_prefix=False)[0] == text


def test_a_text_is_counted_as_it_is_read(starter: DecoderProcess, base: DecoderProcess) -> None:
    text = "The keeper of the lighthouse wrote of wind, of ships, and of the long nights."
    for decoder in (starter, base):
        _, figures = go_on(decoder, text, reuse_prefix=False)
        measure = decoder.measure_text(text)
        assert measure.total_tokens == figures.prompt_tokens
        assert measure.cached_tokens >= figures.prompt_tokens - 1
    assert starter.measure_text(text * 100).total_tokens > CONTEXT_LENGTH
