"""Whether the shown chat answers from notes, and from which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.presenters.chat_service import ChatSlot
from desktop_app.presenters.tasks import TaskRunner

_CHANNEL = "chat.notes_scope"
_PLACES_CHANNEL = "chat.notes_places"


class NoteScopeUseCases(Protocol):
    """`services.note_grounding.NoteGrounding`, as far as the chat screen uses it. All but `leave_out_once` block."""

    def scope(self, conversation_id: int) -> str | None: ...
    def set_scope(self, conversation_id: int, scope: str | None) -> None: ...
    def leave_out_once(self, conversation_id: int) -> None: ...
    def names(self, scope: str) -> list[str]: ...
    def folders(self) -> list[str]: ...
    def tags(self) -> list[str]: ...


class NotePlaces(msgspec.Struct, frozen=True):
    """Folders and tags that a chat may be limited to; the tags of most notes first."""

    folders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class _Scope(msgspec.Struct, frozen=True):
    """Filters, and the titles of the notes that they name one by one."""

    filters: str | None
    names: tuple[str, ...] = ()


class _Choice(msgspec.Struct, frozen=True, eq=False):
    slot: ChatSlot
    scope: _Scope
    before: _Scope
    for_new_chats: bool | None = None
    """New chats begin like that from now on; None: as before."""


class NoteScopePresenter(QObject):
    """Reads and keeps the scope of one chat at a time: filters, "" for all notes, None for no notes."""

    kept = Signal()  # a choice is in the store
    changed = Signal()  # `scope` is that of the shown chat now
    places_ready = Signal(object)  # NotePlaces
    failed = Signal(object)  # InkwellError

    def __init__(
        self,
        grounding: NoteScopeUseCases,
        ensure: Callable[[ChatSlot], int],
        made: Callable[[ChatSlot], None],
        tasks: TaskRunner,
        parent: QObject | None = None,
        *,
        begins_with: Callable[[], bool] = lambda: False,
        keep: Callable[[bool], object] = lambda _on: None,
    ) -> None:
        """`ensure` gives a chat its row in the store (blocks); `made` is told that it has one now.

        `begins_with()` says whether new chats answer from notes; `keep` is told what a person switched to (blocks).
        """
        super().__init__(parent)
        self._grounding = grounding
        self._ensure = ensure
        self._made = made
        self._tasks = tasks
        self._begins_with = begins_with
        self._keep = keep
        self._slot = ChatSlot()
        self._choices: list[_Choice] = []
        """Not kept yet, oldest first: they are kept one after the other, so that the last one stays."""
        self._scope = _Scope(None)

    @property
    def scope(self) -> str | None:
        """The shown chat's filters, "" for all notes; None where it does not answer from notes."""
        return self._scope.filters

    @property
    def names(self) -> tuple[str, ...]:
        """Titles of the notes that the scope names one by one."""
        return self._scope.names

    def show(self, slot: ChatSlot) -> None:
        """Read the scope of the chat that is shown now."""
        self._tasks.drop_channel(_CHANNEL)
        self._slot = slot
        chosen = next((each for each in reversed(self._choices) if _is_same(each.slot, slot)), None)
        begins = slot.id is None and not slot.is_writing and self._new_chats_begin_on()
        if begins:
            slot.on_made = lambda made: self._grounding.set_scope(made, "")
        self._take(chosen.scope if chosen is not None else _Scope("" if begins else None))
        if chosen is not None:
            return
        conversation_id = slot.id
        if conversation_id is not None and not slot.is_writing:

            def work(_cancel: CancelToken) -> _Scope:
                filters = self._grounding.scope(conversation_id)
                return _Scope(filters, tuple(self._grounding.names(filters)) if filters else ())

            self._tasks.run(
                work,
                done=self._take,
                failed=lambda _error: self._take(_Scope(None)),  # the chat itself says that it cannot be read
                channel=_CHANNEL,
            )

    def _new_chats_begin_on(self) -> bool:
        waiting = [each.for_new_chats for each in self._choices if each.for_new_chats is not None]
        return waiting[-1] if waiting else self._begins_with()

    def switch(self, on: bool) -> None:
        """Answer from all notes, or no more; new chats begin like that from now on."""
        self._choose(_Scope("" if on else None), for_new_chats=on)

    def choose(self, scope: str | None, names: Sequence[str] = ()) -> None:
        """Keep it for the shown chat's further questions. It is shown at once, and taken back where it is not kept.

        `names` are the titles of the notes that it names one by one.
        """
        self._choose(_Scope(scope, tuple(names)))

    def _choose(self, chosen: _Scope, for_new_chats: bool | None = None) -> None:
        slot, before = self._slot, self._scope
        if chosen.filters == before.filters:
            return
        self._tasks.drop_channel(_CHANNEL)
        self._take(chosen)
        self._choices.append(_Choice(slot, chosen, before, for_new_chats))
        if len(self._choices) == 1:
            self._keep_next()

    def _keep_next(self) -> None:
        choice = self._choices[0]
        slot, is_new = choice.slot, choice.slot.id is None

        def work(_cancel: CancelToken) -> None:
            self._grounding.set_scope(self._ensure(slot), choice.scope.filters)
            if choice.for_new_chats is not None:
                self._keep(choice.for_new_chats)

        def done(_none: None) -> None:
            self._kept()
            if is_new:
                self._made(slot)
            self.kept.emit()

        def failed(error: object) -> None:
            self._kept()
            if _is_same(slot, self._slot) and not any(_is_same(each.slot, slot) for each in self._choices):
                self._take(choice.before)
            self.failed.emit(error)

        self._tasks.run(work, done=done, failed=failed)

    def _kept(self) -> None:
        del self._choices[0]
        if self._choices:
            self._keep_next()

    def leave_out_once(self) -> None:
        """The shown chat's next question is sent without notes."""
        if self._slot.id is not None:
            self._grounding.leave_out_once(self._slot.id)

    def ask_places(self) -> None:
        """Ask for folders and tags; `places_ready` follows."""

        def work(_cancel: CancelToken) -> NotePlaces:
            return NotePlaces(tuple(self._grounding.folders()), tuple(self._grounding.tags()))

        self._tasks.run(work, done=self.places_ready.emit, failed=self.failed.emit, channel=_PLACES_CHANNEL)

    def _take(self, scope: _Scope) -> None:
        self._scope = scope
        self.changed.emit()


def _is_same(one: ChatSlot, other: ChatSlot) -> bool:
    """Whether both are one chat: it has another slot when it is opened again."""
    return one is other or (one.id is not None and one.id == other.id)
