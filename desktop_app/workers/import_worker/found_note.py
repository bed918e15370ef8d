"""What a reader of another program's file hands on, part by part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from desktop_app.domain.foreign_notes import ForeignNote


class Remark(msgspec.Struct, frozen=True):
    """A part that was not read, or was read with a guess."""

    member: str
    reason: str
    failed: bool = True


class Members(msgspec.Struct):
    """Makes names of members unique: two of one name are two notes, the same two at every reading."""

    seen: dict[str, int] = msgspec.field(default_factory=dict)

    def unique(self, name: str) -> str:
        """`name`, with a number from the second one on."""
        count = self.seen[name] = self.seen.get(name, 0) + 1
        return name if count == 1 else f"{name} ({count})"


Found = ForeignNote | Remark
Reader = Iterator[Found]


def content_hash(*parts: str | bytes) -> str:
    """sha256 hex of `parts`, none of which can run into the next."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def moment(written: str) -> datetime | None:
    """A time as ISO 8601 writes it, with or without its separators; UTC where no zone is given."""
    try:
        found = datetime.fromisoformat(written.strip())
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def matter_line(key: str, value: str) -> str:
    """A line of front matter; "" without a value."""
    value = " ".join(value.split())[:2_000]
    return f"{key}: {value}\n" if value else ""
