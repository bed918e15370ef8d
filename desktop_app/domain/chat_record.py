"""A chat with everything that is kept of it, as it goes into a file and comes out of one.

Nothing here knows the ids of a store: messages name each other by their place in the chat, so that a chat exported,
imported and exported again is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from math import isfinite
from typing import Any

import msgspec

from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import GenerationFigures, StopReason
from desktop_app.domain.reasoning import REASONING_SECONDS, REASONING_TOKENS

MESSAGE_KINDS = ("", "summary")
CHAT_KINDS = ("chat", "writing")
ATTACHMENT_KINDS = ("file", "paste", "note")
MOST_MESSAGES = 100_000
"""Messages of one chat, and of all chats that are imported together."""

_LARGEST = 2**63 - 1
_LARGEST_TOKEN = 2**32 - 1
_MOST_DEPTH = 32


class AttachmentRecord(msgspec.Struct, frozen=True):
    """What a message carries: the text of a file, of a paste or of a note.

    Attributes:
        size: of the file, in bytes.
        note_id: the note in the store it was exported from; not kept when it is imported.
    """

    kind: str
    name: str
    media_type: str
    size: int
    created_at: datetime
    text: str
    note_id: int | None = None


class MessageRecord(msgspec.Struct, frozen=True):
    """One node of the tree.

    Attributes:
        parent: place in the chat of the message before it; always an earlier place. None for a root.
        sibling_order: 0 for the first child of its parent, as in `Message`.
        deleted_at: when the branch that begins here was deleted.
        kind: "summary" for what stands in place of earlier messages, else "".
        settings_used: as in `Message`, but where it names messages (domain.recalled_places) it names their places.
        alternatives: the likeliest tokens at each place of an answer, packed as in the store.
    """

    parent: int | None
    sibling_order: int
    role: Role
    text: str
    created_at: datetime
    token_ids: tuple[int, ...] | None = None
    model_fingerprint: str | None = None
    model_name: str | None = None
    stop_reason: StopReason | None = None
    error: str = ""
    figures: GenerationFigures | None = None
    settings_used: dict[str, Any] = msgspec.field(default_factory=dict)
    deleted_at: datetime | None = None
    pinned: bool = False
    kind: str = ""
    alternatives: bytes | None = None
    attachments: tuple[AttachmentRecord, ...] = ()


class ChatRecord(msgspec.Struct, frozen=True):
    """A whole chat.

    Attributes:
        messages: all of the tree, in the order they were made.
        active_leaf: place of the last message that is shown; None for a chat that shows none.
        memory_start: place of the first message that the decoder still sees; None when it sees all.
        settings: the values that belong to this chat alone.
        kind: "chat", or "writing" for free writing.
    """

    title: str
    created_at: datetime
    changed_at: datetime
    messages: tuple[MessageRecord, ...] = ()
    active_leaf: int | None = None
    memory_start: int | None = None
    draft: str = ""
    draft_attachments: tuple[AttachmentRecord, ...] = ()
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    trashed_at: datetime | None = None
    pinned_at: datetime | None = None
    archived_at: datetime | None = None
    folder: str = ""
    kind: str = "chat"

    def path(self) -> list[MessageRecord]:
        """The messages that are shown, first to last."""
        shown: list[MessageRecord] = []
        place = self.active_leaf
        while place is not None:
            shown.append(self.messages[place])
            place = self.messages[place].parent
        return shown[::-1]


class ChatSummary(msgspec.Struct, frozen=True):
    """A chat as the command line lists it, `messages` counted over all branches."""

    id: int
    title: str
    created_at: datetime
    changed_at: datetime
    trashed_at: datetime | None
    pinned_at: datetime | None
    archived_at: datetime | None
    folder: str
    kind: str
    messages: int


class LeftOut(msgspec.Struct, frozen=True):
    """A chat of a file, by its title, and why it was not imported."""

    name: str
    reason: str


class ChatImportReport(msgspec.Struct, frozen=True):
    """What came of an import.

    Attributes:
        chat_ids: the chats that are new now, in the order of the file.
        messages: how many messages they have together.
        skipped: chats in which there was nothing to import.
        failed: chats that are damaged; with a single one nothing of the file was imported.
    """

    chat_ids: tuple[int, ...] = ()
    messages: int = 0
    skipped: tuple[LeftOut, ...] = ()
    failed: tuple[LeftOut, ...] = ()

    def __add__(self, other: ChatImportReport) -> ChatImportReport:
        """What came of two imports, one after the other."""
        return ChatImportReport(
            self.chat_ids + other.chat_ids,
            self.messages + other.messages,
            self.skipped + other.skipped,
            self.failed + other.failed,
        )


def fault_of(chat: ChatRecord) -> str:
    """What makes this no possible chat, as a sentence; empty where all is well. For records that come from outside."""
    count = len(chat.messages)
    for name, place in (("active_leaf", chat.active_leaf), ("memory_start", chat.memory_start)):
        if place is not None and not 0 <= place < count:
            return f"Its {name} names a message that is not there."
    if chat.kind not in CHAT_KINDS:
        return "It is of a kind that is not known here."
    if not _is_plain(chat.settings):
        return "Its settings are nested too deeply, or hold numbers that are too large."
    if any(_attachment_is_odd(attachment) for attachment in chat.draft_attachments):
        return "What is attached to its draft has an impossible size, or is of a kind that is not known here."
    for place, message in enumerate(chat.messages):
        fault = _fault_of_message(message, place)
        if fault:
            return f"Message {place + 1}: {fault}"
    return ""


def _fault_of_message(message: MessageRecord, place: int) -> str:
    if message.parent is not None and not 0 <= message.parent < place:
        return "it follows a message that does not stand before it."
    if not 0 <= message.sibling_order <= _LARGEST:
        return "its sibling order is out of range."
    if message.token_ids and not all(0 <= token <= _LARGEST_TOKEN for token in message.token_ids):
        return "a token id is out of range."
    if message.figures is not None and not all(_is_number(value) for value in _figures(message.figures)):
        return "a figure of its answer is out of range."
    if not _is_plain(message.settings_used):
        return "the settings it was made with are nested too deeply, or hold numbers that are too large."
    if not all(_is_count(message.settings_used.get(name, 0)) for name in (REASONING_SECONDS, REASONING_TOKENS)):
        return "how long its reasoning took is no number."
    if any(_attachment_is_odd(attachment) for attachment in message.attachments):
        return "what is attached to it has an impossible size, or is of a kind that is not known here."
    if message.kind not in MESSAGE_KINDS:
        return "it is of a kind that is not known here."
    return ""


def _figures(figures: GenerationFigures) -> Iterator[float]:
    for name in GenerationFigures.__struct_fields__:
        yield getattr(figures, name)


def _is_number(value: float) -> bool:
    return isfinite(value) if isinstance(value, float) else -_LARGEST <= value <= _LARGEST


def _is_count(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _attachment_is_odd(attachment: AttachmentRecord) -> bool:
    return attachment.kind not in ATTACHMENT_KINDS or not 0 <= attachment.size <= _LARGEST


def _is_plain(value: object, depth: int = 0) -> bool:
    """A JSON value that every reader takes: not deeper than a file's format needs, no endless numbers."""
    if depth > _MOST_DEPTH:
        return False
    if isinstance(value, dict):
        return all(_is_plain(inner, depth + 1) for inner in value.values())
    if isinstance(value, list):
        return all(_is_plain(inner, depth + 1) for inner in value)
    return not isinstance(value, int | float) or _is_number(value)
