"""The properties at the top of a text as a table to be read, line for line, so that what follows keeps its place."""

from __future__ import annotations

import re

from desktop_app.domain.front_matter import split_front_matter

_KEY = re.compile(r"(?P<key>[^\W\d][\w .?-]*?)[ \t]*:(?:[ \t]+(?P<value>.*))?$")
_ITEM = re.compile(r"[ \t]*-[ \t]+(?P<value>.*)$")
_LIST = re.compile(r"\[(?P<inside>.*)\]$")
#: What a text of several lines begins with.
_BLOCK_SIGNS = ("|", ">", "|-", ">-", "|+", ">+")
_IS_LINK = re.compile(r"\[\[[^\[\]]*\]\]$")


def with_shown_properties(text: str, heading: str) -> str:
    """`text` with the front matter that it begins with as a table, or as code where it is more than names and values.

    It has as many lines as before. `heading` stands over the names.
    """
    if not text.startswith(("---", "+++")):
        return text
    matter, body = split_front_matter(text)
    if not matter.lines:
        return text
    head = text[: len(text) - len(body)].splitlines()
    rows = property_rows(head[1:-1])
    if rows is None or text.startswith("+++") or (body and not body.startswith(("\n", "\r", "#"))):
        return "\n".join(["```yaml", *head[1:-1], "```", body])
    table = [f"| {heading} | |", "|---|---|"]
    table += [f"| {_cell(key)} | {_cell(value)} |" for key, value in rows]
    return "\n".join([*table, *[""] * (len(head) - len(table)), body])


def property_rows(lines: list[str]) -> list[tuple[str, str]] | None:
    """Names and values, each on one line with what is nested below it. None where a line is neither."""
    rows: list[tuple[str, str]] = []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        if (found := _KEY.match(line)) is not None:
            value = found["value"] or ""
            rows.append((found["key"], "" if value.strip() in _BLOCK_SIGNS else _plain(value)))
        elif rows and (item := _ITEM.match(line)) is not None:
            key, value = rows[-1]
            rows[-1] = (key, ", ".join(part for part in (value, _plain(item["value"])) if part))
        elif rows and line[0] in " \t]}":
            rows[-1] = (rows[-1][0], _with_nested(rows[-1][1], line.strip()))
        else:
            return None
    return [(key, _plain(value) if value.startswith("[") else value) for key, value in rows]


def _with_nested(value: str, line: str) -> str:
    """A value with a further line of it: another name with a value, or more words of a text."""
    if line.startswith("#"):
        return value
    is_name = (found := _KEY.match(line)) is not None
    words = f"{found['key']}: {_plain(found['value'] or '')}".rstrip() if found is not None else line
    begins_list = value.startswith("[") and not value.endswith("]")
    apart = ", " if is_name and value and not value.endswith(":") and not begins_list else " "
    return f"{value}{apart}{words}".strip()


def _plain(value: str) -> str:
    value = value.strip()
    if (inside := _LIST.match(value)) is not None and _IS_LINK.match(value) is None:
        return ", ".join(_plain(part) for part in re.split(r",(?![^\[]*\]\])", inside["inside"]) if part.strip())
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _cell(value: str) -> str:
    return value if "[[" in value else value.replace("\\", "\\\\").replace("|", "\\|")
