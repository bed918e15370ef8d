"""The block of properties at the top of a Markdown file, as Obsidian, Jekyll and Hugo write it.

Read are title, tags and dates, in the small part of YAML that people use there, or in TOML between "+++" lines. The
lines themselves are kept by the caller, so that what is not understood is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_MOST_CHARACTERS = 64_000
_BLOCK = re.compile(r"---[ \t]*\r?\n(?P<lines>.*?)(?:^|(?<=\n))(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\+\+\+[ \t]*\r?\n(?P<lines>.*?)(?:^|(?<=\n))\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_KEY = re.compile(r"^(?P<key>[A-Za-z_][\w .-]*?)[ \t]*:(?:[ \t]+(?P<value>.*))?$")
_ITEM = re.compile(r"^[ \t]*-[ \t]+(?P<value>.*)$")
_CREATED = ("created", "date", "created_at", "creation date")
_EDITED = ("edited", "updated", "modified", "lastmod", "last modified", "edited_at")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What was read of the block.

    Attributes:
        lines: the block without its marks, "" where there is none.
        title: "" where it says none.
        tags: as written, not cleaned.
        created, edited: None where it says none that can be read; UTC where no zone is given.
    """

    lines: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    created: datetime | None = None
    edited: datetime | None = None


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """The front matter and the text after it, exactly; an empty one and the whole text where there is none.

    A block that holds no `key: value` line is text: a note may begin with a ruled line.
    """
    head = text[:_MOST_CHARACTERS]
    if (found := _BLOCK.match(head)) is not None:
        values = _yaml(found.group("lines"))
    elif (found := _TOML.match(head)) is not None:
        values = _toml(found.group("lines"))
    else:
        return FrontMatter(), text
    if not values and found.group("lines").strip():
        return FrontMatter(), text
    matter = FrontMatter(
        lines=found.group("lines"),
        title=_text(values.get("title")),
        tags=tuple(tag for key in ("tags", "tag", "keywords") for tag in _list(values.get(key))),
        created=_moment(values, _CREATED),
        edited=_moment(values, _EDITED),
    )
    return matter, text[found.end() :]


def written_front_matter(
    title: str, tags: Sequence[str], created: datetime, edited: datetime, earlier_lines: str = ""
) -> str:
    """A block to be put in front of an exported text, with its marks; keys of `earlier_lines` that it does not say
    itself stay.
    """
    ours = {"title", "tags", "tag", "keywords", *_CREATED, *_EDITED}
    lines = [f"title: {_quoted(title)}"]
    if tags:
        lines.append(f"tags: [{', '.join(_quoted(tag) for tag in tags)}]")
    lines += [f"created: {created.isoformat()}", f"edited: {edited.isoformat()}", *_other_lines(earlier_lines, ours)]
    return "---\n" + "\n".join(lines) + "\n---\n"


def _other_lines(lines: str, ours: set[str]) -> list[str]:
    kept: list[str] = []
    keep = False
    for line in lines.splitlines():
        if line.strip() in ("---", "..."):
            continue
        if (found := _KEY.match(line)) is not None:
            keep = found.group("key").lower() not in ours
        if keep:
            kept.append(line)
    return kept


def _quoted(value: str) -> str:
    cleaned = " ".join(value.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{cleaned}"'


def _yaml(lines: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    key = ""
    for line in lines.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if (found := _KEY.match(line)) is not None:
            key = found.group("key").lower()
            values[key] = _value(found.group("value") or "")
        elif key and (item := _ITEM.match(line)) is not None:
            listed = values[key] if isinstance(values[key], list) else []
            values[key] = [*listed, _text(_value(item.group("value")))]
        elif key and line[0] in " \t" and values[key] in (">", "|", ">-", "|-", ""):
            values[key] = line.strip()
        elif key and line[0] in " \t" and isinstance(values[key], str):
            values[key] = f"{values[key]} {line.strip()}"
    return values


def _value(written: str) -> Any:
    value = written.strip()
    if value.startswith("[") and value.endswith("]"):
        return [_unquoted(part) for part in _parts(value[1:-1])]
    return _unquoted(value)


def _parts(inside: str) -> list[str]:
    """The items of a list in brackets; commas inside quotes do not separate."""
    parts = re.findall(r"""\s*("(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^,]+)\s*(?:,|$)""", inside)
    return [part.strip() for part in parts if part.strip()]


def _unquoted(value: str) -> str:
    value = value.strip()
    if (quoted := re.match(r'"((?:\\.|[^"\\])*)"', value)) is not None:
        return re.sub(r"\\(.)", r"\1", quoted.group(1))
    if (quoted := re.match(r"'((?:''|[^'])*)'", value)) is not None:
        return quoted.group(1).replace("''", "'")
    # An unquoted value ends at a comment, which "# " begins here: "#tag" is what people write for a tag.
    return re.split(r"\s#\s", value, maxsplit=1)[0].strip()


def _toml(lines: str) -> dict[str, Any]:
    import tomllib

    try:
        values = tomllib.loads(lines.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError:
        return {}
    taxonomies = values.get("taxonomies")
    if isinstance(taxonomies, dict) and "tags" in taxonomies:
        values.setdefault("tags", taxonomies["tags"])
    return {key.lower(): value for key, value in values.items()}


def _text(value: Any) -> str:
    if value is None or isinstance(value, (list, dict)):
        return ""
    return " ".join(str(value).split())


def _list(value: Any) -> list[str]:
    """Tags as a list; in one string they are separated by commas, else by blanks."""
    if isinstance(value, list):
        return [text for item in value if (text := _text(item))]
    text = _text(value)
    return [part.strip() for part in (text.split(",") if "," in text else text.split()) if part.strip()]


def _moment(values: dict[str, Any], keys: tuple[str, ...]) -> datetime | None:
    for key in keys:
        value = values.get(key)
        if value is None:
            continue
        try:
            moment = datetime.fromisoformat(str(value).strip())
        except ValueError:
            continue
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return None
