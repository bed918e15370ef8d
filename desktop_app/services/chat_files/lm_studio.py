"""LM Studio's `*.conversation.json`: one conversation, each of its messages in one or several versions.

What follows a message belongs to the version that is selected. Messages have no times of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop_app.domain.errors import ImportFileError
from desktop_app.domain.generation import StopReason
from desktop_app.services.chat_files.foreign_tree import (
    ForeignChat,
    ForeignMessage,
    joined,
    list_of,
    mapping_of,
    mention_of,
    moment_of,
    role_of,
    text_of,
)

_STOP_REASONS = {
    "maxPredictedTokensReached": StopReason.LIMIT,
    "contextLengthReached": StopReason.CONTEXT_FULL,
    "stopStringFound": StopReason.STOP_STRING,
    "userStopped": StopReason.STOPPED,
    "failed": StopReason.INTERRUPTED,
    "modelUnloaded": StopReason.INTERRUPTED,
}


def is_one(keys: Mapping[str, object]) -> bool:
    """Whether an object with these keys is a conversation of LM Studio."""
    return "messages" in keys and ("name" in keys or "createdAt" in keys)


def read(values: Mapping[str, Any]) -> ForeignChat:
    """One conversation. Raises ImportFileError where it is damaged."""
    listed = values.get("messages")
    if not isinstance(listed, list):
        raise ImportFileError("Its messages are missing.")
    messages: list[ForeignMessage] = []
    shown: str | None = None
    for number, one in enumerate(listed):
        versions, selected = _versions(one)
        messages += [_message(f"{number}.{rank}", shown, version, rank) for rank, version in enumerate(versions)]
        shown = f"{number}.{selected}"
    created = moment_of(values.get("createdAt"))
    said = [moment_of(values.get(key)) for key in ("userLastMessagedAt", "assistantLastMessagedAt")]
    changed = max((moment for moment in said if moment is not None), default=None)
    return ForeignChat(
        title=text_of(values.get("name")),
        messages=messages,
        active=shown,
        created_at=created,
        changed_at=changed,
        pinned_at=(changed or created) if values.get("pinned") is True else None,
        instructions=_instructions(values),
    )


def _instructions(values: Mapping[str, Any]) -> str:
    fields = list_of(mapping_of(values.get("perChatPredictionConfig")).get("fields"))
    chosen = [field for field in map(mapping_of, fields) if field.get("key") == "llm.prediction.systemPrompt"]
    return text_of(chosen[-1].get("value")) if chosen else text_of(values.get("systemPrompt"))


def _versions(message: object) -> tuple[list[Mapping[str, Any]], int]:
    versions = list_of(mapping_of(message).get("versions"))
    selected = mapping_of(message).get("currentlySelected", 0)
    if not versions or not all(isinstance(version, dict) for version in versions):
        raise ImportFileError("One of its messages is damaged.")
    if isinstance(selected, bool) or not isinstance(selected, int) or not 0 <= selected < len(versions):
        raise ImportFileError("One of its messages selects a version that is not there.")
    return versions, selected


def _message(key: str, parent: str | None, version: Mapping[str, Any], rank: int) -> ForeignMessage:
    steps = [mapping_of(step) for step in list_of(version.get("steps"))]
    pieces = [_step(step) for step in steps] if steps else [_content(version.get("content"))]
    told = [mapping_of(step.get("genInfo")) for step in steps if isinstance(step.get("genInfo"), dict)]
    last = told[-1] if told else {}
    sender = text_of(mapping_of(version.get("senderInfo")).get("senderName"))
    return ForeignMessage(
        key=key,
        parent=parent,
        role=role_of(version.get("role")),
        text="\n\n".join(piece for piece in pieces if piece.strip()),
        rank=rank,
        model_name=sender or text_of(last.get("identifier")) or text_of(last.get("indexedModelIdentifier")) or None,
        stop_reason=_STOP_REASONS.get(text_of(mapping_of(last.get("stats")).get("stopReason"))),
    )


def _step(step: Mapping[str, Any]) -> str:
    """The text of one step; those of tools and for finding faults have none."""
    if step.get("type") != "contentBlock":
        return ""
    text = _content(step.get("content"))
    if text_of(mapping_of(step.get("style")).get("type")) == "thinking" and text.strip():
        return f"<think>\n{text.strip()}\n</think>"
    return text


def _content(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = [mapping_of(part) for part in list_of(content)]
    text = "".join(text_of(part.get("text")) for part in parts if part.get("type") == "text")
    return joined(text, *(_mention(part) for part in parts if part.get("type") == "file"))


def _mention(part: Mapping[str, Any]) -> str:
    name = text_of(part.get("name")) or text_of(part.get("fileIdentifier"))
    return mention_of(name, image=text_of(part.get("fileType")).startswith("image"))
