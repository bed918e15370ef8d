"""The messages of the shown chat, paged from the store, and the answer that grows at their end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import takewhile
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.recalled_places import recalled_places
from desktop_app.presenters.chat_service import ChatUseCases
from desktop_app.presenters.context_meter import seconds_in_words
from desktop_app.presenters.tasks import TaskRunner

if TYPE_CHECKING:
    from desktop_app.domain.attachments import Attachment

FIRST_PAGE = 20
PAGE = 60
STRIDE = 500
"""Messages read at a time on the way back to one that was asked for."""


class AnswerAction(StrEnum):
    """What is offered in words under the last answer."""

    NONE = "none"
    CONTINUE = "continue"
    RETRY = "retry"


class AnswerSource(msgspec.Struct, frozen=True):
    """A passage of a note that an answer could be taken from; `number` is what it is cited by."""

    number: int
    name: str
    attachment_id: int
    cited: bool


class AnswerWords(msgspec.Struct, frozen=True):
    """How an answer's end is worded.

    Attributes:
        note: shown always, "Reached the answer length of 1,024 tokens"; empty for an answer that ended by itself.
        action: what stands behind the note.
        figures: shown on hover, "170 tokens/s · first token after 0.2 s · 212 tokens · ended by itself".
        unfolds_reasoning: what the model thinks is seen while it is being written.
        recalled: "Recalled 2 earlier messages", which opens them; empty where none were.
        sources: the passages of notes that its question carried, and others that it cites; those it cites first.
        sources_words: what stands in front of them.
        citable: every passage that the model could cite, by number.
    """

    note: str = ""
    action: AnswerAction = AnswerAction.NONE
    figures: str = ""
    unfolds_reasoning: bool = False
    recalled: str = ""
    sources: tuple[AnswerSource, ...] = ()
    sources_words: str = ""
    citable: Mapping[int, AnswerSource] = msgspec.field(default_factory=dict)


class Version(msgspec.Struct, frozen=True):
    """Which of its siblings a message is: "2/3" is number 2 of 3, between the messages `previous` and `next`."""

    number: int
    count: int
    previous: int | None
    next: int | None


class _Older(msgspec.Struct, frozen=True):
    messages: list[Message]
    versions: dict[int, tuple[int, ...]]


class TranscriptPresenter(QObject):
    """A contiguous stretch of the chat's path, its end included. Indexes count from the oldest loaded message.

    `running_id` is the answer being written, in whatever chat.
    """

    reset = Signal()
    older_loaded = Signal(int)  # how many were put in front
    appended = Signal(int)  # index
    replaced = Signal(int)  # index: any field of the message changed
    truncated = Signal(int)  # messages from this index on are gone
    text_added = Signal(int, str)  # index, text at its end
    path_changed = Signal(int)  # other messages stand from this index on; those above keep their places
    version_changed = Signal(int)  # index: a message has siblings now, or others
    memory_start_changed = Signal()
    failed = Signal(object)  # InkwellError

    def __init__(self, service: ChatUseCases, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._conversation_id: int | None = None
        self._messages: list[Message] = []
        self._index: dict[int, int] = {}
        self._versions: dict[int, tuple[int, ...]] = {}
        self._carriers: list[int] | None = None
        self._has_older = False
        self._loading = False
        self._memory_start: int | None = None
        self._summary: Message | None = None
        self.running_id: int | None = None
        self.unfolds_reasoning = False

    # What is shown ------------------------------------------------------------------------------

    @property
    def conversation_id(self) -> int | None:
        """The shown chat; None for a new one."""
        return self._conversation_id

    @property
    def messages(self) -> list[Message]:
        """All loaded messages, oldest first."""
        return self._messages

    @property
    def has_older(self) -> bool:
        """True while the store has messages in front of the first one."""
        return self._has_older

    @property
    def memory_start_index(self) -> int | None:
        """Index of the first message the decoder still sees; None when it sees everything that is loaded."""
        if self._memory_start is None:
            return None
        index = self._index.get(self._memory_start)
        return index if index is not None and (index > 0 or self._has_older) else None

    @property
    def summary(self) -> Message | None:
        """What stands in place of the messages that the decoder no longer sees; None without one."""
        return self._summary

    def index_of(self, message_id: int) -> int | None:
        """Where a message stands, None when it is not loaded."""
        return self._index.get(message_id)

    def version_of(self, message_id: int) -> Version | None:
        """Which of its siblings a message is; None where it has none."""
        ids = self._versions.get(message_id, ())
        if len(ids) < 2 or message_id not in ids:
            return None
        at = ids.index(message_id)
        before = ids[at - 1] if at > 0 else None
        return Version(at + 1, len(ids), before, ids[at + 1] if at + 1 < len(ids) else None)

    # Filling ------------------------------------------------------------------------------------

    def show(
        self,
        conversation_id: int | None,
        messages: list[Message],
        memory_start: int | None,
        versions: dict[int, tuple[int, ...]] | None = None,
        summary: Message | None = None,
    ) -> None:
        """Show another chat, from its last messages; `versions` are the siblings of those that have some."""
        self._versions = dict(versions or {})
        self._conversation_id = conversation_id
        self._messages = [_light(message) for message in messages]
        self._has_older = bool(messages) and messages[0].parent_id is not None
        self._memory_start = memory_start
        self._summary = summary
        self._loading = False
        self._tasks.drop_channel("chat.older")
        self._renumber()
        self.reset.emit()

    def adopt(self, conversation_id: int) -> None:
        """The new chat got its row in the store."""
        self._conversation_id = conversation_id

    def load_older(self, count: int = PAGE) -> None:
        """Read the messages in front of the first one; `older_loaded` follows."""
        if not self._has_older or self._loading or self._conversation_id is None:
            return
        self._loading = True
        conversation_id, before = self._conversation_id, self._messages[0].id

        def work(_cancel: CancelToken) -> _Older:
            older = self._service.messages(conversation_id, before_id=before, limit=count)
            return _Older(older, self._service.branches.versions([message.id for message in older]))

        self._tasks.run(work, done=self._put_in_front, failed=self._older_failed, channel="chat.older")

    def load_back_to(self, message_id: int) -> bool:
        """Read everything from a message on, however far it is; `older_loaded` follows.

        False where it cannot stand in front of what is loaded.
        """
        conversation_id = self._conversation_id
        if conversation_id is None or not self._has_older or self._messages[0].id <= message_id:
            return False
        if self._loading:
            return True
        self._loading = True
        first = self._messages[0].id

        def work(cancel: CancelToken) -> _Older:
            found: list[Message] = []
            before = first
            while True:
                cancel.raise_if_cancelled()
                page = self._service.messages(conversation_id, before_id=before, limit=STRIDE)
                found[:0] = [_light(message) for message in page]
                if len(page) < STRIDE or page[0].id <= message_id:
                    return _Older(found, self._service.branches.versions([message.id for message in found]))
                before = page[0].id

        self._tasks.run(work, done=self._put_in_front, failed=self._older_failed, channel="chat.older")
        return True

    def close(self) -> None:
        """Read no more (the task runner is about to close)."""
        self._has_older = False

    def replace_below(
        self,
        parent_id: int | None,
        messages: list[Message],
        versions: dict[int, tuple[int, ...]],
        memory_start: int | None,
        summary: Message | None = None,
    ) -> None:
        """Another path is shown: `messages` follow the message `parent_id` (None: they are all of it)."""
        self._loading = False
        self._tasks.drop_channel("chat.older")
        parent = self._index.get(parent_id) if parent_id is not None else None
        at = 0 if parent is None else parent + 1
        self._messages[at:] = [_light(message) for message in messages]
        self._has_older = bool(self._messages) and self._messages[0].parent_id is not None
        self._versions = {known: ids for known, ids in self._versions.items() if self._index.get(known, at) < at}
        self._versions |= versions
        self._memory_start = memory_start
        self._summary = summary
        self._renumber()
        self.path_changed.emit(at)
        self.memory_start_changed.emit()

    def _put_in_front(self, page: _Older) -> None:
        older = page.messages
        self._versions.update(page.versions)
        self._loading = False
        self._has_older = bool(older) and older[0].parent_id is not None
        self._messages[:0] = [_light(message) for message in older]
        self._renumber()
        self.older_loaded.emit(len(older))
        if any(_passages_of(each) for each in older):
            self._tell_of_sources(len(older))

    def _tell_of_sources(self, first: int) -> None:
        """Answers from `first` on may cite passages that are known only now."""
        for index in range(first, len(self._messages)):
            message = self._messages[index]
            if message.role is Role.ASSISTANT and message.id != self.running_id and _cited(message):
                self.replaced.emit(index)

    def _older_failed(self, error: InkwellError) -> None:
        self._loading = False
        self.failed.emit(error)

    # Changes while answering --------------------------------------------------------------------

    def add(self, message: Message) -> None:
        """A message was committed. It follows its parent; what stood there before (another version) goes from view."""
        at = self._place_of(message)
        is_version = at < len(self._messages)
        if is_version:
            self.cut_from(at)
        self._messages.append(_light(message))
        self._index[message.id] = at
        self._carriers = None
        self.appended.emit(at)
        if is_version:
            self._read_versions(message.id)

    def _place_of(self, message: Message) -> int:
        parent = self._index.get(message.parent_id) if message.parent_id is not None else None
        if parent is not None:
            return parent + 1
        siblings = (at for at, each in enumerate(self._messages) if each.parent_id == message.parent_id)
        return next(siblings, len(self._messages))

    def _read_versions(self, message_id: int) -> None:
        def work(_cancel: CancelToken) -> dict[int, tuple[int, ...]]:
            return self._service.branches.versions([message_id])

        def done(versions: dict[int, tuple[int, ...]]) -> None:
            index = self._index.get(message_id)
            if index is not None and versions:
                self._versions |= versions
                self.version_changed.emit(index)

        self._tasks.run(work, done=done, failed=self.failed.emit)

    def cut_from(self, index: int) -> None:
        """Take messages from `index` on out of view."""
        if index < len(self._messages):
            del self._messages[index:]
            self._renumber()
            self.truncated.emit(index)

    def add_text(self, message_id: int, text: str) -> None:
        """The answer grew."""
        index = self._index.get(message_id)
        if index is None or not text:
            return
        message = self._messages[index]
        self._messages[index] = replace(message, text=message.text + text)
        self.text_added.emit(index, text)

    def update(self, message: Message) -> None:
        """The store's state of a message, its end included."""
        index = self._index.get(message.id)
        if index is not None and self._messages[index] != _light(message):
            self._messages[index] = _light(message)
            self._carriers = None
            self.replaced.emit(index)

    def set_memory_start(self, message_id: int | None, summary: Message | None = None) -> None:
        """The decoder's memory begins at another message, with `summary` in place of those before it."""
        if (message_id, summary) != (self._memory_start, self._summary):
            self._memory_start = message_id
            self._summary = summary
            self.memory_start_changed.emit()

    def set_summary(self, summary: Message) -> None:
        """The summary was edited."""
        self.set_memory_start(self._memory_start, summary)

    def _renumber(self) -> None:
        self._index = {message.id: index for index, message in enumerate(self._messages)}
        self._carriers = None

    # Words --------------------------------------------------------------------------------------

    def words(self, message: Message) -> AnswerWords:
        """How the end of an answer is worded; empty while it is being written."""
        citable, carried = self._citable(message)
        if message.role is not Role.ASSISTANT or message.stop_reason is None:
            return AnswerWords(unfolds_reasoning=self.unfolds_reasoning, citable=citable)
        note, action = self._note(message)
        if message.settings_used.get("summary_failed"):
            failed = self.tr("The summary failed: oldest messages left without one")
            note = f"{note} · {failed}" if note else failed
        return AnswerWords(
            note,
            action,
            self._figures(message),
            self.unfolds_reasoning,
            recalled=self._recalled(message),
            sources=(sources := _sources(message, citable, carried)),
            sources_words=self._sources_words(message, sources, citable),
            citable=citable,
        )

    @property
    def carries_sources(self) -> bool:
        """Whether a loaded question carried passages of notes."""
        return bool(self._carriers_of_sources())

    def sources_of(self, message: Message) -> tuple[AnswerSource, ...]:
        """The passages that an answer could be taken from, also while it is being written: those it cites first."""
        return _sources(message, *self._citable(message))

    def carried_by(self, message_id: int) -> frozenset[int]:
        """The passages (attachment ids) that were found for a question."""
        index = self._index.get(message_id)
        return frozenset(each.id for each in _passages_of(self._messages[index])) if index is not None else frozenset()

    def _citable(self, message: Message) -> tuple[dict[int, AnswerSource], list[int]]:
        """(the passages on the path up to an answer, by number; the numbers of those that its own question carried)."""
        index = self._index.get(message.id)
        if message.role is not Role.ASSISTANT or index is None:
            return {}, []
        citable: dict[int, AnswerSource] = {}
        carried: list[int] = []
        asked = next((at for at in range(index - 1, -1, -1) if self._messages[at].role is Role.USER), None)
        for at in takewhile(lambda at: at < index, self._carriers_of_sources()):
            for attachment in _passages_of(self._messages[at]):
                number = attachment.source.number if attachment.source is not None else 0
                citable[number] = AnswerSource(number, attachment.name, attachment.id, cited=False)
                carried += [number] if at == asked else []
        return citable, carried

    def _carriers_of_sources(self) -> list[int]:
        """Where messages with passages stand. Found once for all rows: there may be thousands of messages."""
        if self._carriers is None:
            self._carriers = [at for at, each in enumerate(self._messages) if _passages_of(each)]
        return self._carriers

    def _sources_words(
        self, message: Message, sources: Sequence[AnswerSource], citable: Mapping[int, AnswerSource]
    ) -> str:
        """What stands in front of the sources: whether they were cited, and that some numbers lead nowhere."""
        if not sources:
            return ""
        if not message.text.strip():
            return self.tr("From your notes")
        if not any(each.cited for each in sources):
            return self.tr("It cites none of the passages that it read. Compare it with them:")
        # Numbers go on through a chat: a lower one may be that of a passage further up, which is not loaded yet.
        highest = max(citable) if self._has_older else 0
        cited = [number for number in _cited(message) if number not in citable and not 0 < number < highest]
        unknown = ", ".join(f"[{number}]" for number in cited)
        if not unknown:
            return self.tr("From your notes")
        return self.tr("From your notes · it read no passage {0}").format(unknown)

    def _recalled(self, message: Message) -> str:
        count = len({message_id for message_id, _, _ in recalled_places(message.settings_used)})
        if not count:
            return ""
        if count == 1:
            return self.tr("Recalled 1 earlier message")
        return self.tr("Recalled {0} earlier messages").format(count)

    def _note(self, message: Message) -> tuple[str, AnswerAction]:
        note, action = self._end_note(message)
        if not message.edited:
            return note, action
        edited = self.tr("Edited by you")
        return (f"{edited} · {note}" if note else edited), AnswerAction.CONTINUE

    def _end_note(self, message: Message) -> tuple[str, AnswerAction]:
        reason = message.stop_reason
        if reason is StopReason.STOPPED:
            return self.tr("Stopped"), AnswerAction.CONTINUE if message.text else AnswerAction.RETRY
        if reason is StopReason.LIMIT:
            limit = self._limit(message)
            one = self.tr("Reached the answer length of 1 token")
            many = self.tr("Reached the answer length of {0} tokens")
            return one if limit == "1" else many.format(limit), AnswerAction.CONTINUE
        if reason is StopReason.CONTEXT_FULL:
            return self.tr("Context full"), AnswerAction.CONTINUE
        if reason is StopReason.REPETITION:
            return self.tr("It began repeating itself"), AnswerAction.RETRY
        if reason is StopReason.INTERRUPTED:
            return self.tr("Interrupted"), AnswerAction.CONTINUE if message.text else AnswerAction.RETRY
        if not message.text.strip():
            return self.tr("The model had nothing to say"), AnswerAction.RETRY
        if message.error:
            return message.error, AnswerAction.RETRY  # it does not fit the chat's answer format
        return "", AnswerAction.NONE

    def _limit(self, message: Message) -> str:
        known = message.settings_used.get("max_answer_tokens")
        if type(known) is not int or not 0 < known < 10**9:  # from a file, or a damaged store
            known = message.figures.generated_tokens if message.figures else 0
        return f"{known:,}"

    def _figures(self, message: Message) -> str:
        reasons = {
            StopReason.END: self.tr("ended by itself"),
            StopReason.STOP_STRING: self.tr("ended at a stop word"),
            StopReason.LIMIT: self.tr("answer length reached"),
            StopReason.CONTEXT_FULL: self.tr("context full"),
            StopReason.REPETITION: self.tr("repeated itself"),
            StopReason.STOPPED: self.tr("stopped by you"),
            StopReason.INTERRUPTED: self.tr("interrupted"),
        }
        parts: list[str] = []
        figures = message.figures
        if figures is not None:
            speed = f"{figures.tokens_per_s:.0f}" if figures.tokens_per_s >= 10 else f"{figures.tokens_per_s:.1f}"
            parts.append(self.tr("{0} tokens/s").format(speed))
            parts.append(self.tr("first token after {0}").format(seconds_in_words(figures.first_token_s)))
            count = figures.generated_tokens
            parts.append(self.tr("1 token") if count == 1 else self.tr("{0} tokens").format(f"{count:,}"))
        if message.stop_reason is not None and (figures is not None or not message.edited):
            parts.append(reasons[message.stop_reason])
        preset = message.settings_used.get("preset")
        if isinstance(preset, str) and preset:
            parts.append(self.tr("preset {0}").format(preset))
        return " · ".join(parts)


def _passages_of(message: Message) -> list[Attachment]:
    return [each for each in message.attachments if each.source is not None]


def _cited(message: Message) -> list[int]:
    from desktop_app.domain.note_sources import cited_numbers  # neither is needed for the first picture
    from desktop_app.domain.reasoning import answer_of

    return cited_numbers(answer_of(message.text, message.settings_used))


def _sources(message: Message, citable: Mapping[int, AnswerSource], carried: Sequence[int]) -> tuple[AnswerSource, ...]:
    """Those that the answer cites, in its order, then the others that its question carried."""
    if not citable:
        return ()
    cited = [number for number in _cited(message) if number in citable]
    others = [number for number in carried if number not in cited]
    return (*(replace(citable[number], cited=True) for number in cited), *(citable[number] for number in others))


def _light(message: Message) -> Message:
    """Without the token ids and the texts of attachments, which no row shows and which outweigh the message."""
    if message.token_ids is None and not message.attachments:
        return message
    carried = tuple(replace(each, text="") for each in message.attachments)
    return replace(message, token_ids=None, attachments=carried)
