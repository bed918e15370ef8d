"""Conversations: a tree of messages, of which one path is shown."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec

from desktop_app.domain.attachments import Attachment, with_attachments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_app.domain.generation import GenerationFigures, StopReason


EDITED = "edited"
"""Key in an answer's `settings_used`: the person wrote or changed its text."""

SUMMARY = "summary"
"""The kind of a message that stands in place of earlier ones."""

CHAT, WRITING = "chat", "writing"
"""The kinds of a conversation: turns, or one text that is continued (domain.free_writing)."""


FIRST_TEMPORARY_ID = 1 << 30
"""Ids of temporary chats and of their messages begin here; no store ever gets so far."""


def is_temporary(chat_or_message_id: int) -> bool:
    """True for the id of a chat, or of a message in one, that is in memory only."""
    return chat_or_message_id >= FIRST_TEMPORARY_ID


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class Message(msgspec.Struct, frozen=True):
    """One node of a conversation's tree.

    Attributes:
        id: monotonic; messages are ordered by it, never by the clock.
        parent_id: the message before it; None for a root.
        sibling_order: 0 for the first child of its parent, 1 for the next (a regenerated answer), …
        token_ids: the ids the decoder generated for `text`, valid for `model_fingerprint` only.
        stop_reason: None for a person's message and for an answer still being written.
        error: what went wrong when the answer failed, in a person's words; empty otherwise.
        settings_used: sampling and context values the answer was made with, and what was recalled for it.
        pinned: it never leaves the decoder's context window.
        kind: "" for what was said; SUMMARY for what stands in place of the messages up to its parent.
        attachments: what a person's message carries, in its order.
    """

    id: int
    conversation_id: int
    parent_id: int | None
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
    settings_used: Mapping[str, Any] = msgspec.field(default_factory=dict)
    pinned: bool = False
    kind: str = ""
    attachments: tuple[Attachment, ...] = ()

    @property
    def read_text(self) -> str:
        """What the decoder reads of it: what it carries, quoted, and then its text."""
        return with_attachments(self.attachments, self.text) if self.attachments else self.text

    @property
    def edited(self) -> bool:
        """True for an answer whose text the person changed."""
        return self.settings_used.get(EDITED) is True


class Conversation(msgspec.Struct, frozen=True):
    """A chat without its messages.

    Attributes:
        active_leaf_id: last message of the path that is shown; None for an empty chat.
        memory_start_id: first message of the path that the decoder still sees; None when it sees all.
        draft: unsent text of the composer.
        preview: the last message's first readable line, for the list.
        changed_at: when a message was last added or changed.
        pinned_at: since when it stands above all others; None where it does not.
        archived_at: since when it is out of the way, though not in the trash; None where it is not.
        folder: names joined by "/"; empty for none.
        kind: CHAT or WRITING.
    """

    id: int
    title: str
    created_at: datetime
    changed_at: datetime
    active_leaf_id: int | None = None
    memory_start_id: int | None = None
    draft: str = ""
    preview: str = ""
    trashed_at: datetime | None = None
    pinned_at: datetime | None = None
    archived_at: datetime | None = None
    folder: str = ""
    kind: str = CHAT


class ChatCopy(msgspec.Struct, frozen=True):
    """A chat on its way into another one, with everything the store keeps of its messages.

    Attributes:
        settings: the values that belong to the chat alone.
        leaf_id: last message of the path that is shown.
        memory_start_id: first message of that path that the decoder still sees; None when it sees all.
        messages: stored rows, parents first.
        attachments: stored rows of what the messages carry.
        kind: a chat, or a page of free writing.
    """

    settings: Mapping[str, Any]
    leaf_id: int | None
    memory_start_id: int | None
    messages: tuple[Mapping[str, Any], ...]
    attachments: tuple[Mapping[str, Any], ...]
    kind: str = CHAT


class DeletedBranch(msgspec.Struct, frozen=True):
    """What is needed to bring a deleted branch back.

    Attributes:
        message_id: its first message.
        parent_id: the message it hangs on; None for a root.
        leaf_id: the end of the path that was shown before.
    """

    conversation_id: int
    message_id: int
    parent_id: int | None
    leaf_id: int | None


class DeletedBranchSummary(msgspec.Struct, frozen=True):
    """A deleted branch as a list shows it.

    Attributes:
        branch: what brings it back; its leaf is the end of the newest path in it.
        role: who wrote its first message; `beginning` is that message's first readable line, `deleted_at` when it went.
        messages: how many of its own come back, the first one included.
        is_inside: it was deleted before a branch that it is in, which comes back with it.
    """

    branch: DeletedBranch
    role: Role
    beginning: str
    deleted_at: datetime
    messages: int
    is_inside: bool = False


_LOOKED_AT = 2_000
"""Characters of a message that its readable line is looked for in."""


def preview_of_message(text: str, settings_used: Mapping[str, Any], limit: int = 120) -> str:
    """A message's first readable line, what was thought before it left out; cut at `limit` characters.

    `settings_used` says whether the text of an answer begins inside its reasoning.
    """
    from desktop_app.domain.plain_markdown import readable_line
    from desktop_app.domain.reasoning import answer_of

    return readable_line(answer_of(text, settings_used)[:_LOOKED_AT])[:limit]


def title_from_message(text: str, limit: int = 60) -> str:
    """The chat's title from its first message: its first readable line, cut at a word."""
    from desktop_app.domain.plain_markdown import readable_line  # its patterns are not needed to open the window

    line = readable_line(text[:_LOOKED_AT])
    if len(line) <= limit:
        return line
    cut = line[: limit + 1].rsplit(" ", 1)[0]
    return (cut if limit // 2 < len(cut) <= limit else line[:limit]).rstrip(" ,;:.") + "…"
