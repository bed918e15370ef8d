"""Attachments without store and reader: texts in memory, files that are read when the test lets them."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from desktop_app.domain.attachments import Attachment, AttachmentKind
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, InkwellError, NotFoundError
from desktop_app.domain.notes import NoteSummary

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


class FakeAttachments:
    """Implements the chat presenters' AttachmentUseCases; `notes` are titles by id."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self.stored: dict[int, Attachment] = {}
        self.notes: dict[int, str] = {1: "Attention", 2: "Attic", 3: "Beehive"}
        self.may_read = threading.Event()
        self.may_read.set()
        self.error: InkwellError | None = None
        self.pages = (0, 0)

    def add(self, chat: int, kind: AttachmentKind, name: str, text: str, note_id: int | None = None) -> Attachment:
        attachment = Attachment(
            next(self._ids), chat, None, 0, kind, name, "text/plain", len(text), note_id, NOON, text
        )
        self.stored[attachment.id] = attachment
        return attachment

    def send(self, chat: int) -> None:
        """What the draft carried belongs to a message."""
        for each in self.of_draft(chat):
            self.stored[each.id] = replace(each, message_id=1)

    # AttachmentUseCases -------------------------------------------------------------------------

    def of_draft(self, conversation_id: int) -> list[Attachment]:
        return [e for e in self.stored.values() if e.conversation_id == conversation_id and e.message_id is None]

    def get(self, attachment_id: int) -> Attachment:
        if attachment_id not in self.stored:
            raise NotFoundError("This attachment is not there any more.")
        return self.stored[attachment_id]

    def tokens(self, attachment: Attachment) -> int | None:
        return len(attachment.text.split())

    def read_file(
        self,
        conversation_id: Callable[[], int],
        path: Path,
        cancel: CancelToken,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Attachment:
        if self.pages != (0, 0):
            progress(*self.pages)
        with cancel.telling(self.may_read.set):
            assert self.may_read.wait(30)
        if cancel.cancelled:
            raise CancelledError("Stopped.")
        if self.error is not None:
            raise self.error
        return self.add(conversation_id(), AttachmentKind.FILE, path.name, "three short words")

    def place_of(self, attachment: Attachment) -> tuple[int, int, int]:
        if attachment.note_id is None:
            raise NotFoundError("This is of no note.")
        source = attachment.source
        return (attachment.note_id, source.start, source.end) if source is not None else (attachment.note_id, -1, -1)

    def add_paste(self, conversation_id: int, text: str) -> Attachment:
        return self.add(conversation_id, AttachmentKind.PASTE, text.split("\n")[0][:40], text)

    def add_note(self, conversation_id: Callable[[], int], note_id: int) -> Attachment:
        return self.add(conversation_id(), AttachmentKind.NOTE, self.notes[note_id], "a note", note_id)

    def put_back(self, attachment: Attachment) -> Attachment:
        return self.add(attachment.conversation_id, attachment.kind, attachment.name, attachment.text)

    def remove(self, attachment_id: int) -> None:
        self.stored.pop(attachment_id, None)

    def note_titles(self, text: str, limit: int) -> list[NoteSummary]:
        found = [(key, title) for key, title in self.notes.items() if text.lower() in title.lower()]
        return [NoteSummary(key, title, "", "", NOON) for key, title in found[:limit]]
