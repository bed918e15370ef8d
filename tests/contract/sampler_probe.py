"""Builds our sampler chain and lets it choose, in a process of its own (llama.cpp does not share a process with torch).

Reads a JSON list of orders on standard input: {"sampling": fields of protocol.messages.Sampling, "logits": one for
each token, "prompt": tokens read before}; answers with a JSON list of {"names": the chain's samplers in order, "left":
token to logit of what was left to choose from, "chosen": the token}. No model is needed.
"""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.protocol.messages import Sampling
from tests.fakes.probes import Order, answer_orders

CONTEXT_LENGTH = 64


def prepare() -> Callable[[Order], Order]:
    """Load llama.cpp; how an order is answered."""
    from desktop_app.workers.decoder_worker.native import llama
    from desktop_app.workers.decoder_worker.sampler import SamplerChain

    def answer(order: Order) -> Order:
        logits = order["logits"]
        rows = (llama.llama_token_data * len(logits))(*[(token, logit, 0.0) for token, logit in enumerate(logits)])
        candidates = llama.llama_token_data_array(rows, len(logits), -1, False)
        with SamplerChain(Sampling(**order["sampling"]), len(logits), CONTEXT_LENGTH) as chain:
            count = llama.llama_sampler_chain_n(chain.handle)
            samplers = [llama.llama_sampler_chain_get(chain.handle, place) for place in range(count)]
            # A question mark in front marks a sampler that changes nothing with its value.
            names = [llama.llama_sampler_name(sampler).decode().lstrip("?") for sampler in samplers]
            chain.accept_prompt(order["prompt"])
            llama.llama_sampler_apply(chain.handle, llama.ctypes.byref(candidates))
        left = [candidates.data[place] for place in range(candidates.size)]
        chosen = candidates.data[candidates.selected].id
        return {"names": names, "left": {row.id: row.logit for row in left}, "chosen": chosen}

    return answer


if __name__ == "__main__":
    answer_orders(prepare)
