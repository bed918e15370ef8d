"""Entry of `--worker import`: reads one file and ends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from desktop_app.domain.errors import ImportFileError, InkwellError
from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.protocol.import_messages import (
    LONGEST_SHORT_TEXT,
    MOST_ATTACHMENTS,
    MOST_NAMED,
    MOST_TAGS,
    PART_CHARACTERS,
    AttachmentPart,
    AttachmentRead,
    FileRead,
    ImportFromHost,
    MemberRemark,
    NoteRead,
    NotesRead,
    PartsRead,
    ReadFile,
    ReadHtml,
    ReadNotes,
    TextPart,
)
from desktop_app.workers.import_worker.attached import Attachments
from desktop_app.workers.import_worker.found_note import Remark
from desktop_app.workers.import_worker.limits import confine_process, out_of_memory
from desktop_app.workers.import_worker.note_reading import read_notes
from desktop_app.workers.import_worker.reading import open_file
from desktop_app.workers.worker_runtime import WorkerRuntime


class ImportWorker:
    """Serves the one job it was started for; its host ends it to cancel."""

    def __init__(self) -> None:
        self._runtime = WorkerRuntime("import", ImportFromHost, lambda _message: False)

    def run(self) -> None:
        """Read what is asked for until the host hangs up, which it does after one file."""
        self._runtime.start()
        confine_process()
        for job in self._runtime.jobs():
            if isinstance(job, ReadFile):
                self._read_text(job)
            elif isinstance(job, ReadNotes):
                self._read_notes(job)
            elif isinstance(job, ReadHtml):
                self._read_html(job)

    def _read_text(self, job: ReadFile) -> None:
        with self._reading(job.request_id):
            opened = open_file(Path(os.fsdecode(job.path)), self._progress(job.request_id))
            for part in opened.parts:
                self._send_text(job.request_id, without_lone_surrogates(part))
            self._runtime.send(FileRead(job.request_id, opened.format, opened.size, opened.remark))

    def _read_notes(self, job: ReadNotes) -> None:
        with self._reading(job.request_id):
            send = partial(self._send_attachment, job.request_id) if job.attachments else None
            attachments = Attachments(send)
            path = Path(os.fsdecode(job.path))
            for found in read_notes(path, attachments, self._progress(job.request_id)):
                if isinstance(found, Remark):
                    self._send_remark(job.request_id, found)
                else:
                    self._send_note(job.request_id, found)
            for remark in attachments.remarks:
                self._send_remark(job.request_id, remark)
            names = tuple(_short(name) for name in attachments.skipped_names[:MOST_NAMED])
            self._runtime.send(NotesRead(job.request_id, attachments.skipped, names))

    def _read_html(self, job: ReadHtml) -> None:
        from desktop_app.workers.import_worker.html_markdown import HtmlMarkdown

        with self._reading(job.request_id):
            converter = HtmlMarkdown()
            converter.feed(job.html)
            converter.close()
            self._send_text(job.request_id, without_lone_surrogates(converter.text))
            self._runtime.send(FileRead(job.request_id, "text", len(job.html)))

    @contextmanager
    def _reading(self, request_id: int) -> Iterator[None]:
        """Whatever goes wrong with a stranger's file is that file's failure."""
        self._runtime.set_progress("reading")
        try:
            yield
        except InkwellError as error:
            self._runtime.send_failure(request_id, error)
        except MemoryError:
            self._runtime.send_failure(request_id, out_of_memory())
        except Exception as error:  # noqa: BLE001 - whatever a library makes of a stranger's file is that file's fault
            self._runtime.send_failure(
                request_id, ImportFileError("The file is damaged and cannot be read.", type(error).__name__)
            )

    def _progress(self, request_id: int) -> Callable[[int, int], None]:
        return lambda done, total: self._runtime.send(PartsRead(request_id, done, total))

    def _send_remark(self, request_id: int, remark: Remark) -> None:
        self._runtime.send(MemberRemark(request_id, _short(remark.member), _short(remark.reason), remark.failed))

    def _send_attachment(self, request_id: int, key: str, name: str, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            for start in range(0, len(chunk), PART_CHARACTERS):
                self._runtime.send(AttachmentPart(request_id, chunk[start : start + PART_CHARACTERS]))
        self._runtime.send(AttachmentRead(request_id, _short(key), _short(name)))

    def _send_note(self, request_id: int, note: ForeignNote) -> None:
        self._send_text(request_id, without_lone_surrogates(note.text))
        self._runtime.send(
            NoteRead(
                request_id,
                member=_short(note.member),
                title=_short(note.title),
                folder=_short(note.folder),
                tags=tuple(_short(tag) for tag in note.tags[:MOST_TAGS]),
                front_matter=without_lone_surrogates(note.front_matter)[:PART_CHARACTERS],
                hash=note.hash,
                created=None if note.created is None else note.created.timestamp(),
                edited=None if note.edited is None else note.edited.timestamp(),
                attachments=tuple((_short(name), _short(key)) for name, key in note.attachments[:MOST_ATTACHMENTS]),
            )
        )

    def _send_text(self, request_id: int, text: str) -> None:
        for start in range(0, len(text), PART_CHARACTERS):
            self._runtime.send(TextPart(request_id, text[start : start + PART_CHARACTERS]))


def _short(text: str) -> str:
    return without_lone_surrogates(text)[:LONGEST_SHORT_TEXT]


def main() -> int:
    """Read one file; 0."""
    ImportWorker().run()
    return 0
