"""The process that typesets formulas, seen from this side."""

from __future__ import annotations

from functools import partial

from desktop_app.domain.formulas import Formula, FormulaPicture, may_be_typeset
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.question_process import QuestionProcess
from desktop_app.protocol.formula_messages import FormulaFromWorker, FormulaTypeset, TypesetFormula

TITLE = "formula process"
SECONDS = 2.0
"""How long one formula may take."""
FIRST_SECONDS = 15.0
"""The same for the first one of a process, which imports its libraries."""
MOST_FAILURES = 5
"""Processes that may be lost in a row (ended, crashed); after that every formula shows its source."""


class FormulaProcess:
    """Implements services.ports.FormulaTypesetter over a worker process. Thread-safe; one formula at a time.

    Args:
        worker: name of the worker.
        seconds: how long one formula may take.
    """

    def __init__(self, launcher: WorkerLauncher, *, worker: str = "formula", seconds: float = SECONDS) -> None:
        self._process = QuestionProcess(
            launcher,
            worker,
            TITLE,
            FormulaFromWorker,
            (FormulaTypeset,),
            seconds=seconds,
            first_seconds=FIRST_SECONDS,
            most_failures=MOST_FAILURES,
        )

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None while there is none."""
        return self._process.pid

    def typeset(self, formula: Formula) -> FormulaPicture | None:
        """The formula's picture, None where it cannot be drawn or took too long. Blocks."""
        source = without_lone_surrogates(formula.source)
        if not may_be_typeset(source):
            return None
        answer = self._process.ask(partial(TypesetFormula, source=source, display=formula.display))
        if not isinstance(answer, FormulaTypeset) or not answer.svg:
            return None
        return FormulaPicture(answer.svg, answer.width, answer.ascent, answer.descent)

    def close(self) -> None:
        """End the process for good. Whoever waits for a formula gets none."""
        self._process.close()
