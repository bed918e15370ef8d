"""Our sampler chain: in llama.cpp's order, and with every setting at work in its sampler."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import SamplingError
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


def order(prompt: list[int] | None = None, **changes: object) -> Order:
    return {"sampling": NEUTRAL | changes, "logits": LOGITS, "prompt": prompt or []}


def choose(*orders: Order, vocabulary: bool = False) -> list[Order]:
    arguments = [str(starter_decoder())] if vocabulary else []
    answers = ask_probe("tests.contract.sampler_probe", orders, *arguments)
    for answer in answers:
        answer["left"] = {int(token): logit for token, logit in answer["left"].items()}
    return answers


def test_the_chain_has_llama_cpps_order_and_nothing_that_changes_nothing() -> None:
    every = {"top_k": 4, "typical_p": 0.9, "top_p": 0.9, "min_p": 0.1, "temperature": 0.7, "repeat_penalty": 1.1}
    every |= {"top_n_sigma": 2.0, "xtc_probability": 0.5}
    whole, greedy, neutral, dynamic = choose(
        order(**every), order(**every | {"temperature": 0.0}), order(), order(dynatemp_range=0.5)
    )
    assert whole["names"] == [name for name in LLAMA_CPP_ORDER if name != "dry"], "no sequence is asked not to repeat"
    assert greedy["names"] == ["penalties", "greedy"]
    assert neutral["names"] == ["temp", "dist"]
    assert dynamic["names"] == ["temp-ext", "dist"]


def test_the_samplers_stand_in_the_order_that_was_chosen_and_those_left_out_are_off() -> None:
    every = {"top_k": 4, "top_p": 0.9, "min_p": 0.1, "temperature": 0.7, "repeat_penalty": 1.1}
    (other,) = choose(order(**every, order=["temperature", "min_p", "top_k", "penalties"]))
    assert other["names"] == ["temp", "min-p", "top-k", "penalties", "dist"]


def test_the_order_changes_what_is_left() -> None:
    limits = {"top_p": 0.6, "temperature": 2.0}
    cool, hot = choose(order(**limits, order=["top_p", "temperature"]), order(**limits, order=["temperature", "top_p"]))
    assert set(cool["left"]) == {1, 3}
    assert set(hot["left"]) == {1, 2, 3}, "the flatter distribution needs more tokens for three fifths"


def test_top_n_sigma_keeps_what_is_near_the_best_and_xtc_leaves_the_best_out() -> None:
    (sigma,) = choose(order(top_n_sigma=0.5))
    assert {token for token, logit in sigma["left"].items() if logit > -math.inf} == {1, 3}
    always, never = choose(order(xtc_probability=1.0, xtc_threshold=0.15), order(xtc_probability=0.0))
    assert set(always["left"]) == {0, 2, 4}, "of 0.4, 0.3 and 0.2 the least likely stays"
    assert set(never["left"]) == {0, 1, 2, 3, 4}


def test_dynamic_temperature_follows_the_doubt() -> None:
    changes = {"temperature": 1.0, "dynatemp_range": 0.5}
    (linear,) = choose(order(**changes, dynatemp_exponent=1.0))
    doubt = -sum(each * math.log(each) for each in PROBABILITIES) / math.log(len(PROBABILITIES))
    assert linear["left"][LIKELIEST] == pytest.approx(LOGITS[LIKELIEST] / (0.5 + doubt), rel=1e-4)
    (steep,) = choose(order(**changes, dynatemp_exponent=4.0))
    assert steep["left"][LIKELIEST] == pytest.approx(LOGITS[LIKELIEST] / (0.5 + doubt**4), rel=1e-4)


def test_mirostat_takes_the_place_of_the_limits_and_holds_the_surprise_down() -> None:
    every = {"top_k": 4, "top_p": 0.9, "min_p": 0.1, "repeat_penalty": 1.1, "mirostat_eta": 0.5}
    first, second = choose(order(**every, mirostat=1), order(**every, mirostat=2))
    assert first["names"] == ["penalties", "temp", "mirostat"]
    assert second["names"] == ["penalties", "temp", "mirostat-v2"]

    def surprise(tau: float) -> float:
        calm = order(mirostat=2, mirostat_tau=tau, mirostat_eta=0.5) | {"draws": 300}
        (answer,) = choose(calm)
        drawn = answer["draws"][50:]
        return sum(-math.log2(PROBABILITIES[token]) for token in drawn) / len(drawn)

    assert surprise(0.5) < surprise(1.2) < surprise(5.0)


def test_a_logit_bias_moves_one_token_and_never_bans_it() -> None:
    moved, banned = choose(
        order(logit_bias=[{"type": "Bias", "text": "", "token": 2, "bias": 1.5}]),
        order(logit_bias=[{"type": "Bias", "text": "", "token": LIKELIEST, "bias": -1e39}], temperature=0.0),
    )
    assert moved["names"][0] == "logit-bias"
    assert [moved["left"][token] - LOGITS[token] for token in range(5)] == pytest.approx([0, 0, 1.5, 0, 0], abs=1e-5)
    assert banned["chosen"] == 3


def test_a_logit_bias_on_a_token_the_model_has_not_is_an_error() -> None:
    too_high, no_tokens = choose(
        order(logit_bias=[{"type": "Bias", "text": "", "token": 5, "bias": 1.0}]),
        order(logit_bias=[{"type": "Bias", "text": "sea", "token": None, "bias": 1.0}]),
    )
    assert "#5" in too_high["error"]
    assert "0 to 4" in too_high["error"]
    assert "“sea”" in no_tokens["error"]


def test_a_texts_bias_holds_for_each_of_its_tokens() -> None:
    bias = {"type": "Bias", "text": " unbelievably", "token": None, "bias": 9.0}
    (answer,) = choose(order(logit_bias=[bias]) | {"logits": 0}, vocabulary=True)
    raised = {token for token, logit in answer["left"].items() if logit > 1}
    assert 1 <= len(raised) <= 6
    assert answer["chosen"] in raised


def dry(prompt: str, **changes: object) -> Order:
    values = {"temperature": 0.0, "dry_multiplier": 5.0, "dry_sequence_breakers": ["*"], **changes}
    return order(**values) | {"logits": 0, "raised": {" blue": 3.0, " green": 2.0}, "prompt": prompt}


def test_dry_stops_a_sequence_from_coming_again_unless_it_is_short_far_or_broken() -> None:
    prompt = "the sea was wide and the sky was blue; the sea was wide and the sky was"
    off, on, allowed, far, broken = choose(
        dry(prompt, dry_multiplier=0.0),
        dry(prompt),
        dry(prompt, dry_allowed_length=12),
        dry(prompt, dry_penalty_last_n=4),
        dry(prompt.replace("sky", "sky *")),
        vocabulary=True,
    )
    assert off["names"] == ["greedy"]
    assert on["names"] == ["dry", "greedy"]
    assert on["chosen"] != off["chosen"], "what followed the sequence before is discouraged"
    assert {each["chosen"] for each in (allowed, far, broken)} == {off["chosen"]}


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

    def write(**changes: object) -> tuple[int, ...]:
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
    assert write(xtc_probability=1.0, xtc_threshold=0.0001, top_k=5) != write(top_k=5)
    assert write(top_n_sigma=0.000001) == write(mirostat=2, mirostat_tau=0.0) == greedy
    assert write(temperature=0.0, logit_bias=f"#{greedy[0]}=never")[0] != greedy[0]
    assert write(temperature=0.0, order="temperature", repeat_penalty=5.0) == greedy, "penalties are out of the chain"


def test_a_bad_logit_bias_is_said_before_anything_is_read(decoder: DecoderProcess) -> None:
    for bias, words in (("#9999999=1", "#9999999"), ("sea", "“sea” is not one")):
        request = GenerateRequest((ChatTurn(Role.USER, "Hello"),), SamplingSettings(logit_bias=bias), max_tokens=4)
        with pytest.raises(SamplingError) as caught:
            next(iter(decoder.generate(request, CancelToken())))  # its first event would be of the reading
        assert words in str(caught.value)
