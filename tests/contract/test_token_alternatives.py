"""The alternatives that the real model tells with its tokens."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import ChatTurn, DecoderSpec, GenerateRequest, TokensWritten
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.domain.token_alternatives import LIKELIEST, RECORD_BYTES, TokenChoice, unpack_choices
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from tests.fakes.workers import starter_decoder


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DecoderProcess]:
    process = DecoderProcess(WorkerLauncher(tmp_path_factory.mktemp("alternatives") / "worker"))
    process.load(DecoderSpec(starter_decoder(), context_length=512, threads=1))
    yield process
    process.close()


def write(
    decoder: DecoderProcess, *, stop: str = "", alternatives: bool = True, most: int = 24, **sampling: float
) -> tuple[tuple[int, ...], bytes, str]:
    request = GenerateRequest(
        (ChatTurn(Role.USER, "Name five colours."),),
        SamplingSettings(**{"temperature": 1.0, "seed": 4, **sampling}),  # type: ignore[arg-type]
        most,
        stop_strings=(stop,) if stop else (),
        reuse_prefix=most == 1,
        alternatives=alternatives,
    )
    written = [each for each in decoder.generate(request, CancelToken()) if isinstance(each, TokensWritten)]
    tokens = tuple(token for each in written for token in each.token_ids)
    return tokens, b"".join(each.alternatives for each in written), "".join(each.text for each in written)


def known(records: bytes) -> list[TokenChoice]:
    return [choice for choice in unpack_choices(records) if choice is not None]


def test_the_chosen_one_of_a_greedy_answer_is_the_likeliest(decoder: DecoderProcess) -> None:
    tokens, records, _ = write(decoder, temperature=0.0)
    choices = known(records)
    assert len(choices) == len(tokens) > 5
    for token, choice in zip(tokens, choices, strict=True):
        assert choice.likeliest[0] == (token, choice.probability)
        shares = [share for _, share in choice.likeliest]
        assert shares == sorted(shares, reverse=True)
        assert len({each for each, _ in choice.likeliest}) <= LIKELIEST
        assert sum(shares) <= 1 + LIKELIEST / 65_535


def test_the_probabilities_are_those_the_draw_follows(decoder: DecoderProcess) -> None:
    """Of many first tokens drawn at temperature 1 without limits, each comes as often as its probability says."""
    free = {"top_k": 0, "top_p": 1.0, "min_p": 0.0}
    _, records, _ = write(decoder, most=1, **free)
    first = known(records)[0]
    draws = 60
    count = sum(write(decoder, most=1, seed=seed, **free)[0][0] == first.likeliest[0][0] for seed in range(draws))
    expected = first.likeliest[0][1]
    assert abs(count / draws - expected) < 4 * math.sqrt(expected * (1 - expected) / draws) + 0.02


def test_without_asking_none_are_told_and_the_answer_is_the_same(decoder: DecoderProcess) -> None:
    asked, records, _ = write(decoder)
    unasked, nothing, _ = write(decoder, alternatives=False)
    assert asked == unasked
    assert len(records) == len(asked) * RECORD_BYTES
    assert nothing == b""


def test_a_stop_string_leaves_a_record_for_every_token_that_is_given_out(decoder: DecoderProcess) -> None:
    _, _, text = write(decoder)
    word = text.split()[2]
    tokens, records, cut = write(decoder, stop=word[1:])
    assert cut == text[: text.index(word[1:], text.index(word))]
    choices = unpack_choices(records)
    assert len(choices) == len(tokens)
    assert all(choices[:-1])
    assert choices[-1] is None, "the stop string left half of a token: what spells the rest was not chosen"


def test_tokens_are_spelled_by_their_bytes(decoder: DecoderProcess) -> None:
    tokens, _, text = write(decoder)
    assert b"".join(decoder.spell(tokens)).decode() == text
    assert decoder.spell([2]) == (b"",), "a control token stands for no text"
    assert decoder.spell([]) == ()
