"""Chats go out as files, and come in from files of Inkwell and of other programs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_format import ChatFormat
from desktop_app.domain.chat_markdown import chat_markdown
from desktop_app.domain.chat_record import MOST_MESSAGES, ChatImportReport, ChatRecord, ChatSummary, LeftOut
from desktop_app.domain.errors import CancelledError, ExportError, ImportFileError, StoreError, system_reason
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
        file = open_chat_file(path)
        chats, skipped, failed = self._read_all(file, path.name, progress, cancel)
        if failed:
            return ChatImportReport(skipped=tuple(skipped), failed=tuple(failed))
        if not chats:
            return ChatImportReport(skipped=tuple(skipped))
        cancel.raise_if_cancelled()
        names = {preset.ref: preset.name for preset in self._own_presets()}
        ids = self._records.add([_following(chat, names) for chat in chats])
        messages = sum(len(chat.messages) for chat in chats)
        return ChatImportReport(tuple(ids), messages, tuple(skipped))

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
                return report + ChatImportReport(
                    failed=(LeftOut(without_lone_surrogates(path.name), "Stopped before it was in."),)
                )
            except (ImportFileError, StoreError) as error:
                report += ChatImportReport(failed=(LeftOut(without_lone_surrogates(path.name), str(error)),))
        return report

    def _read_all(
        self, file: ChatFile, name: str, progress: Progress, cancel: CancelToken
    ) -> tuple[list[ChatRecord], list[LeftOut], list[LeftOut]]:
        chats: list[ChatRecord] = []
        skipped: list[LeftOut] = []
        failed: list[LeftOut] = []
        now, room = self._clock(), MOST_MESSAGES
        for number, raw in enumerate(file.conversations, start=1):
            cancel.raise_if_cancelled()
            progress(number - 1, len(file.conversations), name)
            try:
                chat = file.read(raw, now)
            except ImportFileError as error:
                failed.append(LeftOut(title_in(raw) or f"Chat {number}", str(error)))
                continue
            if chat is None:
                skipped.append(LeftOut(title_in(raw) or f"Chat {number}", _NOTHING_IN_IT))
                continue
            room -= len(chat.messages)
            if room < 0:
                raise ImportFileError(
                    f"“{name}” holds too many messages.",
                    f"{MOST_MESSAGES:,} can be imported at once.",
                    "Export fewer chats at once.",
                )
            if not failed:  # else none of them will be written
                chats.append(chat)
        return chats, skipped, failed


def _following(chat: ChatRecord, own_presets: Mapping[str, str]) -> ChatRecord:
    """A chat that follows a preset of another store keeps its values, and is not said to follow the one of that number
    here.
    """
    ref, name = chat.settings.get(PRESET), chat.settings.get(PRESET_NAME)
    if not isinstance(ref, str) or not ref.startswith(OWN_PREFIX) or own_presets.get(ref) == name:
        return chat
    return replace(chat, settings={**chat.settings, PRESET: f"{OWN_PREFIX}0"})


def _failed(path: Path, reason: str) -> ChatImportReport:
    return ChatImportReport(failed=(LeftOut(without_lone_surrogates(path.name), reason),))


def _write(path: Path, content: bytes) -> None:
    try:
        handle, making = tempfile.mkstemp(prefix=".inkwell-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(making, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(making)
            raise
    except OSError as error:
        raise ExportError(
            f"“{path.name}” was not written.", system_reason(error), "Choose another place, or free some space."
        ) from error
