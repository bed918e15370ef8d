"""Our sampler chain: in llama.cpp's order, and with every setting at work in its sampler."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import ChatTurn, DecoderSpec, GenerateRequest, TokensWritten
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from tests.fakes.probes import Order, ask_probe
from tests.fakes.workers import starter_decoder

LLAMA_CPP_ORDER = ["penalties", "dry", "top-n-sigma", "top-k", "typical", "top-p", "min-p", "xtc", "temp", "dist"]
"""The default of llama.cpp's own tools (common/common.h, `samplers`), which end with the draw."""

NEUTRAL = {
    "temperature": 1.0,
    "top_k": 0,
    "top_p": 1.0,
    "min_p": 0.0,
    "typical_p": 1.0,
    "repeat_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "penalty_last_n": 64,
    "seed": 7,
}
PROBABILITIES = [0.05, 0.4, 0.2, 0.3, 0.05]
LOGITS = [math.log(each) + 5 for each in PROBABILITIES]  # all above zero, as llama.cpp's repeat penalty divides those
LIKELIEST = 1


def order(prompt: list[int] | None = None, **changes: float) -> Order:
    return {"sampling": NEUTRAL | changes, "logits": LOGITS, "prompt": prompt or []}


def choose(*orders: Order) -> list[Order]:
    answers = ask_probe("tests.contract.sampler_probe", orders)
    for answer in answers:
        answer["left"] = {int(token): logit for token, logit in answer["left"].items()}
    return answers


def test_the_chain_has_llama_cpps_order_and_nothing_that_changes_nothing() -> None:
    every = {"top_k": 4, "typical_p": 0.9, "top_p": 0.9, "min_p": 0.1, "temperature": 0.7, "repeat_penalty": 1.1}
    whole, greedy, neutral = choose(order(**every), order(**every | {"temperature": 0.0}), order())
    assert whole["names"] == ["penalties", "top-k", "typical", "top-p", "min-p", "temp", "dist"]
    assert whole["names"] == [name for name in LLAMA_CPP_ORDER if name in whole["names"]]
    assert greedy["names"] == ["penalties", "greedy"]
    assert neutral["names"] == ["temp", "dist"]


@pytest.mark.parametrize("changes", [{"temperature": 0.0}, {"top_k": 1}, {"min_p": 1.0}, {"top_p": 0.1}])
def test_what_leaves_no_choice_gives_the_likeliest(changes: dict[str, float]) -> None:
    answers = choose(*(order(**changes, seed=seed) for seed in range(20)))
    assert {answer["chosen"] for answer in answers} == {LIKELIEST}


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"top_k": 2}, {1, 3}),
        ({"top_p": 0.6}, {1, 3}),
        ({"top_p": 0.8}, {1, 2, 3}),
        ({"min_p": 0.6}, {1, 3}),
        ({"min_p": 0.2}, {1, 2, 3}),
        # The surprise of 0.3 (1.20) is nearest to the entropy (1.35), then those of 0.2 (1.61) and 0.4 (0.92).
        ({"typical_p": 0.1}, {3}),
        ({"typical_p": 0.45}, {2, 3}),
    ],
)
def test_each_limit_leaves_what_it_should(changes: dict[str, float], left: set[int]) -> None:
    (answer,) = choose(order(**changes))
    assert set(answer["left"]) == left
    assert answer["chosen"] in left


def test_temperature_divides_and_the_seed_draws() -> None:
    (half,) = choose(order(temperature=0.5))
    assert [half["left"][token] for token in range(5)] == pytest.approx([logit / 0.5 for logit in LOGITS], rel=1e-5)
    first, again = ([each["chosen"] for each in choose(*(order(seed=seed) for seed in range(30)))] for _ in range(2))
    assert first == again
    assert len(set(first)) > 2


def test_each_penalty_takes_its_part_from_what_was_said() -> None:
    said = [1, 1, 3]
    repeat, presence, frequency = choose(
        order(said, repeat_penalty=2.0), order(said, presence_penalty=0.5), order(said, frequency_penalty=0.5)
    )
    for answer, once, twice in (
        (repeat, LOGITS[3] / 2, LOGITS[1] / 2),
        (presence, LOGITS[3] - 0.5, LOGITS[1] - 0.5),
        (frequency, LOGITS[3] - 0.5, LOGITS[1] - 1.0),
    ):
        assert [answer["left"][token] for token in (0, 1, 3)] == pytest.approx([LOGITS[0], twice, once], rel=1e-5)


def test_a_high_penalty_changes_the_choice_within_its_reach_only() -> None:
    penalised, forgotten = choose(
        order([1, 3], temperature=0.0, repeat_penalty=100.0),
        order([1, 3], temperature=0.0, repeat_penalty=100.0, penalty_last_n=1),
    )
    assert penalised["chosen"] == 2
    assert forgotten["chosen"] == LIKELIEST, "only the last token is remembered"


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DecoderProcess]:
    process = DecoderProcess(WorkerLauncher(tmp_path_factory.mktemp("sampling") / "worker"))
    process.load(DecoderSpec(starter_decoder(), context_length=512, threads=1))
    yield process
    process.close()


def test_settings_reach_the_real_model(decoder: DecoderProcess) -> None:
    hot = SamplingSettings(temperature=1.5, top_k=0, top_p=1.0, min_p=0.0, typical_p=1.0, repeat_penalty=1.0, seed=3)

    def write(**changes: float) -> tuple[int, ...]:
        turns = (ChatTurn(Role.USER, "Say the word sea again and again."),)
        request = GenerateRequest(turns, replace(hot, **changes), max_tokens=16, reuse_prefix=False)  # type: ignore[arg-type]
        events = decoder.generate(request, CancelToken())
        return tuple(token for each in events if isinstance(each, TokensWritten) for token in each.token_ids)

    greedy = write(temperature=0.0)
    assert write(top_k=1) == write(min_p=1.0) == write(top_p=0.000001) == greedy
    assert write() != greedy
    assert write(temperature=0.0, repeat_penalty=5.0) != greedy
    assert write(temperature=0.0, presence_penalty=50.0) != greedy
    assert write(temperature=0.0, frequency_penalty=50.0) != greedy
