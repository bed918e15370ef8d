"""What a chat's unsent draft carries: files, long pastes and notes, as texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop_app.domain.attachments import Attachment, AttachmentKind, attachment_name, media_type
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import title_from_message
from desktop_app.domain.errors import NoTextError, NotFoundError
from desktop_app.domain.note_sources import place_in
from desktop_app.domain.notes import NoteFilter, NoteSummary
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.services.attachment_counter import AttachmentCounter
from desktop_app.services.attachment_ports import AttachmentStore, ImporterPort
from desktop_app.services.model_ports import DecoderPort
from desktop_app.services.ports import NoteStore

_PASTE_NAME_LENGTH = 40
_TITLES_RANKED = 200
Progress = Callable[[int, int], None]


class AttachmentService:
    """Attaches, lists and removes. All methods block; sending moves what is attached to the message (`ChatService`)."""

    def __init__(
        self, attachments: AttachmentStore, notes: NoteStore, importer: ImporterPort, decoder: DecoderPort
    ) -> None:
        self._attachments = attachments
        self._notes = notes
        self._importer = importer
        self._counter = AttachmentCounter(decoder)

    def of_draft(self, conversation_id: int) -> list[Attachment]:
        """What the chat's draft carries, in its order."""
        return self._attachments.of_draft(conversation_id)

    def get(self, attachment_id: int) -> Attachment:
        """One attachment with its text. Raises NotFoundError."""
        return self._attachments.get(attachment_id)

    def tokens(self, attachment: Attachment) -> int | None:
        """Tokens that it adds to a message; None while no decoder is loaded."""
        return self._counter.tokens(attachment)

    def read_file(
        self,
        conversation_id: Callable[[], int],
        path: Path,
        cancel: CancelToken,
        progress: Progress = lambda _done, _total: None,
    ) -> Attachment:
        """Read a file in a process of its own and attach its text; `progress` gets (pages read, pages).

        `conversation_id` is asked for when the file has been read: one that cannot be read makes no chat.

        Raises ImportFileError and its kin, WorkerError, CancelledError, StoreError.
        """
        read = self._importer.read(path, cancel, progress)
        name = attachment_name(without_lone_surrogates(path.name))
        cancel.raise_if_cancelled()
        return self._attachments.add(
            conversation_id(),
            AttachmentKind.FILE,
            name,
            read.text,
            media_type=media_type(name, read.format),
            size=read.size,
        )

    def add_paste(self, conversation_id: int, text: str) -> Attachment:
        """Attach a pasted text, under its first line. Raises StoreError."""
        name = title_from_message(text, _PASTE_NAME_LENGTH) or "Pasted text"
        return self._attachments.add(
            conversation_id, AttachmentKind.PASTE, name, text, media_type="text/plain", size=_size(text)
        )

    def add_note(self, conversation_id: Callable[[], int], note_id: int) -> Attachment:
        """Attach a note as it is now; one that is attached already is not attached again.

        Raises NotFoundError for a note that is gone, NoTextError for an empty one, StoreError.
        """
        note = self._notes.get(note_id)
        if not note.text.strip():
            raise NoTextError("The note is empty.", "", "Write something in it first.")
        return self._add_of_note(conversation_id(), note_id, note.title, note.text)

    def place_of(self, attachment: Attachment) -> tuple[int, int, int]:
        """(note id, start, end): where a passage stands in its note now; (note id, -1, -1) where it is not found there.

        Raises NotFoundError for a note that is gone or in the trash.
        """
        if attachment.note_id is None:
            raise NotFoundError("This is of no note.", "", "")
        note = self._notes.get(attachment.note_id)
        if note.trashed_at is not None:
            raise NotFoundError("This note is in the trash.", "", "Put it back to read it.")
        place = place_in(note.text, attachment.text, attachment.source) if attachment.source is not None else None
        return (note.id, *(place or (-1, -1)))

    def put_back(self, attachment: Attachment) -> Attachment:
        """Attach again what was removed from a draft. Raises NotFoundError where its chat is gone."""
        return self._attachments.add(
            attachment.conversation_id,
            attachment.kind,
            attachment.name,
            attachment.text,
            media_type=attachment.media_type,
            size=attachment.size,
            note_id=attachment.note_id,
        )

    def remove(self, attachment_id: int) -> None:
        """Take one off its draft."""
        self._attachments.remove_from_draft(attachment_id)

    def note_titles(self, text: str, limit: int) -> list[NoteSummary]:
        """Notes whose title contains `text`, those that begin with it first; the latest ones without a text."""
        found = self._notes.list_notes(NoteFilter(text=text), limit=_TITLES_RANKED if text else limit)
        wanted = text.casefold()
        return sorted(found, key=lambda note: not note.title.casefold().startswith(wanted))[:limit]

    def _add_of_note(self, chat: int, note_id: int, name: str, text: str) -> Attachment:
        for each in self._attachments.of_draft(chat):
            if each.note_id == note_id and each.text == text:
                return each
        return self._attachments.add(
            chat,
            AttachmentKind.NOTE,
            attachment_name(name),
            text,
            media_type="text/markdown",
            size=_size(text),
            note_id=note_id,
        )


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
