"""What the services need from the outside; `storage` and `engines` provide it, `app` plugs it together.

All methods block and may be called from any thread. Writes return after the commit: what a write returned is on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import CHAT, Conversation, Message, Role
from desktop_app.domain.formulas import Formula, FormulaPicture
from desktop_app.domain.free_writing import PieceChanges
from desktop_app.domain.generation import (
    GenerationFigures,
    StopReason,
)
from desktop_app.domain.notes import CameFrom, ImportSource, Note, NoteFilter, NoteSummary, NoteVersion
from desktop_app.domain.presets import Preset
from desktop_app.domain.search import Chunk, StoredChunk
from desktop_app.domain.search_question import Filter
from desktop_app.domain.surface_forms import SurfaceForm
from desktop_app.services.attachment_ports import AttachmentStore
from desktop_app.services.chat_ports import ChatShelf, MessageIndex
from desktop_app.services.link_ports import NoteLinkStore
from desktop_app.services.message_branches import MessageBranches
from desktop_app.services.note_attachment_ports import NoteAttachmentStore
from desktop_app.services.source_folder_ports import SourceFolderStore
from desktop_app.services.window_messages import WindowMessages

if TYPE_CHECKING:
    from desktop_app.domain.attachments import Attachment
    from desktop_app.services.chat_record_port import ChatRecordStore

T = TypeVar("T")


class ConversationStore(ChatShelf, WindowMessages, MessageBranches, Protocol):
    """Chats and their messages (storage/conversations.py)."""

    @property
    def attachments(self) -> AttachmentStore:
        """What the unsent drafts of these chats carry."""
        ...

    def create(self, title: str = "", *, kind: str = CHAT) -> Conversation:
        """A new, empty chat, or one of free writing, changed now."""
        ...

    def get(self, conversation_id: int) -> Conversation:
        """One chat, in the trash or not. Raises NotFoundError, as all that take an id."""
        ...

    def list_conversations(
        self, *, text: str = "", trashed: bool = False, limit: int = 200, offset: int = 0
    ) -> list[Conversation]:
        """Newest change first; `text` narrows titles."""
        ...

    def rename(self, conversation_id: int, title: str) -> None:
        """Give it another title."""
        ...

    def trash(self, conversation_id: int) -> None:
        """Move it to the trash; lists and search leave it out from then on."""
        ...

    def restore(self, conversation_id: int) -> None:
        """Take it out of the trash."""
        ...

    def delete_forever(self, conversation_id: int) -> None:
        """Delete it with all its messages; nothing brings them back."""
        ...

    def set_draft(self, conversation_id: int, draft: str) -> None:
        """Keep the text that was not sent yet."""
        ...

    def set_memory_start(self, conversation_id: int, message_id: int | None) -> None:
        """Set the first message the decoder still sees; None where it sees all."""
        ...

    def set_active_leaf(self, conversation_id: int, message_id: int | None) -> None:
        """Choose the path that is shown by its last message (None: an empty one). The decoder's memory then begins
        where it did when that path was last written on.
        """
        ...

    def add_message(
        self,
        conversation_id: int,
        parent_id: int | None,
        role: Role,
        text: str,
        *,
        model_fingerprint: str | None = None,
        model_name: str | None = None,
        settings_used: Mapping[str, Any] | None = None,
        attachment_ids: Sequence[int] = (),
        found: Sequence[Attachment] = (),
    ) -> Message:
        """Append under `parent_id` (next sibling order) and make it the active leaf.

        It carries the attachments of these ids from then on, moved from the draft or copied from another message, and
        behind them what was `found` for it, stored in the same commit.
        """
        ...

    def save_partial(self, message_id: int, text: str, token_ids: Sequence[int]) -> None:
        """Commit what an answer has so far; its stop reason stays None."""
        ...

    def finish_message(
        self,
        message_id: int,
        text: str,
        token_ids: Sequence[int],
        stop_reason: StopReason,
        figures: GenerationFigures | None,
        error: str = "",
        *,
        settings_added: Mapping[str, Any] | None = None,
        alternatives: bytes = b"",
    ) -> Message:
        """Commit the whole answer with why it ended; `error` says in words what went wrong, empty where nothing did.

        `settings_added` joins the `settings_used` that the message was begun with. `alternatives` are the records of
        its tokens (domain.token_alternatives), as far as they are known.
        """
        ...

    def alternatives_of(self, message_id: int) -> bytes:
        """The records of the answer's tokens; none where they were not kept."""
        ...

    def get_message(self, message_id: int) -> Message:
        """One message. Raises NotFoundError."""
        ...

    def path(self, conversation_id: int, *, before_id: int | None = None, limit: int | None = None) -> list[Message]:
        """The shown path, oldest first, up to the active leaf or just before `before_id`; the last `limit` of it."""
        ...

    def tree(self, conversation_id: int) -> list[Message]:
        """All messages of a chat, those not on the shown path, too, in the order they were made."""
        ...

    def mark_interrupted(self) -> int:
        """At start: give answers left unfinished by a crash the stop reason INTERRUPTED; how many."""
        ...

    def change_pieces(self, conversation_id: int, changes: PieceChanges, *, title: str | None = None) -> None:
        """Commit what a new text makes of the pieces of free writing, all or nothing; with a new `title`, where there
        is one.
        """
        ...

    def settings_of(self, conversation_id: int) -> Mapping[str, Any]:
        """The settings that belong to this chat alone."""
        ...

    def set_settings_of(self, conversation_id: int, values: Mapping[str, Any]) -> None:
        """Replace them."""
        ...


class NoteStore(Protocol):
    """Notes, their folders, tags and versions (storage/notes.py)."""

    def create(
        self,
        title: str,
        text: str,
        *,
        folder: str = "",
        tags: Sequence[str] = (),
        source_path: str = "",
        created_at: datetime | None = None,
        edited_at: datetime | None = None,
        is_welcome: bool = False,
        source: ImportSource | None = None,
    ) -> Note:
        """Add a note, with its full-text row. Times are now where none are given; `source` is the imported file."""
        ...

    def get(self, note_id: int) -> Note:
        """One note, in the trash or not. Raises NotFoundError."""
        ...

    def get_many(self, note_ids: Sequence[int]) -> list[Note]:
        """The notes that exist, in the order asked for."""
        ...

    def list_notes(self, filter: NoteFilter, *, limit: int | None = None, offset: int = 0) -> list[NoteSummary]:
        """Rows of the list, filtered and sorted; no text is read."""
        ...

    def position(self, filter: NoteFilter, note_id: int) -> int | None:
        """How many rows `list_notes` gives before this note; None where the filter leaves it out."""
        ...

    def count(self, filter: NoteFilter) -> int:
        """How many notes `list_notes` would give without a limit."""
        ...

    def folders(self) -> list[tuple[str, int]]:
        """Each folder with the number of notes in it and below, sorted by name; trash not counted."""
        ...

    def tags(self) -> list[tuple[str, int]]:
        """Each tag with its number of notes, trash not counted."""
        ...

    def tags_by_note(self) -> dict[int, tuple[str, ...]]:
        """The tags of each note that has any, trash not counted."""
        ...

    def save(
        self,
        note_id: int,
        *,
        title: str,
        text: str,
        expected_revision: int | None = None,
        keep_version: bool = False,
        edited_at: datetime | None = None,
        source: ImportSource | None = None,
        front_matter: str | None = None,
    ) -> Note:
        """Commit a new text. The old one becomes a version: at most one a minute, thinned with age. `front_matter` are
        other lines of properties, which are saved as a text is.

        `keep_version` makes it one in any case. Raises NotFoundError, and NoteConflictError when the revision is not
        the expected one.
        """
        ...

    def move(self, note_ids: Sequence[int], folder: str) -> None:
        """Put them into a folder; "" is the top."""
        ...

    def set_tags(self, note_id: int, tags: Sequence[str]) -> Note:
        """Replace the note's tags. Raises NotFoundError."""
        ...

    def set_front_matter(self, note_id: int, lines: str) -> Note:
        """Replace the lines of its front matter, and what follows from them. Raises NotFoundError."""
        ...

    def set_pinned(self, note_ids: Sequence[int], pinned: bool) -> None:
        """Keep them on top of the list, or not any more."""
        ...

    def mark_opened(self, note_id: int) -> None:
        """It was opened just now; the order of the last ones is kept (NoteSort.OPENED)."""
        ...

    def recently_opened(self, limit: int) -> list[NoteSummary]:
        """Those opened last, then the last edited ones; pinned or not."""
        ...

    def trash(self, note_ids: Sequence[int]) -> None:
        """Move them to the trash; their passages leave the search."""
        ...

    def restore(self, note_ids: Sequence[int]) -> None:
        """Take them out of the trash."""
        ...

    def delete_forever(self, note_ids: Sequence[int], *, only_trashed: bool = False) -> None:
        """Delete them, or those of them that are in the trash, with versions, passages and vectors; nothing brings them
        back.
        """
        ...

    def versions(self, note_id: int) -> list[NoteVersion]:
        """Newest first."""
        ...

    def get_version(self, version_id: int) -> NoteVersion:
        """One earlier text. Raises NotFoundError where it was thinned away."""
        ...

    def came_from(self, source: str, part: str) -> list[CameFrom]:
        """The notes outside the trash with `source` in the path of the file they came from, in the order they were
        made, and whether `part` is in their text.
        """
        ...

    def with_front_matter(self, part: str) -> dict[int, str]:
        """The front matter of the notes whose front matter has `part` in it, by id, in the trash or not."""
        ...

    def import_sources(self) -> dict[int, ImportSource]:
        """Where each imported note came from, by note id; those in the trash, too."""
        ...

    def welcome_ids(self) -> list[int]:
        """Ids of the notes that came with the program, in the trash or not."""
        ...

    def all_ids(self, *, trashed: bool = False) -> list[int]:
        """Ids of all notes outside the trash, or of those in it."""
        ...


class PassageStore(Protocol):
    """Chunks and vectors (storage/passages.py)."""

    def notes_to_chunk(self, limit: int = 100) -> list[int]:
        """Notes (not trashed) whose text changed since they were chunked, newest edit first."""
        ...

    def replace_chunks(self, note_id: int, revision: int, chunks: Sequence[Chunk]) -> None:
        """Store the chunks of that revision. Chunks whose hash did not change keep their row and vector."""
        ...

    def chunks_to_embed(self, fingerprint: str, limit: int = 64) -> list[StoredChunk]:
        """Chunks without a vector of this encoder, newest edited note first; each distinct hash once."""
        ...

    def add_vectors(self, fingerprint: str, dimensions: int, vectors: Sequence[tuple[str, bytes]]) -> None:
        """Commit (chunk hash, float32 vector) pairs."""
        ...

    def counts(self, fingerprint: str | None) -> tuple[int, int, int]:
        """(notes not trashed, notes not fully chunked and embedded, chunks without vector); without a fingerprint every
        chunk counts as one without vector.
        """
        ...

    def notes_unindexed(self, fingerprint: str) -> int:
        """Notes (not trashed) of which something has no vector of that encoder yet; for any encoder, at any time."""
        ...

    def has_vectors(self, fingerprint: str) -> bool:
        """Whether any vector of that encoder is kept."""
        ...

    def drop_vectors_except(self, fingerprint: str, limit: int) -> int:
        """Delete up to `limit` vectors of all other encoders; how many went."""
        ...

    def chunk_count(self) -> int:
        """Chunks of all notes not trashed."""
        ...

    def vectors(self, fingerprint: str) -> Iterator[tuple[int, int, bytes]]:
        """(chunk id, note id, vector) of all notes not trashed, by note and there in the order of its text."""
        ...

    def vectors_of(self, fingerprint: str, note_ids: Sequence[int]) -> list[tuple[int, int, bytes]]:
        """The same of these notes, trashed ones too, those of one note in the order of its text."""
        ...

    def newest_fingerprint(self) -> str | None:
        """The encoder of the vector that was added last; None while there is none."""
        ...

    def vectors_version(self) -> int:
        """Changes whenever chunks, vectors or trash change, by any process: the matrix built at it is then stale."""
        ...

    def chunks_of(self, note_ids: Sequence[int]) -> list[StoredChunk]:
        """The chunks of these notes, those of one note in the order of its text."""
        ...

    def chunks_by_id(self, chunk_ids: Sequence[int]) -> list[StoredChunk]:
        """The chunks that exist, in the order asked for."""
        ...


class WordIndex(Protocol):
    """Full text over notes (storage/full_text.py)."""

    def interruptible(self, cancel: CancelToken) -> AbstractContextManager[None]:
        """Inside, this thread's reads of the store, whichever part of it is asked, end when `cancel` is raised, and
        raise CancelledError.
        """
        ...

    def search_notes(
        self, match: str, limit: int, filters: Sequence[Filter] = (), within: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """(note id, BM25 score, higher is better) for an FTS5 MATCH expression, best first, trash excluded; notes that
        do not meet every filter, or are not `within`, are left out.
        """
        ...

    def best_notes(
        self,
        alternatives: Sequence[str],
        limit: int,
        filters: Sequence[Filter] = (),
        *,
        ranked: int,
    ) -> list[tuple[int, float]]:
        """The same for notes that any of these expressions finds. Quick with common words among them: of very many
        notes those with the most telling words are ranked, `ranked` divided by the words, and of equals the newest.
        """
        ...

    def long_notes_with_all(
        self, expressions: Sequence[str], filters: Sequence[Filter] = ()
    ) -> list[tuple[int, float]]:
        """The same for notes that each of these expressions finds somewhere, of those too long for one row of the
        index.
        """
        ...

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many notes each (unstemmed, lower-case) term stands, by the index's own tokenizer; 0 where nowhere."""
        ...

    def has_beginning(self, word: str) -> bool:
        """Whether any word of the notes begins so."""
        ...

    def notes_with_part(self, word: str) -> list[int]:
        """Notes with words that this one (lower case, without accents) is a part of (domain/vocabulary.py)."""
        ...

    def notes_with_form(self, form: SurfaceForm) -> Sequence[int]:
        """Notes in which a word stands with its signs (C++), or that have the tag or a file of the name it says; some
        hundred of each at most.
        """
        ...

    def notes_with_file(self, words: Sequence[str], *, growing: bool = False) -> list[int]:
        """Notes that were imported from, are linked to, or have attached a file whose name has all the words; with
        `growing` the last one may go on. Notes in the trash may be among them.
        """
        ...

    def spelled_like(self, word: str) -> list[str]:
        """The index's terms that are spelled most like a word with a mistake or two, best first, few."""
        ...

    def notes_with(self, match: str) -> list[int]:
        """Notes that an FTS5 MATCH expression finds, by id."""
        ...

    def languages(self) -> tuple[str, ...]:
        """The languages beside English that notes are written in (domain/languages.py), the commonest first."""
        ...

    def other_forms(self, words: Sequence[str], languages: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """For each word, the terms that are other forms of it in any of the languages, and how many notes have them."""
        ...

    def terms_at_hand(self) -> bool:
        """Whether `notes_with_part`, `spelled_like` and `other_forms` answer without a long reading of all terms."""
        ...

    def read_terms(self) -> None:
        """Read all terms where they are not at hand, or have served for long; half a second where there are 25,000
        notes.
        """
        ...

    def note_count(self) -> int:
        """Notes in the index: those not in the trash."""
        ...

    def integrity_check(self) -> None:
        """Raise StoreDamagedError when the index and the text differ."""
        ...


class NoteSieve(Protocol):
    """Which notes meet the filters of a question (storage/filtered_notes.py)."""

    def ids(self, filters: Sequence[Filter]) -> list[int]:
        """All notes outside the trash that meet every filter, by id."""
        ...

    def newest(self, filters: Sequence[Filter], limit: int) -> list[int]:
        """Those of them that were edited last, newest first."""
        ...

    def by_date(self, note_ids: Sequence[int]) -> list[int]:
        """These notes, the one edited last first."""
        ...


class FormulaTypesetter(Protocol):
    """Makes pictures of formulas (engines/formula_typesetter.py)."""

    def typeset(self, formula: Formula) -> FormulaPicture | None:
        """The formula's picture; None where it cannot be drawn. Blocks, and ends within a bounded time."""
        ...


class UiStateStore(Protocol):
    """What the window remembers between starts: small JSON values by key (storage/ui_state.py)."""

    def get(self, key: str, default: Any = None) -> Any:
        """The value, `default` where none was set."""
        ...

    def set(self, key: str, value: Any) -> None:
        """Keep a JSON value."""
        ...


class LeaseStore(Protocol):
    """Who does background work just now, over all processes (storage/leases.py)."""

    def acquire(self, name: str, owner: str, seconds: float) -> bool:
        """Take or renew the lease; false while another owner holds it."""
        ...

    def release(self, name: str, owner: str) -> None:
        """Give it back; nothing happens when another owner has it."""
        ...


class PresetStore(Protocol):
    """A person's own presets (storage/presets.py)."""

    def all(self) -> list[Preset]:
        """Oldest first."""
        ...

    def add(self, name: str, description: str, values: Mapping[str, Any]) -> Preset:
        """Keep a new one."""
        ...

    def change(self, preset: Preset) -> None:
        """Replace the preset with that ref. Raises NotFoundError."""
        ...

    def delete(self, ref: str) -> None:
        """Remove it for good. Raises NotFoundError."""
        ...


class ChatChoiceStore(Protocol):
    """The values that belong to one chat alone (storage/conversations.py)."""

    def settings_of(self, conversation_id: int) -> Mapping[str, Any]:
        """The chat's own values, a JSON object. Raises NotFoundError."""
        ...

    def set_settings_of(self, conversation_id: int, values: Mapping[str, Any]) -> None:
        """Replace them. Raises NotFoundError."""
        ...


class StorePort(Protocol):
    """The one database (storage/store.py). `Store.open(folder)` makes it."""

    @property
    def conversations(self) -> ConversationStore:
        """Chats and messages."""
        ...

    @property
    def presets(self) -> PresetStore:
        """A person's own presets."""
        ...

    @property
    def chat_records(self) -> ChatRecordStore:
        """Chats as they go into files and come out of them."""
        ...

    @property
    def notes(self) -> NoteStore:
        """Notes with folders, tags and versions."""
        ...

    @property
    def note_links(self) -> NoteLinkStore:
        """Links between notes."""
        ...

    @property
    def note_attachments(self) -> NoteAttachmentStore:
        """Pictures and other files of notes."""
        ...

    @property
    def source_folders(self) -> SourceFolderStore:
        """Folders on the disk that notes came from."""
        ...

    @property
    def passages(self) -> PassageStore:
        """Chunks and vectors."""
        ...

    @property
    def messages(self) -> MessageIndex:
        """Messages by their words."""
        ...

    @property
    def words(self) -> WordIndex:
        """Full text."""
        ...

    @property
    def filtered_notes(self) -> NoteSieve:
        """Notes by the filters of a question."""
        ...

    @property
    def ui_state(self) -> UiStateStore:
        """What the window remembers."""
        ...

    @property
    def leases(self) -> LeaseStore:
        """Who does background work."""
        ...

    @property
    def read_only(self) -> bool:
        """True where nothing can be saved: a folder without the right to write, or a newer Inkwell's database."""
        ...

    @property
    def path(self) -> Path:
        """The database file."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Group writes of this thread into one commit (imports)."""
        ...

    def at_once(self, work: Callable[[], T]) -> T:
        """Run `work`, which makes many small changes and waits for no other thread that writes, in one commit."""
        ...

    def others_wait(self) -> bool:
        """Whether changes of other threads wait for this thread's `transaction()` or `at_once`."""
        ...

    def data_version(self) -> int | None:
        """Changes when another process committed; None before it was known."""
        ...

    def integrity_check(self) -> list[str]:
        """Problems found, empty when all is well."""
        ...

    def close(self) -> None:
        """Finish queued writes and close; using it afterwards raises StoreError."""
        ...
