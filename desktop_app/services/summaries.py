"""Sums up messages before they leave the context window, while the decoder still holds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from msgspec.structs import replace

from desktop_app.domain.chat_events import Summarising
from desktop_app.domain.context_budget import summary_at_most
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import (
    ChatTurn,
    GenerateRequest,
    GenerationEnded,
    ReadingProgress,
    StopReason,
    TokensWritten,
)
from desktop_app.domain.reasoning import split_reasoning

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.conversation import Message
    from desktop_app.domain.generation import (
        LoadedDecoder,
    )
    from desktop_app.services.model_ports import DecoderPort
    from desktop_app.services.model_session import ModelSession
    from desktop_app.services.ports import ConversationStore
    from desktop_app.services.remembered_turns import RememberedTurn
    from desktop_app.services.window_filling import Filling

WORDS_PER_TOKEN = 0.6
_TEMPERATURE = 0.2
_REQUEST = (
    "Summarise our conversation up to here in at most {words} words, so that it can go on without the messages "
    "themselves. Keep names, numbers, dates, decisions, wishes and open questions. If a summary of an earlier part "
    "stands above, include what it says. Write only the summary."
)


class Summaries:
    """Writes and keeps summaries."""

    def __init__(self, conversations: ConversationStore, decoder: DecoderPort, session: ModelSession) -> None:
        self._conversations = conversations
        self._decoder = decoder
        self._session = session

    def write(
        self, conversation_id: int, filling: Filling, loaded: LoadedDecoder, cancel: CancelToken
    ) -> Iterator[Summarising | Message]:
        """Sum up the messages that leave `filling`; the last thing that comes is the stored summary.

        The request follows these messages, so that nothing is read but the request itself: the decoder still holds
        them. Nothing is stored where it was cancelled, or where the decoder wrote nothing: then no message comes.

        Raises WorkerError, ModelError, MessageTooLongError.
        """
        leaving = filling.leaving()
        yield Summarising(len(leaving), 0.0)
        request = self._request(filling, loaded)
        text = ""
        ended: StopReason | None = None
        written = 0
        with closing(self._decoder.generate(request, cancel)) as events:  # type: ignore[type-var]
            for event in events:
                if isinstance(event, TokensWritten):
                    text += event.text
                    written += len(event.token_ids)
                    yield Summarising(len(leaving), 0.5 + 0.5 * min(1.0, written / request.max_tokens))
                elif isinstance(event, ReadingProgress):
                    read = (event.done - event.cached) / max(1, event.total - event.cached)
                    yield Summarising(len(leaving), 0.5 * read)
                elif isinstance(event, GenerationEnded):
                    ended = event.stop_reason
        text = split_reasoning(text, opened=loaded.opens_reasoning).answer
        text = _whole_sentences(text.strip()) if ended is StopReason.LIMIT else text.strip()
        if text and ended is not StopReason.STOPPED and leaving:
            yield self._conversations.add_summary(
                conversation_id,
                leaving[-1].id,
                text,
                model_fingerprint=loaded.fingerprint,
                model_name=self._session.decoder_name(),
            )

    def _request(self, filling: Filling, loaded: LoadedDecoder) -> GenerateRequest:
        most = summary_at_most(loaded.context_length)
        ask = ChatTurn(Role.USER, _REQUEST.format(words=int(most * WORDS_PER_TOKEN)))
        turns = list(filling.turns[: filling.plan.first_index])
        while True:
            prompt = [*filling.standing.turns(), *(each.turn for each in turns), ask]
            total = self._decoder.measure(prompt).total_tokens
            if total + most < loaded.context_length or not turns:
                break
            turns = _without_oldest_exchange(turns)
        sampling = self._session.resolved_sampling().settings
        return GenerateRequest(tuple(prompt), replace(sampling, temperature=_TEMPERATURE), max_tokens=most)


def _without_oldest_exchange(turns: list[RememberedTurn]) -> list[RememberedTurn]:
    """From the next question on."""
    for place, each in enumerate(turns[1:], start=1):
        if each.turn.role is Role.USER:
            return turns[place:]
    return []


def _whole_sentences(text: str) -> str:
    """Without a last sentence that was cut at the limit, where there is one before it."""
    cut = max(text.rfind(stop) for stop in (". ", ".\n", "! ", "? ", "。"))
    return text[: cut + 1] if cut > len(text) // 2 else text
