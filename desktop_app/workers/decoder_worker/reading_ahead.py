"""Reading what is certain of a prompt while the person still reads or types."""

from __future__ import annotations

import time
from collections.abc import Sequence

from desktop_app.protocol.messages import ReadAhead, ReadAheadEnded, Turn
from desktop_app.workers.decoder_worker.context import ReadingStopped, common_prefix
from desktop_app.workers.decoder_worker.generation import ReadingSpeed
from desktop_app.workers.decoder_worker.kept_states import LEAST_TOKENS
from desktop_app.workers.decoder_worker.model import LoadedModel
from desktop_app.workers.decoder_worker.native import AbortFlag
from desktop_app.workers.decoder_worker.prompt import PromptBuilder

_SLICE_SECONDS = 0.1
_FIRST_SLICE = 32
"""Tokens of a slice until a speed is known."""
_LEAST_SLICE = 16
_ENDINGS = (" a", "\n7", " (")
"""What a message might go on with: tokens that all of these have in common are certain."""


def read_ahead(order: ReadAhead, model: LoadedModel, speed: ReadingSpeed, abort: AbortFlag) -> ReadAheadEnded:
    """Read it, in slices of about a tenth of a second, until it is whole or the flag is raised.

    One thread fewer than usual: the person is typing into a window that wants to be drawn.
    Raises TemplateError, ModelLoadError.
    """
    context, keeper = model.context, model.keeper
    tokens = certain_tokens(model.prompts, order.turns)
    # One more stands for what will follow: a prompt is never held whole, and nothing that is certain is let go.
    wanted = (*tokens, -1)
    if len(tokens) >= context.length or common_prefix(context.held, tokens) == len(tokens):
        return ReadAheadEnded(order.request_id, 0, whole=len(tokens) < context.length)
    keeper.prepare(wanted, permitted=order.keep_state)
    before = context.keep_prefix(wanted)
    most = int(speed.tokens_per_s * _SLICE_SECONDS) or _FIRST_SLICE
    threads = max(1, model.threads.now - 1)
    began = time.perf_counter()

    def look(_done: int) -> None:
        if abort.raised:
            raise ReadingStopped

    context.use_threads(threads)
    try:
        look(before)
        context.read(tokens, look, max(_LEAST_SLICE, most))
    except ReadingStopped:
        pass  # a real request came, or the person wrote something else: what was read stays
    finally:
        context.use_threads(model.threads.now)
        # A few words of a draft are not worth writing the whole state again.
        keeper.finished(least_new=LEAST_TOKENS)
        if not speed.tokens_per_s:  # better than nothing until an answer was measured, with all threads
            speed.note(len(context.held) - before, (time.perf_counter() - began) * threads / context.threads)
    return ReadAheadEnded(order.request_id, len(context.held) - before, whole=len(context.held) == len(tokens))


def certain_tokens(prompts: PromptBuilder, turns: Sequence[Turn]) -> tuple[int, ...]:
    """The tokens with which the prompt will begin, whatever the last turn, the person's, goes on with.

    Raises TemplateError.
    """
    *before, last = turns
    certain: tuple[int, ...] | None = None
    for ending in _ENDINGS:
        text = last.text + ending if last.text else ending.lstrip()
        tokens = prompts.build((*before, Turn(last.role, text)), continue_last=False).tokens
        certain = tokens if certain is None else certain[: common_prefix(certain, tokens)]
    return certain or ()
