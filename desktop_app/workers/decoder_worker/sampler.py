"""The native sampler chain, in llama.cpp's order (common/sampling.cpp) or the one the person chose."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Protocol

from desktop_app.domain.errors import SamplingError
from desktop_app.protocol.messages import Bias, Sampling
from desktop_app.workers.decoder_worker.native import llama

MIROSTAT_CANDIDATES = 100  # llama.cpp's own `m`, by which Mirostat 1 estimates the distribution


class TokenTable(Protocol):
    """What the chain needs of a vocabulary."""

    @property
    def handle(self) -> Any:
        """The native vocabulary."""
        ...

    @property
    def size(self) -> int:
        """Number of tokens."""
        ...

    def tokenize(self, text: str, *, special: bool = True, after_split: bool = False) -> tuple[int, ...]:
        """Token ids of a text."""
        ...


class SamplerChain:
    """Logit biases, then the samplers in their order, then the draw; at temperature 0 the likeliest instead of a draw.

    A value that changes nothing leaves its sampler out. With Mirostat the samplers that limit the choice are left out,
    as it takes their place. Use as a context manager: leaving frees it.

    Raises SamplingError for a logit bias on a token that the model does not have.
    """

    def __init__(self, sampling: Sampling, vocabulary: TokenTable, context_length: int) -> None:
        self._sampling = sampling
        self._vocabulary = vocabulary
        self._context_length = context_length
        self._remembers = 0
        biases = self._native_biases(sampling.logit_bias)
        self.handle: Any = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        if biases is not None:
            self._add(llama.llama_sampler_init_logit_bias(vocabulary.size, len(biases), biases))
        self._add_in_order()
        self._add_choice()

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

    # Building -----------------------------------------------------------------------------------

    def _add(self, sampler: Any) -> None:
        llama.llama_sampler_chain_add(self.handle, sampler)

    def _add_in_order(self) -> None:
        changes_logits: dict[str, Callable[[], None]] = {"penalties": self._add_penalties, "dry": self._add_dry}
        limits: dict[str, Callable[[], None]] = {
            "top_n_sigma": self._add_top_n_sigma,
            "top_k": self._add_top_k,
            "typical_p": self._add_typical,
            "top_p": self._add_top_p,
            "min_p": self._add_min_p,
            "xtc": self._add_xtc,
        }
        makers = dict(changes_logits)
        if not self._is_greedy:
            makers["temperature"] = self._add_temperature
            if not self._sampling.mirostat:
                makers |= limits
        for name in self._sampling.order:
            if name in makers:
                makers[name]()

    def _add_choice(self) -> None:
        sampling = self._sampling
        if self._is_greedy:
            self._add(llama.llama_sampler_init_greedy())
        elif sampling.mirostat == 1:
            tau, eta = sampling.mirostat_tau, sampling.mirostat_eta
            size = self._vocabulary.size
            self._add(llama.llama_sampler_init_mirostat(size, sampling.seed, tau, eta, MIROSTAT_CANDIDATES))
        elif sampling.mirostat:
            self._add(llama.llama_sampler_init_mirostat_v2(sampling.seed, sampling.mirostat_tau, sampling.mirostat_eta))
        else:
            self._add(llama.llama_sampler_init_dist(sampling.seed))

    @property
    def _is_greedy(self) -> bool:
        sampling = self._sampling
        return "temperature" in sampling.order and sampling.temperature <= 0 and sampling.dynatemp_range <= 0

    def _reach(self, last_n: int) -> int:
        """How many of the last tokens a penalty sees: no more than there can be; a negative number means all."""
        return self._context_length if last_n < 0 else min(last_n, self._context_length)

    # The samplers -------------------------------------------------------------------------------

    def _add_penalties(self) -> None:
        sampling, last_n = self._sampling, self._reach(self._sampling.penalty_last_n)
        if not last_n or not _penalises(sampling):
            return
        self._remembers = max(self._remembers, last_n)
        self._add(
            llama.llama_sampler_init_penalties(
                self._vocabulary.size,
                last_n,
                sampling.repeat_penalty,
                sampling.frequency_penalty,
                sampling.presence_penalty,
            )
        )

    def _add_dry(self) -> None:
        sampling, last_n = self._sampling, self._reach(self._sampling.dry_penalty_last_n)
        if not last_n or sampling.dry_multiplier == 0 or sampling.dry_base < 1:
            return
        self._remembers = max(self._remembers, last_n)
        breakers = [each.encode() for each in sampling.dry_sequence_breakers]
        self._add(
            llama.llama_sampler_init_dry(
                self._vocabulary.handle,
                sampling.dry_multiplier,
                sampling.dry_base,
                sampling.dry_allowed_length,
                last_n,
                (ctypes.c_char_p * len(breakers))(*breakers),
                len(breakers),
            )
        )

    def _add_top_n_sigma(self) -> None:
        if self._sampling.top_n_sigma > 0:
            self._add(llama.llama_sampler_init_top_n_sigma(self._sampling.top_n_sigma))

    def _add_top_k(self) -> None:
        if self._sampling.top_k > 0:
            self._add(llama.llama_sampler_init_top_k(self._sampling.top_k))

    def _add_typical(self) -> None:
        if self._sampling.typical_p < 1:
            self._add(llama.llama_sampler_init_typical(self._sampling.typical_p, 1))

    def _add_top_p(self) -> None:
        if self._sampling.top_p < 1:
            self._add(llama.llama_sampler_init_top_p(self._sampling.top_p, 1))

    def _add_min_p(self) -> None:
        if self._sampling.min_p > 0:
            self._add(llama.llama_sampler_init_min_p(self._sampling.min_p, 1))

    def _add_xtc(self) -> None:
        sampling = self._sampling
        if sampling.xtc_probability > 0 and sampling.xtc_threshold <= 0.5:
            threshold = sampling.xtc_threshold
            self._add(llama.llama_sampler_init_xtc(sampling.xtc_probability, threshold, 1, sampling.seed))

    def _add_temperature(self) -> None:
        sampling = self._sampling
        if sampling.dynatemp_range > 0:
            spread, exponent = sampling.dynatemp_range, sampling.dynatemp_exponent
            self._add(llama.llama_sampler_init_temp_ext(sampling.temperature, spread, exponent))
        else:
            self._add(llama.llama_sampler_init_temp(sampling.temperature))

    def _native_biases(self, biases: Sequence[Bias]) -> Any:
        """The biases by token; a text's bias holds for each of its tokens. None where there are none."""
        by_token: dict[int, float] = {}
        for bias in biases:
            for token in self._tokens_of(bias):
                by_token[token] = by_token.get(token, 0.0) + bias.bias
        if not by_token:
            return None
        return (llama.llama_logit_bias * len(by_token))(*by_token.items())

    def _tokens_of(self, bias: Bias) -> tuple[int, ...]:
        if bias.token is None:
            tokens = self._vocabulary.tokenize(bias.text, special=False)
            if not tokens:
                raise _bad_bias(f"“{bias.text[:40]}”", "The model has no tokens for this text.")
            return tokens
        if bias.token >= self._vocabulary.size:
            last = self._vocabulary.size - 1
            raise _bad_bias(f"#{bias.token}", f"The model's tokens have the numbers 0 to {last:,}.")
        return (bias.token,)


def _penalises(sampling: Sampling) -> bool:
    changes = sampling.repeat_penalty != 1 or sampling.frequency_penalty != 0 or sampling.presence_penalty != 0
    return changes and sampling.repeat_penalty > 0


def _bad_bias(what: str, why: str) -> SamplingError:
    return SamplingError(f"The logit bias for {what} cannot be used.", why, "Correct Logit bias under Expert sampling.")
