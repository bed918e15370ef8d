"""Tokens and their bytes over the wire: alternatives with the answer, spelling beside it, and a worker that lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import ModelMissingError, WorkerCrashedError, WorkerProtocolError
from desktop_app.domain.generation import ChatTurn, DecoderSpec, GenerateRequest, TokensWritten
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.domain.token_alternatives import unpack_choices
from desktop_app.engines.decoder import DecoderProcess
from tests.fakes.workers import scripted_decoder, tiny_model

REQUEST = GenerateRequest((ChatTurn(Role.USER, "hello there"),), SamplingSettings(seed=1), max_tokens=9)


def write(decoder: DecoderProcess, request: GenerateRequest) -> list[TokensWritten]:
    return [each for each in decoder.generate(request, CancelToken()) if isinstance(each, TokensWritten)]


def test_an_answers_tokens_come_with_their_alternatives_and_are_spelled_while_another_is_written(
    tmp_path: Path,
) -> None:
    decoder = scripted_decoder(tmp_path)
    decoder.load(DecoderSpec(tiny_model(tmp_path)))
    try:
        written = write(decoder, replace(REQUEST, alternatives=True))
        tokens = [token for each in written for token in each.token_ids]
        choices = unpack_choices(b"".join(each.alternatives for each in written))
        assert len(choices) == len(tokens) == 9
        assert all(choices)
        assert not any(each.alternatives for each in write(decoder, REQUEST)), "nobody asked"
        running = decoder.generate(REQUEST, CancelToken())
        next(running)
        assert b"".join(decoder.spell(tokens)).decode() == "".join(each.text for each in written)
        list(running)
    finally:
        decoder.close()


@pytest.mark.parametrize(("behaviour", "error"), [("out_of_turn", WorkerProtocolError), ("crash", WorkerCrashedError)])
def test_a_worker_that_lies_or_dies_over_it_is_a_typed_error(
    behaviour: str, error: type[Exception], tmp_path: Path
) -> None:
    decoder = scripted_decoder(tmp_path, behaviour=behaviour, at="spell")
    decoder.load(DecoderSpec(tiny_model(tmp_path)))
    try:
        with pytest.raises(error):
            decoder.spell([1, 2])
    finally:
        decoder.close()


def test_nothing_is_spelled_without_a_model(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path)
    with pytest.raises(ModelMissingError):
        decoder.spell([1])
    decoder.close()
