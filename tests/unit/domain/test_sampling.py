"""Sampling values: their sources, and the lists among them as a person writes them."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.gguf_header import read_gguf_header
from desktop_app.domain.sampling import DEFAULT_BREAKERS, DEFAULT_ORDER, SamplingSettings, ValueSource, resolve_sampling
from desktop_app.domain.sampling_lists import (
    SAMPLERS,
    LogitBias,
    order_from_llama_cpp,
    read_biases,
    read_breakers,
    read_order,
)
from tests.fakes.gguf_writer import METADATA, gguf


def test_each_value_comes_from_the_strongest_source_that_has_it() -> None:
    resolved = resolve_sampling(
        {"mirostat": 2, "order": None}, {"mirostat": 1, "order": "top_k"}, {"order": "min_p", "xtc_probability": 0.5}
    )
    assert (resolved.settings.mirostat, resolved.sources["mirostat"]) == (2, ValueSource.PERSON)
    assert (resolved.settings.order, resolved.sources["order"]) == ("top_k", ValueSource.MODEL_FILE)
    assert (resolved.settings.xtc_probability, resolved.sources["xtc_probability"]) == (0.5, ValueSource.CATALOGUE)
    assert (resolved.settings.dry_base, resolved.sources["dry_base"]) == (1.75, ValueSource.DEFAULT)


def test_the_defaults_are_lists_that_can_be_read() -> None:
    assert read_order(DEFAULT_ORDER) == tuple(SAMPLERS)
    assert read_breakers(DEFAULT_BREAKERS) == ("\n", ":", '"', "*")
    assert read_biases(SamplingSettings().logit_bias) == ()


@pytest.mark.parametrize(
    ("text", "reason"), [("top_k, top_k", "twice"), ("top_k, warp", "“warp”"), ("", "no sampler"), ("top_k,", "“”")]
)
def test_an_order_that_is_none_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_order(text)


@pytest.mark.parametrize("text", ["a", "'a'", '"a" "b"', "1", '""', "[", '"' + "x" * 41 + '"', "1" * 5000, "[" * 5000])
def test_breakers_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"in double quotes|at most"):
        read_breakers(text)


def test_biases_are_texts_quoted_texts_and_token_numbers() -> None:
    written = 'sea=3, " the"=-2.5, "a,b=\\"c\\n"=1,\n#198=never'
    assert read_biases(written) == (
        LogitBias("sea", None, 3.0),
        LogitBias(" the", None, -2.5),
        LogitBias('a,b="c\n', None, 1.0),
        LogitBias("", 198, -math.inf),
    )


@pytest.mark.parametrize("text", ["sea", "=1", "sea=", "sea=much", "#x=1", "sea=1 sky=2", "sea=101", '""=1', "sea=1e3"])
def test_biases_that_are_none_are_named(text: str) -> None:
    with pytest.raises(ValueError, match="is not one"):
        read_biases("blue=1, " + text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_order, read_breakers, read_biases):
        with contextlib.suppress(ValueError):
            assert isinstance(read(text), tuple)


def test_a_models_own_order_is_read_as_llama_cpp_does() -> None:
    assert order_from_llama_cpp("top-k;TEMP;typ_p;infill;top_k") == "top_k, temperature, typical_p"
    assert order_from_llama_cpp("infill") == ""


def test_a_models_file_brings_all_its_sampling_values(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "model.gguf"
    own = {"general.sampling.sequence": "min_p;temp", "general.sampling.mirostat": 2}
    own |= {"general.sampling.mirostat_tau": 4.0, "general.sampling.xtc_threshold": 0.25}
    path.write_bytes(gguf({**METADATA, **own}))
    found = read_gguf_header(path).sampling
    assert found["order"] == "min_p, temperature"
    assert (found["mirostat"], found["mirostat_tau"], found["xtc_threshold"]) == (2, 4.0, 0.25)
