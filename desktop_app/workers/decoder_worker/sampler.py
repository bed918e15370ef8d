"""The native sampler chain, in the order of llama.cpp's own tools (common/sampling.cpp)."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any

from desktop_app.protocol.messages import Sampling
from desktop_app.workers.decoder_worker.native import llama


class SamplerChain:
    """Penalties, top-k, typical-p, top-p, min-p, temperature, draw; or penalties and the likeliest at temperature 0.

    A value that changes nothing leaves its sampler out. Use as a context manager: leaving frees it.
    """

    def __init__(self, sampling: Sampling, vocabulary_size: int, context_length: int) -> None:
        self.handle: Any = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        last_n = context_length if sampling.penalty_last_n < 0 else min(sampling.penalty_last_n, context_length)
        self._remembers = last_n if _penalises(sampling) else 0
        if self._remembers:
            self._add(
                llama.llama_sampler_init_penalties(
                    vocabulary_size,
                    last_n,
                    sampling.repeat_penalty,
                    sampling.frequency_penalty,
                    sampling.presence_penalty,
                )
            )
        if sampling.temperature <= 0:
            self._add(llama.llama_sampler_init_greedy())
            return
        if sampling.top_k > 0:
            self._add(llama.llama_sampler_init_top_k(sampling.top_k))
        if sampling.typical_p < 1:
            self._add(llama.llama_sampler_init_typical(sampling.typical_p, 1))
        if sampling.top_p < 1:
            self._add(llama.llama_sampler_init_top_p(sampling.top_p, 1))
        if sampling.min_p > 0:
            self._add(llama.llama_sampler_init_min_p(sampling.min_p, 1))
        self._add(llama.llama_sampler_init_temp(sampling.temperature))
        self._add(llama.llama_sampler_init_dist(sampling.seed))

    def accept_prompt(self, tokens: Sequence[int]) -> None:
        """Let the penalties see the end of the prompt, as llama.cpp's server does."""
        if self._remembers:
            for token in tokens[-self._remembers :]:
                llama.llama_sampler_accept(self.handle, token)

    def __enter__(self) -> SamplerChain:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        llama.llama_sampler_free(self.handle)

    def _add(self, sampler: Any) -> None:
        llama.llama_sampler_chain_add(self.handle, sampler)


def _penalises(sampling: Sampling) -> bool:
    changes = sampling.repeat_penalty != 1 or sampling.frequency_penalty != 0 or sampling.presence_penalty != 0
    return changes and sampling.penalty_last_n != 0 and sampling.repeat_penalty > 0
