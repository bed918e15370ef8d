"""Builds our sampler chain and lets it choose, in a process of its own (llama.cpp does not share a process with torch).

Reads a JSON list of orders on standard input: {"sampling": fields of protocol.messages.Sampling, "logits": one for
each token or a number of equal ones, "raised": token to logit above those, "prompt": tokens read before, "draws": how
often to choose}; answers with a JSON list of {"names": the chain's samplers in order, "left": token to logit of what
was left to choose from (of the first draw), "chosen": the token, "draws": all that were chosen}, or {"error": what a
SamplingError said}. A path as first argument loads that model's vocabulary; without one there is no model.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import msgspec

from desktop_app.domain.errors import SamplingError
from desktop_app.protocol.messages import Sampling
from tests.fakes.probes import Order, answer_orders

CONTEXT_LENGTH = 64


class NoVocabulary:
    """Tokens that are numbers without a text."""

    handle: Any = None

    def __init__(self, size: int) -> None:
        self.size = size

    def tokenize(self, text: str, *, special: bool = True, after_split: bool = False) -> tuple[int, ...]:
        """No text has tokens."""
        return ()


def prepare() -> Callable[[Order], Order]:
    """Load llama.cpp; how an order is answered."""
    from desktop_app.workers.decoder_worker.native import llama
    from desktop_app.workers.decoder_worker.sampler import SamplerChain
    from desktop_app.workers.decoder_worker.vocabulary import Vocabulary

    vocabulary: Vocabulary | None = None
    if len(sys.argv) > 1:
        parameters = llama.llama_model_default_params()
        parameters.vocab_only = True
        vocabulary = Vocabulary(llama.llama_model_load_from_file(sys.argv[1].encode(), parameters))

    def answer(order: Order) -> Order:
        logits = order["logits"]
        size = len(logits) if isinstance(logits, list) else vocabulary.size if vocabulary else int(logits)
        row = list(logits) if isinstance(logits, list) else [0.0] * size
        for text, tokens in _named(order.get("raised", {}), vocabulary):
            for token in tokens:
                row[token] = text
        table = vocabulary or NoVocabulary(size)
        prompt = vocabulary.tokenize(order["prompt"]) if isinstance(order["prompt"], str) and vocabulary else ()
        sampling = msgspec.convert(order["sampling"], Sampling)
        try:
            with SamplerChain(sampling, table, CONTEXT_LENGTH) as chain:
                chain.accept_prompt(prompt or order["prompt"])
                return _choose(chain.handle, row, order.get("draws", 1))
        except SamplingError as error:
            return {"error": str(error), "left": {}}

    def _choose(chain: Any, logits: list[float], draws: int) -> Order:
        samplers = [llama.llama_sampler_chain_get(chain, n) for n in range(llama.llama_sampler_chain_n(chain))]
        # A question mark in front marks a sampler that changes nothing with its value.
        names = [llama.llama_sampler_name(sampler).decode().lstrip("?") for sampler in samplers]
        left: dict[int, float] = {}
        chosen: list[int] = []
        for draw in range(draws):
            rows = (llama.llama_token_data * len(logits))(*[(token, logit, 0.0) for token, logit in enumerate(logits)])
            candidates = llama.llama_token_data_array(rows, len(logits), -1, False)
            llama.llama_sampler_apply(chain, llama.ctypes.byref(candidates))
            if not draw:
                left = {candidates.data[place].id: candidates.data[place].logit for place in range(candidates.size)}
            chosen.append(candidates.data[candidates.selected].id)
            llama.llama_sampler_accept(chain, chosen[-1])
        return {"names": names, "left": left, "chosen": chosen[0], "draws": chosen}

    return answer


def _named(raised: dict[str, float], vocabulary: Any) -> list[tuple[float, tuple[int, ...]]]:
    if vocabulary is None:
        return [(logit, (int(token),)) for token, logit in raised.items()]
    return [(logit, vocabulary.tokenize(text)) for text, logit in raised.items()]


if __name__ == "__main__":
    answer_orders(prepare)
