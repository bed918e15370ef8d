"""Parts of a chat as they are quoted to the decoder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.reasoning import answer_of

_BEGIN = "[Quoted from earlier in this chat, because it may matter here:]"
_END = "[End of the quotes.]"


class Passage(msgspec.Struct, frozen=True):
    """Characters [start, end) of what can be quoted of a message."""

    message_id: int
    role: Role
    start: int
    end: int
    text: str

    @property
    def key(self) -> tuple[int, int, int]:
        """What the passage is known by."""
        return self.message_id, self.start, self.end


def readable(message: Message) -> str:
    """What can be quoted of a message: a person's with what it carries, an answer without its reasoning."""
    return message.read_text if message.role is Role.USER else answer_of(message.text, message.settings_used)


def quote_block(passages: Iterable[Passage]) -> str:
    """The passages as the decoder reads them in front of a question, oldest first; empty for none."""
    ordered = sorted(passages, key=lambda passage: passage.key)
    if not ordered:
        return ""
    quotes = [f"{_speaker(passage.role)}:\n{_quoted(passage.text)}" for passage in ordered]
    return "\n\n".join((_BEGIN, *quotes, _END))


def quoted_message(message: Message) -> str:
    """A pinned message, with what it carries, as it stands after the instructions."""
    return f"{_speaker(message.role)}:\n{_quoted(readable(message))}"


def _speaker(role: Role) -> str:
    return "The user wrote" if role is Role.USER else "The assistant answered"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def passages_at(places: Iterable[tuple[int, int, int]], messages: Mapping[int, Message]) -> list[Passage]:
    """The passages at `places`; those whose message is gone are left out."""
    found = []
    for message_id, start, end in places:
        message = messages.get(message_id)
        text = readable(message)[start:end] if message is not None else ""
        if message is not None and text:
            found.append(Passage(message_id, message.role, start, end, text))
    return found
