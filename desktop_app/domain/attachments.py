"""What a message carries beside its text: the text of a file, of a paste or of a note."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import PurePath

import msgspec

LONG_PASTE = 2_500
"""A paste of more characters than this becomes an attachment."""
LONGEST_NAME = 200


class AttachmentKind(StrEnum):
    """Where its text came from."""

    FILE = "file"
    PASTE = "paste"
    NOTE = "note"


class FileFormat(StrEnum):
    """How a file was read."""

    TEXT = "text"
    PDF = "pdf"
    DOCX = "docx"


class ImportedText(msgspec.Struct, frozen=True):
    """A file's text.

    Attributes:
        size: of the file, in bytes.
        remark: what a person may want to know about how it was read; empty mostly.
    """

    text: str
    format: FileFormat
    size: int
    remark: str = ""


class NotePassages(msgspec.Struct, frozen=True):
    """What a search found in one note.

    Attributes:
        name: title and place, as the chip and the decoder show it.
        text: its passages, in Markdown.
    """

    note_id: int
    name: str
    text: str


class Attachment(msgspec.Struct, frozen=True):
    """One attachment, stored.

    Attributes:
        message_id: the message that carries it; None while it belongs to the chat's unsent draft.
        ordinal: its place among those of its message.
        size: of the file, of the paste or of the note's text, in bytes.
        note_id: the note it was made of, which may be gone or changed since; None for others.
    """

    id: int
    conversation_id: int
    message_id: int | None
    ordinal: int
    kind: AttachmentKind
    name: str
    media_type: str
    size: int
    note_id: int | None
    created_at: datetime
    text: str


_MEDIA_TYPES = {
    FileFormat.PDF: "application/pdf",
    FileFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_INTRODUCED = {
    AttachmentKind.FILE: "Attached file",
    AttachmentKind.PASTE: "Attached text",
    AttachmentKind.NOTE: "Attached note",
}
_BACKTICKS = re.compile(r"`{3,}")
_LANGUAGE = re.compile(r"[a-z0-9+#]{1,12}")


def media_type(name: str, file_format: FileFormat) -> str:
    """The media type of a file by how it was read, and by its name where it is a text."""
    if file_format is not FileFormat.TEXT:
        return _MEDIA_TYPES[file_format]
    return "text/markdown" if PurePath(name).suffix.lower() in _MARKDOWN else "text/plain"


def attachment_name(name: str) -> str:
    """A name on one line, not too long, and never empty."""
    return " ".join(name.split())[:LONGEST_NAME] or "Untitled"


def quoted(attachment: Attachment) -> str:
    """The attachment as the decoder reads it: its name, then its text between fences that its text does not hold."""
    longest = max((len(run) for run in _BACKTICKS.findall(attachment.text)), default=2)
    fence = "`" * (longest + 1)
    name = attachment_name(attachment.name).replace("`", "'")
    head = f"{_INTRODUCED[attachment.kind]} “{name}”:"
    return f"{head}\n{fence}{_language(attachment)}\n{attachment.text.rstrip()}\n{fence}"


def with_attachments(attachments: Sequence[Attachment], text: str) -> str:
    """A message as the decoder reads it: what it carries stands before its own text."""
    return "\n\n".join([*(quoted(each) for each in attachments), *([text] if text or not attachments else [])])


def _language(attachment: Attachment) -> str:
    """What stands behind the opening fence: a source file's suffix, "markdown", or nothing."""
    if attachment.media_type == "text/markdown":
        return "markdown"
    suffix = PurePath(attachment.name).suffix.lower().lstrip(".")
    is_source = attachment.kind is AttachmentKind.FILE and attachment.media_type == "text/plain" and suffix != "txt"
    return suffix if is_source and _LANGUAGE.fullmatch(suffix) else ""
