"""What attachments need from the outside; as `ports`, for these alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from desktop_app.domain.attachments import Attachment, AttachmentKind, ImportedText
from desktop_app.domain.cancellation import CancelToken


class AttachmentStore(Protocol):
    """What the chats' unsent drafts carry (storage/attachments.py); what messages carry comes with the messages."""

    def add(
        self,
        conversation_id: int,
        kind: AttachmentKind,
        name: str,
        text: str,
        *,
        media_type: str,
        size: int,
        note_id: int | None = None,
    ) -> Attachment:
        """Add one to the chat's draft, after those that are there. Raises NotFoundError without that chat."""
        ...

    def of_draft(self, conversation_id: int) -> list[Attachment]:
        """What the chat's draft carries, in its order."""
        ...

    def get(self, attachment_id: int) -> Attachment:
        """One attachment, of a draft or of a message. Raises NotFoundError."""
        ...

    def remove_from_draft(self, attachment_id: int) -> None:
        """Delete one of a draft; one that a message carries, or that is gone, stays as it is."""
        ...


class ImporterPort(Protocol):
    """Reads strangers' files in throw-away processes (engines/importer.py)."""

    def read(self, path: Path, cancel: CancelToken, progress: Callable[[int, int], None] = ...) -> ImportedText:
        """The text of a file; `progress` gets (pages read, pages).

        Raises ImportFileError, ImportLimitError, NoTextError, WorkerError, CancelledError.
        """
        ...

    def close(self) -> None:
        """End the readers at work, for good."""
        ...
