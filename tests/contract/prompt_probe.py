"""Builds prompts with the real vocabulary in a process of its own (llama.cpp does not share a process with torch).

Reads a JSON list of orders on standard input: {"turns": [[role, text, ids or null]…], "continue_last": bool,
"template": source or null}; answers with a JSON list of {"tokens", "plain", "turn_tokens", "texts"}: the prompt, and
the tokens of the plainly rendered text with control literals on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from desktop_app.domain.gguf_header import read_gguf_header
from desktop_app.protocol.messages import Turn
from tests.fakes.probes import Order, answer_orders


def prepare(path: str) -> Callable[[Order], Order]:
    """Load the vocabulary of the model at `path`; how an order is answered with it."""
    from desktop_app.workers.decoder_worker.chat_template import ChatTemplate
    from desktop_app.workers.decoder_worker.native import NativeLog, llama
    from desktop_app.workers.decoder_worker.prompt import PromptBuilder
    from desktop_app.workers.decoder_worker.vocabulary import Vocabulary

    log = NativeLog()
    parameters = llama.llama_model_default_params()
    parameters.vocab_only = True
    vocabulary = Vocabulary(llama.llama_model_load_from_file(path.encode(), parameters))
    own = read_gguf_header(Path(path)).chat_template or ""

    def answer(order: Order) -> Order:
        turns = [Turn(role, text, None if ids is None else tuple(ids)) for role, text, ids in order["turns"]]
        template = ChatTemplate(order.get("template") or own, "", "<|im_end|>")
        prompt = PromptBuilder(vocabulary, template).build(turns, continue_last=order.get("continue_last", False))
        try:
            plain_text = template.render([(turn.role, turn.text) for turn in turns], add_generation_prompt=True)
        except Exception:  # noqa: BLE001 - some orders are about templates that refuse the plain way
            plain_text = ""
        log.clear()
        return {
            "tokens": prompt.tokens,
            "plain": vocabulary.tokenize(plain_text),
            "turn_tokens": prompt.turn_tokens,
            "texts": [vocabulary.text(token) for token in prompt.tokens],
        }

    return answer


if __name__ == "__main__":
    answer_orders(partial(prepare, sys.argv[1]))
