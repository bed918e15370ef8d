"""Prints the token ids of a one-message prompt as JSON: `python -m benchmarks.prompt_ids MODEL TEXT`."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main(path: str, question: str) -> None:
    """Load the vocabulary alone and build the prompt with the worker's own parts."""
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from pathlib import Path

    from desktop_app.domain.gguf_header import read_gguf_header
    from desktop_app.protocol.messages import Turn
    from desktop_app.workers.decoder_worker.chat_template import ChatTemplate
    from desktop_app.workers.decoder_worker.native import NativeLog, llama
    from desktop_app.workers.decoder_worker.prompt import PromptBuilder
    from desktop_app.workers.decoder_worker.vocabulary import Vocabulary

    log = NativeLog()
    parameters: Any = llama.llama_model_default_params()
    parameters.vocab_only = True
    vocabulary = Vocabulary(llama.llama_model_load_from_file(path.encode(), parameters))
    source = read_gguf_header(Path(path)).chat_template or ""
    template = ChatTemplate(source, vocabulary.text(vocabulary.bos), vocabulary.text(vocabulary.eos))
    prompt = PromptBuilder(vocabulary, template).build((Turn("user", question),), continue_last=False)
    print(json.dumps(prompt.tokens), file=output)
    log.clear()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
