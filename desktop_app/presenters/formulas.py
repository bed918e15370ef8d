"""Pictures of formulas for the screens: typeset in the background, kept for the next time the same formula is shown."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.formulas import Formula, FormulaPicture, may_be_typeset
from desktop_app.presenters.tasks import TaskRunner

if TYPE_CHECKING:
    from desktop_app.services.ports import FormulaTypesetter

MOST_KEPT = 1_000
"""Pictures kept, a few kilobytes each."""

GATHER_MS = 30
"""Formulas that arrive within this time are announced together."""


class FormulaBook(QObject):
    """Knows the pictures typeset so far. What is asked for last is typeset first: it is what is looked at."""

    arrived = Signal(object)  # frozenset[Formula]: known from now on, as a picture or as one that cannot be drawn

    def __init__(
        self, typesetter: Callable[[], FormulaTypesetter], tasks: TaskRunner, parent: QObject | None = None
    ) -> None:
        """`typesetter()` is called with the first formula, in a thread of the task runner."""
        super().__init__(parent)
        self._typesetter = typesetter
        self._tasks = tasks
        self._known: OrderedDict[Formula, FormulaPicture | None] = OrderedDict()
        self._wanted: OrderedDict[Formula, None] = OrderedDict()
        self._under_way: Formula | None = None
        self._fresh: set[Formula] = set()
        self._announce = QTimer(self)
        self._announce.setSingleShot(True)
        self._announce.setInterval(GATHER_MS)
        self._announce.timeout.connect(self._tell)

    def picture(self, formula: Formula) -> FormulaPicture | None:
        """The picture; None while there is none, or where there can be none."""
        found = self._known.get(formula)
        if found is not None:
            self._known.move_to_end(formula)
        return found

    def is_known(self, formula: Formula) -> bool:
        """True once it is typeset, or known to be one that cannot be drawn."""
        return formula in self._known or not may_be_typeset(formula.source)

    def want(self, formulas: Iterable[Formula]) -> None:
        """Have these typeset; `arrived` follows."""
        for formula in formulas:
            if formula != self._under_way and not self.is_known(formula):
                self._wanted[formula] = None
                self._wanted.move_to_end(formula)
        self._typeset()

    def _typeset(self) -> None:
        if self._under_way is not None or not self._wanted or self._tasks.closed:
            return
        formula, _ = self._wanted.popitem()
        self._under_way = formula

        def work(_cancel: CancelToken) -> FormulaPicture | None:
            return self._typesetter().typeset(formula)

        self._tasks.run(
            work, done=lambda picture: self._take(formula, picture), failed=lambda _error: self._take(formula, None)
        )

    def _take(self, formula: Formula, picture: FormulaPicture | None) -> None:
        self._under_way = None
        self._known[formula] = picture
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        self._fresh.add(formula)
        if not self._announce.isActive():
            self._announce.start()
        self._typeset()

    def _tell(self) -> None:
        fresh, self._fresh = frozenset(self._fresh), set()
        if fresh:
            self.arrived.emit(fresh)
