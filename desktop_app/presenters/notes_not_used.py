"""Notes near to a question of which its answer read nothing, for the pane of sources."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.presenters.answer_sources import SourcesPhase

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.errors import InkwellError
    from desktop_app.domain.note_sources import NoteNotUsed
    from desktop_app.presenters.answer_sources import AnswerSourcesPresenter
    from desktop_app.presenters.tasks import TaskRunner

_CHANNEL = "chat.notes_not_used"


class NotUsedUseCases(Protocol):
    """`services.notes_not_used.NotesNotUsed`. Blocks."""

    def find(self, question_id: int, used: Collection[int], cancel: CancelToken) -> list[NoteNotUsed]: ...


class NotesNotUsedPresenter(QObject):
    """Looks for them once the passages of an answer are shown."""

    changed = Signal()
    add_wanted = Signal(int)  # id of a note that is to go with the next message
    open_wanted = Signal(int, int, int, bool)  # a note's id, start and end of the passage, beside another

    def __init__(
        self,
        service: NotUsedUseCases,
        sources: AnswerSourcesPresenter,
        tasks: TaskRunner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._sources = sources
        self._tasks = tasks
        self._looked_for: tuple[int, frozenset[int]] | None = None
        self._added: set[int] = set()
        self.notes: tuple[NoteNotUsed, ...] = ()
        self.error: InkwellError | None = None
        sources.changed.connect(self._follow)

    def add(self, note: NoteNotUsed) -> None:
        """Have the note go with the next message."""
        self._added.add(note.note_id)
        self.add_wanted.emit(note.note_id)

    def is_added(self, note: NoteNotUsed) -> bool:
        """Whether it was added since this answer is shown."""
        return note.note_id in self._added

    def _follow(self) -> None:
        question_id = self._sources.question_id
        ready = self._sources.phase is SourcesPhase.READY and question_id is not None
        used = frozenset(card.passage.note_id for card in self._sources.cards)
        wanted = (question_id, used) if ready and question_id is not None else None
        if wanted == self._looked_for:
            return
        self._looked_for = wanted
        self._added.clear()
        self._tasks.drop_channel(_CHANNEL)
        self._show((), None)
        if wanted is not None:
            self._tasks.run(
                lambda cancel: self._service.find(*wanted, cancel),
                done=lambda notes: self._show(tuple(notes), None),
                failed=lambda error: self._show((), error),
                channel=_CHANNEL,
            )

    def _show(self, notes: tuple[NoteNotUsed, ...], error: InkwellError | None) -> None:
        if (notes, error) != (self.notes, self.error):
            self.notes, self.error = notes, error
            self.changed.emit()
