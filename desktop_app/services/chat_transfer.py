"""Chats go out as files, and come in from files of Inkwell and of other programs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_format import ChatFormat
from desktop_app.domain.chat_markdown import chat_markdown
from desktop_app.domain.chat_record import MOST_MESSAGES, ChatImportReport, ChatRecord, ChatSummary, LeftOut
from desktop_app.domain.errors import CancelledError, ExportError, ImportFileError, StoreError, system_reason
from desktop_app.domain.file_renaming import replace_file
from desktop_app.domain.folders import safe_file_name
from desktop_app.domain.presets import OWN_PREFIX, PRESET, PRESET_NAME, Preset
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.services.chat_files.inkwell_format import file_of
from desktop_app.services.chat_files.reading import ChatFile, looks_like_chats, open_chat_file, title_in
from desktop_app.services.chat_record_port import ChatRecordStore

Progress = Callable[[int, int, str], None]

_NOTHING_IN_IT = "There is nothing in it that can be shown."


class ChatTransfer:
    """Lists, exports and imports chats."""

    def __init__(
        self,
        records: ChatRecordStore,
        own_presets: Callable[[], Sequence[Preset]] = tuple,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """`own_presets()` are those that an imported chat may follow."""
        self._records = records
        self._own_presets = own_presets
        self._clock = clock or (lambda: datetime.now(UTC))

    def summaries(self, *, trashed: bool = False, archived: bool = False) -> list[ChatSummary]:
        """The chats outside the trash and the archive, or those in one of them, newest change first."""
        return self._records.summaries(trashed=trashed, archived=archived)

    def read(self, chat_id: int) -> ChatRecord:
        """A chat with everything that is kept of it. Raises NotFoundError."""
        return self._records.read(chat_id)

    # Out ----------------------------------------------------------------------------------------

    def exported(self, chat_id: int, wanted: ChatFormat) -> str:
        """A chat as a file's text. Raises NotFoundError."""
        chat = self._records.read(chat_id)
        if wanted is ChatFormat.MARKDOWN:
            return chat_markdown(chat, chat.path())
        return file_of([chat], self._clock()).decode("utf-8")

    def export(self, chat_id: int, wanted: ChatFormat, path: Path) -> None:
        """Write a chat to `path`, whole or not at all; a file of that name is replaced, a link is not followed.

        Raises NotFoundError, ExportError.
        """
        _write(path, self.exported(chat_id, wanted).encode("utf-8", "replace"))

    def file_name(self, title: str, wanted: ChatFormat) -> str:
        """What the file of a chat of that title is called."""
        return safe_file_name(title, "chat") + wanted.suffix

    # In -----------------------------------------------------------------------------------------

    def looks_like_chats(self, path: Path) -> bool:
        """Whether a file is probably an export of chats; it is looked at, not read."""
        return looks_like_chats(path)

    def import_file(self, path: Path, progress: Progress, cancel: CancelToken) -> ChatImportReport:
        """Bring in all chats of a file, or none: with one that is damaged nothing is changed, and the report names it.

        `progress` gets (chats read, chats in all, the file's name). The same file again gives the same chats again.

        Raises:
            ImportFileError: the file as a whole cannot be read, or is no export that is known.
            CancelledError: stopped; nothing is changed.
            StoreError, DiskFullError: the chats could not be written; nothing is changed.
        """
        file, name = open_chat_file(path), without_lone_surrogates(path.name)
        now = self._clock()
        found = self._look_through(file, name, now, cancel)
        if found.failed or not found.whole:
            return ChatImportReport(skipped=tuple(found.skipped), failed=tuple(found.failed))
        ids = self._records.add(self._read_again(file, found.whole, now, lambda done: progress(*done, name), cancel))
        return ChatImportReport(tuple(ids), found.messages, tuple(found.skipped))

    def import_files(self, paths: Sequence[Path], progress: Progress, cancel: CancelToken) -> ChatImportReport:
        """Each of the files as `import_file` does; one that fails does not stop the others, and is named.

        Raises CancelledError where nothing was imported before it was stopped; else what came is reported.
        """
        report = ChatImportReport()
        for path in paths:
            try:
                report += self.import_file(path, progress, cancel)
            except CancelledError:
                if not report.chat_ids:
                    raise
                return report + _failed(path, "It was stopped before it was in.")
            except (ImportFileError, StoreError) as error:
                report += _failed(path, str(error))
        return report

    def _look_through(self, file: ChatFile, name: str, now: datetime, cancel: CancelToken) -> _Found:
        """Read every chat once, to know that all of them can be imported; none is kept, since a file may hold more
        than memory should.

        Raises ImportFileError, CancelledError.
        """
        found = _Found()
        for number, raw in enumerate(file.conversations):
            cancel.raise_if_cancelled()
            try:
                chat = file.read(raw, now)
            except ImportFileError as error:
                found.failed.append(LeftOut(title_in(raw) or f"Chat {number + 1}", str(error)))
                continue
            if chat is None:
                found.skipped.append(LeftOut(title_in(raw) or f"Chat {number + 1}", _NOTHING_IN_IT))
                continue
            found.whole.append(number)
            found.messages += len(chat.messages)
            if found.messages > MOST_MESSAGES:
                raise ImportFileError(
                    f"“{name}” holds too many messages.",
                    f"{MOST_MESSAGES:,} can be imported at once.",
                    "Export fewer chats at once.",
                )
        return found

    def _read_again(
        self,
        file: ChatFile,
        whole: Sequence[int],
        now: datetime,
        progress: Callable[[tuple[int, int]], None],
        cancel: CancelToken,
    ) -> Iterator[ChatRecord]:
        """The chats one after the other, as the store writes them. Raises CancelledError: nothing is written then."""
        names = {preset.ref: preset.name for preset in self._own_presets()}
        for done, number in enumerate(whole):
            progress((done, len(whole)))
            cancel.raise_if_cancelled()
            chat = file.read(file.conversations[number], now)
            if chat is not None:
                yield _following(chat, names)


class _Found(msgspec.Struct):
    """What a first look at a file's chats found; `whole` are the places of those that can be imported."""

    whole: list[int] = msgspec.field(default_factory=list)
    messages: int = 0
    skipped: list[LeftOut] = msgspec.field(default_factory=list)
    failed: list[LeftOut] = msgspec.field(default_factory=list)


def _failed(path: Path, reason: str) -> ChatImportReport:
    return ChatImportReport(failed=(LeftOut(without_lone_surrogates(path.name), reason),))


def _following(chat: ChatRecord, own_presets: Mapping[str, str]) -> ChatRecord:
    """A chat that follows a preset of another store keeps its values, and is not said to follow the one of that number
    here.
    """
    ref, name = chat.settings.get(PRESET), chat.settings.get(PRESET_NAME)
    if not isinstance(ref, str) or not ref.startswith(OWN_PREFIX) or own_presets.get(ref) == name:
        return chat
    return replace(chat, settings={**chat.settings, PRESET: f"{OWN_PREFIX}0"})


def _write(path: Path, content: bytes) -> None:
    try:
        handle, making = tempfile.mkstemp(prefix=".inkwell-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            replace_file(making, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(making)
            raise
    except OSError as error:
        raise ExportError(
            f"“{path.name}” was not written.", system_reason(error), "Choose another place, or free some space."
        ) from error
