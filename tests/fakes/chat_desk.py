"""A real chat service on a real store, with a decoder without a process and settings that the test changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Message
from desktop_app.services.chat import ChatService
from desktop_app.services.context_window import ContextWindow
from desktop_app.services.model_session import ModelSession
from desktop_app.services.temporary_chats import TemporaryChats, both_stores
from desktop_app.settings.schema import setting_for
from desktop_app.storage.memory_database import temporary_conversations
from desktop_app.storage.store import Store, utc_now
from tests.fakes.fake_decoder import FakeDecoder

DIFFERENT: dict[str, Any] = {"decoder.context_length": 1000, "decoder.system_prompt": ""}
"""Where the desk differs from the program's defaults."""


class DeskSettings:
    """The settings as ModelSession reads them."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        if key in self.person:
            return self.person[key]
        return DIFFERENT[key] if key in DIFFERENT else setting_for(key).default

    def person_value(self, key: str) -> Any:
        return self.person.get(key)


class DeskLibrary:
    """One model that is always there."""

    name = "Fake 1B"

    def decoder_path(self) -> Path:
        return Path("starter.gguf")

    def encoder_path(self) -> Path:
        return Path("encoder")

    def describe(self, path: Path) -> Any:
        return SimpleNamespace(
            name=self.name, sampling={}, catalogue_sampling={}, expected_sha256=None, built_in_template=None
        )

    def verify_hash(self, path: Path, progress: None, cancel: CancelToken | None) -> None:
        return None

    def context_in_force(self, path: Path, asked: int | None = None) -> int:
        return 1000


class ChatDesk:
    """The service and what it stands on."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups")
        self.decoder = FakeDecoder()
        self.settings = DeskSettings()
        self.library = DeskLibrary()
        session = ModelSession(self.decoder, None, self.settings, self.library)  # type: ignore[arg-type]
        self.temporary = temporary_conversations(utc_now)
        self.conversations = both_stores(self.store.conversations, lambda: self.temporary)
        self.session = session
        self.chat = self.chat_service()

    def chat_service(self, once: Mapping[str, Any] | None = None) -> ChatService:
        """The service, with values that stand above those of every chat."""
        return ChatService(
            self.conversations,
            self.decoder,
            self.session,
            self.settings,
            window=ContextWindow(self.conversations, self.decoder, self.session, self.settings, once=once),
            temporary=TemporaryChats(self.store.conversations, lambda: self.temporary),
        )

    def ask(self, conversation_id: int, text: str, answer: str = "") -> list[Message]:
        """Send a message, have it answered, and return the shown path."""
        self.decoder.answer = answer or f"Answer to {text}"
        list(self.chat.send(conversation_id, text, CancelToken()))
        return self.chat.messages(conversation_id)

    def edit(self, conversation_id: int, message_id: int, text: str, answer: str = "") -> list[Message]:
        """Edit a message, have it answered, and return the shown path."""
        self.decoder.answer = answer or f"Answer to {text}"
        list(self.chat.edit(conversation_id, message_id, text, CancelToken()))
        return self.chat.messages(conversation_id)

    def texts(self, conversation_id: int) -> list[str]:
        return [message.text for message in self.chat.messages(conversation_id)]

    def close(self) -> None:
        self.store.close()
