"""What belongs to the window as a whole: going from room to room, notices, the status bar's words, closing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec
from PySide6.QtCore import QObject, Qt, Signal

from desktop_app.domain.generation import WorkerPhase, WorkerStatus
from desktop_app.presenters.indexing_words import is_under_way, pace, still_to_index

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.errors import InkwellError
    from desktop_app.domain.notes import Note
    from desktop_app.domain.search import IndexingProgress
    from desktop_app.presenters.tasks import TaskRunner

Unsubscribe = Callable[[], None]
#: Saves what is still unsaved; returns what would be lost in a person's words, "" when all is safe.
Closer = Callable[[], str]


class ModelProcess(Protocol):
    """The half of DecoderPort and EncoderPort that the status bar looks at."""

    @property
    def status(self) -> WorkerStatus: ...
    def subscribe(self, listener: Callable[[WorkerStatus], None]) -> Unsubscribe: ...


class Indexer(Protocol):
    """The half of BackgroundIndexer that the status bar looks at."""

    def subscribe(self, callback: Callable[[IndexingProgress], None]) -> Unsubscribe: ...


class NoticeKind(StrEnum):
    """How a notice behaves: INFO goes away by itself, PROBLEM stays until it is dismissed."""

    INFO = "info"
    PROBLEM = "problem"


class Notice(msgspec.Struct, frozen=True):
    """One sentence for the person, with at most one thing to do about it.

    `undo` offers "Undo"; otherwise `action` with `action_text` may offer something else. `detail` is a second sentence.
    """

    text: str
    undo: Callable[[], object] | None = None
    kind: NoticeKind = NoticeKind.INFO
    detail: str = ""
    action_text: str = ""
    action: Callable[[], object] | None = None


class StatusText(msgspec.Struct, frozen=True):
    """One piece of the status bar's right side. A click leads to `room` ("" leads nowhere)."""

    text: str
    is_problem: bool = False
    room: str = ""
    detail: str = ""


class DroppedFiles(msgspec.Struct, frozen=True):
    """What was dropped on the window, counted: `files` in all, at most `COUNT_LIMIT`."""

    paths: tuple[Path, ...]
    files: int


COUNT_LIMIT = 10_000
_MAY_HOLD_CHATS = (".json", ".zip")


class ShellPresenter(QObject):
    """Navigation, notices and status of the window.

    `open_*` are requests to the window, which shows the room and tells its screen. Screens emit them through the
    methods `go`, `show_chat`, `show_message`, `show_note`, `search`.
    """

    open_screen = Signal(str)
    open_chat = Signal(int)
    open_message = Signal(int, int)  # conversation id, message id
    open_note = Signal(int, int, int)  # note id, start and end of what to show (-1: the note as it was left)
    open_note_beside = Signal(int, int, int)  # the same
    open_search = Signal(str)
    open_similar = Signal(int)  # a note's id: the search for its like
    ask_among = Signal(list, list, str)  # notes' ids and titles, and the question, for a new chat
    notice = Signal(object)  # Notice
    status_changed = Signal()
    files_dropped = Signal(list)  # of Path: none of them is an export of chats
    chats_dropped = Signal(list)  # of Path: exports of chats; the window asks before importing
    chats_import_wanted = Signal(list)  # of Path: the person said yes
    drop_counted = Signal(object)  # DroppedFiles: the window asks before importing
    import_wanted = Signal(list)  # of Path: the person said yes
    model_dropped = Signal(object)  # Path of a GGUF file
    note_wanted = Signal(str)  # the title of a new note, which is then shown
    notes_narrowed = Signal(str, str)  # list only notes in this folder, with this tag; "" for any
    quick_note_saved = Signal()
    quick_note_failed = Signal(object)  # InkwellError

    _decoder_changed = Signal(object)
    _encoder_changed = Signal(object)
    _indexing_changed = Signal(object)

    def __init__(
        self,
        tasks: TaskRunner,
        *,
        quick_note: Callable[[str], Note] | None = None,
        looks_like_chats: Callable[[Path], bool] | None = None,
        chat_note: Callable[[str], Note] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`quick_note` and `chat_note` keep a text as a note, written from anywhere or out of a chat."""
        super().__init__(parent)
        self.tasks = tasks
        self._quick_note = quick_note
        self._looks_like_chats = looks_like_chats
        self._chat_note = chat_note
        self._decoder = WorkerStatus(WorkerPhase.OFF)
        self._encoder = WorkerStatus(WorkerPhase.OFF)
        self._indexing: IndexingProgress | None = None
        self._closers: list[Closer] = []
        self._unsubscribe: list[Unsubscribe] = []
        queued = Qt.ConnectionType.QueuedConnection
        # Engines and the indexer call from their own threads; the signals carry the news into this one.
        self._decoder_changed.connect(self._take_decoder, queued)
        self._encoder_changed.connect(self._take_encoder, queued)
        self._indexing_changed.connect(self._take_indexing, queued)
        tasks.unhandled.connect(self.show_error)

    # Going places -------------------------------------------------------------------------------

    def go(self, room: str) -> None:
        """Show a room: "chat", "notes", "search", "models" or "settings"."""
        self.open_screen.emit(room)

    def show_chat(self, conversation_id: int) -> None:
        """Show a chat."""
        # The room first: its screen may be built only now, and must be listening when the request comes.
        self.go("chat")
        self.open_chat.emit(conversation_id)

    def show_message(self, conversation_id: int, message_id: int) -> None:
        """Show a chat at one of its messages."""
        self.go("chat")
        self.open_message.emit(conversation_id, message_id)

    def show_note(self, note_id: int, start: int = -1, end: int = -1) -> None:
        """Show a note, at the characters [start, end) of its text where given."""
        self.go("notes")
        self.open_note.emit(note_id, start, end)

    def show_note_beside(self, note_id: int, start: int = -1, end: int = -1) -> None:
        """Show a note beside the one that is open."""
        self.go("notes")
        self.open_note_beside.emit(note_id, start, end)

    def ask_about_note(self, note_id: int, title: str) -> None:
        """Begin a new chat that answers from that note."""
        self.ask_among_notes([note_id], [title], "")

    def ask_among_notes(self, note_ids: list[int], titles: list[str], question: str) -> None:
        """Begin a new chat that answers from these notes, the question ready to be sent."""
        self.go("chat")
        self.ask_among.emit(note_ids, titles, question)

    def search(self, text: str) -> None:
        """Show the search screen with `text` carried over."""
        self.go("search")
        self.open_search.emit(text)

    def search_similar(self, note_id: int) -> None:
        """Show the search screen with the notes that are like this one."""
        self.go("search")
        self.open_similar.emit(note_id)

    # Notices ------------------------------------------------------------------------------------

    def show_notice(self, text: str, undo: Callable[[], object] | None = None, *, detail: str = "") -> None:
        """Say something that goes away by itself; with `undo` it can be taken back meanwhile."""
        self.notice.emit(Notice(text, undo, detail=detail))

    def show_problem(self, text: str) -> None:
        """Say something that stays until it is dismissed."""
        self.notice.emit(Notice(text, kind=NoticeKind.PROBLEM))

    def show_error(self, error: InkwellError) -> None:
        """Say what went wrong where no screen has a better place for it; stays until dismissed."""
        detail = " ".join(part for part in (error.why, error.todo) if part)
        self.notice.emit(Notice(error.what, kind=NoticeKind.PROBLEM, detail=detail))

    # Status -------------------------------------------------------------------------------------

    def watch_decoder(self, process: ModelProcess) -> None:
        """Show where the chat model stands."""
        self._decoder = process.status
        self._unsubscribe.append(process.subscribe(self._decoder_changed.emit))
        self.status_changed.emit()

    def watch_encoder(self, process: ModelProcess) -> None:
        """Show where the search model stands."""
        self._encoder = process.status
        self._unsubscribe.append(process.subscribe(self._encoder_changed.emit))
        self.status_changed.emit()

    def watch_indexer(self, indexer: Indexer) -> None:
        """Show how many notes are indexed."""
        self._unsubscribe.append(indexer.subscribe(self._indexing_changed.emit))

    @property
    def former_encoder(self) -> str:
        """Name of the search model that answers until another has indexed all notes; empty without a change."""
        return self._indexing.replaces if self._indexing is not None else ""

    @property
    def status_texts(self) -> list[StatusText]:
        """The status bar's right side, problems first."""
        texts = [
            self._model_text(self._decoder, self.tr("chat model"), "chat"),
            self._model_text(self._encoder, self.tr("search model"), "models", measured=False),
            self._indexing_text(),
        ]
        return sorted((text for text in texts if text is not None), key=lambda text: not text.is_problem)

    def _model_text(self, status: WorkerStatus, name: str, room: str, *, measured: bool = True) -> StatusText | None:
        """`measured`: its progress is a share of its time, and not of a few steps that last differently long."""
        detail = str(status.error) if status.error is not None else ""
        match status.phase:
            case WorkerPhase.STARTING:
                return StatusText(self.tr("Starting the {name}…").format(name=name), room=room)
            case WorkerPhase.LOADING:
                words = self.tr("Loading the {name}…")
                if measured and status.progress > 0:
                    words = self.tr("Loading the {name}, {share} %")
                return StatusText(words.format(name=name, share=round(status.progress * 100)), room=room)
            case WorkerPhase.RESTARTING:
                return StatusText(self.tr("Restarting the {name}…").format(name=name), room=room)
            case WorkerPhase.CRASHED:
                return StatusText(self.tr("The {name} stopped").format(name=name), True, room, detail)
            case WorkerPhase.QUARANTINED:
                return StatusText(self.tr("The {name} is set aside").format(name=name), True, "models", detail)
            case _:
                return None

    def _indexing_text(self) -> StatusText | None:
        progress = self._indexing
        if progress is None:
            return None
        counted, under_way = progress.notes_total > 0, is_under_way(progress)
        if counted and not under_way:
            return StatusText(self._count(progress.notes_total, self.tr("note indexed"), self.tr("notes indexed")))
        if progress.problem is not None:
            return StatusText(self.tr("Indexing stopped"), True, "search", str(progress.problem))
        if not under_way:
            return None
        text = still_to_index(progress)
        if progress.held:
            return StatusText(self.tr("Indexing paused"), room="search", detail=text)
        return StatusText(text, room="search", detail=pace(progress))

    @staticmethod
    def _count(number: int, one: str, many: str) -> str:
        return f"{number:,} {one if number == 1 else many}"

    def _take_decoder(self, status: WorkerStatus) -> None:
        self._decoder = status
        self.status_changed.emit()

    def _take_encoder(self, status: WorkerStatus) -> None:
        self._encoder = status
        self.status_changed.emit()

    def _take_indexing(self, progress: IndexingProgress) -> None:
        if progress != self._indexing:
            self._indexing = progress
            self.status_changed.emit()

    # Quick notes and dropped files --------------------------------------------------------------

    def save_quick_note(self, text: str) -> None:
        """Keep a quick note; `quick_note_saved` or `quick_note_failed` follows."""
        save = self._quick_note
        if save is None or not text.strip():
            return

        def saved(note: Note) -> None:
            self.quick_note_saved.emit()
            self._offer_note(self.tr("Note saved"), note)

        self.tasks.run(lambda _token: save(text), done=saved, failed=self.quick_note_failed.emit)

    def sort_drop(self, paths: Sequence[Path]) -> None:
        """Files or folders were dropped: exports of chats are told from the rest; `chats_dropped` or `files_dropped`.

        What holds other files, too, counts as files.
        """
        recognise, dropped = self._looks_like_chats, list(paths)
        if recognise is None or any(path.suffix.lower() not in _MAY_HOLD_CHATS for path in dropped):
            self.files_dropped.emit(dropped)
            return

        def done(are_chats: bool) -> None:
            (self.chats_dropped if are_chats else self.files_dropped).emit(dropped)

        self.tasks.run(lambda _token: all(map(recognise, dropped)), done=done, channel="shell.drop")

    def save_as_note(self, text: str) -> None:
        """Keep a part of a chat as a note; a notice offers to open it."""
        save = self._chat_note
        if save is None or not text.strip():
            return

        def saved(note: Note) -> None:
            self._offer_note(self.tr("Saved as note “{title}”").replace("{title}", note.title), note)

        self.tasks.run(lambda _token: save(text), done=saved)

    def _offer_note(self, text: str, note: Note) -> None:
        self.notice.emit(Notice(text, action_text=self.tr("Open"), action=lambda: self.show_note(note.id)))

    def take_drop(self, paths: Sequence[Path]) -> None:
        """Files or folders were dropped on the window: count them so that it can ask. A GGUF file goes to Models."""
        models = [path for path in paths if path.suffix.lower() == ".gguf"]
        if models and len(models) == len(paths):
            self.go("models")
            self.model_dropped.emit(models[0])
            return
        dropped = tuple(paths)
        self.tasks.run(
            lambda token: DroppedFiles(dropped, count_files(dropped, token)),
            done=self.drop_counted.emit,
            channel="shell.drop",
        )

    # Closing ------------------------------------------------------------------------------------

    def add_closer(self, closer: Closer) -> None:
        """Ask `closer` before the window closes; it saves, and says what it could not save."""
        self._closers.append(closer)

    def unsaved(self) -> list[str]:
        """Let everybody save; what is then still unsaved, one sentence each."""
        return [sentence for closer in self._closers if (sentence := closer())]

    def close(self) -> None:
        """Stop listening to engines and indexer."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()


def count_files(paths: Sequence[Path], cancel: CancelToken) -> int:
    """Files among `paths` and below them, no links followed, hidden names and what may not be read left out; at most
    COUNT_LIMIT.
    """
    count = 0
    waiting = list(paths)
    while waiting and count < COUNT_LIMIT:
        cancel.raise_if_cancelled()
        path = waiting.pop()
        try:
            if path.is_symlink() and path not in paths:
                continue
            if path.is_dir():
                waiting += [child for child in path.iterdir() if not child.name.startswith(".")]
            elif path.is_file():
                count += 1
        except OSError:
            continue  # the import names it, this is only for the question before it
    return count
