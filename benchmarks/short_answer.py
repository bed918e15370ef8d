"""One short answer in a long chat, timed as seen from here: what several benchmarks ask for."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import (
    ChatTurn,
    GenerateRequest,
    GenerationEnded,
    GenerationFigures,
    TokensWritten,
)
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess

ANSWER_TOKENS = 24
CONTEXT_LENGTH = 4096
PARAGRAPH = (
    "The keeper rose before dawn and trimmed the lamp while the wind leaned on the door. He wrote of the ships that "
    "passed, of the weather, and of the letter that the sea had left on the stones below the tower. "
)
SAMPLING = SamplingSettings(temperature=0.7, seed=5)


def ask(
    decoder: DecoderProcess, turns: Sequence[ChatTurn], *, reuse_prefix: bool = True, keep_state: bool = False
) -> tuple[ChatTurn, GenerationFigures, float]:
    """A short answer to `turns`, its figures, and the seconds to its first piece of text."""
    request = GenerateRequest(
        tuple(turns), SAMPLING, max_tokens=ANSWER_TOKENS, reuse_prefix=reuse_prefix, keep_state=keep_state
    )
    text = ""
    ids: list[int] = []
    first_text_s = 0.0
    began = time.perf_counter()
    for event in decoder.generate(request, CancelToken()):
        if isinstance(event, TokensWritten):
            if event.text and not text:
                first_text_s = time.perf_counter() - began
            text += event.text
            ids.extend(event.token_ids)
        elif isinstance(event, GenerationEnded):
            return ChatTurn(Role.ASSISTANT, text, tuple(ids)), event.figures, first_text_s
    raise AssertionError("a generation ends with GenerationEnded")


def tell(report: Mapping[str, Any], file: Path | None) -> None:
    """Print a report, and write it where a file is named."""
    print(json.dumps(report))
    if file is not None:
        file.write_text(json.dumps(report, indent=1), encoding="utf-8")
