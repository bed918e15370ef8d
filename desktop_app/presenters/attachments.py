"""What the shown chat's draft carries, as chips: files while they are read, what is attached, and what failed."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Qt, Signal

from desktop_app.domain.attachments import Attachment, AttachmentKind
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.notes import NoteSummary
from desktop_app.presenters.chat_service import ChatSlot, ChatUseCases
from desktop_app.presenters.tasks import Task, TaskRunner

TITLES_SHOWN = 8
_PROGRESS_SECONDS = 0.1


class AttachmentUseCases(Protocol):
    """`services.attachments.AttachmentService`, as far as the chat screen uses it. Every method blocks."""

    def of_draft(self, conversation_id: int) -> list[Attachment]: ...
    def get(self, attachment_id: int) -> Attachment: ...
    def tokens(self, attachment: Attachment) -> int | None: ...
    def read_file(
        self,
        conversation_id: Callable[[], int],
        path: Path,
        cancel: CancelToken,
        progress: Callable[[int, int], None] = ...,
    ) -> Attachment: ...
    def add_paste(self, conversation_id: int, text: str) -> Attachment: ...
    def add_note(self, conversation_id: Callable[[], int], note_id: int) -> Attachment: ...
    def place_of(self, attachment: Attachment) -> tuple[int, int, int]: ...
    def put_back(self, attachment: Attachment) -> Attachment: ...
    def remove(self, attachment_id: int) -> None: ...
    def note_titles(self, text: str, limit: int) -> list[NoteSummary]: ...


class ChipState(StrEnum):
    """Where an attachment stands."""

    READING = "reading"
    READY = "ready"
    FAILED = "failed"


class Chip(msgspec.Struct, frozen=True):
    """One attachment as the screen shows it.

    Attributes:
        key: its name towards `remove` and `open`; an attachment that is there keeps it until the chat is left.
        detail: size and tokens; how far reading has come; why it failed.
    """

    key: int
    name: str
    kind: AttachmentKind
    state: ChipState
    detail: str
    attachment_id: int | None = None


class _Entry(msgspec.Struct, eq=False):
    """An attachment, or one on its way, of the draft in `slot`."""

    key: int
    slot: ChatSlot
    name: str
    kind: AttachmentKind
    attachment: Attachment | None = None
    tokens: int | None = None
    error: InkwellError | None = None
    pages: tuple[int, int] = (0, 0)
    task: Task | None = None


class _Counted(msgspec.Struct, frozen=True):
    attachment: Attachment
    tokens: int | None


class AttachmentsPresenter(QObject):
    """Attaches to the draft of the shown chat, whichever that is by the time a file has been read."""

    changed = Signal()  # the chips, or how far one is
    content_changed = Signal()  # what the draft carries: the context has to be measured again
    chat_made = Signal(object)  # ChatSlot: the first attachment gave a new chat its row
    paste_attached = Signal(str, int)  # the text, the chip's key: it can be put back into the text
    removed = Signal(object)  # Attachment: it can be attached again
    text_ready = Signal(object)  # Attachment, to be shown
    place_found = Signal(int, int, int)  # a note's id, start and end in its text (-1: it is not there any more)
    place_gone = Signal()  # the note that was opened last holds the passage no more
    titles_ready = Signal(str, list)  # what was typed, list[NoteSummary]
    failed = Signal(object)  # InkwellError

    _page_read = Signal(int, int, int)  # a chip's key, pages read, pages; from the reading thread

    def __init__(
        self,
        service: AttachmentUseCases,
        chats: ChatUseCases,
        tasks: TaskRunner,
        slot: ChatSlot,
        parent: QObject | None = None,
    ) -> None:
        """`slot` is the chat that is shown at first."""
        super().__init__(parent)
        self._service = service
        self._chats = chats
        self._tasks = tasks
        self._slot = slot
        self._entries: list[_Entry] = []
        self._keys = itertools.count(1)
        self._page_read.connect(self._take_page, Qt.ConnectionType.QueuedConnection)

    # What is shown ------------------------------------------------------------------------------

    @property
    def slot(self) -> ChatSlot:
        """The shown chat."""
        return self._slot

    def known_slot(self, conversation_id: int) -> ChatSlot | None:
        """The slot that a file which is being read already has for this chat."""
        return next((entry.slot for entry in self._entries if entry.slot.id == conversation_id), None)

    @property
    def chips(self) -> list[Chip]:
        """Those of the shown chat, in the order of attaching."""
        return [self._chip(entry) for entry in self._shown()]

    @property
    def is_reading(self) -> bool:
        """True while a file of the shown chat is being read: the message waits for it."""
        return any(entry.attachment is None and entry.error is None for entry in self._shown())

    @property
    def has_content(self) -> bool:
        """True when the shown chat's draft carries something."""
        return any(entry.attachment is not None for entry in self._shown())

    @property
    def carried(self) -> list[Attachment]:
        """What the shown chat's draft carries."""
        return [entry.attachment for entry in self._shown() if entry.attachment is not None]

    def show_chat(self, slot: ChatSlot) -> None:
        """Show what another chat's draft carries."""
        self._slot = slot
        # What is still being read for other chats goes on; what they carry is read again when they are shown.
        self._entries = [entry for entry in self._entries if entry.attachment is None and entry.error is None]
        self.changed.emit()
        self.reload()

    def reload(self) -> None:
        """Read again what the shown chat's draft carries, and count it."""
        slot = self._slot
        if slot.id is None:
            return
        conversation_id = slot.id

        def work(_cancel: CancelToken) -> list[_Counted]:
            return [self._counted(each) for each in self._service.of_draft(conversation_id)]

        self._tasks.run(
            work, done=lambda found: self._show(slot, found), failed=self.failed.emit, channel="chat.attachments"
        )

    def sent(self, slot: ChatSlot) -> None:
        """What the draft carried now belongs to a message."""
        self._entries = [entry for entry in self._entries if entry.slot is not slot or entry.attachment is None]
        self.changed.emit()

    def close(self) -> None:
        """Read no more (the task runner is about to close)."""
        for entry in self._entries:
            if entry.task is not None:
                entry.task.cancel()

    # Attaching ----------------------------------------------------------------------------------

    def add_files(self, paths: Sequence[Path]) -> None:
        """Read files, each in a process of its own, and attach their texts."""
        for path in paths:
            entry = self._new(path.name, AttachmentKind.FILE)
            self._read(entry, path)

    def add_paste(self, text: str) -> None:
        """Attach a long pasted text; `paste_attached` follows when it is kept."""
        entry = self._new(self.tr("Pasted text"), AttachmentKind.PASTE)

        def done(counted: _Counted) -> None:
            self._attach(entry, counted)
            self.paste_attached.emit(text, entry.key)

        self._add(entry, lambda ensure: self._service.add_paste(ensure(), text), done)

    def add_note(self, note_id: int, title: str = "") -> None:
        """Attach a note as it is now."""
        entry = self._new(title or self.tr("Note"), AttachmentKind.NOTE)
        self._add(
            entry,
            lambda ensure: self._service.add_note(ensure, note_id),
            lambda counted: self._attach(entry, counted),
        )

    def put_back(self, attachment: Attachment) -> None:
        """Attach again what was removed, to the chat that it was removed from."""

        def work(_cancel: CancelToken) -> _Counted:
            return self._counted(self._service.put_back(attachment))

        def done(_counted: _Counted) -> None:
            if self._slot.id == attachment.conversation_id:
                self.reload()
                self.content_changed.emit()

        self._tasks.run(work, done=done, failed=self.failed.emit)

    def take_along(self, carried: Sequence[Attachment], then: Callable[[], object]) -> None:
        """Have the shown draft carry these of another chat, too, then call `then` where that chat is still shown.

        What another draft carried leaves that draft; what a message carried stays with it.
        """
        slot = self._slot
        if not carried:
            then()
            return

        def work(_cancel: CancelToken) -> None:
            for each in carried:
                self._service.put_back(replace(each, conversation_id=slot.ensure(self._chats)))
                if each.message_id is None:
                    self._service.remove(each.id)

        def done(_none: None) -> None:
            self.chat_made.emit(slot)
            if slot is self._slot:
                self.reload()
                then()

        self._tasks.run(work, done=done, failed=self.failed.emit)

    def remove(self, key: int) -> Attachment | None:
        """Take a chip away: stop reading, forget a failure, or take the attachment off; that one, for an undo."""
        entry = next((entry for entry in self._entries if entry.key == key), None)
        if entry is None:
            return None
        if entry.attachment is None and entry.error is None and entry.task is not None:
            entry.task.cancel()
        self._drop(entry)
        attachment = entry.attachment
        if attachment is not None:
            attachment_id = attachment.id
            self._tasks.run(
                lambda _cancel: self._service.remove(attachment_id),
                done=lambda _none: self.content_changed.emit(),
                failed=self._remove_failed,
            )
        return attachment

    def open(self, attachment_id: int) -> None:
        """Read an attachment's text, of the draft or of a message; `text_ready` follows."""
        self._tasks.run(
            lambda _cancel: self._service.get(attachment_id),
            done=self.text_ready.emit,
            failed=self.failed.emit,
            channel="chat.attachment_text",
        )

    def find_place(self, attachment: Attachment) -> None:
        """Look for where an attachment of a note stands in it now; `place_found` follows, and `place_gone` behind it
        for a passage that is not there any more.
        """

        def done(place: tuple[int, int, int]) -> None:
            self.place_found.emit(*place)
            if attachment.source is not None and place[1] < 0:
                self.place_gone.emit()

        self._tasks.run(
            lambda _cancel: self._service.place_of(attachment),
            done=done,
            failed=self.failed.emit,
            channel="chat.attachment_place",
        )

    def find_titles(self, text: str) -> None:
        """Look for notes whose title contains `text`; `titles_ready` follows."""
        self._tasks.run(
            lambda _cancel: self._service.note_titles(text, TITLES_SHOWN),
            done=lambda found: self.titles_ready.emit(text, found),
            failed=self.failed.emit,
            channel="chat.note_titles",
        )

    # Inside -------------------------------------------------------------------------------------

    def _shown(self) -> list[_Entry]:
        return [entry for entry in self._entries if entry.slot is self._slot]

    def _new(self, name: str, kind: AttachmentKind) -> _Entry:
        entry = _Entry(next(self._keys), self._slot, " ".join(name.split()), kind)
        self._entries.append(entry)
        self.changed.emit()
        return entry

    def _add(
        self,
        entry: _Entry,
        add: Callable[[Callable[[], int]], Attachment],
        done: Callable[[_Counted], None],
    ) -> None:
        entry.task = self._tasks.run(
            lambda _cancel: self._counted(add(lambda: entry.slot.ensure(self._chats))),
            done=done,
            failed=lambda error: self._fail(entry, error),
            cancelled=lambda: self._drop(entry),
        )

    def _read(self, entry: _Entry, path: Path) -> None:
        told = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal told
            if time.monotonic() - told >= _PROGRESS_SECONDS:
                told = time.monotonic()
                self._page_read.emit(entry.key, done, total)

        def work(cancel: CancelToken) -> _Counted:
            return self._counted(
                self._service.read_file(lambda: entry.slot.ensure(self._chats), path, cancel, progress)
            )

        entry.task = self._tasks.run(
            work,
            done=lambda counted: self._attach(entry, counted),
            failed=lambda error: self._fail(entry, error),
            cancelled=lambda: self._drop(entry),
        )

    def _take_page(self, key: int, done: int, total: int) -> None:
        for entry in self._entries:
            if entry.key == key:
                entry.pages = (done, total)
                self.changed.emit()

    def _counted(self, attachment: Attachment) -> _Counted:
        return _Counted(attachment, self._service.tokens(attachment))

    def _attach(self, entry: _Entry, counted: _Counted) -> None:
        known = next((each for each in self._entries if each.attachment == counted.attachment), None)
        if known is not None:
            self._drop(entry)
            return
        entry.attachment = counted.attachment
        entry.name, entry.tokens = counted.attachment.name, counted.tokens
        self.chat_made.emit(entry.slot)
        self.changed.emit()
        if entry.slot is self._slot:
            self.content_changed.emit()
        else:
            self._entries.remove(entry)

    def _fail(self, entry: _Entry, error: InkwellError) -> None:
        if entry.slot is self._slot:
            entry.error = error
            self.changed.emit()
        else:
            self._drop(entry)
            self.failed.emit(error)

    def _drop(self, entry: _Entry) -> None:
        if entry in self._entries:
            self._entries.remove(entry)
            self.changed.emit()

    def _remove_failed(self, error: InkwellError) -> None:
        self.failed.emit(error)
        self.reload()

    def _show(self, slot: ChatSlot, found: list[_Counted]) -> None:
        if slot is not self._slot:
            return
        known = {entry.attachment.id: entry for entry in self._shown() if entry.attachment is not None}
        others = [entry for entry in self._entries if entry.slot is not slot or entry.attachment is None]
        stored: list[_Entry] = []
        for each in found:
            entry = known.get(each.attachment.id) or _Entry(
                next(self._keys), slot, each.attachment.name, each.attachment.kind, each.attachment
            )
            entry.tokens = each.tokens
            stored.append(entry)
        late = [entry for entry in known.values() if entry not in stored]  # attached while the store was asked
        self._entries = [*stored, *late, *others]
        self.changed.emit()

    # Words --------------------------------------------------------------------------------------

    def _chip(self, entry: _Entry) -> Chip:
        if entry.error is not None:
            words = " ".join(part for part in (entry.error.what, entry.error.why, entry.error.todo) if part)
            return Chip(entry.key, entry.name, entry.kind, ChipState.FAILED, words)
        if entry.attachment is None:
            return Chip(entry.key, entry.name, entry.kind, ChipState.READING, self._reading_words(entry))
        return Chip(
            entry.key,
            entry.name,
            entry.kind,
            ChipState.READY,
            self._size_words(entry.attachment.size, entry.tokens),
            entry.attachment.id,
        )

    def _reading_words(self, entry: _Entry) -> str:
        done, total = entry.pages
        return self.tr("Reading page {0} of {1}…").format(f"{done:,}", f"{total:,}") if total else self.tr("Reading…")

    def _size_words(self, size: int, tokens: int | None) -> str:
        words = size_in_words(size)
        if tokens is None:
            return words
        noun = self.tr("token") if tokens == 1 else self.tr("tokens")
        return f"{words} · {tokens:,} {noun}"


def size_in_words(size: int) -> str:
    """A file's size: "512 B", "12 KB", "3.4 MB"."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{round(size / 1000):,} KB"
    return f"{size / 1_000_000:,.1f} MB"
