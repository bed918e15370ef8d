"""Another program's tree of messages becomes one of ours."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from desktop_app.domain.chat_record import AttachmentRecord, ChatRecord, MessageRecord
from desktop_app.domain.conversation import Role, title_from_message
from desktop_app.domain.errors import ImportFileError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.presets import INSTRUCTIONS_KEY, OWN_VALUES

_LAST_SECOND = 253_402_300_799  # of the year 9999
_MILLISECONDS_FROM = 100_000_000_000  # in seconds this would be the year 5138

# An answer that several others go on with stands in each of them: so many times what the file holds is enough.
_MOST_COPIES = 10
_ALWAYS_ALLOWED = 1_000_000  # characters

_ROLES = {"user": Role.USER, "human": Role.USER, "assistant": Role.ASSISTANT}


class ForeignFile(msgspec.Struct, frozen=True):
    """A file that a message carries, of which the other program kept the text; `size` is in bytes."""

    name: str
    media_type: str
    size: int
    text: str


class ForeignMessage(msgspec.Struct, frozen=True):
    """A node as the other program has it.

    Attributes:
        parent: the key of the node before it; one that is not there makes this a root.
        role: None for a node that is not shown (instructions, tools); what follows it moves up.
        text: empty for a node that is not kept, unless it has an `error` or `files`.
        rank: its place among its siblings.
    """

    key: str
    parent: str | None
    role: Role | None
    text: str
    created_at: datetime | None = None
    rank: int = 0
    model_name: str | None = None
    stop_reason: StopReason | None = None
    error: str = ""
    files: tuple[ForeignFile, ...] = ()


class ForeignChat(msgspec.Struct, frozen=True):
    """A conversation as the other program has it; times are None where it says none.

    `instructions` are those of this conversation alone.
    """

    title: str
    messages: Sequence[ForeignMessage]
    active: str | None
    created_at: datetime | None = None
    changed_at: datetime | None = None
    pinned_at: datetime | None = None
    archived_at: datetime | None = None
    instructions: str = ""


class _Node(msgspec.Struct):
    """A message that is kept, while the tree is put together."""

    message: ForeignMessage
    parent: _Node | None
    before: _Node | None  # the answer it goes on with
    length: int  # of its text, that of `before` included
    created_at: datetime
    order: int
    answers: int = 0  # children that went on with this answer, and hold its text
    others: int = 0  # children that did not
    children: list[_Node] = msgspec.field(default_factory=list)

    def text(self) -> str:
        """Its own, after those of the answers that it goes on with."""
        parts: list[str] = []
        node: _Node | None = self
        while node is not None:
            parts.append(node.message.text)
            node = node.before
        return joined(*reversed(parts)) if len(parts) > 1 else parts[0]


def text_of(value: object) -> str:
    """A string as it is, anything else as nothing."""
    return value if isinstance(value, str) else ""


def mapping_of(value: object) -> Mapping[str, Any]:
    """A JSON object as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """A JSON list as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def mention_of(name: str, *, image: bool = False) -> str:
    """Stands in a text for a file that the export does not hold."""
    name = " ".join(name.split())[:200]
    what = "Image" if image else "File"
    return f"[{what}: {name}]" if name else f"[{what}]"


def joined(*parts: str) -> str:
    """Paragraphs, those left out that hold nothing."""
    return "\n\n".join(part for part in parts if part.strip())


def role_of(value: object) -> Role | None:
    """Person or model; None for everybody else."""
    return _ROLES.get(value) if isinstance(value, str) else None


def moment_of(value: object) -> datetime | None:
    """A time in seconds or milliseconds since 1970, or as ISO 8601; None for what is none."""
    if isinstance(value, str):
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            return None
        return read if read.tzinfo is not None else read.replace(tzinfo=UTC)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LAST_SECOND else None


def chat_of(chat: ForeignChat, now: datetime) -> ChatRecord | None:
    """The conversation as a record; None where nothing in it can be shown.

    Nodes that are not kept are left out, and what follows them moves up. An answer that follows an answer goes on with
    it: other programs break one answer at each use of a tool. Raises ImportFileError for what is no tree.
    """
    began = chat.created_at or chat.changed_at or now
    kept, shown = _kept(chat, began)
    whole = [node for node in kept.values() if not (node.answers and not node.others) or node is shown]
    if not whole:
        return None
    own = sum(len(message.text) for message in chat.messages)
    if sum(node.length for node in whole) > own * _MOST_COPIES + _ALWAYS_ALLOWED:
        raise ImportFileError("Its answers branch too often in the middle to be put together.")
    for node in whole:
        if node.parent is not None:
            node.parent.children.append(node)
    order = _in_order_of_time(whole)
    places = {id(node): place for place, node in enumerate(order)}
    siblings: dict[int | None, list[_Node]] = defaultdict(list)
    for node in sorted(whole, key=lambda node: node.order):
        siblings[None if node.parent is None else id(node.parent)].append(node)
    ranks = {id(node): rank for row in siblings.values() for rank, node in enumerate(row)}
    messages = tuple(_record(node, places, ranks) for node in order)
    first = next((node for node in order if node.message.role is Role.USER), order[0])
    latest = max(node.created_at for node in order)
    return ChatRecord(
        title=" ".join(chat.title.split()) or title_from_message(first.message.text),
        created_at=chat.created_at or min(node.created_at for node in order),
        changed_at=chat.changed_at or latest,
        messages=messages,
        active_leaf=places[id(shown or max(order, key=lambda node: places[id(node)]))],
        pinned_at=chat.pinned_at,
        archived_at=chat.archived_at,
        settings={OWN_VALUES: {INSTRUCTIONS_KEY: chat.instructions}} if chat.instructions.strip() else {},
    )


def _kept(chat: ForeignChat, began: datetime) -> tuple[dict[str, _Node], _Node | None]:
    """The nodes that are kept, by key, and the one at the end of what is shown."""
    kept: dict[str, _Node] = {}
    standing: dict[str, _Node | None] = {}  # each key's nearest kept node, itself included
    for order, message in enumerate(_parents_first(chat.messages)):
        above = standing.get(message.parent or "")
        if message.role is None or not (message.text.strip() or message.error or message.files):
            standing[message.key] = above
            continue
        created = message.created_at or (above.created_at if above is not None else began)
        goes_on = above is not None and above.message.role is Role.ASSISTANT and message.role is Role.ASSISTANT
        if above is not None and goes_on:
            above.answers += 1
            node = _Node(message, above.parent, above, above.length + len(message.text) + 2, created, order)
        else:
            if above is not None:
                above.others += 1
            node = _Node(message, above, None, len(message.text), created, order)
        kept[message.key] = standing[message.key] = node
    shown = standing.get(chat.active) if chat.active is not None else None
    return kept, shown


def _parents_first(messages: Sequence[ForeignMessage]) -> list[ForeignMessage]:
    by_key = {message.key: message for message in messages}
    if len(by_key) < len(messages):
        raise ImportFileError("Two of its messages have the same id.")
    below: dict[str | None, list[ForeignMessage]] = defaultdict(list)
    for message in messages:
        below[message.parent if message.parent in by_key else None].append(message)
    for row in below.values():
        row.sort(key=lambda message: message.rank)
    found: list[ForeignMessage] = []
    waiting = below[None][::-1]
    while waiting:
        message = waiting.pop()
        found.append(message)
        waiting += below[message.key][::-1]
    if len(found) < len(messages):
        raise ImportFileError("Its messages follow each other in a circle.")
    return found


def _in_order_of_time(nodes: Sequence[_Node]) -> list[_Node]:
    """In the order they were made, but none before the one it follows, whatever the clocks said."""
    waiting = [(node.created_at, node.order, node) for node in nodes if node.parent is None]
    heapq.heapify(waiting)
    ordered: list[_Node] = []
    while waiting:
        node = heapq.heappop(waiting)[2]
        ordered.append(node)
        for child in node.children:
            heapq.heappush(waiting, (child.created_at, child.order, child))
    return ordered


def _record(node: _Node, places: Mapping[int, int], ranks: Mapping[int, int]) -> MessageRecord:
    message = node.message
    assert message.role is not None  # those without are not kept
    is_answer = message.role is Role.ASSISTANT
    return MessageRecord(
        parent=None if node.parent is None else places[id(node.parent)],
        sibling_order=ranks[id(node)],
        role=message.role,
        text=node.text(),
        created_at=node.created_at,
        model_name=message.model_name if is_answer else None,
        stop_reason=(message.stop_reason or StopReason.END) if is_answer else None,
        error=message.error if is_answer else "",
        attachments=tuple(
            AttachmentRecord("file", file.name, file.media_type, file.size, node.created_at, file.text)
            for file in message.files
        ),
    )
