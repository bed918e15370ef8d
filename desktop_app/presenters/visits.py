"""Back and Forward over the notes, chats and searches that were looked at."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, Signal

#: So many visits are remembered.
MOST_VISITS = 200


class Visit(msgspec.Struct, frozen=True):
    """What was looked at: a note or a chat by its id, a search by its words. `room` is "notes", "chat" or "search"."""

    room: str
    id: int = 0
    text: str = ""


class VisitHistory(QObject):
    """Remembers visits in order, as a browser does: going elsewhere from the middle drops what was ahead."""

    changed = Signal()  # whether there is something behind or ahead
    wanted = Signal(object)  # Visit, to be shown

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._visits: list[Visit] = []
        self._at = -1
        self._last_in: dict[str, Visit] = {}
        self._on_the_way: list[Visit] = []  # gone back or forward to, and not yet shown

    @property
    def can_go_back(self) -> bool:
        """Something lies behind."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Something lies ahead."""
        return self._at < len(self._visits) - 1

    @property
    def shown(self) -> Visit | None:
        """What is looked at now."""
        return self._visits[self._at] if self._at >= 0 else None

    def visit(self, visit: Visit) -> None:
        """This is shown now. Words of a search replace those before: they are typed letter by letter."""
        self._last_in[visit.room] = visit
        current = self.shown
        if visit == current:
            self._on_the_way.clear()
        elif visit in self._on_the_way:
            self._on_the_way.remove(visit)  # passed on the way further back
        else:
            self._on_the_way.clear()
            replaces = current is not None and visit.room == current.room == "search"
            del self._visits[self._at + (0 if replaces else 1) :]
            self._visits = [*self._visits, visit][-MOST_VISITS:]
            self._at = len(self._visits) - 1
            self.changed.emit()

    def visit_room(self, room: str) -> None:
        """A room was gone to by its name: what was last shown there is shown again."""
        if room in self._last_in:
            self.visit(self._last_in[room])

    def forget(self, room: str, ids: list[int]) -> None:
        """These are gone: nobody is led there."""
        gone = [visit.room == room and visit.id in ids for visit in self._visits]
        if any(gone):
            self._at -= sum(gone[: self._at + 1])
            kept = [visit for visit, is_gone in zip(self._visits, gone, strict=True) if not is_gone]
            self._visits = kept
            self._at = max(self._at, 0 if kept else -1)
            self.changed.emit()
        last = self._last_in.get(room)
        if last is not None and last.id in ids:
            del self._last_in[room]

    def back(self) -> None:
        """Show what was looked at before; `wanted` follows."""
        self._go(-1)

    def forward(self) -> None:
        """Show what was gone back from; `wanted` follows."""
        self._go(1)

    def _go(self, step: int) -> None:
        if 0 <= self._at + step < len(self._visits):
            self._at += step
            there = self._visits[self._at]
            self._on_the_way.append(there)
            self.changed.emit()
            self.wanted.emit(there)
