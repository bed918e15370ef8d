"""Open WebUI's exports: a list of chats, each with a tree of messages under `chat.history.messages`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from desktop_app.domain.errors import ImportFileError
from desktop_app.domain.generation import StopReason
from desktop_app.services.chat_files.foreign_tree import (
    ForeignChat,
    ForeignFile,
    ForeignMessage,
    joined,
    list_of,
    mapping_of,
    mention_of,
    moment_of,
    role_of,
    text_of,
)

# What the model thought stands in the text as HTML that folds, each of its lines quoted.
_DETAILS = re.compile(r'<details type="(\w+)"[^>]*>\n?(?:<summary>[^<]*</summary>\n?)?(.*?)</details>\n*', re.DOTALL)
_QUOTE = re.compile(r"^> ?", re.MULTILINE)


def is_one(keys: Mapping[str, object]) -> bool:
    """Whether an object with these keys is a chat of Open WebUI: its row, or only what is under `chat` in it."""
    return "chat" in keys or "history" in keys


def read(values: Mapping[str, Any]) -> ForeignChat:
    """One chat. Raises ImportFileError where it is damaged."""
    chat = values.get("chat", values)
    if not isinstance(chat, dict):
        raise ImportFileError("Its messages are missing.")
    history = chat.get("history")
    nodes = mapping_of(history).get("messages")
    if isinstance(nodes, dict):
        messages = _tree(nodes)
        current = mapping_of(history).get("currentId")
    elif history is None and isinstance(chat.get("messages"), list):
        messages = _line(chat["messages"])
        current = messages[-1].key if messages else None
    else:
        raise ImportFileError("Its tree of messages is missing.")
    changed = moment_of(values.get("updated_at"))
    created = moment_of(values.get("created_at")) or moment_of(chat.get("timestamp"))
    return ForeignChat(
        title=text_of(values.get("title")) or text_of(chat.get("title")),
        messages=messages,
        active=current if isinstance(current, str) else None,
        created_at=created,
        changed_at=changed,
        pinned_at=_since(values.get("pinned"), changed or created),
        archived_at=_since(values.get("archived"), changed or created),
        instructions=text_of(mapping_of(chat.get("params")).get("system")) or text_of(chat.get("system")),
    )


def _since(flag: object, moment: datetime | None) -> datetime | None:
    return moment if flag is True else None


def _tree(nodes: Mapping[str, Any]) -> list[ForeignMessage]:
    ranks = {
        child: rank
        for node in nodes.values()
        for rank, child in enumerate(list_of(mapping_of(node).get("childrenIds")))
        if isinstance(child, str)
    }
    found = []
    for key, node in nodes.items():
        values = _object(node)
        parent = values.get("parentId")
        found.append(_message(key, parent if isinstance(parent, str) else None, values, ranks.get(key, 0)))
    return found


def _line(nodes: list[Any]) -> list[ForeignMessage]:
    """Older exports have no tree: one message follows the other."""
    found: list[ForeignMessage] = []
    for number, node in enumerate(nodes):
        found.append(_message(str(number), found[-1].key if found else None, _object(node), 0))
    return found


def _object(node: object) -> Mapping[str, Any]:
    if not isinstance(node, dict):
        raise ImportFileError("One of its messages is damaged.")
    return node


def _message(key: str, parent: str | None, values: Mapping[str, Any], rank: int) -> ForeignMessage:
    error = values.get("error")
    files = [mapping_of(file) for file in list_of(values.get("files"))]
    kept = tuple(found for file in files if (found := _file(file)) is not None)
    mentions = [_mention(file) for file in files if _file(file) is None]
    return ForeignMessage(
        key=key,
        parent=parent,
        role=role_of(values.get("role")),
        text=joined(_with_thoughts(_content(values.get("content"))), *mentions),
        created_at=moment_of(values.get("timestamp")),
        rank=rank,
        model_name=text_of(values.get("modelName")) or text_of(values.get("model")) or None,
        stop_reason=StopReason.INTERRUPTED if values.get("done") is False else None,
        error=text_of(error) or text_of(mapping_of(error).get("content")),
        files=kept,
    )


def _file(values: Mapping[str, Any]) -> ForeignFile | None:
    """A file with its text; None where the export has none (pictures, collections)."""
    file = mapping_of(values.get("file"))
    text = text_of(mapping_of(file.get("data")).get("content"))
    if not text.strip():
        return None
    meta = mapping_of(file.get("meta"))
    size = meta.get("size")
    known = isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**60
    name = text_of(values.get("name")) or text_of(file.get("filename"))
    return ForeignFile(
        name=name,
        media_type=text_of(meta.get("content_type")) or "text/plain",
        size=size if known and isinstance(size, int) else len(text.encode("utf-8", "replace")),
        text=text,
    )


def _mention(values: Mapping[str, Any]) -> str:
    return mention_of(text_of(values.get("name")), image=values.get("type") == "image")


def _content(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = (mapping_of(part) for part in list_of(content))
    return "\n\n".join(text for part in parts if (text := text_of(part.get("text"))))


def _with_thoughts(text: str) -> str:
    """Reasoning as models write it; what tools did is left out."""
    return _DETAILS.sub(_thought, text) if "<details type=" in text else text


def _thought(found: re.Match[str]) -> str:
    if found.group(1) != "reasoning":
        return ""
    return f"<think>\n{_QUOTE.sub('', found.group(2)).strip()}\n</think>\n\n"
