"""A part of a text, rewritten by the chat model. Nothing is stored: the person decides what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec

from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import InkwellError, MessageTooLongError
from desktop_app.domain.generation import (
    ChatTurn,
    GenerateRequest,
    GenerationEnded,
    ReadingProgress,
    StopReason,
    TokensWritten,
)
from desktop_app.domain.reasoning import ReasoningStream

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.generation import DecoderEvent
    from desktop_app.domain.text_rewriting import RewriteWish
    from desktop_app.services.model_ports import DecoderPort
    from desktop_app.services.model_session import ModelSession

_LONGER = 1.5
"""The answer may be so many times as long as the text."""

_LEAST_ANSWER = 192
_MOST_CHARACTERS_PER_TOKEN = 12
"""A text that is longer in the context's tokens need not be counted."""


class Rewriting(msgspec.Struct, frozen=True):
    """How far a rewriting is: the text so far, as it would take the part's place.

    Attributes:
        fraction: how much is read, 0 to 1, until the first word; 1.0 from then on.
        ended: why it ended; None while it is being written.
    """

    text: str
    fraction: float = 1.0
    ended: StopReason | None = None


class TextRewriter:
    """Asks the chat model. Blocks; one rewriting or answer at a time."""

    def __init__(
        self,
        decoder: DecoderPort,
        session: ModelSession,
        *,
        while_answering: Callable[[bool], None] = lambda _busy: None,
    ) -> None:
        """`while_answering(True)` is called before and `(False)` after: background work gives way."""
        self._decoder = decoder
        self._session = session
        self._while_answering = while_answering

    def rewrite(self, wish: RewriteWish, cancel: CancelToken) -> Iterator[Rewriting]:
        """Rewrite; the last one has ended.

        Raises MessageTooLongError where text and answer do not fit into the context, ModelError, WorkerError and
        CancelledError (while the model loads).
        """
        loaded = self._session.ensure_decoder(cancel)
        turns = (ChatTurn(Role.SYSTEM, wish.instructions), ChatTurn(Role.USER, wish.read))
        if len(wish.read) > loaded.context_length * _MOST_CHARACTERS_PER_TOKEN:
            raise _too_long(f"{len(wish.read):,} characters", loaded.context_length, len(wish.read))
        measure = self._decoder.measure(turns)
        size = measure.turn_tokens[-1]
        wanted = max(_LEAST_ANSWER, int(size * _LONGER))
        room = loaded.context_length - measure.total_tokens
        if room < min(_LEAST_ANSWER if wish.is_added else wanted, size):
            raise _too_long(f"{size:,} tokens", loaded.context_length, size, room)
        # What is thought before the answer may be much longer than it: it may take what the window has.
        request = GenerateRequest(turns, self._session.resolved_sampling().settings, max_tokens=room, keep_state=False)
        yield Rewriting("", 0.0)
        with closing(self._decoder.generate(request, cancel)) as events:  # type: ignore[type-var]
            yield from self._written(wish, events, ReasoningStream(opened=loaded.opens_reasoning), wanted)

    def _written(
        self, wish: RewriteWish, events: Iterator[DecoderEvent], stream: ReasoningStream, wanted: int
    ) -> Iterator[Rewriting]:
        began, written = False, 0
        try:
            for event in events:
                if not began:  # not before: a decoder that is busy with an answer refuses, and that goes on
                    began = True
                    self._while_answering(True)
                if isinstance(event, ReadingProgress):
                    yield Rewriting("", event.done / max(1, event.total))
                elif isinstance(event, TokensWritten):
                    stream.append(event.text)
                    text = wish.result(stream.answer)
                    written += len(event.token_ids) if text else 0
                    if written >= wanted:
                        yield Rewriting(text, ended=StopReason.LIMIT)
                        return
                    yield Rewriting(text)
                elif isinstance(event, GenerationEnded):
                    stream.finish()
                    text = wish.result(stream.answer)
                    if not text.strip() and event.stop_reason is not StopReason.STOPPED:
                        raise _without_a_word(thought=bool(stream.reasoning))
                    yield Rewriting(text, ended=event.stop_reason)
        finally:
            if began:
                self._while_answering(False)


def _without_a_word(*, thought: bool) -> InkwellError:
    if thought:
        return InkwellError(
            "The model thought until nothing was left of its context.",
            "It wrote no answer.",
            "Try again, select less, or raise the context length in Settings.",
        )
    return InkwellError("The model had nothing to say.", "", "Try again, or choose another model.")


def _too_long(size: str, context_length: int, tokens: int, room: int = 0) -> MessageTooLongError:
    return MessageTooLongError(
        "This part is too long to be rewritten at once.",
        f"It has {size}, and text and answer have to fit into {context_length:,} tokens.",
        "Select less, or raise the context length in Settings.",
        tokens=tokens,
        room=max(0, room),
    )
