"""Pictures and other files of the open note: put in, looked up and opened off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.note_attachments import StoredFile, targets_in
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_attachments import AddedAttachment

T = TypeVar("T")


class AttachmentKeeping(Protocol):
    """What is needed of the service."""

    def add_file(self, note_id: int, path: Path) -> AddedAttachment: ...
    def add_bytes(self, note_id: int, data: bytes, name: str) -> AddedAttachment: ...
    def resolve(self, note_id: int | None, targets: Sequence[str]) -> dict[str, StoredFile]: ...
    def read(self, file: StoredFile) -> bytes: ...
    def copy_to_open(self, file: StoredFile) -> Path: ...
    def save_copy(self, file: StoredFile, path: Path) -> None: ...


class NoteAttachmentsPresenter(QObject):
    """Thin over the service; every answer comes in the GUI thread."""

    failed = Signal(object)  # InkwellError

    def __init__(self, attachments: AttachmentKeeping, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._attachments = attachments
        self._tasks = tasks

    def add_files(self, note_id: int, paths: Sequence[Path], done: Callable[[list[str]], None]) -> None:
        """Keep copies of files; `done` gets the Markdown for those that could be kept. `failed` tells of the first that
        could not.
        """

        def work(token: CancelToken) -> tuple[list[str], InkwellError | None]:
            written, error = [], None
            for path in paths:
                token.raise_if_cancelled()
                try:
                    written.append(self._attachments.add_file(note_id, path).markdown)
                except InkwellError as problem:
                    error = error or problem
            return written, error

        def finish(result: tuple[list[str], InkwellError | None]) -> None:
            if result[0]:
                done(result[0])
            if result[1] is not None:
                self.failed.emit(result[1])

        self._tasks.run(work, done=finish, failed=self.failed.emit)

    def add_bytes(self, note_id: int, make: Callable[[], bytes], name: str, done: Callable[[list[str]], None]) -> None:
        """Keep what `make`, called off the GUI thread, gives; `done` gets the Markdown."""
        self._tasks.run(
            lambda token: [self._attachments.add_bytes(note_id, make(), name).markdown],
            done=done,
            failed=self.failed.emit,
        )

    def look_up(
        self,
        note_id: int,
        targets: Sequence[str],
        read: Callable[[StoredFile, Callable[[], bytes]], T],
        each: Callable[[str, T | None], None],
        done: Callable[[], None],
    ) -> None:
        """For each name what `read(file, its bytes)` made of its file, off the GUI thread and one after the other; None
        where there is none. `done` follows in any case.
        """

        def work(token: CancelToken) -> Iterator[tuple[str, T | None]]:
            files = self._attachments.resolve(note_id, targets)
            for target in targets:
                token.raise_if_cancelled()
                file = files.get(target)
                made = None if file is None else read(file, partial(self._attachments.read, file))
                yield target, made

        def failed(error: InkwellError) -> None:
            done()
            self.failed.emit(error)

        self._tasks.stream(work, item=lambda found: each(*found), done=done, failed=failed, cancelled=done)

    def files_in(self, note_id: int, text: str, done: Callable[[list[StoredFile]], None]) -> None:
        """The files that a text of the note names, each once, in their order."""

        def work(token: CancelToken) -> list[StoredFile]:
            targets = targets_in(text)
            found = self._attachments.resolve(note_id, targets)
            return list({found[one].hash: found[one] for one in targets if one in found}.values())

        self._tasks.run(work, done=done, failed=self.failed.emit)

    def copy_to_open(self, file: StoredFile, done: Callable[[Path], None]) -> None:
        """A copy for another program to show."""
        self._tasks.run(lambda token: self._attachments.copy_to_open(file), done=done, failed=self.failed.emit)

    def save_copy(self, file: StoredFile, path: Path, done: Callable[[], None]) -> None:
        """Write the file to `path`."""
        self._tasks.run(
            lambda token: self._attachments.save_copy(file, path), done=lambda _: done(), failed=self.failed.emit
        )
