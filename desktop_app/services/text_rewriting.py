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
    from desktop_app.domain.text_rewriting import RewriteWish
    from desktop_app.services.model_ports import DecoderPort
    from desktop_app.services.model_session import ModelSession

_LONGER = 1.5
"""The answer may be so many times as long as the text."""

_LEAST_ANSWER = 192


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
        measure = self._decoder.measure(turns)
        wanted = max(_LEAST_ANSWER, int(measure.turn_tokens[-1] * _LONGER))
        room = loaded.context_length - measure.total_tokens
        if room < min(wanted, measure.turn_tokens[-1]):
            raise MessageTooLongError(
                "This part is too long to be rewritten at once.",
                f"It has {measure.turn_tokens[-1]:,} tokens, and text and answer have to fit into "
                f"{loaded.context_length:,}.",
                "Select less, or raise the context length in Settings.",
                tokens=measure.turn_tokens[-1],
                room=max(0, room),
            )
        request = GenerateRequest(
            turns, self._session.resolved_sampling().settings, max_tokens=min(wanted, room), keep_state=False
        )
        self._while_answering(True)
        try:
            yield from self._written(wish, request, loaded.opens_reasoning, cancel)
        finally:
            self._while_answering(False)

    def _written(
        self, wish: RewriteWish, request: GenerateRequest, opens_reasoning: bool, cancel: CancelToken
    ) -> Iterator[Rewriting]:
        stream = ReasoningStream(opened=opens_reasoning)
        yield Rewriting("", 0.0)
        with closing(self._decoder.generate(request, cancel)) as events:  # type: ignore[type-var]
            for event in events:
                if isinstance(event, ReadingProgress):
                    yield Rewriting("", event.done / max(1, event.total))
                elif isinstance(event, TokensWritten):
                    stream.append(event.text)
                    yield Rewriting(wish.result(stream.answer))
                elif isinstance(event, GenerationEnded):
                    stream.finish()
                    text = wish.result(stream.answer)
                    if not text.strip() and event.stop_reason is not StopReason.STOPPED:
                        raise InkwellError("The model had nothing to say.", "", "Try again, or choose another model.")
                    yield Rewriting(text, ended=event.stop_reason)
