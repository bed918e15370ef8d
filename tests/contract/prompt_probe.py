"""Builds prompts with the real vocabulary in a process of its own (llama.cpp does not share a process with torch).

Reads a JSON list of orders on standard input: {"turns": [[role, text, ids or null]…], "continue_last": bool,
"template": source or null}; answers with a JSON list of {"tokens", "plain", "turn_tokens", "texts"}: the prompt, and
the tokens of the plainly rendered text with control literals on.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from desktop_app.domain.gguf_header import read_gguf_header
from desktop_app.protocol.messages import Turn


def main(path: str) -> None:
    """Answer the orders with the vocabulary of the model at `path`."""
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from desktop_app.workers.decoder_worker.chat_template import ChatTemplate
    from desktop_app.workers.decoder_worker.native import NativeLog, llama
    from desktop_app.workers.decoder_worker.prompt import PromptBuilder
    from desktop_app.workers.decoder_worker.vocabulary import Vocabulary

    log = NativeLog()
    parameters = llama.llama_model_default_params()
    parameters.vocab_only = True
    vocabulary = Vocabulary(llama.llama_model_load_from_file(path.encode(), parameters))
    own = read_gguf_header(Path(path)).chat_template or ""
    answers = []
    for order in json.load(sys.stdin):
        turns = [Turn(role, text, None if ids is None else tuple(ids)) for role, text, ids in order["turns"]]
        template = ChatTemplate(order.get("template") or own, "", "<|im_end|>")
        prompt = PromptBuilder(vocabulary, template).build(turns, continue_last=order.get("continue_last", False))
        try:
            plain_text = template.render([(turn.role, turn.text) for turn in turns], add_generation_prompt=True)
        except Exception:  # noqa: BLE001 - some orders are about templates that refuse the plain way
            plain_text = ""
        answers.append(
            {
                "tokens": prompt.tokens,
                "plain": vocabulary.tokenize(plain_text),
                "turn_tokens": prompt.turn_tokens,
                "texts": [vocabulary.text(token) for token in prompt.tokens],
            }
        )
    json.dump(answers, output)
    output.close()
    log.clear()


if __name__ == "__main__":
    main(sys.argv[1])
