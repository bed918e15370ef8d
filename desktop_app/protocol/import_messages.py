"""The messages of the worker that reads one file's text, and the limits it reads under; both sides hold them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import CommonFromHost, CommonFromWorker, Count, RequestId

MOST_SECONDS = 60.0
"""How long one file may take, by the clock and by the processor."""
MOST_MEMORY = 1024**3
"""Bytes of address space where the system limits that, else of resident memory."""
MOST_TEXT_BYTES = 64 * 1024**2
"""Bytes of text, in UTF-8, that one file may give."""
PART_CHARACTERS = 1024**2
"""Most characters in one TextPart."""
MOST_TAGS = 1_000
MOST_NOTES = 100_000
"""Notes that one file may give."""
MOST_ATTACHMENTS = 200_000
"""Pictures and other files that one file may give."""
MOST_ATTACHED_BYTES = 1024**3
MOST_NAMED = 1_000
"""Files that were not taken, of one file, whose names are told."""
LONGEST_SHORT_TEXT = 4_000

ShortText = Annotated[str, Meta(max_length=LONGEST_SHORT_TEXT)]


class ReadFile(Message, frozen=True):
    """Read the text of the file at `path`, as `os.fsencode` writes it: not every name is text."""

    request_id: RequestId
    path: bytes


class TextPart(Message, frozen=True):
    """The next part of the text."""

    request_id: RequestId
    text: Annotated[str, Meta(max_length=PART_CHARACTERS)]


class PartsRead(Message, frozen=True):
    """`done` of `total` parts (pages) are read."""

    request_id: RequestId
    done: Count
    total: Count


class FileRead(Message, frozen=True):
    """Last message: all the text came. `remark` says in a sentence what a person may want to know about it."""

    request_id: RequestId
    format: Literal["text", "pdf", "docx"]
    size: Count
    remark: Annotated[str, Meta(max_length=500)] = ""


class ReadNotes(Message, frozen=True):
    """Read the notes in the file at `path`, as `os.fsencode` writes it, and the files that they name if those are
    wanted.
    """

    request_id: RequestId
    path: bytes
    attachments: bool = False


class ReadHtml(Message, frozen=True):
    """Make Markdown of HTML that was copied elsewhere."""

    request_id: RequestId
    html: Annotated[str, Meta(max_length=PART_CHARACTERS)]


class AttachmentPart(Message, frozen=True):
    """The next bytes of a picture or another file that came with notes."""

    request_id: RequestId
    data: Annotated[bytes, Meta(max_length=PART_CHARACTERS)]


class AttachmentRead(Message, frozen=True):
    """The attachment parts since the last such message are one file; notes name it by `key`."""

    request_id: RequestId
    key: ShortText
    name: ShortText


class NoteRead(Message, frozen=True):
    """The text parts since the last such message are one note; see domain.foreign_notes.ForeignNote.

    `created` and `edited` are seconds since 1970, in UTC.
    """

    request_id: RequestId
    member: ShortText
    title: ShortText
    folder: ShortText = ""
    tags: Annotated[tuple[ShortText, ...], Meta(max_length=MOST_TAGS)] = ()
    front_matter: Annotated[str, Meta(max_length=PART_CHARACTERS)] = ""
    hash: Annotated[str, Meta(max_length=64)] = ""
    created: float | None = None
    edited: float | None = None
    attachments: Annotated[tuple[tuple[ShortText, ShortText], ...], Meta(max_length=MOST_ATTACHMENTS)] = ()


class MemberRemark(Message, frozen=True):
    """A part of the file that could not be read (`failed`), or that was read with a guess."""

    request_id: RequestId
    member: ShortText
    reason: ShortText
    failed: bool


class NotesRead(Message, frozen=True):
    """Last message: all the notes came. `skipped_attachments` counts what came with them and was not taken, `not_taken`
    are names of it.
    """

    request_id: RequestId
    skipped_attachments: Count
    not_taken: Annotated[tuple[ShortText, ...], Meta(max_length=MOST_NAMED)] = ()


ImportFromHost = CommonFromHost | ReadFile | ReadNotes | ReadHtml
ImportFromWorker = (
    CommonFromWorker
    | TextPart
    | PartsRead
    | FileRead
    | NoteRead
    | AttachmentPart
    | AttachmentRead
    | MemberRemark
    | NotesRead
)
