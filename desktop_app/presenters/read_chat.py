"""What is read of a chat to show it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from desktop_app.domain.conversation import WRITING, Conversation, Message
from desktop_app.presenters.chat_service import ChatUseCases
from desktop_app.presenters.transcript import FIRST_PAGE
from desktop_app.presenters.writing import ReadPage


class ReadChat(msgspec.Struct, frozen=True):
    """A chat as the store has it: the end of its shown path, or its text where it is free writing.

    Attributes:
        versions: by message, the ids of it and of its siblings, where it has some.
        summary: what stands in place of the messages that the decoder no longer sees; None without one.
    """

    conversation: Conversation
    messages: list[Message]
    versions: dict[int, tuple[int, ...]]
    summary: Message | None
    page: ReadPage | None = None


def read_chat(service: ChatUseCases, conversation_id: int, read_page: Callable[[], ReadPage]) -> ReadChat:
    """Read a chat; `read_page()` reads the text of one of free writing. Blocks. Raises NotFoundError, StoreError."""
    conversation = service.get(conversation_id)
    if conversation.kind == WRITING:
        return ReadChat(conversation, [], {}, None, read_page())
    messages = service.messages(conversation_id, limit=FIRST_PAGE)
    versions = service.branches.versions([each.id for each in messages])
    summary = service.window.summary(conversation_id) if conversation.memory_start_id else None
    return ReadChat(conversation, messages, versions, summary)
