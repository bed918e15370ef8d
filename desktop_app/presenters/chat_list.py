"""The list of chats: pinned ones, those of each day, folders, archive and trash; and what is done to a chat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import msgspec.structs
from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.chat_list import ChatFilter, ChatPlace
from desktop_app.domain.conversation import Conversation
from desktop_app.domain.errors import NotFoundError
from desktop_app.presenters.chat_rows import Answering, ChatRows
from desktop_app.presenters.rows import RowListModel

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.chat_search import MessageHit
    from desktop_app.domain.errors import InkwellError
    from desktop_app.presenters.chat_service import ChatSearching, ChatUseCases
    from desktop_app.presenters.tasks import TaskRunner

PAGE = 200
"""Chats read at a time; more follow as the list is scrolled."""

_MOST_AT_TOP = 5 * PAGE

_TYPING_MS = 120
"""Messages are searched when no key came for so long; titles follow each key."""

_LISTED = "chat.list"
_FOUND = "chat.messages"


class _Listed(msgspec.Struct, frozen=True):
    chats: list[Conversation]
    folders: list[tuple[str, int]]
    opened: Conversation | None


class ChatListPresenter(QObject):
    """Lists, finds and organises chats. Every change but the last deletion can be taken back."""

    changed = Signal()
    opened_changed = Signal()  # what is known of the open chat
    failed = Signal(object)  # InkwellError
    trashed = Signal(int, str)  # conversation id, title: the place to offer Undo
    restored = Signal(int)
    renamed = Signal(int, str)
    deleted = Signal(int)  # forever
    done = Signal(str, object)  # a sentence, and what takes it back (None: nothing does)

    def __init__(
        self,
        service: ChatUseCases,
        tasks: TaskRunner,
        *,
        search: ChatSearching | None = None,
        open_id: Callable[[], int | None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        parent: QObject | None = None,
    ) -> None:
        """`search` finds words in messages (None: titles only); `open_id()` names the chat that is open."""
        super().__init__(parent)
        self._service = service
        self._search = search
        self._tasks = tasks
        self._open_id = open_id
        self._rows = ChatRows(now, self)
        self._filter = ChatFilter()
        self._listed = ChatFilter()
        self._conversations: list[Conversation] = []
        self._folders: list[tuple[str, int]] = []
        self._opened: Conversation | None = None
        self._hits: list[MessageHit] = []
        self._found_for = ""
        self._answering = Answering()
        self._wanted = PAGE
        self._reads_more = False
        self.is_loaded = False
        self.model = RowListModel(self)
        self._search_soon = QTimer(self)
        self._search_soon.setSingleShot(True)
        self._search_soon.setInterval(_TYPING_MS)
        self._search_soon.timeout.connect(self._find)

    # What is listed -----------------------------------------------------------------------------

    @property
    def filter(self) -> ChatFilter:
        """Which chats are wanted."""
        return self._filter

    @property
    def filter_text(self) -> str:
        """What titles are narrowed by."""
        return self._filter.text

    @property
    def is_current(self) -> bool:
        """True once no row still to come can be the first one: the list follows what is typed a moment later."""
        listed = self.is_loaded and self._listed == self._filter
        return listed and (bool(self._conversations) or self._found_for == self._wanted_in_messages)

    @property
    def conversations(self) -> list[Conversation]:
        """The chats listed, pinned ones first, then newest change first."""
        return self._conversations

    @property
    def hits(self) -> list[MessageHit]:
        """The messages listed below."""
        return self._hits

    @property
    def folders(self) -> list[tuple[str, int]]:
        """Each folder with how many chats are in it and below."""
        return self._folders

    @property
    def opened(self) -> Conversation | None:
        """What is known of the open chat; None for a new one."""
        return self._opened

    @property
    def has_more(self) -> bool:
        """True while the store may have chats below the last one listed."""
        return len(self._conversations) >= self._wanted

    def untitled(self) -> str:
        """What a chat without a title is called."""
        return self._rows.untitled()

    # Choosing what to list ----------------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Narrow the list to titles that hold the words of `text`, and look for them in messages."""
        self._want(msgspec.structs.replace(self._filter, text=text.strip()))

    def show_place(self, place: ChatPlace) -> None:
        """List chats, the archive or the trash."""
        self._want(ChatFilter(self._filter.text, place))

    def set_folder(self, folder: str | None) -> None:
        """List the chats of a folder and of those below it; None for all."""
        self._want(ChatFilter(self._filter.text, ChatPlace.CHATS, folder))

    def load_more(self) -> None:
        """Read the next chats; the end of the list is in view."""
        if self._reads_more or not self.has_more or not self.is_loaded or self._listed != self._filter:
            return
        self._reads_more = True
        wanted, offset = self._filter, len(self._conversations)

        def work(_cancel: CancelToken) -> list[Conversation]:
            return self._service.list_chats(wanted, PAGE, offset)

        def failed(error: InkwellError) -> None:
            self._reads_more = False
            self.failed.emit(error)

        # On the list's own channel: a newer reading of the whole makes this one needless.
        self._tasks.run(work, done=self._append, failed=failed, channel=_LISTED)

    def _append(self, more: list[Conversation]) -> None:
        self._reads_more = False
        known = {each.id for each in self._conversations}
        new = [each for each in more if each.id not in known]  # one may have moved down since
        last = self._conversations[-1] if self._conversations else None
        at = self.model.row_of(last.id) + 1 if last is not None else 0
        self._wanted = len(self._conversations) + PAGE - (len(more) - len(new))
        self._conversations += new
        self.model.insert_rows(at, self._rows.of_chats(new, self._listed, self._answering, after=last))
        self.changed.emit()

    def forget_far(self) -> None:
        """The top of the list is in view again: far more than a page need not be read at each refresh."""
        if len(self._conversations) > _MOST_AT_TOP and not self._reads_more:  # what is read comes below all of them
            self._wanted = PAGE
            self._conversations = self._conversations[:PAGE]
            self._show_rows()

    def set_answering(self, answering: Answering) -> None:
        """Mark the chat that is being answered and those that wait."""
        if answering != self._answering:
            self._answering = answering
            if self.is_loaded:
                self._show_rows()

    def refresh(self) -> None:
        """Read the list again."""
        self._reads_more = False
        wanted, count, open_id = self._filter, self._wanted, self._open_id()

        def work(_cancel: CancelToken) -> _Listed:
            chats = self._service.list_chats(wanted, count)
            opened = next((each for each in chats if each.id == open_id), None)
            if opened is None and open_id is not None:
                opened = self._look_up(open_id)
            return _Listed(chats, self._service.folders(), opened)

        def done(listed: _Listed) -> None:
            self.is_loaded = True
            self._listed = wanted
            self._conversations = listed.chats
            self._folders = listed.folders
            self._show_rows()
            self._note_opened(open_id, listed.opened)

        self._tasks.run(work, done=done, failed=self.failed.emit, channel=_LISTED)

    def read_opened(self) -> None:
        """Another chat was opened: read what is known of it; `opened_changed` follows."""
        open_id = self._open_id()
        known = next((each for each in self._conversations if each.id == open_id), None)
        if open_id is None or known is not None:
            self._note_opened(open_id, known)
            return

        def work(_cancel: CancelToken) -> Conversation | None:
            return self._look_up(open_id)

        def done(found: Conversation | None) -> None:
            self._note_opened(open_id, found)

        self._tasks.run(work, done=done, failed=self.failed.emit, channel="chat.opened")

    def _look_up(self, conversation_id: int) -> Conversation | None:
        try:
            return self._service.get(conversation_id)
        except NotFoundError:
            return None  # deleted meanwhile; the screen that shows it is told so by its own reading

    def _note_opened(self, conversation_id: int | None, found: Conversation | None) -> None:
        if conversation_id == self._open_id() and found != self._opened:
            self._opened = found
            self.opened_changed.emit()

    def _want(self, wanted: ChatFilter) -> None:
        if wanted == self._filter:
            return
        self._filter = wanted
        self._wanted = PAGE
        self.refresh()
        self._tasks.drop_channel(_FOUND)
        if self._wanted_in_messages:
            self._search_soon.start()
        else:
            self._search_soon.stop()
            self._hits, self._found_for = [], ""

    # Words in messages --------------------------------------------------------------------------

    @property
    def _wanted_in_messages(self) -> str:
        """The text to be found in messages; empty where none is looked for."""
        return self._filter.text if self._search is not None and self._filter.place is ChatPlace.CHATS else ""

    def _find(self) -> None:
        search, text, folder = self._search, self._wanted_in_messages, self._filter.folder
        if search is None or not text or self._tasks.closed:
            return

        def work(_cancel: CancelToken) -> list[MessageHit]:
            return search.find(text, folder=folder, typing=True)

        def done(hits: list[MessageHit]) -> None:
            self._take_hits(hits, text)

        def failed(error: InkwellError) -> None:
            self._take_hits([], text)
            self.failed.emit(error)

        self._tasks.run(work, done=done, failed=failed, channel=_FOUND)

    def _take_hits(self, hits: list[MessageHit], text: str) -> None:
        self._hits, self._found_for = hits, text
        if self.is_loaded:
            self._show_rows()

    def _show_rows(self) -> None:
        rows = self._rows.of_chats(self._conversations, self._listed, self._answering)
        if self._listed.text and self._listed.place is ChatPlace.CHATS:
            rows += self._rows.of_messages(self._hits)
            rows.append(self._rows.search_row(self._listed.text))
        self.model.set_rows(rows)
        self.changed.emit()

    # What is done to a chat ---------------------------------------------------------------------

    def rename(self, conversation_id: int, title: str) -> None:
        """Give a chat another title; an empty one is refused silently (the old one stays)."""
        title = " ".join(title.split())
        before = self.known(conversation_id)
        if not title or (before is not None and before.title == title):
            return

        def done() -> None:
            self._conversations = [
                msgspec.structs.replace(each, title=title) if each.id == conversation_id else each
                for each in self._conversations
            ]
            self.renamed.emit(conversation_id, title)
            if before is not None and before.title:
                self._tell(self.tr("Renamed to “{0}”"), title, lambda: self.rename(conversation_id, before.title))

        self._change(lambda: self._service.rename(conversation_id, title), done)

    def set_pinned(self, conversation_id: int, pinned: bool) -> None:
        """Put a chat above all others, or back to its day."""
        title = self.title_of(conversation_id)

        def done() -> None:
            words = self.tr("“{0}” is pinned") if pinned else self.tr("“{0}” is not pinned any more")
            self._tell(words, title, lambda: self.set_pinned(conversation_id, not pinned))

        self._change(lambda: self._service.set_pinned(conversation_id, pinned), done)

    def set_archived(self, conversation_id: int, archived: bool) -> None:
        """Put a chat out of the way, or back."""
        title = self.title_of(conversation_id)

        def done() -> None:
            words = self.tr("“{0}” is in the archive") if archived else self.tr("“{0}” is back from the archive")
            self._tell(words, title, lambda: self.set_archived(conversation_id, not archived))

        self._change(lambda: self._service.set_archived(conversation_id, archived), done)

    def move(self, conversation_id: int, folder: str) -> None:
        """Put a chat into a folder, which is made by naming it; an empty name is no folder."""
        known = self.known(conversation_id)
        before = known.folder if known is not None else ""
        if folder.strip() != before:
            self._move(conversation_id, self.title_of(conversation_id), folder.strip(), before)

    def _move(self, conversation_id: int, title: str, folder: str, before: str) -> None:
        def done() -> None:
            words = self.tr("“{0}” is in “{1}”") if folder else self.tr("“{0}” is in no folder any more")
            self._tell(words, title, lambda: self._move(conversation_id, title, before, folder), folder)

        self._change(lambda: self._service.move(conversation_id, folder), done)

    def trash(self, conversation_id: int) -> None:
        """Move a chat to the trash; `trashed` follows."""
        title = self.title_of(conversation_id)
        self._change(lambda: self._service.trash(conversation_id), lambda: self.trashed.emit(conversation_id, title))

    def restore(self, conversation_id: int) -> None:
        """Take a chat out of the trash; `restored` follows."""
        self._change(lambda: self._service.restore(conversation_id), lambda: self.restored.emit(conversation_id))

    def put_back(self, conversation_id: int) -> None:
        """As `restore`, and say so."""
        title = self.title_of(conversation_id)

        def done() -> None:
            self.restored.emit(conversation_id)
            self._tell(self.tr("“{0}” is put back"), title, lambda: self.trash(conversation_id))

        self._change(lambda: self._service.restore(conversation_id), done)

    def delete_forever(self, conversation_id: int) -> None:
        """Delete a chat with all its messages; the person was asked."""
        title = self.title_of(conversation_id)

        def done() -> None:
            self.deleted.emit(conversation_id)
            self._tell(self.tr("“{0}” is deleted"), title, None)

        self._change(lambda: self._service.delete_forever(conversation_id), done)

    def empty_trash(self) -> None:
        """Delete all chats in the trash; the person was asked."""

        def work(_cancel: CancelToken) -> int:
            return self._service.empty_trash()

        def done(count: int) -> None:
            opened = self._opened
            if opened is not None and opened.trashed_at is not None:
                self.deleted.emit(opened.id)
            one = count == 1
            self.done.emit(
                self.tr("1 chat deleted") if one else self.tr("{0} chats deleted").format(f"{count:,}"), None
            )
            self.refresh()

        self._tasks.run(work, done=done, failed=self.failed.emit)

    def title_of(self, conversation_id: int) -> str:
        """The title of a listed chat or of the open one, as it is shown."""
        known = self.known(conversation_id)
        return (known.title if known is not None else "") or self.untitled()

    def known(self, conversation_id: int) -> Conversation | None:
        """A chat that is listed or open."""
        opened = [self._opened] if self._opened is not None else []
        return next((each for each in (*self._conversations, *opened) if each.id == conversation_id), None)

    def _tell(self, words: str, title: str, undo: Callable[[], object] | None, *more: str) -> None:
        shown = title if len(title) <= 60 else f"{title[:59]}…"
        self.done.emit(words.format(shown, *more), undo)

    def _change(self, change: Callable[[], None], done: Callable[[], None]) -> None:
        def work(_cancel: CancelToken) -> None:
            change()

        def changed(_result: None) -> None:
            done()
            self.refresh()

        self._tasks.run(work, done=changed, failed=self.failed.emit)
