"""Everything a person wrote, as files that any program reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec.structs import asdict, replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_markdown import chat_markdown
from desktop_app.domain.chat_record import ChatSummary
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.folders import safe_file_name
from desktop_app.domain.note_attachments import NoteAttachment
from desktop_app.domain.notes import ExportReport, Note
from desktop_app.services.chat_files import inkwell_format
from desktop_app.services.markdown_folder import MarkdownFolder, write_text
from desktop_app.services.note_attachment_ports import AttachmentFileStore
from desktop_app.services.ports import StorePort
from desktop_app.services.whole_folder import write_whole

Progress = Callable[[int, int, str], None]

_NOTES_AT_ONCE = 50


class _Run(msgspec.Struct):
    """One export under way."""

    folder: Path
    markdown: MarkdownFolder
    progress: Progress
    cancel: CancelToken
    total: int
    done: int = 0

    def step(self, name: str) -> None:
        self.cancel.raise_if_cancelled()
        self.progress(self.done, self.total, name)
        self.done += 1


class Export:
    """Writes notes and chats as Markdown, and all of it again, exactly, as `inkwell.json`."""

    def __init__(
        self, store: StorePort, files: AttachmentFileStore, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._store = store
        self._files = files
        self._clock = clock or (lambda: datetime.now(UTC))

    def run(self, folder: Path, progress: Progress, cancel: CancelToken) -> ExportReport:
        """Export into `folder`, or into a new folder inside it when it is not empty.

        Files are written under another name first: a folder with the export's name is a whole export. Nothing is
        overwritten.

        Raises:
            ExportError: the files could not be written; nothing is left behind.
            CancelledError: stopped; nothing is left behind.
        """
        target, report = write_whole(folder, self._clock(), lambda making: self._write(making, progress, cancel))
        return replace(report, folder=target)

    def _write(self, folder: Path, progress: Progress, cancel: CancelToken) -> ExportReport:
        note_ids = [*self._store.notes.all_ids(), *self._store.notes.all_ids(trashed=True)]
        of_chats = self._store.chat_records
        chats = [*of_chats.summaries(), *of_chats.summaries(archived=True), *of_chats.summaries(trashed=True)]
        markdown = MarkdownFolder(folder, self._store.note_attachments, self._files)
        run = _Run(folder, markdown, progress, cancel, len(note_ids) + len(chats))
        with open(folder / "inkwell.json", "wb") as file:
            file.write(inkwell_format.file_opening(self._clock()))
            _write_list(file, "notes", (self._note(run, note) for note in self._notes(note_ids)))
            _write_list(file, "presets", map(inkwell_format.encoded, self._store.presets.all()))
            _write_list(file, "conversations", self._chats(run, chats))
            file.write(b"\n}\n")
        progress(run.total, run.total, "")
        return ExportReport(folder, len(note_ids), len(chats), markdown.files_written, tuple(markdown.missing))

    def _notes(self, note_ids: list[int]) -> Iterator[Note]:
        for start in range(0, len(note_ids), _NOTES_AT_ONCE):
            yield from self._store.notes.get_many(note_ids[start : start + _NOTES_AT_ONCE])

    def _note(self, run: _Run, note: Note) -> bytes:
        run.step(note.title)
        path = run.markdown.write_note(note, "notes" if note.trashed_at is None else "trash/notes")
        attachments = self._store.note_attachments.of_note(note.id)
        values = {
            **asdict(note),
            "versions": [asdict(version) for version in self._store.notes.versions(note.id)],
            "file": path.relative_to(run.folder).as_posix(),
            "attachments": [_described(run, one) for one in attachments],
        }
        return inkwell_format.encoded(values)

    def _chats(self, run: _Run, chats: list[ChatSummary]) -> Iterator[bytes]:
        for chat in chats:
            run.step(chat.title)
            try:
                record = self._store.chat_records.read(chat.id)
            except NotFoundError:
                continue  # deleted for good while the export ran
            top = "chats" if record.trashed_at is None else "trash/chats"
            path = run.markdown.free_path(f"{top}/{safe_file_name(record.title, f'chat {chat.id}')}", ".md")
            write_text(path, chat_markdown(record, record.path()))
            yield inkwell_format.encoded_chat(record, {"file": path.relative_to(run.folder).as_posix()})


def _described(run: _Run, attachment: NoteAttachment) -> dict[str, object]:
    path = run.markdown.path_of(attachment.file)
    return {
        "target": attachment.target,
        **asdict(attachment.file),
        "file": None if path is None else path.relative_to(run.folder).as_posix(),
    }


def _write_list(file: BinaryIO, key: str, items: Iterator[bytes]) -> None:
    """A JSON list item by item: an export may be larger than memory."""
    file.write(f',\n"{key}": ['.encode())
    separator = b"\n"
    for item in items:
        file.write(separator + item)
        separator = b",\n"
    file.write(b"\n]")
