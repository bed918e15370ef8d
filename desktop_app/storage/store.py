"""The one database: everything a person writes, in one file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection

from desktop_app.domain.part import MakesParts, part
from desktop_app.storage.connection import Access, bare
from desktop_app.storage.conversations import Conversations
from desktop_app.storage.database import Database
from desktop_app.storage.opening import StoreOpenReport, integrity_problems, is_about_words, prepare
from desktop_app.storage.ui_state import UiState

if TYPE_CHECKING:
    from desktop_app.storage.backup import Backups
    from desktop_app.storage.chat_records import ChatRecords
    from desktop_app.storage.filtered_notes import FilteredNotes
    from desktop_app.storage.full_text import FullText
    from desktop_app.storage.leases import Leases
    from desktop_app.storage.long_notes import LongNotes
    from desktop_app.storage.message_passages import MessagePassages
    from desktop_app.storage.message_search import MessageSearch
    from desktop_app.storage.note_attachments import NoteAttachments
    from desktop_app.storage.note_links import NoteLinks
    from desktop_app.storage.note_mentions import NoteMentions
    from desktop_app.storage.note_tasks import NoteTasks
    from desktop_app.storage.notes import Notes
    from desktop_app.storage.passages import Passages
    from desktop_app.storage.presets import Presets
    from desktop_app.storage.served_index import ServedIndexes
    from desktop_app.storage.source_folders import SourceFolders


def utc_now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


T = TypeVar("T")


class Store(MakesParts):
    """Implements StorePort. `Store.open` makes it; every method may be called from any thread.

    Its parts are imported when first asked for: the window needs chats and its own state for its first picture.
    """

    def __init__(
        self, database: Path, access: Access, report: StoreOpenReport, clock: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__()
        self._database = Database(database, access, report.read_only)
        self._clock = clock
        self.open_report = report
        self.conversations = Conversations(self._database, clock)
        self.ui_state = UiState(self._database)

    @classmethod
    def open(cls, database: Path, *, backups: Path, clock: Callable[[], datetime] = utc_now) -> Store:
        """Open the store, making or mending it where needed; `open_report` says what happened.

        A damaged database is kept aside and what can be read of it recovered. Where nothing can be written, or a
        newer Inkwell wrote it, the store is opened for reading (`read_only`).

        Raises:
            StoreReadOnlyError: there is no store and none can be made.
            StoreLockedError: another program holds the database.
            DiskFullError, BackupError: the backup before a migration could not be made.
        """

        def keeper() -> Backups:
            from desktop_app.storage.backup import Backups

            return Backups(database, backups, clock)

        def recovered() -> StoreOpenReport:
            from desktop_app.storage.recovery import recover

            return recover(database, keeper(), clock())

        def brought_back() -> StoreOpenReport | None:
            from desktop_app.storage.recovery import bring_back

            return bring_back(database, keeper())

        access, report = prepare(database, lambda reason: keeper().back_up(reason), recovered, brought_back)
        return cls(database, access, report, clock)

    @part
    def presets(self) -> Presets:
        """A person's own presets."""
        from desktop_app.storage.presets import Presets

        return Presets(self._database, self._clock)

    @part
    def notes(self) -> Notes:
        """Notes with folders, tags and versions."""
        from desktop_app.storage.notes import Notes

        return Notes(self._database, self._clock)

    @part
    def note_links(self) -> NoteLinks:
        """Links between notes."""
        from desktop_app.storage.note_links import NoteLinks

        return NoteLinks(self._database)

    @part
    def note_mentions(self) -> NoteMentions:
        """Where notes are named without a link."""
        from desktop_app.storage.note_mentions import NoteMentions

        return NoteMentions(self._database)

    @part
    def note_tasks(self) -> NoteTasks:
        """Notes with open tasks."""
        from desktop_app.storage.note_tasks import NoteTasks

        return NoteTasks(self._database)

    @part
    def note_attachments(self) -> NoteAttachments:
        """Which pictures and other files belong to which notes."""
        from desktop_app.storage.note_attachments import NoteAttachments

        return NoteAttachments(self._database, self._clock)

    @part
    def source_folders(self) -> SourceFolders:
        """Folders on the disk that notes came from."""
        from desktop_app.storage.source_folders import SourceFolders

        return SourceFolders(self._database, self._clock)

    @part
    def passages(self) -> Passages:
        """Chunks and vectors."""
        from desktop_app.storage.passages import Passages

        return Passages(self._database)

    @part
    def long_notes(self) -> LongNotes:
        """The words of long notes beyond their beginnings."""
        from desktop_app.storage.long_notes import LongNotes

        return LongNotes(self._database)

    @part
    def served_index(self) -> ServedIndexes:
        """Whose vectors answer."""
        from desktop_app.storage.served_index import ServedIndexes

        return ServedIndexes(self._database)

    @part
    def words(self) -> FullText:
        """Notes by their words."""
        from desktop_app.storage.full_text import FullText

        return FullText(self._database)

    @part
    def filtered_notes(self) -> FilteredNotes:
        """Notes by the filters of a question."""
        from desktop_app.storage.filtered_notes import FilteredNotes

        return FilteredNotes(self._database)

    @part
    def messages(self) -> MessageSearch:
        """Messages by their words."""
        from desktop_app.storage.message_search import MessageSearch

        return MessageSearch(self._database)

    @part
    def message_passages(self) -> MessagePassages:
        """Messages by their meaning."""
        from desktop_app.storage.message_passages import MessagePassages

        return MessagePassages(self._database)

    @part
    def leases(self) -> Leases:
        """Who does what only one may do at a time."""
        from desktop_app.storage.leases import Leases

        return Leases(self._database, self._clock)

    @part
    def chat_records(self) -> ChatRecords:
        """Chats as they go into files and come out of them."""
        from desktop_app.storage.chat_records import ChatRecords

        return ChatRecords(self._database)

    @property
    def read_only(self) -> bool:
        """Whether every change is refused; `open_report.read_only` says why."""
        return self._database.read_only

    @property
    def path(self) -> Path:
        """The database file."""
        return self._database.path

    def transaction(self) -> AbstractContextManager[None]:
        """Group writes of this thread into one commit; other threads' writes wait. An error inside leaves none of
        them.
        """
        return self._database.transaction()

    def at_once(self, work: Callable[[], T]) -> T:
        """`transaction()` for many small changes, which waits for no other thread at each."""
        return self._database.at_once(work)

    def others_wait(self) -> bool:
        """Whether changes of other threads wait for this thread's transaction: who writes much ends it then."""
        return self._database.others_wait()

    def data_version(self) -> int | None:
        """Changes when another process committed. Cheap; the last known value while this process is writing, None
        before one was known.
        """
        return self._database.data_version()

    def integrity_check(self) -> list[str]:
        """Problems found in the file, its references and the full-text index; empty when all is well. Takes seconds
        on large stores.
        """
        from desktop_app.domain.errors import StoreDamagedError

        def work(connection: Connection) -> list[str]:
            return integrity_problems(bare(connection))

        try:
            problems = self._database.read(work)
            if not self.read_only:
                problems = [problem for problem in problems if not is_about_words(problem)]
                if not problems:
                    self.words.integrity_check()
        except StoreDamagedError as error:
            return [error.why or error.what]
        return problems

    def close(self) -> None:
        """Finish the writes that wait and close all connections."""
        for words in ("words", "messages"):
            if words in vars(self):
                getattr(self, words).close()
        self._database.close()
