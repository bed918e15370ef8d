"""The reference of `benchmarks.decode`: the least Python that can drive llama.cpp, in a process of its own.

Reads orders as JSON lines ({"tokens": N, "seed": S}) on standard input and answers each with a JSON line of figures.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from typing import Any

from desktop_app.workers.decoder_worker.processor import may_pack_weights


def main(path: str, prompt_file: str, threads: int, context_length: int, flash_attention: int) -> None:
    """Load `path`, then serve orders over the prompt in `prompt_file` (a JSON list of token ids).

    `flash_attention` is llama.cpp's LLAMA_FLASH_ATTN_TYPE: -1 leaves it to the library, 0 is none.
    """
    output = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    import llama_cpp.llama_cpp as bindings

    llama: Any = bindings
    logging.getLogger("llama-cpp-python").setLevel(logging.ERROR)
    llama.llama_backend_init()
    loading = llama.llama_model_default_params()
    loading.use_extra_bufts = may_pack_weights()
    model = llama.llama_model_load_from_file(path.encode(), loading)
    parameters = llama.llama_context_default_params()
    parameters.n_ctx = context_length
    parameters.flash_attn_type = flash_attention
    parameters.n_threads = parameters.n_threads_batch = threads
    context = llama.llama_init_from_model(model, parameters)
    vocabulary = llama.llama_model_get_vocab(model)
    with open(prompt_file, encoding="utf-8") as file:
        prompt = json.load(file)
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(_run(llama, context, vocabulary, prompt, order["tokens"], order["seed"])), file=output)


def _run(llama: Any, context: Any, vocabulary: Any, prompt: list[int], count: int, seed: int) -> dict[str, Any]:
    llama.llama_memory_clear(llama.llama_get_memory(context), False)
    chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    for sampler in (
        llama.llama_sampler_init_top_k(40),
        llama.llama_sampler_init_top_p(0.95, 1),
        llama.llama_sampler_init_min_p(0.05, 1),
        llama.llama_sampler_init_temp(0.8),
        llama.llama_sampler_init_dist(seed),
    ):
        llama.llama_sampler_chain_add(chain, sampler)
    began = time.perf_counter()
    for start in range(0, len(prompt), 256):
        part = prompt[start : start + 256]
        ids = (llama.llama_token * len(part))(*part)  # named: the batch holds a bare pointer to it
        llama.llama_decode(context, llama.llama_batch_get_one(ids, len(part)))
    llama.llama_synchronize(context)
    one = (llama.llama_token * 1)()
    batch = llama.llama_batch_get_one(one, 1)
    sample, decode, is_end = llama.llama_sampler_sample, llama.llama_decode, llama.llama_vocab_is_eog
    tokens: list[int] = []
    token = sample(chain, context, -1)
    first = time.perf_counter()
    while not is_end(vocabulary, token):
        tokens.append(token)
        if len(tokens) >= count:
            break
        one[0] = token
        decode(context, batch)
        token = sample(chain, context, -1)
    seconds = time.perf_counter() - first
    llama.llama_sampler_free(chain)
    return {"tokens": tokens, "read_s": first - began, "tokens_per_s": (len(tokens) - 1) / seconds}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
