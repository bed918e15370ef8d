"""A note as a file of its own: what is read from its bytes, and how an edit is written without touching the rest.

Encoding, byte order mark, line ends and the front matter stay as they are in the file. Only what the note says
differently is changed: its text, its tags, and its title where nothing else would say it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import msgspec
from msgspec.structs import replace

from desktop_app.domain.folders import clean_tag, clean_tags, safe_file_name
from desktop_app.domain.front_matter import (
    EXPORTED_ID,
    FrontMatter,
    properties_without_folder,
    quoted,
    split_front_matter,
)
from desktop_app.domain.inline_tags import inline_tags
from desktop_app.domain.note_text import ReadText, read_text
from desktop_app.domain.snippets import title_of
from desktop_app.domain.text_decoding import DecodedText, decode_text

EXTENSIONS = frozenset({".md", ".markdown", ".mdown", ".mkd", ".txt", ".text"})
"""Of files that are notes as they are."""
_TAG_KEYS = ("tags", "tag", "keywords")
_NUMBER = re.compile(r" \(\d{1,6}\)\Z")
_MARK = re.compile(r"(?:---|\.\.\.|\+\+\+)[ \t]*\r?\n?\Z")


class WrittenNote(msgspec.Struct, frozen=True):
    """What of a note goes into its file.

    Attributes:
        front_matter: the lines that its file is to have, before tags and title are put in step; None leaves those that
            it has.
        earlier_tags: those the note had when it was last in step with its file: what was neither given nor taken
            since then is left as the file has it.
        earlier_title: likewise; None for a note that never was.
    """

    title: str
    text: str
    tags: tuple[str, ...]
    front_matter: str | None = None
    earlier_tags: tuple[str, ...] = ()
    earlier_title: str | None = None


def file_bytes(note: WrittenNote, path: str, earlier: bytes | None) -> bytes:
    """The bytes of the note's file at `path`; `earlier` are those that stand there, None where no file does.

    A text that the file's encoding cannot hold is written as UTF-8. In a file that is no valid UTF-8 as a whole, the
    lines that were not edited stay as they are.
    """
    decoded = None if earlier is None else decode_text(earlier)
    if earlier is None or decoded is None:
        head = head_of(note.front_matter or "")
        # What the front matter says and the note does not have was taken from it.
        note = replace(note, earlier_tags=clean_tags((*note.earlier_tags, *split_front_matter(head)[0].tags)))
        return (told_head(head, note, path) + note.text).encode("utf-8", "replace")
    matter, body = split_front_matter(decoded.text)
    head = decoded.text[: len(decoded.text) - len(body)]
    wanted = _with_lines(head, matter, note.front_matter)
    new_head = told_head(wanted, note, path, matter if wanted == head else None)
    if (new_head, note.text) == (head, body):
        return earlier
    return _encoded(new_head + note.text, decoded, earlier)


def rebuilt(text: str, front_matter: str) -> bytes:
    """The bytes of a file that a note's text and front matter were read from, where it was plain UTF-8 and nothing in
    it was read as something else; whoever needs to be sure compares hashes.
    """
    return (head_of(front_matter) + text).encode("utf-8", "replace")


def file_name(title: str) -> str:
    """The name of a new note's file, without folders."""
    return f"{safe_file_name(title)}.md"


def follows_title(path: str, title: str) -> bool:
    """Whether a file is called after its note."""
    return PurePosixPath(path).stem == safe_file_name(title)


def is_called_after(path: str, title: str) -> bool:
    """Whether a file has its note's title for a name, a number behind it included where that name was taken."""
    return follows_title(path, title) or follows_title(_NUMBER.sub("", PurePosixPath(path).stem) + ".md", title)


def title_after(read: ReadText, path: str, earlier_title: str) -> str:
    """The title that a file gives its note: said in it, else its name, of which a title may have more letters."""
    if read.title:
        return read.title
    return earlier_title if follows_title(path, earlier_title) else PurePosixPath(path).stem


def _encoded(text: str, decoded: DecodedText, earlier: bytes) -> bytes:
    """The text in the file's encoding. Of a file in none as a whole, lines that stay keep the bytes that they had."""
    try:
        if decoded.encoding == "utf-8" and decoded.remark:
            had = dict(zip(decoded.text.split("\n"), earlier.removeprefix(decoded.mark).split(b"\n"), strict=True))
            lines = (had[line] if line in had else line.encode("utf-8") for line in text.split("\n"))
            return decoded.mark + b"\n".join(lines)
        return decoded.mark + text.encode(decoded.encoding)
    except (UnicodeEncodeError, ValueError):
        return text.encode("utf-8", "replace")


def head_of(lines: str) -> str:
    """The front matter of these lines, with its marks; "" where there are none."""
    if not lines:
        return ""
    end = "\r\n" if "\r\n" in lines else "\n"
    mark = "---" if split_front_matter(f"---{end}{lines}---{end}")[0].lines else "+++"
    return f"{mark}{end}{lines}{mark}{end}"


def _with_lines(head: str, matter: FrontMatter, lines: str | None) -> str:
    """The head with other lines between its marks, which stay as they are."""
    if lines is None or lines == matter.lines or _is_own_export(matter.lines, lines):
        return head
    if not lines or not matter.lines:
        return head_of(lines)
    opening, closing = head[: head.index(matter.lines)], head[head.index(matter.lines) + len(matter.lines) :]
    kept = opening + lines + closing
    return kept if split_front_matter(kept)[0].lines == lines else head_of(lines)


def _is_own_export(said: str, lines: str) -> bool:
    """Whether a file that this program exported says the same properties as its note, whose own lines are fewer."""
    return EXPORTED_ID in said and properties_without_folder(said) == properties_without_folder(lines)


def told_head(head: str, note: WrittenNote, path: str, matter: FrontMatter | None = None) -> str:
    """The head, changed where it would give the note another title or other tags than it has."""
    matter = split_front_matter(head)[0] if matter is None else matter
    tags = _wanted_tags(matter.tags, note)
    changes: list[tuple[tuple[str, ...], str]] = []
    if tags != list(matter.tags):
        changes.append((_TAG_KEYS, f"tags: [{', '.join(quoted(tag) for tag in tags)}]" if tags else ""))
    if _needs_title(matter, note, path):
        changes.append((("title",), f"title: {quoted(note.title)}"))
    if not changes or head.startswith("+++"):
        # What stands in TOML is left to the person: its lines are not taken apart here.
        return head
    end = "\r\n" if "\r\n" in (head or note.text) else "\n"
    if not head:
        head = f"---{end}---{end}"
    for keys, line in changes:
        head = _replaced(head, keys, line, end)
    return head


def _wanted_tags(said: Sequence[str], note: WrittenNote) -> list[str]:
    taken = set(note.earlier_tags) - set(note.tags)
    kept = [tag for tag in said if clean_tag(tag) not in taken]
    there = {*note.earlier_tags, *(clean_tag(tag) for tag in (*said, *inline_tags(note.text)))}
    return [*kept, *(tag for tag in note.tags if tag not in there)]


def _needs_title(matter: FrontMatter, note: WrittenNote, path: str) -> bool:
    if not note.title or note.title == note.earlier_title:
        return False
    said = matter.title or read_text(note.text).title
    if said:
        return said != note.title
    return not follows_title(path, note.title) and note.title != title_of(note.text)


def _replaced(head: str, keys: tuple[str, ...], line: str, end: str) -> str:
    """The head with one key's lines replaced by `line` ("" takes them out), or `line` added before the closing mark."""
    lines = head.splitlines(keepends=True)
    result: list[str] = []
    inside = done = False
    for number, old in enumerate(lines):
        closing = number == len(lines) - 1 and _MARK.match(old) is not None
        starts = re.match(r"([^\W\d][\w .-]*?)[ \t]*:", old)
        if inside and not closing and starts is None and (not old.strip() or old[0] in " \t-"):
            continue
        inside = starts is not None and starts[1].lower() in keys
        if inside:
            if line and not done:
                result.append(line + end)
            done = True
        elif closing and line and not done:
            result += [line + end, old]
        else:
            result.append(old)
    return "".join(result)
