"""Draws under a grammar from logits of its own making, and counts how often the whole vocabulary was looked at.

The first argument is a model, of which the vocabulary alone is loaded. An order is {"grammar": GBNF of three tokens};
the answer tells what was written where the right tokens were the likeliest, and where others were.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from desktop_app.protocol.messages import Sampling
from tests.fakes.probes import Order, answer_orders


def prepare() -> Callable[[Order], Order]:
    """Load llama.cpp; how an order is answered."""
    from desktop_app.workers.decoder_worker import grammar
    from desktop_app.workers.decoder_worker.native import llama
    from desktop_app.workers.decoder_worker.sampler import SamplerChain
    from desktop_app.workers.decoder_worker.vocabulary import Vocabulary

    parameters = llama.llama_model_default_params()
    parameters.vocab_only = True
    vocabulary = Vocabulary(llama.llama_model_load_from_file(sys.argv[1].encode(), parameters))
    logits = (llama.ctypes.c_float * vocabulary.size)()

    class OwnLogits:
        """llama.cpp with logits that a context would have computed."""

        def __getattr__(self, name: str) -> Any:
            return getattr(llama, name)

        def llama_get_logits_ith(self, _context: Any, _row: int) -> Any:
            return llama.ctypes.cast(logits, llama.ctypes.POINTER(llama.ctypes.c_float))

    grammar.llama = OwnLogits()
    greedy = Sampling(0.0, 0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0, 1)

    def write(gbnf: str, wanted: list[str], *, in_reasoning: bool = False) -> tuple[list[str], int]:
        made = grammar.GrammarSampler(gbnf, vocabulary, in_reasoning=in_reasoning)
        with SamplerChain(greedy, vocabulary, 64) as chain, made as sampler:
            written = []
            for text in wanted:
                for token in vocabulary.tokenize(text):
                    logits[token] = 9.0
                    written.append(vocabulary.piece(sampler.sample(chain.handle, None)).decode())
                    logits[token] = 0.0
            return written, sampler.refused

    def answer(order: Order) -> Order:
        wanted, refused = write(order["grammar"], [" sea", " sky", " sea"])
        written, refused_otherwise = write(order["grammar"], [" blue", " blue", " blue"])
        thought, refused_after = write(
            order["grammar"], ["\n", " blue", "</think>", " sea", " blue"], in_reasoning=True
        )
        return {
            "thought": "".join(thought),
            "refused_after_reasoning": refused_after,
            "wanted": wanted,
            "refused_when_wanted": refused,
            "written": written,
            "refused_when_not": refused_otherwise,
        }

    return answer


if __name__ == "__main__":
    answer_orders(prepare)
