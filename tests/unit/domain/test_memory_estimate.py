"""The estimate adds up as llama.cpp allocates, and its verdict keeps a margin."""

from __future__ import annotations

import pytest

from desktop_app.domain.memory_estimate import (
    PROCESS_BYTES,
    DecoderShape,
    MemoryEstimate,
    MemoryVerdict,
    attention_batch,
    context_in_force,
    estimate_memory,
    kv_cache_bytes,
)

SMOLLM2 = DecoderShape(96_576_768, 30, 9, (3,) * 30, 64, 64, 49_152, "llama")


def test_the_kv_cache_of_the_starter_is_what_llama_cpp_reports() -> None:
    # llama.cpp 0.3.36 prints "KV buffer size = 90.00 MiB" for SmolLM2 135M at 4,096 tokens.
    assert kv_cache_bytes(SMOLLM2, 4096) == 90 * 1024 * 1024


def test_the_cache_and_the_scores_grow_with_the_context_and_the_weights_do_not() -> None:
    small, large = estimate_memory(SMOLLM2, 1024), estimate_memory(SMOLLM2, 4096)
    assert large.kv_cache == 4 * small.kv_cache
    assert large.weights == small.weights
    assert large.compute >= small.compute
    assert large.total == large.weights + large.kv_cache + large.compute + PROCESS_BYTES


@pytest.mark.parametrize(("context_length", "reported_mib"), [(4096, 49.69), (8192, 83.19)])
def test_the_compute_buffer_of_the_starter_is_about_what_llama_cpp_reports(
    context_length: int, reported_mib: float
) -> None:
    estimated = estimate_memory(SMOLLM2, context_length, 256).compute
    assert estimated == pytest.approx(reported_mib * 1024 * 1024, rel=0.06)


@pytest.mark.parametrize(
    ("context_length", "heads", "batch"),
    [(4096, 9, 256), (4096, 64, 256), (8192, 64, 128), (131_072, 64, 32), (1, 1, 256)],
)
def test_a_long_window_is_computed_in_smaller_batches(context_length: int, heads: int, batch: int) -> None:
    assert attention_batch(context_length, heads, 256) == batch
    assert attention_batch(context_length, heads, 16) == 16


def test_sliding_layers_keep_their_window_only() -> None:
    gemma = DecoderShape(1, 6, 4, (4,) * 6, 256, 256, 1000, "gemma3", 1024)
    plain = DecoderShape(1, 6, 4, (4,) * 6, 256, 256, 1000, "llama", 1024)
    per_token = 4 * 512 * 2
    assert kv_cache_bytes(gemma, 32_768, 512) == per_token * (32_768 + 5 * 1536)
    assert kv_cache_bytes(plain, 32_768, 512) == per_token * 6 * 32_768
    assert kv_cache_bytes(gemma, 512, 512) == kv_cache_bytes(plain, 512, 512)


def test_heads_may_differ_by_layer() -> None:
    hybrid = DecoderShape(1, 3, 8, (0, 8, 0), 128, 128, 1000, "jamba")
    assert kv_cache_bytes(hybrid, 100) == 8 * 256 * 2 * 100


@pytest.mark.parametrize(
    ("available", "verdict"),
    [
        (0, MemoryVerdict.FITS),
        (1000, MemoryVerdict.DOES_NOT_FIT),
        (1052, MemoryVerdict.DOES_NOT_FIT),
        (1053, MemoryVerdict.TIGHT),
        (1249, MemoryVerdict.TIGHT),
        (1250, MemoryVerdict.FITS),
    ],
)
def test_the_verdict_keeps_a_margin(available: int, verdict: MemoryVerdict) -> None:
    assert MemoryEstimate(1000, 0, 0, process=0, available=available).verdict is verdict


@pytest.mark.parametrize(
    ("wanted", "by_person", "trained", "largest", "length"),
    [
        (4096, False, 8192, 99_999, 4096),
        (4096, False, 2048, 99_999, 2048),
        (4096, False, 0, 99_999, 4096),
        (4096, False, 8192, 1500, 1024),
        (4096, False, 8192, 0, 512),
        (16_384, True, 8192, 0, 8192),
        (3000, True, 8192, 0, 3000),
    ],
)
def test_training_and_memory_bound_the_context(
    wanted: int, by_person: bool, trained: int, largest: int, length: int
) -> None:
    got = context_in_force(wanted, set_by_person=by_person, trained=trained, fits=lambda tokens: tokens <= largest)
    assert got == length
