"""The passages of notes that an answer was written from, for the pane beside the chat."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.conversation import Role
from desktop_app.domain.note_sources import SourcePassage, SourceState

if TYPE_CHECKING:
    from desktop_app.domain.attachments import Attachment
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.errors import InkwellError
    from desktop_app.presenters.tasks import TaskRunner
    from desktop_app.presenters.transcript import AnswerSource, TranscriptPresenter

_CHANNEL = "chat.sources"
_OPEN_CHANNEL = "chat.source_place"
_LONGEST_QUESTION = 140
_MOST_WORDS = 6


class SourceUseCases(Protocol):
    """`services.source_passages.SourcePassages`. Blocks."""

    def read(self, question_id: int, attachment_ids: Sequence[int]) -> list[SourcePassage]: ...


class PlaceUseCases(Protocol):
    """`services.attachments.AttachmentService`, as far as a passage is gone to. Blocks."""

    def get(self, attachment_id: int) -> Attachment: ...
    def place_of(self, attachment: Attachment) -> tuple[int, int, int]: ...


class SourcesPhase(StrEnum):
    """What the pane shows."""

    NONE = "none"
    READING = "reading"
    READY = "ready"
    FAILED = "failed"


class SourceCard(msgspec.Struct, frozen=True):
    """A passage with what is said about it.

    Attributes:
        place: headings above it, and its page.
        reason: why it was chosen, "Meaning #1 · Words #3 · with “garage”, “clutch”".
        warning: what has become of its note since; empty where nothing has.
        opens: its note can be opened.
    """

    passage: SourcePassage
    place: str
    reason: str
    warning: str
    cited: bool
    opens: bool


class _Shown(msgspec.Struct, frozen=True):
    """What is read for: the answer, its question, and the passages of both."""

    answer_id: int
    question_id: int
    question: str
    sources: tuple[AnswerSource, ...]


class AnswerSourcesPresenter(QObject):
    """Follows the last answer of the shown chat, or stays with the one asked for. Reads only while it is watched."""

    changed = Signal()
    chosen = Signal(int)  # attachment id of the passage to be gone to
    available_changed = Signal()
    place_found = Signal(int, int, int, bool)  # a note's id, start and end (-1: not there any more), beside another
    place_gone = Signal()
    failed = Signal(object)  # InkwellError

    def __init__(
        self,
        service: SourceUseCases,
        places: PlaceUseCases,
        transcript: TranscriptPresenter,
        tasks: TaskRunner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._places = places
        self._transcript = transcript
        self._tasks = tasks
        self._asked_for: int | None = None
        self._wanted_passage: int | None = None
        self._watched = False
        self._shown: _Shown | None = None
        self._cards_of: _Shown | None = None
        """Other than `_shown` while that is being read."""
        self.phase = SourcesPhase.NONE
        self.cards: tuple[SourceCard, ...] = ()
        self.error: InkwellError | None = None
        self.available = False
        """Whether an answer of the shown chat read passages."""
        for signal in (transcript.reset, transcript.path_changed, transcript.appended, transcript.truncated):
            signal.connect(self._follow_last)
        for signal in (transcript.replaced, transcript.older_loaded):
            signal.connect(self._look)
        self._look()

    @property
    def question(self) -> str:
        """The beginning of the question that the answer is to."""
        return self._shown.question if self._shown is not None else ""

    @property
    def question_id(self) -> int | None:
        """The question that they were found for."""
        return self._shown.question_id if self._shown is not None else None

    @property
    def answer_id(self) -> int | None:
        """The answer whose passages are shown."""
        return self._shown.answer_id if self._shown is not None else None

    @property
    def is_watched(self) -> bool:
        """Whether passages are read."""
        return self._watched

    def watch(self, watched: bool) -> None:
        """Read passages from now on, since they are seen; or no more."""
        self._watched = watched
        if watched:
            self.read_again()

    def read_again(self) -> None:
        """Read again: notes may have changed since, or reading failed."""
        self._look(again=True)

    def show(self, answer_id: int, attachment_id: int | None = None) -> None:
        """Show those of one answer, and go to a passage of them."""
        self._asked_for, self._wanted_passage = answer_id, attachment_id
        self._look()
        if self._cards_of is not None and self._cards_of == self._shown:
            self._choose()

    def open(self, card: SourceCard, *, beside: bool) -> None:
        """Go to where the passage stands in its note now; `place_found` follows, and `place_gone` where it does not."""

        def work(_cancel: CancelToken) -> tuple[int, int, int]:
            return self._places.place_of(self._places.get(card.passage.attachment_id))

        def done(place: tuple[int, int, int]) -> None:
            self.place_found.emit(*place, beside)
            if place[1] < 0:
                self.place_gone.emit()

        self._tasks.run(work, done=done, failed=self.failed.emit, channel=_OPEN_CHANNEL)

    # Inside -------------------------------------------------------------------------------------

    def _follow_last(self, *_: object) -> None:
        self._asked_for = self._wanted_passage = None
        self._look()

    def _look(self, *_: object, again: bool = False) -> None:
        """Find out what is to be shown, and read it where that is something else."""
        available = bool(self._transcript.carries_sources)
        if available != self.available:
            self.available = available
            self.available_changed.emit()
        if not self._watched:
            return
        found = self._find() if available else None
        if found == self._shown and not again:
            return
        self._shown = found
        self._tasks.drop_channel(_CHANNEL)
        if found is None:
            self._show(SourcesPhase.NONE)
            return
        if self.phase is not SourcesPhase.READY:
            self._show(SourcesPhase.READING)
        ids = [each.attachment_id for each in found.sources]
        self._tasks.run(
            lambda _cancel: self._service.read(found.question_id, ids),
            done=lambda passages: self._take(found, passages),
            failed=self._fail,
            channel=_CHANNEL,
        )

    def _find(self) -> _Shown | None:
        messages = self._transcript.messages
        asked_for = self._transcript.index_of(self._asked_for) if self._asked_for is not None else None
        for at in [asked_for] if asked_for is not None else range(len(messages) - 1, -1, -1):
            if messages[at].role is not Role.ASSISTANT:
                continue
            sources = self._transcript.sources_of(messages[at])
            asked = next((each for each in reversed(messages[:at]) if each.role is Role.USER), None)
            if sources and asked is not None:
                words = " ".join(asked.text[: 4 * _LONGEST_QUESTION].split())
                cut = words if len(words) <= _LONGEST_QUESTION else words[: _LONGEST_QUESTION - 1].rstrip() + "…"
                return _Shown(messages[at].id, asked.id, cut, sources)
        return None

    def _take(self, found: _Shown, passages: list[SourcePassage]) -> None:
        own = self._transcript.carried_by(found.question_id)
        cited = {each.attachment_id for each in found.sources if each.cited}
        self.cards = tuple(
            SourceCard(
                each,
                self._place(each),
                self._reason(each, own),
                self._warning(each),
                each.attachment_id in cited,
                each.state in (SourceState.THERE, SourceState.CHANGED),
            )
            for each in passages
        )
        self._cards_of = found
        self._show(SourcesPhase.READY)
        self._choose()

    def _choose(self) -> None:
        wanted, self._wanted_passage = self._wanted_passage, None
        if wanted is not None and any(each.passage.attachment_id == wanted for each in self.cards):
            self.chosen.emit(wanted)

    def _fail(self, error: InkwellError) -> None:
        self.error = error
        self._show(SourcesPhase.FAILED)

    def _show(self, phase: SourcesPhase) -> None:
        self.phase = phase
        if phase is not SourcesPhase.READY:
            self.cards = ()
            self._cards_of = None
        self.changed.emit()

    # Words --------------------------------------------------------------------------------------

    def _place(self, passage: SourcePassage) -> str:
        page = self.tr("page {0}").format(passage.page) if passage.page else ""
        return " › ".join(part for part in (*passage.headings, page) if part)

    def _reason(self, passage: SourcePassage, own: frozenset[int]) -> str:
        """Why it was chosen: the ranks of its note, and the words of the question that stand in it."""
        parts = []
        if passage.attachment_id not in own:
            parts.append(self.tr("Found for an earlier question"))
        if passage.meaning_rank is not None:
            parts.append(self.tr("Meaning #{0}").format(passage.meaning_rank))
        if passage.words_rank is not None:
            parts.append(self.tr("Words #{0}").format(passage.words_rank))
        words = dict.fromkeys(passage.text[span.start : span.end].lower() for span in passage.words)
        if words:
            listed = ", ".join(f"“{word}”" for word in list(words)[:_MOST_WORDS])
            parts.append(self.tr("with {0}").format(listed + (", …" if len(words) > _MOST_WORDS else "")))
        elif passage.words_rank is not None:
            parts.append(self.tr("your words stand elsewhere in the note"))
        elif passage.meaning_rank is not None:
            parts.append(self.tr("none of your words, near in meaning"))
        return " · ".join(parts)

    def _warning(self, passage: SourcePassage) -> str:
        match passage.state:
            case SourceState.CHANGED:
                return self.tr("The note was changed since: this passage is not in it any more.")
            case SourceState.TRASHED:
                return self.tr("The note is in the trash.")
            case SourceState.DELETED:
                return self.tr("This note is not among yours any more. It is shown as the model read it.")
            case _:
                return ""
