"""Free writing: one text that the decoder goes on with in place, with any model and without a chat template."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import asdict, replace

from desktop_app.domain.chat_events import AnswerFinished, MessageAdded, TextAdded
from desktop_app.domain.completion import BlankSkipper, split_trailing_blanks
from desktop_app.domain.context_budget import reserved_for_answer
from desktop_app.domain.conversation import WRITING, Role, is_temporary, title_from_message
from desktop_app.domain.errors import InkwellError, NotFoundError
from desktop_app.domain.free_writing import (
    ACCEPTED,
    READS_FROM,
    changed_pieces,
    pending_of,
    reading_start,
    whole_text,
)
from desktop_app.domain.generation import (
    GenerateRequest,
    GenerationEnded,
    ReadingProgress,
    TokensWritten,
)
from desktop_app.services.answer_record import AnswerRecord, reading_under_way
from desktop_app.services.chat_settings import ChatSettings, choices_from

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.chat_events import ChatEvent
    from desktop_app.domain.conversation import Conversation, Message
    from desktop_app.domain.generation import (
        LoadedDecoder,
        PromptMeasure,
    )
    from desktop_app.services.model_ports import DecoderPort
    from desktop_app.services.model_session import ModelSession, Settings
    from desktop_app.services.ports import ConversationStore

_SPARE_TOKENS = 8
"""Kept free beside a text: where it is cut, its first word may take more tokens than it was counted with."""


class WritingMeter(msgspec.Struct, frozen=True):
    """How much of the context window a text takes, in tokens.

    Attributes:
        tokens: what the model reads of it.
        reserved: kept free for the continuation.
        reads_from: the character from which on the model reads the text.
        to_read_tokens: those that it does not hold yet.
        read_tokens_per_s: speed of reading measured on this machine; 0.0 before the first measurement.
    """

    tokens: int
    context_length: int
    reserved: int
    reads_from: int
    to_read_tokens: int
    read_tokens_per_s: float

    @property
    def used_fraction(self) -> float:
        """Share of the context window in use."""
        return self.tokens / max(1, self.context_length)

    @property
    def seconds_to_first_token(self) -> float | None:
        """About how long it takes until the continuation begins; None before the first measurement."""
        return self.to_read_tokens / self.read_tokens_per_s if self.read_tokens_per_s > 0 else None


class FreeWriting:
    """Use cases of free writing. All methods block; the generator yields events while the model writes."""

    def __init__(
        self,
        conversations: ConversationStore,
        decoder: DecoderPort,
        session: ModelSession,
        settings: Settings,
        *,
        while_answering: Callable[[bool], None] = lambda _busy: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`while_answering(True)` is called before and `(False)` after each continuation: background work gives way."""
        self._conversations = conversations
        self._decoder = decoder
        self._session = session
        self._settings = settings
        self._while_answering = while_answering
        self._clock = clock

    def pieces(self, conversation_id: int) -> list[Message]:
        """What the text is made of, from its beginning on. Raises NotFoundError."""
        return self._conversations.path(conversation_id)

    def save(self, conversation_id: int, text: str, taken_over: int | None = None) -> str:
        """Commit the text as it is now, and return its title. What of it is the same stays the piece that it was.

        `taken_over` says up to which character a person has taken over what the model wrote last. The title follows
        the text's first line until another one is given. Raises NotFoundError, StoreError.
        """
        pieces = self._conversations.path(conversation_id)
        changes = changed_pieces(pieces, text)
        if changes:
            title = self._following_title(conversation_id, whole_text(pieces), text)
            self._conversations.change_pieces(conversation_id, changes, title=title)
        if taken_over is not None:
            self._take_over(conversation_id, taken_over)
        return self._conversations.get(conversation_id).title

    def _take_over(self, conversation_id: int, end: int) -> None:
        pieces = self._conversations.path(conversation_id)
        pending = pending_of(pieces)
        if pending is not None and end > pending.start:
            accepted = end - (len(whole_text(pieces)) - len(pieces[-1].text))
            self._conversations.add_settings_used(pending.message_id, {ACCEPTED: accepted})

    def _following_title(self, conversation_id: int, before: str, text: str) -> str | None:
        """The title that goes with the new text; None where it stays as it is."""
        title = self._conversations.get(conversation_id).title
        if title and title != title_from_message(before):
            return None
        wanted = title_from_message(text)
        return wanted if wanted and wanted != title else None

    def meter(self, conversation_id: int | None, text: str) -> WritingMeter | None:
        """How full the window is with this text; None while no decoder is loaded. Raises WorkerError."""
        loaded = self._decoder.loaded
        if loaded is None:
            return None
        pieces = self._conversations.path(conversation_id) if conversation_id is not None else []
        start = self._reading_start(pieces, text, loaded)
        measure = self._decoder.measure_text(split_trailing_blanks(text[start:])[0])
        return WritingMeter(
            measure.total_tokens,
            loaded.context_length,
            self._reserved(loaded),
            start,
            max(0, measure.total_tokens - measure.cached_tokens),
            measure.read_tokens_per_s,
        )

    def go_on(self, conversation_id: int, text: str, cancel: CancelToken) -> Iterator[ChatEvent]:
        """Commit the text, which takes over what the model wrote before, and let the decoder go on from its end.

        Raises InkwellError for an empty text, ModelError and CancelledError before the model's piece is stored,
        WorkerError also after.
        """
        if not text.strip():
            raise InkwellError("There is no text to go on from.", "The page is empty.", "Write a beginning.")
        self.save(conversation_id, text, len(text))
        settings = self._settings_of(conversation_id)
        loaded = self._session.ensure_decoder(cancel, settings.context_length)
        pieces = self._conversations.path(conversation_id)
        start = self._reading_start(pieces, text, loaded)
        piece = self._conversations.add_message(
            conversation_id,
            pieces[-1].id if pieces else None,
            Role.ASSISTANT,
            "",
            model_fingerprint=loaded.fingerprint,
            model_name=self._session.decoder_name(),
            settings_used={
                **asdict(self._session.resolved_sampling(settings).settings),
                **settings.used,
                "context_length": loaded.context_length,
                "max_answer_tokens": self._most_tokens(),
                READS_FROM: start,
            },
        )
        yield MessageAdded(piece)
        kept, blanks = split_trailing_blanks(text[start:])
        request = GenerateRequest(
            (),
            self._session.resolved_sampling(settings).settings,
            max_tokens=self._most_tokens(),
            plain_text=kept,
            keep_state=not is_temporary(conversation_id),
        )
        yield from self._write(piece, request, blanks, cancel)

    def _write(self, piece: Message, request: GenerateRequest, blanks: int, cancel: CancelToken) -> Iterator[ChatEvent]:
        """Let the decoder write into `piece`, committing as it goes; whatever happens, what came is kept."""
        record = AnswerRecord(self._conversations, piece, [], self._clock)
        skipper = BlankSkipper(blanks)
        with record.under_way(self._while_answering):
            began = self._clock()
            with closing(self._decoder.generate(request, cancel)) as events:  # type: ignore[type-var]
                for event in events:
                    if isinstance(event, ReadingProgress):
                        yield reading_under_way(event, self._clock() - began)
                    elif isinstance(event, TokensWritten):
                        words = skipper.take(event.text)
                        # Where blanks were left out, the tokens say something else than the text does.
                        record.add(replace(event, text=words, token_ids=() if blanks else event.token_ids))
                        if words:
                            yield TextAdded(piece.id, words)
                    elif isinstance(event, GenerationEnded):
                        yield AnswerFinished(record.finish(event.stop_reason, event.figures))

    # The window ---------------------------------------------------------------------------------

    def _reading_start(self, pieces: Sequence[Message], text: str, loaded: LoadedDecoder) -> int:
        room = loaded.context_length - self._reserved(loaded) - _SPARE_TOKENS

        def count(tail: str) -> int:
            measure: PromptMeasure = self._decoder.measure_text(tail)
            return measure.total_tokens

        return reading_start(text, room, count, _read_from_before(pieces))[0]

    def _reserved(self, loaded: LoadedDecoder) -> int:
        return reserved_for_answer(self._most_tokens(), loaded.context_length)

    def _most_tokens(self) -> int:
        return int(self._settings.get("writing.max_tokens"))

    def _settings_of(self, conversation_id: int) -> ChatSettings:
        return ChatSettings(self._settings, choices_from(self._conversations.settings_of(conversation_id)))


def refuse_writing(conversation: Conversation) -> None:
    """Raise NotFoundError where a chat is wanted and this is free writing."""
    if conversation.kind == WRITING:
        raise NotFoundError(
            "This is free writing, not a chat.", "Its text is gone on with, not answered.", "Open it in the window."
        )


def _read_from_before(pieces: Sequence[Message]) -> int:
    """Where the model began to read the text last."""
    for piece in reversed(pieces):
        known = piece.settings_used.get(READS_FROM)
        if isinstance(known, int):
            return known
    return 0
