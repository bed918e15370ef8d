"""Reads and writes with a changing number of threads, in a process of its own (llama.cpp and torch do not share one).

Reads a JSON list of orders on standard input: {"threads": numbers that take turns at each slice and each token};
answers with a JSON list of {"logits": sha256 of all logits that were seen}. The first argument is the model's path.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections.abc import Callable
from itertools import cycle

from tests.fakes.probes import Order, answer_orders

TOKENS = [100 + (number * 7919) % 40_000 for number in range(400)]
WRITTEN = 24


def prepare() -> Callable[[Order], Order]:
    """Load the model; how an order is answered."""
    from desktop_app.workers.decoder_worker.context import DecoderContext
    from desktop_app.workers.decoder_worker.native import AbortFlag, llama
    from desktop_app.workers.decoder_worker.processor import may_pack_weights
    from desktop_app.workers.decoder_worker.vocabulary import Vocabulary

    parameters = llama.llama_model_default_params()
    parameters.use_extra_bufts = may_pack_weights()
    model = llama.llama_model_load_from_file(sys.argv[1].encode(), parameters)
    size = Vocabulary(model).size
    abort = AbortFlag()

    def answer(order: Order) -> Order:
        turns = cycle(order["threads"])
        context = DecoderContext(
            model, context_length=1024, batch_size=256, threads=2, abort=abort, can_roll_back=True, on_gpu=False
        )
        context.read(TOKENS, lambda _done: context.use_threads(next(turns)))
        seen = hashlib.sha256()
        for _ in range(WRITTEN):
            row = (ctypes.c_float * size).from_address(
                ctypes.addressof(llama.llama_get_logits_ith(context.handle, -1).contents)
            )
            seen.update(bytes(row))
            context.one[0] = max(range(size), key=row.__getitem__)
            context.use_threads(next(turns))
            context.decode_one()
        context.close()
        return {"logits": seen.hexdigest()}

    return answer


if __name__ == "__main__":
    answer_orders(prepare)
