"""A chat as Markdown, copied to the clipboard and exported alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop_app.domain.attachments import source_place
from desktop_app.domain.conversation import WRITING, Conversation, Message, Role
from desktop_app.domain.reasoning import answer_of

if TYPE_CHECKING:
    from desktop_app.domain.chat_record import ChatRecord, MessageRecord

_SPEAKERS = {Role.USER: "You", Role.ASSISTANT: "Answer", Role.SYSTEM: "Instructions"}


def chat_markdown(chat: Conversation | ChatRecord, messages: Sequence[Message | MessageRecord]) -> str:
    """The chat's title, then each of `messages` under who said it; an answer under its model's name.

    Free writing is its text, as it is.
    """
    if chat.kind == WRITING:
        return "".join(message.text for message in messages)
    parts = [f"# {' '.join(chat.title.split()) or 'Chat'}\n"]
    for message in messages:
        parts.append(f"\n## {_speaker(message)}\n\n{_carried(message)}{_words(message)}\n")
    return "".join(parts)


def _carried(message: Message | MessageRecord) -> str:
    """The names of what it carries, those of passages with what they are cited by; the texts are in the lossless
    export.
    """
    attached: list[str] = []
    found: list[str] = []
    for each in message.attachments:
        name = " ".join(each.name.split())
        place = source_place(each.kind, each.media_type)
        if place is None:
            attached.append(name)
        else:
            found.append(f"[{place.number}] {name}")
    lines = [f"Attached: {', '.join(attached)}"] if attached else []
    lines += [f"From notes: {', '.join(found)}"] if found else []
    return "".join(f"*{line}*\n\n" for line in lines)


def _words(message: Message | MessageRecord) -> str:
    """A person's message as it is; an answer without what was thought before it."""
    return answer_of(message.text, message.settings_used) if message.role is Role.ASSISTANT else message.text


def _speaker(message: Message | MessageRecord) -> str:
    if message.role is Role.ASSISTANT and message.model_name:
        return " ".join(message.model_name.split())
    return _SPEAKERS[message.role]
