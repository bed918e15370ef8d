"""The block of properties at the top of a Markdown file, as Obsidian, Jekyll and Hugo write it.

Read are title, tags, folder and dates, in the small part of YAML that people use there, or in TOML between "+++" lines.
The lines themselves are kept by the caller, so that what is not understood is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

_MOST_CHARACTERS = 64_000
_BLOCK = re.compile(r"---[ \t]*\r?\n(?P<lines>.*?)(?:^|(?<=\n))(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\+\+\+[ \t]*\r?\n(?P<lines>.*?)(?:^|(?<=\n))\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_KEY = re.compile(r"^(?P<key>[^\W\d][\w .?-]*?)[ \t]*:(?:[ \t]+(?P<value>.*))?$")
_ITEM = re.compile(r"^[ \t]*-[ \t]+(?P<value>.*)$")
_CREATED = ("created", "date", "created_at", "creation date")
_EDITED = ("edited", "updated", "modified", "lastmod", "last modified", "edited_at")
# Read as well, and kept as they are: they may say more than a time.
_CREATED_TOO = ("date created", "date_created", "created_time", "creation_date")
_EDITED_TOO = ("date modified", "date_modified", "updated_at", "modification date")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:''|[^'])*'")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_IN_WORDS = re.compile(
    r"(?:[a-z]+, )?(?P<month>[a-z]{3})[a-z]* (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})"
    r"(?:,? (?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))? ?(?P<half>[ap]m)?)?",
    re.IGNORECASE,
)
EXPORTED_ID = "inkwell_id"
"""By what an exported note is known again (domain/exported_notes.py)."""
_OURS = frozenset({"title", "tags", "tag", "keywords", EXPORTED_ID, *_CREATED, *_EDITED})
_OPENING_MARKS = ("---", "+++")
_CLOSING_MARKS = ("---", "...", "+++")


class FrontMatter(msgspec.Struct, frozen=True):
    """What was read of the block.

    Attributes:
        lines: the block without its marks, "" where there is none.
        title: "" where it says none.
        tags: as written, not cleaned.
        folder: as written, not cleaned; "" where it says none.
        created, edited: None where it says none that can be read; UTC where no zone is given.
    """

    lines: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    folder: str = ""
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
        folder=_text(values.get("folder")),
        created=_moment(values, (*_CREATED, *_CREATED_TOO)),
        edited=_moment(values, (*_EDITED, *_EDITED_TOO)),
    )
    return matter, text[found.end() :]


def typed_front_matter(text: str) -> str:
    """The lines of the front matter that a note's own text begins with; "" for most."""
    return split_front_matter(text)[0].lines if text.startswith(_OPENING_MARKS) else ""


def broken_front_matter_end(text: str) -> int:
    """Where the text goes on after lines at its top that were meant as front matter and cannot be read as such; 0 where
    there are none. They are part of the text, but nothing to take a title from.
    """
    if not text.startswith(_OPENING_MARKS):
        return 0
    lines = text[:_MOST_CHARACTERS].splitlines(keepends=True)
    if len(lines) < 2 or lines[0].rstrip() not in _OPENING_MARKS or not re.search(r"[:=]", lines[1]):
        return 0
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() in _CLOSING_MARKS:
            return len("".join(lines[: number + 1]))
    blank = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    return len("".join(lines[:blank]))


def has_open_values(lines: str) -> bool:
    """Whether a value begins like a list, a mapping or a quotation and does not end like one: what it was meant to say
    is not read.
    """
    for group in _groups(lines.splitlines()):
        found = _KEY.match(group[0])
        value = ((found.group("value") or "") if found is not None else "").strip()
        if value[:1] in ('"', "'") and _quotation(" ".join([value, *group[1:]])) is None:
            return True
        if value[:1] in ("[", "{"):
            bare = _QUOTED.sub("", " ".join([value, *group[1:]]))
            if any(bare.count(opening) > bare.count(closing) for opening, closing in ("[]", "{}")):
                return True
    return False


def written_front_matter(
    title: str,
    tags: Sequence[str],
    created: datetime,
    edited: datetime,
    earlier_lines: str = "",
    folder: str = "",
    exported_id: str = "",
) -> str:
    """A block to be put in front of an exported text, with its marks; keys of `earlier_lines` that it does not say
    itself stay.
    """
    lines = [f"title: {quoted(title)}"]
    if tags:
        lines.append(f"tags: [{', '.join(quoted(tag) for tag in tags)}]")
    if folder:
        lines.append(f"folder: {quoted(folder)}")
    lines += [f"created: {created.isoformat()}", f"edited: {edited.isoformat()}"]
    if exported_id:
        lines.append(f"{EXPORTED_ID}: {exported_id}")
    lines += properties_without_folder(earlier_lines)
    return "---\n" + "\n".join(lines) + "\n---\n"


def other_properties(lines: str) -> str:
    """What a block says beside title, tags and dates, as lines of YAML: aliases, a status, and whatever people keep."""
    return "\n".join(_other_lines(lines))


def properties_without_folder(lines: str) -> list[str]:
    """The lines of `other_properties` but for the note's folder, which the store says."""
    groups = _groups(_other_lines(lines))
    return [line for group in groups if _key_of(group) != "folder" for line in group]


def aliases(lines: str) -> tuple[str, ...]:
    """Other names of the note, as a block's lines say them; in one string they are separated by commas."""
    values = _yaml(lines) or _toml(lines)
    found: list[str] = []
    for key in ("aliases", "alias"):
        value = values.get(key)
        parts = value if isinstance(value, list) else _text(value).split(",")
        found += [name for part in parts if (name := _text(part))]
    return tuple(dict.fromkeys(found))


def united_properties(lines: str, other: str, names: Sequence[str] = ()) -> str:
    """The lines of one block with what another one says beside it: keys that the first does not have, and the aliases
    of both, with `names` among them. Title, tags and dates of the other are left out.
    """
    kept = lines if _yaml(lines) or not lines.strip() else other_properties(lines)
    own_names = aliases(lines)
    all_names = tuple(dict.fromkeys((*own_names, *aliases(other), *names)))
    known = set(_yaml(kept))
    groups = _groups(kept.splitlines())
    if all_names != own_names:
        known |= {"aliases", "alias"}
        groups = [group for group in groups if _key_of(group) not in ("aliases", "alias")]
        groups.append([f"aliases: [{', '.join(quoted(name) for name in all_names)}]"])
    groups += [group for group in _groups(_other_lines(other)) if _key_of(group) not in known]
    if sum(map(len, groups)) == len(lines.splitlines()) and all_names == own_names:
        return lines  # nothing came to it: byte for byte
    return "\n".join(line for group in groups for line in group) + "\n"


def _groups(lines: Sequence[str]) -> list[list[str]]:
    """Each key with the lines below that belong to it."""
    groups: list[list[str]] = []
    for line in lines:
        if not groups or _KEY.match(line) is not None:
            groups.append([])
        groups[-1].append(line)
    return groups


def _key_of(group: Sequence[str]) -> str:
    found = _KEY.match(group[0])
    return found.group("key").lower() if found is not None else group[0]


def _other_lines(lines: str) -> list[str]:
    if not _yaml(lines) and (values := _read_toml(lines)):
        import json

        # Every JSON value is YAML as well.
        return [
            f"{key}: {json.dumps(value, ensure_ascii=False, default=str)}"
            for key, value in values.items()
            if key.lower() not in _OURS
        ]
    kept: list[str] = []
    keep = False
    for line in lines.splitlines():
        if line.strip() in ("---", "..."):
            continue
        if (found := _KEY.match(line)) is not None:
            keep = found.group("key").lower() not in _OURS
        elif ":" in line and line[0] not in " \t-#":
            keep = True  # a key that is written in a way this module does not read
        if keep:
            kept.append(line)
    return kept


def quoted(value: str) -> str:
    """A value on one line between quotation marks."""
    cleaned = " ".join(value.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{cleaned}"'


def _yaml(lines: str) -> dict[str, Any]:
    written: dict[str, Any] = {}
    key = ""
    for line in lines.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if (found := _KEY.match(line)) is not None:
            key = found.group("key").lower()
            written[key] = (found.group("value") or "").strip()
        elif key and (item := _ITEM.match(line)) is not None:
            listed = written[key] if isinstance(written[key], list) else []
            written[key] = [*listed, _text(_value(item.group("value")))]
        elif key and isinstance(written[key], str) and (line[0] in " \t" or written[key].startswith("[")):
            earlier = "" if written[key] in (">", "|", ">-", "|-") else written[key]
            written[key] = f"{earlier} {line.strip()}".lstrip()
    return {key: value if isinstance(value, list) else _value(value) for key, value in written.items()}


def _value(written: str) -> Any:
    """A text or a list; None for what begins like a quotation or a mapping and does not end like one."""
    value = written.strip()
    if value.startswith("["):
        return [_unquoted(part) for part in _parts(value[1:].removesuffix("]"))]
    if value.startswith("{") or (value[:1] in ("'", '"') and _quotation(value) is None):
        return None
    return _unquoted(value)


def _parts(inside: str) -> list[str]:
    """The items of a list in brackets; commas inside quotes do not separate."""
    parts = re.findall(r"""\s*("(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^,]+)\s*(?:,|$)""", inside)
    return [part.strip() for part in parts if part.strip()]


def _unquoted(value: str) -> str:
    value = value.strip()
    if (quoted := _quotation(value)) is not None:
        return quoted
    # An unquoted value ends at a comment, which "# " begins here: "#tag" is what people write for a tag.
    return re.split(r"\s#\s", value, maxsplit=1)[0].strip()


def _quotation(value: str) -> str | None:
    """What stands in the quotation marks that a value begins with; None where it begins with none or they are open."""
    if (quoted := re.match(r'"((?:\\.|[^"\\])*)"', value)) is not None:
        return re.sub(r"\\(.)", r"\1", quoted.group(1))
    if (quoted := re.match(r"'((?:''|[^'])*)'", value)) is not None:
        return quoted.group(1).replace("''", "'")
    return None


def _toml(lines: str) -> dict[str, Any]:
    values = _read_toml(lines)
    taxonomies = values.get("taxonomies")
    if isinstance(taxonomies, dict) and "tags" in taxonomies:
        values.setdefault("tags", taxonomies["tags"])
    return {key.lower(): value for key, value in values.items()}


def _read_toml(lines: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(lines.replace("\r\n", "\n"))
    except (ValueError, RecursionError):  # among these a number of thousands of digits, which is no TOMLDecodeError
        return {}


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
        if (moment := _time(" ".join(str(value).split()))) is not None:
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return None


def _time(written: str) -> datetime | None:
    """A time as ISO 8601 writes it, also with slashes, or as in "Monday, January 2nd 2023, 3:04:05 pm"."""
    try:
        return datetime.fromisoformat(re.sub(r"^(\d{4})/(\d\d)/(\d\d)", r"\1-\2-\3", written))
    except ValueError:
        pass
    found = _IN_WORDS.fullmatch(written)
    if found is None or found["month"].lower() not in _MONTHS:
        return None
    hour = int(found["hour"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    month = _MONTHS.index(found["month"].lower()) + 1
    try:
        return datetime(
            int(found["year"]), month, int(found["day"]), hour, int(found["minute"] or 0), int(found["second"] or 0)
        )
    except ValueError:
        return None
