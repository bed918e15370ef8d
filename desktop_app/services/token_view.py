"""The tokens of an answer with what the model hesitated between, and what another choice would begin with."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from desktop_app.domain.constraint import constraint_in
from desktop_app.domain.errors import ConstraintError, InkwellError
from desktop_app.domain.token_alternatives import (
    RECORD_BYTES,
    LikelyToken,
    TokenPlace,
    choosing,
    fitted,
    unpack_choices,
)

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.conversation import Message
    from desktop_app.domain.generation import LoadedDecoder
    from desktop_app.services.model_ports import DecoderPort
    from desktop_app.services.model_session import ModelSession
    from desktop_app.services.ports import ConversationStore


class AnswerBeginning(msgspec.Struct, frozen=True):
    """What an answer begins with that goes another way: tokens, their text, and their records."""

    text: str
    token_ids: tuple[int, ...]
    alternatives: bytes
    ends: bool


class TokenViews:
    """Reads the tokens of answers with the model that wrote them."""

    def __init__(self, conversations: ConversationStore, decoder: DecoderPort, session: ModelSession) -> None:
        self._conversations = conversations
        self._decoder = decoder
        self._session = session

    def places(self, message_id: int, cancel: CancelToken) -> list[TokenPlace]:
        """The answer's tokens in their order; loads the chat model where it is not.

        Raises NotFoundError, ModelError, WorkerError, CancelledError, and InkwellError where the tokens are not known
        or another model wrote them.
        """
        answer = self._conversations.get_message(message_id)
        token_ids = _own_tokens(answer, self._session.ensure_decoder(cancel))
        choices = unpack_choices(fitted(self._conversations.alternatives_of(message_id), len(token_ids)))
        others = sorted({token for choice in choices if choice for token, _ in choice.likeliest})
        texts = dict(zip(others, self._decoder.spell(others), strict=True))
        places = []
        for position, (token, text, choice) in enumerate(zip(token_ids, self._texts(token_ids), choices, strict=True)):
            likeliest = tuple(
                LikelyToken(each, texts[each].decode("utf-8", "replace"), probability, each == token)
                for each, probability in (choice.likeliest if choice else ())
            )
            places.append(TokenPlace(position, text, choice.probability if choice else None, likeliest))
        return places

    def check(self, message_id: int, position: int, token_id: int, cancel: CancelToken) -> None:
        """Raise what `beginning` raises for that choice; loads the chat model where it is not."""
        loaded = self._session.ensure_decoder(cancel)
        self.beginning(self._conversations.get_message(message_id), position, token_id, loaded)

    def beginning(self, answer: Message, position: int, token_id: int, loaded: LoadedDecoder) -> AnswerBeginning:
        """The answer up to `position`, and `token_id` there instead.

        Raises InkwellError as `places` does, ConstraintError where the chat's answer format forbids that token there.
        """
        token_ids = _own_tokens(answer, loaded)
        if not 0 <= position < len(token_ids):
            raise InkwellError("This place of the answer is not there any more.", "", "Open the token view again.")
        begun = (*token_ids[:position], token_id)
        constraint = constraint_in(self._conversations.settings_of(answer.conversation_id))
        if constraint is not None and not self._decoder.allows(constraint.grammar(), begun):
            raise ConstraintError(
                "This token does not fit the answer format.",
                "No answer of this format begins like that.",
                "Choose another token, or another format (Answer format…, in the chat’s menu).",
            )
        pieces = self._decoder.spell(begun)
        ends = not pieces[-1]
        if ends:
            begun = begun[:-1]
        records = fitted(self._conversations.alternatives_of(answer.id), len(token_ids))
        kept = records[: position * RECORD_BYTES]
        if not ends:
            kept += choosing(records[position * RECORD_BYTES : (position + 1) * RECORD_BYTES], token_id)
        return AnswerBeginning("".join(_decoded(pieces)), begun, kept, ends)

    def _texts(self, token_ids: tuple[int, ...]) -> list[str]:
        return list(_decoded(self._decoder.spell(token_ids)))


def _decoded(pieces: Iterable[bytes]) -> Iterable[str]:
    """The text that each piece completes; half a character at the very end gives none."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for piece in pieces:
        yield decoder.decode(piece)


def _own_tokens(answer: Message, loaded: LoadedDecoder) -> tuple[int, ...]:
    if not answer.token_ids:
        raise InkwellError(
            "The tokens of this answer are not known.", "It was edited, imported, or begun by another model.", ""
        )
    if answer.model_fingerprint != loaded.fingerprint:
        name = answer.model_name or "Another model"
        raise InkwellError(
            "The tokens of this answer cannot be read.",
            f"{name} wrote it, and another model is loaded.",
            "Choose that model on the Models screen.",
        )
    return answer.token_ids
