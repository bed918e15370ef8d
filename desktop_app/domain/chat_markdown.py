"""A chat as Markdown, copied to the clipboard and exported alike."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.domain.conversation import Conversation, Message, Role

_SPEAKERS = {Role.USER: "You", Role.ASSISTANT: "Answer", Role.SYSTEM: "Instructions"}


def chat_markdown(chat: Conversation, messages: Sequence[Message]) -> str:
    """The chat's title, then each of `messages` under who said it; an answer under its model's name."""
    parts = [f"# {' '.join(chat.title.split()) or 'Chat'}\n"]
    parts += [f"\n## {_speaker(message)}\n\n{message.text}\n" for message in messages]
    return "".join(parts)


def _speaker(message: Message) -> str:
    if message.role is Role.ASSISTANT and message.model_name:
        return " ".join(message.model_name.split())
    return _SPEAKERS[message.role]
