"""Notes of Google Keep, as Takeout gives them: a JSON file for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.domain.snippets import title_of
from desktop_app.workers.import_worker.found_note import Found, Remark, content_hash, matter_line
from desktop_app.workers.import_worker.html_inline import plain_link, written_target

_MOST_PARTS = 10_000


def keep_note(data: bytes, member: str, folder: str, there: Callable[[str], bool]) -> Found | None:
    """The note, or why it is left out; None where the bytes are no note of Keep. `there` tells whether a file lies
    beside it: the endings of pictures in the text are not always those of the files.
    """
    values = _values(data)
    if values is None:
        return None
    if values.get("isTrashed") is True:
        return Remark(member, "It was in Keep's trash and was left out.", failed=False)
    text = _text(values, there)
    title = " ".join(_string(values, "title").split())
    created, edited = _time(values, "createdTimestampUsec"), _time(values, "userEditedTimestampUsec")
    return ForeignNote(
        member=member,
        title=title or title_of(text),
        text=text,
        folder=folder,
        tags=tuple(name for label in _list(values, "labels") if (name := _string(label, "name"))),
        front_matter=matter_line("archived", "true" if values.get("isArchived") is True else "")
        + matter_line("pinned", "true" if values.get("isPinned") is True else ""),
        hash=content_hash(data),
        created=created or edited,
        edited=edited or created,
    )


def _values(data: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    is_note = isinstance(found, dict) and ("textContent" in found or "listContent" in found or "attachments" in found)
    return found if is_note else None


def _text(values: dict[str, Any], there: Callable[[str], bool]) -> str:
    items = _list(values, "listContent")
    blocks = [
        _string(values, "textContent").strip("\n"),
        "\n".join(
            f"- [{'x' if item.get('isChecked') is True else ' '}] {' '.join(_string(item, 'text').split())}"
            for item in items
        ),
        *(_link(one) for one in _list(values, "annotations")),
        *(_file(one, there) for one in _list(values, "attachments")),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _link(annotation: dict[str, Any]) -> str:
    target, words = _string(annotation, "url"), " ".join(_string(annotation, "title").split())
    return plain_link(words.replace("[", "(").replace("]", ")") or target, target) if target else ""


def _file(attachment: dict[str, Any], there: Callable[[str], bool]) -> str:
    name = _string(attachment, "filePath")
    stem, dot, ending = name.rpartition(".")
    if dot and not there(name):
        name = next((other for end in ("jpg", "jpeg", "png") if there(other := f"{stem}.{end}")), f"{stem}.{ending}")
    is_picture = _string(attachment, "mimetype").startswith("image/")
    return f"![]({written_target(name)})" if is_picture else f"[{name}]({written_target(name)})" if name else ""


def _list(values: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = values.get(key)
    return [one for one in found[:_MOST_PARTS] if isinstance(one, dict)] if isinstance(found, list) else []


def _string(values: dict[str, Any], key: str) -> str:
    found = values.get(key)
    return found if isinstance(found, str) else ""


def _time(values: dict[str, Any], key: str) -> datetime | None:
    microseconds = values.get(key)
    if not isinstance(microseconds, int) or not 0 < microseconds < 10**16:
        return None
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
