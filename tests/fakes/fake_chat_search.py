"""Finds words in the messages of FakeChatService, when the test lets it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_search import FoundInMessage, MessageHit
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.search import Span
from desktop_app.domain.text_places import count_in_message
from tests.fakes.fake_chat_service import FakeChatService


class FakeChatSearch:
    """Implements the chat presenters' ChatSearching."""

    def __init__(self, service: FakeChatService) -> None:
        self._service = service
        self.fails: InkwellError | None = None
        self.held: dict[str, threading.Event] = {}
        self.asked: list[str] = []
        self.switch: Callable[[int, int], bool] = lambda _chat, _message: False

    def hold(self, text: str) -> threading.Event:
        """Hold back the answer for `text` until the event is set."""
        return self.held.setdefault(text, threading.Event())

    def find(self, text: str, *, folder: str | None = None, typing: bool = False) -> list[MessageHit]:
        self.asked.append(text)
        if text in self.held:
            assert self.held[text].wait(20)
        if self.fails is not None:
            raise self.fails
        return [
            MessageHit(
                chat.id,
                message.id,
                chat.title,
                message.role,
                message.text[:100],
                (Span(at, at + len(text)),),
                chat.archived_at is not None,
            )
            for chat in self._service.conversations()
            for message in self._service.messages(chat.id)
            if (at := message.text.lower().find(text.lower())) >= 0
        ]

    def in_chat(self, conversation_id: int, text: str, cancel: CancelToken) -> list[FoundInMessage]:
        self.asked.append(text)
        if text in self.held:
            assert self.held[text].wait(20)
        return [
            FoundInMessage(message.id, count)
            for message in self._service.messages(conversation_id)
            if (count := count_in_message(message.role, message.text, text))
        ]

    def reveal(self, conversation_id: int, message_id: int) -> bool:
        return self.switch(conversation_id, message_id)
