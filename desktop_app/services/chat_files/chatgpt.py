"""ChatGPT's `conversations.json`: a list of conversations, each a `mapping` of nodes with branches.

Instructions, tools and what they were asked, and the model's reasoning are left out, as ChatGPT itself hides them; a
document that was written beside the chat is kept as it was begun. Of files and pictures the export has no more than
names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from desktop_app.domain.conversation import Role
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

_HIDDEN_CONTENT = frozenset(
    {
        "model_editable_context",
        "user_editable_context",
        "thoughts",
        "reasoning_recap",
        "tether_browsing_display",
        "tether_quote",
        "execution_output",
        "system_error",
    }
)
_MEDIA = {
    "image_asset_pointer": "[Image]",
    "audio_asset_pointer": "[Audio]",
    "real_time_user_audio_video_asset_pointer": "[Audio]",
    "video_container_asset_pointer": "[Video]",
}
# What only ChatGPT's own page can show stands between private letters: places in sources, and names of things.
_PRIVATE = re.compile("\ue200[^\ue201]*\ue201")
_NAME = re.compile("\ue200entity\ue202([^\ue201]*)\ue201")
_NEW_DOCUMENT = "canmore.create_textdoc"
_STOP_REASONS = {"max_tokens": StopReason.LIMIT, "interrupted": StopReason.STOPPED}


def is_one(keys: Mapping[str, object]) -> bool:
    """Whether an object with these keys is a conversation of ChatGPT."""
    return "mapping" in keys


def read(values: Mapping[str, Any]) -> ForeignChat:
    """One conversation. Raises ImportFileError where it is damaged."""
    nodes = values.get("mapping")
    if not isinstance(nodes, dict):
        raise ImportFileError("Its tree of messages is missing.")
    model = text_of(values.get("default_model_slug")) or None
    ranks = {
        child: rank
        for node in nodes.values()
        for rank, child in enumerate(list_of(mapping_of(node).get("children")))
        if isinstance(child, str)
    }
    changed = moment_of(values.get("update_time"))
    created = moment_of(values.get("create_time"))
    current = values.get("current_node")
    return ForeignChat(
        title=text_of(values.get("title")),
        messages=[_message(key, node, ranks.get(key, 0), model) for key, node in nodes.items()],
        active=current if isinstance(current, str) else None,
        created_at=created,
        changed_at=changed,
        pinned_at=moment_of(values.get("pinned_time")),
        archived_at=(changed or created) if values.get("is_archived") is True else None,
    )


def _message(key: str, node: object, rank: int, model: str | None) -> ForeignMessage:
    if not isinstance(node, dict):
        raise ImportFileError("One of its messages is damaged.")
    parent = node.get("parent")
    message = node.get("message")
    if message is not None and not isinstance(message, dict):
        raise ImportFileError("One of its messages is damaged.")
    message = mapping_of(message)
    metadata = mapping_of(message.get("metadata"))
    return ForeignMessage(
        key=key,
        parent=parent if isinstance(parent, str) else None,
        role=_role(message, metadata),
        text=joined(_shown_text(message, metadata), *_files(metadata)),
        created_at=moment_of(message.get("create_time")),
        rank=rank,
        model_name=text_of(metadata.get("model_slug")) or model,
        stop_reason=_STOP_REASONS.get(text_of(mapping_of(metadata.get("finish_details")).get("type"))),
    )


def _role(message: Mapping[str, Any], metadata: Mapping[str, Any]) -> Role | None:
    """None for what ChatGPT does not show: an answer with another recipient than all is a call of a tool."""
    hidden = metadata.get("is_visually_hidden_from_conversation") is True
    if hidden or message.get("recipient", "all") not in ("all", None, _NEW_DOCUMENT):
        return None
    if _made_pictures(message):
        return Role.ASSISTANT
    return role_of(mapping_of(message.get("author")).get("role"))


def _made_pictures(message: Mapping[str, Any]) -> int:
    """How many pictures a tool made; those that it only looked at are not shown."""
    if mapping_of(message.get("author")).get("role") != "tool":
        return 0
    parts = [mapping_of(part) for part in list_of(mapping_of(message.get("content")).get("parts"))]
    told = [mapping_of(part.get("metadata")) for part in parts if part.get("content_type") == "image_asset_pointer"]
    return sum(1 for each in told if each.get("dalle") or each.get("generation"))


def _files(metadata: Mapping[str, Any]) -> list[str]:
    """Mentions of what was attached. Pictures stand among the parts of the message already."""
    attached = [mapping_of(file) for file in list_of(metadata.get("attachments"))]
    return [
        mention_of(text_of(file.get("name")))
        for file in attached
        if not text_of(file.get("mime_type")).startswith("image/")
    ]


def _shown_text(message: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    if pictures := _made_pictures(message):
        return joined(*[mention_of(text_of(metadata.get("image_gen_title")), image=True)] * pictures)
    if message.get("recipient") == _NEW_DOCUMENT:
        return _document(message.get("content"))
    return _without_private(_text(message.get("content")), list_of(metadata.get("content_references")))


def _document(content: object) -> str:
    """A document written beside the chat: its name, and the words it began with. Later changes of it are left out."""
    values = mapping_of(content)
    written = [part for part in list_of(values.get("parts")) if isinstance(part, str)]
    try:
        read = mapping_of(json.loads(text_of(values.get("text")) or "".join(written)))
    except (ValueError, RecursionError):
        return ""
    name, text = text_of(read.get("name")), text_of(read.get("content"))
    kind, _, language = text_of(read.get("type")).partition("/")
    if not text.strip():
        return ""
    body = f"```{language}\n{text}\n```" if kind == "code" else text
    return joined(f"**{name}**" if name.strip() else "", body)


def _without_private(text: str, references: list[Any]) -> str:
    """Names of things and links to sources in place of ChatGPT's own marks, as far as the export tells them."""
    if "\ue200" not in text:
        return text
    for reference in map(mapping_of, references):
        mark, words = text_of(reference.get("matched_text")), text_of(reference.get("alt"))
        if words and "\ue200" in mark:
            text = text.replace(mark, words)
    return _PRIVATE.sub("", _NAME.sub(_name_in, text))


def _name_in(found: re.Match[str]) -> str:
    try:
        values = json.loads(found[1])
    except (ValueError, RecursionError):
        return ""
    return text_of(values[1]) if isinstance(values, list) and len(values) > 1 else ""


def _text(content: object) -> str:
    values = mapping_of(content)
    kind = text_of(values.get("content_type"))
    if kind in _HIDDEN_CONTENT:
        return ""
    if kind == "code":
        code = text_of(values.get("text"))
        language = text_of(values.get("language"))
        return f"```{'' if language == 'unknown' else language}\n{code}\n```" if code.strip() else ""
    parts = [text for part in list_of(values.get("parts")) if (text := _part(part))]
    return "\n\n".join(parts) if parts else text_of(values.get("text"))


def _part(part: object) -> str:
    if isinstance(part, str):
        return part
    values = mapping_of(part)
    return text_of(values.get("text")) or _MEDIA.get(text_of(values.get("content_type")), "")
