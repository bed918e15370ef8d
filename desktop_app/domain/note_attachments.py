"""Pictures and other files of notes, and how a note's text names them: `![](img/a.png)`, `[](a.pdf)`, `![[a.png]]`.

A name is compared as `reference_key` makes it. What a name means is kept with each note, since two folders may each
have a file of one name.
"""

from __future__ import annotations

import functools
import mimetypes
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Protocol
from urllib.parse import quote, unquote

import msgspec

MOST_BYTES = 50 * 1024 * 1024
"""The largest file that a note may have."""

_DESTINATION = r"(?:<(?P<angled{0}>[^<>\n]*)>|(?P<bare{0}>[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*))"
_REFERENCES = re.compile(
    r"\]\([ \t]*" + _DESTINATION.format(1) + r"(?=[ \t]*[)\"'(\n]|[ \t]+[\"'(])"
    r"|^ {0,3}\[[^\[\]\n]{1,200}\]:[ \t]*" + _DESTINATION.format(2) + r"[ \t]*(?=[\r\n\"'(]|\Z)"
    r"|!\[\[(?P<wiki>[^\[\]\n|]+)(?:\|(?P<words>[^\[\]\n]*))?\]\]"
    r"|<img\s[^<>\n]{0,500}?\bsrc\s*=\s*[\"'](?P<tag>[^\"'<>\n]*)[\"']",
    re.MULTILINE,
)
_EMBEDDED_AT_END = re.compile(r"!\[(?:\[[^\[\]]+\]\]|[^\[\]]*\]\([^()]*(?:\([^()]*\)[^()]*)*\))\s*\Z")
_LONGEST_NAME = 500  # characters that an embedded file's Markdown may have to be seen as one
_NOT_IN_WIKI = re.compile(r"[\[\]|#^\r\n]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"%PDF-", "application/pdf"),
)
SVG = "image/svg+xml"
"""The one kind of picture that is told by its name, since it is a text."""

_TOLD_BY_BYTES = frozenset({"image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp"})
_SHOWN = _TOLD_BY_BYTES | {SVG}
_MORE_TYPES = {".webp": "image/webp", ".avif": "image/avif", ".heic": "image/heic", ".md": "text/markdown"}
_UNKNOWN = "application/octet-stream"
_PAPERS = "png jpg jpeg gif bmp webp tif tiff heic avif pdf epub txt md csv log ics rtf docx xlsx pptx odt ods odp"
_PLAYED = "mp3 m4a wav ogg oga flac opus mp4 m4v mov webm mkv avi ogv"
_SAFE_TO_OPEN = frozenset(f"{_PAPERS} {_PLAYED}".split())
"""Endings of what a program shows or plays, and does not run."""


class Readable(Protocol):
    """Where bytes come from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


class StoredFile(msgspec.Struct, frozen=True):
    """A file that the store keeps.

    Attributes:
        hash: sha256 of its bytes, lowercase hex; the name it is stored under.
        name: what it was called where it came from, without folders.
        media_type: told by its first bytes, else by its name.
        size: in bytes.
    """

    hash: str
    name: str
    media_type: str
    size: int

    @property
    def is_shown(self) -> bool:
        """Whether it is a picture of a kind that notes show."""
        return self.media_type in _SHOWN


class NoteAttachment(msgspec.Struct, frozen=True):
    """What a name in a note's text means. `target` is the name's `reference_key`."""

    note_id: int
    target: str
    file: StoredFile


class Reference(msgspec.Struct, frozen=True):
    """A place where a text names a file.

    Attributes:
        start, end: the characters of the name as it is written, inside its brackets.
        target: the name, decoded, without what stands behind "#".
        is_wiki: whether it is written `![[target]]`.
        words: what stands behind "|" in such a one; Obsidian's width of the picture, often.
    """

    start: int
    end: int
    target: str
    is_wiki: bool = False
    words: str = ""


def find_references(text: str) -> list[Reference]:
    """Every name of a file in a text, in order, in code, too: one that means no file does no harm."""
    # One character is looked for eight times as fast as two: that counts in a text of 50 MB, while others wait.
    brackets = "[" in text and ("](" in text or "![[" in text or "]:" in text)
    if not brackets and not ("<" in text and "<img" in text):
        return []
    return list(_references(text))


def _references(text: str) -> Iterator[Reference]:
    for part in _REFERENCES.finditer(text):
        name = next(one for one in ("angled1", "bare1", "angled2", "bare2", "wiki", "tag") if part[one] is not None)
        written = part[name]
        is_wiki = name == "wiki"
        target = written.partition("#")[0].strip()
        if not is_wiki:
            target = unquote(target)
        if is_local(target):
            yield Reference(part.start(name), part.end(name), target, is_wiki, (part["words"] or "").strip())


def is_local(target: str) -> bool:
    """Whether a name can be that of a file beside the note, and no address."""
    return bool(target) and not target.startswith(("//", "\\\\", "#")) and _SCHEME.match(target) is None


def reference_key(target: str) -> str:
    """What names of one file have in common: "./img\\a.png" and "img/a.png" are the same. Upper and lower case are not,
    since a folder may hold both.
    """
    parts = unicodedata.normalize("NFC", target.strip()).replace("\\", "/").split("/")
    kept = [part for place, part in enumerate(parts) if part != "." and (part or place == 0)]
    return "/".join(kept)


def tail_key(target: str) -> str:
    """The key of a name without its folders, and without upper case: by it a file is found from other notes."""
    return reference_key(target).rpartition("/")[2].casefold()


def targets_in(text: str) -> list[str]:
    """The keys of all names in a text, each once, in order."""
    return list(dict.fromkeys(reference_key(one.target) for one in find_references(text)))


def written_as_link(target: str) -> str:
    """A name as it stands between the brackets of `![](…)`."""
    return quote(target, safe="/!$&'*+,;=:@~-._")


def with_targets(text: str, changes: Sequence[tuple[Reference, str]]) -> str:
    """`text` with other names in these of its references, given in order; everything else stays as it is."""
    pieces, at = [], 0
    for reference, target in changes:
        pieces += [text[at : reference.start], target if reference.is_wiki else written_as_link(target)]
        at = reference.end
    return "".join([*pieces, text[at:]])


def embedding(name: str, media_type: str) -> str:
    """The Markdown that shows a picture, or names another file as Obsidian does."""
    if media_type not in _SHOWN and not _NOT_IN_WIKI.search(name):
        return f"![[{name}]]"
    words = re.sub(r"([\\\[\]])", r"\\\1", name)
    mark = "!" if media_type in _SHOWN else ""
    return f"{mark}[{words}]({written_as_link(name)})"


def set_off(written: str, before: str, after: str) -> str:
    """`written`, a file named at a place in a line, set off from what stands `before` and `after` it in this line.

    Two files that stand side by side become paragraphs of their own, as several at once do.
    """
    lead = (
        "\n\n"
        if _EMBEDDED_AT_END.search(before[-_LONGEST_NAME:])
        else " "
        if before and not before[-1].isspace()
        else ""
    )
    tail = "\n\n" if after.startswith("![") else " " if after[:1].isalnum() else ""
    return lead + written + tail


def may_be_opened(name: str) -> bool:
    """Whether a file of this name may be handed to the system's program for it: nothing that could be run."""
    return name.rpartition(".")[2].casefold() in _SAFE_TO_OPEN and "." in name


@functools.cache
def _usual_types() -> mimetypes.MimeTypes:
    """Python's own list, not the system's, which differs between computers. Made late: that takes 5 ms."""
    return mimetypes.MimeTypes(filenames=())


def media_type_of(name: str, head: bytes) -> str:
    """The media type of a file by its first bytes (sixteen are enough), else by its name."""
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    suffix = "." + name.rpartition(".")[2].casefold() if "." in name else ""
    by_name = _MORE_TYPES.get(suffix) or _usual_types().guess_type(f"a{suffix}")[0] or _UNKNOWN
    # A name may say picture where the bytes do not: nothing would come of showing it.
    return _UNKNOWN if by_name in _TOLD_BY_BYTES else by_name
